package dev.tokenledger.cli;

import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.TimeWindow;
import java.time.Instant;
import java.time.ZoneId;

/** A span of the calendar around now. */
enum Period {
    TODAY,
    YESTERDAY,
    WEEK,
    MONTH,
    ALL;

    /** The whole period: this week is Monday to Sunday, not Monday to now. */
    TimeWindow window(Instant now, ZoneId zone) {
        return switch (this) {
            case TODAY -> around(CalendarBucket.DAY, now, zone);
            case YESTERDAY ->
                around(CalendarBucket.DAY, CalendarBucket.DAY.startOf(now, zone).minusNanos(1), zone);
            case WEEK -> around(CalendarBucket.WEEK, now, zone);
            case MONTH -> around(CalendarBucket.MONTH, now, zone);
            case ALL -> TimeWindow.all();
        };
    }

    private static TimeWindow around(CalendarBucket bucket, Instant instant, ZoneId zone) {
        return TimeWindow.of(bucket.startOf(instant, zone), bucket.next(instant, zone));
    }

    /** Reads a period's name. */
    static Converters.Choice<Period> converter() {
        return new Converters.Choice<>("period", values());
    }
}
