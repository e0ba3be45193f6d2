package dev.tokenledger.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.clickhouse.testing.ClickHouseServers;
import dev.tokenledger.postgres.CopyCounts;
import dev.tokenledger.postgres.PostgresLedger;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.LedgerComparison;
import dev.tokenledger.testkit.Operation;
import dev.tokenledger.testkit.OperationGenerator;
import dev.tokenledger.testkit.QueryGenerator;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.testkit.Seeds;
import dev.tokenledger.testkit.SettableClock;
import java.time.Duration;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The same answers as a list in memory gives, whatever becomes of the copy. */
@Tag("clickhouse")
class ClickHouseCopyTest {

    private static final SummaryQuery BY_SESSION =
            SummaryQuery.over(TimeWindow.all()).by(Dimension.SESSION).build();

    private final SettableClock clock = new SettableClock(Samples.NOW);

    @Test
    void randomOperations_areAnsweredAlike_whileExportersDie() {
        Seeds.run(2, random -> {
            try (CopiedStore store = new CopiedStore(CopiedLedger.shared(), new SplittableRandom(random.nextLong()));
                    Ledger memory = InMemoryLedger.open(Samples.prices(), clock);
                    Ledger ledger = store.open(Samples.prices(), clock)) {
                OperationGenerator operations = new OperationGenerator(random);
                QueryGenerator queries = new QueryGenerator(random);
                for (int i = 1; i <= 40; i++) {
                    both(i, operations.nextOfRecords(), memory, ledger, random);
                    LedgerComparison.assertSame(memory, ledger, BY_SESSION);
                    LedgerComparison.assertSame(memory, ledger, queries.summaries());
                }
                assertThat(LedgerComparison.firstDifference(memory, ledger)).isEmpty();
                assertThat(store.answered()).isGreaterThan(10);
            }
        });
    }

    private void both(int number, Operation operation, Ledger memory, Ledger ledger, RandomGenerator random) {
        clock.advance(Duration.ofNanos(random.nextLong(40_000_000_000_000L)));
        Object expected = operation.apply(memory);
        assertThat(operation.apply(ledger))
                .as("operation %s: %s", number, operation)
                .isEqualTo(expected);
    }

    /** Each ledger is opened anew: one that is open leaves a copy that failed alone for a while. */
    @Test
    void serverOrShardThatIsKilled_changesNoAnswer_norDoesItsReturn() {
        try (ClickHouseServers servers = ClickHouseServers.start(2)) {
            CopiedLedger copied = new CopiedLedger(PostgresServer.shared(PostgresServer.Version.NEWEST), servers, true);
            SplittableRandom random = new SplittableRandom(1);
            try (Ledger memory = InMemoryLedger.open(Samples.prices(), clock)) {
                CopiedStore store = new CopiedStore(copied, random);
                OperationGenerator operations = new OperationGenerator(random);
                for (int round = 0; round < 2; round++) {
                    try (PostgresLedger ledger = store.openCopied(Samples.prices(), clock)) {
                        for (int i = 1; i <= 25; i++) {
                            both(i, operations.nextOfRecords(), memory, ledger, random);
                        }
                        try (ClickHouseExporter exporter = copied.exporter(50)) {
                            copied.drain(exporter);
                        }
                        both(26, operations.nextOfRecords(), memory, ledger, random);
                        assertThat(LedgerComparison.firstDifference(memory, ledger))
                                .isEmpty();
                        assertThat(counts(ledger).failed().values()).containsOnly(0L);
                        assertThat(counts(ledger).answered()).isPositive();
                    }
                    int shard = round % 2;
                    servers.kill(shard);
                    try (PostgresLedger ledger = store.openCopied(Samples.prices(), clock)) {
                        assertThat(LedgerComparison.firstDifference(memory, ledger))
                                .isEmpty();
                        assertThat(counts(ledger).answered()).isZero();
                        assertThat(counts(ledger).failed()).containsEntry("away", 1L);
                        assertThat(counts(ledger).paused()).isPositive();
                    }
                    servers.restart(shard);
                }
                copied.close();
            }
        }
    }

    private static CopyCounts counts(PostgresLedger ledger) {
        return ledger.copyCounts().orElseThrow();
    }

    @Test
    void tableThatIsNotWhatWasWritten_isFoundOut() {
        for (String harm : new String[] {
            "TRUNCATE TABLE %s",
            "DROP TABLE %s",
            "INSERT INTO %1$s SELECT * FROM %1$s WHERE seq = 1",
            "ALTER TABLE %s DELETE WHERE seq = 2",
            "RENAME TABLE %1$s TO %1$s_gone"
        }) {
            try (CopiedLedger copied = CopiedLedger.shared()) {
                CopiedStore store = new CopiedStore(copied, new SplittableRandom(1));
                try (PostgresLedger ledger = store.openCopied(Samples.prices(), clock);
                        ClickHouseExporter exporter = copied.exporter(100)) {
                    for (int i = 0; i < 5; i++) {
                        ledger.append(Samples.builder("r" + i)
                                .timestamp(Samples.NOW.plus(Duration.ofHours(i)))
                                .sessionId("s" + i)
                                .build());
                    }
                    copied.drain(exporter);
                    assertThat(ledger.summaries(BY_SESSION)).hasSize(5);
                    assertThat(counts(ledger).answered()).isEqualTo(1);
                    String table = copied.promise().relation();
                    copied.copy(String.format(Locale.ROOT, harm, table));
                    awaitDeletions(copied);
                    assertThat(ledger.summaries(BY_SESSION))
                            .hasSize(5)
                            .allSatisfy(row ->
                                    assertThat(row.summary().totalRecords()).isEqualTo(1));
                    assertThat(counts(ledger).failed()).as(harm).containsEntry("unfit", 1L);
                }
            }
        }
    }

    private static void awaitDeletions(CopiedLedger copied) {
        String sql = "SELECT count() FROM system.mutations WHERE NOT is_done AND database = '" + copied.database + "'";
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!copied.clickhouse.ask(0, sql).equals("0")) {
            assertThat(System.nanoTime()).as("rows are deleted").isLessThan(end);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }
}
