package dev.tokenledger.summary;

import dev.tokenledger.usage.PricingStatus;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * Answers to a {@link ReportQuery}, all of one moment: what is written meanwhile is in all of them or in none. Immutable.
 */
public final class Report {

    private final Summary total;
    private final List<GroupedSummary> rows;
    private final OptionalLong groups;
    private final boolean leftOut;
    private final Optional<Summary> before;
    private final Map<String, Long> unpricedModels;
    private final List<List<GroupedSummary>> further;

    private Report(
            List<GroupedSummary> rows,
            OptionalLong groups,
            Optional<Summary> before,
            Map<String, Long> unpricedModels,
            List<List<GroupedSummary>> further) {
        this.rows = List.copyOf(rows);
        total = total(rows);
        leftOut = hasOthers(rows);
        this.groups = groups;
        this.before = before;
        this.unpricedModels = Collections.unmodifiableMap(unpricedModels);
        this.further = List.copyOf(further);
    }

    private <E extends Exception> Report(ReportQuery query, Snapshot<E> snapshot) throws E {
        SummaryQuery selection = query.groups();
        rows = List.copyOf(snapshot.summaries(selection));
        total = total(rows);
        leftOut = hasOthers(rows);
        if (leftOut) {
            groups = query.countsGroups() ? count(selection, snapshot) : OptionalLong.empty();
        } else {
            groups = OptionalLong.of(distinct(rows));
        }
        Optional<SummaryQuery> other = query.before();
        before = other.isPresent()
                ? Optional.of(snapshot.summaries(other.get()).get(0).summary())
                : Optional.empty();
        unpricedModels = query.namesUnpricedModels() && !total.fullyPriced()
                ? Collections.unmodifiableMap(unpriced(selection, snapshot))
                : Map.of();
        List<List<GroupedSummary>> answers = new ArrayList<>();
        for (SummaryQuery question : query.further()) {
            answers.add(List.copyOf(snapshot.summaries(question)));
        }
        further = List.copyOf(answers);
    }

    /** The totals of the selection: the sum of the rows, that of all others included. */
    public Summary total() {
        return total;
    }

    /** The groups, as {@link dev.tokenledger.Ledger#summaries} gives them. */
    public List<GroupedSummary> rows() {
        return rows;
    }

    /**
     * How many groups with calls in force there are; empty where some are left out and were not counted, or are more than the
     * ledger can tell apart.
     */
    public OptionalLong groups() {
        return groups;
    }

    /** Whether a limit left groups out, which then are in the row of all others. */
    public boolean leftOut() {
        return leftOut;
    }

    /** The total of the window to compare with; empty if none was asked for. */
    public Optional<Summary> before() {
        return before;
    }

    /**
     * How many calls of each model are not, or not wholly, in the cost, most first; empty if that was not asked for.
     */
    public Map<String, Long> unpricedModels() {
        return unpricedModels;
    }

    /** The answers to {@linkplain ReportQuery#with further questions}, in the order of asking. */
    public List<List<GroupedSummary>> further() {
        return further;
    }

    /**
     * Answers questions about totals, all from one state of a ledger.
     *
     * @param <E> how that may fail
     */
    @FunctionalInterface
    public interface Snapshot<E extends Exception> {

        /** What {@link dev.tokenledger.Ledger#summaries} would answer in this state. */
        List<GroupedSummary> summaries(SummaryQuery query) throws E;
    }

    /**
     * The answer to a query, for those who write a ledger.
     *
     * @param <E> how asking may fail
     */
    public static <E extends Exception> Report of(ReportQuery query, Snapshot<E> snapshot) throws E {
        return new Report(query, snapshot);
    }

    /**
     * The answer to a query about several ledgers together, for those who write one that adds others up.
     *
     * @param parts what each of them answered to the {@linkplain ReportQuery#map same query} with all groups
     * @param sum makes the rows of one question from those of each ledger
     */
    public static Report sum(ReportQuery query, List<Report> parts, Sum sum) {
        SummaryQuery selection = query.groups();
        List<List<GroupedSummary>> groups = parts.stream().map(Report::rows).toList();
        List<GroupedSummary> rows = sum.rows(selection, groups);
        OptionalLong number = OptionalLong.empty();
        if (!hasOthers(rows)) {
            number = OptionalLong.of(distinct(rows));
        } else if (query.countsGroups()) {
            number = count(selection, all -> sum.rows(all, groups));
        }
        Optional<Summary> before = query.before()
                .map(window ->
                        parts.stream().map(part -> part.before.orElseThrow()).reduce(Summary.ZERO, Summary::plus));
        List<List<GroupedSummary>> further = new ArrayList<>();
        for (int i = 0; i < query.further().size(); i++) {
            int place = i;
            further.add(List.copyOf(sum.rows(
                    query.further().get(i),
                    parts.stream().map(part -> part.further.get(place)).toList())));
        }
        return new Report(rows, number, before, unpriced(parts), further);
    }

    /** Makes the rows of a question from those of several ledgers. */
    @FunctionalInterface
    public interface Sum {

        /**
         * The rows as one ledger would order and limit them.
         *
         * @param parts what each ledger answered, with all groups
         */
        List<GroupedSummary> rows(SummaryQuery query, List<List<GroupedSummary>> parts);
    }

    private static Map<String, Long> unpriced(List<Report> parts) {
        Map<String, Long> counts = new TreeMap<>();
        parts.forEach(
                part -> part.unpricedModels.forEach((model, calls) -> counts.merge(model, calls, Math::addExact)));
        Map<String, Long> mostFirst = new LinkedHashMap<>();
        counts.entrySet().stream()
                .sorted((one, other) -> Long.compare(other.getValue(), one.getValue()))
                .forEach(entry -> mostFirst.put(entry.getKey(), entry.getValue()));
        return mostFirst;
    }

    private static Summary total(List<GroupedSummary> rows) {
        return rows.stream().map(GroupedSummary::summary).reduce(Summary.ZERO, Summary::plus);
    }

    private static boolean hasOthers(List<GroupedSummary> rows) {
        return rows.stream().anyMatch(GroupedSummary::other);
    }

    private static <E extends Exception> OptionalLong count(SummaryQuery groups, Snapshot<E> snapshot) throws E {
        try {
            return OptionalLong.of(distinct(snapshot.summaries(
                    groups.sameCalls(groups.window()).by(groups.dimensions()).build())));
        } catch (TooManyGroupsException e) {
            return OptionalLong.empty();
        }
    }

    private static long distinct(List<GroupedSummary> rows) {
        Set<Map<Dimension, String>> keys = new HashSet<>();
        for (GroupedSummary row : rows) {
            if (!row.summary().isNothing()) {
                keys.add(row.keys());
            }
        }
        return keys.size();
    }

    private static <E extends Exception> Map<String, Long> unpriced(SummaryQuery groups, Snapshot<E> snapshot)
            throws E {
        SummaryQuery models = groups.sameCalls(groups.window())
                .by(Dimension.MODEL, Dimension.PRICING_STATUS)
                .order(SummaryQuery.Order.RECORDS)
                .build();
        Map<String, Long> counts = new LinkedHashMap<>();
        for (GroupedSummary row : snapshot.summaries(models)) {
            if (!PricingStatus.PRICED.text().equals(row.keys().get(Dimension.PRICING_STATUS))) {
                counts.merge(
                        String.valueOf(row.keys().get(Dimension.MODEL)),
                        row.summary().totalRecords(),
                        Long::sum);
            }
        }
        return counts;
    }
}
