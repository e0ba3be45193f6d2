package dev.tokenledger.sql.questions;

import dev.tokenledger.backend.SummaryRows;
import dev.tokenledger.sql.engine.PageReader;
import dev.tokenledger.sql.engine.ReadSession;
import dev.tokenledger.sql.records.Combination;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.sql.rollups.Level;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.summary.TooManyGroupsException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Answers a query from {@linkplain RollUpTotals roll-ups}: its window as a whole, or bucket by bucket.
 *
 * <p>Buckets by an attribute are many cells: 700,000 for 90 days, 300 combinations and 40 values. Each takes 70 ns, nearly all
 * of it to read numbers of one to five bytes, which none of three other ways to read them made faster. So several threads
 * share the buckets of a window where there is enough to read.
 *
 * <p>Where there are more groups than an answer holds, a query with a limit is answered in two steps: the first groups of the
 * whole window, then these and the rest of all others bucket by bucket.
 */
final class RollUpQuery {

    /** How many buckets are added up together, at most. */
    private static final int BUCKETS = 256;

    /** How many buckets are added up together before it is known how many groups they have. */
    private static final int FIRST_BUCKETS = 16;

    /** Groups of all buckets that are added up together; each takes four bytes, and 100 if it has records. */
    private static final int GROUPS_TOGETHER = 1 << 18;

    /** Pages that keep one thread busy for two milliseconds. */
    private static final int BYTES_WORTH_A_THREAD = 1 << 19;

    /** @param other whether these are all groups that are not shown; they have no key then */
    private record Group(Instant bucket, List<String> key, Summary summary, boolean other) {}

    /** There are more groups than an answer holds. */
    private static final class OverflowException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private final SummaryQuery query;
    private final Combination[] combinations;
    private final RollUpTotals.@Nullable Attribute attribute;
    private final long from;
    private final long to;

    private final int maxGroups;

    /** Buckets with records, in all parts together. */
    private final AtomicInteger found = new AtomicInteger();

    /** Groups with records, of all buckets and parts together. */
    private final AtomicInteger groupsFound = new AtomicInteger();

    /** The groups that are shown where not all are; null for all. */
    private @Nullable Set<List<String>> shown;

    /**
     * Prepares to answer a query.
     *
     * @param attribute the attribute that the query names, if any
     * @param from the query's window in microseconds, moved in to where there are records
     * @param to its end
     * @param maxGroups the groups that an answer holds
     */
    RollUpQuery(
            SummaryQuery query,
            Combination[] combinations,
            RollUpTotals.@Nullable Attribute attribute,
            long from,
            long to,
            int maxGroups) {
        this.maxGroups = maxGroups;
        this.query = query;
        this.combinations = combinations;
        this.attribute = attribute;
        this.from = from;
        this.to = to;
    }

    /**
     * Adds the groups to rows.
     *
     * @throws TooManyGroupsException if these are more than an answer holds
     */
    void addTo(SummaryRows rows, ReadSession session) throws SQLException {
        try {
            addParts(rows, session);
        } catch (OverflowException e) {
            if (query.limit().isEmpty()) {
                throw SummaryRows.tooManyWithoutLimit(maxGroups);
            }
            if (shown != null) {
                throw SummaryRows.tooManyWithLimit(maxGroups);
            }
            addFirst(rows, session);
        }
    }

    private void addParts(SummaryRows rows, ReadSession session) throws SQLException {
        List<List<Group>> parts = session.inParts(threads(session), from, to, this::read);
        for (List<Group> groups : parts) {
            for (Group group : groups) {
                if (group.other) {
                    rows.addOther(group.bucket, group.summary);
                } else {
                    rows.add(group.bucket, group.key, group.summary);
                }
            }
        }
    }

    /** Adds the first groups of the whole window, and the rest of all others. */
    private void addFirst(SummaryRows rows, ReadSession session) throws SQLException {
        SummaryRows whole = query.bucket().isEmpty() ? rows : new SummaryRows(query, maxGroups);
        Grouping grouping = new Grouping(query, combinations);
        RollUpTotals rolledUp = new RollUpTotals(session, grouping, attribute);
        rolledUp.totals(new long[] {from, to})
                .get(0)
                .forEach((group, summary) -> whole.addWhole(grouping.key(group), Map.of(TimeWindow.MIN, summary)));
        if (query.bucket().isPresent()) {
            shown = whole.wholeKeys();
            found.set(0);
            groupsFound.set(0);
            addTo(rows, session);
        }
    }

    /** How many threads there is enough to read for; 1 or fewer for none but the caller's. */
    long threads(ReadSession session) throws SQLException {
        if (query.bucket().isEmpty()) {
            return 1;
        }
        long by = attribute == null ? 0 : attribute.number();
        Level level = switch (query.bucket().get()) {
            case QUARTER_HOUR -> Level.first(by);
            case HOUR -> Level.HOUR;
            case DAY, WEEK, MONTH -> Level.DAY;
        };
        return session.pages()
                        .bytes(
                                new PageReader.KeyRange(
                                        level.page(by, level.period(from)), level.page(by, level.period(to - 1) + 1)),
                                BUCKETS)
                / BYTES_WORTH_A_THREAD;
    }

    /** The groups of the buckets that begin in a part of the window, its first one in any case. */
    private List<Group> read(ReadSession session, long partFrom, long partTo) throws SQLException {
        Grouping grouping = new Grouping(query, combinations);
        RollUpTotals rolledUp = new RollUpTotals(session, grouping, attribute);
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
            int together = Math.min(BUCKETS, Math.max(1, GROUPS_TOGETHER / Math.max(1, grouping.size())));
            if (grouping.size() == 0) {
                together = FIRST_BUCKETS;
            }
            while (next < end && starts.size() < together) {
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
                next = Math.max(next, nextRecords(session, next));
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

    private boolean add(List<Group> groups, Grouping grouping, Instant bucket, Totals totals) {
        int before = groups.size();
        Summary[] rest = {Summary.ZERO};
        Set<List<String>> only = shown;
        totals.forEach((group, summary) -> {
            List<String> key = grouping.key(group);
            if (only == null || only.contains(key)) {
                if (groupsFound.incrementAndGet() > maxGroups) {
                    throw new OverflowException();
                }
                groups.add(new Group(bucket, key, summary, false));
            } else {
                rest[0] = rest[0].plus(summary);
            }
        });
        if (!rest[0].isNothing()) {
            groups.add(new Group(bucket, List.of(), rest[0], true));
        }
        return groups.size() > before;
    }

    private void countBucket(CalendarBucket calendar) {
        calendar.checkCount(found.incrementAndGet());
    }

    /** Where records begin again, from an instant on. */
    private long nextRecords(ReadSession session, long instant) throws SQLException {
        long quarter = session.records().nextQuarter(Level.QUARTER.period(instant), Level.QUARTER.period(to) + 1);
        return quarter * Level.QUARTER.micros;
    }
}
