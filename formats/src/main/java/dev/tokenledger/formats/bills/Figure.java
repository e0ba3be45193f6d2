package dev.tokenledger.formats.bills;

import dev.tokenledger.formats.text.CsvTable;
import dev.tokenledger.formats.text.Names;
import dev.tokenledger.formats.text.Rfc3339;
import dev.tokenledger.text.Decimals;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Numbers, times and currencies as bills write them. */
final class Figure {

    private static final int MAX_DIGITS = 18;
    private static final int MAX_SCALE = 60;

    private Figure() {}

    /** @throws IllegalArgumentException if the number is beyond what a bill can state */
    static BigDecimal checked(BigDecimal number) {
        if (Decimals.digitsBeforePoint(number) > MAX_DIGITS || number.scale() > MAX_SCALE) {
            throw new IllegalArgumentException("expected a number of at most " + MAX_DIGITS + " digits before and "
                    + MAX_SCALE + " after the point, found " + Decimals.shown(number));
        }
        return number;
    }

    static @Nullable BigDecimal of(CsvTable table, String column) {
        BigDecimal number = table.decimal(column);
        if (number == null) {
            return null;
        }
        try {
            return checked(number);
        } catch (IllegalArgumentException e) {
            throw table.mistake(column, String.valueOf(e.getMessage()));
        }
    }

    static BigDecimal orZero(@Nullable BigDecimal number) {
        return number == null ? BigDecimal.ZERO : number;
    }

    /**
     * An instant as seconds since 1970, RFC 3339, or {@code 2026-11-10 09:00:00} with {@code UTC} behind it or nothing, which means
     * the same.
     *
     * @throws IllegalArgumentException if the text is none of these
     */
    static Instant instant(String text) {
        try {
            if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9') && text.length() <= 11) {
                return Instant.ofEpochSecond(Long.parseLong(text));
            }
            if (text.length() == 10) {
                return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
            }
            String plain = text.endsWith(" UTC") ? text.substring(0, text.length() - 4) : text;
            if (plain.length() >= 19 && plain.charAt(10) == ' ') {
                return Rfc3339.parse(plain.substring(0, 10) + "T" + plain.substring(11) + "Z");
            }
            boolean offset = plain.endsWith("Z")
                    || plain.endsWith("z")
                    || plain.lastIndexOf('+') > 10
                    || plain.lastIndexOf('-') > 10;
            return Rfc3339.parse(offset ? plain : plain + "Z");
        } catch (DateTimeException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "expected a time such as 2026-11-10T00:00:00Z, found \"" + Names.shown(text) + "\"", e);
        }
    }

    static Instant instant(CsvTable table, String column) {
        try {
            return instant(table.text(column));
        } catch (IllegalArgumentException e) {
            throw table.mistake(column, String.valueOf(e.getMessage()));
        }
    }

    /**
     * Checks that an amount is in US dollars.
     *
     * @throws IllegalArgumentException if it is in another currency
     */
    static void checkUsd(String currency) {
        if (!currency.isEmpty() && !currency.toUpperCase(Locale.ROOT).equals("USD")) {
            throw new IllegalArgumentException("the amount is in " + Names.shown(currency)
                    + "; bills are compared in USD, as the ledger keeps it: ask for the report in USD");
        }
    }
}
