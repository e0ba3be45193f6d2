package dev.tokenledger.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.AppendResult;
import dev.tokenledger.LedgerException;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.postgres.testing.PostgresServer.Version;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.usage.RecordId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A primary with a synchronous replica is killed under load and the replica promoted: the same ledger goes on there. */
@Tag("once")
class PromotionTest {

    private static final int WRITERS = 4;
    private static final int BEFORE = 50;
    private static final int AFTER = 25;
    private static final long PATIENCE_SECONDS = 120;

    @ParameterizedTest
    @EnumSource
    void promotedReplica_hasAllThatWasAcknowledged_andIsWrittenTo(Version version) throws Exception {
        ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
        try (PostgresServer primary = PostgresServer.start(version);
                PostgresServer replica = primary.startReplica()) {
            primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'");
            primary.execute("SELECT pg_reload_conf()");
            await(primary, "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'");
            PostgresAddress address = PostgresAddress.parse(
                    "postgresql://postgres@127.0.0.1:" + primary.port() + ",127.0.0.1:" + replica.port()
                            + "/postgres?target_session_attrs=read-write",
                    Map.of(),
                    warning -> {});
            try (PostgresLedger ledger = PostgresLedger.builder()
                    .prices(Samples.prices())
                    .onWarning(warning -> {})
                    .open(address.dataSource())) {
                Queue<RecordId> acknowledged = new ConcurrentLinkedQueue<>();
                CountDownLatch before = new CountDownLatch(WRITERS * BEFORE);
                CountDownLatch promoted = new CountDownLatch(1);
                List<Future<?>> writing = new ArrayList<>();
                for (int writer = 0; writer < WRITERS; writer++) {
                    String prefix = "w" + writer + "-";
                    writing.add(writers.submit(() -> {
                        int left = AFTER;
                        for (int i = 0; left > 0; i++) {
                            left -= promoted.getCount() == 0 ? 1 : 0;
                            RecordId id = RecordId.of(prefix + i);
                            append(ledger, id);
                            acknowledged.add(id);
                            before.countDown();
                        }
                    }));
                }
                assertThat(before.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
                primary.crash();
                List<RecordId> byThePrimary = List.copyOf(acknowledged);
                replica.execute("SELECT pg_promote()");
                promoted.countDown();
                for (Future<?> each : writing) {
                    each.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                }
                assertThat(byThePrimary).hasSizeGreaterThanOrEqualTo(WRITERS * BEFORE);
                for (RecordId id : byThePrimary) {
                    assertThat(ledger.find(id))
                            .as("acknowledged by the primary: %s", id)
                            .isPresent();
                }
                assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(acknowledged.size());
                assertThat(ledger.verify().differences()).isEmpty();
            }
        } finally {
            writers.shutdownNow();
        }
    }

    /** Retries the same id until it is acknowledged, as callers do. */
    private static void append(PostgresLedger ledger, RecordId id) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (true) {
            try {
                assertThat(ledger.append(Samples.record(id.value())))
                        .isInstanceOfAny(AppendResult.Appended.class, AppendResult.Duplicate.class);
                return;
            } catch (LedgerException e) {
                assertThat(e.getMessage()).contains("retry with the same ids");
                if (System.nanoTime() > end) {
                    throw e;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
    }

    private static void await(PostgresServer server, String sql) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            while (System.nanoTime() < end) {
                try (ResultSet row = statement.executeQuery(sql)) {
                    if (row.next()) {
                        return;
                    }
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
        throw new AssertionError("it never came to be: " + sql);
    }
}
