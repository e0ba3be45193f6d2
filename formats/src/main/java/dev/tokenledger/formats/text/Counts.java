package dev.tokenledger.formats.text;

import dev.tokenledger.text.Texts;
import java.util.regex.Pattern;

/** Counts as JSON states them. */
public final class Counts {

    /** A fraction of zeros is what some serializers make of a whole number. */
    private static final Pattern WHOLE = Pattern.compile("-?[0-9]+(\\.0+)?");

    private static final int MAX_DIGITS = 18;
    private static final int MAX_SHOWN = 32;

    private Counts() {}

    /**
     * Reads a count.
     *
     * @param literal a JSON number's characters
     * @param most the largest count, below 10¹⁸
     * @throws IllegalArgumentException if it is no whole number from 0 to {@code most}
     */
    public static long parse(String literal, long most) {
        if (!WHOLE.matcher(literal).matches()) {
            throw new IllegalArgumentException("a count is a whole number, found " + Texts.cut(literal, MAX_SHOWN));
        }
        int point = literal.indexOf('.');
        String digits = point < 0 ? literal : literal.substring(0, point);
        long count = digits.length() > MAX_DIGITS ? -1 : Long.parseLong(digits);
        if (count < 0 || count > most) {
            throw new IllegalArgumentException("a count is 0 to " + most + ", found " + Texts.cut(literal, MAX_SHOWN));
        }
        return count;
    }
}
