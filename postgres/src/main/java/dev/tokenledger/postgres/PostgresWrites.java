package dev.tokenledger.postgres;

import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerException;
import dev.tokenledger.PeriodMark;
import dev.tokenledger.backend.Revision;
import dev.tokenledger.sql.engine.NameWriter;
import dev.tokenledger.sql.engine.PackedDelta;
import dev.tokenledger.sql.engine.PageWriter;
import dev.tokenledger.sql.engine.RecordWriter;
import dev.tokenledger.sql.engine.RevaluedRecord;
import dev.tokenledger.sql.engine.WriteSession;
import dev.tokenledger.sql.questions.DayCells;
import dev.tokenledger.sql.records.PreparedRecord;
import dev.tokenledger.sql.records.RowKind;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.sql.writing.Folding;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.TokenCounts;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes a ledger, one transaction after the other, over a connection that it keeps.
 *
 * <p>A batch of records is one statement that commits by itself: it inserts the rows and the delta of all of them, and divides by
 * zero if some ids were taken, so that nothing is stored. Then, and for whatever else is written, a transaction inserts, learns
 * which ids were free, and adds the delta of those. Rows are inserted in the order of their ids, because two transactions that
 * insert the same ones in opposite orders would wait for each other. Nothing is updated but readers' states.
 *
 * <p>One class, and long, because all parts of a session share the connection and what is known of its transaction.
 */
final class PostgresWrites implements WriteSession, RecordWriter, PageWriter {

    private static final String DIVISION_BY_ZERO = "22012";
    private static final String SERIALIZATION_FAILURE = "40001";
    private static final String WARNING = "01000";
    private static final String UNKNOWN_OUTCOME = "08007";

    /** Keys that are revised are locked by these many locks, which the server has room for whatever the batch. */
    private static final int KEY_LOCKS = 256;

    /** A connection that rested for so long may have been cut meanwhile. */
    private static final long RESTED_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final int VALID_SECONDS = 5;

    private static final String BIGINTS = "occurred, recorded, input, output, cost, cache_read, cache_creation,"
            + " cache_creation_5m, cache_creation_1h, reasoning, duration, reported_cost";

    private static final String INTS = "combination, thread, attributes, rare_fields, price";
    private static final String BYTES = "id, request_id, upstream_request_id";
    private static final String TEXTS = "extra";
    private static final String COLUMNS = String.join(", ", BIGINTS, INTS, BYTES, TEXTS);

    /**
     * A column for each array, in step. Several arrays in {@code FROM unnest(…)} would each be put down in a table of their own
     * first.
     */
    private static final String OFFERED = Stream.of(
                    columns("bigint", BIGINTS), columns("int", INTS), columns("bytea", BYTES), columns("text", TEXTS))
            .collect(Collectors.joining(", "));

    private static String columns(String type, String names) {
        return Arrays.stream(names.split(", "))
                .map(name -> "unnest(?::" + type + "[]) AS " + name)
                .collect(Collectors.joining(", "));
    }

    /** The transaction's number is asked for once, not by the default of each row. */
    private static final String STORE = "INSERT INTO {records} (seq, written, kind, " + COLUMNS
            + ") SELECT seq, (SELECT pg_current_xact_id()::text::bigint), 0, " + COLUMNS + " FROM ";

    private static final String STORED = " ORDER BY id, seq ON CONFLICT (id) DO NOTHING RETURNING ";

    /**
     * Numbers are those that a file gives: each row offered takes one, up to the last that is stored. What others store meanwhile
     * takes one too. They are drawn in the order given, and rows inserted in that of their ids.
     */
    private static final String INSERT = "WITH looked_up AS MATERIALIZED (SELECT o.*, row_number() OVER"
            + " (PARTITION BY o.id ORDER BY o.place) = 1 AND (SELECT r.kind FROM {records} r WHERE r.id = o.id) IS NULL"
            + " AS free FROM (SELECT " + OFFERED + ", generate_series(1, ?::int) AS place) o),"
            + " drawn AS MATERIALIZED (SELECT nextval('{records_seq}') AS seq, p.* FROM (SELECT * FROM looked_up"
            + " WHERE place <= (SELECT max(place) FROM looked_up WHERE free) ORDER BY place) p), stored AS (" + STORE
            + "drawn WHERE free" + STORED + "seq, id) SELECT seq, id FROM stored";

    /** No number is drawn if an id is taken already. {@code OFFSET 0} has them drawn before rows are sorted. */
    private static final String INSERT_ALL = "WITH stored AS (" + STORE + "(SELECT nextval('{records_seq}') AS seq, o.*"
            + " FROM (SELECT " + OFFERED + ") o WHERE NOT EXISTS (SELECT 1 FROM unnest(?::bytea[]) u (id)"
            + " WHERE (SELECT r.kind FROM {records} r WHERE r.id = u.id) IS NOT NULL) OFFSET 0) n" + STORED
            + "1), counted AS MATERIALIZED (SELECT count(*) AS inserted FROM stored),"
            + " delta AS (INSERT INTO {deltas} (count, first, last, whole, totals) SELECT ?, ?, ?, ?, ?"
            + " FROM counted WHERE inserted = ?)"
            + " SELECT 1 / (CASE inserted WHEN ? THEN 1 ELSE 0 END) FROM counted";

    private static final String ADJUST =
            "INSERT INTO {records} (seq, kind, id, recorded, occurred, combination, thread, input, output, cost, attributes,"
                    + " rare_fields, price, duration, extra, request_id, upstream_request_id)"
                    + " VALUES (nextval('{records_seq}'), 4, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?)"
                    + " ON CONFLICT (id) DO NOTHING RETURNING seq";

    private static final String NEGATE =
            "INSERT INTO {records} (seq, kind, id, recorded, occurred, combination, thread, input, output, cost, cache_read,"
                    + " cache_creation, cache_creation_5m, cache_creation_1h, reasoning, attributes, rare_fields, price)"
                    + " SELECT nextval('{records_seq}'), CASE kind WHEN 4 THEN 5 ELSE 1 END, ?, ?, occurred, combination, thread, -input, -output, -cost,"
                    + " -cache_read, -cache_creation, -cache_creation_5m, -cache_creation_1h, -reasoning, attributes,"
                    + " rare_fields, price FROM {records} WHERE id = coalesce((SELECT revaluation FROM {revaluations}"
                    + " WHERE revalued = ? AND number = ?), ?)"
                    + " AND NOT EXISTS (SELECT 1 FROM {revaluations} WHERE revalued = ? AND number > ?)";

    /** Links of records in force with the number of revaluations before these, what they take away, and what they count. */
    private static final String REVALUE = """
            WITH asked AS MATERIALIZED (
                SELECT u.*, ?::int AS run FROM unnest(?::bytea[], ?::int[], ?::bytea[], ?::bytea[], ?::bigint[], ?::bigint[],
                    ?::int[], ?::int[], ?::int[], ?::text[])
                    u (record, number, id, withdrawal, recorded, cost, combination, rare_fields, price, extra)
            ), linked AS (
                INSERT INTO {revaluations} (revalued, number, revaluation, withdrawal, run)
                SELECT a.record, a.number, a.id, a.withdrawal, a.run FROM asked a JOIN {records} r ON r.id = a.record
                WHERE r.kind = 0 AND NOT EXISTS (SELECT 1 FROM {reversals} v WHERE v.reversed = a.record)
                    AND (SELECT count(*) FROM {revaluations} x WHERE x.revalued = a.record) = a.number - 1
                ORDER BY a.record
                ON CONFLICT DO NOTHING
                RETURNING revalued
            ), written AS MATERIALIZED (
                SELECT nextval('{records_seq}') AS withdrawn, nextval('{records_seq}') AS seq, a.*, p.id AS before
                FROM linked l JOIN asked a ON a.record = l.revalued
                JOIN {records} p ON p.id = coalesce((SELECT x.revaluation FROM {revaluations} x
                    WHERE x.revalued = a.record AND x.number = a.number - 1), a.record)
                ORDER BY a.id
            ), withdrawals AS (
                INSERT INTO {records} (seq, kind, id, recorded, occurred, combination, thread, input, output, cost, cache_read,
                    cache_creation, cache_creation_5m, cache_creation_1h, reasoning, attributes, rare_fields, price)
                SELECT w.withdrawn, 3, w.withdrawal, w.recorded, p.occurred, p.combination, p.thread, -p.input, -p.output,
                    -p.cost, -p.cache_read, -p.cache_creation, -p.cache_creation_5m, -p.cache_creation_1h, -p.reasoning,
                    p.attributes, p.rare_fields, p.price
                FROM written w JOIN {records} p ON p.id = w.before
            ), counted AS (
                INSERT INTO {records} (seq, kind, id, recorded, occurred, combination, thread, input, output, cost, cache_read,
                    cache_creation, cache_creation_5m, cache_creation_1h, reasoning, attributes, rare_fields, price, extra)
                SELECT w.seq, 2, w.id, w.recorded, p.occurred, w.combination, p.thread, p.input, p.output, w.cost, p.cache_read,
                    p.cache_creation, p.cache_creation_5m, p.cache_creation_1h, p.reasoning, p.attributes, w.rare_fields,
                    w.price, w.extra
                FROM written w JOIN {records} p ON p.id = w.record
            )
            SELECT count(*) FROM written
            """;

    private static final String LOOK_UP = "SELECT " + StoredRow.OF_RECORDS + " FROM {records} r WHERE r.id = ANY (?)";

    /** Opens connections for writing. */
    @FunctionalInterface
    interface Opener {
        Database open() throws SQLException;
    }

    private final Opener opener;
    private final String place;
    private final PostgresNames names = new PostgresNames(this::forNames);
    private final Consumer<PackedDelta> added;
    private @Nullable Database database;
    private @Nullable Database beside;
    private boolean inTransaction;

    /** Holds the lock on everything derived while it is computed anew. */
    private @Nullable Database guard;

    /** Whether some of what a transaction was to write is committed already. */
    private boolean partlyCommitted;

    /** Whether a statement was sent that commits by itself, and not answered. */
    private boolean committing;

    private long lastUsed = System.nanoTime();
    private long besideUsed;

    /** @param added is told of each delta, perhaps before it is committed */
    PostgresWrites(Opener opener, String place, Consumer<PackedDelta> added) {
        this.opener = opener;
        this.place = place;
        this.added = added;
    }

    private Database open() throws SQLException {
        Database open = database;
        if (open != null && !inTransaction && !isThere(open, lastUsed)) {
            dropAll();
            open = null;
        }
        if (open == null) {
            open = opener.open();
            database = open;
        }
        lastUsed = System.nanoTime();
        return open;
    }

    /** The connection itself as long as it has no transaction under way, else one beside it. */
    private Database forNames() throws SQLException {
        if (!inTransaction) {
            return open();
        }
        Database other = beside;
        if (other != null && !isThere(other, besideUsed)) {
            drop(other);
            other = null;
        }
        if (other == null) {
            other = opener.open();
            beside = other;
        }
        besideUsed = System.nanoTime();
        return other;
    }

    /** Whether a connection is still of use; to ask the server costs a round trip. */
    private static boolean isThere(Database database, long used) throws SQLException {
        Connection connection = database.connection();
        return !connection.isClosed()
                && (System.nanoTime() - used <= RESTED_NANOS || connection.isValid(VALID_SECONDS));
    }

    /** The connection, with a transaction under way. */
    private Database writing() throws SQLException {
        Database open = open();
        if (!inTransaction) {
            open.connection().setAutoCommit(false);
            inTransaction = true;
        }
        return open;
    }

    @Override
    public void begin(String action) throws SQLException {
        committing = false;
        partlyCommitted = false;
        open();
    }

    @Override
    public RecordWriter records() {
        return this;
    }

    @Override
    public NameWriter names() {
        return names;
    }

    @Override
    public PageWriter pages() {
        return this;
    }

    @Override
    public void finish() {
        // Everything is written when it is asked for.
    }

    @Override
    public void commit() throws SQLException {
        Database open = database;
        if (open != null && inTransaction) {
            open.connection().clearWarnings();
            open.connection().commit();
            checkReplicated(open.connection().getWarnings());
            inTransaction = false;
            open.connection().setAutoCommit(true);
        }
        lastUsed = System.nanoTime();
        close(guard);
        guard = null;
    }

    /**
     * A server that was told by somebody else to wait no longer for its replica commits nevertheless, and says so in a warning.
     *
     * @throws SQLException if there is such a warning: a commit whose answer is unknown, as one that was lost
     */
    private static void checkReplicated(@Nullable SQLWarning first) throws SQLException {
        for (SQLWarning warning = first; warning != null; warning = warning.getNextWarning()) {
            if (WARNING.equals(warning.getSQLState())) {
                throw new SQLException(warning.getMessage(), UNKNOWN_OUTCOME, warning);
            }
        }
    }

    @Override
    public void rollback() {
        // What went wrong with one connection may have happened to the others too: they are tried before they are used
        // again.
        lastUsed = System.nanoTime() - 2 * RESTED_NANOS;
        besideUsed = lastUsed;
        drop(guard);
        guard = null;
        Database open = database;
        if (open == null) {
            return;
        }
        try {
            if (inTransaction) {
                inTransaction = false;
                open.connection().rollback();
            }
            open.connection().setAutoCommit(true);
            if (!open.connection().isClosed()) {
                return;
            }
        } catch (SQLException e) {
            // A connection that cannot leave its transaction is of no use; the failure that led here is the one to
            // report.
            inTransaction = false;
        }
        dropAll();
    }

    @Override
    public boolean isRetryable(SQLException cause) {
        return PostgresErrors.isRetryable(cause);
    }

    @Override
    public LedgerException failure(String action, Stage stage, SQLException cause) {
        boolean uncertain = partlyCommitted || ((stage == Stage.COMMIT || committing) && PostgresErrors.isLost(cause));
        return PostgresErrors.of(
                action,
                place,
                uncertain ? PostgresErrors.Attempt.COMMIT : PostgresErrors.Attempt.WRITE,
                Watchdog.Stop.NOT,
                cause);
    }

    @Override
    public void touch() throws SQLException {
        writing().update("INSERT INTO {meta} (version) SELECT 0 WHERE false", statement -> {});
    }

    @Override
    public void close() {
        close(database);
        close(beside);
        close(guard);
        forget();
    }

    /** For connections that may not answer any more. */
    private void dropAll() {
        drop(database);
        drop(beside);
        drop(guard);
        forget();
    }

    private void forget() {
        guard = null;
        database = null;
        beside = null;
        inTransaction = false;
    }

    private static void close(@Nullable Database database) {
        if (database != null) {
            end(database::close);
        }
    }

    private static void drop(@Nullable Database database) {
        if (database != null) {
            end(database::drop);
        }
    }

    private interface Ending {
        void run() throws SQLException;
    }

    private static void end(Ending ending) {
        try {
            ending.run();
        } catch (SQLException e) {
            System.getLogger(PostgresWrites.class.getName())
                    .log(System.Logger.Level.DEBUG, "cannot close a connection", e);
        }
    }

    // ---- Records

    @Override
    public List<PreparedRecord> insert(List<PreparedRecord> rows) throws SQLException {
        Map<String, Long> numbers = writing()
                .query(
                        INSERT,
                        statement -> {
                            int next = bind(statement, rows, ids(rows, PreparedRecord::id));
                            statement.setInt(next, rows.size());
                        },
                        PostgresWrites::numbers);
        List<PreparedRecord> taken = new ArrayList<>();
        for (PreparedRecord row : rows) {
            // Of equal ids the first one is inserted, whose number is the lowest.
            Long number = numbers.remove(row.record().id().value());
            if (number == null) {
                taken.add(row);
            } else {
                row.number(number);
            }
        }
        return taken;
    }

    private static Map<String, Long> numbers(ResultSet row) throws SQLException {
        Map<String, Long> numbers = new HashMap<>();
        while (row.next()) {
            numbers.put(Database.idText(row.getBytes(2)), row.getLong(1));
        }
        return numbers;
    }

    @Override
    public boolean insertsAll() {
        return true;
    }

    @Override
    public boolean insertAll(List<PreparedRecord> rows, Supplier<@Nullable PackedDelta> delta) throws SQLException {
        if (inTransaction || haveEqualIds(rows)) {
            return false;
        }
        PackedDelta all = delta.get();
        if (all == null) {
            return false;
        }
        committing = true;
        try {
            open().query(
                            INSERT_ALL,
                            statement -> {
                                byte[][] ids = ids(rows, PreparedRecord::id);
                                int next = bind(statement, rows, ids);
                                Database.setBytes(statement, next++, ids);
                                next = bind(statement, next, all);
                                statement.setInt(next++, rows.size());
                                statement.setInt(next, rows.size());
                            },
                            stored -> {
                                checkReplicated(stored.getStatement().getWarnings());
                                return stored.next();
                            });
            committing = false;
        } catch (SQLException e) {
            if (PostgresErrors.state(e).equals(DIVISION_BY_ZERO)) {
                committing = false;
                return false;
            }
            throw e;
        }
        added.accept(all);
        return true;
    }

    private static final List<Function<PreparedRecord, @Nullable Long>> BIGINT_VALUES = List.of(
            PreparedRecord::occurred,
            PreparedRecord::recorded,
            row -> tokens(row).input(),
            row -> tokens(row).output(),
            PreparedRecord::costPicos,
            row -> orNone(tokens(row).cacheRead()),
            row -> orNone(tokens(row).cacheCreation()),
            row -> orNone(tokens(row).cacheCreation5m()),
            row -> orNone(tokens(row).cacheCreation1h()),
            row -> orNone(tokens(row).reasoning()),
            PreparedRecord::duration,
            PreparedRecord::reportedCost);

    private static final List<Function<PreparedRecord, @Nullable Integer>> INT_VALUES = List.of(
            row -> row.references().combination(),
            row -> orNone(row.references().thread()),
            row -> orNone(row.references().attributesNumber()),
            row -> orNone(row.references().rareFields()),
            row -> orNone(row.references().price()));

    /** Arrays of the types that the driver sends as they are, not as texts. */
    private static int bind(PreparedStatement statement, List<PreparedRecord> rows, byte[][] ids) throws SQLException {
        int index = 0;
        for (Function<PreparedRecord, @Nullable Long> column : BIGINT_VALUES) {
            Database.setLongs(statement, ++index, rows.stream().map(column).toArray(Long[]::new));
        }
        for (Function<PreparedRecord, @Nullable Integer> column : INT_VALUES) {
            Database.setInts(statement, ++index, rows.stream().map(column).toArray(Integer[]::new));
        }
        Database.setBytes(statement, ++index, ids);
        Database.setBytes(statement, ++index, ids(rows, PreparedRecord::requestId));
        Database.setBytes(statement, ++index, ids(rows, PreparedRecord::upstreamRequestId));
        Database.setTexts(
                statement, ++index, rows.stream().map(PreparedRecord::extra).toArray(String[]::new));
        return index + 1;
    }

    private static byte[][] ids(List<PreparedRecord> rows, Function<PreparedRecord, @Nullable Object> column) {
        byte[][] bytes = new byte[rows.size()][];
        for (int i = 0; i < bytes.length; i++) {
            Object id = column.apply(rows.get(i));
            if (id != null) {
                bytes[i] = Database.id(id);
            }
        }
        return bytes;
    }

    private static boolean haveEqualIds(List<PreparedRecord> rows) {
        if (rows.size() == 1) {
            return false;
        }
        Set<RecordId> ids = new HashSet<>(rows.size() * 2);
        return !rows.stream().allMatch(row -> ids.add(row.record().id()));
    }

    private static TokenCounts tokens(PreparedRecord row) {
        return row.record().tokens();
    }

    private static @Nullable Long orNone(long count) {
        return count == 0 ? null : (Long) count;
    }

    private static @Nullable Integer orNone(@Nullable Long number) {
        return number == null ? null : (Integer) Math.toIntExact(number);
    }

    @Override
    public void lookUp(Collection<Object> ids, Sink sink) throws SQLException {
        byte[][] wanted = PostgresNames.bytes(new HashSet<>(ids));
        Database open = writing();
        open.query(LOOK_UP, statement -> Database.setBytes(statement, 1, wanted), rows -> {
            StoredRow stored = new StoredRow(open, rows);
            while (rows.next()) {
                sink.row(stored);
            }
            return true;
        });
    }

    @Override
    public @Nullable LedgerEntry find(RecordId id) throws SQLException {
        return StoredRow.byId(writing(), Database.id(id.value()));
    }

    @Override
    public List<LedgerEntry> revisions(String key) throws SQLException {
        return Revision.inOrder(key, PostgresReads.revisions(writing(), key));
    }

    /** Locks the keys first, in one order for all: whoever revises one of them waits for this transaction. */
    @Override
    public Set<String> revised(Collection<String> keys) throws SQLException {
        Database open = writing();
        TreeSet<Long> locks = new TreeSet<>();
        for (String key : keys) {
            int hash = (open.schema().name() + ' ' + key).hashCode();
            locks.add(((long) PostgresSchema.LOCKS << 32) + Math.floorMod((hash * 0x9e3779b1) >>> 8, KEY_LOCKS));
        }
        open.query(
                "SELECT pg_advisory_xact_lock(k) FROM unnest(?::bigint[]) k",
                statement -> Database.setLongs(statement, 1, locks.toArray(Long[]::new)),
                ResultSet::next);
        List<String> asked = List.copyOf(new HashSet<>(keys));
        byte[][] firsts = asked.stream().map(Database::id).toArray(byte[][]::new);
        byte[][] from = asked.stream()
                .map(key -> Database.id((Object) Revision.laterFrom(key)))
                .toArray(byte[][]::new);
        byte[][] to = asked.stream()
                .map(key -> Database.id((Object) Revision.laterTo(key)))
                .toArray(byte[][]::new);
        return open.query(
                "SELECT r.id FROM {records} r WHERE r.id = ANY (?) UNION ALL"
                        + " SELECT r.id FROM unnest(?, ?) k (first, last) CROSS JOIN LATERAL"
                        + " (SELECT id FROM {records} WHERE id > k.first AND id < k.last) r",
                statement -> {
                    Database.setBytes(statement, 1, firsts);
                    Database.setBytes(statement, 2, from);
                    Database.setBytes(statement, 3, to);
                },
                row -> {
                    Set<String> all = new HashSet<>(asked);
                    Set<String> revised = new HashSet<>();
                    while (row.next()) {
                        String id = Database.idText(row.getBytes(1));
                        revised.add(all.contains(id) ? id : Revision.key(RecordId.of(id)));
                    }
                    return revised;
                });
    }

    @Override
    public List<LedgerEntry> ofRequest(String sessionId, String upstreamRequestId) throws SQLException {
        return StoredRow.entries(
                writing(),
                "SELECT " + StoredRow.COLUMNS + " FROM {records} r" + StoredRow.JOINS
                        + " WHERE r.thread IN (SELECT id FROM {threads} WHERE session = ?)"
                        + " AND r.upstream_request_id = ? AND r.kind = 0",
                statement -> {
                    statement.setBytes(1, Database.id(sessionId));
                    statement.setBytes(2, Database.id(upstreamRequestId));
                });
    }

    @Override
    public List<LedgerEntry> find(Collection<RecordId> ids) throws SQLException {
        byte[][] wanted =
                new HashSet<>(ids).stream().map(id -> Database.id(id.value())).toArray(byte[][]::new);
        return StoredRow.entries(
                writing(),
                "SELECT " + StoredRow.COLUMNS + " FROM {records} r" + StoredRow.JOINS
                        + " WHERE r.id = ANY (?) AND r.kind <> " + RowKind.WITHDRAWAL,
                statement -> Database.setBytes(statement, 1, wanted));
    }

    @Override
    public void lockCorrections(boolean alone) throws SQLException {
        Database open = writing();
        open.query(open.schema().correctionLock(!alone), statement -> {}, ResultSet::next);
    }

    @Override
    public List<PeriodMark> periodMarks() throws SQLException {
        return PostgresReads.periodMarks(writing());
    }

    @Override
    public void mark(PeriodMark mark) throws SQLException {
        writing()
                .update(
                        "INSERT INTO {period_marks} (closed_before, zone, reason, recorded) VALUES (?, ?, ?, ?)",
                        statement -> {
                            statement.setObject(
                                    1, mark.closedBefore().map(Values::micros).orElse(null), Types.BIGINT);
                            statement.setString(2, mark.zone());
                            statement.setString(3, mark.reason());
                            statement.setLong(4, Values.micros(mark.recorded()));
                        });
    }

    @Override
    public int revalue(List<RevaluedRecord> rows) throws SQLException {
        lockCorrections(true);
        Database open = writing();
        // Made for any number of rows, its plan would be one for a few.
        open.update("SET LOCAL plan_cache_mode = force_custom_plan", statement -> {});
        Map<List<String>, List<RevaluedRecord>> byRun = new LinkedHashMap<>();
        for (RevaluedRecord row : rows) {
            byRun.computeIfAbsent(
                            List.of(row.revaluation().run(), row.revaluation().reason()), run -> new ArrayList<>())
                    .add(row);
        }
        int written = 0;
        for (Map.Entry<List<String>, List<RevaluedRecord>> run : byRun.entrySet()) {
            int number = run(open, run.getKey().get(0), run.getKey().get(1));
            written += open.query(REVALUE, statement -> bind(statement, number, run.getValue()), row -> {
                row.next();
                return row.getInt(1);
            });
        }
        return written;
    }

    private static int run(Database open, String run, String reason) throws SQLException {
        byte[] digest = Database.digest(run, reason);
        open.update(
                "INSERT INTO {revaluation_runs} (digest, run, reason) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING",
                statement -> {
                    statement.setBytes(1, digest);
                    statement.setString(2, run);
                    statement.setString(3, reason);
                });
        return open.query(
                "SELECT id FROM {revaluation_runs} WHERE digest = ?",
                statement -> statement.setBytes(1, digest),
                row -> {
                    row.next();
                    return row.getInt(1);
                });
    }

    private static void bind(PreparedStatement statement, int run, List<RevaluedRecord> rows) throws SQLException {
        statement.setInt(1, run);
        Database.setBytes(
                statement,
                2,
                rows.stream().map(row -> Database.id(row.row().id())).toArray(byte[][]::new));
        Database.setInts(
                statement,
                3,
                rows.stream().map(row -> row.revaluation().number()).toArray(Integer[]::new));
        Database.setBytes(
                statement,
                4,
                rows.stream()
                        .map(row -> Database.id(row.revaluation().id().value()))
                        .toArray(byte[][]::new));
        Database.setBytes(
                statement,
                5,
                rows.stream().map(row -> Database.id(row.withdrawal().value())).toArray(byte[][]::new));
        Database.setLongs(
                statement, 6, rows.stream().map(row -> row.row().recorded()).toArray(Long[]::new));
        Database.setLongs(
                statement, 7, rows.stream().map(row -> row.row().costPicos()).toArray(Long[]::new));
        List<Function<PreparedRecord, @Nullable Integer>> ints = List.of(
                row -> row.references().combination(),
                row -> orNone(row.references().rareFields()),
                row -> orNone(row.references().price()));
        for (int i = 0; i < ints.size(); i++) {
            Function<PreparedRecord, @Nullable Integer> column = ints.get(i);
            Database.setInts(
                    statement,
                    8 + i,
                    rows.stream().map(row -> column.apply(row.row())).toArray(Integer[]::new));
        }
        Database.setTexts(
                statement, 11, rows.stream().map(row -> row.row().extra()).toArray(String[]::new));
    }

    @Override
    public boolean adjust(PreparedRecord row, String reason) throws SQLException {
        Database open = writing();
        byte[] id = Database.id(row.id());
        long seq = open.query(
                ADJUST,
                statement -> {
                    statement.setBytes(1, id);
                    statement.setLong(2, row.recorded());
                    statement.setLong(3, row.occurred());
                    statement.setInt(4, row.references().combination());
                    statement.setObject(5, orNone(row.references().thread()), Types.INTEGER);
                    statement.setLong(6, row.costPicos());
                    statement.setObject(7, orNone(row.references().attributesNumber()), Types.INTEGER);
                    statement.setObject(8, orNone(row.references().rareFields()), Types.INTEGER);
                    statement.setObject(9, orNone(row.references().price()), Types.INTEGER);
                    statement.setObject(10, row.duration(), Types.BIGINT);
                    statement.setString(11, row.extra());
                    statement.setBytes(12, ids(List.of(row), PreparedRecord::requestId)[0]);
                    statement.setBytes(13, ids(List.of(row), PreparedRecord::upstreamRequestId)[0]);
                },
                found -> found.next() ? found.getLong(1) : 0L);
        if (seq == 0) {
            return false;
        }
        open.update("INSERT INTO {adjustments} (adjustment, reason) VALUES (?, ?)", statement -> {
            statement.setBytes(1, id);
            statement.setString(2, reason);
        });
        row.number(seq);
        return true;
    }

    @Override
    public boolean negate(LedgerEntry entry, LedgerEntry.Reversal reversal, Instant recorded) throws SQLException {
        Database open = writing();
        byte[] id = Database.id(reversal.id().value());
        byte[] of = Database.id(entry.id().value());
        int linked = open.update(
                "INSERT INTO {reversals} (reversed, reversal, reason) VALUES (?, ?, ?) ON CONFLICT (reversed) DO NOTHING",
                statement -> {
                    statement.setBytes(1, of);
                    statement.setBytes(2, id);
                    statement.setString(3, reversal.reason());
                });
        if (linked == 0) {
            return false;
        }
        // Waits for revaluations under way, which the next statement sees.
        lockCorrections(false);
        int written = open.update(NEGATE, statement -> {
            statement.setBytes(1, id);
            statement.setLong(2, Values.micros(recorded));
            statement.setBytes(3, of);
            statement.setInt(4, entry.revaluations());
            statement.setBytes(5, of);
            statement.setBytes(6, of);
            statement.setInt(7, entry.revaluations());
        });
        if (written == 0) {
            throw new SQLException(
                    "the record was revalued by another process at the same time", SERIALIZATION_FAILURE);
        }
        return true;
    }

    @Override
    public void putReaderStates(Map<String, String> states) throws SQLException {
        // In one order for all, so that two readers of the same sources do not wait for each other in a circle.
        for (Map.Entry<String, String> state : new TreeMap<>(states).entrySet()) {
            byte[] digest = Database.digest(state.getKey());
            if (state.getValue().isEmpty()) {
                writing()
                        .update(
                                "DELETE FROM {reader_states} WHERE digest = ?",
                                statement -> statement.setBytes(1, digest));
            } else {
                writing()
                        .update(
                                "INSERT INTO {reader_states} (digest, key, state) VALUES (?, ?, ?)"
                                        + " ON CONFLICT (digest) DO UPDATE SET state = excluded.state",
                                statement -> {
                                    statement.setBytes(1, digest);
                                    statement.setString(2, state.getKey());
                                    statement.setString(3, state.getValue());
                                });
            }
        }
    }

    /** Waits for another transaction that has written the state, and compares with what that left: one statement of its own. */
    @Override
    public boolean compareAndSetReaderState(String key, String expected, String state) throws SQLException {
        byte[] digest = Database.digest(key);
        int written = expected.isEmpty()
                ? writing()
                        .update(
                                "INSERT INTO {reader_states} (digest, key, state) VALUES (?, ?, ?)"
                                        + " ON CONFLICT (digest) DO NOTHING",
                                statement -> {
                                    statement.setBytes(1, digest);
                                    statement.setString(2, key);
                                    statement.setString(3, state);
                                })
                : writing().update("UPDATE {reader_states} SET state = ? WHERE digest = ? AND state = ?", statement -> {
                    statement.setString(1, state);
                    statement.setBytes(2, digest);
                    statement.setString(3, expected);
                });
        return written == 1;
    }

    // ---- Roll-ups

    private static int bind(PreparedStatement statement, int first, PackedDelta delta) throws SQLException {
        statement.setInt(first, delta.count());
        statement.setInt(first + 1, Math.toIntExact(delta.first()));
        statement.setInt(first + 2, Math.toIntExact(delta.last()));
        statement.setBytes(first + 3, delta.whole());
        statement.setBytes(first + 4, delta.cells());
        return first + 5;
    }

    @Override
    public void addDelta(PackedDelta delta) throws SQLException {
        writing()
                .update(
                        "INSERT INTO {deltas} (count, first, last, whole, totals) VALUES (?, ?, ?, ?, ?)",
                        statement -> bind(statement, 1, delta));
        added.accept(delta);
    }

    /** Writers that fold would wait for each other: {@link Folder} does it. */
    @Override
    public @Nullable Waiting waiting() {
        return null;
    }

    @Override
    public void takeDeltas(Consumer<byte[]> sink) throws SQLException {
        writing().query("DELETE FROM {deltas} RETURNING totals", statement -> {}, row -> {
            while (row.next()) {
                sink.accept(row.getBytes(1));
            }
            return true;
        });
    }

    @Override
    public Set<Long> wideAttributes() throws SQLException {
        return writing().query("SELECT id FROM {attribute_keys} WHERE wide", statement -> {}, row -> {
            Set<Long> wide = new HashSet<>();
            while (row.next()) {
                wide.add(row.getLong(1));
            }
            return wide;
        });
    }

    @Override
    public void merge(SortedSet<Long> pages, PageMerge merge) throws SQLException {
        Long[] keys = pages.toArray(Long[]::new);
        Map<Long, byte[]> before = writing()
                .query(
                        "SELECT key, totals FROM {pages} WHERE key = ANY (?)",
                        statement -> Database.setLongs(statement, 1, keys),
                        row -> {
                            Map<Long, byte[]> stored = new HashMap<>();
                            while (row.next()) {
                                stored.put(row.getLong(1), row.getBytes(2));
                            }
                            return stored;
                        });
        byte[][] cells = new byte[keys.length][];
        for (int i = 0; i < keys.length; i++) {
            cells[i] = merge.merged(keys[i], before.get(keys[i]));
        }
        writing()
                .update(
                        "INSERT INTO {pages} (key, totals) SELECT * FROM unnest(?::bigint[], ?::bytea[])"
                                + " ON CONFLICT (key) DO UPDATE SET totals = excluded.totals",
                        statement -> {
                            Database.setLongs(statement, 1, keys);
                            Database.setBytes(statement, 2, cells);
                        });
    }

    @Override
    public SQLException damaged(RuntimeException cause) {
        return StoredRow.damaged("a roll-up is corrupt; run 'tokenledger rebuild'", cause);
    }

    /** Takes the lock on everything derived, and holds it until the transaction ends. */
    boolean lockFolding(boolean orGiveUp) throws SQLException {
        Database open = writing();
        return open.query(open.schema().foldLock(orGiveUp), statement -> {}, row -> {
            row.next();
            return !orGiveUp || row.getBoolean(1);
        });
    }

    /**
     * Computes all roll-ups anew while other writers go on. It sees the records of one moment, removes the deltas that were there
     * then, and leaves those that are committed later, whose records it does not see. Nobody folds meanwhile.
     */
    @Override
    public void rebuild() throws SQLException {
        if (inTransaction) {
            // What was begun may have seen an earlier moment than the lock.
            commit();
            partlyCommitted = true;
        }
        // Beside it, because whoever waits for a lock in a transaction has seen its moment before.
        Database locking = opener.open();
        guard = locking;
        locking.connection().setAutoCommit(false);
        locking.query(locking.schema().foldLock(false), statement -> {}, ResultSet::next);
        Database open = writing();
        open.update("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", statement -> {});
        open.update("DELETE FROM {deltas}", statement -> {});
        open.update("DELETE FROM {pages}", statement -> {});
        PostgresReads reads = new PostgresReads(open, new KnownCombinations());
        DayCells cells = new DayCells(reads);
        for (long day : reads.days()) {
            Folding.merge(this, cells.of(day));
        }
    }
}
