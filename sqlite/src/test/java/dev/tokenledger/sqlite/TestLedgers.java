package dev.tokenledger.sqlite;

import dev.tokenledger.Ledger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/** Opens ledgers for the durability tests. */
final class TestLedgers {

    /** As the testkit's: one seed to run. */
    private static final String SEED = "tokenledger.seed";

    private static final int SHORT_LOG_PAGES = 40;

    /** Processes on a slow disk keep each other waiting for longer than the usual five seconds. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private TestLedgers() {}

    static Ledger open(Path file) {
        return open(file, PATIENCE);
    }

    static Ledger open(Path file, Duration busyTimeout) {
        return SqliteLedger.builder()
                .prices(Workload.PRICES)
                .busyTimeout(busyTimeout)
                .open(file);
    }

    /** With a log that is copied into the file, and begun anew, every few commits. */
    static Ledger openWithShortLog(Path file) {
        return SqliteLedger.builder()
                .prices(Workload.PRICES)
                .checkpointPages(SHORT_LOG_PAGES)
                .open(file);
    }

    /** A new seed, or the one asked for by the system property; printed. */
    static long seed() {
        long seed = Objects.requireNonNullElseGet(Long.getLong(SEED), System::nanoTime);
        System.out.println("seed " + seed + ", again with -D" + SEED + "=" + seed);
        return seed;
    }
}
