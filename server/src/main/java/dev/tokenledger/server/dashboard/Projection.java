package dev.tokenledger.server.dashboard;

import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.TimeWindow;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What a period will have cost at its end if it goes on as it has gone so far. */
final class Projection {

    private static final Duration LEAST = Duration.ofDays(1);

    private Projection() {}

    /**
     * What was spent so far, divided by the part of the period that has passed.
     *
     * @param spent from the period's start to now
     * @return empty until a day has passed: a pace taken from a few hours says nothing
     */
    static Optional<Usd> of(Usd spent, TimeWindow period, Instant now) {
        Duration passed = Duration.between(period.start(), now);
        Duration whole = Duration.between(period.start(), period.end());
        if (passed.compareTo(LEAST) < 0) {
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
