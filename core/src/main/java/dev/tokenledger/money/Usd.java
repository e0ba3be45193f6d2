package dev.tokenledger.money;

import dev.tokenledger.text.Decimals;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Objects;

/**
 * An exact amount of United States dollars, a whole number of 10⁻¹² USD ("picodollars").
 *
 * <p>Sums never overflow and never round. Immutable and safe for use by many threads.
 */
public final class Usd implements Comparable<Usd> {

    /** Digits after the decimal point that an amount can carry. */
    public static final int SCALE = 12;

    private static final int MAX_DIGITS = 100;

    /** Nothing. An explicit zero, not an unknown amount. */
    public static final Usd ZERO = new Usd(BigDecimal.ZERO.setScale(SCALE));

    /** The most that one record may cost: 9,000,000 USD, which keeps a record's picodollars within a {@code long}. */
    public static final Usd RECORD_LIMIT = ofPicos(9_000_000_000_000_000_000L);

    /** Always at scale {@link #SCALE}; small amounts stay in {@code BigDecimal}'s compact form. */
    private final BigDecimal amount;

    private Usd(BigDecimal amount) {
        this.amount = amount;
    }

    /**
     * The amount of this many picodollars (10⁻¹² USD).
     *
     * @param picos any value, negative too
     */
    public static Usd ofPicos(long picos) {
        return picos == 0 && ZERO != null ? ZERO : new Usd(BigDecimal.valueOf(picos, SCALE));
    }

    /**
     * An amount that backends keep in two parts so that no sum of theirs overflows: {@code high × 2³² + low}
     * picodollars.
     *
     * @param high the sum of {@code picos >> 32}
     * @param low the sum of {@code picos & 0xffffffff}
     */
    public static Usd ofParts(long high, long low) {
        if (high >= -(1L << 30) && high < (1L << 30) && low > -(1L << 61) && low < (1L << 61)) {
            return ofPicos((high << 32) + low);
        }
        BigDecimal picos =
                BigDecimal.valueOf(high).multiply(BigDecimal.valueOf(1L << 32)).add(BigDecimal.valueOf(low));
        return new Usd(picos.movePointLeft(SCALE).setScale(SCALE));
    }

    /**
     * The amount that equals a decimal number exactly.
     *
     * @throws IllegalArgumentException if {@code amount} is finer than 10⁻¹² USD, or 10¹⁰⁰ USD or more
     */
    public static Usd of(BigDecimal amount) {
        Objects.requireNonNull(amount, "amount");
        if (Decimals.digitsBeforePoint(amount) > MAX_DIGITS) {
            throw new IllegalArgumentException("an amount has at most " + MAX_DIGITS
                    + " digits before the decimal point: " + Decimals.shown(amount));
        }
        try {
            return new Usd(amount.setScale(SCALE, RoundingMode.UNNECESSARY));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "an amount has at most " + SCALE + " digits after the decimal point: " + Decimals.shown(amount), e);
        }
    }

    /**
     * Reads a plain decimal number such as {@code 0.001615}.
     *
     * @throws IllegalArgumentException if the text is not a decimal number, longer than 64 characters, or finer than
     *     10⁻¹² USD
     */
    public static Usd parse(String text) {
        return of(Decimals.parse(text));
    }

    /** The nearest amount to an exact product of rates, ties to the even digit: the only place that rounds money. */
    public static Usd rounded(BigDecimal exact) {
        return new Usd(exact.setScale(SCALE, RoundingMode.HALF_EVEN));
    }

    /** This amount plus another, exactly. */
    public Usd plus(Usd other) {
        return new Usd(amount.add(other.amount));
    }

    /** This amount less another, exactly. */
    public Usd minus(Usd other) {
        return new Usd(amount.subtract(other.amount));
    }

    /** The same amount with the opposite sign. */
    public Usd negated() {
        return new Usd(amount.negate());
    }

    /** -1, 0 or 1 as the amount is negative, zero or positive. */
    public int signum() {
        return amount.signum();
    }

    /**
     * The amount in picodollars (10⁻¹² USD).
     *
     * @throws ArithmeticException if it is beyond a {@code long}, which no single record's cost is
     */
    public long picos() {
        return amount.unscaledValue().longValueExact();
    }

    /** The amount as a decimal number without trailing zeros. */
    public BigDecimal toBigDecimal() {
        return Decimals.plain(amount);
    }

    @Override
    public int compareTo(Usd other) {
        return amount.compareTo(other.amount);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Usd usd && amount.equals(usd.amount);
    }

    @Override
    public int hashCode() {
        return amount.hashCode();
    }

    /** Plain digits, exact, never in exponent form: {@code 0.001615}. */
    @Override
    public String toString() {
        return toBigDecimal().toPlainString();
    }
}
