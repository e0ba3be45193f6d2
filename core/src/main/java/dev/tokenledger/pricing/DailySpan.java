package dev.tokenledger.pricing;

import java.time.LocalTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;

/**
 * A span of every UTC day, to the minute; it may run over midnight.
 *
 * @param start inclusive
 * @param end exclusive; not after {@code start} means on the next day
 */
public record DailySpan(LocalTime start, LocalTime end) {

    private static final Pattern FORM = Pattern.compile("[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]");
    private static final int MINUTES_A_DAY = 24 * 60;

    /** @throws IllegalArgumentException if start and end are the same, or no whole minutes */
    public DailySpan {
        if (!start.truncatedTo(ChronoUnit.MINUTES).equals(start)
                || !end.truncatedTo(ChronoUnit.MINUTES).equals(end)) {
            throw new IllegalArgumentException("hours: start and end are whole minutes, found " + start + " to " + end);
        }
        if (start.equals(end)) {
            throw new IllegalArgumentException("hours: start and end are the same; leave hours out for the whole day");
        }
    }

    /**
     * Reads {@code 16:30-00:30}.
     *
     * @throws IllegalArgumentException if the text has another form
     */
    public static DailySpan parse(String text) {
        if (FORM.matcher(text).matches()) {
            try {
                return new DailySpan(LocalTime.parse(text.substring(0, 5)), LocalTime.parse(text.substring(6)));
            } catch (DateTimeParseException e) {
                // Falls through to the one message: an hour such as 27 has the form but is no time.
            }
        }
        throw new IllegalArgumentException("hours: expected a daily UTC span such as \"16:30-00:30\", found \""
                + (text.length() > 32 ? text.substring(0, 32) + "…" : text) + "\"");
    }

    /** Whether a second of the UTC day (0 to 86,399) lies in the span. */
    boolean contains(int secondOfDay) {
        int from = start.toSecondOfDay();
        int to = end.toSecondOfDay();
        return from < to ? secondOfDay >= from && secondOfDay < to : secondOfDay >= from || secondOfDay < to;
    }

    /** Whether the span ends on the next day, at midnight at the earliest. */
    boolean isOverMidnight() {
        return !start.isBefore(end);
    }

    boolean overlaps(DailySpan other) {
        for (int minute = 0; minute < MINUTES_A_DAY; minute++) {
            if (contains(minute * 60) && other.contains(minute * 60)) {
                return true;
            }
        }
        return false;
    }

    /** The form that {@link #parse} reads. */
    @Override
    public String toString() {
        return start + "-" + end;
    }
}
