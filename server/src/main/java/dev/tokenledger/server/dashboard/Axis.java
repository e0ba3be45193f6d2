package dev.tokenledger.server.dashboard;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A chart's vertical axis, from 0 to at most a third above the highest bar.
 *
 * @param step what lies between two lines
 * @param steps how many there are: 3 to 6, or as many as there are things where those are fewer
 */
record Axis(BigDecimal step, int steps) {

    private static final int MIN_STEPS = 3;
    private static final int MAX_STEPS = 6;
    private static final List<BigDecimal> FACTORS = List.of(
            BigDecimal.ONE, BigDecimal.valueOf(2), new BigDecimal("2.5"), BigDecimal.valueOf(5), BigDecimal.TEN);

    /**
     * The axis that reaches a value and no further than it must. Its steps are 1, 2, 2.5 or 5 times a power of ten, and a whole
     * number of what comes in whole numbers.
     */
    static Axis of(BigDecimal highest, Measure measure) {
        BigDecimal reached = highest.signum() > 0 ? highest : BigDecimal.ONE;
        if (measure != Measure.COST && reached.compareTo(BigDecimal.valueOf(MIN_STEPS)) < 0) {
            return new Axis(BigDecimal.ONE, reached.intValueExact());
        }
        BigDecimal least = reached.divide(BigDecimal.valueOf(MAX_STEPS), 20, RoundingMode.UP);
        BigDecimal power = BigDecimal.ONE.scaleByPowerOfTen(least.precision() - least.scale() - 1);
        Axis best = null;
        for (BigDecimal factor : FACTORS) {
            BigDecimal step = power.multiply(factor);
            int steps = reached.divide(step, 0, RoundingMode.UP).intValueExact();
            boolean possible =
                    measure == Measure.COST || step.stripTrailingZeros().scale() <= 0;
            if (possible && steps >= MIN_STEPS && steps <= MAX_STEPS) {
                Axis axis = new Axis(step, steps);
                best = best == null || axis.top().compareTo(best.top()) < 0 ? axis : best;
            }
        }
        if (best == null) {
            throw new IllegalStateException("no axis reaches " + highest);
        }
        return best;
    }

    /** Its upper end. */
    BigDecimal top() {
        return step.multiply(BigDecimal.valueOf(steps));
    }

    /** Its lines from the top down, all with the same unit and the same number of decimals. */
    List<String> labels(Measure measure) {
        return IntStream.rangeClosed(0, steps)
                .mapToObj(line -> step.multiply(BigDecimal.valueOf(steps - line)))
                .map(value -> measure.axis(value, this))
                .toList();
    }
}
