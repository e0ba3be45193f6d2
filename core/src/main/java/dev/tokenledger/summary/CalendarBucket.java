package dev.tokenledger.summary;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A period of the calendar in some zone. The buckets of a zone follow each other without gap or overlap, so an instant
 * lies in exactly one, on days of 23 and 25 hours too.
 */
public enum CalendarBucket {
    /** Fifteen minutes of the clock on the wall. */
    QUARTER_HOUR(Duration.ofMinutes(15)),
    /** An hour of the clock on the wall. */
    HOUR(Duration.ofHours(1)),
    /** A day from midnight, or from the first moment the zone has of it. */
    DAY(Duration.ofDays(1)),
    /** A week from Monday (ISO 8601). */
    WEEK(Duration.ofDays(7)),
    /** A month of the calendar. */
    MONTH(Duration.ofDays(28));

    /** The most buckets that one query can ask for. */
    public static final int MOST = 100_000;

    /** Zones change their clocks by whole quarters of an hour, so steps of one find every boundary. */
    private static final Duration STEP = Duration.ofMinutes(15);

    private final Duration usual;
    private final String text = name().toLowerCase(Locale.ROOT);

    CalendarBucket(Duration usual) {
        this.usual = usual;
    }

    /** The name in queries. */
    public String text() {
        return text;
    }

    /**
     * The bucket of this name.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public static CalendarBucket parse(String text) {
        for (CalendarBucket bucket : values()) {
            if (bucket.text.equals(text.strip())) {
                return bucket;
            }
        }
        throw new IllegalArgumentException(
                "unknown bucket \"" + text + "\"; expected quarter_hour, hour, day, week or month");
    }

    /** The first instant of the bucket that an instant lies in. */
    public Instant startOf(Instant instant, ZoneId zone) {
        ZonedDateTime local = instant.atZone(zone);
        Instant start = switch (this) {
            case QUARTER_HOUR ->
                local.truncatedTo(ChronoUnit.HOURS)
                        .plusMinutes(local.getMinute() / 15 * 15L)
                        .toInstant();
            case HOUR -> local.truncatedTo(ChronoUnit.HOURS).toInstant();
            case DAY -> local.toLocalDate().atStartOfDay(zone).toInstant();
            case WEEK ->
                local.toLocalDate()
                        .with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY))
                        .atStartOfDay(zone)
                        .toInstant();
            case MONTH ->
                LocalDate.of(local.getYear(), local.getMonth(), 1)
                        .atStartOfDay(zone)
                        .toInstant();
        };
        // Where a clock is set back across a boundary, the later of two equal wall times can look like an earlier
        // start.
        return start.isAfter(instant) ? instant : start;
    }

    /** The first instant of the next bucket. */
    public Instant next(Instant instant, ZoneId zone) {
        Instant start = startOf(instant, zone);
        Instant probe = start.plus(usual);
        Instant next = startOf(probe, zone);
        while (!next.isAfter(start)) {
            probe = probe.plus(STEP);
            next = startOf(probe, zone);
        }
        return next;
    }

    /**
     * The buckets that cut a window, in order: their first instants, the first one at or before the window's start.
     *
     * @throws IllegalArgumentException if there are more than {@link #MOST}
     */
    public List<Instant> starts(TimeWindow window, ZoneId zone) {
        List<Instant> starts = new ArrayList<>();
        if (window.isEmpty()) {
            return starts;
        }
        Instant start = startOf(window.start(), zone);
        while (start.isBefore(window.end())) {
            if (starts.size() == MOST) {
                throw new IllegalArgumentException("more than " + MOST + " buckets of a " + text + " from "
                        + window.start() + " to " + window.end() + "; ask for a larger bucket or a shorter window");
            }
            starts.add(start);
            start = next(start, zone);
        }
        return starts;
    }
}
