package dev.tokenledger.recorder;

import dev.tokenledger.text.Texts;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Counts what a recorder does, and reports what goes wrong: of each kind of problem at most one a minute. */
final class Counters {

    private static final long REPORTED_EVERY_NANOS = 60_000_000_000L;
    private static final int MAX_PROBLEM = 512;

    final AtomicLong offered = new AtomicLong();
    final AtomicLong committed = new AtomicLong();
    final AtomicLong duplicates = new AtomicLong();
    final AtomicLong rejected = new AtomicLong();
    final AtomicLong dropped = new AtomicLong();
    final AtomicLong failedWrites = new AtomicLong();
    final AtomicLong failedSpoolWrites = new AtomicLong();
    final AtomicLong corruptLines = new AtomicLong();

    private final Object change = new Object();
    private long pending;
    private boolean othersCarried;

    private final Consumer<String> problems;
    private final InstantSource clock;
    private final ConcurrentMap<String, Long> reported = new ConcurrentHashMap<>();
    private volatile @Nullable Instant awaySince;
    private volatile String lastProblem = "";

    Counters(Consumer<String> problems, InstantSource clock) {
        this.problems = problems;
        this.clock = clock;
    }

    /** So many records more, or less, are not in the ledger. */
    void pending(int more) {
        synchronized (change) {
            pending += more;
            if (pending <= 0) {
                change.notifyAll();
            }
        }
    }

    private long pending() {
        synchronized (change) {
            return Math.max(0, pending);
        }
    }

    /** What other recorders had left when this one was opened is in the ledger. */
    void othersCarried() {
        synchronized (change) {
            othersCarried = true;
            change.notifyAll();
        }
    }

    /** Whether everything is in the ledger, after at most so long. */
    boolean awaitNonePending(Duration most) throws InterruptedException {
        long deadline = System.nanoTime() + most.toNanos();
        synchronized (change) {
            while (pending > 0 || !othersCarried) {
                long millis = (deadline - System.nanoTime() + 999_999) / 1_000_000;
                if (millis <= 0) {
                    return false;
                }
                change.wait(millis);
            }
            return true;
        }
    }

    void ledgerAway() {
        if (awaySince == null) {
            awaySince = clock.instant();
        }
    }

    void ledgerBack() {
        awaySince = null;
    }

    boolean isLedgerAway() {
        return awaySince != null;
    }

    /**
     * Reports a problem.
     *
     * @param what what happened, of a fixed set
     */
    void problem(String what, @Nullable Throwable cause) {
        String message = Texts.cut(
                cause == null ? what : what + ": " + (cause.getMessage() == null ? cause : cause.getMessage()),
                MAX_PROBLEM);
        lastProblem = message;
        tell(what, message);
    }

    /** Reports what is no problem of recording, of each kind at most one a minute too. */
    void tell(String kind, String message) {
        long now = System.nanoTime();
        boolean[] due = new boolean[1];
        reported.compute(kind, (same, before) -> {
            due[0] = before == null || now - before >= REPORTED_EVERY_NANOS;
            return due[0] || before == null ? now : before;
        });
        if (due[0]) {
            try {
                problems.accept(message);
            } catch (RuntimeException e) {
                lastProblem = message + " (and its report failed)";
            }
        }
    }

    RecorderStatistics snapshot() {
        return new RecorderStatistics(
                offered.get(),
                committed.get(),
                duplicates.get(),
                rejected.get(),
                dropped.get(),
                pending(),
                failedWrites.get(),
                failedSpoolWrites.get(),
                corruptLines.get(),
                Optional.ofNullable(awaySince),
                lastProblem);
    }
}
