package dev.tokenledger.server.dashboard;

import dev.tokenledger.Ledger;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;

/**
 * The latest calls of a window, as many as can be added up one by one while somebody waits for a page. Sessions,
 * conversations and attributes with very many values have no roll-ups by period, so that what each of them used in a window
 * is known only from its calls.
 */
final class RecentCalls {

    /** How many: a ledger on disk adds up a million a second or fewer. */
    private static final long MAX_CALLS = 25_000;

    /** Nearly every call has a set of attributes of its own to look into, and a group of its own. */
    private static final long MAX_CALLS_BY_ATTRIBUTE = 5_000;

    private static final List<CalendarBucket> SIZES =
            List.of(CalendarBucket.MONTH, CalendarBucket.DAY, CalendarBucket.HOUR, CalendarBucket.QUARTER_HOUR);

    private RecentCalls() {}

    /** How many calls are told apart by dimensions. */
    static long most(List<Dimension> dimensions) {
        return dimensions.stream()
                        .anyMatch(dimension -> dimension.attributeKey().isPresent())
                ? MAX_CALLS_BY_ATTRIBUTE
                : MAX_CALLS;
    }

    /**
     * The part of a window, up to its end, that has no more than so many calls; all of it if it has no more. Found from
     * roll-ups, in buckets that become smaller where one of them has too many; never less than the last one with calls.
     */
    static TimeWindow of(Ledger ledger, TimeWindow window, ZoneId zone, long most) {
        Instant unread = window.start();
        long read = 0;
        TimeWindow looked = window;
        for (CalendarBucket size : SIZES) {
            List<GroupedSummary> buckets =
                    ledger.summaries(SummaryQuery.over(looked).every(size, zone).build());
            int next = buckets.size() - 1;
            while (next >= 0 && read + calls(buckets.get(next)) <= most) {
                read += calls(buckets.get(next));
                next--;
            }
            if (next < 0) {
                return TimeWindow.of(looked.start(), window.end());
            }
            TimeWindow full = bucket(buckets.get(next), size, zone).intersect(looked);
            unread = read == 0 ? full.start() : full.end();
            looked = full;
        }
        return TimeWindow.of(unread, window.end());
    }

    private static long calls(GroupedSummary bucket) {
        return bucket.summary().totalRecords();
    }

    /** What a row with a bucket covers. */
    static TimeWindow bucket(GroupedSummary row, CalendarBucket size, ZoneId zone) {
        Instant start = row.bucket().orElseThrow().toInstant();
        return TimeWindow.of(start, size.next(start, zone));
    }
}
