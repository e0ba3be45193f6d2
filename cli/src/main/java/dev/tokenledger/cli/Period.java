package dev.tokenledger.cli;

import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.TimeWindow;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;

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
    static final class Converter extends Converters.Choice<Period> {
        Converter() {
            super("period", values());
        }
    }

    /** The names, for shells that complete them. */
    static final class Names implements Iterable<String> {
        @Override
        public java.util.Iterator<String> iterator() {
            return List.of("today", "yesterday", "week", "month", "all").iterator();
        }
    }
}
