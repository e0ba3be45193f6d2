package dev.tokenledger.summary;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A half-open span of time, {@code [start, end)}, with microseconds.
 *
 * @param start inclusive
 * @param end exclusive
 */
public record TimeWindow(Instant start, Instant end) {

    /** The first instant that a record can have. */
    public static final Instant MIN = Instant.parse("1970-01-01T00:00:00Z");

    /** Later than any instant that a record can have. */
    public static final Instant MAX = Instant.parse("9999-12-31T00:00:00.000001Z");

    private static final TimeWindow ALL = new TimeWindow(MIN, MAX);

    /**
     * Bounds beyond what a record can have are moved to it, and cut to microseconds.
     *
     * @throws IllegalArgumentException if the end is before the start
     */
    public TimeWindow {
        start = bounded(start);
        end = bounded(end);
        if (end.isBefore(start)) {
            throw new IllegalArgumentException("a window ends after it starts: from " + start + " to " + end);
        }
    }

    /** Every instant that a record can have. */
    public static TimeWindow all() {
        return ALL;
    }

    /** The window between two instants. */
    public static TimeWindow of(Instant start, Instant end) {
        return new TimeWindow(start, end);
    }

    /** Whether no instant lies in the window. */
    public boolean isEmpty() {
        return start.equals(end);
    }

    /** Whether an instant lies in the window. */
    public boolean contains(Instant instant) {
        return !instant.isBefore(start) && instant.isBefore(end);
    }

    /** What two windows share; empty where they share nothing. */
    public TimeWindow intersect(TimeWindow other) {
        Instant from = start.isAfter(other.start) ? start : other.start;
        Instant to = end.isBefore(other.end) ? end : other.end;
        return to.isBefore(from) ? new TimeWindow(from, from) : new TimeWindow(from, to);
    }

    /** Records carry microseconds, so an instant between two of them bounds the same records as the later one. */
    private static Instant bounded(Instant instant) {
        Instant inside = instant.isBefore(MIN) ? MIN : instant.isAfter(MAX) ? MAX : instant;
        Instant micros = inside.truncatedTo(ChronoUnit.MICROS);
        return micros.equals(inside) ? micros : micros.plus(1, ChronoUnit.MICROS);
    }
}
