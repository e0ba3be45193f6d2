package dev.tokenledger.sqlite;

import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.SummaryRows;
import dev.tokenledger.summary.TimeWindow;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Answers a query from {@linkplain RolledUp roll-ups}: its window as a whole, or bucket by bucket.
 *
 * <p>Buckets by an attribute are many cells: 700,000 for 90 days, 300 combinations and 40 values. Each takes 70 ns, nearly all
 * of it to read numbers of one to five bytes, which none of three other ways to read them made faster. So several threads
 * share the buckets of a window where there is enough to read.
 */
final class RolledUpAnswer {

    /** How many buckets are added up together. */
    private static final int BUCKETS = 256;

    /** Pages that keep one thread busy for two milliseconds. */
    private static final int BYTES_WORTH_A_THREAD = 1 << 19;

    /** Reads no cells, only how many bytes they are; no further than matters. */
    private static final String BYTES = "SELECT sum(bytes) FROM"
            + " (SELECT length(cells) AS bytes FROM pages WHERE key >= ? AND key < ? LIMIT " + BUCKETS + ")";

    private record Group(Instant bucket, List<String> key, Summary summary) {}

    private final SummaryQuery query;
    private final Combination[] combinations;
    private final RolledUp.@Nullable Attribute attribute;
    private final long from;
    private final long to;

    /** Buckets with records, in all parts together. */
    private final AtomicInteger found = new AtomicInteger();

    /**
     * Prepares to answer a query.
     *
     * @param attribute the attribute that the query names, if any
     * @param from the query's window in microseconds, moved in to where there are records
     * @param to its end
     */
    RolledUpAnswer(
            SummaryQuery query,
            Combination[] combinations,
            RolledUp.@Nullable Attribute attribute,
            long from,
            long to) {
        this.query = query;
        this.combinations = combinations;
        this.attribute = attribute;
        this.from = from;
        this.to = to;
    }

    /** Adds the groups to rows. */
    void addTo(SummaryRows rows, Handle handle, Connections connections) throws SQLException {
        List<List<Group>> parts = ParallelScan.inParts(handle, connections, threads(handle), from, to, this::read);
        for (List<Group> groups : parts) {
            groups.forEach(group -> rows.add(group.bucket, group.key, group.summary));
        }
    }

    /** How many threads there is enough to read for; 1 or fewer for none but the caller's. */
    long threads(Handle handle) throws SQLException {
        if (query.bucket().isEmpty()) {
            return 1;
        }
        long by = attribute == null ? 0 : attribute.number();
        Level level = switch (query.bucket().get()) {
            case QUARTER_HOUR -> Level.first(by);
            case HOUR -> Level.HOUR;
            case DAY, WEEK, MONTH -> Level.DAY;
        };
        return handle.number(BYTES, level.page(by, level.period(from)), level.page(by, level.period(to - 1) + 1))
                / BYTES_WORTH_A_THREAD;
    }

    /** The groups of the buckets that begin in a part of the window, its first one in any case. */
    private List<Group> read(Handle handle, long partFrom, long partTo) throws SQLException {
        Grouping grouping = new Grouping(query, combinations);
        RolledUp rolledUp = new RolledUp(handle, grouping, attribute);
        List<Group> groups = new ArrayList<>();
        if (query.bucket().isEmpty()) {
            add(
                    groups,
                    grouping,
                    TimeWindow.MIN,
                    rolledUp.totals(new long[] {from, to}).get(0));
            return groups;
        }
        CalendarBucket calendar = query.bucket().get();
        long next = partFrom == from ? from : firstBucket(calendar, partFrom);
        long end = partTo == to ? to : firstBucket(calendar, partTo);
        while (next < end) {
            List<Instant> starts = new ArrayList<>();
            List<Long> bounds = new ArrayList<>();
            bounds.add(next);
            Instant start = calendar.startOf(Values.instant(next), query.zone());
            while (next < end && starts.size() < BUCKETS) {
                starts.add(start);
                start = calendar.next(start, query.zone());
                next = Math.min(end, Values.micros(start));
                bounds.add(next);
            }
            List<Totals> totals =
                    rolledUp.totals(bounds.stream().mapToLong(Long::longValue).toArray());
            int before = groups.size();
            for (int i = 0; i < totals.size(); i++) {
                if (add(groups, grouping, starts.get(i), totals.get(i))) {
                    countBucket(calendar);
                }
            }
            if (groups.size() == before) {
                next = Math.max(next, nextRecords(handle, next));
            }
        }
        return groups;
    }

    /** Where the first bucket begins that begins no earlier than an instant; the window's end at the latest. */
    private long firstBucket(CalendarBucket calendar, long instant) {
        Instant start = calendar.startOf(Values.instant(instant), query.zone());
        return Values.micros(start) == instant
                ? instant
                : Math.min(to, Values.micros(calendar.next(start, query.zone())));
    }

    private static boolean add(List<Group> groups, Grouping grouping, Instant bucket, Totals totals) {
        int before = groups.size();
        totals.forEach((group, summary) -> groups.add(new Group(bucket, grouping.key(group), summary)));
        return groups.size() > before;
    }

    private void countBucket(CalendarBucket calendar) {
        calendar.checkCount(found.incrementAndGet());
    }

    /** Where records begin again, from an instant on. */
    private long nextRecords(Handle handle, long instant) throws SQLException {
        long quarter = handle.number(
                "SELECT coalesce(min(quarter), ?) FROM runs WHERE quarter >= ?",
                Level.QUARTER.period(to) + 1,
                Level.QUARTER.period(instant));
        return quarter * Level.QUARTER.micros;
    }
}
