package dev.tokenledger.server.dashboard;

import dev.tokenledger.Ledger;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Report;
import dev.tokenledger.summary.ReportQuery;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
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
     * @param earlier what {@link #askBefore} asked for
     */
    Chart of(List<GroupedSummary> groups, Summary total, List<GroupedSummary> bars, List<Summary> earlier) {
        List<GroupedSummary> named = groups.stream()
                .filter(row ->
                        !row.other() && !(single && row.keys().values().stream().allMatch(String::isEmpty)))
                .limit(Chart.MAX_SERIES)
                .toList();
        List<Chart.Series> series = new ArrayList<>();
        Summary rest = total;
        for (GroupedSummary row : named) {
            String alone = View.narrowed(view.on("/"), row.keys()).toString();
            series.add(new Chart.Series(
                    Units.name(row.keys().values()),
                    "s" + series.size(),
                    alone,
                    view.measure().figure(row.summary())));
            rest = rest.plus(row.summary().negated());
        }
        if (!rest.isNothing()) {
            series.add(new Chart.Series("Other", "other", "", view.measure().figure(rest)));
        }
        return Chart.of(
                buckets,
                single ? oneByOne(named, bars) : withBucket(bars),
                series,
                named.stream().map(GroupedSummary::keys).toList(),
                view.measure(),
                earlier);
    }

    /** Asks for the totals of the bars of the period before, in their order; none where nothing is compared. */
    Supplier<List<Summary>> askBefore(Questions questions) {
        Optional<TimeWindow> previous = view.compared() ? view.previous() : Optional.empty();
        if (previous.isEmpty() || buckets.starts().isEmpty()) {
            return List::of;
        }
        TimeWindow window = previous.get();
        List<Instant> starts = buckets.size().starts(window, view.zone());
        Supplier<List<GroupedSummary>> rows = questions.rows(every(window).build());
        return () -> {
            Map<Instant, Summary> found = new HashMap<>();
            withBucket(rows.get())
                    .forEach(row -> found.put(row.bucket().orElseThrow().toInstant(), row.summary()));
            return starts.stream()
                    .limit(buckets.starts().size())
                    .map(start -> found.getOrDefault(start, Summary.ZERO))
                    .toList();
        };
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
                        : bars.by(view.dimensions()).limit(Chart.MAX_SERIES).build());
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
            if (!summary.isNothing()) {
                rows.add(new GroupedSummary(Optional.of(start), Map.of(), summary, true));
            }
        });
        return rows;
    }

    /** The bars of the named groups: each is asked for by itself where an index answers that, else all are. */
    private List<GroupedSummary> groups(List<GroupedSummary> named) {
        List<Map<Dimension, String>> names =
                named.stream().map(GroupedSummary::keys).toList();
        TimeWindow window = buckets.window().intersect(told);
        List<SummaryQuery> alone = names.stream()
                .map(name -> {
                    SummaryQuery.Builder query = every(window).by(view.dimensions());
                    name.forEach((dimension, value) -> {
                        if (!view.filters().containsKey(dimension)) {
                            query.where(dimension, value);
                        }
                    });
                    return query.build();
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
                        every(window).by(view.dimensions()).limit(view.limit()).build()))
                .stream()
                .filter(row -> !row.other() && names.contains(row.keys()))
                .toList();
    }

    private static List<GroupedSummary> withBucket(List<GroupedSummary> rows) {
        return rows.stream().filter(row -> row.bucket().isPresent()).toList();
    }

    private SummaryQuery.Builder every(TimeWindow window) {
        return view.query(window).every(buckets.size(), view.zone());
    }
}
