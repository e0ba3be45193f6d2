package dev.tokenledger.alerts;

import dev.tokenledger.alerts.AlertState.Delivery;
import dev.tokenledger.alerts.AlertState.Event;
import dev.tokenledger.alerts.AlertState.Standing;
import dev.tokenledger.formats.budgets.BudgetStatus;
import dev.tokenledger.formats.budgets.Threshold;
import dev.tokenledger.formats.budgets.Threshold.Kind;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.TimeWindow;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Which thresholds a budget has reached that were not noted before. Each is noted once for a period; of several shares that are
 * reached at once the highest is told. When a period is over, it is looked at one last time: what came in after the last look
 * before its end is told as late.
 */
final class Crossings {

    /** A period that ended longer ago is not looked at any more. */
    private static final Duration MAX_LATE = Duration.ofDays(7);

    private Crossings() {}

    /**
     * What follows on a state.
     *
     * @param before what was noted before; empty for a budget that nobody looked at yet
     * @param status how the budget stands now
     * @param earlier how it stood at an instant of an earlier period
     * @param channels whom to tell
     */
    static AlertState next(
            Optional<AlertState> before,
            BudgetStatus status,
            Function<Instant, BudgetStatus> earlier,
            List<String> channels,
            Instant now) {
        TimeWindow window = status.window();
        if (before.isEmpty()) {
            return reached(new AlertState(window.start(), window.end(), List.of()), status, channels, now, false, true);
        }
        AlertState state = before.get();
        if (state.start().isAfter(window.start())) {
            // The clock of another process is ahead.
            return state;
        }
        if (state.start().isBefore(window.start())) {
            if (state.end().plus(MAX_LATE).isAfter(now)) {
                state = reached(state, earlier.apply(state.end().minusNanos(1)), channels, now, true, false);
            }
            Instant last = state.start();
            state = new AlertState(
                    window.start(),
                    window.end(),
                    state.events().stream()
                            .filter(event -> event.isOpen() || event.start().equals(last))
                            .toList());
        }
        return reached(state, status, channels, now, false, false);
    }

    private static AlertState reached(
            AlertState state, BudgetStatus status, List<String> channels, Instant now, boolean late, boolean initial) {
        List<Threshold> found = status.budget().policy().thresholds().stream()
                .filter(threshold -> !late || threshold.kind() != Kind.FORECAST)
                .filter(threshold ->
                        noted(state).noneMatch(event -> event.threshold().equals(threshold)))
                .filter(threshold -> threshold.isReached(status))
                .toList();
        if (found.isEmpty()) {
            return state;
        }
        BigDecimal highest = highest(found.stream());
        BigDecimal before = highest(noted(state).map(Event::threshold));
        boolean passed = highest.max(before).compareTo(BigDecimal.ONE) >= 0;
        List<Delivery> deliveries =
                channels.stream().map(channel -> Delivery.pending(channel, now)).toList();
        List<Event> events = new ArrayList<>(state.events());
        for (Threshold threshold : found) {
            boolean told = switch (threshold.kind()) {
                case SHARE -> threshold.share().compareTo(highest) == 0 && highest.compareTo(before) > 0;
                // That the limit is reached says more.
                case FORECAST -> !passed;
                case UNPRICED -> true;
            };
            events.add(new Event(
                    threshold,
                    state.start(),
                    state.end(),
                    standing(status, now),
                    late,
                    initial,
                    told ? deliveries : List.of()));
        }
        return new AlertState(state.start(), state.end(), events);
    }

    /** What was noted of the period that is looked at. */
    private static Stream<Event> noted(AlertState state) {
        return state.events().stream().filter(event -> event.start().equals(state.start()));
    }

    private static BigDecimal highest(Stream<Threshold> thresholds) {
        return thresholds.map(Threshold::share).max(BigDecimal::compareTo).orElse(BigDecimal.ZERO);
    }

    private static Standing standing(BudgetStatus status, Instant now) {
        Summary spent = status.spent();
        return new Standing(
                now,
                spent.totalCost(),
                status.projected(),
                spent.totalRecords(),
                spent.partialRecords(),
                spent.unpricedRecords());
    }
}
