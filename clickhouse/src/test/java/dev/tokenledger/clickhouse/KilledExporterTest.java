package dev.tokenledger.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerUnavailableException;
import dev.tokenledger.clickhouse.testing.HttpFaultProxy;
import dev.tokenledger.clickhouse.testing.HttpFaultProxy.Fault;
import dev.tokenledger.postgres.PostgresLedger;
import dev.tokenledger.postgres.testing.FaultProxy;
import dev.tokenledger.testkit.Samples;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An exporter that dies at statement 1, 2, 3 … of making a copy, until it meets its end no more. Each time the rows that count are
 * those that the ledger has below the watermark: when it has died, when what it had sent arrives after all, and when another one has
 * gone on.
 */
@Tag("clickhouse")
class KilledExporterTest {

    /** More than there are, to end a test that does not. */
    private static final int MAX_STATEMENTS = 500;

    /** Fewer would mean that faults do not come where they should. */
    private static final int MIN_STATEMENTS = 20;

    private static final int STEP = 6;

    @ParameterizedTest
    @EnumSource
    void exporter_mayDieAtEveryStatementToTheCopy(Fault fault) {
        try (CopiedLedger copied = CopiedLedger.shared();
                PostgresLedger ledger = copied.open();
                HttpFaultProxy proxy = new HttpFaultProxy(copied.clickhouse.port(0))) {
            fill(ledger);
            int statement = 1;
            boolean failed = true;
            while (failed) {
                begin(copied);
                proxy.failAt(statement, fault);
                try (ClickHouseExporter dying = copied.exporter(copied.postgres.dataSource(), proxy.port(), STEP)) {
                    exportUntilItFails(copied, dying);
                }
                failed = proxy.hasFailed();
                check(copied, proxy, "dies at statement " + statement + " to the copy, " + fault);
                statement++;
                assertThat(statement).isLessThan(MAX_STATEMENTS);
            }
            assertThat(statement).isGreaterThan(MIN_STATEMENTS);
        }
    }

    @Test
    void exporter_mayDieAtEveryStatementToTheLedger() {
        try (CopiedLedger copied = CopiedLedger.shared();
                PostgresLedger ledger = copied.open();
                HttpFaultProxy none = new HttpFaultProxy(copied.clickhouse.port(0));
                FaultProxy proxy = new FaultProxy(copied.postgres)) {
            fill(ledger);
            int step = 1;
            boolean failed = true;
            while (failed) {
                begin(copied);
                proxy.failAt(step, () -> {});
                try (ClickHouseExporter dying = copied.exporter(proxy.dataSource(), STEP)) {
                    exportUntilItFails(copied, dying);
                }
                proxy.awaitCut();
                failed = proxy.hasFailed();
                check(copied, none, "dies at step " + step + " to the ledger");
                // Each statement has three steps; every one of them is met at one of these at least.
                step += 2;
                assertThat(step).isLessThan(MAX_STATEMENTS);
            }
            assertThat(step).isGreaterThan(MIN_STATEMENTS);
        }
    }

    /** In several transactions, as one is never divided. */
    private static void fill(PostgresLedger ledger) {
        for (int i = 0; i < 4; i++) {
            int first = 3 * i;
            ledger.appendAll(IntStream.range(first, first + 3)
                    .mapToObj(number -> Samples.record("r" + number))
                    .toList());
        }
    }

    /** An empty copy in new tables, which nobody has made yet. */
    private static void begin(CopiedLedger copied) {
        try (ClickHouseExporter exporter = copied.exporter(STEP)) {
            awaitLock(() -> {
                exporter.again();
                return true;
            });
        }
    }

    /** The server may notice a moment later than a client that their connection was cut. */
    static <T> T awaitLock(Supplier<T> attempt) {
        long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (true) {
            try {
                return attempt.get();
            } catch (LedgerBusyException e) {
                assertThat(System.nanoTime()).as("the lock is free again").isLessThan(end);
                Thread.onSpinWait();
            }
        }
    }

    private static void exportUntilItFails(CopiedLedger copied, ClickHouseExporter exporter) {
        try {
            awaitLock(() -> copied.drain(exporter));
        } catch (LedgerException e) {
            assertThat(e).hasMessageContaining("the ledger");
        }
    }

    private static void check(CopiedLedger copied, HttpFaultProxy proxy, String when) {
        try (ClickHouseExporter next = copied.exporter(STEP)) {
            copied.assertExact();
            awaitLock(next::step);
            copied.assertExact();
            // What the dead one had sent arrives while the next one is at work.
            proxy.deliver();
            copied.assertExact();
            next.step();
            copied.assertExact();
        } catch (LedgerException e) {
            // The next one noticed rows too many, and has another take over.
            assertThat(e).isInstanceOf(LedgerUnavailableException.class);
        } catch (AssertionError e) {
            throw new AssertionError("an exporter that " + when + ": " + e.getMessage(), e);
        }
        try (ClickHouseExporter last = copied.exporter(STEP)) {
            awaitLock(() -> copied.drain(last));
            copied.assertExact();
            assertThat(copied.promise().entries()).as(when).isEqualTo(12);
            assertThat(List.of(copied.copy(
                                    "SELECT count() FROM " + copied.promise().relation())
                            .get(0)))
                    .as("no row of a dead exporter is left when another takes over")
                    .containsExactly("12");
        }
    }
}
