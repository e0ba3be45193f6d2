package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Counts;
import dev.tokenledger.formats.text.LabelText;
import dev.tokenledger.formats.text.Rfc3339;
import dev.tokenledger.money.Usd;
import dev.tokenledger.text.Decimals;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.TokenCounts;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A row of another program's table, as SQLite writes its values. What decides a figure is refused, by its column's name, if it cannot
 * be.
 *
 * @param values by column; those that are null are not there
 */
record DatabaseRow(Map<String, String> values) {

    /** How SQLite writes a time; it is UTC. */
    private static final Pattern WITHOUT_ZONE = Pattern.compile("[0-9-]{10}[ T][0-9:]{8}(\\.[0-9]+)?");

    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,12}(\\.[0-9]+)?");

    boolean has(String column) {
        return values.containsKey(column);
    }

    String text(String column) {
        return values.getOrDefault(column, "");
    }

    /** A text that a record can keep; empty where there is none. */
    String label(String column) {
        return LabelText.sanitize(text(column), Bound.TEXT);
    }

    /**
     * A count; 0 where it is absent.
     *
     * @throws IllegalArgumentException if it is no whole number from 0 to 10¹²
     */
    long count(String column) {
        try {
            return has(column) ? Counts.parse(text(column), TokenCounts.LIMIT) : 0;
        } catch (IllegalArgumentException e) {
            throw refused(column, String.valueOf(e.getMessage()));
        }
    }

    /**
     * An amount of USD, to the nearest 10⁻¹²; empty where it is absent or 0.
     *
     * @throws IllegalArgumentException if it is no decimal number, or negative
     */
    Optional<Usd> usd(String column) {
        if (!has(column)) {
            return Optional.empty();
        }
        BigDecimal exact;
        try {
            exact = Decimals.parse(text(column));
        } catch (IllegalArgumentException e) {
            throw refused(column, "expected a decimal number of USD");
        }
        if (exact.signum() < 0) {
            throw refused(column, "an amount is not negative");
        }
        return exact.signum() == 0 ? Optional.empty() : Optional.of(Usd.rounded(exact));
    }

    /**
     * A time, in seconds since 1970 or as a text, which is UTC without an offset; null where it is absent.
     *
     * @throws IllegalArgumentException if it is neither
     */
    @Nullable
    Instant time(String column) {
        String text = text(column);
        if (text.isEmpty()) {
            return null;
        }
        if (SECONDS.matcher(text).matches()) {
            return Instant.ofEpochMilli(new BigDecimal(text).movePointRight(3).longValue());
        }
        try {
            return Rfc3339.parse(WITHOUT_ZONE.matcher(text).matches() ? text.replace(' ', 'T') + "Z" : text);
        } catch (IllegalArgumentException e) {
            throw refused(column, String.valueOf(e.getMessage()));
        }
    }

    static IllegalArgumentException refused(String column, String problem) {
        return new IllegalArgumentException(column + ": " + problem);
    }
}
