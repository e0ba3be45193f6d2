package dev.tokenledger.sqlite;

import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.SummaryRows;
import dev.tokenledger.summary.TimeWindow;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Answers questions about totals, in one of three ways: from {@linkplain RolledUpAnswer roll-ups}, when the query names
 * rolled-up dimensions and at most one attribute key that is not too wide; from the records of one session or
 * conversation, by its index; else from all records of the window.
 */
final class Summaries {

    private static final int NAMES = 500;

    private final Handle handle;
    private final Connections connections;
    private final SummaryQuery query;
    private final Combination[] combinations;
    private final SummaryRows rows;
    private final long from;
    private final long to;

    private Summaries(Handle handle, Connections connections, Combinations combinations, SummaryQuery query)
            throws SQLException {
        this.handle = handle;
        this.connections = connections;
        this.query = query;
        this.combinations = combinations.read(handle);
        rows = new SummaryRows(query);
        // Moved in to where there are records, so that "all time" is not eight thousand years of empty periods.
        long first = handle.number("SELECT coalesce(min(quarter), 0) FROM runs");
        long last = handle.number("SELECT coalesce(max(quarter), -1) FROM runs");
        from = Math.max(Values.micros(query.window().start()), first * Level.QUARTER.micros);
        to = Math.min(Values.micros(query.window().end()), (last + 1) * Level.QUARTER.micros);
    }

    static List<GroupedSummary> answer(
            Handle handle, Connections connections, Combinations combinations, SummaryQuery query) throws SQLException {
        Summaries summaries = new Summaries(handle, connections, combinations, query);
        if (summaries.from < summaries.to) {
            summaries.read();
        }
        return summaries.rows.rows();
    }

    /** Whether roll-ups answer a query: it names rolled-up dimensions and at most one attribute key that is not too wide. */
    static boolean areRolledUp(Handle handle, SummaryQuery query) throws SQLException {
        Set<Dimension> others = Grouping.others(query);
        return others.isEmpty()
                || (others.size() == 1
                        && attribute(handle, query, others.iterator().next()) != null);
    }

    /** Whether neither roll-ups nor the index of sessions and conversations answer a query. */
    static boolean readsRecords(Handle handle, SummaryQuery query) throws SQLException {
        return query.filters().getOrDefault(Dimension.SESSION, "").isEmpty()
                && query.filters().getOrDefault(Dimension.CONVERSATION, "").isEmpty()
                && !areRolledUp(handle, query);
    }

    private void read() throws SQLException {
        String session = query.filters().getOrDefault(Dimension.SESSION, "");
        String conversation = query.filters().getOrDefault(Dimension.CONVERSATION, "");
        Set<Dimension> others = Grouping.others(query);
        if (!session.isEmpty()) {
            readThreads(others, "session", session);
        } else if (!conversation.isEmpty()) {
            readThreads(others, "conversation", conversation);
        } else if (areRolledUp(handle, query)) {
            readRolledUp(
                    others.isEmpty()
                            ? null
                            : attribute(handle, query, others.iterator().next()));
        } else {
            readRecords(others);
        }
    }

    /** The attribute that a dimension is about; null if it is about none, or one that is not rolled up. */
    private static RolledUp.@Nullable Attribute attribute(Handle handle, SummaryQuery query, Dimension dimension)
            throws SQLException {
        Optional<String> key = dimension.attributeKey();
        if (key.isEmpty()) {
            return null;
        }
        long number = 0;
        PreparedStatement select = handle.statement("SELECT id, wide FROM attribute_keys WHERE name = ?");
        select.setString(1, key.get());
        try (ResultSet row = select.executeQuery()) {
            if (row.next()) {
                if (row.getLong(2) != 0) {
                    return null;
                }
                number = row.getLong(1);
            }
        }
        return new RolledUp.Attribute(key.get(), number, query.filters().get(dimension));
    }

    private void readRolledUp(RolledUp.@Nullable Attribute attribute) throws SQLException {
        new RolledUpAnswer(query, combinations, attribute, from, to).addTo(rows, handle, connections);
    }

    /**
     * What tells single records' groups apart before their names are known.
     *
     * @param combination one that stands for all that the query does not tell apart
     * @param values the number of those of the attributes
     */
    private record Cell(int combination, long thread, int values) {
        /** Spreads numbers that rise together, which the usual one throws into a few heaps. */
        @Override
        public int hashCode() {
            return Long.hashCode((thread * 31 + values) * 0x9e37_79b9_7f4a_7c15L + combination);
        }
    }

    /** The cells of one bucket. */
    private static final class Bucket {
        final Instant start;
        final Map<Cell, Integer> numbers = new HashMap<>();
        final List<Cell> cells = new ArrayList<>();
        final Totals totals = new Totals();

        Bucket(Instant start) {
            this.start = start;
        }

        /** The number of a cell among the totals. */
        int number(Cell cell) {
            Integer known = numbers.get(cell);
            if (known == null) {
                known = cells.size();
                numbers.put(cell, known);
                cells.add(cell);
            }
            return known;
        }

        void add(Bucket other) {
            for (int i = 0; i < other.cells.size(); i++) {
                totals.add(number(other.cells.get(i)), other.totals, i);
            }
        }
    }

    private void readThreads(Set<Dimension> others, String column, String value) throws SQLException {
        Grouping grouping = new Grouping(query, combinations);
        NamedValues values = new NamedValues(others, query.filters());
        Buckets buckets = new Buckets();
        scan(handle, grouping, others, values, buckets).ofThreads(column, value, from, to);
        addRecords(grouping, others, values, buckets.all.values());
    }

    private void readRecords(Set<Dimension> others) throws SQLException {
        Grouping grouping = new Grouping(query, combinations);
        NamedValues values = new NamedValues(others, query.filters());
        List<Buckets> parts = ParallelScan.read(handle, connections, from, to, (connection, start, end) -> {
            Buckets buckets = new Buckets();
            scan(connection, grouping, others, values, buckets).between(start, end);
            return buckets;
        });
        Buckets whole = parts.get(0);
        parts.subList(1, parts.size()).forEach(whole::add);
        addRecords(grouping, others, values, whole.all.values());
    }

    /** A scan that adds single records up by the number of their session and by the values of their attributes. */
    private RecordScan scan(
            Handle connection, Grouping grouping, Set<Dimension> others, NamedValues values, Buckets buckets) {
        Set<RecordScan.Column> wanted = EnumSet.noneOf(RecordScan.Column.class);
        if (query.bucket().isPresent()) {
            wanted.add(RecordScan.Column.OCCURRED);
        }
        if (byThread(others)) {
            wanted.add(RecordScan.Column.THREAD);
        }
        if (!values.isEmpty()) {
            wanted.add(RecordScan.Column.ATTRIBUTES);
        }
        int[] alike = grouping.alike();
        NamedValues.Reader sets = values.new Reader(connection);
        return new RecordScan(
                connection, wanted, values.contained(), (occurred, combination, thread, attributes, figures) -> {
                    int named = values.isEmpty() ? 0 : sets.of(attributes);
                    if (named != NamedValues.NONE) {
                        Bucket bucket = buckets.find(occurred);
                        int number = bucket.number(new Cell(alike[combination], thread, named));
                        bucket.totals.add(number, figures, 1, grouping.status(combination));
                    }
                });
    }

    private static boolean byThread(Set<Dimension> others) {
        return others.contains(Dimension.SESSION) || others.contains(Dimension.CONVERSATION);
    }

    /** Looks up the names of sessions, of which there are fewer than records. */
    private void addRecords(Grouping grouping, Set<Dimension> others, NamedValues values, Collection<Bucket> buckets)
            throws SQLException {
        Map<Long, String[]> threads = byThread(others) ? threads(buckets) : Map.of();
        for (Bucket bucket : buckets) {
            Map<Integer, List<String>> keys = new HashMap<>();
            for (int i = 0; i < bucket.cells.size(); i++) {
                Cell cell = bucket.cells.get(i);
                String[] thread = threads.getOrDefault(cell.thread, new String[] {"", ""});
                int group = grouping.number(
                        cell.combination,
                        dimension -> dimension
                                .attributeKey()
                                .map(key -> values.value(cell.values, key))
                                .orElseGet(() -> thread[dimension.equals(Dimension.SESSION) ? 0 : 1]));
                if (group != Grouping.NONE) {
                    keys.put(i, grouping.key(group));
                }
            }
            bucket.totals.forEach((number, summary) -> {
                List<String> key = keys.get(number);
                if (key != null) {
                    rows.add(bucket.start, key, summary);
                }
            });
        }
    }

    /** Finds the bucket of an instant, mostly that of the one before. Used by one thread at a time. */
    private final class Buckets {

        final Map<Instant, Bucket> all = new HashMap<>();
        private @Nullable Bucket last;
        private long lastFrom;
        private long lastTo;

        Bucket find(long occurred) {
            Bucket bucket = last;
            if (bucket == null || occurred < lastFrom || occurred >= lastTo) {
                Instant start = TimeWindow.MIN;
                lastFrom = Long.MIN_VALUE;
                lastTo = Long.MAX_VALUE;
                if (query.bucket().isPresent()) {
                    CalendarBucket calendar = query.bucket().get();
                    start = calendar.startOf(Values.instant(occurred), query.zone());
                    lastFrom = Values.micros(start);
                    lastTo = Values.micros(calendar.next(start, query.zone()));
                }
                bucket = all.computeIfAbsent(start, Bucket::new);
                last = bucket;
            }
            return bucket;
        }

        void add(Buckets others) {
            others.all.forEach(
                    (start, bucket) -> all.computeIfAbsent(start, Bucket::new).add(bucket));
        }
    }

    /** The session and conversation of each thread. */
    private Map<Long, String[]> threads(Iterable<Bucket> buckets) throws SQLException {
        Map<Long, String[]> names = new HashMap<>();
        StringBuilder ids = new StringBuilder();
        int count = 0;
        for (Bucket bucket : buckets) {
            for (Cell cell : bucket.cells) {
                if (cell.thread != 0 && names.putIfAbsent(cell.thread, new String[] {"", ""}) == null) {
                    ids.append(count++ == 0 ? "" : ",").append(cell.thread);
                }
                if (count == NAMES) {
                    readThreads(ids, names);
                    count = 0;
                }
            }
        }
        readThreads(ids, names);
        return names;
    }

    private void readThreads(StringBuilder ids, Map<Long, String[]> names) throws SQLException {
        handle.checkLimit();
        PreparedStatement select = handle.statement("SELECT id, session, conversation FROM threads"
                + " WHERE id IN (SELECT value FROM json_each('[' || ? || ']'))");
        select.setString(1, ids.toString());
        ids.setLength(0);
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                names.put(row.getLong(1), new String[] {Values.idText(row.getObject(2)), Values.idText(row.getObject(3))
                });
            }
        }
    }
}
