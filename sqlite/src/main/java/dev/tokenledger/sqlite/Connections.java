package dev.tokenledger.sqlite;

import dev.tokenledger.LedgerInterruptedException;
import dev.tokenledger.LedgerOverloadedException;
import dev.tokenledger.LedgerUnavailableException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

/**
 * Opens connections to one file, and keeps those of readers for the next one.
 *
 * <p>Connections skip SQLite's own mutex (8 % of an append): none is used by two threads at once.
 */
final class Connections implements AutoCloseable {

    /** Readers beyond this many open and close a connection of their own. */
    private static final int KEPT_READERS = 8;

    /** Idle readers beyond this many keep their connection and statements, and give back the pages they have read. */
    private static final int WARM_READERS = 2;

    /** Connections that read at the same time. With {@link #READER_CACHE}, at most 64 MiB of pages. */
    static final int MAX_READERS = 16;

    /** SQLite's number for waiting until a commit is on the disk. */
    private static final int FULL = 2;

    /** KiB; 2 MiB halved the speed of appends to 5 million records, more than 32 MiB gained nothing. */
    private static final int WRITER_CACHE = 32_768;

    /** KiB; what is read again and again is in the operating system's cache as well. */
    private static final int READER_CACHE = 4_096;

    /**
     * Pages in the log before a commit copies them into the file. SQLite's 1,000 would come around every 60 commits of
     * 16 threads and so decide the 99th percentile; 4,000 pages are 16 MiB.
     */
    static final int CHECKPOINT_PAGES = 4_000;

    /** Opens one more connection. */
    @FunctionalInterface
    private interface Opener {
        Handle open() throws SQLException;
    }

    /** A version that readers' connections show as the newest one, and how. */
    private record OlderSchema(int version, String views) {}

    private final Opener opener;
    private final String place;
    private final boolean several;
    private final boolean readOnly;
    private final Duration busyTimeout;
    private final int checkpointPages;
    private final ConcurrentLinkedDeque<Handle> readers = new ConcurrentLinkedDeque<>();
    private final AtomicInteger kept = new AtomicInteger();
    private volatile Semaphore slots = new Semaphore(MAX_READERS, true);
    private volatile int maxWaiting = Integer.MAX_VALUE;
    private volatile @Nullable LedgerFiles files;
    private volatile @Nullable OlderSchema older;
    private volatile boolean beside;
    private volatile boolean closed;

    private Connections(
            Opener opener, String place, boolean several, boolean readOnly, Duration busyTimeout, int checkpointPages) {
        this.checkpointPages = checkpointPages;
        this.opener = opener;
        this.place = place;
        this.several = several;
        this.readOnly = readOnly;
        this.busyTimeout = busyTimeout;
    }

    static Connections to(Path file, boolean readOnly, Duration busyTimeout, int checkpointPages) {
        if (readOnly && !Files.exists(file)) {
            throw new LedgerUnavailableException(
                    "cannot open " + file + ": there is no such file; nothing was created, check the path", null);
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw new LedgerUnavailableException(
                    "cannot open " + file + ": its folder does not exist; nothing was created, make the folder first",
                    null);
        }
        SQLiteConfig config = new SQLiteConfig();
        config.setOpenMode(SQLiteOpenMode.NOMUTEX);
        config.setReadOnly(readOnly);
        config.setBusyTimeout(millis(busyTimeout));
        // Otherwise the driver asks for the last rowid after every statement, by one that it prepares for it.
        config.setGetGeneratedKeys(false);
        AtomicBoolean made = new AtomicBoolean();
        // As a URI, so that a question mark or a percent sign in a path is not taken for a parameter.
        String url = "jdbc:sqlite:" + file.toAbsolutePath().toUri();
        return new Connections(
                () -> {
                    if (made.getAndSet(true)) {
                        // Only the first connection may make the file: later ones belong to that file.
                        config.resetOpenMode(SQLiteOpenMode.CREATE);
                    }
                    RestingFile resting = readOnly ? RestingFile.of(file.toAbsolutePath()) : null;
                    return new Handle(config.createConnection(url + (resting == null ? "" : "?immutable=1")), resting);
                },
                file.toString(),
                true,
                readOnly,
                busyTimeout,
                checkpointPages);
    }

    static Connections to(DataSource source, boolean readOnly, Duration busyTimeout, int checkpointPages) {
        return new Connections(
                () -> Handle.borrowed(source.getConnection()),
                "the ledger's data source",
                false,
                readOnly,
                busyTimeout,
                checkpointPages);
    }

    private static int millis(Duration duration) {
        return (int) Math.min(Integer.MAX_VALUE, duration.toMillis());
    }

    /** Bytes that this user may still write to the file's disk; very many where that cannot be told. */
    long room() {
        LedgerFiles watched = files;
        return watched == null ? Long.MAX_VALUE : watched.room();
    }

    /** The file as messages name it. */
    String place() {
        return place;
    }

    /** Whether one query may use several connections; a data source's pool may have but one to give. */
    boolean several() {
        return several;
    }

    boolean readOnly() {
        return readOnly;
    }

    Duration busyTimeout() {
        return busyTimeout;
    }

    /** From now on these files are checked before and after every commit, and before a connection is opened. */
    void watch(LedgerFiles opened) {
        files = opened;
    }

    /** From now on connections find the ledger's tables beside an application's. */
    void prefixNames() {
        beside = true;
    }

    /** From now on readers' connections show a file of this version as one of the newest. */
    void readAs(int version, String views) {
        older = new OlderSchema(version, views);
    }

    /** The files that the writer's connection has open; null before it does, and if the ledger is read alone. */
    @Nullable
    LedgerFiles files() {
        return files;
    }

    /** A connection to read or write with, for one thread at a time; not kept. */
    Handle open() throws SQLException {
        LedgerFiles watched = files;
        if (watched != null) {
            watched.checkPath();
        }
        Handle handle = opener.open();
        try {
            handle.commitByItself();
            if (beside) {
                handle.prefixNames();
            }
            handle.set("busy_timeout", millis(busyTimeout));
            // Every query has the index it needs; one that SQLite makes up for a query reads all records first.
            handle.set("automatic_index", 0);
            return handle;
        } catch (SQLException | RuntimeException e) {
            closeAfter(e, handle);
            throw e;
        }
    }

    /**
     * Passes if there is a connection to read with beside the writer's.
     *
     * @throws LedgerUnavailableException if a data source has none to give
     */
    void checkSecond() {
        if (several) {
            return;
        }
        try {
            open().close();
        } catch (SQLException e) {
            throw new LedgerUnavailableException(
                    "cannot open " + place + ": it gives no second connection (" + e.getMessage()
                            + "); a ledger keeps one to"
                            + " write with and takes one for each question, so let the pool have 2 or more, or open the"
                            + " ledger read-only",
                    e);
        }
    }

    /** A connection for the one writer. */
    Handle openWriter() throws SQLException {
        Handle handle = open();
        try {
            handle.set("synchronous", FULL);
            handle.set("cache_size", -WRITER_CACHE);
            handle.set("wal_autocheckpoint", checkpointPages);
            handle.set("journal_size_limit", checkpointPages * 4_096L * 2);
            return handle;
        } catch (SQLException | RuntimeException e) {
            closeAfter(e, handle);
            throw e;
        }
    }

    /**
     * From now on so many connections read at the same time, and so many callers wait for one.
     *
     * @param readers 1 or more
     * @param waiting 0 or more
     */
    void bound(int readers, int waiting) {
        slots = new Semaphore(readers, true);
        maxWaiting = waiting;
    }

    /**
     * A connection for one query; give it back with {@link #release} or {@link #discard}. Waits for one for as long as the busy
     * timeout says.
     *
     * @throws LedgerOverloadedException if all are in use for that long, or too many callers wait already
     * @throws LedgerInterruptedException if the thread is interrupted while it waits
     */
    Handle reader() throws SQLException {
        Semaphore slot = slots;
        if (!slot.tryAcquire()) {
            await(slot);
        }
        return reader(slot);
    }

    /** A connection that helps with a query whose caller has one; null if all are in use. */
    @Nullable
    Handle helper() throws SQLException {
        Semaphore slot = slots;
        return slot.hasQueuedThreads() || !slot.tryAcquire() ? null : reader(slot);
    }

    private void await(Semaphore slot) {
        if (slot.getQueueLength() >= maxWaiting) {
            throw new LedgerOverloadedException(
                    "cannot read " + place + ": " + maxWaiting + " questions wait already; ask again in a second");
        }
        try {
            if (!slot.tryAcquire(busyTimeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new LedgerOverloadedException("cannot read " + place + ": other questions took all "
                        + busyTimeout.toMillis() + " ms of waiting; ask again later, or for less");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LedgerInterruptedException("cannot read " + place + ": the thread was interrupted; ask again", e);
        }
    }

    private Handle reader(Semaphore slot) throws SQLException {
        try {
            Handle handle = connect();
            handle.occupy(slot);
            return handle;
        } catch (SQLException | RuntimeException | Error e) {
            slot.release();
            throw e;
        }
    }

    private Handle connect() throws SQLException {
        for (Handle idle = readers.pollFirst(); idle != null; idle = readers.pollFirst()) {
            kept.decrementAndGet();
            if (!idle.isStale() && !isMigrated(idle)) {
                return idle;
            }
            discard(idle);
        }
        Handle handle = open();
        try {
            handle.set("cache_size", -READER_CACHE);
            handle.watch();
            OlderSchema schema = older;
            if (schema != null && !isMigrated(handle)) {
                handle.showBy(schema.views);
            }
            return handle;
        } catch (SQLException | RuntimeException e) {
            closeAfter(e, handle);
            throw e;
        }
    }

    /** Whether the file that a connection reads is of a version before this program's. */
    boolean isOlder(Handle handle) throws SQLException {
        return older != null && !isMigrated(handle);
    }

    /** Whether somebody has brought the file to the newest version since it was opened. */
    private boolean isMigrated(Handle handle) throws SQLException {
        OlderSchema schema = older;
        return schema != null && handle.schemaVersion() != schema.version;
    }

    /**
     * Takes back a reader's connection that is outside any transaction. One of somebody's pool goes back there at once: whoever
     * waits for one waits in that pool.
     */
    void release(Handle handle) throws SQLException {
        if (!several) {
            handle.close();
            return;
        }
        int number = closed ? Integer.MAX_VALUE : kept.incrementAndGet();
        if (number > KEPT_READERS) {
            if (number != Integer.MAX_VALUE) {
                kept.decrementAndGet();
            }
            discard(handle);
            return;
        }
        if (number > WARM_READERS) {
            try {
                handle.run("PRAGMA shrink_memory");
            } catch (SQLException e) {
                kept.decrementAndGet();
                throw e;
            }
        }
        handle.vacate();
        // The warm ones are in front, which are taken first.
        if (number > WARM_READERS) {
            readers.addLast(handle);
        } else {
            readers.addFirst(handle);
        }
        if (closed) {
            closeReaders();
        }
    }

    /** Closes a connection whose state is not known. */
    static void discard(AutoCloseable handle) {
        try {
            handle.close();
        } catch (Exception ignored) {
            // It is given up because it failed already; that failure is the one to report.
        }
    }

    private static void closeAfter(Exception failure, AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            failure.addSuppressed(e);
        }
    }

    @Override
    public void close() {
        closed = true;
        closeReaders();
    }

    private void closeReaders() {
        for (Handle handle = readers.pollFirst(); handle != null; handle = readers.pollFirst()) {
            kept.decrementAndGet();
            discard(handle);
        }
    }
}
