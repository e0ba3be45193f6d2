package dev.tokenledger.spring;

import dev.tokenledger.Ledger;
import dev.tokenledger.recorder.CallGuard;
import dev.tokenledger.recorder.Recorder;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.TimeWindow;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.ToDoubleFunction;

/**
 * Meters of the ledger's totals and of the recorder. Totals are asked for once a scrape; while the ledger is away they stay what
 * they were. They are approximate, as meters are: the exact figures are the ledger's.
 */
final class LedgerMeters implements MeterBinder {

    private static final Duration FRESH = Duration.ofSeconds(1);

    private final Ledger ledger;
    private final Recorder recorder;
    private final CallGuard guard;
    private final InstantSource clock;
    private Summary known = Summary.ZERO;
    private Instant asked = Instant.MIN;

    LedgerMeters(Ledger ledger, Recorder recorder, CallGuard guard, InstantSource clock) {
        this.ledger = ledger;
        this.recorder = recorder;
        this.guard = guard;
        this.clock = clock;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        total(
                registry,
                "tokenledger.cost",
                "usd",
                "",
                s -> s.totalCost().toBigDecimal().doubleValue());
        total(registry, "tokenledger.records", "records", "", Summary::totalRecords);
        total(registry, "tokenledger.records.unpriced", "records", "", Summary::unpricedRecords);
        total(registry, "tokenledger.tokens", "tokens", "input", Summary::totalInputTokens);
        total(registry, "tokenledger.tokens", "tokens", "output", Summary::totalOutputTokens);
        total(registry, "tokenledger.tokens", "tokens", "cache_read", Summary::totalCacheReadInputTokens);
        total(registry, "tokenledger.tokens", "tokens", "cache_creation", Summary::totalCacheCreationInputTokens);
        FunctionCounter.builder(
                        "tokenledger.recorder.dropped",
                        recorder,
                        r -> r.statistics().dropped())
                .description("Calls that were lost")
                .register(registry);
        FunctionCounter.builder(
                        "tokenledger.recorder.rejected",
                        recorder,
                        r -> r.statistics().rejected())
                .description("Calls that the ledger will never take, kept in the spool")
                .register(registry);
        decision(registry, "allowed", CallGuard.Decisions::allowed);
        decision(registry, "warned", CallGuard.Decisions::warned);
        decision(registry, "refused", CallGuard.Decisions::refused);
        decision(registry, "unasked", CallGuard.Decisions::unasked);
        Gauge.builder(
                        "tokenledger.recorder.pending",
                        recorder,
                        r -> r.statistics().pending())
                .description("Calls that are not in the ledger yet")
                .register(registry);
    }

    private void decision(MeterRegistry registry, String name, ToDoubleFunction<CallGuard.Decisions> count) {
        FunctionCounter.builder("tokenledger.budget.decisions", guard, asked -> count.applyAsDouble(asked.decisions()))
                .tag("decision", name)
                .description("Calls that budgets were asked for, by the answer")
                .register(registry);
    }

    private void total(
            MeterRegistry registry, String name, String unit, String tokens, ToDoubleFunction<Summary> figure) {
        FunctionCounter.Builder<LedgerMeters> meter =
                FunctionCounter.builder(name, this, meters -> figure.applyAsDouble(meters.total()));
        if (!tokens.isEmpty()) {
            meter.tag("class", tokens);
        }
        meter.baseUnit(unit).register(registry);
    }

    private synchronized Summary total() {
        Instant now = clock.instant();
        if (asked.plus(FRESH).isBefore(now)) {
            asked = now;
            try {
                known = ledger.summary(TimeWindow.all());
            } catch (RuntimeException e) {
                // The recorder tells of a ledger that is away; a scrape is no place to.
                return known;
            }
        }
        return known;
    }
}
