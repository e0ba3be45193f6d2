package dev.tokenledger.cli;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.regex.Pattern;

/** Points in time as people write and read them. */
final class Times {

    private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");
    private static final Pattern LOCAL = Pattern.compile(DATE + "[T ][0-9:.]+");
    private static final Pattern ABSOLUTE = Pattern.compile(DATE + "[Tt ][0-9:.]+([Zz]|[+-][0-9]{2}:[0-9]{2})");

    private Times() {}

    /**
     * Reads a date (its first moment in the zone), a date and time in the zone, or one with its own offset.
     *
     * @param what the option, for the message
     */
    static Instant parse(String what, String text, ZoneId zone) {
        try {
            if (DATE.matcher(text).matches()) {
                return LocalDate.parse(text).atStartOfDay(zone).toInstant();
            }
            String iso = text.replace(' ', 'T');
            if (LOCAL.matcher(text).matches()) {
                return LocalDateTime.parse(iso).atZone(zone).toInstant();
            }
            if (ABSOLUTE.matcher(text).matches()) {
                return OffsetDateTime.parse(iso).toInstant();
            }
        } catch (DateTimeException e) {
            // The one message below says it: 2026-02-30 has the form but is no date.
        }
        throw new UsageException("Invalid value for option '" + what
                + "': expected a date such as 2026-11-01 or a time such as 2026-11-01T09:30:00Z, found "
                + Converters.quoted(text));
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
