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

    private <E extends Exception> Report(ReportQuery query, Snapshot<E> snapshot) throws E {
        SummaryQuery selection = query.groups();
        rows = List.copyOf(snapshot.summaries(selection));
        total = rows.stream().map(GroupedSummary::summary).reduce(Summary.ZERO, Summary::plus);
        leftOut = rows.stream().anyMatch(GroupedSummary::other);
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
