package dev.tokenledger.benchmarks;

import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.usage.UsageRecord;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The design that the ledger is measured against, rebuilt as its source document has it: one table with a row per
 * record and commit, RFC 3339 text to the second, costs as floating-point numbers, a text id as the primary key, three
 * indexes (timestamp, session, conversation), and sums that read every row of the window.
 *
 * <p>Where a choice was open it was made in the baseline's favour. SQLite and its driver, WAL and
 * {@code synchronous=FULL} are the same as the ledger's; statements are prepared once; the cost of each record is handed
 * over, not computed; another connection reads. How its writers are kept apart decides much under load, so there are
 * three {@linkplain Writers ways}, of which the measurements take whichever did best.
 */
final class BaselineStore implements AutoCloseable {

    private static final String INSERT = """
            INSERT INTO usage_records (id, timestamp, request_id, upstream_request_id, session_id, conversation_id,
                model, upstream_model, resource, provider, input_tokens, output_tokens, cache_creation_input_tokens,
                cache_creation_5m_input_tokens, cache_creation_1h_input_tokens, cache_read_input_tokens, cost_usd,
                role, task_name, pricing_status, outcome, duration_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """;

    private static final String SUMS = """
            COUNT(*), COALESCE(SUM(input_tokens), 0), COALESCE(SUM(output_tokens), 0), \
            COALESCE(SUM(cache_creation_input_tokens), 0), COALESCE(SUM(cache_read_input_tokens), 0), \
            COALESCE(SUM(cost_usd), 0) AS cost""";

    private static final String IN_WINDOW = " FROM usage_records WHERE timestamp >= ? AND timestamp < ?";

    /** How threads that write at once are kept apart. */
    enum Writers {
        /** One connection, behind a lock that lets in whoever runs: fewest switches of threads, some of which wait long. */
        FIRST_COME,
        /** One connection, behind a lock that keeps to the order of arrival: even waits, a switch for each record. */
        IN_TURN,
        /** A connection for each thread, and SQLite's busy timeout between them: a few waits of many seconds. */
        CONNECTION_EACH
    }

    /** A connection that writes, and its statement. */
    private record Inserting(Connection connection, PreparedStatement insert) {}

    private final Path file;
    private final Writers writers;
    private final Connection reader;
    private final Inserting shared;
    private final ReentrantLock writing;
    private final Map<Thread, Inserting> each = new ConcurrentHashMap<>();
    private final Map<String, PreparedStatement> queries = new HashMap<>();

    /** What the baseline knows of a group of records. */
    record Row(String key, long records, long input, long output, long cacheCreation, long cacheRead, double costUsd) {}

    private BaselineStore(Path file, Writers writers) throws SQLException {
        this.file = file;
        this.writers = writers;
        writing = new ReentrantLock(writers == Writers.IN_TURN);
        Connection writer = connect(file);
        try (Statement statement = writer.createStatement()) {
            statement.execute("""
                    CREATE TABLE IF NOT EXISTS usage_records (
                        id TEXT PRIMARY KEY,
                        timestamp TEXT NOT NULL,
                        request_id TEXT NOT NULL,
                        session_id TEXT,
                        conversation_id TEXT,
                        model TEXT NOT NULL,
                        provider TEXT NOT NULL,
                        input_tokens INTEGER NOT NULL,
                        output_tokens INTEGER NOT NULL,
                        cost_usd REAL NOT NULL,
                        role TEXT NOT NULL,
                        task_name TEXT,
                        upstream_model TEXT NOT NULL DEFAULT '',
                        resource TEXT NOT NULL DEFAULT '',
                        cache_creation_input_tokens INTEGER NOT NULL DEFAULT 0,
                        cache_read_input_tokens INTEGER NOT NULL DEFAULT 0,
                        cache_creation_5m_input_tokens INTEGER NOT NULL DEFAULT 0,
                        cache_creation_1h_input_tokens INTEGER NOT NULL DEFAULT 0,
                        upstream_request_id TEXT NOT NULL DEFAULT '',
                        pricing_status TEXT NOT NULL DEFAULT '',
                        outcome TEXT NOT NULL DEFAULT '',
                        duration_ms INTEGER NOT NULL DEFAULT 0)
                    """);
            statement.execute("CREATE INDEX IF NOT EXISTS idx_usage_timestamp ON usage_records(timestamp)");
            statement.execute("CREATE INDEX IF NOT EXISTS idx_usage_session ON usage_records(session_id)");
            statement.execute("CREATE INDEX IF NOT EXISTS idx_usage_conversation ON usage_records(conversation_id)");
        }
        shared = new Inserting(writer, writer.prepareStatement(INSERT));
        reader = connect(file);
    }

    /** Opens the store in a file, creating it. */
    static BaselineStore open(Path file, Writers writers) {
        try {
            return new BaselineStore(file, writers);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot open the baseline in " + file, e);
        }
    }

    private static Connection connect(Path file) throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode=WAL");
            statement.execute("PRAGMA synchronous=FULL");
            statement.execute("PRAGMA busy_timeout=60000");
        }
        return connection;
    }

    /** Inserts one record; durable on return. Safe for use by many threads, which wait for each other. */
    void append(UsageRecord record, Cost cost) {
        try {
            if (writers == Writers.CONNECTION_EACH) {
                PreparedStatement insert = ofThisThread();
                bind(insert, record, cost);
                insert.executeUpdate();
                return;
            }
            writing.lock();
            try {
                bind(shared.insert, record, cost);
                shared.insert.executeUpdate();
            } finally {
                writing.unlock();
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the baseline cannot append " + record.id(), e);
        }
    }

    private PreparedStatement ofThisThread() throws SQLException {
        Inserting mine = each.get(Thread.currentThread());
        if (mine == null) {
            Connection connection = connect(file);
            mine = new Inserting(connection, connection.prepareStatement(INSERT));
            each.put(Thread.currentThread(), mine);
        }
        return mine.insert;
    }

    /**
     * Fills the store with many records in one transaction. Not how the baseline writes, and never measured: it leaves
     * the same table and indexes in a fraction of the time.
     */
    void fill(List<UsageRecord> records, PriceBook prices) {
        writing.lock();
        try {
            shared.connection.setAutoCommit(false);
            for (UsageRecord record : records) {
                bind(
                        shared.insert,
                        record,
                        prices.price(record, record.timestamp().orElseThrow()));
                shared.insert.executeUpdate();
            }
            shared.connection.commit();
            shared.connection.setAutoCommit(true);
        } catch (SQLException e) {
            throw new IllegalStateException("the baseline cannot be filled", e);
        } finally {
            writing.unlock();
        }
    }

    private static void bind(PreparedStatement insert, UsageRecord record, Cost cost) throws SQLException {
        int column = 1;
        insert.setString(column++, record.id().value());
        insert.setString(column++, text(record.timestamp().orElseThrow()));
        insert.setString(column++, record.requestId());
        insert.setString(column++, record.upstreamRequestId());
        insert.setString(column++, record.sessionId());
        insert.setString(column++, record.conversationId());
        insert.setString(column++, record.identity().model());
        insert.setString(column++, record.identity().upstreamModel());
        insert.setString(column++, record.identity().resource());
        insert.setString(column++, record.identity().provider());
        insert.setLong(column++, record.tokens().input());
        insert.setLong(column++, record.tokens().output());
        insert.setLong(column++, record.tokens().cacheCreation());
        insert.setLong(column++, record.tokens().cacheCreation5m());
        insert.setLong(column++, record.tokens().cacheCreation1h());
        insert.setLong(column++, record.tokens().cacheRead());
        insert.setDouble(column++, cost.amount().toBigDecimal().doubleValue());
        insert.setString(column++, record.role());
        insert.setString(column++, record.taskName());
        insert.setString(column++, cost.status().text());
        insert.setString(column++, record.outcome().text());
        insert.setLong(column, record.duration().map(Duration::toMillis).orElse(0L));
    }

    /** The total of a window. */
    Row total(Instant start, Instant end) {
        return query("SELECT '', " + SUMS + IN_WINDOW, text(start), text(end)).get(0);
    }

    /** Totals of a window by a column, highest cost first. */
    List<Row> totalsBy(String column, Instant start, Instant end) {
        return query(
                "SELECT COALESCE(" + column + ", ''), " + SUMS + IN_WINDOW + " GROUP BY " + column
                        + " ORDER BY cost DESC",
                text(start),
                text(end));
    }

    /** Totals of a window by the hour (UTC) and model. */
    List<Row> hourlyByModel(Instant start, Instant end) {
        return query(
                "SELECT substr(timestamp, 1, 13) || ' ' || model, " + SUMS + IN_WINDOW
                        + " GROUP BY substr(timestamp, 1, 13), model",
                text(start),
                text(end));
    }

    /** Totals of a window by the local day and model, in a zone that is ahead of UTC by so much all year. */
    List<Row> dailyByModel(Instant start, Instant end, Duration ahead) {
        String day = "date(timestamp, '+" + ahead.toMinutes() + " minutes')";
        return query(
                "SELECT " + day + " || ' ' || model, " + SUMS + IN_WINDOW + " GROUP BY " + day + ", model",
                text(start),
                text(end));
    }

    /** The sessions of a window that cost most. */
    List<Row> topSessions(Instant start, Instant end, int most) {
        return query(
                "SELECT COALESCE(session_id, ''), " + SUMS + IN_WINDOW
                        + " GROUP BY session_id ORDER BY cost DESC LIMIT " + most,
                text(start),
                text(end));
    }

    /** The total of one session. */
    Row session(String id) {
        return query("SELECT '', " + SUMS + " FROM usage_records WHERE session_id = ?", id)
                .get(0);
    }

    private synchronized List<Row> query(String sql, String... parameters) {
        try {
            PreparedStatement statement = queries.get(sql);
            if (statement == null) {
                statement = reader.prepareStatement(sql);
                queries.put(sql, statement);
            }
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            try (ResultSet found = statement.executeQuery()) {
                List<Row> rows = new ArrayList<>();
                while (found.next()) {
                    rows.add(new Row(
                            found.getString(1),
                            found.getLong(2),
                            found.getLong(3),
                            found.getLong(4),
                            found.getLong(5),
                            found.getLong(6),
                            found.getDouble(7)));
                }
                return rows;
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the baseline cannot answer: " + sql, e);
        }
    }

    /** RFC 3339 in UTC, to the second. */
    private static String text(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    @Override
    public void close() {
        try {
            reader.close();
            for (Inserting one : each.values()) {
                one.connection.close();
            }
            shared.connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException("the baseline cannot be closed", e);
        }
    }
}
