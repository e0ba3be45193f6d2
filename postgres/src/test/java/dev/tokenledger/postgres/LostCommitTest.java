package dev.tokenledger.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.AppendResult;
import dev.tokenledger.LedgerUnavailableException;
import dev.tokenledger.ReversalResult;
import dev.tokenledger.postgres.testing.FaultProxy;
import dev.tokenledger.postgres.testing.FaultProxy.Step;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.postgres.testing.PostgresServer.Version;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
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
import org.junit.jupiter.params.provider.EnumSource;

/** A connection that is lost at the commit: nobody knows whether it was done, and the retry finds out. */
@Tag("once")
class LostCommitTest {

    private static final String UNKNOWN = "may or may not be stored, retry with the same ids";

    /** One statement that commits by itself. */
    @ParameterizedTest
    @EnumSource
    void append_isThereOnce_whicheverWayItIsLost(Step step) {
        PostgresServer server = PostgresServer.shared(Version.NEWEST);
        String schema = server.newSchemaName();
        try (FaultProxy proxy = new FaultProxy(server);
                PostgresLedger ledger = Story.open(proxy.dataSource(), schema)) {
            ledger.append(Samples.record("before"));
            UsageRecord record = Samples.record("lost");
            proxy.failAt("INSERT INTO \"" + schema + "\".deltas", 1, step);
            assertThatThrownBy(() -> ledger.append(record))
                    .isInstanceOf(LedgerUnavailableException.class)
                    .hasMessageContaining(UNKNOWN);
            assertThat(proxy.hasFailed()).isTrue();
            AppendResult again = ledger.append(record);
            if (step == Step.ARRIVED) {
                assertThat(again).isEqualTo(new AppendResult.Appended(record.id()));
            } else if (step == Step.ANSWERED) {
                assertThat(again).isEqualTo(new AppendResult.Duplicate(record.id()));
            }
            assertThat(ledger.append(record)).isEqualTo(new AppendResult.Duplicate(record.id()));
            assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(2);
            assertThat(ledger.verify().differences()).isEmpty();
        } finally {
            server.dropSchema(schema);
        }
    }

    /** A transaction of several statements. */
    @ParameterizedTest
    @EnumSource
    void reversal_isDoneOnce_whicheverWayItsCommitIsLost(Step step) {
        PostgresServer server = PostgresServer.shared(Version.NEWEST);
        String schema = server.newSchemaName();
        try (FaultProxy proxy = new FaultProxy(server);
                PostgresLedger ledger = Story.open(proxy.dataSource(), schema)) {
            ledger.append(Samples.record("a"));
            proxy.failAt("COMMIT", 1, step);
            assertThatThrownBy(() -> ledger.reverse(RecordId.of("a"), "a mistake"))
                    .isInstanceOf(LedgerUnavailableException.class)
                    .hasMessageContaining(UNKNOWN);
            ReversalResult again = ledger.reverse(RecordId.of("a"), "a mistake");
            if (step != Step.PASSED_ON) {
                assertThat(again)
                        .isInstanceOf(
                                step == Step.ARRIVED
                                        ? ReversalResult.Reversed.class
                                        : ReversalResult.AlreadyReversed.class);
            }
            assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isZero();
            assertThat(ledger.verify().differences()).isEmpty();
        } finally {
            server.dropSchema(schema);
        }
    }

    /** Before the commit it is known that nothing is stored, and said so. */
    @Test
    void connectionLostBeforeTheCommit_storesNothing_andSaysSo() {
        PostgresServer server = PostgresServer.shared(Version.NEWEST);
        String schema = server.newSchemaName();
        try (FaultProxy proxy = new FaultProxy(server);
                PostgresLedger ledger = Story.open(proxy.dataSource(), schema)) {
            ledger.append(Samples.record("a"));
            proxy.failAt("reversals", 1, Step.ANSWERED);
            assertThatThrownBy(() -> ledger.reverse(RecordId.of("a"), "a mistake"))
                    .isInstanceOf(LedgerUnavailableException.class)
                    .hasMessageContaining("nothing was stored, retry with the same ids");
            assertThat(ledger.find(RecordId.of("a"))).isPresent().get().matches(entry -> entry.inForce());
            assertThat(ledger.reverse(RecordId.of("a"), "a mistake")).isInstanceOf(ReversalResult.Reversed.class);
        } finally {
            server.dropSchema(schema);
        }
    }

    /**
     * A commit that waits for a replica is on the primary's disk already. Whoever ends its session, or tells it to wait no longer,
     * must not make it an acknowledged one.
     */
    @ParameterizedTest
    @EnumSource
    void commitThatNoLongerWaitsForItsReplica_isNotAcknowledged(Interruption by) throws Exception {
        try (PostgresServer server = PostgresServer.start(Version.NEWEST);
                PostgresLedger ledger = PostgresLedger.builder()
                        .prices(Samples.prices())
                        .leaders(1)
                        .onWarning(warning -> {})
                        .open(server.dataSource())) {
            ledger.append(Samples.record("before"));
            server.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
            server.execute("SELECT pg_reload_conf()");
            awaitWaitingForReplicas(server);
            ExecutorService writer = Executors.newSingleThreadExecutor();
            try {
                for (boolean alone : new boolean[] {true, false}) {
                    UsageRecord record = Samples.record("alone " + alone);
                    Future<List<AppendResult>> appended = writer.submit(() ->
                            ledger.appendAll(alone ? List.of(record) : List.of(record, Samples.record("before"))));
                    interrupt(server, by);
                    assertThatThrownBy(appended::get)
                            .cause()
                            .isInstanceOf(LedgerUnavailableException.class)
                            .hasMessageContaining(UNKNOWN);
                }
            } finally {
                writer.shutdown();
            }
            server.execute("ALTER SYSTEM RESET synchronous_standby_names");
            server.execute("SELECT pg_reload_conf()");
            assertThat(ledger.append(Samples.record("alone true"))).isInstanceOf(AppendResult.Duplicate.class);
            assertThat(ledger.append(Samples.record("alone false"))).isInstanceOf(AppendResult.Duplicate.class);
            assertThat(ledger.verify().differences()).isEmpty();
        }
    }

    enum Interruption {
        TERMINATE,
        CANCEL
    }

    /** The server takes a new setting in its own time: commits of somebody else's until one waits, which is then let go. */
    private static void awaitWaitingForReplicas(PostgresServer server) throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            Future<?> committing = other.submit(() -> {
                while (!Thread.interrupted()) {
                    server.execute("CREATE TABLE IF NOT EXISTS probe (n int); INSERT INTO probe VALUES (1)");
                }
            });
            await(server, "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
            // Interrupted first, so that the commit that is let go is the last.
            committing.cancel(true);
            await(server, "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
        } finally {
            other.shutdown();
            assertThat(other.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static void interrupt(PostgresServer server, Interruption by) throws Exception {
        await(
                server,
                "SELECT pg_" + by.name().toLowerCase(Locale.ROOT)
                        + "_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    }

    private static void await(PostgresServer server, String sql) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            while (System.nanoTime() < end) {
                try (ResultSet row = statement.executeQuery(sql)) {
                    if (row.next()) {
                        return;
                    }
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
        }
        throw new AssertionError("it never came to be: " + sql);
    }
}
