package dev.tokenledger.testkit;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.UsageRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds the first difference between two ledgers that were told the same, and says it in one sentence.
 *
 * <p>Compared are all entries in the order of writing with their explanations, what readers had remembered, and totals:
 * of all time and by every dimension, attribute and calendar bucket. Ids of reversals and revaluations, which each ledger makes
 * up, and gaps in the sequence take no part.
 */
public final class LedgerComparison {

    private LedgerComparison() {}

    /**
     * Fails unless both ledgers stand the same.
     *
     * @throws AssertionError that names the first difference
     */
    public static void assertSame(Ledger expected, Ledger actual) {
        firstDifference(expected, actual).ifPresent(difference -> {
            throw new AssertionError(difference);
        });
    }

    /**
     * Fails unless both ledgers answer a query alike.
     *
     * @throws AssertionError that names the first row that differs
     */
    public static void assertSame(Ledger expected, Ledger actual, SummaryQuery query) {
        firstDifference(expected, actual, query).ifPresent(difference -> {
            throw new AssertionError(difference);
        });
    }

    /** The first difference between two ledgers; empty if they stand the same. */
    public static Optional<String> firstDifference(Ledger expected, Ledger actual) {
        return firstDifference(expected, actual, entries(expected), entries(actual))
                .or(() -> difference("reader states", expected.readerStates(""), actual.readerStates("")))
                .or(() -> difference("closed periods", expected.periodMarks(), actual.periodMarks()));
    }

    /**
     * The first difference between a ledger and its copy, whose entries are listed in the same order but may have been written in
     * another, and whose readers need not have remembered the same; empty if they stand the same.
     */
    public static Optional<String> firstDifferenceOfCopy(Ledger expected, Ledger actual) {
        return firstDifference(expected, actual, listed(expected), listed(actual));
    }

    private static Optional<String> firstDifference(
            Ledger expected, Ledger actual, List<LedgerEntry> entries, List<LedgerEntry> others) {
        return differenceOf(expected, actual, entries, others)
                .or(() -> queries(entries).stream()
                        .flatMap(query -> firstDifference(expected, actual, query).stream())
                        .findFirst());
    }

    /** The first row in which two ledgers' answers differ; empty if they are alike. */
    public static Optional<String> firstDifference(Ledger expected, Ledger actual, SummaryQuery query) {
        List<GroupedSummary> rows = expected.summaries(query);
        List<GroupedSummary> others = actual.summaries(query);
        String what = describe(query);
        for (int i = 0; i < Math.min(rows.size(), others.size()); i++) {
            Optional<String> difference = difference(what + ", row " + (i + 1), rows.get(i), others.get(i));
            if (difference.isPresent()) {
                return difference;
            }
        }
        if (rows.size() == others.size()) {
            return Optional.empty();
        }
        boolean missing = rows.size() > others.size();
        return Optional.of(what + ": expected " + rows.size() + " rows, found " + others.size() + "; "
                + (missing ? "the first missing is " : "the first too many is ")
                + (missing ? rows.get(others.size()) : others.get(rows.size())));
    }

    /** A query in one line, for messages. */
    public static String describe(SummaryQuery query) {
        StringBuilder text = new StringBuilder("total");
        if (!query.dimensions().isEmpty()) {
            text.append(" by ").append(query.dimensions());
        }
        query.bucket()
                .ifPresent(bucket -> text.append(" every ")
                        .append(bucket.text())
                        .append(" in ")
                        .append(query.zone()));
        if (!query.filters().isEmpty()) {
            text.append(" where ").append(query.filters());
        }
        query.limit().ifPresent(limit -> text.append(" limit ").append(limit));
        return text.append(" order ")
                .append(query.order())
                .append(" from ")
                .append(query.window().start())
                .append(" to ")
                .append(query.window().end())
                .toString();
    }

    /** All entries of a ledger, reversed ones and reversals too, in the order of writing. */
    public static List<LedgerEntry> entries(Ledger ledger) {
        List<LedgerEntry> entries = listed(ledger);
        entries.sort(Comparator.comparingLong(LedgerEntry::sequence));
        return entries;
    }

    /** All entries of a ledger in the order of its lists, newest call first. */
    public static List<LedgerEntry> listed(Ledger ledger) {
        List<LedgerEntry> entries = new ArrayList<>();
        RecordQuery.Builder query =
                RecordQuery.over(TimeWindow.all()).history(true).limit(RecordQuery.MAX_LIMIT);
        Optional<RecordQuery.Cursor> next;
        do {
            RecordPage page = ledger.records(query.build());
            entries.addAll(page.entries());
            next = page.next();
            next.ifPresent(query::after);
        } while (next.isPresent());
        return entries;
    }

    private static Optional<String> differenceOf(
            Ledger expected, Ledger actual, List<LedgerEntry> entries, List<LedgerEntry> others) {
        for (int i = 0; i < Math.min(entries.size(), others.size()); i++) {
            LedgerEntry entry = entries.get(i);
            LedgerEntry other = others.get(i);
            String what = "entry " + (i + 1) + " (" + name(entry) + ")";
            Optional<String> difference = difference(what + ": id", name(entry), name(other))
                    .or(() -> recordDifference(what, entry.record(), other.record()))
                    .or(() -> difference(what + ": cost", entry.cost(), other.cost()))
                    .or(() -> difference(what + ": recorded", entry.recorded(), other.recorded()))
                    .or(() -> difference(what + ": reversal", reversal(entry), reversal(other)))
                    .or(() -> difference(what + ": revaluation", revaluation(entry), revaluation(other)))
                    .or(() -> difference(what + ": kind", entry.kind(), other.kind()))
                    .or(() -> difference(what + ": adjustment", entry.adjustment(), other.adjustment()))
                    .or(() -> difference(what + ": find", Optional.of(other), actual.find(other.id())))
                    .or(() -> difference(
                            what + ": explanation", expected.explain(entry.id()), actual.explain(other.id())));
            if (difference.isPresent()) {
                return difference;
            }
        }
        return difference("number of entries", entries.size(), others.size());
    }

    private static Optional<String> recordDifference(String what, UsageRecord expected, UsageRecord actual) {
        return expected.firstDifference(actual)
                .map(field ->
                        what + ": " + field.field() + ": expected " + field.stored() + ", found " + field.offered())
                .or(() -> difference(what + ": notes", expected.notes(), actual.notes()))
                .or(() -> difference(what + ": record", expected, actual));
    }

    /** A reversal or revaluation has an id that no two ledgers share, so it goes by the record that it concerns. */
    private static String name(LedgerEntry entry) {
        String id = entry.record().id().value();
        return switch (entry.kind()) {
            case USAGE, ADJUSTMENT -> entry.id().value();
            case REVERSAL ->
                "reversal of "
                        + entry.reversal()
                                .map(reversal -> reversal.reverses().value())
                                .orElse("nobody");
            case REVALUATION -> "revaluation " + entry.revaluations() + " of " + id;
        };
    }

    private static String revaluation(LedgerEntry entry) {
        return entry.revaluation()
                .map(last -> last.number() + " of " + last.revalues() + " by " + last.run() + " because \""
                        + last.reason() + "\": " + last.cost())
                .orElse("none");
    }

    private static String reversal(LedgerEntry entry) {
        return entry.reversal()
                .map(reversal -> "of " + reversal.reverses() + " because \"" + reversal.reason() + "\"")
                .orElse("none");
    }

    private static Optional<String> difference(String what, Object expected, Object actual) {
        return Objects.equals(expected, actual)
                ? Optional.empty()
                : Optional.of(what + ": expected " + expected + ", found " + actual);
    }

    private static Set<SummaryQuery> queries(List<LedgerEntry> entries) {
        Set<Dimension> dimensions = new LinkedHashSet<>(Dimension.all());
        Set<String> keys = new TreeSet<>();
        entries.forEach(entry -> keys.addAll(entry.record().attributes().keySet()));
        keys.forEach(key -> dimensions.add(Dimension.attribute(key)));
        Set<SummaryQuery> queries = new LinkedHashSet<>();
        queries.add(SummaryQuery.over(TimeWindow.all()).build());
        dimensions.forEach(dimension ->
                queries.add(SummaryQuery.over(TimeWindow.all()).by(dimension).build()));
        for (CalendarBucket bucket : CalendarBucket.values()) {
            queries.add(SummaryQuery.over(TimeWindow.all())
                    .every(bucket, Samples.ZONES.get(bucket.ordinal()))
                    .build());
        }
        return queries;
    }
}
