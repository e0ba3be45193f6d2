package dev.tokenledger.postgres;

import dev.tokenledger.LedgerEntry;
import dev.tokenledger.PeriodMark;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.VerifyReport;
import dev.tokenledger.backend.Revision;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.sql.engine.NameReader;
import dev.tokenledger.sql.engine.PageReader;
import dev.tokenledger.sql.engine.ReadSession;
import dev.tokenledger.sql.engine.RecordReader;
import dev.tokenledger.sql.engine.Scan;
import dev.tokenledger.sql.questions.RollUpAudit;
import dev.tokenledger.sql.records.Combination;
import dev.tokenledger.sql.records.KnownDoubts;
import dev.tokenledger.sql.records.RowKind;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.sql.rollups.Figures;
import dev.tokenledger.summary.Dimension;
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
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a ledger in one transaction, in few round trips: all pages of a question by one statement, an entry with its names by
 * another; the server adds up single records, by several of its processes where there are many. Used by one thread.
 *
 * <p>One class, and long, because all parts of a session are statements of the same transaction, most of them text.
 */
final class PostgresReads implements ReadSession, RecordReader, NameReader, PageReader, Scan {

    /** Rows that the driver holds at a time where there may be any number. */
    private static final int FETCH = 4_096;

    private static final String QUARTER = "((r.occurred / 900000000)::int)";
    private static final String CONTAIN =
            "EXISTS (SELECT 1 FROM {attribute_sets} s WHERE s.id = r.attributes AND strpos(s.attributes, ?) > 0)";

    private static final String NO_SUCH = """
            SELECT count(*) FROM {records} r
            WHERE NOT EXISTS (SELECT 1 FROM {combinations} c WHERE c.id = r.combination)
                OR r.thread IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {threads} t WHERE t.id = r.thread)
                OR r.attributes IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {attribute_sets} a WHERE a.id = r.attributes)
                OR r.rare_fields IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {rare_fields} f WHERE f.id = r.rare_fields)
                OR r.price IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {prices} p WHERE p.id = r.price)
            """;

    private static final String WRONG_REVERSALS = """
            SELECT count(*) FROM {reversals} v
            LEFT JOIN {records} u ON u.id = v.reversed
            LEFT JOIN {records} r ON r.id = coalesce((SELECT x.revaluation FROM {revaluations} x
                WHERE x.revalued = v.reversed ORDER BY x.number DESC LIMIT 1), v.reversed)
            LEFT JOIN {records} n ON n.id = v.reversal
            WHERE coalesce(u.kind, 1) NOT IN (0, 4) OR coalesce(n.kind, 0) <> u.kind + 1
                OR (n.occurred, n.combination, n.thread, n.attributes, n.rare_fields, n.price, n.input, n.output,
                        n.cache_read, n.cache_creation, n.cache_creation_5m, n.cache_creation_1h, n.reasoning, n.cost)
                    IS DISTINCT FROM (r.occurred, r.combination, r.thread, r.attributes, r.rare_fields, r.price, -r.input,
                        -r.output, -r.cache_read, -r.cache_creation, -r.cache_creation_5m, -r.cache_creation_1h,
                        -r.reasoning, -r.cost)
            """;

    /** Each takes away what the one before it, or the record, counted, and counts the record's tokens at another cost. */
    private static final String WRONG_REVALUATIONS = """
            SELECT count(*) FROM {revaluations} x
            LEFT JOIN {revaluation_runs} u ON u.id = x.run
            LEFT JOIN {records} r ON r.id = x.revalued
            LEFT JOIN {revaluations} b ON b.revalued = x.revalued AND b.number = x.number - 1
            LEFT JOIN {records} p ON p.id = coalesce(b.revaluation, x.revalued)
            LEFT JOIN {records} w ON w.id = x.withdrawal
            LEFT JOIN {records} n ON n.id = x.revaluation
            WHERE coalesce(r.kind, 1) <> 0 OR coalesce(w.kind, 0) <> 3 OR coalesce(n.kind, 0) <> 2 OR u.id IS NULL
                OR (b.number IS NULL) <> (x.number = 1)
                OR (w.occurred, w.combination, w.thread, w.attributes, w.rare_fields, w.price, w.input, w.output,
                        w.cache_read, w.cache_creation, w.cache_creation_5m, w.cache_creation_1h, w.reasoning, w.cost)
                    IS DISTINCT FROM (p.occurred, p.combination, p.thread, p.attributes, p.rare_fields, p.price, -p.input,
                        -p.output, -p.cache_read, -p.cache_creation, -p.cache_creation_5m, -p.cache_creation_1h,
                        -p.reasoning, -p.cost)
                OR (n.occurred, n.thread, n.attributes, n.input, n.output, n.cache_read, n.cache_creation,
                        n.cache_creation_5m, n.cache_creation_1h, n.reasoning)
                    IS DISTINCT FROM (r.occurred, r.thread, r.attributes, r.input, r.output, r.cache_read,
                        r.cache_creation, r.cache_creation_5m, r.cache_creation_1h, r.reasoning)
            """;

    private static final String WRONG_ADJUSTMENTS = """
            SELECT count(*) FROM {adjustments} a LEFT JOIN {records} r ON r.id = a.adjustment
            WHERE coalesce(r.kind, 0) <> 4 OR r.input <> 0 OR r.output <> 0 OR r.cache_read <> 0 OR r.cache_creation <> 0
            """;

    /** By the index on the beginnings of keys, which holds 200 characters of each. */
    static final String STATES_BY_PREFIX = "SELECT key, state FROM {reader_states}"
            + " WHERE starts_with(left(key, 200), left(?, 200)) AND starts_with(key, ?)";

    /** A record in force is listed by what it counts as in totals. */
    private static final String COUNTED_COMBINATION =
            "coalesce((SELECT n.combination FROM {revaluations} x JOIN {records} n ON n.id = x.revaluation"
                    + " WHERE x.revalued = r.id ORDER BY x.number DESC LIMIT 1), r.combination)";

    private static final String BOUNDS = "SELECT coalesce((SELECT min(" + QUARTER + ") FROM {records} r), 0),"
            + " coalesce((SELECT max(" + QUARTER + ") FROM {records} r), -1)";

    /** The cells of large ones are read where they are needed. */
    private static final String DELTAS =
            "SELECT id, first, last, whole, CASE WHEN whole IS NULL THEN totals END FROM {deltas}";

    /**
     * Roll-ups are found by keys, whatever the planner believes of their number, and one plan serves for all keys. Until the
     * transaction ends, or {@link #AS_USUAL}.
     */
    private static final String BY_KEYS =
            "SELECT set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)";

    private static final String AS_USUAL = "SET LOCAL enable_seqscan TO DEFAULT; SET LOCAL plan_cache_mode TO DEFAULT";

    /** What questions that roll-ups answer begin with, in one round trip. */
    private static final String OPENING = String.join("; ", BY_KEYS, KnownCombinations.SELECT, BOUNDS, DELTAS);

    /** The ragged ends of windows, in microseconds, at most; they are found by the index on quarters. */
    static final long MAX_EDGE = 3_600_000_000L;

    /** Pages that are asked for one by one; more are asked for by ranges, of which there may be few pages. */
    private static final int MAX_KEYS = 16_384;

    private final Database database;
    private final KnownCombinations combinations;
    private final Scan scan;
    private boolean byKeys;
    private long @Nullable [] bounds;
    private Combination @Nullable [] seen;
    private @Nullable List<Delta> deltas;

    PostgresReads(Database database, KnownCombinations combinations) {
        this(database, combinations, null);
    }

    /** @param copy what long windows are added up by; null for this database alone */
    PostgresReads(Database database, KnownCombinations combinations, @Nullable CopyUse copy) {
        this.database = database;
        this.combinations = combinations;
        scan = copy == null ? this : new CopiedScan(this, database, copy);
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
        return scan;
    }

    @Override
    public void checkLimit() throws SQLException {
        if (database.stopped() != Watchdog.Stop.NOT) {
            throw new SQLException("the question was stopped", "57014");
        }
    }

    @Override
    public SQLException corrupt(String what, RuntimeException cause) {
        return StoredRow.damaged(what, cause);
    }

    /** In one part: where there is much to read, the server divides it among its own processes. */
    @Override
    public <T> List<T> inParts(long worth, long from, long to, Part<T> part) throws SQLException {
        return List.of(part.read(this, from, to));
    }

    @Override
    public long threadsFor(long from, long to) {
        return 1;
    }

    // ---- Records

    @Override
    public long firstQuarter() throws SQLException {
        return bounds()[0];
    }

    @Override
    public long lastQuarter() throws SQLException {
        return bounds()[1];
    }

    private long[] bounds() throws SQLException {
        long[] known = bounds;
        if (known == null) {
            known = database.query(BOUNDS, statement -> {}, PostgresReads::bounds);
            bounds = known;
        }
        return known;
    }

    private static long[] bounds(ResultSet row) throws SQLException {
        row.next();
        return new long[] {row.getLong(1), row.getLong(2)};
    }

    /** All at once, and how to find pages. */
    @Override
    public void expectRollUps() throws SQLException {
        if (byKeys) {
            return;
        }
        if (deltas != null && seen != null && bounds != null) {
            database.query(BY_KEYS, statement -> {}, ResultSet::next);
            byKeys = true;
            return;
        }
        KnownCombinations.Asked asked = combinations.ask();
        database.queryAll(
                OPENING,
                statement -> asked.set(statement, 1),
                List.of(
                        ResultSet::next,
                        row -> seen = asked.read(row),
                        row -> bounds = bounds(row),
                        row -> deltas = deltas(row)));
        byKeys = true;
    }

    @Override
    public long nextQuarter(long from, long otherwise) throws SQLException {
        return database.number(
                "SELECT coalesce((SELECT min(" + QUARTER + ") FROM {records} r WHERE " + QUARTER + " >= ?), ?)",
                clamped(from),
                otherwise);
    }

    @Override
    public long lastQuarterUpTo(long quarter) throws SQLException {
        return database.number(
                "SELECT coalesce((SELECT max(" + QUARTER + ") FROM {records} r WHERE " + QUARTER + " <= ?), -1)",
                clamped(quarter));
    }

    private static int clamped(long quarter) {
        return (int) Math.max(-1, Math.min(Integer.MAX_VALUE, quarter));
    }

    @Override
    public List<Long> days() throws SQLException {
        return database.query(
                "SELECT DISTINCT " + QUARTER + " / 96 FROM {records} r ORDER BY 1", statement -> {}, row -> {
                    List<Long> days = new ArrayList<>();
                    while (row.next()) {
                        days.add(row.getLong(1));
                    }
                    return days;
                });
    }

    @Override
    public long count(long firstQuarter, long lastQuarter, long limit) throws SQLException {
        return database.number(
                "SELECT count(*) FROM (SELECT 1 FROM {records} r WHERE " + QUARTER + " >= ? AND " + QUARTER
                        + " <= ? LIMIT ?) counted",
                clamped(firstQuarter),
                clamped(lastQuarter),
                limit);
    }

    @Override
    public @Nullable LedgerEntry find(RecordId id) throws SQLException {
        return StoredRow.byId(database, Database.id(id.value()));
    }

    @Override
    public List<LedgerEntry> revisions(String key) throws SQLException {
        return revisions(database, key);
    }

    /** The entries of a key's revisions, in no order. */
    static List<LedgerEntry> revisions(Database database, String key) throws SQLException {
        return StoredRow.entries(
                database,
                "SELECT " + StoredRow.COLUMNS + " FROM {records} r" + StoredRow.JOINS
                        + " WHERE r.id = ? OR (r.id > ? AND r.id < ?)",
                statement -> {
                    statement.setBytes(1, Database.id(key));
                    statement.setBytes(2, Database.id((Object) Revision.laterFrom(key)));
                    statement.setBytes(3, Database.id((Object) Revision.laterTo(key)));
                });
    }

    @Override
    public List<LedgerEntry> ofSession(Selection selection, String session) throws SQLException {
        return list(
                selection, "r.thread IN (SELECT id FROM {threads} WHERE session = ?)", List.of(Database.id(session)));
    }

    @Override
    public List<LedgerEntry> ofConversation(Selection selection, String conversation) throws SQLException {
        return list(
                selection,
                "r.thread IN (SELECT id FROM {threads} WHERE conversation = ?)",
                List.of(Database.id(conversation)));
    }

    @Override
    public List<LedgerEntry> between(Selection selection, long firstQuarter, long lastQuarter) throws SQLException {
        return list(
                selection,
                QUARTER + " >= ? AND " + QUARTER + " <= ?",
                List.of(clamped(firstQuarter), clamped(lastQuarter)));
    }

    private List<LedgerEntry> list(Selection selection, String condition, List<?> bound) throws SQLException {
        StringBuilder where = new StringBuilder(condition);
        List<Object> parameters = new ArrayList<>(bound);
        RecordQuery query = selection.query();
        where.append(" AND r.occurred >= ? AND r.occurred < ?");
        parameters.add(Values.micros(query.window().start()));
        parameters.add(Values.micros(query.window().end()));
        query.after().ifPresent(cursor -> {
            where.append(" AND (r.occurred, r.seq) < (?, ?)");
            parameters.add(cursor.micros());
            parameters.add(cursor.sequence());
        });
        if (!query.history()) {
            where.append(" AND r.kind IN (0, 4) AND NOT EXISTS (SELECT 1 FROM {reversals} w WHERE w.reversed = r.id)");
        } else {
            where.append(" AND r.kind <> ").append(RowKind.WITHDRAWAL);
        }
        query.filters().forEach((dimension, value) -> {
            Optional<String> key = dimension.attributeKey();
            if (key.isPresent()) {
                where.append(value.isEmpty() ? " AND NOT " : " AND ").append(CONTAIN);
                parameters.add(value.isEmpty() ? Values.member(key.get()) : Values.member(key.get(), value));
            } else if (dimension.equals(Dimension.SESSION) || dimension.equals(Dimension.CONVERSATION)) {
                where.append(" AND coalesce((SELECT h.")
                        .append(dimension.name())
                        .append(" FROM {threads} h WHERE h.id = r.thread), '') = ?");
                parameters.add(Database.id(value));
            }
        });
        int[] matching = selection.combinations();
        if (matching != null) {
            where.append(" AND ")
                    .append(query.history() ? "r.combination" : COUNTED_COMBINATION)
                    .append(" = ANY (?)");
            parameters.add(matching);
        }
        // Names are joined to what was found: before, the planner would sort rows with all of them.
        String sql = "SELECT " + StoredRow.COLUMNS + " FROM (SELECT * FROM {records} r WHERE " + where
                + " ORDER BY r.occurred DESC, r.seq DESC LIMIT " + selection.limit() + ") r" + StoredRow.JOINS
                + " ORDER BY r.occurred DESC, r.seq DESC";
        return StoredRow.entries(database, sql, statement -> set(statement, parameters));
    }

    private static void set(PreparedStatement statement, List<?> parameters) throws SQLException {
        int index = 0;
        for (Object parameter : parameters) {
            index++;
            if (parameter instanceof int[] numbers) {
                Integer[] boxed = new Integer[numbers.length];
                java.util.Arrays.setAll(boxed, i -> numbers[i]);
                statement.setArray(index, statement.getConnection().createArrayOf("int", boxed));
            } else if (parameter instanceof byte[] bytes) {
                statement.setBytes(index, bytes);
            } else {
                statement.setObject(index, parameter);
            }
        }
    }

    @Override
    public List<PeriodMark> periodMarks() throws SQLException {
        return periodMarks(database);
    }

    @Override
    public List<Long> adjustments(long from, long to) throws SQLException {
        return database.query(
                "SELECT r.occurred FROM {adjustments} a JOIN {records} r ON r.id = a.adjustment"
                        + " WHERE r.occurred >= ? AND r.occurred < ?"
                        + " AND NOT EXISTS (SELECT 1 FROM {reversals} v WHERE v.reversed = a.adjustment)",
                statement -> {
                    statement.setLong(1, from);
                    statement.setLong(2, to);
                },
                row -> {
                    List<Long> found = new ArrayList<>();
                    while (row.next()) {
                        found.add(row.getLong(1));
                    }
                    return found;
                });
    }

    static List<PeriodMark> periodMarks(Database database) throws SQLException {
        return database.query(
                "SELECT closed_before, zone, reason, recorded FROM {period_marks} ORDER BY id",
                statement -> {},
                row -> {
                    List<PeriodMark> marks = new ArrayList<>();
                    while (row.next()) {
                        long before = row.getLong(1);
                        marks.add(new PeriodMark(
                                row.wasNull() ? Optional.empty() : Optional.of(Values.instant(before)),
                                row.getString(2),
                                row.getString(3),
                                Values.instant(row.getLong(4))));
                    }
                    return marks;
                });
    }

    @Override
    public Map<String, String> readerStates(String key, boolean asPrefix) throws SQLException {
        return database.query(
                asPrefix ? STATES_BY_PREFIX : "SELECT key, state FROM {reader_states} WHERE digest = ?",
                statement -> {
                    if (asPrefix) {
                        statement.setString(1, key);
                        statement.setString(2, key);
                    } else {
                        statement.setBytes(1, Database.digest(key));
                    }
                },
                row -> {
                    Map<String, String> states = new TreeMap<>();
                    while (row.next()) {
                        states.put(row.getString(1), row.getString(2));
                    }
                    return states;
                });
    }

    /** Compares what is derived with the records, and these with what they refer to. */
    VerifyReport verify() throws SQLException {
        List<String> differences = new ArrayList<>();
        Consumer<String> differ = sentence -> {
            if (differences.size() < VerifyReport.MAX_DIFFERENCES) {
                differences.add(sentence);
            }
        };
        long dangling = database.number(NO_SUCH);
        if (dangling > 0) {
            differ.accept(dangling + " records refer to texts that are not there");
        }
        long wrong = database.number(WRONG_REVERSALS);
        long links = database.number("SELECT count(*) FROM {reversals}");
        long reversals = database.number("SELECT count(*) FROM {records} WHERE kind IN (1, 5)");
        if (wrong > 0 || links != reversals) {
            differ.accept(
                    reversals + " reversals, " + links + " links to what they reverse, " + wrong + " of them wrong");
        }
        long wrongRevaluations = database.number(WRONG_REVALUATIONS);
        long revalued = database.number("SELECT count(*) FROM {revaluations}");
        long revaluations = database.number("SELECT count(*) FROM {records} WHERE kind = " + RowKind.REVALUATION);
        long withdrawals = database.number("SELECT count(*) FROM {records} WHERE kind = " + RowKind.WITHDRAWAL);
        if (wrongRevaluations > 0 || revalued != revaluations || revalued != withdrawals) {
            differ.accept(revaluations + " revaluations of " + withdrawals + " costs, " + revalued
                    + " links to what they revalue, " + wrongRevaluations + " of them wrong");
        }
        long wrongAdjustments = database.number(WRONG_ADJUSTMENTS);
        long reasons = database.number("SELECT count(*) FROM {adjustments}");
        long adjustments = database.number("SELECT count(*) FROM {records} WHERE kind = " + RowKind.ADJUSTMENT);
        if (wrongAdjustments > 0 || reasons != adjustments) {
            differ.accept(adjustments + " adjustments, " + reasons + " reasons of them, " + wrongAdjustments
                    + " of them wrong");
        }
        database.query("SELECT price_id, entry FROM {prices} WHERE entry IS NOT NULL", statement -> {}, row -> {
            while (row.next()) {
                if (!isEntryOf(row.getString(1), row.getString(2))) {
                    differ.accept("the price " + row.getString(1) + " is not what was stored");
                }
            }
            return true;
        });
        RollUpAudit.run(this, differ);
        return new VerifyReport(entries(), differences);
    }

    /** Whether a text is that of the price with this id, which ends with a digest of it. */
    private static boolean isEntryOf(String id, String entry) {
        try {
            return PriceEntry.ofText(entry).id().text().equals(id);
        } catch (RuntimeException e) {
            return false;
        }
    }

    /** How many entries there are. */
    long entries() throws SQLException {
        return database.number("SELECT count(*) FROM {records} WHERE kind <> " + RowKind.WITHDRAWAL);
    }

    int schemaVersion() throws SQLException {
        return (int) database.number("SELECT version FROM {meta}");
    }

    // ---- Names

    /** One moment's, so a report asks once. */
    @Override
    public Combination[] combinations() throws SQLException {
        Combination[] all = seen;
        if (all == null) {
            all = combinations.read(database);
            seen = all;
        }
        return all;
    }

    @Override
    public @Nullable AttributeKey attributeKey(String name) throws SQLException {
        Optional<AttributeKey> found = database.query(
                "SELECT id, wide FROM {attribute_keys} WHERE digest = ?",
                statement -> statement.setBytes(1, Database.digest(name)),
                row -> row.next()
                        ? Optional.of(new AttributeKey(row.getLong(1), row.getBoolean(2)))
                        : Optional.empty());
        return found.orElse(null);
    }

    @Override
    public Map<String, AttributeKey> attributeKeys() throws SQLException {
        return database.query("SELECT name, id, wide FROM {attribute_keys}", statement -> {}, row -> {
            Map<String, AttributeKey> keys = new HashMap<>();
            while (row.next()) {
                keys.put(row.getString(1), new AttributeKey(row.getLong(2), row.getBoolean(3)));
            }
            return keys;
        });
    }

    @Override
    public Map<Integer, String> pairs(long attribute) throws SQLException {
        return database.query(
                "SELECT id, value FROM {attribute_pairs} WHERE attribute = ?",
                statement -> statement.setLong(1, attribute),
                row -> {
                    Map<Integer, String> values = new HashMap<>();
                    while (row.next()) {
                        values.put(row.getInt(1), row.getString(2));
                    }
                    return values;
                });
    }

    @Override
    public boolean mayStand(String key, String value) throws SQLException {
        return value.isEmpty()
                || database.query(
                        "SELECT 1 FROM {attribute_keys} k WHERE k.digest = ? AND (k.wide OR EXISTS"
                                + " (SELECT 1 FROM {attribute_pairs} p WHERE p.attribute = k.id AND p.digest = ?))",
                        statement -> {
                            statement.setBytes(1, Database.digest(key));
                            statement.setBytes(2, Database.digest(value));
                        },
                        ResultSet::next);
    }

    @Override
    public Map<Long, ThreadIds> threads(Collection<Long> numbers) throws SQLException {
        return database.query(
                "SELECT id, session, conversation FROM {threads} WHERE id = ANY (?)",
                statement -> Database.setLongs(statement, 1, numbers.toArray(Long[]::new)),
                row -> {
                    Map<Long, ThreadIds> names = new HashMap<>();
                    while (row.next()) {
                        names.put(
                                row.getLong(1),
                                new ThreadIds(Database.idText(row.getBytes(2)), Database.idText(row.getBytes(3))));
                    }
                    return names;
                });
    }

    @Override
    public Map<Long, String> attributeSets(long first, int count) throws SQLException {
        return database.query(
                "SELECT id, attributes FROM {attribute_sets} WHERE id >= ? ORDER BY id LIMIT ?",
                statement -> {
                    statement.setLong(1, first);
                    statement.setInt(2, count);
                },
                row -> {
                    Map<Long, String> sets = new HashMap<>();
                    while (row.next()) {
                        sets.put(row.getLong(1), row.getString(2));
                    }
                    return sets;
                });
    }

    @Override
    public @Nullable String priceEntry(String priceId) throws SQLException {
        Optional<String> found = database.query(
                "SELECT entry FROM {prices} WHERE digest = ?",
                statement -> statement.setBytes(1, Database.digest(priceId)),
                row -> row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty());
        return found.orElse(null);
    }

    // ---- Roll-ups

    @Override
    public void read(List<KeyRange> ranges, PageReader.Sink sink) throws SQLException {
        long pages = 0;
        for (KeyRange range : ranges) {
            pages += range.end() - range.first();
        }
        Database.Rows<Boolean> reading = row -> {
            while (row.next()) {
                sink.page(row.getLong(1), row.getBytes(2));
            }
            return true;
        };
        if (pages <= MAX_KEYS) {
            Long[] keys = ranges.stream()
                    .flatMapToLong(range -> LongStream.range(range.first(), range.end()))
                    .boxed()
                    .toArray(Long[]::new);
            database.query(
                    "SELECT key, totals FROM {pages} WHERE key = ANY (?) ORDER BY key",
                    FETCH,
                    statement -> Database.setLongs(statement, 1, keys),
                    reading);
        } else {
            database.query(
                    "SELECT p.key, p.totals FROM unnest(?::bigint[], ?::bigint[]) g (first, last)"
                            + " CROSS JOIN LATERAL (SELECT key, totals FROM {pages}"
                            + " WHERE key >= g.first AND key < g.last) p ORDER BY p.key",
                    FETCH,
                    statement -> {
                        Database.setLongs(
                                statement,
                                1,
                                ranges.stream().map(KeyRange::first).toArray(Long[]::new));
                        Database.setLongs(
                                statement, 2, ranges.stream().map(KeyRange::end).toArray(Long[]::new));
                    },
                    reading);
        }
    }

    @Override
    public void keys(LongConsumer sink) throws SQLException {
        database.query("SELECT key FROM {pages}", FETCH, statement -> {}, row -> {
            while (row.next()) {
                sink.accept(row.getLong(1));
            }
            return true;
        });
    }

    @Override
    public List<Delta> deltas() throws SQLException {
        List<Delta> known = deltas;
        if (known == null) {
            known = database.query(DELTAS, statement -> {}, this::deltas);
            deltas = known;
        }
        return known;
    }

    private List<Delta> deltas(ResultSet row) throws SQLException {
        List<Delta> read = new ArrayList<>();
        Map<Long, byte[]> large = new HashMap<>();
        while (row.next()) {
            read.add(new StoredDelta(
                    row.getLong(1), row.getLong(2), row.getLong(3), row.getBytes(4), row.getBytes(5), large));
        }
        return read;
    }

    /** A delta; the cells of all large ones are read together, by the first of them that is asked. */
    private final class StoredDelta implements Delta {

        private final long id;
        private final long first;
        private final long last;
        private final byte @Nullable [] whole;
        private final byte @Nullable [] cells;
        private final Map<Long, byte[]> large;

        /** @param cells null if it is large */
        StoredDelta(
                long id,
                long first,
                long last,
                byte @Nullable [] whole,
                byte @Nullable [] cells,
                Map<Long, byte[]> large) {
            this.id = id;
            this.first = first;
            this.last = last;
            this.whole = whole;
            this.cells = cells;
            this.large = large;
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
            return whole != null;
        }

        @Override
        public byte[] whole() {
            return whole == null ? new byte[0] : whole;
        }

        @Override
        public byte[] cells() throws SQLException {
            if (cells != null) {
                return cells;
            }
            if (large.isEmpty()) {
                database.query("SELECT id, totals FROM {deltas} WHERE whole IS NOT NULL", statement -> {}, row -> {
                    while (row.next()) {
                        large.put(row.getLong(1), row.getBytes(2));
                    }
                    return true;
                });
            }
            byte[] found = large.get(id);
            if (found == null) {
                throw new SQLException("a delta of the roll-ups is not there", "XX001");
            }
            return found;
        }
    }

    /** Not needed: the answer is read in one part. */
    @Override
    public long bytes(KeyRange range, int maxPages) {
        return 0;
    }

    // ---- Records added up

    @Override
    public void between(Wanted wanted, long from, long to, Scan.Sink sink) throws SQLException {
        between(wanted, from, to, "", List.of(), sink);
    }

    /** Those of them that transactions of lower numbers wrote. */
    void below(Wanted wanted, long from, long to, long written, Scan.Sink sink) throws SQLException {
        between(wanted, from, to, " AND r.written < ?", List.of(written), sink);
    }

    /** Those of them that other transactions wrote. */
    void from(Wanted wanted, long from, long to, long written, Scan.Sink sink) throws SQLException {
        between(wanted, from, to, " AND r.written >= ?", List.of(written), sink);
    }

    private void between(Wanted wanted, long from, long to, String condition, List<Long> bound, Scan.Sink sink)
            throws SQLException {
        if (to - from > MAX_EDGE) {
            planAsUsual();
        }
        if (from < to) {
            List<Object> parameters =
                    new ArrayList<>(List.of(clamped(from / 900_000_000), clamped((to - 1) / 900_000_000), from, to));
            parameters.addAll(bound);
            add(
                    wanted,
                    QUARTER + " >= ? AND " + QUARTER + " <= ? AND r.occurred >= ? AND r.occurred < ?" + condition,
                    parameters,
                    sink);
        }
    }

    @Override
    public void ofSession(Wanted wanted, String session, long from, long to, Scan.Sink sink) throws SQLException {
        add(
                wanted,
                "r.thread IN (SELECT id FROM {threads} WHERE session = ?) AND r.occurred >= ? AND r.occurred < ?",
                List.of(Database.id(session), from, to),
                sink);
    }

    @Override
    public void ofConversation(Wanted wanted, String conversation, long from, long to, Scan.Sink sink)
            throws SQLException {
        add(
                wanted,
                "r.thread IN (SELECT id FROM {threads} WHERE conversation = ?) AND r.occurred >= ? AND r.occurred < ?",
                List.of(Database.id(conversation), from, to),
                sink);
    }

    /** Asks from now on as the planner thinks best: what is to be read may be most of the records. */
    private void planAsUsual() throws SQLException {
        if (byKeys) {
            database.update(AS_USUAL, statement -> {});
            byKeys = false;
        }
    }

    /** Sums of what is alike. They are numeric, and become bigint again exactly or not at all. */
    private void add(Wanted wanted, String condition, List<?> bound, Scan.Sink sink) throws SQLException {
        List<String> by = new ArrayList<>(List.of("r.combination"));
        boolean occurred = wanted.wanted().contains(Column.OCCURRED);
        boolean thread = wanted.wanted().contains(Column.THREAD);
        boolean attributes = wanted.wanted().contains(Column.ATTRIBUTES);
        by.add(occurred ? "r.occurred / " + wanted.precision() + " * " + wanted.precision() : "0::bigint");
        by.add(thread ? "coalesce(r.thread, 0)" : "0");
        by.add(attributes ? "coalesce(r.attributes, 0)" : "0");
        by.add("coalesce(r.rare_fields, 0)");
        List<Object> parameters = new ArrayList<>(bound);
        StringBuilder where = new StringBuilder(condition);
        for (String text : wanted.contained()) {
            where.append(" AND ").append(CONTAIN);
            parameters.add(text);
        }
        if (wanted.until() != Long.MAX_VALUE) {
            where.append(" AND r.recorded <= ?");
            parameters.add(wanted.until());
        }
        String sql = "SELECT " + String.join(", ", by)
                + ", sum(CASE WHEN r.kind < 4 THEN 1 - 2 * (r.kind & 1) ELSE 0 END)::bigint, sum(r.input)::bigint, sum(r.output)::bigint"
                + ", sum(coalesce(r.cache_read, 0))::bigint, sum(coalesce(r.cache_creation, 0))::bigint"
                + ", sum(coalesce(r.cache_creation_5m, 0))::bigint, sum(coalesce(r.cache_creation_1h, 0))::bigint"
                + ", sum(coalesce(r.reasoning, 0))::bigint, sum(r.cost >> 32)::bigint"
                + ", sum(r.cost & 4294967295)::bigint FROM {records} r WHERE " + where + " GROUP BY 1, 2, 3, 4, 5";
        database.query(sql, FETCH, statement -> set(statement, parameters), row -> {
            long[] figures = new long[Figures.SIZE];
            KnownDoubts doubts = DoubtCounts.known(database);
            while (row.next()) {
                checkLimit();
                for (int i = 0; i < Figures.DOUBTFUL; i++) {
                    figures[i] = row.getLong(6 + i);
                }
                Figures.setDoubts(figures, doubts.of(row.getLong(5)), figures[Figures.RECORDS]);
                sink.figures(row.getLong(2), row.getInt(1), row.getLong(3), row.getLong(4), figures);
            }
            return true;
        });
    }
}
