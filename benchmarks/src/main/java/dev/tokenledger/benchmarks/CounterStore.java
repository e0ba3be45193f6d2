package dev.tokenledger.benchmarks;

import dev.tokenledger.pricing.Cost;
import dev.tokenledger.usage.UsageRecord;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * How gateways keep usage in PostgreSQL, rebuilt: in each caller's own transaction a row, and counters of the hour and the day
 * that are added to where they are.
 *
 * <p>Where a choice was open it was made in favour of the rebuild: all three are one statement, one round trip and one commit,
 * prepared once; every caller has a connection of its own, always open; counters are taken in one order, so that no two callers
 * deadlock; the cost is handed over; there are three indexes, as the ledger has them.
 */
final class CounterStore implements AutoCloseable {

    private static final String TABLES = """
            CREATE TABLE calls (
                id text PRIMARY KEY, occurred timestamptz NOT NULL, request_id text, session_id text, conversation_id text,
                model text NOT NULL, provider text NOT NULL, resource text NOT NULL, role text NOT NULL, task text NOT NULL,
                status text NOT NULL, outcome text NOT NULL, input bigint NOT NULL, output bigint NOT NULL,
                cache_read bigint NOT NULL, cache_creation bigint NOT NULL, cost numeric NOT NULL);
            CREATE INDEX ON calls (occurred);
            CREATE INDEX ON calls (session_id);
            CREATE TABLE hours (
                hour timestamptz, model text, provider text, calls bigint NOT NULL, input bigint NOT NULL,
                output bigint NOT NULL, cache_read bigint NOT NULL, cache_creation bigint NOT NULL, cost numeric NOT NULL,
                PRIMARY KEY (hour, model, provider));
            CREATE TABLE days (LIKE hours);
            ALTER TABLE days ADD PRIMARY KEY (hour, model, provider);
            """;

    private static final String STORE = """
            WITH call AS (
                INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                RETURNING occurred, model, provider, input, output, cache_read, cache_creation, cost),
            hour AS (
                INSERT INTO hours
                SELECT date_trunc('hour', occurred, 'UTC'), model, provider, 1, input, output, cache_read, cache_creation, cost
                FROM call ON CONFLICT (hour, model, provider) DO UPDATE SET calls = hours.calls + 1,
                input = hours.input + excluded.input, output = hours.output + excluded.output,
                cache_read = hours.cache_read + excluded.cache_read,
                cache_creation = hours.cache_creation + excluded.cache_creation, cost = hours.cost + excluded.cost)
            INSERT INTO days
                SELECT date_trunc('day', occurred, 'UTC'), model, provider, 1, input, output, cache_read, cache_creation, cost
                FROM call ON CONFLICT (hour, model, provider) DO UPDATE SET calls = days.calls + 1,
                input = days.input + excluded.input, output = days.output + excluded.output,
                cache_read = days.cache_read + excluded.cache_read,
                cache_creation = days.cache_creation + excluded.cache_creation, cost = days.cost + excluded.cost
            """;

    private final PGSimpleDataSource source;
    private final Map<Thread, PreparedStatement> statements = new ConcurrentHashMap<>();

    /** Makes the tables in the schema that the connections are in. */
    CounterStore(PGSimpleDataSource source) throws SQLException {
        this.source = source;
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(TABLES);
        }
    }

    /** Stores one call; durable on return. Each thread has a connection. */
    void append(UsageRecord record, Cost cost) {
        PreparedStatement store = statements.computeIfAbsent(Thread.currentThread(), absent -> open());
        try {
            int next = 1;
            store.setString(next++, record.id().value());
            Instant occurred = record.timestamp().orElseThrow();
            store.setTimestamp(next++, Timestamp.from(occurred));
            store.setString(next++, record.requestId());
            store.setString(next++, record.sessionId());
            store.setString(next++, record.conversationId());
            store.setString(next++, record.identity().model());
            store.setString(next++, record.identity().provider());
            store.setString(next++, record.identity().resource());
            store.setString(next++, record.role());
            store.setString(next++, record.taskName());
            store.setString(next++, cost.status().text());
            store.setString(next++, record.outcome().text());
            store.setLong(next++, record.tokens().input());
            store.setLong(next++, record.tokens().output());
            store.setLong(next++, record.tokens().cacheRead());
            store.setLong(next++, record.tokens().cacheCreation());
            BigDecimal usd = cost.amount().toBigDecimal();
            store.setBigDecimal(next, usd);
            store.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException("the counters cannot take " + record.id(), e);
        }
    }

    private PreparedStatement open() {
        try {
            return source.getConnection().prepareStatement(STORE);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot connect", e);
        }
    }

    /** How many calls the counters of the days come to. */
    long calls() throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                var row = statement.executeQuery("SELECT coalesce(sum(calls), 0) FROM days")) {
            row.next();
            return row.getLong(1);
        }
    }

    @Override
    public void close() throws SQLException {
        for (PreparedStatement statement : statements.values()) {
            statement.getConnection().close();
        }
    }
}
