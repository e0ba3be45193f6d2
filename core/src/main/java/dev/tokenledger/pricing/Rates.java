package dev.tokenledger.pricing;

import dev.tokenledger.text.Decimals;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Prices by class of tokens, in USD per million tokens. A class may have no rate, which is not the same as a rate of 0.
 *
 * <p>Immutable and safe for use by many threads.
 */
public final class Rates {

    /** No rate for any class. */
    public static final Rates NONE = new Rates(new EnumMap<>(TokenClass.class));

    /** The highest rate: 1,000,000 USD per million tokens. */
    public static final BigDecimal LIMIT = BigDecimal.valueOf(1_000_000);

    /**
     * The most digits after the decimal point that a rate can have: more than a binary floating point number of any price
     * list has when all its digits are written out.
     */
    public static final int MAX_SCALE = 100;

    private static final Map<TokenClass, BigDecimal> CACHE_MULTIPLIERS = Map.of(
            TokenClass.CACHE_WRITE_5M, new BigDecimal("1.25"),
            TokenClass.CACHE_WRITE_1H, new BigDecimal("2"),
            TokenClass.CACHE_READ, new BigDecimal("0.1"));

    private final Map<TokenClass, BigDecimal> perMillion;
    private final @Nullable BigDecimal[] byOrdinal = new BigDecimal[TokenClass.values().length];

    private Rates(Map<TokenClass, BigDecimal> perMillion) {
        this.perMillion = Collections.unmodifiableMap(perMillion);
        perMillion.forEach((tokenClass, rate) -> byOrdinal[tokenClass.ordinal()] = rate);
    }

    /**
     * Rates by class.
     *
     * @param perMillion USD per million tokens
     * @throws IllegalArgumentException if a rate is negative, above {@link #LIMIT}, or has more than {@link #MAX_SCALE}
     *     digits after the decimal point
     */
    public static Rates of(Map<TokenClass, BigDecimal> perMillion) {
        Map<TokenClass, BigDecimal> checked = new EnumMap<>(TokenClass.class);
        perMillion.forEach((tokenClass, rate) -> checked.put(tokenClass, check(tokenClass.text(), rate)));
        return new Rates(checked);
    }

    /** Rates for input and output alone, in USD per million tokens, as decimal numbers. */
    public static Rates of(String input, String output) {
        return of(Map.of(TokenClass.INPUT, Decimals.parse(input), TokenClass.OUTPUT, Decimals.parse(output)));
    }

    /**
     * The rate of a class by its own name, in USD per million tokens.
     *
     * @return empty if the class has no rate of its own
     */
    public Optional<BigDecimal> perMillion(TokenClass tokenClass) {
        return Optional.ofNullable(byOrdinal[tokenClass.ordinal()]);
    }

    /** All rates that are there, in USD per million tokens. */
    public Map<TokenClass, BigDecimal> perMillion() {
        return perMillion;
    }

    /** Every rate times a factor, exactly. */
    public Rates times(BigDecimal factor) {
        Map<TokenClass, BigDecimal> products = new EnumMap<>(TokenClass.class);
        perMillion.forEach((tokenClass, rate) -> products.put(tokenClass, rate.multiply(factor)));
        return ofProducts(products);
    }

    /**
     * These rates, and for each cache class without one a multiple of the input rate: 1.25 for writes of 5 minutes, 2 for those
     * of an hour, 0.1 for reads. The same rates if there is none for input.
     */
    public Rates withCacheByMultiplier() {
        BigDecimal input = rate(TokenClass.INPUT);
        if (input == null) {
            return this;
        }
        Map<TokenClass, BigDecimal> all = new EnumMap<>(TokenClass.class);
        CACHE_MULTIPLIERS.forEach((tokenClass, multiplier) -> all.put(tokenClass, input.multiply(multiplier)));
        all.putAll(perMillion);
        return ofProducts(all);
    }

    /** Rates worked out from checked ones, which may be finer than a stated rate can be. */
    static Rates ofProducts(Map<TokenClass, BigDecimal> perMillion) {
        Map<TokenClass, BigDecimal> plain = new EnumMap<>(TokenClass.class);
        perMillion.forEach((tokenClass, rate) -> plain.put(tokenClass, Decimals.plain(rate)));
        return new Rates(plain);
    }

    @Nullable
    BigDecimal rate(TokenClass tokenClass) {
        return byOrdinal[tokenClass.ordinal()];
    }

    /** Checks a rate or a fee and brings it to its plain form. */
    static BigDecimal check(String name, BigDecimal rate) {
        if (rate.signum() < 0) {
            throw new IllegalArgumentException(name + ": a rate is not negative, found " + Decimals.shown(rate));
        }
        boolean tooHigh = rate.compareTo(LIMIT) > 0;
        BigDecimal plain = tooHigh ? rate : Decimals.plain(rate);
        if (tooHigh || plain.scale() > MAX_SCALE) {
            throw new IllegalArgumentException(name + ": a rate is at most " + LIMIT + " with at most " + MAX_SCALE
                    + " digits after the point, found " + Decimals.shown(rate));
        }
        return plain;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Rates rates && Arrays.equals(byOrdinal, rates.byOrdinal);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(byOrdinal);
    }

    @Override
    public String toString() {
        return perMillion.toString();
    }
}
