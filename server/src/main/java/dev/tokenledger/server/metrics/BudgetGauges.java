package dev.tokenledger.server.metrics;

import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.formats.budgets.BudgetStatus;
import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.money.Usd;
import dev.tokenledger.server.http.Services;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * How the budgets stand in their current periods, read at each scrape. Labelled by the budget's name alone, of which a file has at
 * most a hundred; the second of a name is told as "name (2)". Values are {@code double}s because Prometheus has nothing else; the exact ones are those of {@code /v1/budgets}.
 */
final class BudgetGauges implements MultiCollector {

    private final Services services;

    BudgetGauges(Services services) {
        this.services = services;
    }

    @Override
    public MetricSnapshots collect() {
        List<Budget> budgets;
        try {
            budgets = services.budgets().get();
        } catch (DocumentException e) {
            return MetricSnapshots.of(readable(0));
        }
        List<BudgetStatus> all =
                BudgetStatus.of(budgets, services.ledger(), services.clock().instant(), services.zone());
        return MetricSnapshots.of(
                readable(1),
                gauge(
                        "tokenledger_budget_limit_usd",
                        "What a budget allows in a period, in USD",
                        all,
                        status -> usd(status.budget().limit())),
                gauge(
                        "tokenledger_budget_spent_usd",
                        "What is spent of a budget in its current period, in USD; a lower bound while there are partial or"
                                + " unpriced records",
                        all,
                        status -> usd(status.spent().totalCost())),
                gauge(
                        "tokenledger_budget_used_ratio",
                        "The share of a budget that is spent in its current period; 1 where the limit is reached",
                        all,
                        status -> status.used().doubleValue()),
                gauge(
                        "tokenledger_budget_unpriced_records",
                        "Records of a budget's current period whose cost is not known, or not wholly",
                        all,
                        status -> status.spent().unpricedRecords()
                                + status.spent().partialRecords()));
    }

    private static GaugeSnapshot readable(int value) {
        return GaugeSnapshot.builder()
                .name("tokenledger_budgets_readable")
                .help("Whether the budget file can be read; while it cannot, no budget is told of")
                .dataPoint(GaugeDataPointSnapshot.builder().value(value).build())
                .build();
    }

    private static double usd(Usd amount) {
        return amount.toBigDecimal().doubleValue();
    }

    private static GaugeSnapshot gauge(
            String name, String help, List<BudgetStatus> all, ToDoubleFunction<BudgetStatus> figure) {
        GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(help);
        Set<String> names = new HashSet<>();
        for (BudgetStatus status : all) {
            String label = status.budget().name();
            for (int number = 2; !names.add(label); number++) {
                label = status.budget().name() + " (" + number + ")";
            }
            gauge.dataPoint(GaugeDataPointSnapshot.builder()
                    .labels(Labels.of("budget", label))
                    .value(figure.applyAsDouble(status))
                    .build());
        }
        return gauge.build();
    }
}
