package dev.tokenledger.server.dashboard;

import dev.tokenledger.Ledger;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Asks the ledger for the bars of an overview's chart: the groups that its table begins with, and the rest.
 *
 * @param single whether the groups are known from single calls alone
 * @param told the part of the window whose groups are told apart; what lies before it belongs to the rest
 */
record OverviewChart(Ledger ledger, View view, Buckets buckets, boolean single, TimeWindow told) {

    /**
     * The chart.
     *
     * @param groups the rows of the table
     * @param total of the whole window
     */
    Chart of(List<GroupedSummary> groups, Summary total) {
        List<GroupedSummary> named = groups.stream()
                .filter(row -> !row.other() && !(single && row.key().isEmpty()))
                .limit(Chart.MAX_SERIES)
                .toList();
        List<Chart.Series> series = new ArrayList<>();
        Summary rest = total;
        for (GroupedSummary row : named) {
            String alone = view.on("/").with(View.where(view.by()), row.key()).toString();
            series.add(new Chart.Series(
                    Units.name(row.key()),
                    "s" + series.size(),
                    alone,
                    view.measure().figure(row.summary())));
            rest = rest.plus(row.summary().negated());
        }
        if (rest.totalRecords() > 0) {
            series.add(new Chart.Series("Other", "other", "", view.measure().figure(rest)));
        }
        return Chart.of(
                buckets,
                rows(named),
                series,
                named.stream().map(GroupedSummary::key).toList(),
                view.measure());
    }

    private List<GroupedSummary> rows(List<GroupedSummary> named) {
        if (buckets.starts().isEmpty()) {
            return List.of();
        }
        return single
                ? oneByOne(named)
                : ask(every(buckets.window())
                        .by(view.by())
                        .limit(Chart.MAX_SERIES)
                        .build());
    }

    /** Bars of groups that are known from single calls: what they leave of a bar's roll-up is the rest. */
    private List<GroupedSummary> oneByOne(List<GroupedSummary> named) {
        Map<OffsetDateTime, Summary> rest = new LinkedHashMap<>();
        for (GroupedSummary bar : ask(every(buckets.window()).build())) {
            rest.put(bar.bucket().orElseThrow(), bar.summary());
        }
        List<GroupedSummary> rows = new ArrayList<>(bars(named));
        for (GroupedSummary row : rows) {
            rest.merge(row.bucket().orElseThrow(), row.summary().negated(), Summary::plus);
        }
        rest.forEach((start, summary) -> {
            if (summary.totalRecords() > 0) {
                rows.add(new GroupedSummary(Optional.of(start), Map.of(), summary, true));
            }
        });
        return rows;
    }

    /** The bars of the named groups: each is asked for by itself where an index answers that, else all are. */
    private List<GroupedSummary> bars(List<GroupedSummary> named) {
        List<String> names = named.stream().map(GroupedSummary::key).toList();
        TimeWindow window = buckets.window().intersect(told);
        List<SummaryQuery> alone = names.stream()
                .map(name -> {
                    SummaryQuery.Builder query = every(window).by(view.by());
                    return (view.filters().containsKey(view.by()) ? query : query.where(view.by(), name)).build();
                })
                .toList();
        if (alone.stream().noneMatch(ledger::readsRecords)) {
            return alone.stream().flatMap(query -> ask(query).stream()).toList();
        }
        return ask(every(window).by(view.by()).limit(view.limit()).build()).stream()
                .filter(row -> !row.other() && names.contains(row.key()))
                .toList();
    }

    private List<GroupedSummary> ask(SummaryQuery query) {
        return ledger.summaries(query).stream()
                .filter(row -> row.bucket().isPresent())
                .toList();
    }

    private SummaryQuery.Builder every(TimeWindow window) {
        return view.query(window).every(buckets.size(), view.zone());
    }
}
