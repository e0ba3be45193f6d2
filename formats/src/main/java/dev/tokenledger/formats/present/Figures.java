package dev.tokenledger.formats.present;

import dev.tokenledger.money.Usd;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Duration;

/**
 * Figures as people read them in tables. Counts are whole, tokens from 10,000 on have three digits and a unit, amounts a
 * fixed number of decimals. What a program should read comes as JSON or CSV, where every figure is exact.
 */
public final class Figures {

    private static final MathContext THREE_DIGITS = new MathContext(3, RoundingMode.HALF_EVEN);
    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);
    private static final long FIRST_SHORTENED = 10_000;
    private static final String[] UNITS = {"", "K", "M", "B", "T"};
    private static final String[] BYTES = {" bytes", " kB", " MB", " GB", " TB"};

    private Figures() {}

    /** A whole number with separators: {@code 12,345}. */
    public static String count(long count) {
        return grouped(Long.toString(count));
    }

    /** A whole number of things: {@code 1 call}, {@code 12,345 calls}. */
    public static String count(long count, String one, String several) {
        return count(count) + " " + (count == 1 ? one : several);
    }

    /** A number of tokens: {@code 9,999}, {@code 12.3K}, {@code 1.23M}, up to {@code T} for 10¹². */
    public static String tokens(long tokens) {
        return Math.abs(tokens) < FIRST_SHORTENED ? count(tokens) : shortened(tokens, UNITS);
    }

    /** The size of files: {@code 9,999 bytes}, {@code 12.3 kB}, {@code 1.23 MB}, up to {@code TB} for 10¹² bytes. */
    public static String bytes(long bytes) {
        return bytes < FIRST_SHORTENED ? count(bytes, "byte", "bytes") : shortened(bytes, BYTES);
    }

    private static String shortened(long number, String[] units) {
        BigDecimal rounded = BigDecimal.valueOf(number).round(THREE_DIGITS);
        int exponent = rounded.precision() - rounded.scale() - 1;
        int unit = Math.min(exponent / 3, units.length - 1);
        int decimals = Math.max(0, 2 - (exponent - 3 * unit));
        return grouped(rounded.movePointLeft(3 * unit)
                        .setScale(decimals, RoundingMode.HALF_EVEN)
                        .toPlainString())
                + units[unit];
    }

    /**
     * An amount with a fixed number of decimals: {@code $1,234.50}. An amount that is not zero never looks like it:
     * {@code <$0.01}.
     */
    public static String usd(Usd amount, int decimals) {
        return money("$", amount.toBigDecimal(), decimals);
    }

    /** An amount in a currency without a sign of its own, as {@link #usd} shows it: {@code 1,234.50}, {@code <0.01}. */
    public static String amount(BigDecimal amount, int decimals) {
        return money("", amount, decimals);
    }

    private static String money(String unit, BigDecimal exact, int decimals) {
        BigDecimal size = exact.abs();
        String sign = exact.signum() < 0 ? "-" : "";
        BigDecimal least = BigDecimal.ONE.movePointLeft(decimals);
        if (size.signum() != 0 && size.compareTo(least) < 0) {
            return sign + "<" + unit + least.toPlainString();
        }
        return sign
                + unit
                + grouped(size.setScale(decimals, RoundingMode.HALF_EVEN).toPlainString());
    }

    /** An amount with all of its digits, at least two of them decimals: {@code $0.001615}, {@code $22.50}. */
    public static String exactUsd(Usd amount) {
        BigDecimal exact = amount.toBigDecimal();
        String sign = exact.signum() < 0 ? "-" : "";
        return sign + "$" + exact(exact.abs());
    }

    /** A decimal number with all of its digits, at least two of them decimals, and separators. */
    public static String exact(BigDecimal number) {
        return grouped((number.scale() < 2 ? number.setScale(2) : number).toPlainString());
    }

    /** A decimal number with so many decimals, which must be enough for all of its digits, and separators. */
    public static String exact(BigDecimal number, int decimals) {
        return grouped(number.setScale(decimals, RoundingMode.UNNECESSARY).toPlainString());
    }

    /** How many decimals a column of amounts has that goes up to this one. */
    public static int decimals(Usd largest) {
        return decimals(largest.toBigDecimal());
    }

    /** How many decimals a column of amounts in another currency has that goes up to this one. */
    public static int decimals(BigDecimal largest) {
        return largest.abs().compareTo(BigDecimal.ONE) < 0 ? 4 : 2;
    }

    /** A part of a whole as {@code 62%}; what is neither nothing nor all never looks like it: {@code <1%}, {@code >99%}. */
    public static String percent(BigDecimal part, BigDecimal whole) {
        if (whole.signum() == 0) {
            return "-";
        }
        BigDecimal hundredths = part.movePointRight(2).divide(whole, 0, RoundingMode.HALF_EVEN);
        if (hundredths.signum() == 0 && part.signum() != 0) {
            return "<1%";
        }
        boolean looksLikeAll = hundredths.compareTo(HUNDRED) == 0;
        return looksLikeAll && part.compareTo(whole) < 0 ? ">99%" : hundredths.toPlainString() + "%";
    }

    /** A duration in seconds, to the hundredth: {@code 0.42}. */
    public static String seconds(Duration duration) {
        return grouped(BigDecimal.valueOf(duration.toMillis(), 3)
                .setScale(2, RoundingMode.HALF_EVEN)
                .toPlainString());
    }

    private static String grouped(String digits) {
        int start = digits.startsWith("-") ? 1 : 0;
        int point = digits.indexOf('.');
        int end = point < 0 ? digits.length() : point;
        if (end - start <= 3) {
            return digits;
        }
        StringBuilder grouped = new StringBuilder(digits.length() + 8);
        grouped.append(digits, 0, start);
        for (int i = start; i < end; i++) {
            if (i > start && (end - i) % 3 == 0) {
                grouped.append(',');
            }
            grouped.append(digits.charAt(i));
        }
        return grouped.append(digits, end, digits.length()).toString();
    }
}
