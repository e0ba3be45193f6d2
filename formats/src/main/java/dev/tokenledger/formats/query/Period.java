package dev.tokenledger.formats.query;

import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.TimeWindow;
import java.time.Instant;
import java.time.ZoneId;

/** A span of the calendar around now. */
public enum Period {
    /** The day that now lies in. */
    TODAY,
    /** The day before it. */
    YESTERDAY,
    /** Monday to Sunday. */
    WEEK,
    /** The calendar month. */
    MONTH,
    /** The calendar month before it. */
    LAST_MONTH,
    /** Everything. */
    ALL;

    /** The whole period: this week is Monday to Sunday, not Monday to now. */
    public TimeWindow window(Instant now, ZoneId zone) {
        return switch (this) {
            case TODAY -> around(CalendarBucket.DAY, now, zone);
            case YESTERDAY ->
                around(CalendarBucket.DAY, CalendarBucket.DAY.startOf(now, zone).minusNanos(1), zone);
            case WEEK -> around(CalendarBucket.WEEK, now, zone);
            case MONTH -> around(CalendarBucket.MONTH, now, zone);
            case LAST_MONTH ->
                around(
                        CalendarBucket.MONTH,
                        CalendarBucket.MONTH.startOf(now, zone).minusNanos(1),
                        zone);
            case ALL -> TimeWindow.all();
        };
    }

    private static TimeWindow around(CalendarBucket bucket, Instant instant, ZoneId zone) {
        return TimeWindow.of(bucket.startOf(instant, zone), bucket.next(instant, zone));
    }
}
