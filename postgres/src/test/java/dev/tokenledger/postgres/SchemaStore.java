package dev.tokenledger.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.testkit.TestStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import javax.sql.DataSource;

/**
 * A schema of its own in the server that all tests share.
 *
 * <p>Connecting, and making and dropping a schema, take the server longer than most tests do. So connections come from a pool, as
 * a program's do, and a schema is emptied and used by the next store, whose ledger finds an empty ledger there; the first finds
 * nothing, and makes it. {@link PostgresSchemaTest} and others have schemas that nobody used before.
 */
final class SchemaStore implements TestStore {

    /** Rows that were deleted stay in the files until they are vacuumed away: after so many uses a schema is dropped. */
    private static final int MAX_USES = 100;

    private static final int MAX_CONNECTIONS = 100;

    /** What the stores of one server share. */
    private static final class Shared {
        final HikariDataSource connections;
        final Deque<Emptied> emptied = new ArrayDeque<>();

        Shared(PostgresServer server) {
            HikariConfig config = new HikariConfig();
            config.setPoolName("tests");
            config.setDataSource(server.dataSource());
            config.setMaximumPoolSize(MAX_CONNECTIONS);
            config.setMinimumIdle(0);
            connections = new HikariDataSource(config);
        }
    }

    private record Emptied(String schema, int uses) {}

    private static final Map<PostgresServer.Version, Shared> SHARED = new EnumMap<>(PostgresServer.Version.class);

    private final PostgresServer server;
    private final Shared shared;
    private final int leaders;
    private final int uses;
    final String schema;

    SchemaStore(PostgresServer.Version version, int leaders) {
        server = PostgresServer.shared(version);
        this.leaders = leaders;
        synchronized (SHARED) {
            shared = SHARED.computeIfAbsent(version, absent -> new Shared(server));
            Emptied emptied = shared.emptied.poll();
            schema = emptied == null ? server.newSchemaName() : emptied.schema;
            uses = emptied == null ? 1 : emptied.uses + 1;
        }
    }

    DataSource source() {
        return shared.connections;
    }

    /** Folds every few commits, and asks roll-ups where records are after a few, so that small tests see all of it. */
    @Override
    public PostgresLedger open(PriceBook prices, InstantSource clock) {
        return builder(prices, clock).open(source());
    }

    /** What {@link #open} opens with. */
    PostgresLedger.Builder builder(PriceBook prices, InstantSource clock) {
        return PostgresLedger.builder()
                .schema(schema)
                .prices(prices)
                .clock(clock)
                .leaders(leaders)
                .onWarning(warning -> {})
                .maxDeltas(4)
                .mostPassed(3);
    }

    @Override
    public void close() {
        if (uses == MAX_USES) {
            server.dropSchema(schema);
            return;
        }
        try (Connection connection = shared.connections.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(emptying(schema));
        } catch (SQLException e) {
            throw new IllegalStateException("cannot empty the schema " + schema + ": " + e.getMessage(), e);
        }
        synchronized (SHARED) {
            shared.emptied.push(new Emptied(schema, uses));
        }
    }

    /** Empties all tables but the one with the version, and has all numbers begin at their first again. */
    private static String emptying(String schema) {
        return String.format(Locale.ROOT, """
            DO $$
            DECLARE found record;
            BEGIN
                FOR found IN SELECT format('%%I.%%I', schemaname, tablename) AS name
                        FROM pg_tables WHERE schemaname = '%1$s' AND tablename <> 'meta' LOOP
                    EXECUTE 'DELETE FROM ' || found.name;
                END LOOP;
                FOR found IN SELECT format('%%I.%%I', schemaname, sequencename) AS name, start_value AS first
                        FROM pg_sequences WHERE schemaname = '%1$s' LOOP
                    PERFORM setval(found.name::regclass, found.first, false);
                END LOOP;
            END $$""", schema);
    }
}
