package dev.tokenledger.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.Batch;
import dev.tokenledger.LedgerIncompatibleException;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.postgres.testing.PostgresServer.Version;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PostgresSchemaTest {

    @ParameterizedTest
    @EnumSource
    void migrate_makesTheTablesOnceWhoeverElseDoes(Version version) throws Exception {
        PostgresServer server = PostgresServer.shared(version);
        ExecutorService openers = Executors.newFixedThreadPool(4);
        try {
            for (int round = 0; round < 10; round++) {
                PostgresSchema schema = new PostgresSchema(server.newSchemaName());
                CountDownLatch together = new CountDownLatch(4);
                List<Future<Integer>> opened = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    opened.add(openers.submit(() -> {
                        try (Connection connection = server.dataSource().getConnection()) {
                            together.countDown();
                            together.await();
                            schema.migrate(connection, "test");
                            return schema.version(connection, "test");
                        }
                    }));
                }
                for (Future<Integer> one : opened) {
                    assertThat(one.get()).isEqualTo(PostgresSchema.newest());
                }
                server.dropSchema(schema.name());
            }
        } finally {
            openers.shutdownNow();
        }
    }

    /** Budgets list their reservations among the states of thousands of files. */
    @ParameterizedTest
    @EnumSource
    void readerStatesOfAPrefix_areFoundByAnIndex(Version version) throws Exception {
        PostgresServer server = PostgresServer.shared(version);
        String name = server.newSchemaName();
        try (PostgresLedger ledger = Story.open(server.dataSource(), name);
                Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            PostgresSchema schema = new PostgresSchema(name);
            statement.execute(schema.sql("INSERT INTO {reader_states} (digest, key, state)"
                    + " SELECT int8send(i), 'file/' || i, 'at ' || i FROM generate_series(1, 20000) i"));
            String deep = "guard/" + "ü".repeat(300);
            ledger.write(Batch.builder()
                    .readerState("guard/a", "1")
                    .readerState(deep + "a", "2")
                    .readerState(deep + "b", "3")
                    .readerState("guarc", "4")
                    .readerState("guard0", "5")
                    .build());
            statement.execute(schema.sql("ANALYZE {reader_states}"));
            StringBuilder plan = new StringBuilder();
            try (ResultSet lines = statement.executeQuery(
                    "EXPLAIN " + schema.sql(PostgresReads.STATES_BY_PREFIX).replace("?", "'guard/'"))) {
                while (lines.next()) {
                    plan.append(lines.getString(1)).append('\n');
                }
            }
            assertThat(plan.toString()).contains("reader_states_by_key").doesNotContain("Seq Scan");
            assertThat(ledger.readerStates("guard/")).containsOnlyKeys("guard/a", deep + "a", deep + "b");
            assertThat(ledger.readerStates(deep + "a")).containsOnlyKeys(deep + "a");
            assertThat(ledger.readerStates("")).hasSize(20_005);
        } finally {
            server.dropSchema(name);
        }
    }

    @Test
    void version_refusesNewerTablesAndThoseOfOthers() throws Exception {
        PostgresServer server = PostgresServer.shared(Version.NEWEST);
        PostgresSchema schema = new PostgresSchema(server.newSchemaName());
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            assertThat(schema.version(connection, "test")).isZero();
            statement.execute("CREATE SCHEMA " + schema.name());
            statement.execute(schema.sql("CREATE TABLE {records} (song text)"));
            assertThatThrownBy(() -> schema.version(connection, "test"))
                    .isInstanceOf(LedgerIncompatibleException.class)
                    .hasMessageContaining("name another schema");
            statement.execute(schema.sql("DROP TABLE {records}"));
            schema.migrate(connection, "test");
            statement.execute(schema.sql("UPDATE {meta} SET version = version + 1"));
            assertThatThrownBy(() -> schema.version(connection, "test"))
                    .isInstanceOf(LedgerIncompatibleException.class)
                    .hasMessageContaining("newer version");
        }
        server.dropSchema(schema.name());
    }

    @Test
    void name_mayHoldWhatSqlWouldTakeForItsOwn() throws Exception {
        PostgresServer server = PostgresServer.shared(Version.NEWEST);
        PostgresSchema schema = new PostgresSchema("it's \"odd\"; \\ SELECT");
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            schema.migrate(connection, "test");
            try (ResultSet row = statement.executeQuery(schema.sql("SELECT count(*) FROM {usage_records}"))) {
                row.next();
                assertThat(row.getInt(1)).isZero();
            }
            statement.execute("DROP SCHEMA \"it's \"\"odd\"\"; \\ SELECT\" CASCADE");
        }
    }

    @Test
    void name_isNoneThatPostgresWouldShorten() {
        assertThatThrownBy(() -> new PostgresSchema("ü".repeat(32))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new PostgresSchema("")).isInstanceOf(IllegalArgumentException.class);
    }
}
