package dev.tokenledger.server.dashboard;

import dev.tokenledger.Ledger;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Report;
import dev.tokenledger.summary.ReportQuery;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

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
     * @param bars what {@link #ask} asked for
     */
    Chart of(List<GroupedSummary> groups, Summary total, List<GroupedSummary> bars) {
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
                single ? oneByOne(named, bars) : withBucket(bars),
                series,
                named.stream().map(GroupedSummary::key).toList(),
                view.measure());
    }

    /** Asks for the bars, with the groups that are known from roll-ups; none if nothing is charted. */
    Supplier<List<GroupedSummary>> ask(Questions questions) {
        if (buckets.starts().isEmpty()) {
            return List::of;
        }
        SummaryQuery.Builder bars = every(buckets.window());
        return questions.rows(
                single
                        ? bars.build()
                        : bars.by(view.by()).limit(Chart.MAX_SERIES).build());
    }

    /**
     * Bars of groups that are known from single calls: what they leave of a bar's roll-up is the rest. Which groups these are is
     * known only from the answers to all else, so that they alone are of a later moment.
     */
    private List<GroupedSummary> oneByOne(List<GroupedSummary> named, List<GroupedSummary> bars) {
        if (buckets.starts().isEmpty()) {
            return List.of();
        }
        Map<OffsetDateTime, Summary> rest = new LinkedHashMap<>();
        for (GroupedSummary bar : withBucket(bars)) {
            rest.put(bar.bucket().orElseThrow(), bar.summary());
        }
        List<GroupedSummary> rows = new ArrayList<>(groups(named));
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
    private List<GroupedSummary> groups(List<GroupedSummary> named) {
        List<String> names = named.stream().map(GroupedSummary::key).toList();
        TimeWindow window = buckets.window().intersect(told);
        List<SummaryQuery> alone = names.stream()
                .map(name -> {
                    SummaryQuery.Builder query = every(window).by(view.by());
                    return (view.filters().containsKey(view.by()) ? query : query.where(view.by(), name)).build();
                })
                .toList();
        if (alone.isEmpty()) {
            return List.of();
        }
        if (alone.stream().noneMatch(ledger::readsRecords)) {
            ReportQuery query = ReportQuery.of(alone.get(0));
            for (SummaryQuery further : alone.subList(1, alone.size())) {
                query = query.with(further);
            }
            Report report = ledger.report(query);
            List<GroupedSummary> rows = new ArrayList<>(withBucket(report.rows()));
            report.further().forEach(answer -> rows.addAll(withBucket(answer)));
            return rows;
        }
        return withBucket(ledger.summaries(
                        every(window).by(view.by()).limit(view.limit()).build()))
                .stream()
                .filter(row -> !row.other() && names.contains(row.key()))
                .toList();
    }

    private static List<GroupedSummary> withBucket(List<GroupedSummary> rows) {
        return rows.stream().filter(row -> row.bucket().isPresent()).toList();
    }

    private SummaryQuery.Builder every(TimeWindow window) {
        return view.query(window).every(buckets.size(), view.zone());
    }
}
