package dev.tokenledger.server.metrics;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** What became of questions that a copy of the ledger was for, and whether it answers. Nothing where the ledger has no copy. */
final class CopyOutcomes implements MultiCollector {

    private final Supplier<Map<String, Long>> outcomes;
    private final BooleanSupplier answers;

    CopyOutcomes(Supplier<Map<String, Long>> outcomes, BooleanSupplier answers) {
        this.outcomes = outcomes;
        this.answers = answers;
    }

    @Override
    public MetricSnapshots collect() {
        Map<String, Long> counts = outcomes.get();
        if (counts.isEmpty()) {
            return MetricSnapshots.of();
        }
        CounterSnapshot.Builder counter = CounterSnapshot.builder()
                .name("tokenledger_copy_questions")
                .help("Questions of this process that the ledger's copy was for, by what became of it");
        counts.forEach((outcome, count) -> counter.dataPoint(CounterDataPointSnapshot.builder()
                .labels(Labels.of("outcome", outcome))
                .value(count)
                .build()));
        GaugeSnapshot gauge = GaugeSnapshot.builder()
                .name("tokenledger_copy_answers")
                .help("1 while the ledger's copy answers; 0 from an answer that failed to the next one that did not")
                .dataPoint(GaugeDataPointSnapshot.builder()
                        .value(answers.getAsBoolean() ? 1 : 0)
                        .build())
                .build();
        return MetricSnapshots.of(counter.build(), gauge);
    }
}
