package dev.tokenledger.formats.pricelists;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * The decimal that a figure of a price list stands for. Lists are written by programs that keep prices as binary fractions, so
 * 0.3 stands there as 0.30000000000000004 and a twelfth as 0.08333333333333334.
 */
final class ListNumbers {

    /** Figures with no more significant digits than this are meant as they are written. */
    private static final int MAX_WRITTEN_DIGITS = 8;

    /** The most significant digits of a price that a person stated. */
    private static final int MAX_MEANT_DIGITS = 7;

    private static final BigDecimal NOISE = new BigDecimal("1e-9");

    private ListNumbers() {}

    /**
     * A figure as it is meant: with more than 8 significant digits, the shortest decimal of at most 7 that lies within a
     * billionth of it, else its first 7 digits, rounded half-even.
     */
    static BigDecimal meant(BigDecimal written) {
        BigDecimal plain = written.stripTrailingZeros();
        if (plain.precision() <= MAX_WRITTEN_DIGITS) {
            return plain;
        }
        BigDecimal tolerance = plain.abs().multiply(NOISE);
        BigDecimal rounded = plain;
        for (int digits = 1; digits <= MAX_MEANT_DIGITS; digits++) {
            rounded = plain.round(new MathContext(digits, RoundingMode.HALF_EVEN));
            if (rounded.subtract(plain).abs().compareTo(tolerance) <= 0) {
                break;
            }
        }
        return rounded.stripTrailingZeros();
    }
}
