package dev.tokenledger.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerIncompatibleException;
import dev.tokenledger.postgres.testing.PostgresServer.Version;
import dev.tokenledger.sql.rollups.CellTable;
import dev.tokenledger.sql.rollups.Cells;
import dev.tokenledger.sql.rollups.Level;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.testkit.LedgerComparison;
import dev.tokenledger.testkit.Operation;
import dev.tokenledger.testkit.OperationGenerator;
import dev.tokenledger.testkit.QueryGenerator;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.testkit.Seeds;
import dev.tokenledger.testkit.SettableClock;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Ledgers as earlier versions left them, which counted no doubts: they are migrated with all of these. */
@Tag("once")
class DoubtCountsTest {

    @ParameterizedTest
    @EnumSource
    void earlierLedger_answersAsThePlainListDoes_onceItIsMigrated(Version version) {
        Seeds.run(4, random -> {
            SettableClock time = new SettableClock(Samples.NOW);
            OperationGenerator operations = new OperationGenerator(random);
            QueryGenerator queries = new QueryGenerator(random);
            try (SchemaStore store = new SchemaStore(version, 2);
                    Ledger plain = InMemoryLedger.open(Samples.prices(), time)) {
                try (Ledger ledger = store.open(Samples.prices(), time)) {
                    for (int i = 0; i < 60; i++) {
                        time.advance(Duration.ofNanos(random.nextLong(40_000_000_000_000L)));
                        Operation operation = withoutRevaluation(operations);
                        assertThat(operation.apply(ledger)).isEqualTo(operation.apply(plain));
                    }
                }
                makeVersionOne(store);
                assertThatThrownBy(() -> PostgresLedger.builder()
                                .schema(store.schema)
                                .readOnly(true)
                                .open(store.source()))
                        .isInstanceOf(LedgerIncompatibleException.class)
                        .hasMessageContaining("open it once for writing");
                try (Ledger migrated = store.open(Samples.prices(), time)) {
                    assertSame(plain, migrated, queries);
                    for (int i = 0; i < 20; i++) {
                        Operation operation = operations.next();
                        assertThat(operation.apply(migrated)).isEqualTo(operation.apply(plain));
                    }
                    assertSame(plain, migrated, queries);
                }
            }
        });
    }

    /** Earlier versions knew no revaluations, adjustments and closed periods. */
    private static Operation withoutRevaluation(OperationGenerator operations) {
        Operation operation = operations.next();
        while (operation instanceof Operation.Revalue
                || operation instanceof Operation.Adjust
                || operation instanceof Operation.Mark) {
            operation = operations.next();
        }
        return operation;
    }

    private static void assertSame(Ledger plain, Ledger ledger, QueryGenerator queries) {
        LedgerComparison.assertSame(plain, ledger);
        for (int i = 0; i < 20; i++) {
            SummaryQuery query = queries.summaries();
            LedgerComparison.assertSame(plain, ledger, query);
        }
        assertThat(ledger.verify().differences()).isEmpty();
    }

    /** Takes the counts of doubts out of all roll-ups, whose cells are then as version 1 packed them. */
    private static void makeVersionOne(SchemaStore store) throws SQLException {
        Cells.Output output = new Cells.Output();
        try (Connection connection = store.source().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SET search_path TO " + store.schema);
            for (long key : keys(statement, "SELECT key FROM pages")) {
                CellTable table = new CellTable();
                byte[] packed = blob(statement, "SELECT totals FROM pages WHERE key = " + key);
                Cells.decode(
                        packed,
                        0,
                        packed.length,
                        Level.attributeOfPage(key) != 0,
                        (pair, combination, figures) -> table.add(key, pair, combination, figures));
                table.dropDoubts();
                update(connection, "UPDATE pages SET totals = ? WHERE key = " + key, table.packed(key, output));
            }
            for (long id : keys(statement, "SELECT id FROM deltas")) {
                for (String column : List.of("totals", "whole")) {
                    byte[] packed = blob(statement, "SELECT " + column + " FROM deltas WHERE id = " + id);
                    if (packed != null) {
                        CellTable table = new CellTable();
                        table.addDelta(packed);
                        table.dropDoubts();
                        update(
                                connection,
                                "UPDATE deltas SET " + column + " = ? WHERE id = " + id,
                                table.packedDelta(new Cells.Output(), output));
                    }
                }
            }
            statement.execute("DROP VIEW usage_records");
            statement.execute("DROP TABLE revaluations, revaluation_runs, adjustments, period_marks, copies");
            statement.execute("DROP INDEX reader_states_by_key");
            statement.execute("ALTER TABLE pages RENAME COLUMN totals TO cells");
            statement.execute("ALTER TABLE deltas RENAME COLUMN totals TO cells");
            statement.execute("UPDATE meta SET version = 1");
            statement.execute("RESET search_path");
        }
    }

    private static List<Long> keys(Statement statement, String sql) throws SQLException {
        List<Long> keys = new ArrayList<>();
        try (ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                keys.add(row.getLong(1));
            }
        }
        return keys;
    }

    private static byte[] blob(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getBytes(1);
        }
    }

    private static void update(Connection connection, String sql, byte[] bytes) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setBytes(1, bytes);
            statement.executeUpdate();
        }
    }
}
