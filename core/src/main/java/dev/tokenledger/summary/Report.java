package dev.tokenledger.summary;

import dev.tokenledger.usage.PricingStatus;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Answers to a {@link ReportQuery}, all of one moment: what is written meanwhile is in all of them or in none.
 *
 * @param total the totals of the selection; the sum of the rows, that of all others included
 * @param rows the groups, as {@link dev.tokenledger.Ledger#summaries} gives them
 * @param groups how many groups with calls in force there are; empty where some are left out and were not counted, or are more
 *     than the ledger can tell apart
 * @param leftOut whether a limit left groups out, which then are in the row of all others
 * @param before the total of the window to compare with; empty if none was asked for
 * @param unpricedModels how many calls of each model are not, or not wholly, in the cost, most first; empty if that was not
 *     asked for
 */
public record Report(
        Summary total,
        List<GroupedSummary> rows,
        OptionalLong groups,
        boolean leftOut,
        Optional<Summary> before,
        Map<String, Long> unpricedModels) {

    /** Copies its collections. */
    public Report {
        rows = List.copyOf(rows);
        unpricedModels = Collections.unmodifiableMap(new LinkedHashMap<>(unpricedModels));
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
        SummaryQuery groups = query.groups();
        List<GroupedSummary> rows = snapshot.summaries(groups);
        Summary total = rows.stream().map(GroupedSummary::summary).reduce(Summary.ZERO, Summary::plus);
        boolean leftOut = rows.stream().anyMatch(GroupedSummary::other);
        OptionalLong count = leftOut
                ? query.countsGroups() ? count(groups, snapshot) : OptionalLong.empty()
                : OptionalLong.of(distinct(rows));
        Optional<Summary> before = query.before().isPresent()
                ? Optional.of(
                        snapshot.summaries(over(query.before().get(), groups).build())
                                .get(0)
                                .summary())
                : Optional.empty();
        boolean namesModels = query.namesUnpricedModels() && !total.fullyPriced();
        return new Report(total, rows, count, leftOut, before, namesModels ? unpriced(groups, snapshot) : Map.of());
    }

    private static <E extends Exception> OptionalLong count(SummaryQuery groups, Snapshot<E> snapshot) throws E {
        try {
            return OptionalLong.of(distinct(snapshot.summaries(over(groups.window(), groups)
                    .by(groups.dimensions().toArray(Dimension[]::new))
                    .build())));
        } catch (TooManyGroupsException e) {
            return OptionalLong.empty();
        }
    }

    private static long distinct(List<GroupedSummary> rows) {
        Set<Map<Dimension, String>> keys = new HashSet<>();
        for (GroupedSummary row : rows) {
            if (row.summary().totalRecords() > 0) {
                keys.add(row.keys());
            }
        }
        return keys.size();
    }

    private static <E extends Exception> Map<String, Long> unpriced(SummaryQuery groups, Snapshot<E> snapshot)
            throws E {
        SummaryQuery models = over(groups.window(), groups)
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

    private static SummaryQuery.Builder over(TimeWindow window, SummaryQuery selection) {
        SummaryQuery.Builder query = SummaryQuery.over(window);
        selection.filters().forEach(query::where);
        return query;
    }
}
