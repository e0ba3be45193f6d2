package dev.tokenledger.formats.query;

import dev.tokenledger.formats.text.Rfc3339;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.regex.Pattern;

/** Points in time and zones as people write them. */
public final class TimeText {

    private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");
    private static final Pattern LOCAL = Pattern.compile(DATE + "[T ][0-9:.]+");
    private static final Pattern ABSOLUTE = Pattern.compile(DATE + "[Tt ][0-9:.]+([Zz]|[+-][0-9]{2}:[0-9]{2})");

    /** Of the absolute times those with seconds, which are read as in records: with leap seconds and wide offsets. */
    private static final Pattern RFC_3339 =
            Pattern.compile(DATE + "[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})");

    private TimeText() {}

    /**
     * Reads a date (its first moment in the zone), a date and time in the zone, or one with its own offset.
     *
     * @throws IllegalArgumentException if the text is none of these
     */
    public static Instant parse(String text, ZoneId zone) {
        try {
            if (DATE.matcher(text).matches()) {
                return LocalDate.parse(text).atStartOfDay(zone).toInstant();
            }
            String iso = text.replace(' ', 'T');
            if (LOCAL.matcher(text).matches()) {
                return LocalDateTime.parse(iso).atZone(zone).toInstant();
            }
            if (RFC_3339.matcher(text).matches()) {
                return Rfc3339.parse(iso);
            }
            if (ABSOLUTE.matcher(text).matches()) {
                return OffsetDateTime.parse(iso).toInstant();
            }
        } catch (IllegalArgumentException | DateTimeException e) {
            // The one message below says it: 2026-02-30 has the form but is no date.
        }
        throw new IllegalArgumentException(
                "expected a date such as 2026-11-01 or a time such as 2026-11-01T09:30:00Z, found "
                        + Words.quoted(text));
    }

    /**
     * Reads a zone's name or offset.
     *
     * @throws IllegalArgumentException if there is no such zone
     */
    public static ZoneId zone(String text) {
        try {
            return ZoneId.of(text.strip());
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "unknown zone " + Words.quoted(text)
                            + "; expected a name such as Europe/Berlin, UTC, or an offset such as +05:45",
                    e);
        }
    }

    /** A zone's name, for {@link #zone} to read: that of UTC has many spellings. */
    public static String name(ZoneId zone) {
        return zone.normalized().equals(ZoneOffset.UTC) ? "UTC" : zone.getId();
    }
}
