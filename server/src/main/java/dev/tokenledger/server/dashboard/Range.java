package dev.tokenledger.server.dashboard;

import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.TimeWindow;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneId;
import java.util.Locale;

/** The spans that a page offers by name. Whole days of the page's zone, today among them unless the name says otherwise. */
enum Range {
    TODAY("Today", Period.ofDays(1)),
    YESTERDAY("Yesterday", Period.ofDays(1)),
    LAST_7_DAYS("7 days", Period.ofDays(7)),
    LAST_30_DAYS("30 days", Period.ofDays(30)),
    LAST_90_DAYS("90 days", Period.ofDays(90)),
    WEEK("This week", Period.ofWeeks(1)),
    MONTH("This month", Period.ofMonths(1)),
    LAST_MONTH("Last month", Period.ofMonths(1)),
    YEAR("This year", Period.ofYears(1)),
    ALL("All time", Period.ZERO);

    /** What a page shows when nothing else is said. */
    static final Range USUAL = LAST_30_DAYS;

    private final String title;
    private final Period length;
    private final String text = name().toLowerCase(Locale.ROOT);

    Range(String title, Period length) {
        this.title = title;
        this.length = length;
    }

    /** The name for people. */
    String title() {
        return title;
    }

    /** The name in addresses. */
    String text() {
        return text;
    }

    /** How far before it the span lies that it is compared with; zero for none. */
    Period length() {
        return length;
    }

    TimeWindow window(Instant now, ZoneId zone) {
        LocalDate today = LocalDate.ofInstant(now, zone);
        return switch (this) {
            case TODAY -> days(today, today.plusDays(1), zone);
            case YESTERDAY -> days(today.minusDays(1), today, zone);
            case LAST_7_DAYS, LAST_30_DAYS, LAST_90_DAYS ->
                days(today.plusDays(1).minus(length), today.plusDays(1), zone);
            case WEEK -> around(CalendarBucket.WEEK, now, zone);
            case MONTH -> around(CalendarBucket.MONTH, now, zone);
            case LAST_MONTH -> {
                LocalDate first = today.withDayOfMonth(1);
                yield days(first.minusMonths(1), first, zone);
            }
            case YEAR -> days(today.withDayOfYear(1), today.withDayOfYear(1).plusYears(1), zone);
            case ALL -> TimeWindow.all();
        };
    }

    private static TimeWindow around(CalendarBucket bucket, Instant now, ZoneId zone) {
        return TimeWindow.of(bucket.startOf(now, zone), bucket.next(now, zone));
    }

    static TimeWindow days(LocalDate from, LocalDate until, ZoneId zone) {
        return TimeWindow.of(
                from.atStartOfDay(zone).toInstant(), until.atStartOfDay(zone).toInstant());
    }
}
