package dev.tokenledger.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.AppendResult;
import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.postgres.testing.PostgresServer.Version;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.usage.RecordId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Transactions that lose against others are tried again: nothing is lost, nothing is there twice. */
@Tag("once")
class DeadlockTest {

    private static final Version VERSION = Version.NEWEST;

    /** Another transaction has the second id of a batch and then wants the first one, which the batch has. */
    @Test
    void realDeadlock_isRetried() throws Exception {
        PostgresServer server = PostgresServer.shared(VERSION);
        String schema = server.newSchemaName();
        PGSimpleDataSource impatient = server.dataSource();
        impatient.setOptions("-c deadlock_timeout=2s");
        ExecutorService writer = Executors.newSingleThreadExecutor();
        try (PostgresLedger ledger = PostgresLedger.builder()
                        .schema(schema)
                        .prices(Samples.prices())
                        .leaders(1)
                        .busyTimeout(Duration.ofMinutes(2))
                        .onWarning(warning -> {})
                        .open(impatient);
                Connection other = server.dataSource().getConnection();
                Statement statement = other.createStatement()) {
            ledger.append(Samples.record("model"));
            statement.execute("SET deadlock_timeout = '10min'");
            other.setAutoCommit(false);
            statement.execute(copy(schema, "b"));
            Future<List<AppendResult>> appended =
                    writer.submit(() -> ledger.appendAll(List.of(Samples.record("a"), Samples.record("b"))));
            awaitWaiting(server, schema);
            // The ledger's transaction finds the circle, is ended for it, and lets this one go on.
            statement.execute(copy(schema, "a"));
            other.rollback();

            assertThat(appended.get())
                    .containsExactly(
                            new AppendResult.Appended(RecordId.of("a")), new AppendResult.Appended(RecordId.of("b")));
            assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(3);
            assertThat(ledger.verify().differences()).isEmpty();
            assertThat(server.log()).contains("deadlock detected");
        } finally {
            writer.shutdown();
            server.dropSchema(schema);
        }
    }

    private static String copy(String schema, String id) {
        return String.format(
                Locale.ROOT,
                "INSERT INTO %1$s.records (seq, occurred, recorded, input, output, cost, combination, kind, id)"
                        + " SELECT -1, occurred, recorded, input, output, cost, combination, kind, '%2$s'::bytea"
                        + " FROM %1$s.records WHERE id = 'model'",
                schema,
                id);
    }

    private static void awaitWaiting(PostgresServer server, String schema) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            while (System.nanoTime() < end) {
                try (ResultSet row = statement.executeQuery("SELECT 1 FROM pg_stat_activity WHERE wait_event_type ="
                        + " 'Lock' AND query LIKE '%" + schema + "%'")) {
                    if (row.next()) {
                        return;
                    }
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
        }
        throw new AssertionError("no transaction waits for a lock");
    }

    /** Forced where a row is inserted, where the delta is, and at the commit; by a trigger, since sequences are not rolled back. */
    @ParameterizedTest
    @ValueSource(strings = {"records", "deltas", "deferred", "combinations", "threads", "reversals", "reader_states"})
    void lostTransactions_areRetriedFourTimes_andThenBusy(String where) {
        PostgresServer server = PostgresServer.shared(VERSION);
        String schema = server.newSchemaName();
        try (PostgresLedger ledger = Story.open(server.dataSource(), schema);
                Story.Expected expected = new Story.Expected()) {
            failing(server, schema, where);
            for (int chapter = 0; chapter < Story.length(); chapter++) {
                fail(server, schema, chapter % 2 == 0 ? "40P01" : "40001", 4);
                Story.tellWithRetry(ledger, chapter, expected, false, () -> {
                    throw new AssertionError("it was not tried again by the ledger itself");
                });
            }
            fail(server, schema, "40P01", 0);
            expected.check(ledger);
        } finally {
            server.dropSchema(schema);
        }
    }

    @Test
    void transactionThatLosesFiveTimes_isBusy_andStoresNothing() {
        PostgresServer server = PostgresServer.shared(VERSION);
        String schema = server.newSchemaName();
        try (PostgresLedger ledger = Story.open(server.dataSource(), schema);
                Story.Expected expected = new Story.Expected()) {
            failing(server, schema, "deltas");
            for (int chapter = 0; chapter < Story.length(); chapter++) {
                int next = chapter;
                fail(server, schema, "40P01", 5);
                if (chapter < 6) {
                    assertThatThrownBy(() -> Story.tell(ledger, next))
                            .isInstanceOf(LedgerBusyException.class)
                            .hasMessageContaining("nothing was stored, retry with the same ids");
                }
                fail(server, schema, "40P01", 0);
                expected.check(chapter, Story.tell(ledger, chapter), false);
            }
            expected.check(ledger);
        } finally {
            server.dropSchema(schema);
        }
    }

    /** From now on inserts there fail as often as told. */
    private static void failing(PostgresServer server, String schema, String where) {
        server.execute("CREATE SEQUENCE " + schema + ".failures");
        server.execute("CREATE TABLE " + schema + ".failure (code text, times int)");
        fail(server, schema, "40P01", 0);
        server.execute(String.format(Locale.ROOT, """
                CREATE FUNCTION %1$s.fail() RETURNS trigger LANGUAGE plpgsql AS $$
                DECLARE failure record;
                BEGIN
                    SELECT * INTO failure FROM %1$s.failure;
                    IF failure.times > 0 AND nextval('%1$s.failures') <= failure.times THEN
                        RAISE EXCEPTION 'lost' USING ERRCODE = failure.code;
                    END IF;
                    RETURN NULL;
                END $$""", schema));
        server.execute(
                where.equals("deferred")
                        ? "CREATE CONSTRAINT TRIGGER failing AFTER INSERT ON " + schema
                                + ".records DEFERRABLE INITIALLY" + " DEFERRED FOR EACH ROW EXECUTE FUNCTION " + schema
                                + ".fail()"
                        : "CREATE TRIGGER failing AFTER INSERT OR UPDATE ON " + schema + "." + where
                                + " FOR EACH STATEMENT EXECUTE FUNCTION " + schema + ".fail()");
    }

    private static void fail(PostgresServer server, String schema, String code, int times) {
        server.execute("DELETE FROM " + schema + ".failure");
        server.execute("INSERT INTO " + schema + ".failure VALUES ('" + code + "', " + times + ")");
        server.execute("SELECT setval('" + schema + ".failures', 1, false)");
    }
}
