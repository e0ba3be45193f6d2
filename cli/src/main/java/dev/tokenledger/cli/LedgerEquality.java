package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.pricing.PriceId;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.RecordId;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Compares a ledger with its copy: every entry with all that is known of it, what explains each price, totals by every dimension in
 * every month, and what readers asked to be remembered. The sequence of entries, which has gaps of its own in each ledger, takes
 * no part. Stops at the first difference.
 *
 * <p>Both lists are walked side by side. Entries that do not stand at the same place are looked up, so that the order of calls of
 * the same instant takes no part either: if every entry of one ledger is the other's, and there are as many, both are the same.
 * In memory are a page of entries of each, one count for a day, and the groups of one question.
 */
final class LedgerEquality {

    /** Attributes by whose values totals are compared. */
    static final int MAX_ATTRIBUTES = 1_000;

    /** So many prices are remembered as compared; others are compared again. */
    private static final int MAX_PRICES = 10_000;

    /** Entries of a month by whose sessions totals are compared at once; of more, day by day. */
    private static final long MAX_ENTRIES = 200_000;

    private static final Set<Dimension> MANY_VALUES = Set.of(Dimension.SESSION, Dimension.CONVERSATION);

    private final Ledger from;
    private final Ledger to;
    private final NavigableMap<LocalDate, Long> days = new TreeMap<>();
    private final Set<String> attributes = new TreeSet<>();
    private final Set<PriceId> prices = new HashSet<>();
    private long records;
    private long reversals;
    private long revaluations;
    private long adjustments;
    private long comparedPrices;
    private long totals;
    private int months;
    private int states;
    private int dimensions;

    LedgerEquality(Ledger from, Ledger to) {
        this.from = from;
        this.to = to;
    }

    /** Records that were compared. */
    long records() {
        return records;
    }

    /** Reversals that were compared. */
    long reversals() {
        return reversals;
    }

    /** Revaluations that were compared. */
    long revaluations() {
        return revaluations;
    }

    /** Adjustments that were compared. */
    long adjustments() {
        return adjustments;
    }

    /** Prices whose explanation was compared. */
    long prices() {
        return comparedPrices;
    }

    /** Months of UTC that have entries. */
    int months() {
        return months;
    }

    /** Dimensions by which totals were compared, attributes among them. */
    int dimensions() {
        return dimensions;
    }

    /** Rows of totals that were compared. */
    long totals() {
        return totals;
    }

    /** Readers' states that were compared. */
    int states() {
        return states;
    }

    /**
     * What keeps the second ledger from becoming a copy of the first: an entry that the first has not, or has differently. That
     * the first has more, and has reversed more, does not.
     */
    Optional<LedgerDifference> firstObstacle() {
        EntryWalk source = new EntryWalk(from);
        EntryWalk copy = new EntryWalk(to);
        for (LedgerEntry entry = copy.current(); entry != null; entry = copy.current()) {
            LedgerEntry beside = source.current();
            while (beside != null && beside.occurred().isAfter(entry.occurred())) {
                source.advance();
                beside = source.current();
            }
            LedgerEntry original;
            if (beside != null && beside.id().equals(entry.id())) {
                original = beside;
                source.advance();
            } else {
                original = from.find(entry.id()).orElse(null);
            }
            Optional<LedgerDifference> difference = original == null
                    ? Optional.of(missing(entry, "missing", "there"))
                    : difference(original, entry, "entry " + entry.id() + ": ");
            if (difference.isPresent()) {
                return difference;
            }
            copy.advance();
        }
        return Optional.empty();
    }

    /** The first difference; empty if the ledgers are equal. */
    Optional<LedgerDifference> firstDifference() {
        return entryDifference().or(this::totalDifference).or(this::stateDifference);
    }

    private Optional<LedgerDifference> entryDifference() {
        EntryWalk source = new EntryWalk(from);
        EntryWalk copy = new EntryWalk(to);
        long copied = 0;
        for (LedgerEntry entry = source.current(); entry != null; entry = source.current()) {
            LedgerEntry beside = copy.current();
            LedgerEntry other = beside != null && beside.id().equals(entry.id())
                    ? beside
                    : to.find(entry.id()).orElse(null);
            Optional<LedgerDifference> difference = difference(entry, other);
            if (difference.isPresent()) {
                return difference;
            }
            count(entry);
            if (beside != null) {
                copied++;
                copy.advance();
            }
            source.advance();
        }
        LedgerEntry more = copy.current();
        if (more != null) {
            return Optional.of(missing(more, "missing", "there"));
        }
        long entries = records + reversals + revaluations + adjustments;
        return difference("number of entries", entries, copied);
    }

    private static LedgerDifference missing(LedgerEntry entry, String inFrom, String inTo) {
        return new LedgerDifference("entry " + entry.id() + " at " + entry.occurred(), inFrom, inTo);
    }

    private void count(LedgerEntry entry) {
        switch (entry.kind()) {
            case USAGE -> records++;
            case REVERSAL -> reversals++;
            case REVALUATION -> revaluations++;
            case ADJUSTMENT -> adjustments++;
        }
        days.merge(LocalDate.ofInstant(entry.occurred(), ZoneOffset.UTC), 1L, Long::sum);
        for (String key : entry.record().attributes().keySet()) {
            if (attributes.size() < MAX_ATTRIBUTES) {
                attributes.add(key);
            }
        }
    }

    private Optional<LedgerDifference> difference(LedgerEntry entry, @Nullable LedgerEntry other) {
        if (other == null) {
            return Optional.of(missing(entry, "there", "missing"));
        }
        String what = "entry " + entry.id() + ": ";
        return difference(entry, other, what)
                .or(() -> difference(what + "reversal", entry.reversal(), other.reversal()))
                .or(() -> difference(what + "revaluation", entry.revaluation(), other.revaluation()))
                .or(() -> explanationDifference(entry.id(), entry.cost().priceId()));
    }

    /** In what was known of an entry when it was written. */
    private static Optional<LedgerDifference> difference(LedgerEntry entry, LedgerEntry other, String what) {
        return difference(what + "kind", entry.kind(), other.kind())
                .or(() -> difference(what + "adjustment", entry.adjustment(), other.adjustment()))
                .or(() -> entry.record()
                        .firstDifference(other.record())
                        .map(field -> new LedgerDifference(what + field.field(), field.stored(), field.offered())))
                .or(() -> difference(
                        what + "notes", entry.record().notes(), other.record().notes()))
                .or(() -> difference(what + "record", entry.record(), other.record()))
                .or(() -> difference(what + "cost", entry.cost(), other.cost()))
                .or(() -> difference(what + "recorded", entry.recorded(), other.recorded()));
    }

    private Optional<LedgerDifference> explanationDifference(RecordId id, Optional<PriceId> price) {
        if (price.isEmpty() || prices.contains(price.get())) {
            return Optional.empty();
        }
        if (prices.size() < MAX_PRICES) {
            prices.add(price.get());
        }
        comparedPrices++;
        return difference("entry " + id + ": price " + price.get(), from.explain(id), to.explain(id));
    }

    private Optional<LedgerDifference> totalDifference() {
        List<Dimension> all = new ArrayList<>(Dimension.all());
        attributes.forEach(key -> all.add(Dimension.attribute(key)));
        dimensions = all.size();
        Optional<LedgerDifference> difference = rowDifference("all time", TimeWindow.all(), null);
        Map<LocalDate, Long> counts = new TreeMap<>();
        days.forEach((day, count) -> counts.merge(day.withDayOfMonth(1), count, Long::sum));
        months = counts.size();
        for (Map.Entry<LocalDate, Long> month : counts.entrySet()) {
            LocalDate first = month.getKey();
            LocalDate end = first.plusMonths(1);
            for (Dimension dimension : all) {
                boolean daily = MANY_VALUES.contains(dimension) && month.getValue() > MAX_ENTRIES;
                Iterable<LocalDate> starts =
                        daily ? days.subMap(first, true, end, false).keySet() : List.of(first);
                for (LocalDate start : starts) {
                    if (difference.isPresent()) {
                        return difference;
                    }
                    LocalDate until = daily ? start.plusDays(1) : end;
                    String what = "total by " + dimension + " of " + (daily ? start : YearMonth.from(start));
                    difference = rowDifference(what, TimeWindow.of(midnight(start), midnight(until)), dimension);
                }
            }
        }
        return difference;
    }

    private static Instant midnight(LocalDate day) {
        return day.atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    private Optional<LedgerDifference> rowDifference(String what, TimeWindow window, @Nullable Dimension dimension) {
        SummaryQuery.Builder query = SummaryQuery.over(window);
        if (dimension != null) {
            query.by(dimension);
        }
        List<GroupedSummary> rows = from.summaries(query.build());
        List<GroupedSummary> others = to.summaries(query.build());
        for (int i = 0; i < Math.min(rows.size(), others.size()); i++) {
            totals++;
            if (!rows.get(i).equals(others.get(i))) {
                return difference(what, rows.get(i), others.get(i));
            }
        }
        return difference(what + ": number of values", rows.size(), others.size());
    }

    private Optional<LedgerDifference> stateDifference() {
        Map<String, String> remembered = from.readerStates("");
        Map<String, String> copied = to.readerStates("");
        states = remembered.size();
        for (Map.Entry<String, String> state : remembered.entrySet()) {
            if (!state.getValue().equals(copied.get(state.getKey()))) {
                return Optional.of(new LedgerDifference(
                        "state of the reader " + state.getKey(),
                        state.getValue(),
                        copied.getOrDefault(state.getKey(), "missing")));
            }
        }
        return difference("number of readers' states", remembered.size(), copied.size());
    }

    private static Optional<LedgerDifference> difference(String what, Object one, Object other) {
        return Objects.equals(one, other)
                ? Optional.empty()
                : Optional.of(new LedgerDifference(what, String.valueOf(one), String.valueOf(other)));
    }
}
