package dev.tokenledger.sqlite;

import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerInterruptedException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Commits the work of many threads together, on one of theirs.
 *
 * <p>A caller queues its work and tries to take the lock. Whoever gets it leads: it takes all that is queued, does it in
 * one transaction, and once the commit is on disk hands everyone their result; the others wait. A lone caller leads at
 * once and alone, without a thread being woken (a hand-off to a writer's thread cost a lone caller a quarter of its
 * speed). Nothing is acknowledged before its commit.
 *
 * <p>A waiting thread that is interrupted withdraws its work unless a leader has taken it; then it waits for the result.
 * If something goes wrong that is not the store's fault, such as a {@code Merge} that throws, the transaction is rolled
 * back and everyone's work done anew, each in a transaction of its own, so that only the culprit's caller learns of it.
 */
final class Writer implements AutoCloseable {

    /** How much one transaction takes on, in rows: more would only keep its callers waiting. */
    private static final int MOST_ROWS = 20_000;

    /** Something to be written. */
    interface Work<T> {

        /** How many rows it writes, about. */
        int size();

        /** Does it, or stages it to be done with others. */
        void begin(WriteTransaction transaction, Handle handle) throws SQLException;

        /** Its result, once everything staged is done. */
        T result();
    }

    private enum State {
        QUEUED,
        TAKEN,
        WITHDRAWN,
        DONE
    }

    private static final class Request<T> {

        final Work<T> work;
        final Thread caller = Thread.currentThread();
        final String action;
        final AtomicReference<State> state = new AtomicReference<>(State.QUEUED);

        @Nullable
        Throwable failure;

        Request(Work<T> work, String action) {
            this.work = work;
            this.action = action;
        }

        void done(@Nullable Throwable with) {
            failure = with;
            state.set(State.DONE);
            LockSupport.unpark(caller);
        }
    }

    private final Connections connections;
    private final WriteTransaction transaction;
    private final Consumer<String> warnings;
    private final ReentrantLock lock = new ReentrantLock();
    private final ConcurrentLinkedQueue<Request<?>> queue = new ConcurrentLinkedQueue<>();
    private @Nullable Handle handle;
    private volatile boolean closed;

    /** Why the last transaction failed; null if it did not, or not for the store's sake. */
    private volatile @Nullable LedgerException lastFailure;

    /** @param warnings is told what was found when it is closed */
    Writer(Connections connections, WriteTransaction transaction, Handle handle, Consumer<String> warnings) {
        this.connections = connections;
        this.warnings = warnings;
        this.transaction = transaction;
        this.handle = handle;
    }

    /**
     * Does some work and returns when it is durable.
     *
     * @param action what is attempted, for messages
     */
    <T> T write(String action, Work<T> work) {
        if (Thread.currentThread().isInterrupted()) {
            throw withdrawn(action);
        }
        Request<T> request = new Request<>(work, action);
        queue.add(request);
        while (request.state.get() != State.DONE) {
            if (lock.tryLock()) {
                try {
                    lead(request);
                } finally {
                    lock.unlock();
                    wakeNext();
                }
            } else {
                LockSupport.park(this);
                if (Thread.currentThread().isInterrupted()) {
                    awaitUninterruptibly(request);
                }
            }
        }
        return result(request);
    }

    /** Withdraws an interrupted thread's request, or waits for its result if it is too late for that. */
    private void awaitUninterruptibly(Request<?> request) {
        if (request.state.compareAndSet(State.QUEUED, State.WITHDRAWN)) {
            queue.remove(request);
            wakeNext();
            throw withdrawn(request.action);
        }
        boolean interrupted = false;
        while (request.state.get() != State.DONE) {
            interrupted |= Thread.interrupted();
            LockSupport.park(this);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private LedgerInterruptedException withdrawn(String action) {
        return new LedgerInterruptedException(
                "cannot " + action + " " + connections.place()
                        + ": the thread was interrupted; nothing was stored, retry with the same ids",
                null);
    }

    private static <T> T result(Request<T> request) {
        Throwable failure = request.failure;
        if (failure == null) {
            return request.work.result();
        }
        // It may be another thread's: its trace stays that of where it happened.
        if (failure instanceof RuntimeException runtime) {
            throw runtime;
        }
        throw (Error) failure;
    }

    private void wakeNext() {
        Request<?> next = queue.peek();
        if (next != null) {
            LockSupport.unpark(next.caller);
        }
    }

    /** Commits what is queued until the leader's own request is done. */
    private void lead(Request<?> own) {
        while (own.state.get() != State.DONE) {
            List<Request<?>> taken = take();
            if (!taken.isEmpty()) {
                commit(taken);
            }
        }
    }

    private List<Request<?>> take() {
        List<Request<?>> taken = new ArrayList<>();
        int rows = 0;
        while (rows < MOST_ROWS) {
            Request<?> next = queue.poll();
            if (next == null) {
                break;
            }
            if (next.state.compareAndSet(State.QUEUED, State.TAKEN)) {
                taken.add(next);
                rows += next.work.size();
            }
        }
        return taken;
    }

    private void commit(List<Request<?>> taken) {
        Throwable failure = attempt(taken);
        boolean ofOne = failure != null && !(failure instanceof LedgerException) && taken.size() > 1;
        for (Request<?> request : taken) {
            request.done(ofOne ? attempt(List.of(request)) : failure);
        }
    }

    /**
     * Passes if the files are those that were opened; whoever is writing just now finds that out by himself.
     *
     * @throws LedgerException if they are not
     */
    void checkFiles() {
        LedgerFiles files = connections.files();
        if (files != null && lock.tryLock()) {
            try {
                files.checkKnown("write to");
                if (handle != null) {
                    files.checkAfter(handle);
                }
            } catch (SQLException e) {
                throw Errors.of("write to", connections.place(), Errors.Attempt.READ, connections.busyTimeout(), e);
            } finally {
                lock.unlock();
                wakeNext();
            }
        }
    }

    /** Why the last transaction failed; null if it did not, or only because another writer was at work. */
    @Nullable
    LedgerException lastFailure() {
        return lastFailure;
    }

    private @Nullable Throwable attempt(List<Request<?>> requests) {
        Throwable failure = transact(requests);
        lastFailure =
                failure instanceof LedgerException store && !(failure instanceof LedgerBusyException) ? store : null;
        return failure;
    }

    /** One transaction; gives what went wrong, after the rollback. */
    private @Nullable Throwable transact(List<Request<?>> requests) {
        String action = requests.get(0).action;
        Errors.Attempt stage = Errors.Attempt.WRITE;
        boolean inTransaction = false;
        LedgerFiles files = connections.files();
        try {
            if (closed) {
                throw new IllegalStateException("the ledger is closed");
            }
            if (files != null) {
                files.checkKnown(action);
            }
            Handle writing = open();
            if (files != null) {
                files.checkBefore(writing);
            }
            inTransaction = true;
            transaction.begin(writing);
            for (Request<?> request : requests) {
                request.work.begin(transaction, writing);
            }
            transaction.finish(writing);
            stage = Errors.Attempt.COMMIT;
            writing.run("COMMIT");
            inTransaction = false;
            if (files != null) {
                files.checkAfter(writing);
            }
            return null;
        } catch (SQLException e) {
            Handle failed = handle;
            if (inTransaction) {
                rollBack();
            }
            forgetStatements();
            LedgerException changed = files == null || failed == null ? null : files.changedBeneath(e, failed);
            return changed != null
                    ? changed
                    : Errors.of(action, connections.place(), stage, connections.busyTimeout(), e);
        } catch (RuntimeException | Error e) {
            if (inTransaction) {
                rollBack();
            }
            return e;
        }
    }

    private Handle open() throws SQLException {
        Handle open = handle;
        if (open == null) {
            open = connections.openWriter();
            handle = open;
            LedgerFiles files = connections.files();
            if (files != null) {
                files.reopened(open);
            }
        }
        return open;
    }

    /** The driver closes some statements whose running failed; so all are prepared anew. */
    private void forgetStatements() {
        Handle open = handle;
        if (open != null) {
            try {
                open.closeStatements();
            } catch (SQLException e) {
                handle = null;
                closeUnlessLost(open);
            }
        }
    }

    /** Leaves the transaction, and forgets all that was learnt in it. */
    private void rollBack() {
        transaction.forget();
        Handle failed = handle;
        if (failed == null) {
            return;
        }
        try {
            failed.run("ROLLBACK");
            failed.clearBatches();
        } catch (SQLException alreadyRolledBack) {
            // After some failures SQLite has rolled back by itself. A new connection leaves no doubt.
            handle = null;
            closeUnlessLost(failed);
        }
    }

    /** SQLite deletes the log at the ledger's path with the last connection, which may be another file's by now. */
    private void closeUnlessLost(Handle open) {
        LedgerFiles files = connections.files();
        if (files != null && !files.areLost()) {
            try {
                files.checkAfter(open);
            } catch (LedgerException | SQLException e) {
                warnings.accept(String.valueOf(e.getMessage()));
            }
        }
        if (files != null && files.areLost()) {
            Rescue.keep(open);
        } else {
            Connections.discard(open);
        }
    }

    /** Waits for the work under way; what is queued behind it is refused. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            Handle open = handle;
            handle = null;
            if (open != null) {
                closeUnlessLost(open);
            }
        } finally {
            lock.unlock();
            wakeNext();
        }
    }
}
