package dev.tokenledger.text;

import java.math.BigDecimal;
import java.util.regex.Pattern;

/** Reading and writing plain decimal numbers, for amounts and rates alike. */
public final class Decimals {

    private static final int MAX_LENGTH = 128;

    /** The most characters of a number in a message. */
    private static final int MAX_SHOWN = 64;

    private static final Pattern PLAIN = Pattern.compile("[+-]?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]{1,2})?");

    private Decimals() {}

    /**
     * Reads a decimal number exactly.
     *
     * @throws IllegalArgumentException if the text is not a decimal number or longer than 128 characters
     */
    public static BigDecimal parse(String text) {
        if (text.length() > MAX_LENGTH || !PLAIN.matcher(text).matches()) {
            throw new IllegalArgumentException("expected a decimal number such as 0.25, found \"" + cut(text) + "\"");
        }
        return plain(new BigDecimal(text));
    }

    /**
     * How many digits a number has before its point, zeros included; so it can be bounded before it is written out, which for
     * an exponent of millions takes seconds.
     */
    public static long digitsBeforePoint(BigDecimal number) {
        return number.signum() == 0 ? 1 : Math.max(1, (long) number.precision() - number.scale());
    }

    /** A number for a message: as short as can be, and cut. */
    public static String shown(BigDecimal number) {
        boolean plain = digitsBeforePoint(number) <= MAX_SHOWN && number.scale() <= MAX_SHOWN;
        return cut(plain ? number.toPlainString() : number.toString());
    }

    private static String cut(String text) {
        if (text.length() <= MAX_SHOWN) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(MAX_SHOWN - 1)) ? MAX_SHOWN - 1 : MAX_SHOWN;
        return text.substring(0, end) + "…";
    }

    /** The same number without trailing zeros and never with a negative scale, so that it prints plainly. */
    public static BigDecimal plain(BigDecimal number) {
        if (number.signum() == 0) {
            return BigDecimal.ZERO;
        }
        BigDecimal stripped = number.stripTrailingZeros();
        return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }
}
