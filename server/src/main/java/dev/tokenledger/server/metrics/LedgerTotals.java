package dev.tokenledger.server.metrics;

import dev.tokenledger.Ledger;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The ledger's totals over all time, by provider and model, read at each scrape from its roll-ups. So they go on where they
 * were after a restart, and every process on one ledger tells the same.
 *
 * <p>They are gauges although they mostly rise: a reversal lowers them, and of a counter that falls Prometheus believes that it
 * began again at zero, so that {@code increase()} would count everything once more. For gauges there is {@code delta()}.
 *
 * <p>Values are {@code double}s because Prometheus has nothing else; the exact figures are those of {@code /v1/summary}.
 */
final class LedgerTotals implements MultiCollector {

    /** The most pairs of provider and model; what costs less than these is one pair, named {@value #OTHER} twice. */
    static final int MAX_MODELS = 500;

    static final String OTHER = "(other)";

    private static final SummaryQuery QUERY = SummaryQuery.over(TimeWindow.all())
            .by(Dimension.PROVIDER, Dimension.MODEL)
            .limit(MAX_MODELS)
            .build();

    private final Ledger ledger;

    LedgerTotals(Ledger ledger) {
        this.ledger = ledger;
    }

    @Override
    public MetricSnapshots collect() {
        List<GroupedSummary> rows = ledger.summaries(QUERY);
        return MetricSnapshots.of(
                tokens(rows),
                gauge(
                        "tokenledger_cost_usd",
                        "Cost of all calls in the ledger, in USD; a lower bound while there are partial or unpriced"
                                + " records",
                        rows,
                        summary -> summary.totalCost().toBigDecimal().doubleValue()),
                gauge("tokenledger_records", "Records in force in the ledger", rows, Summary::totalRecords),
                gauge(
                        "tokenledger_unpriced_records",
                        "Records whose cost is not known at all",
                        rows,
                        Summary::unpricedRecords),
                gauge(
                        "tokenledger_partial_records",
                        "Records whose cost covers some of their usage",
                        rows,
                        Summary::partialRecords),
                gauge(
                        "tokenledger_doubtful_records",
                        "Records with figures that their source could not know",
                        rows,
                        summary -> summary.doubts().records()));
    }

    private static GaugeSnapshot tokens(List<GroupedSummary> rows) {
        GaugeSnapshot.Builder gauge = GaugeSnapshot.builder()
                .name("tokenledger_tokens")
                .help("Tokens of all calls in the ledger; the types are disjoint, so that they can be added up");
        for (GroupedSummary row : rows) {
            Summary summary = row.summary();
            Labels labels = labels(row);
            tokens(gauge, labels, "input", summary.totalInputTokens());
            tokens(gauge, labels, "output", summary.totalOutputTokens());
            tokens(gauge, labels, "cache_read", summary.totalCacheReadInputTokens());
            tokens(gauge, labels, "cache_creation", summary.totalCacheCreationInputTokens());
        }
        return gauge.build();
    }

    private static void tokens(GaugeSnapshot.Builder gauge, Labels labels, String type, long count) {
        point(gauge, labels.add("type", type), (double) count);
    }

    private static GaugeSnapshot gauge(
            String name, String help, List<GroupedSummary> rows, ToDoubleFunction<Summary> figure) {
        GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(help);
        rows.forEach(row -> point(gauge, labels(row), figure.applyAsDouble(row.summary())));
        return gauge.build();
    }

    private static void point(GaugeSnapshot.Builder gauge, Labels labels, double value) {
        gauge.dataPoint(
                GaugeDataPointSnapshot.builder().labels(labels).value(value).build());
    }

    private static Labels labels(GroupedSummary row) {
        return Labels.of(
                "provider",
                row.other() ? OTHER : row.keys().getOrDefault(Dimension.PROVIDER, ""),
                "model",
                row.other() ? OTHER : row.keys().getOrDefault(Dimension.MODEL, ""));
    }
}
