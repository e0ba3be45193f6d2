package dev.tokenledger.postgres;

import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerIncompatibleException;
import dev.tokenledger.sql.engine.CopiedRecord;
import dev.tokenledger.sql.engine.CopyState;
import dev.tokenledger.sql.engine.NameReader.ThreadIds;
import dev.tokenledger.sql.engine.StoredRecord;
import dev.tokenledger.sql.records.Combination;
import dev.tokenledger.sql.records.RareFields;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * What one copy of a ledger's records elsewhere is fed from: the records of finished transactions in the order of those, each once,
 * and how far the copy has come. For our own copies alone: it may change with any version.
 *
 * <p>Transactions are read up to the oldest one that is under way, which only those with a number of their own, that is writers, hold
 * back. Over one connection, for one thread. Every method throws a {@link LedgerException} if the database fails; nothing is known
 * then of what was under way, and the feed is to be closed and opened again.
 */
public final class CopyFeed implements AutoCloseable {

    private static final int FETCH = 1_000;
    private static final int MAX_NAME = 100;
    private static final long FIRST_SPAN = 1_024;

    private static final String ROW = "SELECT " + StoredRow.BEGINNING + ", r.written,"
            + " CASE WHEN r.kind IN (1, 5) THEN (SELECT v.reversed FROM {reversals} v WHERE v.reversal = r.id)"
            + " WHEN r.kind = 2 THEN (SELECT y.revalued FROM {revaluations} y WHERE y.revaluation = r.id) END, ";

    private static final String ROWS = ROW + qualified("c", Combination.COLUMNS) + ", "
            + qualified("f", RareFields.COLUMNS) + " FROM {records} r"
            + " JOIN {combinations} c ON c.id = r.combination"
            + " LEFT JOIN {threads} t ON t.id = r.thread"
            + " LEFT JOIN {attribute_sets} a ON a.id = r.attributes"
            + " LEFT JOIN {rare_fields} f ON f.id = r.rare_fields"
            + " LEFT JOIN {prices} p ON p.id = r.price"
            + " WHERE r.written >= ? AND r.written < ?";

    /** The place of the transaction's number in {@link #ROWS}, behind what a {@link StoredRow} reads. */
    private static final int WRITTEN = 28;

    private static final int COMBINATION = WRITTEN + 2;

    private static final int RARE_FIELDS = COMBINATION + 10;

    /** Of whoever holds back the oldest transaction that is under way; a prepared one has nobody. */
    private static final String HOLDER = """
            SELECT h.holder, extract(epoch FROM clock_timestamp() - h.since)::bigint FROM (
                SELECT 'process ' || a.pid || coalesce(', application ' || nullif(a.application_name, ''), '')
                        || coalesce(', user ' || a.usename, '') || coalesce(', ' || a.state, '') AS holder,
                    a.xact_start AS since, age(a.backend_xid) AS old
                FROM pg_stat_activity a WHERE a.backend_xid IS NOT NULL AND a.pid <> pg_backend_pid()
                UNION ALL
                SELECT 'prepared transaction ' || x.gid, x.prepared, age(x.transaction) FROM pg_prepared_xacts x
            ) h ORDER BY h.old DESC LIMIT 1
            """;

    private final Database database;
    private final String place;
    private final String copy;
    private long span = FIRST_SPAN;

    private CopyFeed(Database database, String place, String copy) {
        this.database = database;
        this.place = place;
        this.copy = copy;
    }

    /**
     * What the ledger keeps of the copy.
     *
     * @param former a table that is to be dropped; empty for none
     * @param trusted whether it is a copy of this very ledger, and not of one that this one was restored from
     */
    public record Copied(CopyState state, String former, boolean trusted) {}

    /**
     * Records of some transactions.
     *
     * @param to the first transaction after them; that of the state if there are none
     * @param entries how many records
     * @param checksum the sum of their numbers, as {@code long} addition wraps it
     */
    public record Range(long to, long entries, long checksum) {}

    /**
     * What has not been copied.
     *
     * @param entries how many records
     * @param age how long ago the first of them was recorded; zero if there are none
     * @param waiting those of them that an unfinished transaction holds back
     * @param holder whose transaction is the oldest that is under way; empty if there is none
     * @param held for how long it has been
     */
    public record Backlog(long entries, Duration age, long waiting, String holder, Duration held) {}

    /** Takes records. */
    @FunctionalInterface
    public interface Sink {
        /** The next one, read before the call returns. */
        void accept(CopiedRecord row) throws SQLException;
    }

    /**
     * Connects to a ledger.
     *
     * @param schema that of the ledger's tables; null for the one that connections are in
     * @param place how messages name the database, without a password
     * @param copy the copy's name in the ledger
     * @throws IllegalArgumentException if that is none of 1 to 100 characters
     * @throws LedgerIncompatibleException if there is no ledger, or one of another version
     */
    public static CopyFeed open(DataSource source, @Nullable String schema, String place, String copy) {
        if (copy.isEmpty() || copy.length() > MAX_NAME || copy.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "copy: expected a name of 1 to " + MAX_NAME + " characters, found one of " + copy.length());
        }
        Connection connection = null;
        try {
            connection = source.getConnection();
            connection.setAutoCommit(true);
            String name = schema;
            try (Statement statement = connection.createStatement()) {
                if (name == null) {
                    try (ResultSet row = statement.executeQuery("SELECT coalesce(current_schema(), 'public')")) {
                        row.next();
                        name = row.getString(1);
                    }
                }
            }
            PostgresSchema found = new PostgresSchema(name);
            int version = found.version(connection, place);
            if (version != PostgresSchema.newest()) {
                throw new LedgerIncompatibleException(
                        "cannot copy " + place + ": "
                                + (version == 0
                                        ? "there is no ledger in its schema " + name
                                        : "its schema is of version " + version)
                                + "; nothing was changed, open it once for writing",
                        null);
            }
            Database database = new Database(connection, found);
            // Records are found by their transactions, whatever the planner believes of their number.
            database.set("enable_seqscan", "off");
            database.set("lock_timeout", "'10s'");
            database.set("statement_timeout", "'10min'");
            database.set("synchronous_commit", "on");
            return new CopyFeed(database, place, copy);
        } catch (SQLException | RuntimeException e) {
            if (connection != null) {
                try {
                    connection.close();
                } catch (SQLException closing) {
                    e.addSuppressed(closing);
                }
            }
            throw e instanceof SQLException failed ? failure(place, failed) : (RuntimeException) e;
        }
    }

    private static LedgerException failure(String place, SQLException cause) {
        return PostgresErrors.of("copy", place, PostgresErrors.Attempt.READ, Watchdog.Stop.NOT, cause);
    }

    private static String qualified(String table, String columns) {
        return Arrays.stream(columns.split(", "))
                .map(column -> table + "." + column)
                .collect(Collectors.joining(", "));
    }

    /** How messages name the database. */
    public String place() {
        return place;
    }

    /** Has this process be the one that feeds the copy, until the feed is closed; false if another one is. */
    public boolean lock() {
        boolean locked = run(() -> database.query(database.schema().copyLock(copy), statement -> {}, row -> {
            row.next();
            return row.getBoolean(1);
        }));
        if (locked) {
            // A server frees the locks of a closed connection some time later.
            database.beforeClosing(database.schema().copyUnlock(copy));
        }
        return locked;
    }

    /** What the ledger keeps of the copy; empty if nobody has begun it. */
    public Optional<Copied> copied() {
        return run(() -> Copies.read(database, copy))
                .map(found -> new Copied(found.state(), found.former(), found.trusted()));
    }

    /** Has the ledger know of the copy, which is empty and stands in this table. False if it knows it already. */
    public boolean begin(String relation) {
        return change(
                "INSERT INTO {copies} (name, relation, former, origin, written, term, term_from, entries, checksum, updated)"
                        + " VALUES (?, ?, '', " + Copies.ORIGIN
                        + ", 0, 0, 0, 0, 0, clock_timestamp()) ON CONFLICT DO NOTHING",
                statement -> {
                    statement.setString(1, copy);
                    statement.setString(2, relation);
                    statement.setString(3, database.schema().sql("{copies}"));
                });
    }

    /** Has the copy be empty and stand in another table; the one before is to be dropped. */
    public boolean beginAgain(CopyState state, String relation) {
        return change(
                "UPDATE {copies} SET relation = ?, former = relation, origin = " + Copies.ORIGIN
                        + ", written = 0, term = 0,"
                        + " term_from = 0, entries = 0, checksum = 0, updated = clock_timestamp()"
                        + " WHERE name = ? AND relation = ?",
                statement -> {
                    statement.setString(1, relation);
                    statement.setString(2, database.schema().sql("{copies}"));
                    statement.setString(3, copy);
                    statement.setString(4, state.relation());
                });
    }

    /** The table from before is dropped. */
    public void forgetFormer() {
        change("UPDATE {copies} SET former = '' WHERE name = ?", statement -> statement.setString(1, copy));
    }

    /** Has the copy stand further on; false if somebody else has changed it meanwhile. */
    public boolean advance(CopyState from, CopyState to) {
        return change(
                "UPDATE {copies} SET written = ?, term = ?, term_from = ?, entries = ?, checksum = ?,"
                        + " updated = clock_timestamp() WHERE name = ? AND relation = ? AND written = ? AND term = ?",
                statement -> {
                    statement.setLong(1, to.written());
                    statement.setLong(2, to.term());
                    statement.setLong(3, to.termFrom());
                    statement.setLong(4, to.entries());
                    statement.setLong(5, to.checksum());
                    statement.setString(6, copy);
                    statement.setString(7, from.relation());
                    statement.setLong(8, from.written());
                    statement.setLong(9, from.term());
                });
    }

    private boolean change(String sql, Database.Parameters parameters) {
        return run(() -> database.update(sql, parameters)) == 1;
    }

    /**
     * Reads the records of the next finished transactions, all that one wrote or none, in no order.
     *
     * @param maxEntries how many records there should be at most; one transaction may have more
     */
    public Range read(CopyState state, int maxEntries, Sink sink) {
        return run(() -> inSnapshot(() -> {
            long end = database.number("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint");
            long to = end(state.written(), end, maxEntries);
            long[] sums = new long[2];
            if (to > state.written()) {
                database.query(
                        ROWS,
                        FETCH,
                        statement -> {
                            statement.setLong(1, state.written());
                            statement.setLong(2, to);
                        },
                        rows -> {
                            Row row = new Row(database, rows);
                            while (rows.next()) {
                                sink.accept(row);
                                sums[0]++;
                                sums[1] += row.number(StoredRecord.Number.SEQUENCE);
                            }
                            return true;
                        });
            }
            return new Range(sums[0] == 0 ? state.written() : to, sums[0], sums[1]);
        }));
    }

    /** Where to end: behind some transactions with few enough records, or the next one with any. */
    private long end(long from, long end, int maxEntries) throws SQLException {
        // Nothing was written from there to here.
        long low = from;
        boolean halved = false;
        while (low < end) {
            long to = end - low > span ? low + span : end;
            long count = count(low, to, maxEntries + 1);
            if (count > maxEntries) {
                if (to - low == 1) {
                    return to;
                }
                span = (to - low) / 2;
                halved = true;
            } else if (count > maxEntries / 2 || to == end || (count > 0 && halved)) {
                return to;
            } else {
                low = count == 0 ? to : low;
                halved &= count > 0;
                span = span > Long.MAX_VALUE / 2 ? Long.MAX_VALUE : 2 * span;
            }
        }
        return low;
    }

    private long count(long from, long to, int limit) throws SQLException {
        return database.number(
                "SELECT count(*) FROM (SELECT 1 FROM {records} r WHERE r.written >= ? AND r.written < ? LIMIT ?) counted",
                from,
                to,
                limit);
    }

    /** Has the index of transactions know the newest records; not needed, and not everybody's right. */
    public void tendIndex() {
        try {
            database.query(
                    "SELECT brin_summarize_new_values(?::regclass)",
                    statement -> statement.setString(1, database.schema().sql("{records_by_written}")),
                    ResultSet::next);
        } catch (SQLException e) {
            if (PostgresErrors.isLost(e)) {
                throw failure(place, e);
            }
        }
    }

    /** What has not been copied, and what holds it back. */
    public Backlog backlog(CopyState state) {
        return run(() -> inSnapshot(() -> {
            String[] holder = {""};
            long[] held = {0};
            database.query(HOLDER, statement -> {}, row -> {
                if (row.next()) {
                    holder[0] = row.getString(1);
                    held[0] = Math.max(0, row.getLong(2));
                }
                return true;
            });
            return database.query(
                    "SELECT count(*), coalesce(greatest(0, extract(epoch FROM clock_timestamp()) * 1000000"
                            + " - min(r.recorded)), 0)::bigint,"
                            + " count(*) FILTER (WHERE r.written >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"
                            + " FROM {records} r WHERE r.written >= ?",
                    statement -> statement.setLong(1, state.written()),
                    row -> {
                        row.next();
                        return new Backlog(
                                row.getLong(1),
                                Duration.ofNanos(Math.multiplyExact(row.getLong(2), 1_000L)),
                                row.getLong(3),
                                holder[0],
                                Duration.ofSeconds(held[0]));
                    });
        }));
    }

    /** How many records say that a transaction wrote them that has not begun: they came from another cluster's dump. */
    public long entriesOfTheFuture() {
        return run(
                () -> database.number(
                        "SELECT count(*) FROM {records} r WHERE r.written >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint"));
    }

    /** Has records of the future be written by a transaction of now, which they then are found by. */
    public void bringFutureBack() {
        change(
                "UPDATE {records} r SET written = pg_current_xact_id()::text::bigint"
                        + " WHERE r.written >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint",
                statement -> {});
    }

    private interface Work<T> {
        T run() throws SQLException;
    }

    private <T> T run(Work<T> work) {
        try {
            return work.run();
        } catch (SQLException e) {
            throw failure(place, e);
        }
    }

    /** All statements see one moment. */
    private <T> T inSnapshot(Work<T> work) throws SQLException {
        Connection connection = database.connection();
        connection.setAutoCommit(false);
        try {
            database.sendBefore("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
            T result = work.run();
            connection.commit();
            return result;
        } catch (SQLException | RuntimeException | Error e) {
            try {
                connection.rollback();
            } catch (SQLException rollback) {
                e.addSuppressed(rollback);
            }
            throw e;
        } finally {
            if (!connection.isClosed()) {
                connection.setAutoCommit(true);
            }
        }
    }

    /**
     * Gives up the lock and the connection. The next one gets the lock at once; where the connection was lost, as soon as the server
     * has noticed.
     */
    @Override
    public void close() {
        try {
            database.close();
        } catch (SQLException e) {
            System.getLogger(CopyFeed.class.getName())
                    .log(System.Logger.Level.DEBUG, "cannot close the connection that was copied by", e);
        }
    }

    /** The current row of {@link #ROWS}. */
    private static final class Row implements CopiedRecord {

        private final StoredRow beginning;
        private final ResultSet row;

        Row(Database database, ResultSet row) {
            beginning = new StoredRow(database, row);
            this.row = row;
        }

        @Override
        public long number(Number number) throws SQLException {
            return beginning.number(number);
        }

        @Override
        public @Nullable Long duration() throws SQLException {
            return beginning.duration();
        }

        @Override
        public @Nullable Long reportedCost() throws SQLException {
            return beginning.reportedCost();
        }

        @Override
        public int kind() throws SQLException {
            return beginning.kind();
        }

        @Override
        public String id() throws SQLException {
            return beginning.id();
        }

        @Override
        public String requestId() throws SQLException {
            return beginning.requestId();
        }

        @Override
        public String upstreamRequestId() throws SQLException {
            return beginning.upstreamRequestId();
        }

        @Override
        public @Nullable String extra() throws SQLException {
            return beginning.extra();
        }

        @Override
        public ThreadIds thread() throws SQLException {
            return beginning.thread();
        }

        @Override
        public String attributes() throws SQLException {
            return Objects.requireNonNullElse(beginning.attributes(), "");
        }

        @Override
        public String priceId() throws SQLException {
            return Objects.requireNonNullElse(row.getString(WRITTEN - 1), "");
        }

        @Override
        public long written() throws SQLException {
            return row.getLong(WRITTEN);
        }

        @Override
        public String concerned() throws SQLException {
            return Database.idText(row.getBytes(WRITTEN + 1));
        }

        @Override
        public Combination combination() throws SQLException {
            return Combination.read(row, COMBINATION);
        }

        @Override
        public RareFields rareFields() throws SQLException {
            return row.getString(RARE_FIELDS) == null ? RareFields.NONE : RareFields.read(row, RARE_FIELDS);
        }
    }
}
