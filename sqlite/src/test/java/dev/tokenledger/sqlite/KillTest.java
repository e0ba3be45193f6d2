package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.Ledger;
import dev.tokenledger.sqlite.Workload.Mix;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A child writes from four threads and is killed with -9 at a random moment, again and again on one file. Each time the
 * ledger opens, and holds what was acknowledged. The operating system survives here; {@code WriteOrderTest} takes that
 * away too.
 */
@Tag("once")
class KillTest {

    private static final int WRITERS = 4;
    private static final int MAX_MILLIS = 250;

    @TempDir
    private Path folder;

    @Test
    void kill_losesNothingAcknowledged() throws SQLException {
        // Ten kills: four amid single records, three amid batches, three amid corrections.
        long seed = TestLedgers.seed();
        killRepeatedly(Mix.APPEND, 4, seed);
        killRepeatedly(Mix.BATCH, 3, seed + 1);
        killRepeatedly(Mix.CORRECT, 3, seed + 2);
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource(Mix.class)
    void kill_losesNothingAcknowledged_hundredsOfTimes(Mix mix) throws SQLException {
        for (int file = 0; file < 15; file++) {
            killRepeatedly(mix, 10, TestLedgers.seed() + file);
        }
    }

    private void killRepeatedly(Mix mix, int times, long seed) throws SQLException {
        Random random = new Random(seed);
        Path file = folder.resolve(mix + "-" + seed + ".db");
        Audit audit = new Audit(mix);
        for (int run = 1; run <= times; run++) {
            boolean whileOpening = run % 3 == 0;
            List<String> printed = killOnce(file, mix, "r" + run, whileOpening, random);
            audit.acknowledge(printed);
            for (int writer = 1; writer <= WRITERS; writer++) {
                audit.started(LedgerChild.writer("r" + run, writer));
            }
            try (Ledger ledger = TestLedgers.open(file)) {
                audit.check(ledger);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "after kill " + run + " with seed " + seed + ", " + mix + ": " + e.getMessage(), e);
            }
            Audit.checkIntegrity(file);
        }
        System.out.println(mix + ", seed " + seed + ": " + audit.steps() + " steps survived " + times + " kills");
        // A harness that kills too early would show nothing: each child that was waited for had done a step.
        assertThat(audit.steps()).isGreaterThanOrEqualTo(times - times / 3);
    }

    /** Kills a child while it starts and opens the ledger, or some time after its first step. */
    private static List<String> killOnce(Path file, Mix mix, String run, boolean whileOpening, Random random) {
        try (ChildProcess child = LedgerChild.command(file, mix, run, WRITERS, 0, false, random.nextBoolean())
                .start()) {
            if (!whileOpening) {
                child.await(Audit::acknowledges);
            }
            pause(random.nextInt(MAX_MILLIS * 1_000));
            return child.kill();
        }
    }

    /** The moment of the kill is the experiment, not a wait for something to happen. */
    private static void pause(int micros) {
        long until = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(micros);
        while (System.nanoTime() < until) {
            LockSupport.parkNanos(until - System.nanoTime());
        }
    }

    @Test
    void kill_leavesNoFilesBeyondSQLitesOwn() throws Exception {
        Path file = folder.resolve("only.db");
        killOnce(file, Mix.APPEND, "r", false, new Random(4));
        TestLedgers.open(file).close();
        try (var files = Files.list(folder)) {
            assertThat(files.map(path -> path.getFileName().toString())).containsExactly("only.db");
        }
    }
}
