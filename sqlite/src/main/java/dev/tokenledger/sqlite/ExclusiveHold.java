package dev.tokenledger.sqlite;

import dev.tokenledger.LedgerBusyException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps everybody else out of a ledger's files, whatever they hold: SQLite's own locks on them, taken without SQLite, which
 * might not be able to open them.
 *
 * <p>A connection holds a shared lock on bytes of the file, and another on a byte of the log's index, from the first thing that
 * it reads until it is closed. Whoever wants to open the file while it is held is told that it is busy. The bytes are those of
 * <a href="https://www.sqlite.org/lockingv3.html">SQLite's locking</a> and of its
 * <a href="https://www.sqlite.org/walformat.html#wal_locks">write-ahead log</a>.
 *
 * <p>Not for a process that has the ledger open itself: closing this would take that ledger's locks away.
 */
final class ExclusiveHold implements AutoCloseable {

    private static final long FILE_LOCKS = 0x4000_0000L;
    private static final long FILE_LOCK_BYTES = 512;
    private static final long INDEX_LOCKS = 120;
    private static final long INDEX_LOCK_BYTES = 9;

    private final List<FileChannel> channels = new ArrayList<>();

    private ExclusiveHold() {}

    /**
     * Takes hold of a file that may be missing, and of its log's index.
     *
     * @param action what is attempted, for the message
     * @throws LedgerBusyException if somebody has the ledger open
     */
    static ExclusiveHold of(Path file, String action) throws IOException {
        ExclusiveHold hold = new ExclusiveHold();
        try {
            boolean free = hold.take(file, FILE_LOCKS, FILE_LOCK_BYTES)
                    && hold.take(Path.of(file + "-shm"), INDEX_LOCKS, INDEX_LOCK_BYTES);
            if (!free) {
                throw new LedgerBusyException(
                        "cannot " + action + " " + file
                                + ": another program has it open; nothing was changed, stop that" + " program first",
                        null);
            }
            return hold;
        } catch (IOException | RuntimeException e) {
            hold.close();
            throw e;
        }
    }

    private boolean take(Path path, long from, long bytes) throws IOException {
        try {
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
            channels.add(channel);
            return channel.tryLock(from, bytes, false) != null;
        } catch (NoSuchFileException e) {
            return true;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        for (FileChannel channel : channels) {
            channel.close();
        }
    }
}
