package dev.tokenledger.formats.budgets;

import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.TimeWindow;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What a period will have cost at its end if it goes on as it has gone so far: spent ÷ time passed × whole length, the straight
 * line through zero and now.
 *
 * <p>It knows no weekends, nights or billing days: after a busy Monday it says too much, on a Sunday too little. Where the cost
 * is a lower bound, so is the projection.
 */
public final class Projection {

    private static final Duration LEAST_OF_A_DAY = Duration.ofHours(1);
    private static final Duration LEAST = Duration.ofDays(1);

    /** Longer than any day, shorter than any week. */
    private static final Duration LONGER_THAN_A_DAY = Duration.ofDays(2);

    private Projection() {}

    /**
     * What was spent so far, divided by the part of the period that has passed; itself once the period is over.
     *
     * @param spent from the period's start to now
     * @return empty until a day has passed, or of a single day an hour: a pace taken from less says nothing
     */
    public static Optional<Usd> of(Usd spent, TimeWindow period, Instant now) {
        Duration passed = Duration.between(period.start(), now);
        Duration whole = Duration.between(period.start(), period.end());
        Duration least = whole.compareTo(LONGER_THAN_A_DAY) < 0 ? LEAST_OF_A_DAY : LEAST;
        if (passed.compareTo(least) < 0) {
            return Optional.empty();
        }
        if (passed.compareTo(whole) >= 0) {
            return Optional.of(spent);
        }
        return Optional.of(Usd.rounded(spent.toBigDecimal()
                .multiply(BigDecimal.valueOf(whole.toSeconds()))
                .divide(BigDecimal.valueOf(passed.toSeconds()), Usd.SCALE, RoundingMode.HALF_EVEN)));
    }
}
