package dev.tokenledger.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerIncompatibleException;
import dev.tokenledger.LedgerUnavailableException;
import dev.tokenledger.clickhouse.CopiedLedger.Promise;
import dev.tokenledger.postgres.PostgresLedger;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.testkit.Samples;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import javax.sql.PooledConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGConnectionPoolDataSource;

/** A copy that is not what the ledger says of it is neither fed nor called sound, until it is made anew. */
@Tag("clickhouse")
class CopyGuardsTest {

    private static final String AGAIN = "clickhouse export --again";

    private CopiedLedger copied;
    private PostgresLedger ledger;

    @BeforeEach
    void fill() {
        copied = CopiedLedger.shared();
        ledger = copied.open();
        append(0, 20);
        try (ClickHouseExporter exporter = copied.exporter(100)) {
            copied.drain(exporter);
        }
    }

    @AfterEach
    void close() {
        ledger.close();
        copied.close();
    }

    private void append(int from, int to) {
        ledger.appendAll(IntStream.range(from, to)
                .mapToObj(number -> Samples.record("r" + number))
                .toList());
    }

    private CopyStatus status() {
        try (ClickHouseExporter exporter = copied.exporter(100)) {
            return exporter.status();
        }
    }

    private void refused(String why) {
        append(20, 25);
        try (ClickHouseExporter exporter = copied.exporter(100)) {
            assertThatThrownBy(exporter::step)
                    .isInstanceOf(LedgerIncompatibleException.class)
                    .hasMessageContaining(why)
                    .hasMessageContaining(AGAIN);
        }
        assertThat(status().isSound()).isFalse();
        assertThat(copied.promise().entries()).isEqualTo(20);
        try (ClickHouseExporter exporter = copied.exporter(100)) {
            exporter.again();
            assertThat(copied.drain(exporter)).isEqualTo(25);
        }
        copied.assertExact();
        assertThat(status().problems()).isEmpty();
        String former = "SELECT count() FROM system.tables WHERE database = '" + copied.database + "'";
        assertThat(copied.copy(former))
                .as("its tables and its view, and none from before")
                .containsExactly("3");
    }

    @Test
    void emptiedTable_isRefused() {
        copied.clickhouse.ask(
                0, "TRUNCATE TABLE " + copied.database + "." + copied.promise().relation());
        refused("0 of the 20 entries");
    }

    @Test
    void droppedTable_isRefused() {
        copied.clickhouse.ask(
                0, "DROP TABLE " + copied.database + "." + copied.promise().relation());
        refused("has no table " + copied.promise().relation());
    }

    @Test
    void tableMadeAnew_isRefused() {
        String table = copied.database + "." + copied.promise().relation();
        copied.clickhouse.ask(0, "CREATE TABLE " + copied.database + ".other AS " + table);
        copied.clickhouse.ask(0, "DROP TABLE " + table);
        copied.clickhouse.ask(0, "RENAME TABLE " + copied.database + ".other TO " + table);
        refused("0 of the 20 entries");
    }

    /** A backup from before some were copied; the exporter's own rows come to as many as are missing, and are others. */
    @Test
    void tableFromABackup_isRefused() {
        Promise promise = copied.promise();
        String table = copied.database + "." + promise.relation();
        copied.clickhouse.ask(0, "CREATE TABLE " + copied.database + ".backup AS " + table);
        copied.clickhouse.ask(
                0, "INSERT INTO " + copied.database + ".backup SELECT * FROM " + table + " ORDER BY seq LIMIT 19");
        copied.clickhouse.ask(
                0, "INSERT INTO " + copied.database + ".backup SELECT * FROM " + table + " ORDER BY seq LIMIT 1");
        copied.clickhouse.ask(0, "DROP TABLE " + table);
        copied.clickhouse.ask(0, "RENAME TABLE " + copied.database + ".backup TO " + table);
        refused("20 of the 20 entries");
    }

    /** The dump has the table copies and transactions' numbers, and the cluster that it is restored in counts its own. */
    @Test
    void restoredLedger_doesNotTrustTheCopyOfTheOneItCameFrom() {
        copied.postgres.execute("UPDATE " + copied.schema + ".copies SET origin = '1/1/1'");
        refused("the copy of the ledger that this one was restored from");
    }

    @Test
    void watermarkOfTheFuture_isNotTrusted() {
        copied.postgres.execute("UPDATE " + copied.schema + ".copies SET written = written + 1000000000");
        append(20, 25);
        try (ClickHouseExporter exporter = copied.exporter(100)) {
            assertThatThrownBy(exporter::step)
                    .isInstanceOf(LedgerIncompatibleException.class)
                    .hasMessageContaining(AGAIN);
        }
        assertThat(status().isSound()).isFalse();
    }

    /** Else they would not be copied until this cluster had counted as far as the other one. */
    @Test
    void entriesOfAnotherCluster_areNumberedAnew() {
        copied.postgres.execute(
                "UPDATE " + copied.schema + ".records SET written = 1000000000000 + written WHERE seq > 10");
        copied.postgres.execute("UPDATE " + copied.schema + ".copies SET origin = '1/1/1'");
        assertThat(status().problems())
                .anySatisfy(problem -> assertThat(problem).contains("10 entries came from another cluster's dump"));
        try (ClickHouseExporter exporter = copied.exporter(100)) {
            exporter.again();
            assertThat(copied.drain(exporter)).isEqualTo(20);
        }
        copied.assertExact();
        assertThat(status().problems()).isEmpty();
    }

    @Test
    void anotherLedger_hasNoPlaceInTheSameDatabase() {
        CopiedLedger other = new CopiedLedger(copied.postgres, copied.clickhouse, false);
        try (PostgresLedger theirs = other.open();
                ClickHouseExporter exporter = new ClickHouseExporter(
                        copied.postgres.dataSource(), other.schema, "the other ledger", copied.address, 100)) {
            theirs.append(Samples.record("a"));
            assertThatThrownBy(exporter::step)
                    .isInstanceOf(LedgerUnavailableException.class)
                    .hasMessageContaining("that is not this copy's; name another database");
        } finally {
            other.close();
        }
        assertThat(status().problems()).isEmpty();
        copied.assertExact();
    }

    @Test
    void secondExporter_standsByUntilTheFirstEnds() {
        append(20, 25);
        try (ClickHouseExporter second = copied.exporter(100)) {
            try (ClickHouseExporter first = copied.exporter(100)) {
                assertThat(copied.some(first)).isEqualTo(5);
                append(25, 30);
                assertThatThrownBy(second::step)
                        .isInstanceOf(LedgerBusyException.class)
                        .hasMessageContaining("another process is exporting");
                assertThatThrownBy(second::again).isInstanceOf(LedgerBusyException.class);
                assertThat(copied.some(first)).isEqualTo(5);
            }
            append(30, 33);
            // The first one's lock is free when its close() returns.
            assertThat(copied.some(second)).isEqualTo(3);
        }
        copied.assertExact();
    }

    @Test
    void pooledConnection_isGivenBackAsItWas() throws SQLException {
        PGConnectionPoolDataSource pool = new PGConnectionPoolDataSource();
        pool.setUrl(copied.postgres.dataSource().getURL());
        pool.setUser(copied.postgres.dataSource().getUser());
        PooledConnection physical = pool.getPooledConnection();
        try {
            List<String> before = settings(physical);
            append(20, 25);
            try (ClickHouseExporter pooled = copied.exporter(lending(physical), 100)) {
                assertThat(copied.some(pooled)).isEqualTo(5);
            }
            assertThat(settings(physical)).isEqualTo(before);
            append(25, 30);
            try (ClickHouseExporter other = copied.exporter(100)) {
                assertThat(copied.some(other)).isEqualTo(5);
            }
        } finally {
            physical.close();
        }
    }

    /** Each connection is the same one, as a pool lends it again and again. */
    private static DataSource lending(PooledConnection physical) {
        return (DataSource) Proxy.newProxyInstance(
                CopyGuardsTest.class.getClassLoader(),
                new Class<?>[] {DataSource.class},
                (self, method, arguments) -> physical.getConnection());
    }

    private static List<String> settings(PooledConnection physical) throws SQLException {
        try (Connection connection = physical.getConnection()) {
            return PostgresServer.settings(connection);
        }
    }

    /** The lock is a courtesy: the watermark goes on for one of them alone, whatever the other one sends. */
    @Test
    void secondExporter_thatGotTheLockAllTheSame_takesOverWhole() {
        append(20, 25);
        try (ClickHouseExporter first = copied.exporter(3);
                ClickHouseExporter second = copied.exporter(100)) {
            copied.some(first);
            copied.postgres.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                    + " AND classid = " + 0x546b4c6a + " AND objid::bigint & 4294967295 = hashtext('" + copied.schema
                    + "/clickhouse')::bigint & 4294967295");
            append(25, 30);
            assertThat(KilledExporterTest.awaitLock(() -> copied.some(second))).isEqualTo(5);
            assertThatThrownBy(first::step).isInstanceOf(LedgerException.class);
        }
        copied.assertExact();
        assertThat(copied.promise().entries()).isEqualTo(30);
    }

    @Test
    void longTransaction_holdsBackWhatCameAfterIt_andIsNamed() throws Exception {
        try (Connection connection = copied.postgres.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SET application_name = 'nightly report'");
            connection.setAutoCommit(false);
            statement.execute("SELECT pg_current_xact_id()");
            append(20, 25);
            try (ClickHouseExporter exporter = copied.exporter(100)) {
                assertThat(exporter.step()).isZero();
            }
            CopyStatus status = status();
            assertThat(status.backlog().entries()).isEqualTo(5);
            assertThat(status.backlog().waiting()).isEqualTo(5);
            assertThat(status.backlog().holder())
                    .contains("application nightly report")
                    .contains("idle in transaction");
            assertThat(status.problems()).isEmpty();
            connection.rollback();
        }
        try (ClickHouseExporter exporter = copied.exporter(100)) {
            assertThat(copied.drain(exporter)).isEqualTo(5);
        }
        copied.assertExact();
        assertThat(status().backlog()).isEqualTo(new CopyStatus.Backlog(0, Duration.ZERO, 0, "", Duration.ZERO));
    }

    @Test
    void transactionLargerThanAStep_isCopiedWhole() {
        append(20, 61);
        append(61, 63);
        try (ClickHouseExporter exporter = copied.exporter(8)) {
            assertThat(copied.some(exporter)).isEqualTo(41);
            copied.assertExact();
            assertThat(copied.drain(exporter)).isEqualTo(2);
        }
        copied.assertExact();
    }

    /** More months in one transaction than the server takes in one block. */
    @Test
    void recordsOfManyMonths_areSentInSeveralBlocks() {
        ledger.appendAll(IntStream.range(0, 250)
                .mapToObj(month -> Samples.builder("m" + month)
                        .timestamp(ZonedDateTime.of(1970, 1, 15, 0, 0, 0, 0, ZoneOffset.UTC)
                                .plusMonths(month * 385L)
                                .toInstant())
                        .build())
                .toList());
        try (ClickHouseExporter exporter = copied.exporter(100)) {
            assertThat(copied.drain(exporter)).isEqualTo(250);
        }
        copied.assertExact();
    }

    @Test
    void wrongPasswordAndNoServer_areToldPlainly() {
        for (Map.Entry<ClickHouseAddress, String> each : Map.of(
                        ClickHouseAddress.parse(
                                copied.address.toString().replace("//", "//nobody@"),
                                Map.of("CLICKHOUSE_PASSWORD", "very secret"),
                                warning -> {}),
                        "refused",
                        ClickHouseAddress.parse("clickhouse://127.0.0.1:1/x", Map.of(), warning -> {}),
                        "127.0.0.1:1 cannot be reached")
                .entrySet()) {
            try (ClickHouseExporter exporter = new ClickHouseExporter(
                    copied.postgres.dataSource(), copied.schema, "the ledger", each.getKey(), 10)) {
                assertThatThrownBy(exporter::step)
                        .isInstanceOf(LedgerUnavailableException.class)
                        .hasMessageContaining(each.getValue())
                        .hasMessageNotContaining("secret");
                assertThat(exporter.status().problems()).isNotEmpty();
            }
        }
        assertThat(List.of(copied.promise().entries())).containsExactly(20L);
    }
}
