package dev.tokenledger.formats.text;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;

/**
 * Times as RFC 3339 has them: {@code 2026-01-05T10:00:00.25+01:00}. Any number of fraction digits is read, and cut to
 * nanoseconds; {@code t} and {@code z} may be small; the leap second 23:59:60 UTC is read as the second after it.
 */
public final class Rfc3339 {

    private static final String EXPECTED =
            "expected a time such as 2026-01-05T10:00:00Z or 2026-01-05T11:00:00.25+01:00";
    private static final int MAX_LENGTH = 64;
    private static final int SECONDS_A_DAY = 86_400;

    private Rfc3339() {}

    /**
     * The instant of a time with its offset.
     *
     * @throws IllegalArgumentException if the text has any other form, or there is no such time
     */
    public static Instant parse(String text) {
        int end = text.length();
        if (end < 20
                || end > MAX_LENGTH
                || text.charAt(4) != '-'
                || text.charAt(7) != '-'
                || (text.charAt(10) | 0x20) != 't'
                || text.charAt(13) != ':'
                || text.charAt(16) != ':') {
            throw new IllegalArgumentException(EXPECTED);
        }
        int hour = number(text, 11, 2, 23);
        int minute = number(text, 14, 2, 59);
        int second = number(text, 17, 2, 60);
        int at = 19;
        int nanos = 0;
        if (text.charAt(at) == '.') {
            int first = ++at;
            for (int unit = 100_000_000; at < end && isDigit(text.charAt(at)); at++, unit /= 10) {
                nanos += (text.charAt(at) - '0') * unit;
            }
            if (at == first) {
                throw new IllegalArgumentException(EXPECTED);
            }
        }
        long secondOfDay = hour * 3_600L + minute * 60L + second - offset(text, at);
        if (second == 60 && Math.floorMod(secondOfDay, SECONDS_A_DAY) != 0) {
            throw new IllegalArgumentException("there is no second 60 but at 23:59:60 UTC");
        }
        return Instant.ofEpochSecond(day(text) * SECONDS_A_DAY + secondOfDay, second == 60 ? 0 : nanos);
    }

    private static long day(String text) {
        try {
            return LocalDate.of(number(text, 0, 4, 9999), number(text, 5, 2, 12), number(text, 8, 2, 31))
                    .toEpochDay();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("there is no such day", e);
        }
    }

    /** Seconds east of Greenwich. */
    private static int offset(String text, int at) {
        char sign = at < text.length() ? text.charAt(at) : ' ';
        if ((sign | 0x20) == 'z' && at + 1 == text.length()) {
            return 0;
        }
        if ((sign != '+' && sign != '-') || at + 6 != text.length() || text.charAt(at + 3) != ':') {
            throw new IllegalArgumentException(EXPECTED);
        }
        int seconds = number(text, at + 1, 2, 23) * 3_600 + number(text, at + 4, 2, 59) * 60;
        return sign == '-' ? -seconds : seconds;
    }

    private static int number(String text, int at, int digits, int most) {
        int value = 0;
        for (int i = at; i < at + digits; i++) {
            char c = text.charAt(i);
            if (!isDigit(c)) {
                throw new IllegalArgumentException(EXPECTED);
            }
            value = value * 10 + (c - '0');
        }
        if (value > most) {
            throw new IllegalArgumentException(EXPECTED);
        }
        return value;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
