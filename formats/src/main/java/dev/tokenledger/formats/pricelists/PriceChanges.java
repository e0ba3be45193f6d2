package dev.tokenledger.formats.pricelists;

import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.Rates;
import dev.tokenledger.pricing.ServiceTierRates;
import dev.tokenledger.pricing.Tier;
import dev.tokenledger.pricing.TokenClass;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A list laid over a price book: whole entries, because entries never merge when a call is priced.
 *
 * <p>Where the list states the input and output rates that the book's entry has, the rest of that entry is kept: a list that
 * knows no batch prices does not take them away. Where it states others, the entry is what the list states, and nothing else.
 */
public final class PriceChanges {

    private static final int HOURS_A_DAY = 24;
    private static final int MAX_SOURCE = 500;
    private static final List<String> NO_FIGURES =
            List.of("provider=", "model=", "alias=", "from=", "until=", "source=");

    private PriceChanges() {}

    /** What becomes of one price of a list. */
    public enum Kind {
        /** The book has no price of this id. */
        ADDED,
        /** The book has another. */
        CHANGED,
        /** The book has the same. */
        SAME
    }

    /**
     * One price of a list beside the book's.
     *
     * @param entry the whole entry: what the list states and what is kept of the book's
     * @param before the book's entry; empty if it has none
     */
    public record Change(Kind kind, PriceEntry entry, Optional<PriceEntry> before) {}

    /**
     * Lays a list over a book, entry by entry and in the list's order. Prices of the list's past and future, and of hours of
     * the day, are compared with what the book has then.
     *
     * @param now the instant that undated prices of the list are compared at
     */
    public static List<Change> of(PriceBook book, Collection<PriceEntry> listed, Instant now) {
        Map<List<String>, List<PriceEntry>> timelines = timelines(listed);
        List<Change> changes = new ArrayList<>();
        for (PriceEntry entry : listed) {
            Instant end = end(entry, timelines.getOrDefault(key(entry), List.of()));
            Instant last = end.isAfter(now) ? now : end.minusSeconds(1);
            Instant at = entry.from().filter(from -> from.isAfter(last)).orElse(last);
            changes.add(change(entry, current(book, entry, at)));
        }
        return changes;
    }

    /** What tells entries of one timeline from those of another. */
    static List<String> key(PriceEntry entry) {
        return List.of(
                entry.provider(),
                entry.model(),
                entry.hours().map(Object::toString).orElse(""));
    }

    /** Entries by {@link #key}. */
    static Map<List<String>, List<PriceEntry>> timelines(Collection<PriceEntry> entries) {
        return entries.stream().collect(Collectors.groupingBy(PriceChanges::key));
    }

    /** Where an entry ends: at its own end, or where the next of its timeline begins. */
    static Instant end(PriceEntry entry, Collection<PriceEntry> timeline) {
        Instant from = entry.from().orElse(Instant.MIN);
        Instant next = timeline.stream()
                .flatMap(other -> other.from().stream())
                .filter(other -> other.isAfter(from))
                .min(Instant::compareTo)
                .orElse(Instant.MAX);
        return entry.until().filter(until -> until.isBefore(next)).orElse(next);
    }

    /**
     * The book's entries of certain hours of the day for the models of a list that states none for them: part of what is kept
     * where base rates are the same.
     */
    public static List<PriceEntry> keptHours(PriceBook book, Collection<Change> changes, Instant now) {
        Set<List<String>> withHours = changes.stream()
                .map(Change::entry)
                .filter(entry -> entry.hours().isPresent())
                .map(entry -> List.of(entry.provider(), entry.model()))
                .collect(Collectors.toSet());
        Map<String, PriceEntry> kept = new LinkedHashMap<>();
        for (Change change : changes) {
            PriceEntry entry = change.entry();
            boolean same = change.before()
                    .filter(before -> sameBase(entry.rates(), before.rates()))
                    .isPresent();
            boolean stated = withHours.contains(List.of(entry.provider(), entry.model()));
            if (same && !stated) {
                for (int hour = 0; hour < HOURS_A_DAY; hour++) {
                    book.find(identity(entry), now.plus(Duration.ofHours(hour)))
                            .filter(found -> found.hours().isPresent())
                            .ifPresent(found -> kept.put(found.id().text(), found));
                }
            }
        }
        return List.copyOf(kept.values());
    }

    /** The book's entry for the same hours as a list's, or without hours. */
    private static Optional<PriceEntry> current(PriceBook book, PriceEntry listed, Instant at) {
        for (int hour = 0; hour < HOURS_A_DAY; hour++) {
            Optional<PriceEntry> found = book.find(identity(listed), at.plus(Duration.ofHours(hour)));
            if (found.isEmpty() && hour == 0) {
                return found;
            }
            if (found.isPresent() && found.get().hours().equals(listed.hours())) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static ModelIdentity identity(PriceEntry entry) {
        return new ModelIdentity(entry.model(), entry.model(), "", entry.provider());
    }

    private static Change change(PriceEntry listed, Optional<PriceEntry> before) {
        if (before.isEmpty()) {
            return new Change(Kind.ADDED, listed, before);
        }
        PriceEntry merged = merged(listed, before.get());
        boolean same = figures(merged).equals(figures(before.get()));
        return new Change(same ? Kind.SAME : Kind.CHANGED, merged, before);
    }

    /** The figures alone, for comparison. */
    static List<String> figures(PriceEntry entry) {
        // An entry's text is all that it states.
        return entry.toText()
                .lines()
                .filter(line -> NO_FIGURES.stream().noneMatch(line::startsWith))
                .toList();
    }

    private static PriceEntry merged(PriceEntry listed, PriceEntry before) {
        boolean ownId = before.model().equals(listed.model());
        if (!sameBase(listed.rates(), before.rates())) {
            PriceEntry.Builder changed = listed.toBuilder();
            if (ownId) {
                before.aliases().forEach(changed::alias);
            }
            return changed.build();
        }
        PriceEntry.Builder all = before.toBuilder().withoutDates().withoutTiers();
        all.rates(union(listed.rates(), before.rates()));
        tiers(listed, before).forEach(all::tier);
        listed.perCall().forEach(all::perCall);
        listed.serviceTiers().forEach((name, change) -> all.serviceTier(name, service(name, change, listed, before)));
        listed.regions().forEach(all::region);
        all.source(source(listed, before));
        PriceEntry whole = all.build();
        // Where the book knows the id as an alias, the entry is the list's own, with the figures of the whole.
        PriceEntry.Builder merged = ownId ? whole.toBuilder() : renamed(whole, listed.model());
        listed.aliases().forEach(merged::alias);
        listed.from().ifPresent(merged::from);
        listed.until().ifPresent(merged::until);
        return merged.build();
    }

    private static PriceEntry.Builder renamed(PriceEntry entry, String model) {
        StringBuilder text = new StringBuilder();
        entry.toText()
                .lines()
                .filter(line -> !line.startsWith("alias="))
                .map(line -> line.startsWith("model=") ? "model=" + model : line)
                .forEach(line -> text.append(line).append('\n'));
        return PriceEntry.ofText(text.toString()).toBuilder();
    }

    private static String source(PriceEntry listed, PriceEntry before) {
        String text = listed.source() + "; rest as in: " + before.source();
        int end = text.length() > MAX_SOURCE ? MAX_SOURCE : text.length();
        return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end);
    }

    private static boolean sameBase(Rates listed, Rates before) {
        boolean stated = listed.perMillion(TokenClass.INPUT).isPresent()
                || listed.perMillion(TokenClass.OUTPUT).isPresent();
        return stated && same(listed, before, TokenClass.INPUT) && same(listed, before, TokenClass.OUTPUT);
    }

    /** A class that the list does not state says nothing against the book; one of 0 is the same as none: embeddings. */
    private static boolean same(Rates listed, Rates before, TokenClass tokenClass) {
        return listed.perMillion(tokenClass)
                .map(rate -> rate.compareTo(before.perMillion(tokenClass).orElse(BigDecimal.ZERO)) == 0)
                .orElse(true);
    }

    private static Rates union(Rates listed, Rates before) {
        Map<TokenClass, BigDecimal> all = new EnumMap<>(TokenClass.class);
        all.putAll(before.perMillion());
        listed.perMillion().forEach((tokenClass, rate) -> {
            if (rate.signum() != 0 || all.containsKey(tokenClass)) {
                all.put(tokenClass, rate);
            }
        });
        return Rates.of(all);
    }

    /** The list's tiers, each with what the book's of the same boundary has besides; the book's where the list has none. */
    private static List<Tier> tiers(PriceEntry listed, PriceEntry before) {
        if (listed.tiers().isEmpty()) {
            return before.tiers();
        }
        List<Tier> tiers = new ArrayList<>();
        for (Tier tier : listed.tiers()) {
            // Lists take a boundary for a tier's last or first token; the book rests on more than one of them.
            Optional<Tier> known = before.tiers().stream()
                    .filter(other -> other.threshold() == tier.threshold())
                    .filter(other -> sameBase(tier.rates(), other.rates()))
                    .findFirst();
            tiers.add(known.map(
                            other -> new Tier(other.boundary(), other.threshold(), union(tier.rates(), other.rates())))
                    .orElse(tier));
        }
        return tiers;
    }

    /** The book's service tier where it comes to the same rates for input and output, else the list's. */
    private static ServiceTierRates service(
            String name, ServiceTierRates change, PriceEntry listed, PriceEntry before) {
        ServiceTierRates known = before.serviceTiers().get(name);
        return known != null && sameBase(rates(change, listed), rates(known, before)) ? known : change;
    }

    private static Rates rates(ServiceTierRates change, PriceEntry entry) {
        return change instanceof ServiceTierRates.Multiplier multiplier
                ? entry.rates().times(multiplier.factor())
                : ((ServiceTierRates.Own) change).rates();
    }

    /** An id that two models of the layer claim as an alias goes to the first: within a layer it can have one price. */
    public static List<PriceEntry> withoutSharedAliases(List<PriceEntry> entries) {
        Map<List<String>, String> owners = new HashMap<>();
        List<PriceEntry> settled = new ArrayList<>();
        for (PriceEntry entry : entries) {
            PriceEntry.Builder builder = entry.toBuilder().withoutAliases();
            for (String alias : entry.aliases()) {
                String owner = owners.computeIfAbsent(List.of(entry.provider(), alias), key -> entry.model());
                if (owner.equals(entry.model())) {
                    builder.alias(alias);
                }
            }
            settled.add(builder.build());
        }
        return settled;
    }
}
