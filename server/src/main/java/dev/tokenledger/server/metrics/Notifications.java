package dev.tokenledger.server.metrics;

import dev.tokenledger.alerts.BudgetAlerts.Count;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** How often this process tried to tell channels of budgets. Channels are those of the budget file, which names at most ten. */
final class Notifications implements Collector {

    private final Supplier<Map<Count, Long>> told;

    Notifications(Supplier<Map<Count, Long>> told) {
        this.told = told;
    }

    @Override
    public MetricSnapshot collect() {
        CounterSnapshot.Builder counter = CounterSnapshot.builder()
                .name("tokenledger_notifications")
                .help("Tries of this process to tell a channel of a budget, by what became of them");
        told.get()
                .forEach((count, tries) -> counter.dataPoint(CounterDataPointSnapshot.builder()
                        .labels(Labels.of(
                                "channel",
                                count.channel(),
                                "result",
                                count.result().name().toLowerCase(Locale.ROOT)))
                        .value(tries)
                        .build()));
        return counter.build();
    }
}
