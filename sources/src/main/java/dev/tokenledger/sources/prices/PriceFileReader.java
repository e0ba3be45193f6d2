package dev.tokenledger.sources.prices;

import dev.tokenledger.money.Decimals;
import dev.tokenledger.pricing.DailySpan;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceLayer;
import dev.tokenledger.pricing.Rates;
import dev.tokenledger.pricing.ServiceTierRates;
import dev.tokenledger.pricing.Tier;
import dev.tokenledger.pricing.TokenClass;
import dev.tokenledger.sources.prices.PriceFileException.Mistake;
import dev.tokenledger.sources.text.Names;
import dev.tokenledger.sources.text.Node;
import dev.tokenledger.sources.text.Place;
import dev.tokenledger.sources.text.Rfc3339;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Turns a document into entries and collects its mistakes: a wrong value is noted and left out, and reading goes on, so that
 * one look at the list mends the file. Any mistake refuses the file in the end.
 */
final class PriceFileReader {

    private static final List<String> TOP = List.of("prices", "pricing");
    private static final List<String> ENTRY = List.of(
            "provider",
            "model",
            "aliases",
            "from",
            "until",
            "usd_per_million",
            "usd_per_call",
            "hours",
            "tiers",
            "service_tiers",
            "source");
    private static final List<String> TIER = List.of("above", "at_least", "usd_per_million");
    private static final List<String> SERVICE_TIER = List.of("multiplier", "usd_per_million");
    private static final List<String> SIMPLE = List.of("input_per_million", "output_per_million");
    private static final List<String> CLASSES =
            Arrays.stream(TokenClass.values()).map(TokenClass::text).toList();
    private static final Pattern DAY = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");

    private final String file;
    private final List<Mistake> mistakes = new ArrayList<>();
    private final List<PriceEntry> entries = new ArrayList<>();
    private final IdentityHashMap<PriceEntry, Spot> spots = new IdentityHashMap<>();

    /** A place in the file, by line and by path. */
    private record Spot(Place place, String path) {
        Spot at(Place place, String name) {
            return new Spot(place, path.isEmpty() ? name : path + "." + name);
        }

        Spot at(Place place, int index) {
            return new Spot(place, path + "[" + index + "]");
        }
    }

    PriceFileReader(String file) {
        this.file = file;
    }

    PriceLayer read(Node document) {
        Spot top = new Spot(document.place(), "");
        if (document instanceof Node.Nothing) {
            mistake(top, "the file is empty; expected prices: or pricing:");
        } else {
            members(document, top, TOP, (name, member) -> {
                if (name.equals("prices")) {
                    items(member.node, member.spot, this::entry);
                } else {
                    simple(member.node, member.spot);
                }
            });
            if (document instanceof Node.Mapping mapping && mapping.members().isEmpty()) {
                mistake(top, "expected prices: or pricing:");
            }
        }
        PriceLayer layer = layer();
        if (!mistakes.isEmpty()) {
            throw new PriceFileException(file, mistakes);
        }
        return layer;
    }

    /** The layer; of entries that are in force at the same time, each later one is a mistake. */
    @SuppressWarnings("ReferenceEquality") // Two entries may be equal, and only the later one goes.
    private PriceLayer layer() {
        while (true) {
            try {
                return PriceLayer.of(file, entries);
            } catch (PriceLayer.OverlapException e) {
                PriceEntry first = e.first();
                PriceEntry second = e.second();
                boolean inOrder = spot(first).place.line() <= spot(second).place.line();
                PriceEntry earlier = inOrder ? first : second;
                PriceEntry later = inOrder ? second : first;
                mistake(
                        spot(later),
                        "in force at the same time as the price of line "
                                + spot(earlier).place.line() + " (" + earlier.id()
                                + ") and for the same id; give the earlier one an until, or the later one a from");
                entries.removeIf(entry -> entry == later);
            }
        }
    }

    private Spot spot(PriceEntry entry) {
        return spots.getOrDefault(entry, new Spot(Place.START, ""));
    }

    private void entry(Node node, Spot spot) {
        int before = mistakes.size();
        Node model = node instanceof Node.Mapping mapping ? mapping.members().get("model") : null;
        if (node instanceof Node.Mapping && model == null) {
            mistake(spot, "expected a model: its exact id");
        }
        PriceEntry.Builder builder = PriceEntry.builder(model instanceof Node.Text text ? text.value() : "?");
        Map<String, Spot> known = members(node, spot, ENTRY, (name, member) -> part(builder, name, member));
        if (node instanceof Node.Mapping
                && !known.containsKey("usd_per_million")
                && !known.containsKey("usd_per_call")) {
            mistake(spot, "expected usd_per_million or usd_per_call");
        }
        if (mistakes.size() == before) {
            add(builder::build, spot, known);
        }
    }

    private void part(PriceEntry.Builder builder, String name, Member member) {
        switch (name) {
            case "provider" -> text(member, builder::provider);
            case "model" -> text(member, model -> {});
            case "aliases" ->
                items(member.node, member.spot, (node, spot) -> text(new Member(node, spot), builder::alias));
            case "from" -> text(member, text -> builder.from(instant(text)));
            case "until" -> text(member, text -> builder.until(instant(text)));
            case "usd_per_million" -> builder.rates(rates(member));
            case "usd_per_call" ->
                members(
                        member.node,
                        member.spot,
                        List.of(),
                        (call, fee) -> decimal(fee, usd -> builder.perCall(call, usd)));
            case "hours" -> text(member, text -> builder.hours(DailySpan.parse(text)));
            case "tiers" -> items(member.node, member.spot, (node, spot) -> tier(builder, node, spot));
            case "service_tiers" ->
                members(member.node, member.spot, List.of(), (tier, change) -> serviceTier(builder, tier, change));
            case "source" -> text(member, builder::source);
            default -> throw new IllegalStateException("a key of an entry that is not read: " + name);
        }
    }

    private void tier(PriceEntry.Builder builder, Node node, Spot spot) {
        List<Function<Rates, Tier>> boundaries = new ArrayList<>();
        List<Rates> rates = new ArrayList<>();
        int before = mistakes.size();
        members(node, spot, TIER, (name, member) -> {
            switch (name) {
                case "above" -> boundary(member, Tier.Boundary.ABOVE, boundaries);
                case "at_least" -> boundary(member, Tier.Boundary.AT_LEAST, boundaries);
                default -> rates.add(rates(member));
            }
        });
        if (mistakes.size() > before) {
            return;
        }
        if (boundaries.size() != 1 || rates.size() != 1) {
            mistake(spot, "expected usd_per_million and one of above and at_least");
            return;
        }
        builder.tier(boundaries.get(0).apply(rates.get(0)));
    }

    private void boundary(Member member, Tier.Boundary boundary, List<Function<Rates, Tier>> boundaries) {
        if (!(member.node instanceof Node.Number number) || !number.literal().matches("[0-9]{1,13}")) {
            mistake(member.spot, "expected a whole number of tokens, found " + found(member.node));
            return;
        }
        long threshold = Long.parseLong(number.literal());
        guarded(member.spot, () -> {
            Tier checked = new Tier(boundary, threshold, Rates.NONE);
            boundaries.add(rates -> new Tier(checked.boundary(), checked.threshold(), rates));
        });
    }

    private void serviceTier(PriceEntry.Builder builder, String name, Member tier) {
        List<ServiceTierRates> changes = new ArrayList<>();
        int before = mistakes.size();
        members(tier.node, tier.spot, SERVICE_TIER, (key, member) -> {
            if (key.equals("multiplier")) {
                decimal(member, factor -> changes.add(new ServiceTierRates.Multiplier(factor)));
            } else {
                changes.add(new ServiceTierRates.Own(rates(member)));
            }
        });
        if (mistakes.size() > before) {
            return;
        }
        if (changes.size() != 1) {
            mistake(tier.spot, "expected either multiplier or usd_per_million");
            return;
        }
        guarded(tier.spot, () -> builder.serviceTier(name, changes.get(0)));
    }

    private Rates rates(Member member) {
        Map<TokenClass, BigDecimal> rates = new EnumMap<>(TokenClass.class);
        members(
                member.node,
                member.spot,
                CLASSES,
                (name, rate) -> decimal(rate, usd -> {
                    TokenClass tokenClass = TokenClass.parse(name);
                    rates.putAll(Rates.of(Map.of(tokenClass, usd)).perMillion());
                }));
        return Rates.of(rates);
    }

    private void simple(Node node, Spot spot) {
        members(node, spot, List.of(), (model, member) -> {
            int before = mistakes.size();
            Map<String, BigDecimal> rates = new HashMap<>();
            Map<String, Spot> known = members(
                    member.node,
                    member.spot,
                    SIMPLE,
                    (name, rate) -> decimal(rate, usd -> {
                        Rates.of(Map.of(name.startsWith("input") ? TokenClass.INPUT : TokenClass.OUTPUT, usd));
                        rates.put(name, usd);
                    }));
            if (mistakes.size() > before) {
                return;
            }
            BigDecimal input = rates.get("input_per_million");
            BigDecimal output = rates.get("output_per_million");
            if (input == null || output == null) {
                mistake(member.spot, "expected input_per_million and output_per_million");
                return;
            }
            add(() -> PriceEntry.simple(model, input, output), member.spot, known);
        });
    }

    private interface EntrySource {
        PriceEntry build();
    }

    /** Adds an entry, or notes why its parts do not go together, at the part that the refusal names first. */
    private void add(EntrySource source, Spot spot, Map<String, Spot> parts) {
        PriceEntry entry;
        try {
            entry = source.build();
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            int colon = message.indexOf(": ");
            Spot part = colon < 0 ? null : parts.get(message.substring(0, colon));
            mistake(part == null ? spot : part, part == null ? message : message.substring(colon + 2));
            return;
        }
        entries.add(entry);
        spots.put(entry, spot);
    }

    /** A value and where it stands. */
    private record Member(Node node, Spot spot) {}

    /**
     * Hands over the members of a mapping.
     *
     * @param expected the keys there can be; none for keys that are names of the file's own
     * @return where each key stands
     */
    private Map<String, Spot> members(Node node, Spot spot, List<String> expected, BiConsumer<String, Member> each) {
        if (!(node instanceof Node.Mapping mapping)) {
            mistake(
                    spot,
                    "expected "
                            + (expected.isEmpty()
                                    ? "names with values"
                                    : "a mapping with " + String.join(", ", expected))
                            + ", found " + found(node));
            return Map.of();
        }
        Map<String, Spot> spots = new HashMap<>();
        mapping.members().forEach((name, value) -> {
            Spot member = spot.at(mapping.keys().getOrDefault(name, value.place()), Names.shown(name));
            if (!expected.isEmpty() && !expected.contains(name)) {
                mistake(
                        member,
                        "unknown key; "
                                + Names.nearest(name, expected)
                                        .map(meant -> "did you mean " + meant + "?")
                                        .orElse("expected one of " + String.join(", ", expected)));
                return;
            }
            spots.put(name, member);
            each.accept(name, new Member(value, member));
        });
        return spots;
    }

    private void items(Node node, Spot spot, BiConsumer<Node, Spot> each) {
        if (!(node instanceof Node.Sequence sequence)) {
            mistake(spot, "expected a list, found " + found(node));
            return;
        }
        for (int i = 0; i < sequence.items().size(); i++) {
            Node item = sequence.items().get(i);
            each.accept(item, spot.at(item.place(), i));
        }
    }

    private void text(Member member, Consumer<String> use) {
        if (!(member.node instanceof Node.Text text)) {
            String quotes = member.node instanceof Node.Number ? "; put it in quotes" : "";
            mistake(member.spot, "expected text, found " + found(member.node) + quotes);
            return;
        }
        guarded(member.spot, () -> use.accept(text.value()));
    }

    private void decimal(Member member, Consumer<BigDecimal> use) {
        if (member.node instanceof Node.Number number) {
            guarded(member.spot, () -> use.accept(Decimals.parse(number.literal())));
        } else if (member.node instanceof Node.Text text) {
            guarded(member.spot, () -> use.accept(Decimals.parse(text.value())));
        } else {
            mistake(member.spot, "expected a decimal number such as 0.25, found " + found(member.node));
        }
    }

    private void guarded(Spot spot, Runnable step) {
        try {
            step.run();
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            String last = spot.path.substring(spot.path.lastIndexOf('.') + 1) + ": ";
            mistake(spot, message.startsWith(last) ? message.substring(last.length()) : message);
        }
    }

    private static Instant instant(String text) {
        if (DAY.matcher(text).matches()) {
            try {
                return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
            } catch (DateTimeParseException e) {
                throw new IllegalArgumentException("there is no such day", e);
            }
        }
        try {
            return Rfc3339.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "expected a day such as 2026-01-05, or a time such as 2026-01-05T10:00:00Z", e);
        }
    }

    private static String found(Node node) {
        return node instanceof Node.Number number ? "the number " + Names.shown(number.literal()) : node.kind();
    }

    private void mistake(Spot spot, String problem) {
        mistakes.add(new Mistake(spot.place.line(), spot.place.column(), spot.path, problem));
    }
}
