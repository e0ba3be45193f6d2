package dev.tokenledger.cli;

import dev.tokenledger.pricing.PriceBook;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How old the prices are that ship with the program or were fetched since.
 *
 * @param newest the newest day that a source is of
 * @param days how long ago that is; never negative
 */
record PriceAge(LocalDate newest, long days) {

    /** Prices change about monthly; a book that is older than this misses some. */
    private static final int MAX_DAYS = 45;

    static PriceAge of(Path updatedPrices, Instant now) {
        LocalDate newest = Stream.of(PriceBook.bundled().newestSource(), UpdatedPrices.day(updatedPrices))
                .flatMap(Optional::stream)
                .max(LocalDate::compareTo)
                .orElse(LocalDate.EPOCH);
        LocalDate today = now.atOffset(ZoneOffset.UTC).toLocalDate();
        return new PriceAge(newest, Math.max(0, ChronoUnit.DAYS.between(newest, today)));
    }

    /** What people should know; empty while the prices are young enough. */
    Optional<String> note() {
        return days > MAX_DAYS
                ? Optional.of("the newest price source is of " + newest + ", " + days
                        + " days ago; 'tokenledger prices update' fetches newer prices")
                : Optional.empty();
    }

    /** The age in words. */
    String words() {
        return "newest source: " + newest + ", " + days + (days == 1 ? " day ago" : " days ago");
    }
}
