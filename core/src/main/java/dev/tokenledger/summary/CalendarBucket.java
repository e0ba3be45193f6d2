package dev.tokenledger.summary;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.TemporalAdjusters;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A period of the calendar in some zone. The buckets of a zone follow each other without gap or overlap, so an instant
 * lies in exactly one, on days of 23 and 25 hours too.
 *
 * <p>Where a clock is changed within an hour (by 30 minutes, or at one minute past midnight), an hour ends and another
 * begins with the change. Where it is set back over midnight, the new day has begun and goes on.
 */
public enum CalendarBucket {
    /** Fifteen minutes of the clock on the wall. */
    QUARTER_HOUR(900),
    /** An hour of the clock on the wall. */
    HOUR(3_600),
    /** A day from midnight, or from the first moment the zone has of it. */
    DAY(86_400),
    /** A week from Monday (ISO 8601). */
    WEEK(7 * 86_400),
    /** A month of the calendar. */
    MONTH(30 * 86_400);

    /** The most buckets that one answer can have. */
    public static final int MAX_BUCKETS = 100_000;

    /** The length on a day when nobody changes the clock; of account for parts of a day alone. */
    private final long seconds;

    private final String text = name().toLowerCase(Locale.ROOT);

    CalendarBucket(long seconds) {
        this.seconds = seconds;
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
        return switch (this) {
            case QUARTER_HOUR, HOUR -> startOnTheClock(instant, zone.getRules());
            case DAY, WEEK, MONTH -> firstDate(instant, zone).atStartOfDay(zone).toInstant();
        };
    }

    /** The first instant of the next bucket. */
    public Instant next(Instant instant, ZoneId zone) {
        if (this == QUARTER_HOUR || this == HOUR) {
            ZoneRules rules = zone.getRules();
            long offset = rules.getOffset(instant).getTotalSeconds();
            long end = (Math.floorDiv(instant.getEpochSecond() + offset, seconds) + 1) * seconds - offset;
            Instant next = Instant.ofEpochSecond(end);
            ZoneOffsetTransition change = rules.nextTransition(instant);
            return change != null && change.getInstant().isBefore(next) ? change.getInstant() : next;
        }
        Instant start = startOf(instant, zone);
        LocalDate date = after(firstDate(instant, zone));
        Instant next = date.atStartOfDay(zone).toInstant();
        while (!next.isAfter(start)) {
            date = after(date);
            next = date.atStartOfDay(zone).toInstant();
        }
        return next;
    }

    private Instant startOnTheClock(Instant instant, ZoneRules rules) {
        ZoneOffset offset = rules.getOffset(instant);
        long wall = instant.getEpochSecond() + offset.getTotalSeconds();
        Instant start = Instant.ofEpochSecond(wall - Math.floorMod(wall, seconds) - offset.getTotalSeconds());
        if (rules.getOffset(start).equals(offset)) {
            return start;
        }
        // The clock was changed in between, and the bucket began with the change.
        ZoneOffsetTransition change = rules.previousTransition(instant.plusNanos(1));
        return change == null || change.getInstant().isBefore(start) ? start : change.getInstant();
    }

    /** The date that the day, week or month of an instant began with. */
    private LocalDate firstDate(Instant instant, ZoneId zone) {
        LocalDate first = first(LocalDate.ofInstant(instant, zone));
        // A clock that is set back over midnight shows yesterday's date again; today has begun all the same.
        LocalDate next = after(first);
        while (!next.atStartOfDay(zone).toInstant().isAfter(instant)) {
            first = next;
            next = after(first);
        }
        return first;
    }

    private LocalDate first(LocalDate date) {
        return switch (this) {
            case WEEK -> date.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
            case MONTH -> date.withDayOfMonth(1);
            default -> date;
        };
    }

    private LocalDate after(LocalDate first) {
        return switch (this) {
            case WEEK -> first.plusWeeks(1);
            case MONTH -> first.plusMonths(1);
            default -> first.plusDays(1);
        };
    }

    /**
     * The buckets that cut a window, in order: their first instants, the first one at or before the window's start.
     *
     * @throws TooManyGroupsException if there are more than {@link #MAX_BUCKETS}
     */
    public List<Instant> starts(TimeWindow window, ZoneId zone) {
        List<Instant> starts = new ArrayList<>();
        if (window.isEmpty()) {
            return starts;
        }
        Instant start = startOf(window.start(), zone);
        while (start.isBefore(window.end())) {
            starts.add(start);
            checkCount(starts.size());
            start = next(start, zone);
        }
        return starts;
    }

    /** @throws TooManyGroupsException if so many buckets are more than {@link #MAX_BUCKETS} */
    public void checkCount(int buckets) {
        if (buckets > MAX_BUCKETS) {
            throw new TooManyGroupsException("more than " + MAX_BUCKETS + " buckets of " + (this == HOUR ? "an " : "a ")
                    + text.replace('_', ' ') + "; ask for a larger bucket or a shorter window");
        }
    }
}
