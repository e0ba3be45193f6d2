package dev.tokenledger.postgres;

import dev.tokenledger.sql.engine.PackedDelta;
import dev.tokenledger.sql.rollups.CellTable;
import dev.tokenledger.sql.writing.Folding;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Folds deltas into pages beside the writers, on a thread of its own, once enough were added by this process. Who does not get the
 * lock leaves it to the process that has it. A fold that fails changes nothing, and is tried again after as many deltas more. One that
 * is due when the ledger is closed is done before.
 */
final class Folder implements AutoCloseable {

    private static final int MAX_CELLS = 48_000;
    private static final int MAX_ATTEMPTS = 3;
    private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final PostgresWrites session;
    private final int maxDeltas;
    private final AtomicInteger deltas = new AtomicInteger();
    private final AtomicLong cells = new AtomicLong();
    private @Nullable Thread thread;
    private volatile boolean closed;

    Folder(PostgresWrites.Opener opener, String place, int maxDeltas) {
        session = new PostgresWrites(opener, place, delta -> {});
        this.maxDeltas = maxDeltas;
    }

    /** Counts a delta, and has all of them folded when there are many. */
    void added(PackedDelta delta) {
        if (deltas.incrementAndGet() >= maxDeltas || cells.addAndGet(delta.count()) >= MAX_CELLS) {
            start();
        }
    }

    private synchronized void start() {
        if (thread == null && !closed) {
            thread = new Thread(this::run, "tokenledger-fold");
            thread.setDaemon(true);
            thread.start();
        }
        LockSupport.unpark(thread);
    }

    private void run() {
        while (true) {
            if (deltas.get() >= maxDeltas || cells.get() >= MAX_CELLS) {
                deltas.set(0);
                cells.set(0);
                fold();
                if (!closed) {
                    // The last commits may not have been done when the fold began.
                    LockSupport.parkNanos(this, REST_NANOS);
                }
            } else if (closed) {
                break;
            } else {
                LockSupport.park(this);
            }
        }
        session.close();
    }

    private void fold() {
        for (int attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
            try {
                session.begin("fold");
                if (session.lockFolding(true)) {
                    Folding.fold(session, new CellTable());
                }
                session.commit();
                return;
            } catch (SQLException | RuntimeException e) {
                session.rollback();
                System.getLogger(Folder.class.getName())
                        .log(System.Logger.Level.DEBUG, "roll-ups were not folded, and will be later", e);
                if (!(e instanceof SQLException failure) || !session.isRetryable(failure)) {
                    return;
                }
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        Thread running;
        synchronized (this) {
            running = thread;
        }
        if (running == null) {
            session.close();
            return;
        }
        boolean interrupted = false;
        while (running.isAlive()) {
            LockSupport.unpark(running);
            try {
                running.join(REST_NANOS / 1_000_000);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
