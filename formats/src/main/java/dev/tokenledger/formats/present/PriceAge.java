package dev.tokenledger.formats.present;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * How old prices are, in words.
 *
 * @param newest the newest day (UTC) that a source of them is of
 * @param days how long ago that is; never negative
 */
public record PriceAge(LocalDate newest, long days) {

    /** Prices change about monthly; a book that is older than this misses some. */
    private static final int MAX_DAYS = 45;

    /** The age at an instant of prices whose newest source is of a day. */
    public static PriceAge of(LocalDate newest, Instant now) {
        LocalDate today = now.atOffset(ZoneOffset.UTC).toLocalDate();
        return new PriceAge(newest, Math.max(0, ChronoUnit.DAYS.between(newest, today)));
    }

    /** What people should know, and do; empty while the prices are at most 45 days old. */
    public Optional<String> note() {
        return days > MAX_DAYS
                ? Optional.of("the newest price source is of " + newest + ", " + days
                        + " days ago; 'tokenledger prices update' fetches newer prices")
                : Optional.empty();
    }

    /** The age, however young. */
    public String words() {
        return "newest source: " + newest + ", " + days + (days == 1 ? " day ago" : " days ago");
    }
}
