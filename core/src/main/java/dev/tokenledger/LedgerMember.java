package dev.tokenledger;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One of the ledgers that are added up: opened by the first question that comes to it, and by the next one where that failed. A
 * question is answered by one of its own few threads, so that a ledger that hangs holds up nobody who asks the others. Safe for use
 * by many threads.
 */
final class LedgerMember {

    /** Questions that one ledger answers at a time. */
    private static final int THREADS = 8;

    /** Questions that wait for that. */
    private static final int MAX_WAITING = 128;

    private static final Duration IDLE = Duration.ofSeconds(10);

    private final String name;
    private final Supplier<? extends Ledger> opener;
    private final ThreadPoolExecutor threads;
    private final ReentrantLock opening = new ReentrantLock();
    private volatile @Nullable Ledger opened;
    private volatile boolean closed;

    LedgerMember(String name, Supplier<? extends Ledger> opener) {
        this.name = name;
        this.opener = opener;
        AtomicInteger number = new AtomicInteger();
        ThreadFactory daemons = work -> {
            Thread thread = new Thread(work, "tokenledger-" + name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
        threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                IDLE.toMillis(),
                TimeUnit.MILLISECONDS,
                new LinkedBlockingQueue<>(MAX_WAITING),
                daemons);
        threads.allowCoreThreadTimeOut(true);
    }

    String name() {
        return name;
    }

    /** The name, for lists of them. */
    @Override
    public String toString() {
        return name;
    }

    /**
     * Asks.
     *
     * @param done is run when there is an answer, a failure, or nobody who waits for it any more
     */
    <T> FutureTask<T> ask(Function<Ledger, T> question, Runnable done) {
        checkOpen();
        FutureTask<T> task = new FutureTask<>(() -> question.apply(ledger())) {
            @Override
            protected void done() {
                done.run();
            }
        };
        try {
            threads.execute(task);
            return task;
        } catch (RejectedExecutionException e) {
            FutureTask<T> refused =
                    new FutureTask<>(() -> {
                        checkOpen();
                        throw new LedgerOverloadedException(
                                "more questions than it answers at once; ask again in a second");
                    }) {
                        @Override
                        protected void done() {
                            done.run();
                        }
                    };
            refused.run();
            return refused;
        }
    }

    /** Waits no longer for an answer: the thread that works on it is interrupted, and what has not begun never will. */
    void cancel(FutureTask<?> task) {
        if (task.cancel(true)) {
            threads.remove(task);
        }
    }

    /** The ledger, which one thread opens while others wait. */
    private Ledger ledger() throws InterruptedException {
        opening.lockInterruptibly();
        try {
            Ledger ledger = opened;
            if (ledger == null) {
                checkOpen();
                ledger = open();
                opened = ledger;
                if (closed) {
                    // Nobody has waited for it, so nobody else closes it.
                    release();
                    checkOpen();
                }
            }
            return ledger;
        } finally {
            opening.unlock();
        }
    }

    private Ledger open() {
        try {
            return Objects.requireNonNull(opener.get(), "ledger");
        } catch (IllegalArgumentException e) {
            // Of a question it would be the mistake of whoever asks.
            throw new LedgerUnavailableException(String.valueOf(e.getMessage()), e);
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the ledger is closed");
        }
    }

    /** Takes no more questions, and interrupts those under way. */
    void stop() {
        closed = true;
        for (Runnable waiting : threads.shutdownNow()) {
            // Whoever waits for its answer is to hear that there will be none.
            ((FutureTask<?>) waiting).cancel(false);
        }
    }

    /** Waits for those that were interrupted, but not for ever, and closes the ledger. */
    void close(Duration patience) {
        try {
            threads.awaitTermination(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        release();
    }

    private void release() {
        Ledger ledger;
        synchronized (this) {
            ledger = opened;
            opened = null;
        }
        if (ledger != null) {
            ledger.close();
        }
    }
}
