package dev.tokenledger.sqlite;

import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerUnavailableException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The files beneath a ledger that is open for writing, and whether its paths still lead to them.
 *
 * <p>SQLite goes on writing into a file that was removed, moved or replaced: with a write-ahead log it never looks at the
 * path again. What it commits then is gone when the process ends. So before a transaction begins, and after its commit
 * and before anybody is told of it, device and inode of the file, its log and the log's index are compared with those
 * that were opened, and the sizes with those seen last. Once a difference was seen, nothing more is written or
 * acknowledged; {@link Rescue} saves what was acknowledged before, from the connection that still has it.
 *
 * <ul>
 *   <li>A file that is not there, or another one, has been removed, moved or replaced.
 *   <li>A log that is shorter than the index says, or a file shorter than its pages, was cut. Both shrink legitimately:
 *       the log when it starts anew, the file when somebody vacuums it. So SQLite is asked only where one did. A log that
 *       was cut during a transaction is as long as before once that is committed, but has zeros where it was cut.
 *   <li>A file that was modified though no checkpoint of the log went on was overwritten in place. Times tell no more than
 *       that, so its content decides: it has to pass SQLite's check and to hold the records that this connection knows.
 * </ul>
 *
 * <p>Without inodes (as on Windows, where open files can neither be removed nor replaced) only sizes are compared. Used by
 * whoever holds the writer's lock.
 */
final class LedgerFiles {

    /** How long a checkpoint of another process, which modifies the file before it says so, is waited for. */
    private static final long CHECKPOINT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** Where a log's salts lie, which change whenever it starts anew. */
    private static final int SALTS_AT = 16;

    private static final int WAL_HEADER = 32;
    private static final int FRAME_HEADER = 24;

    /** A file as it was seen last. */
    private record Seen(@Nullable Object key, long size, FileTime modified) {}

    /** How far the log was copied into the file. */
    private record Checkpoint(long salts, long frames) {}

    /** What was done to a file, as messages say it. */
    private enum Change {
        GONE("was removed or moved"),
        REPLACED("was replaced by another file"),
        CUT("was cut short"),
        OVERWRITTEN("was overwritten by another program");

        private final String words;

        Change(String words) {
            this.words = words;
        }
    }

    private final Connections connections;
    private final InstantSource clock;
    private final Path file;
    private final Path wal;
    private final Path shm;
    private volatile Seen seenFile;
    private @Nullable Seen seenWal;
    private @Nullable Seen seenShm;
    private Checkpoint checkpoint;
    private long pageSize;

    /** The log, for looks into it after commits; null until the first, and once {@link #release released}. To open it for each would be a tenth of a commit on a fast disk. */
    private @Nullable RandomAccessFile openLog;

    private @Nullable Object openLogKey;

    /** What is said to every writer from now on; null as long as all is well. */
    private volatile @Nullable String lost;

    /**
     * The files of a connection that has just been opened.
     *
     * @param file the file itself, not a link to it
     */
    LedgerFiles(Connections connections, Path file, InstantSource clock, Handle writer)
            throws IOException, SQLException {
        this.connections = connections;
        this.clock = clock;
        this.file = file;
        wal = Path.of(file + "-wal");
        shm = Path.of(file + "-shm");
        seenFile = Objects.requireNonNull(look(file), "the file that was just opened");
        checkpoint = opened(writer);
    }

    /** Takes note of a log and an index that a new connection may have made anew. */
    private Checkpoint opened(Handle writer) throws IOException, SQLException {
        // To read has SQLite open, and if need be make, the log and its index.
        writer.number("SELECT count(*) FROM sqlite_schema");
        pageSize = writer.number("PRAGMA page_size");
        seenWal = look(wal);
        seenShm = look(shm);
        return checkpoint(writer);
    }

    /** Takes note of a new connection to the same file: the log and the index may be others, the file may not. */
    void reopened(Handle writer) throws SQLException {
        try {
            Seen now = look(file);
            if (now == null || !Objects.equals(now.key, seenFile.key)) {
                throw lost(file, now == null ? Change.GONE : Change.REPLACED, writer);
            }
            seenFile = now;
            checkpoint = opened(writer);
        } catch (IOException e) {
            throw unknown(e);
        }
    }

    /**
     * Passes if a new connection would open the file that the others have open. Safe for use by any thread.
     *
     * @throws LedgerUnavailableException if it would not, or that cannot be told
     */
    void checkPath() {
        try {
            Seen now = look(file);
            if (now == null || now.size == 0 || !Objects.equals(now.key, seenFile.key)) {
                throw new LedgerUnavailableException(
                        "cannot open " + connections.place() + " once more: it "
                                + (now == null ? Change.GONE : now.size == 0 ? Change.CUT : Change.REPLACED).words
                                + " while it was open; stop this program and put the file back, or restore a backup",
                        null);
            }
        } catch (IOException e) {
            throw unknown(e);
        }
    }

    /** Bytes that this user may still write beside the file; very many where that cannot be told. */
    long room() {
        try {
            return Files.getFileStore(file).getUsableSpace();
        } catch (IOException e) {
            return Long.MAX_VALUE;
        }
    }

    /** Whether nothing more can be acknowledged. */
    boolean areLost() {
        return lost != null;
    }

    /**
     * Passes as long as nothing was found to have happened to the files. Safe for use by any thread.
     *
     * @throws LedgerUnavailableException if something was
     */
    void checkKnown(String action) {
        String why = lost;
        if (why != null) {
            throw new LedgerUnavailableException(
                    "cannot " + action + " " + connections.place() + ": nothing was stored; " + why, null);
        }
    }

    /**
     * Passes if the file was not modified since it was seen last, other than by a checkpoint, and its log is no shorter. Asked
     * before a transaction, whose frames and checkpoint would hide both; all else shows after its commit as well, before
     * anybody is told of it. Of the log only the length is asked for, which costs less. Times are compared to the nanosecond: an
     * overwriting may follow a commit within the millisecond.
     *
     * @param writer the connection that has them open, in no transaction
     * @throws LedgerUnavailableException if they are not what was opened, or that cannot be told
     */
    void checkBefore(Handle writer) throws SQLException {
        Seen log = seenWal;
        try {
            if (log != null && log.size > 0 && wal.toFile().length() >= log.size && seenFile.equals(look(file))) {
                return;
            }
        } catch (IOException e) {
            throw unknown(e);
        }
        checkBeneath(writer);
    }

    private void checkBeneath(Handle writer) throws SQLException {
        try {
            seenFile = same(file, seenFile, writer);
            Seen log = seenWal;
            if (log != null) {
                seenWal = same(wal, log, writer);
            }
        } catch (IOException e) {
            throw unknown(e);
        }
    }

    /**
     * Passes if the file, its log and the log's index are those that were opened. Asked between a commit and its
     * acknowledgement.
     *
     * @param writer the connection that has them open, in no transaction
     * @throws LedgerUnavailableException if they are not, or that cannot be told
     */
    void checkAfter(Handle writer) throws SQLException {
        Seen logBefore = seenWal;
        checkBeneath(writer);
        try {
            if (logBefore != null && seenWal != null && hasHole(logBefore.size, seenWal.size)) {
                throw lost(wal, Change.CUT, writer);
            }
            Seen index = seenShm;
            if (index != null) {
                seenShm = same(shm, index, writer);
            }
        } catch (IOException e) {
            throw unknown(e);
        }
    }

    /**
     * What a failed transaction says of the files: one that was overwritten in place shows as damage while it is read, before its
     * time is looked at again.
     *
     * @param writer the connection that had them open
     * @return null if the files are not why
     */
    @Nullable
    LedgerException changedBeneath(SQLException failure, Handle writer) {
        boolean unreadable = switch (Errors.primary(failure)) {
            // Without a code the driver says that a statement gave no row that always gives one.
            case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT, UNKNOWN_ERROR -> true;
            default -> failure.getErrorCode() == 0;
        };
        try {
            Seen now = look(file);
            if (lost != null || !unreadable) {
                return null;
            }
            if (now == null) {
                return lost(file, Change.GONE, writer);
            }
            if (!Objects.equals(now.key, seenFile.key)) {
                return lost(file, Change.REPLACED, writer);
            }
            return now.modified.equals(seenFile.modified) ? null : lost(file, Change.OVERWRITTEN, writer);
        } catch (IOException e) {
            return null;
        }
    }

    private Seen same(Path path, Seen before, Handle writer) throws IOException, SQLException {
        Seen now = look(path);
        if (now == null) {
            throw lost(path, Change.GONE, writer);
        }
        if (!Objects.equals(now.key, before.key)) {
            throw lost(path, Change.REPLACED, writer);
        }
        if (now.size < before.size && isCut(path, now, writer)) {
            throw lost(path, Change.CUT, writer);
        }
        if (path.equals(file) && !now.modified.equals(before.modified) && isOverwritten(writer)) {
            throw lost(path, Change.OVERWRITTEN, writer);
        }
        return now;
    }

    private boolean isCut(Path path, Seen now, Handle writer) throws SQLException {
        if (path.equals(wal)) {
            long frames = log(writer)[0];
            return frames > 0 && now.size < WAL_HEADER + frames * (FRAME_HEADER + pageSize);
        }
        // The index never shrinks. A new connection would take a file of no bytes for a new one, and delete its log.
        return path.equals(shm) || now.size == 0 || !holdsTheSame(writer);
    }

    /** Whether the file was modified by something else than a checkpoint. */
    private boolean isOverwritten(Handle writer) throws IOException, SQLException {
        if (seenWal == null) {
            // A rollback journal: every commit of anybody modifies the file, and SQLite itself looks whether it moved.
            return false;
        }
        long start = System.nanoTime();
        while (true) {
            Checkpoint now = checkpoint(writer);
            if (!now.equals(checkpoint)) {
                checkpoint = now;
                return false;
            }
            if (System.nanoTime() - start > CHECKPOINT_NANOS) {
                return !holdsTheSame(writer);
            }
            LockSupport.parkNanos(RETRY_NANOS);
        }
    }

    /** Whether a new connection, which remembers no pages, finds a whole file with all records that this one knows. */
    private boolean holdsTheSame(Handle writer) throws SQLException {
        long known = writer.number("SELECT max(seq) FROM records");
        try (Handle fresh = connections.open()) {
            return fresh.number("SELECT max(seq) FROM records") >= known
                    && fresh.text("PRAGMA integrity_check(1)").equals("ok");
        } catch (SQLException e) {
            switch (Errors.primary(e)) {
                case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_ERROR -> {
                    return false;
                }
                default -> throw e;
            }
        }
    }

    private Checkpoint checkpoint(Handle writer) throws IOException, SQLException {
        return new Checkpoint(seenWal == null ? 0 : salts(), log(writer)[1]);
    }

    /** Frames in the log, and how many of them were copied into the file. */
    private static long[] log(Handle writer) throws SQLException {
        // The connection's own copy of the index is that of its last transaction.
        writer.number("SELECT count(*) FROM sqlite_schema");
        PreparedStatement noop = writer.statement("PRAGMA wal_checkpoint(NOOP)");
        try (ResultSet row = noop.executeQuery()) {
            // After an error of the disk the pragma may give no row: then nothing can be told of the log.
            return row.next()
                    ? new long[] {Math.max(0, row.getLong(2)), Math.max(0, row.getLong(3))}
                    : new long[] {0, -1};
        }
    }

    /**
     * Whether the log was cut and, before that could be seen, written on behind the cut: what lies between is zeros then. A
     * log's header and the page number that begins a frame are never zero. Looks at the frame that was the last one before; of a
     * log that is shorter now, which has started anew, at the header.
     */
    private boolean hasHole(long before, long now) throws IOException {
        if (before < WAL_HEADER || now < WAL_HEADER) {
            return false;
        }
        long frames = now < before ? 0 : (before - WAL_HEADER) / (FRAME_HEADER + pageSize);
        long at = frames == 0 ? 0 : WAL_HEADER + (frames - 1) * (FRAME_HEADER + pageSize);
        try {
            ByteBuffer word = read(openLog(), at, Integer.BYTES);
            return !word.hasRemaining() && word.getInt(0) == 0;
        } catch (FileNotFoundException e) {
            // Removed since it was looked at: the next look says so.
            return false;
        }
    }

    private long salts() throws IOException {
        try (RandomAccessFile log = new RandomAccessFile(wal.toFile(), "r")) {
            ByteBuffer salts = read(log, SALTS_AT, Long.BYTES);
            return salts.hasRemaining() ? 0 : salts.getLong(0);
        } catch (FileNotFoundException e) {
            // Removed since it was looked at: the next look says so.
            return 0;
        }
    }

    /** Bytes of the log, fewer if there are no more; not by a channel, which an interrupt of the thread would close. */
    private static ByteBuffer read(RandomAccessFile log, long at, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        log.seek(at);
        bytes.position(Math.max(0, log.read(bytes.array())));
        return bytes;
    }

    private RandomAccessFile openLog() throws IOException {
        RandomAccessFile log = openLog;
        Object key = seenWal == null ? null : seenWal.key;
        if (log == null || !Objects.equals(key, openLogKey)) {
            release();
            log = new RandomAccessFile(wal.toFile(), "r");
            openLog = log;
            openLogKey = key;
        }
        return log;
    }

    /** Closes the log, before the connections to the file are: on Windows SQLite could not remove it otherwise. */
    void release() {
        RandomAccessFile log = openLog;
        openLog = null;
        if (log != null) {
            try {
                log.close();
            } catch (IOException e) {
                // It was only read.
            }
        }
    }

    private static @Nullable Seen look(Path path) throws IOException {
        try {
            BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
            return new Seen(now.fileKey(), now.size(), now.lastModifiedTime());
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private LedgerException unknown(IOException cause) {
        return new LedgerUnavailableException(
                "cannot tell whether " + file + " and its log are still the files that were opened ("
                        + cause.getMessage() + "); what was being written may or may not be there, retry with the same"
                        + " ids",
                cause);
    }

    private LedgerException lost(Path path, Change change, Handle writer) {
        String why = path + " " + change.words + " while it was open, so nothing more is taken. "
                + Rescue.run(file, seenFile.key, clock.instant(), writer)
                + (change == Change.CUT || change == Change.OVERWRITTEN
                        ? " What was acknowledged before and is not in there is lost."
                        : "");
        lost = why;
        return new LedgerUnavailableException(
                "cannot write to " + connections.place() + ": " + why
                        + " What was being written just then may or may not be there: retry with the same ids.",
                null);
    }
}
