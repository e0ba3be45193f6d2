package dev.tokenledger.sql.writing;

import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerInterruptedException;
import dev.tokenledger.sql.engine.WriteSession;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Commits the work of many threads together, on one of theirs. Used by any number of threads.
 *
 * <p>A caller queues its work and tries to become a leader, of whom there are as many as {@linkplain WriteKernel kernels}. A
 * leader takes all that is queued, does it in one transaction, and once the commit is on disk hands everyone their result; the
 * others wait. A lone caller leads at once and alone, without a thread being woken (a hand-off to a writer's thread cost a
 * lone caller a quarter of its speed). Nothing is acknowledged before its commit.
 *
 * <p>Where each commit is dear, a leader {@linkplain Gathering#SHORTLY waits shortly} for those who were served a moment ago and
 * are about to come again: the first of them would else lead with next to nothing, and all others wait for that.
 *
 * <p>A waiting thread that is interrupted withdraws its work unless a leader has taken it; then it waits for the result.
 * A transaction that lost against another process's is done again as a whole. If something goes wrong that is not the store's
 * fault, such as a {@code Merge} that throws, the transaction is rolled back and everyone's work done anew, each in a
 * transaction of its own, so that only the culprit's caller learns of it.
 */
public final class GroupCommit implements AutoCloseable {

    /** How much one transaction takes on, in rows: more would only keep its callers waiting. */
    private static final int MAX_ROWS = 20_000;

    /** How often a transaction is tried that loses against others. */
    private static final int MAX_ATTEMPTS = 5;

    /** Whether a leader waits for others before it takes what is queued. */
    public enum Gathering {
        /** No: a commit costs little more than what it holds. */
        NONE,
        /** For a fraction of the time that a commit takes, and only if there were others lately. */
        SHORTLY
    }

    /** How long a leader waits for others: this part of the last commit's time, and no longer than that. */
    private static final int PATIENCE = 4;

    private static final long MAX_PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** The same while another leader's commit is under way, whose callers come again when it is done. */
    private static final long MAX_PATIENCE_BESIDE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

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

    private final String place;
    private final int leaders;
    private final Semaphore permits;
    private final ConcurrentLinkedDeque<WriteKernel> idle;
    private final ConcurrentLinkedQueue<Request<?>> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queued = new AtomicInteger();

    /** Requests that leaders have taken and not answered. */
    private final AtomicInteger taken = new AtomicInteger();

    private final Gathering gathering;

    /** The leader that waits for others, if one does. Whoever comes meanwhile leaves it to that one to take them along. */
    private final AtomicReference<@Nullable Gatherer> gatherer = new AtomicReference<>();

    /** How many callers there were at once lately, about. */
    private volatile int crowd;

    private volatile long commitNanos;
    private volatile boolean closed;

    private static final class Gatherer {

        final Thread leader = Thread.currentThread();

        /** How many it waits for. */
        volatile int wanted;
    }

    /** Why the last transaction failed; null if it did not, or not for the store's sake. */
    private volatile @Nullable LedgerException lastFailure;

    /**
     * Commits by some kernels, each with a session of its own, which are closed with it.
     *
     * @param place the store as messages name it
     * @param kernels one for each transaction that may be under way at the same time, at least one
     * @param gathering whether a leader waits for others
     */
    public GroupCommit(String place, List<WriteKernel> kernels, Gathering gathering) {
        this.place = place;
        this.gathering = gathering;
        leaders = kernels.size();
        permits = new Semaphore(leaders);
        idle = new ConcurrentLinkedDeque<>(kernels);
    }

    /**
     * Does some work and returns when it is durable.
     *
     * @param action what is attempted, as in "cannot {action} {place}"
     * @throws LedgerException if it could not be stored; the message says whether it may be there nevertheless
     * @throws LedgerInterruptedException if the thread was interrupted before its work was taken on; nothing is stored
     * @throws IllegalStateException if it is closed
     */
    public <T> T write(String action, Work<T> work) {
        if (Thread.currentThread().isInterrupted()) {
            throw withdrawn(action);
        }
        Request<T> request = new Request<>(work, action);
        queue.add(request);
        int waiting = queued.incrementAndGet();
        Gatherer leading = gatherer.get();
        if (leading != null && waiting >= leading.wanted) {
            wake(leading);
        }
        while (request.state.get() != State.DONE) {
            WriteKernel kernel = request.state.get() == State.QUEUED ? tryLead() : null;
            if (kernel != null) {
                try {
                    lead(kernel, request);
                } finally {
                    release(kernel);
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

    private static void wake(@Nullable Gatherer waiting) {
        if (waiting != null) {
            LockSupport.unpark(waiting.leader);
        }
    }

    private @Nullable WriteKernel tryLead() {
        if (gatherer.get() != null) {
            return null;
        }
        return permits.tryAcquire() ? idle.poll() : null;
    }

    private void release(WriteKernel kernel) {
        idle.push(kernel);
        permits.release();
        wakeNext();
    }

    /** Withdraws an interrupted thread's request, or waits for its result if it is too late for that. */
    private void awaitUninterruptibly(Request<?> request) {
        if (request.state.compareAndSet(State.QUEUED, State.WITHDRAWN)) {
            if (queue.remove(request)) {
                queued.decrementAndGet();
            }
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
                "cannot " + action + " " + place
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

    /** Commits what is queued until the leader's own request is done, or in another leader's hands. */
    private void lead(WriteKernel kernel, Request<?> own) {
        while (own.state.get() == State.QUEUED) {
            if (gathering == Gathering.SHORTLY && !gather()) {
                return;
            }
            List<Request<?>> drained = drain();
            if (!drained.isEmpty()) {
                long begun = System.nanoTime();
                taken.addAndGet(drained.size());
                try {
                    commit(kernel, drained);
                } finally {
                    taken.addAndGet(-drained.size());
                    commitNanos = System.nanoTime() - begun;
                    wake(gatherer.get());
                }
            }
        }
    }

    /** Waits for others; false if another leader does, and takes this one's request along. */
    private boolean gather() {
        int others = taken.get();
        if (others == 0 && crowd <= queued.get()) {
            crowd = queued.get();
            return true;
        }
        Gatherer self = new Gatherer();
        if (!gatherer.compareAndSet(null, self)) {
            return false;
        }
        try {
            long begun = System.nanoTime();
            while (!Thread.currentThread().isInterrupted()) {
                int beside = taken.get();
                if (beside == 0 && others > 0) {
                    begun = System.nanoTime();
                }
                others = beside;
                self.wanted = others == 0 ? crowd : Math.max(others, crowd - others);
                long patience = others == 0
                        ? Math.min(commitNanos / PATIENCE, MAX_PATIENCE_NANOS)
                        : Math.min(2 * commitNanos, MAX_PATIENCE_BESIDE_NANOS);
                long left = patience - (System.nanoTime() - begun);
                if (queued.get() >= self.wanted || left <= 0) {
                    break;
                }
                LockSupport.parkNanos(this, left);
            }
            int now = queued.get() + others;
            crowd = Math.max(now, crowd - 1 - crowd / 8);
        } finally {
            gatherer.set(null);
        }
        return true;
    }

    private List<Request<?>> drain() {
        List<Request<?>> drained = new ArrayList<>();
        int rows = 0;
        while (rows < MAX_ROWS) {
            Request<?> next = queue.poll();
            if (next == null) {
                break;
            }
            queued.decrementAndGet();
            if (next.state.compareAndSet(State.QUEUED, State.TAKEN)) {
                drained.add(next);
                rows += next.work.size();
            }
        }
        return drained;
    }

    private void commit(WriteKernel kernel, List<Request<?>> drained) {
        Throwable failure = attempt(kernel, drained);
        boolean ofOne = failure != null && !(failure instanceof LedgerException) && drained.size() > 1;
        for (Request<?> request : drained) {
            request.done(ofOne ? attempt(kernel, List.of(request)) : failure);
        }
    }

    /**
     * Passes if what is written to is still the ledger, see {@link WriteSession#check}. If all leaders are writing just now,
     * they find that out by themselves.
     *
     * @throws LedgerException if it is not
     */
    public void check() {
        WriteKernel kernel = tryLead();
        if (kernel != null) {
            try {
                kernel.session().check();
            } finally {
                release(kernel);
            }
        }
    }

    /** Why the last transaction failed; null if it did not, or only because another writer was at work. */
    public @Nullable LedgerException lastFailure() {
        return lastFailure;
    }

    private @Nullable Throwable attempt(WriteKernel kernel, List<Request<?>> requests) {
        Throwable failure = null;
        for (int attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
            try {
                failure = transact(kernel, requests, attempt == MAX_ATTEMPTS);
                break;
            } catch (LostRaceException again) {
                failure = again;
            }
        }
        lastFailure =
                failure instanceof LedgerException store && !(failure instanceof LedgerBusyException) ? store : null;
        return failure;
    }

    /**
     * One transaction; gives what went wrong, after the rollback.
     *
     * @param last whether it is not tried again if it loses against another one
     * @throws LostRaceException if it lost and may be tried again
     */
    private @Nullable Throwable transact(WriteKernel kernel, List<Request<?>> requests, boolean last)
            throws LostRaceException {
        String action = requests.get(0).action;
        WriteSession session = kernel.session();
        WriteSession.Stage stage = WriteSession.Stage.WRITE;
        try {
            if (closed) {
                throw new IllegalStateException("the ledger is closed");
            }
            kernel.begin(action);
            List<Work<?>> works = new ArrayList<>(requests.size());
            for (Request<?> request : requests) {
                request.work.apply(kernel);
                works.add(request.work);
            }
            kernel.finish(works);
            stage = WriteSession.Stage.COMMIT;
            session.commit();
            return null;
        } catch (LostRaceException e) {
            kernel.rollback();
            if (!last) {
                throw e;
            }
            return new LedgerBusyException(
                    "cannot " + action + " " + place + ": " + e.getMessage() + ", " + MAX_ATTEMPTS
                            + " times; nothing was stored, retry with the same ids",
                    e);
        } catch (SQLException e) {
            kernel.rollback();
            if (!last && session.isRetryable(e)) {
                throw new LostRaceException(e);
            }
            return session.failure(action, stage, e);
        } catch (LedgerException | Error e) {
            kernel.rollback();
            return e;
        } catch (RuntimeException e) {
            kernel.rollback();
            LedgerException why = session.changedBeneath();
            if (why == null) {
                return e;
            }
            why.addSuppressed(e);
            return why;
        }
    }

    /** Waits for the work under way; what is queued behind it is refused. */
    @Override
    public void close() {
        closed = true;
        permits.acquireUninterruptibly(leaders);
        try {
            for (WriteKernel kernel : idle) {
                kernel.session().close();
            }
        } finally {
            permits.release(leaders);
            wakeNext();
        }
    }
}
