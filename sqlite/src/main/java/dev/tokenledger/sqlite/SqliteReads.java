package dev.tokenledger.sqlite;

import dev.tokenledger.LedgerEntry;
import dev.tokenledger.PeriodMark;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.backend.Revision;
import dev.tokenledger.sql.engine.NameReader;
import dev.tokenledger.sql.engine.PageReader;
import dev.tokenledger.sql.engine.ReadSession;
import dev.tokenledger.sql.engine.RecordReader;
import dev.tokenledger.sql.engine.Scan;
import dev.tokenledger.sql.questions.EntryReader;
import dev.tokenledger.sql.records.Combination;
import dev.tokenledger.sql.records.RowKind;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.sql.rollups.Level;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.RecordId;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a ledger over one connection. A statement costs microseconds here, so each thing is asked when it is needed. Used by one
 * thread, in one transaction.
 *
 * <p>One class, and long, because all parts of a session are statements of the same transaction, most of them text.
 */
final class SqliteReads implements ReadSession, RecordReader, NameReader, PageReader, Scan {

    private final Handle handle;
    private final Connections connections;
    private final Combinations combinations;

    SqliteReads(Handle handle, Connections connections, Combinations combinations) {
        this.handle = handle;
        this.connections = connections;
        this.combinations = combinations;
    }

    @Override
    public RecordReader records() {
        return this;
    }

    @Override
    public NameReader names() {
        return this;
    }

    @Override
    public PageReader pages() {
        return this;
    }

    @Override
    public Scan scan() {
        return this;
    }

    @Override
    public boolean countsDoubts() throws SQLException {
        return !connections.isOlder(handle) || !DoubtCounts.hasDoubts(handle);
    }

    @Override
    public void checkLimit() throws SQLException {
        handle.checkLimit();
    }

    @Override
    public SQLException corrupt(String what, RuntimeException cause) {
        return StoredRow.damaged(what, cause);
    }

    @Override
    public <T> List<T> inParts(long worth, long from, long to, Part<T> part) throws SQLException {
        return ParallelScan.inParts(
                handle,
                connections,
                worth,
                from,
                to,
                (other, start, end) -> part.read(new SqliteReads(other, connections, combinations), start, end));
    }

    @Override
    public long threadsFor(long from, long to) throws SQLException {
        return ParallelScan.threadsFor(handle, from, to);
    }

    // ---- Records

    @Override
    public long firstQuarter() throws SQLException {
        return handle.number("SELECT coalesce(min(quarter), 0) FROM runs");
    }

    @Override
    public long lastQuarter() throws SQLException {
        return handle.number("SELECT coalesce(max(quarter), -1) FROM runs");
    }

    @Override
    public long nextQuarter(long from, long otherwise) throws SQLException {
        return handle.number("SELECT coalesce(min(quarter), ?) FROM runs WHERE quarter >= ?", otherwise, from);
    }

    @Override
    public long lastQuarterUpTo(long quarter) throws SQLException {
        return handle.number("SELECT coalesce(max(quarter), -1) FROM runs WHERE quarter <= ?", quarter);
    }

    @Override
    public List<Long> days() throws SQLException {
        List<Long> days = new ArrayList<>();
        try (ResultSet row = handle.statement("SELECT DISTINCT quarter / 96 FROM runs ORDER BY 1")
                .executeQuery()) {
            while (row.next()) {
                days.add(row.getLong(1));
            }
        }
        return days;
    }

    @Override
    public long count(long firstQuarter, long lastQuarter, long limit) throws SQLException {
        return handle.number(
                "SELECT coalesce(sum(last - first + 1), 0) FROM (SELECT first, last FROM runs"
                        + " WHERE quarter >= ? AND quarter <= ? LIMIT ?)",
                firstQuarter,
                lastQuarter,
                limit);
    }

    @Override
    public @Nullable LedgerEntry find(RecordId id) throws SQLException {
        return StoredRow.byId(handle, id);
    }

    @Override
    public List<LedgerEntry> revisions(String key) throws SQLException {
        return revisions(handle, key);
    }

    /** The entries of a key's revisions, in no order. */
    static List<LedgerEntry> revisions(Handle handle, String key) throws SQLException {
        PreparedStatement select = handle.statement("SELECT " + StoredRow.COLUMNS
                + " FROM records r WHERE r.id = ? UNION ALL SELECT " + StoredRow.COLUMNS
                + " FROM records r WHERE r.id > ? AND r.id < ?");
        Handle.bind(select, 1, Values.id(key));
        select.setString(2, Revision.laterFrom(key));
        select.setString(3, Revision.laterTo(key));
        return entries(handle, select);
    }

    /** The entries of all rows, which are of {@link StoredRow#COLUMNS}. */
    static List<LedgerEntry> entries(Handle handle, PreparedStatement select) throws SQLException {
        List<LedgerEntry> entries = new ArrayList<>();
        EntryReader reader = new EntryReader(StoredRow::damaged);
        try (ResultSet row = select.executeQuery()) {
            StoredRow stored = new StoredRow(handle, row);
            while (row.next()) {
                handle.checkLimit();
                entries.add(reader.read(stored));
            }
        }
        return entries;
    }

    @Override
    public List<LedgerEntry> ofSession(Selection selection, String session) throws SQLException {
        return list(selection, RecordScan.joinByThread("session") + " WHERE t.session = ?", "r", Values.id(session));
    }

    @Override
    public List<LedgerEntry> ofConversation(Selection selection, String conversation) throws SQLException {
        return list(
                selection,
                RecordScan.joinByThread("conversation") + " WHERE t.conversation = ?",
                "r",
                Values.id(conversation));
    }

    /** Quarter hours downwards: a {@linkplain TimeIndex busy} one by its index, those between them sorted together. */
    @Override
    public List<LedgerEntry> between(Selection selection, long firstQuarter, long lastQuarter) throws SQLException {
        List<LedgerEntry> found = new ArrayList<>();
        long last = lastQuarter;
        while (last >= firstQuarter && found.size() < selection.limit()) {
            Selection rest =
                    new Selection(selection.query(), selection.combinations(), selection.limit() - found.size());
            long busy = TimeIndex.lastBusy(handle, firstQuarter, last);
            if (busy == last) {
                found.addAll(byTime(rest, busy));
                last--;
            } else {
                long first = Math.max(firstQuarter, busy + 1);
                found.addAll(
                        list(rest, Runs.JOIN + " WHERE runs.quarter >= ? AND runs.quarter <= ?", "r", first, last));
                last = first - 1;
            }
        }
        return found;
    }

    private List<LedgerEntry> byTime(Selection selection, long quarter) throws SQLException {
        RecordQuery query = selection.query();
        long from = Math.max(Values.micros(query.window().start()), quarter * Level.QUARTER.micros);
        long to = Math.min(Values.micros(query.window().end()), (quarter + 1) * Level.QUARTER.micros);
        RecordQuery.Cursor after =
                query.after().orElse(new RecordQuery.Cursor(Values.micros(TimeWindow.MAX), Long.MAX_VALUE));
        // Stated of the index itself, which is then entered at the cursor and left at the window's start.
        return after.micros() < to
                ? list(
                        selection,
                        TimeIndex.JOIN + " WHERE m.occurred >= ? AND (m.occurred, m.seq) < (?, ?)",
                        "m",
                        from,
                        after.micros(),
                        after.sequence())
                : list(selection, TimeIndex.JOIN + " WHERE m.occurred >= ? AND m.occurred < ?", "m", from, to);
    }

    /** @param order the table by whose columns the entries are ordered */
    private List<LedgerEntry> list(Selection selection, String from, String order, Object... bounds)
            throws SQLException {
        Conditions conditions = new Conditions(selection);
        PreparedStatement select = handle.statement("SELECT " + StoredRow.COLUMNS + " FROM " + from + conditions.sql
                + " ORDER BY " + order + ".occurred DESC, " + order + ".seq DESC LIMIT ?");
        int index = 0;
        for (Object bound : bounds) {
            Handle.bind(select, ++index, bound);
        }
        for (Object parameter : conditions.parameters) {
            Handle.bind(select, ++index, parameter);
        }
        select.setLong(++index, selection.limit());
        return entries(handle, select);
    }

    /** What a selection says of single records. */
    private static final class Conditions {

        /** A record in force is listed by what it counts as in totals. */
        private static final String COUNTED_COMBINATION =
                "coalesce((SELECT n.combination FROM revaluations x JOIN records n ON n.seq = x.revaluation"
                        + " WHERE x.revalued = r.seq ORDER BY x.number DESC LIMIT 1), r.combination)";

        final StringBuilder sql = new StringBuilder();
        final List<Object> parameters = new ArrayList<>();

        Conditions(Selection selection) {
            RecordQuery query = selection.query();
            and("r.occurred >= ?", Values.micros(query.window().start()));
            and("r.occurred < ?", Values.micros(query.window().end()));
            query.after().ifPresent(cursor -> {
                and("(r.occurred, r.seq) < (?, ?)", cursor.micros());
                parameters.add(cursor.sequence());
            });
            if (!query.history()) {
                sql.append(" AND r.kind IN (0, 4) AND NOT EXISTS (SELECT 1 FROM reversals WHERE reversed = r.seq)");
            } else {
                sql.append(" AND r.kind <> ").append(RowKind.WITHDRAWAL);
            }
            query.filters().forEach((dimension, value) -> {
                Optional<String> key = dimension.attributeKey();
                if (key.isPresent()) {
                    attribute(key.get(), value);
                } else if (dimension.equals(Dimension.SESSION) || dimension.equals(Dimension.CONVERSATION)) {
                    and(
                            "coalesce((SELECT " + dimension.name() + " FROM threads WHERE id = r.thread), '') = ?",
                            Values.id(value));
                }
            });
            int[] matching = selection.combinations();
            if (matching != null) {
                StringBuilder numbers = new StringBuilder("[");
                for (int number : matching) {
                    numbers.append(numbers.length() == 1 ? "" : ",").append(number);
                }
                and(
                        (query.history() ? "r.combination" : COUNTED_COMBINATION)
                                + " IN (SELECT value FROM json_each(?))",
                        numbers.append(']').toString());
            }
        }

        private void attribute(String key, String value) {
            if (value.isEmpty()) {
                and("NOT " + AttributeSets.CONTAIN, Values.member(key));
            } else {
                and(AttributeSets.CONTAIN, Values.member(key, value));
            }
        }

        private void and(String condition, Object parameter) {
            sql.append(" AND ").append(condition);
            parameters.add(parameter);
        }
    }

    @Override
    public List<PeriodMark> periodMarks() throws SQLException {
        return periodMarks(handle);
    }

    @Override
    public List<Long> adjustments(long from, long to) throws SQLException {
        // By the few adjustments: left to itself, SQLite goes through the records.
        PreparedStatement select =
                handle.statement("SELECT r.occurred FROM adjustments a CROSS JOIN records r ON r.seq = a.adjustment"
                        + " WHERE r.occurred >= ? AND r.occurred < ?"
                        + " AND NOT EXISTS (SELECT 1 FROM reversals WHERE reversed = a.adjustment)");
        select.setLong(1, from);
        select.setLong(2, to);
        List<Long> found = new ArrayList<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                found.add(row.getLong(1));
            }
        }
        return found;
    }

    static List<PeriodMark> periodMarks(Handle handle) throws SQLException {
        List<PeriodMark> marks = new ArrayList<>();
        try (ResultSet row = handle.statement(
                        "SELECT closed_before, zone, reason, recorded FROM period_marks ORDER BY id")
                .executeQuery()) {
            while (row.next()) {
                long before = row.getLong(1);
                marks.add(new PeriodMark(
                        row.wasNull() ? Optional.empty() : Optional.of(Values.instant(before)),
                        row.getString(2),
                        row.getString(3),
                        Values.instant(row.getLong(4))));
            }
        }
        return marks;
    }

    @Override
    public Map<String, String> readerStates(String key, boolean asPrefix) throws SQLException {
        Map<String, String> states = new TreeMap<>();
        PreparedStatement select = handle.statement(
                "SELECT key, state FROM reader_states WHERE " + (asPrefix ? "key >= ? ORDER BY key" : "key = ?"));
        select.setString(1, key);
        try (ResultSet row = select.executeQuery()) {
            // Keys are ordered by their bytes, so those with a prefix follow each other.
            while (row.next() && (!asPrefix || row.getString(1).startsWith(key))) {
                states.put(row.getString(1), row.getString(2));
            }
        }
        return states;
    }

    // ---- Names

    @Override
    public Combination[] combinations() throws SQLException {
        return combinations.read(handle);
    }

    @Override
    public @Nullable AttributeKey attributeKey(String name) throws SQLException {
        PreparedStatement select = handle.statement("SELECT id, wide FROM attribute_keys WHERE name = ?");
        select.setString(1, name);
        try (ResultSet row = select.executeQuery()) {
            return row.next() ? new AttributeKey(row.getLong(1), row.getLong(2) != 0) : null;
        }
    }

    @Override
    public Map<String, AttributeKey> attributeKeys() throws SQLException {
        Map<String, AttributeKey> keys = new HashMap<>();
        try (ResultSet row =
                handle.statement("SELECT name, id, wide FROM attribute_keys").executeQuery()) {
            while (row.next()) {
                keys.put(row.getString(1), new AttributeKey(row.getLong(2), row.getLong(3) != 0));
            }
        }
        return keys;
    }

    @Override
    public Map<Integer, String> pairs(long attribute) throws SQLException {
        Map<Integer, String> values = new HashMap<>();
        PreparedStatement select = handle.statement("SELECT id, value FROM attribute_pairs WHERE attribute = ?");
        select.setLong(1, attribute);
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                values.put(row.getInt(1), row.getString(2));
            }
        }
        return values;
    }

    @Override
    public boolean mayStand(String key, String value) throws SQLException {
        if (value.isEmpty()) {
            return true;
        }
        PreparedStatement select =
                handle.statement("SELECT 1 FROM attribute_keys k WHERE k.name = ? AND (k.wide OR EXISTS"
                        + " (SELECT 1 FROM attribute_pairs WHERE attribute = k.id AND value = ?))");
        select.setString(1, key);
        select.setString(2, value);
        try (ResultSet row = select.executeQuery()) {
            return row.next();
        }
    }

    @Override
    public Map<Long, ThreadIds> threads(Collection<Long> numbers) throws SQLException {
        StringBuilder ids = new StringBuilder("[");
        for (Long number : numbers) {
            ids.append(ids.length() == 1 ? "" : ",").append(number);
        }
        PreparedStatement select = handle.statement(
                "SELECT id, session, conversation FROM threads" + " WHERE id IN (SELECT value FROM json_each(?))");
        select.setString(1, ids.append(']').toString());
        Map<Long, ThreadIds> names = new HashMap<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                names.put(
                        row.getLong(1),
                        new ThreadIds(Values.idText(row.getObject(2)), Values.idText(row.getObject(3))));
            }
        }
        return names;
    }

    @Override
    public Map<Long, String> attributeSets(long first, int count) throws SQLException {
        Map<Long, String> sets = new HashMap<>();
        PreparedStatement select =
                handle.statement("SELECT id, attributes FROM attribute_sets WHERE id >= ? ORDER BY id LIMIT ?");
        select.setLong(1, first);
        select.setInt(2, count);
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                sets.put(row.getLong(1), row.getString(2));
            }
        }
        return sets;
    }

    @Override
    public @Nullable String priceEntry(String priceId) throws SQLException {
        PreparedStatement select = handle.statement("SELECT entry FROM prices WHERE price_id = ?");
        select.setString(1, priceId);
        try (ResultSet row = select.executeQuery()) {
            return row.next() ? row.getString(1) : null;
        }
    }

    // ---- Roll-ups

    @Override
    public void read(List<KeyRange> ranges, PageReader.Sink sink) throws SQLException {
        for (KeyRange range : ranges) {
            PreparedStatement select = handle.statement("SELECT key, totals FROM pages WHERE key >= ? AND key < ?");
            select.setLong(1, range.first());
            select.setLong(2, range.end());
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    sink.page(row.getLong(1), row.getBytes(2));
                }
            }
        }
    }

    @Override
    public void keys(LongConsumer sink) throws SQLException {
        try (ResultSet row = handle.statement("SELECT key FROM pages").executeQuery()) {
            while (row.next()) {
                sink.accept(row.getLong(1));
            }
        }
    }

    /** The small ones are read at once, the parts of large ones when they are asked for. */
    @Override
    public List<Delta> deltas() throws SQLException {
        List<Delta> deltas = new ArrayList<>();
        try (ResultSet row = handle.statement("SELECT id, first, last, whole IS NOT NULL,"
                        + " CASE WHEN whole IS NULL THEN totals END FROM deltas")
                .executeQuery()) {
            while (row.next()) {
                deltas.add(new StoredDelta(
                        row.getLong(1), row.getLong(2), row.getLong(3), row.getBoolean(4), row.getBytes(5)));
            }
        }
        return deltas;
    }

    private final class StoredDelta implements Delta {
        private final long id;
        private final long first;
        private final long last;
        private final boolean large;
        private final byte @Nullable [] cells;

        StoredDelta(long id, long first, long last, boolean large, byte @Nullable [] cells) {
            this.id = id;
            this.first = first;
            this.last = last;
            this.large = large;
            this.cells = cells;
        }

        @Override
        public long id() {
            return id;
        }

        @Override
        public long first() {
            return first;
        }

        @Override
        public long last() {
            return last;
        }

        @Override
        public boolean large() {
            return large;
        }

        @Override
        public byte[] whole() throws SQLException {
            return bytes("SELECT whole FROM deltas WHERE id = ?");
        }

        @Override
        public byte[] cells() throws SQLException {
            return cells != null ? cells : bytes("SELECT totals FROM deltas WHERE id = ?");
        }

        private byte[] bytes(String sql) throws SQLException {
            PreparedStatement select = handle.statement(sql);
            select.setLong(1, id);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getBytes(1) : new byte[0];
            }
        }
    }

    @Override
    public long bytes(KeyRange range, int maxPages) throws SQLException {
        return handle.number(
                "SELECT sum(bytes) FROM (SELECT length(totals) AS bytes FROM pages WHERE key >= ? AND key < ? LIMIT ?)",
                range.first(),
                range.end(),
                maxPages);
    }

    // ---- Records added up

    @Override
    public void between(Wanted wanted, long from, long to, Scan.Sink sink) throws SQLException {
        new RecordScan(handle, wanted, sink).between(from, to);
    }

    @Override
    public void ofSession(Wanted wanted, String session, long from, long to, Scan.Sink sink) throws SQLException {
        new RecordScan(handle, wanted, sink).ofThreads("session", session, from, to);
    }

    @Override
    public void ofConversation(Wanted wanted, String conversation, long from, long to, Scan.Sink sink)
            throws SQLException {
        new RecordScan(handle, wanted, sink).ofThreads("conversation", conversation, from, to);
    }
}
