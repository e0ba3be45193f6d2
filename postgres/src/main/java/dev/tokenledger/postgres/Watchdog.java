package dev.tokenledger.postgres;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Cancels statements of callers who were interrupted or whose time is over. The driver waits for the server's answer and notices
 * neither; cancelling makes the server answer at once, and leaves the connection usable.
 *
 * <p>One thread looks after all callers of a ledger, every {@value #LOOK_MILLIS} ms while there are any, and ends when there have
 * been none for a while. Safe for use by many threads.
 */
final class Watchdog implements AutoCloseable {

    /** Why a statement was cancelled. */
    enum Stop {
        NOT,
        INTERRUPTED,
        OVERDUE
    }

    private static final int LOOK_MILLIS = 10;
    private static final int IDLE_LOOKS = 500;

    /** A caller's work, from its first statement to its last. Closed by the caller's thread. */
    final class Watch implements AutoCloseable {

        private final Thread caller = Thread.currentThread();
        private final long deadline;

        /** Held while a statement is being cancelled, so that the cancellation reaches none that comes later. */
        private final ReentrantLock cancelling = new ReentrantLock();

        private @Nullable Statement statement;
        private volatile Stop stop = Stop.NOT;

        private Watch(long nanos) {
            deadline = nanos == 0 ? 0 : Math.max(1, System.nanoTime() + nanos);
        }

        /** From now on this statement is the one to cancel. */
        void begin(Statement running) {
            set(running);
        }

        /** The statement has been answered. */
        void end() {
            set(null);
        }

        private void set(@Nullable Statement running) {
            cancelling.lock();
            try {
                statement = running;
            } finally {
                cancelling.unlock();
            }
        }

        /** Why the work had to stop, if it had to. */
        Stop stop() {
            Stop already = stop;
            return already != Stop.NOT
                    ? already
                    : caller.isInterrupted() ? Stop.INTERRUPTED : isOverdue() ? Stop.OVERDUE : Stop.NOT;
        }

        /** How long it may go on, in nanoseconds; {@link Long#MAX_VALUE} for as long as it likes. */
        long nanosLeft() {
            return deadline == 0 ? Long.MAX_VALUE : Math.max(0, deadline - System.nanoTime());
        }

        private boolean isOverdue() {
            return deadline != 0 && System.nanoTime() - deadline > 0;
        }

        private void look() {
            if (!caller.isInterrupted() && !isOverdue()) {
                return;
            }
            cancelling.lock();
            try {
                if (statement != null) {
                    if (stop == Stop.NOT) {
                        stop = caller.isInterrupted() ? Stop.INTERRUPTED : Stop.OVERDUE;
                    }
                    statement.cancel();
                }
            } catch (SQLException e) {
                // Cancelling takes a connection of its own, which may not be had just now. The next look tries again.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
            } finally {
                cancelling.unlock();
            }
        }

        @Override
        public void close() {
            end();
            watches.remove(this);
        }
    }

    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private @Nullable Thread thread;
    private volatile boolean closed;

    /**
     * Begins to watch this thread.
     *
     * @param nanos how long it may take; 0 for as long as it likes
     */
    Watch watch(long nanos) {
        Watch watch = new Watch(nanos);
        watches.add(watch);
        synchronized (this) {
            if (thread == null && !closed) {
                thread = new Thread(this::run, "tokenledger-watchdog");
                thread.setDaemon(true);
                thread.start();
            }
        }
        return watch;
    }

    private void run() {
        int idle = 0;
        while (!closed) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
            idle = watches.isEmpty() ? idle + 1 : 0;
            watches.forEach(Watch::look);
            if (idle > IDLE_LOOKS) {
                synchronized (this) {
                    if (watches.isEmpty()) {
                        thread = null;
                        return;
                    }
                }
            }
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
