package dev.tokenledger.sqlite;

import dev.tokenledger.sql.rollups.Level;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Reads a window by several threads, each with a connection of its own, where there is enough to read.
 *
 * <p>All threads see the same records: an entry is never changed or removed and each gets the next number, so two snapshots
 * with the same last number hold the same entries and therefore the same roll-ups, with one exception: an attribute key may
 * have become too wide in between, which even a record that is refused can cause. A connection that sees another last number,
 * or another number of wide keys, is not used.
 */
final class ParallelScan {

    private static final int MAX_THREADS = 4;

    /** Records that keep one thread busy for several milliseconds, where starting it takes a tenth of one. */
    private static final int WORTH_A_THREAD = 8_192;

    /** What tells two snapshots apart. */
    private static final List<String> SEEN =
            List.of("SELECT coalesce(max(seq), 0) FROM records", "SELECT count(*) FROM attribute_keys WHERE wide");

    /** Counts about as far as matters: runs of one record each are many. */
    private static final String RECORDS = "SELECT sum(last - first + 1) FROM (SELECT first, last FROM runs"
            + " WHERE quarter >= ? AND quarter <= ? LIMIT " + MAX_THREADS * WORTH_A_THREAD + ")";

    /** Reads one part of the window. */
    interface Part<T> {
        T read(Handle handle, long from, long to) throws SQLException;
    }

    private ParallelScan() {}

    /** How many threads the records of {@code [from, to)}, in microseconds, are worth. */
    static long threadsFor(Handle handle, long from, long to) throws SQLException {
        return handle.number(RECORDS, Level.QUARTER.period(from), Level.QUARTER.period(to - 1)) / WORTH_A_THREAD;
    }

    /**
     * Reads {@code [from, to)}, in microseconds, by several threads.
     *
     * @param handle in a transaction
     * @param worth how many threads there is enough to read for; less than 2 for the caller's alone
     * @param part called by several threads at once, each time for another part of the window
     * @return what each part gave, in the order of time
     */
    static <T> List<T> inParts(Handle handle, Connections connections, long worth, long from, long to, Part<T> part)
            throws SQLException {
        List<Handle> helpers = helpers(handle, connections, worth);
        List<Worker<T>> workers = new ArrayList<>();
        try {
            long step = (to - from) / (helpers.size() + 1);
            long start = from + step;
            for (Handle helper : helpers) {
                long end = workers.size() + 1 == helpers.size() ? to : start + step;
                workers.add(new Worker<>(helper, start, end, part));
                start = end;
            }
            List<T> results = new ArrayList<>();
            results.add(part.read(handle, from, helpers.isEmpty() ? to : from + step));
            for (Worker<T> worker : workers) {
                results.add(worker.result());
            }
            return results;
        } finally {
            workers.forEach(Worker::stop);
            helpers.forEach(helper -> giveBack(helper, connections));
        }
    }

    /** Further connections that see what the first one sees; none where they are not worth it. */
    private static List<Handle> helpers(Handle handle, Connections connections, long worth) throws SQLException {
        List<Handle> helpers = new ArrayList<>();
        long processors = Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors());
        long threads = Math.min(processors, worth);
        if (threads < 2 || !connections.several()) {
            return helpers;
        }
        try {
            while (helpers.size() + 1 < threads) {
                Handle helper = connections.helper();
                if (helper == null) {
                    break;
                }
                helpers.add(helper);
                helper.limitLike(handle);
                helper.run("BEGIN");
                if (!seeTheSame(handle, helper)) {
                    giveBack(helpers.remove(helpers.size() - 1), connections);
                    break;
                }
            }
            return helpers;
        } catch (SQLException | RuntimeException e) {
            helpers.forEach(helper -> giveBack(helper, connections));
            throw e;
        }
    }

    private static boolean seeTheSame(Handle one, Handle other) throws SQLException {
        for (String number : SEEN) {
            if (one.number(number) != other.number(number)) {
                return false;
            }
        }
        return true;
    }

    private static void giveBack(Handle helper, Connections connections) {
        try {
            helper.unlimited();
            helper.run("COMMIT");
            connections.release(helper);
        } catch (SQLException e) {
            // It has only read; what matters was told by the query that failed, if one did.
            Connections.discard(helper);
        }
    }

    /** A thread that reads one part. */
    private static final class Worker<T> {

        private final FutureTask<T> task;
        private final Thread thread;

        Worker(Handle handle, long from, long to, Part<T> part) {
            task = new FutureTask<>(() -> part.read(handle, from, to));
            thread = new Thread(task, "tokenledger-scan");
            thread.setDaemon(true);
            thread.start();
        }

        T result() throws SQLException {
            try {
                return task.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Handle.StoppedException();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof SQLException failure) {
                    throw failure;
                }
                if (e.getCause() instanceof RuntimeException failure) {
                    throw failure;
                }
                if (e.getCause() instanceof Error failure) {
                    throw failure;
                }
                throw new IllegalStateException("a part throws nothing else", e.getCause());
            }
        }

        /** Waits until the thread is done with its connection; one that nobody waits for any more is made to stop. */
        void stop() {
            boolean interrupted = false;
            while (thread.isAlive()) {
                thread.interrupt();
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
