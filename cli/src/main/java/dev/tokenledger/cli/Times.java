package dev.tokenledger.cli;

import dev.tokenledger.formats.query.TimeText;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;

/** Points in time as people write and read them. */
final class Times {

    private Times() {}

    /**
     * Reads a date (its first moment in the zone), a date and time in the zone, or one with its own offset.
     *
     * @param what the option, for the message
     */
    static Instant parse(String what, String text, ZoneId zone) {
        try {
            return TimeText.parse(text, zone);
        } catch (IllegalArgumentException e) {
            throw new UsageException("Invalid value for option '" + what + "': " + e.getMessage());
        }
    }

    /** The clock on the wall, to the minute unless there is more to say: {@code 2026-11-01 09:30}. */
    static String wall(Instant instant, ZoneId zone) {
        ZonedDateTime time = instant.atZone(zone);
        String clock = time.toLocalTime().toString();
        return time.toLocalDate() + " " + clock;
    }

    /** The clock on the wall to the second: {@code 2026-11-01 09:30:07}. */
    static String second(Instant instant, ZoneId zone) {
        ZonedDateTime time = instant.atZone(zone).withNano(0);
        String clock = time.toLocalTime().toString();
        return time.toLocalDate() + " " + (clock.length() == 5 ? clock + ":00" : clock);
    }
}
