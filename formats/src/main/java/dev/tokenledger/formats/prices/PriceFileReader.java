package dev.tokenledger.formats.prices;

import dev.tokenledger.formats.text.Node;
import dev.tokenledger.formats.text.NodeReader;
import dev.tokenledger.formats.text.NodeReader.Member;
import dev.tokenledger.formats.text.NodeReader.Spot;
import dev.tokenledger.formats.text.Place;
import dev.tokenledger.formats.text.Rfc3339;
import dev.tokenledger.pricing.DailySpan;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceHours;
import dev.tokenledger.pricing.PriceLayer;
import dev.tokenledger.pricing.Rates;
import dev.tokenledger.pricing.ServiceTierRates;
import dev.tokenledger.pricing.Tier;
import dev.tokenledger.pricing.TokenClass;
import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns a document into entries. Every mistake is noted before the file is refused. */
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
            "days",
            "tiers",
            "service_tiers",
            "regions",
            "source");
    private static final List<String> TIER = List.of("above", "at_least", "usd_per_million");
    private static final List<String> CHANGE = List.of("multiplier", "usd_per_million", "tiers");
    private static final List<String> SIMPLE = List.of("input_per_million", "output_per_million");
    private static final List<String> CLASSES =
            Arrays.stream(TokenClass.values()).map(TokenClass::text).toList();
    private static final Pattern DAY = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");

    private final String file;
    private final NodeReader nodes = new NodeReader();
    private final List<PriceEntry> entries = new ArrayList<>();
    private final IdentityHashMap<PriceEntry, Spot> spots = new IdentityHashMap<>();

    PriceFileReader(String file) {
        this.file = file;
    }

    PriceLayer read(Node document) {
        Spot top = new Spot(document.place(), "");
        if (document instanceof Node.Nothing) {
            nodes.mistake(top, "the file is empty; expected prices: or pricing:");
        } else {
            nodes.members(document, top, TOP, (name, member) -> {
                if (name.equals("prices")) {
                    nodes.items(member.node(), member.spot(), this::entry);
                } else {
                    simple(member.node(), member.spot());
                }
            });
            if (document instanceof Node.Mapping mapping && mapping.members().isEmpty()) {
                nodes.mistake(top, "expected prices: or pricing:");
            }
        }
        PriceLayer layer = layer();
        nodes.refuseMistakes(file);
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
                boolean inOrder =
                        spot(first).place().line() <= spot(second).place().line();
                PriceEntry earlier = inOrder ? first : second;
                PriceEntry later = inOrder ? second : first;
                nodes.mistake(
                        spot(later),
                        "in force at the same time as the price of line "
                                + spot(earlier).place().line() + " (" + earlier.id() + ") and for the same id; "
                                + remedy(first, second));
                entries.removeIf(entry -> entry == later);
            }
        }
    }

    /**
     * What to do about two entries that overlap.
     *
     * @param first the one that begins first, or at the same time
     */
    private static String remedy(PriceEntry first, PriceEntry second) {
        if (!first.hours().equals(second.hours())) {
            return "let their hours, or their times from and until, not overlap";
        }
        if (!first.from().equals(second.from())) {
            return "let the one that begins first end where the other begins, or leave its until out";
        }
        return first.from().isEmpty()
                ? "give the one that came later a from"
                : "both begin at the same time: give one of them another from";
    }

    private Spot spot(PriceEntry entry) {
        return spots.getOrDefault(entry, new Spot(Place.START, ""));
    }

    private void entry(Node node, Spot spot) {
        int before = nodes.mistakes();
        Node model = node instanceof Node.Mapping mapping ? mapping.members().get("model") : null;
        if (node instanceof Node.Mapping && model == null) {
            nodes.mistake(spot, "expected a model: its exact id");
        }
        PriceEntry.Builder builder = PriceEntry.builder(model instanceof Node.Text text ? text.value() : "?");
        Times times = new Times();
        Map<String, Spot> known =
                nodes.members(node, spot, ENTRY, (name, member) -> part(builder, times, name, member));
        if (times.spans != null || times.days != null) {
            Spot stated = known.getOrDefault("hours", known.getOrDefault("days", spot));
            nodes.guarded(stated, () -> builder.hours(times.hours()));
        }
        if (node instanceof Node.Mapping
                && !known.containsKey("usd_per_million")
                && !known.containsKey("usd_per_call")) {
            nodes.mistake(spot, "expected usd_per_million or usd_per_call");
        }
        if (nodes.mistakes() == before) {
            add(builder::build, spot, known);
        } else if (node instanceof Node.Mapping) {
            // It goes no further, but what is wrong with it as a whole belongs into the same list.
            nodes.built(builder::build, spot, known);
        }
    }

    /** Hours and days as they were read; together they say when a price holds. */
    private static final class Times {
        private @Nullable List<DailySpan> spans;
        private @Nullable Set<DayOfWeek> days;

        PriceHours hours() {
            return new PriceHours(
                    spans == null ? List.of() : spans, days == null ? EnumSet.allOf(DayOfWeek.class) : days);
        }
    }

    /** Hands over one text, or each of a list of them. */
    private void texts(Member member, Consumer<String> use) {
        if (member.node() instanceof Node.Sequence) {
            nodes.items(member.node(), member.spot(), (node, spot) -> nodes.text(new Member(node, spot), use));
        } else {
            nodes.text(member, use);
        }
    }

    private void hours(Times times, Member member) {
        List<DailySpan> spans = new ArrayList<>();
        int before = nodes.mistakes();
        texts(member, text -> spans.add(DailySpan.parse(text)));
        if (nodes.mistakes() == before) {
            if (spans.isEmpty()) {
                nodes.mistake(member.spot(), "expected at least one daily UTC span such as \"16:30-00:30\"");
            } else {
                times.spans = spans;
            }
        }
    }

    private void days(Times times, Member member) {
        Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        int before = nodes.mistakes();
        texts(member, text -> days.addAll(PriceHours.parseDays(text)));
        if (nodes.mistakes() == before) {
            times.days = days;
        }
    }

    private void part(PriceEntry.Builder builder, Times times, String name, Member member) {
        switch (name) {
            case "provider" -> nodes.text(member, builder::provider);
            case "model" -> nodes.text(member, model -> {});
            case "aliases" ->
                nodes.items(
                        member.node(),
                        member.spot(),
                        (node, spot) -> nodes.text(new Member(node, spot), builder::alias));
            case "from" -> nodes.text(member, text -> builder.from(instant(text)));
            case "until" -> nodes.text(member, text -> builder.until(instant(text)));
            case "usd_per_million" -> builder.rates(rates(member));
            case "usd_per_call" ->
                nodes.members(
                        member.node(),
                        member.spot(),
                        List.of(),
                        (call, fee) -> nodes.decimal(fee, usd -> builder.perCall(call, usd)));
            case "hours" -> hours(times, member);
            case "days" -> days(times, member);
            case "tiers" -> nodes.items(member.node(), member.spot(), (node, spot) -> tier(builder::tier, node, spot));
            case "service_tiers" ->
                nodes.members(
                        member.node(),
                        member.spot(),
                        List.of(),
                        (tier, change) -> change(tier, change, builder::serviceTier));
            case "regions" ->
                nodes.members(
                        member.node(),
                        member.spot(),
                        List.of(),
                        (region, change) -> change(region, change, builder::region));
            case "source" -> nodes.text(member, builder::source);
            default -> throw new IllegalStateException("a key of an entry that is not read: " + name);
        }
    }

    private void tier(Consumer<Tier> tiers, Node node, Spot spot) {
        List<Function<Rates, Tier>> boundaries = new ArrayList<>();
        List<Rates> rates = new ArrayList<>();
        int before = nodes.mistakes();
        nodes.members(node, spot, TIER, (name, member) -> {
            switch (name) {
                case "above" -> boundary(member, Tier.Boundary.ABOVE, boundaries);
                case "at_least" -> boundary(member, Tier.Boundary.AT_LEAST, boundaries);
                default -> rates.add(rates(member));
            }
        });
        if (nodes.mistakes() > before) {
            return;
        }
        if (boundaries.size() != 1 || rates.size() != 1) {
            nodes.mistake(spot, "expected usd_per_million and one of above and at_least");
            return;
        }
        tiers.accept(boundaries.get(0).apply(rates.get(0)));
    }

    private void boundary(Member member, Tier.Boundary boundary, List<Function<Rates, Tier>> boundaries) {
        if (!(member.node() instanceof Node.Number number) || !number.literal().matches("[0-9]{1,13}")) {
            nodes.mistake(member.spot(), "expected a whole number of tokens, found " + NodeReader.found(member.node()));
            return;
        }
        long threshold = Long.parseLong(number.literal());
        nodes.guarded(member.spot(), () -> {
            Tier checked = new Tier(boundary, threshold, Rates.NONE);
            boundaries.add(rates -> new Tier(checked.boundary(), checked.threshold(), rates));
        });
    }

    /** What a service tier or a region changes: a factor, or rates of its own, above boundaries too. */
    private void change(String name, Member tier, BiConsumer<String, ServiceTierRates> use) {
        List<Tier> tiers = new ArrayList<>();
        List<ServiceTierRates> changes = new ArrayList<>();
        int before = nodes.mistakes();
        nodes.members(tier.node(), tier.spot(), CHANGE, (key, member) -> {
            if (key.equals("multiplier")) {
                nodes.decimal(member, factor -> changes.add(new ServiceTierRates.Multiplier(factor)));
            } else if (key.equals("tiers")) {
                nodes.items(member.node(), member.spot(), (node, spot) -> tier(tiers::add, node, spot));
            } else {
                changes.add(new ServiceTierRates.Own(rates(member)));
            }
        });
        if (nodes.mistakes() > before) {
            return;
        }
        if (changes.size() != 1) {
            nodes.mistake(tier.spot(), "expected either multiplier or usd_per_million");
            return;
        }
        ServiceTierRates change = changes.get(0);
        if (!tiers.isEmpty() && !(change instanceof ServiceTierRates.Own)) {
            nodes.mistake(
                    tier.spot(), "tiers go with usd_per_million; a multiplier holds above every boundary already");
            return;
        }
        nodes.guarded(
                tier.spot(),
                () -> use.accept(
                        name,
                        change instanceof ServiceTierRates.Own own
                                ? new ServiceTierRates.Own(own.rates(), tiers)
                                : change));
    }

    private Rates rates(Member member) {
        Map<TokenClass, BigDecimal> rates = new EnumMap<>(TokenClass.class);
        nodes.members(
                member.node(),
                member.spot(),
                CLASSES,
                (name, rate) -> nodes.decimal(rate, usd -> {
                    TokenClass tokenClass = TokenClass.parse(name);
                    rates.putAll(Rates.of(Map.of(tokenClass, usd)).perMillion());
                }));
        return Rates.of(rates);
    }

    private void simple(Node node, Spot spot) {
        nodes.members(node, spot, List.of(), (model, member) -> {
            int before = nodes.mistakes();
            Map<String, BigDecimal> rates = new HashMap<>();
            Map<String, Spot> known = nodes.members(
                    member.node(),
                    member.spot(),
                    SIMPLE,
                    (name, rate) -> nodes.decimal(rate, usd -> {
                        Rates.of(Map.of(name.startsWith("input") ? TokenClass.INPUT : TokenClass.OUTPUT, usd));
                        rates.put(name, usd);
                    }));
            if (nodes.mistakes() > before) {
                return;
            }
            BigDecimal input = rates.get("input_per_million");
            BigDecimal output = rates.get("output_per_million");
            if (input == null || output == null) {
                nodes.mistake(member.spot(), "expected input_per_million and output_per_million");
                return;
            }
            add(() -> PriceEntry.simple(model, input, output), member.spot(), known);
        });
    }

    private void add(Supplier<PriceEntry> source, Spot spot, Map<String, Spot> parts) {
        nodes.built(source, spot, parts).ifPresent(entry -> {
            entries.add(entry);
            spots.put(entry, spot);
        });
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
}
