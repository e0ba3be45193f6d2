package dev.tokenledger.sqlite;

import dev.tokenledger.LedgerCorruptException;
import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerIncompatibleException;
import dev.tokenledger.LedgerReadOnlyException;
import dev.tokenledger.LedgerUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.sqlite.SQLiteErrorCode;

/**
 * Why a file could not be opened, where SQLite's own answer says too little.
 *
 * <p>A file is looked into only after SQLite has said that it is no database. POSIX systems drop all locks of a process
 * on a file as soon as the process closes the file anywhere, so reading a ledger's file beside SQLite would take away the
 * locks of another ledger on it in this process; other programs would then clear away the log that it writes to, and
 * with it what it acknowledges from then on.
 */
final class Opening {

    private static final int HEADER_BYTES = 100;
    private static final int APPLICATION_ID_AT = 68;

    private Opening() {}

    /**
     * Whether there is provably nothing at a path: neither a file nor the log of one. Looks at names and sizes alone, so it
     * never waits, as opening a FIFO would.
     *
     * @throws LedgerIncompatibleException if something is there that is no file, or an empty one
     * @throws LedgerUnavailableException if there is only a log or a link, or that cannot be told
     */
    static boolean isAbsent(Path file) {
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(file, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            // Another program may be making it just now.
            return !isMadeMeanwhile(file) || isAbsent(file);
        } catch (IOException e) {
            throw unavailable(file, e);
        }
        if (attributes.isDirectory()) {
            throw new LedgerIncompatibleException(
                    "cannot open " + file + ": it is a folder; nothing was changed, name a file in it", null);
        }
        if (!attributes.isRegularFile()) {
            throw new LedgerIncompatibleException(
                    "cannot open " + file + ": it is a FIFO, a socket or a device; nothing was changed, name a file",
                    null);
        }
        if (attributes.size() == 0) {
            throw new LedgerIncompatibleException(
                    "cannot open " + file + ": it is an empty file, not a ledger; nothing was changed. If it was a"
                            + " ledger, run 'tokenledger restore BACKUP'; if it never was, remove it",
                    null);
        }
        Path real = real(file);
        for (String suffix : FileSwap.BESIDE) {
            Path beside = Path.of(real + suffix);
            if (isThereAndNoFile(beside)) {
                throw new LedgerIncompatibleException(
                        "cannot open " + file + ": " + beside + " is not a file; nothing was changed, remove it", null);
            }
        }
        return false;
    }

    /** Looked at once: another program may be removing it just now, as SQLite does with a journal. */
    private static boolean isThereAndNoFile(Path path) {
        try {
            return !Files.readAttributes(path, BasicFileAttributes.class).isRegularFile();
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw unavailable(path, e);
        }
    }

    /** SQLite resolves links, and keeps the log beside the file that they lead to. */
    private static Path real(Path file) {
        try {
            return file.toRealPath();
        } catch (IOException e) {
            throw unavailable(file, e);
        }
    }

    /** Whether a file that was not there is there now; refuses one of which only something else is there. */
    private static boolean isMadeMeanwhile(Path file) {
        if (Files.isSymbolicLink(file)) {
            throw new LedgerUnavailableException(
                    "cannot open " + file + ": it is a link, and what it leads to is not there; nothing was created,"
                            + " check what should be there, such as a disk that is not mounted",
                    null);
        }
        for (String suffix : FileSwap.BESIDE) {
            Path log = Path.of(file + suffix);
            try {
                if (!suffix.equals("-shm") && Files.size(log) > 0) {
                    if (Files.exists(file)) {
                        return true;
                    }
                    throw new LedgerUnavailableException(
                            "cannot open " + file + ": there is no such file, but its log is there, " + log + ", with"
                                    + " what was acknowledged last; nothing was changed. Put the file back if it was"
                                    + " moved, or run 'tokenledger --ledger " + file + " recover'",
                            null);
                }
            } catch (NoSuchFileException e) {
                // As it should be.
            } catch (IOException e) {
                throw unavailable(log, e);
            }
        }
        return false;
    }

    private static LedgerUnavailableException unavailable(Path file, IOException cause) {
        String reason =
                cause instanceof AccessDeniedException ? "permission denied" : String.valueOf(cause.getMessage());
        return new LedgerUnavailableException(
                "cannot open " + file + ": " + reason + "; nothing was changed, check its path and permissions", cause);
    }

    /**
     * Makes a ledger where there is none, so that a file of its name is never there without being one: neither a kill nor
     * another program can find it half made.
     */
    static void create(Path file, Duration busyTimeout, List<String> migrations) throws IOException, SQLException {
        Path made = PrivateFiles.createBeside(file, "new");
        try {
            try (Connections connections = Connections.to(made, false, busyTimeout, Connections.CHECKPOINT_PAGES);
                    Handle handle = connections.openWriter()) {
                Schema.migrate(handle, connections, file.toString(), migrations);
            }
            try {
                Files.createLink(file, made);
            } catch (UnsupportedOperationException | FileSystemException e) {
                // Another program made one meanwhile, or the file system has no links.
                if (!Files.exists(file)) {
                    Files.move(made, file);
                }
            }
        } finally {
            Files.deleteIfExists(made);
        }
    }

    /** The exception for a failure to open. */
    static LedgerException failure(
            Path file, String place, boolean readOnly, Duration busyTimeout, SQLException cause) {
        SQLiteErrorCode code = Errors.primary(cause);
        if (code == SQLiteErrorCode.SQLITE_NOTADB && wasLedger(file)) {
            return new LedgerCorruptException(
                    "cannot open " + place + ": its first bytes are damaged; nothing was changed, keep a copy of it and"
                            + " of its -wal file, and restore a backup",
                    cause);
        }
        if (readOnly
                && (code == SQLiteErrorCode.SQLITE_CANTOPEN
                        || code == SQLiteErrorCode.SQLITE_PERM
                        || code == SQLiteErrorCode.SQLITE_AUTH
                        || code == SQLiteErrorCode.SQLITE_READONLY)) {
            return new LedgerUnavailableException(
                    "cannot open " + place + ": this user may not read it"
                            + (Files.isReadable(file) ? " together with its log" : "")
                            + "; nothing was changed, ask for permission to read the file, and to write to its folder"
                            + " while others have it open",
                    cause);
        }
        if (code == SQLiteErrorCode.SQLITE_CANTOPEN && !isWritable(file)) {
            return new LedgerReadOnlyException(
                    "cannot open " + place + ": the file or its folder cannot be written to, change its permissions or"
                            + " open the ledger for reading alone",
                    cause);
        }
        return Errors.of("open", place, Errors.Attempt.READ, busyTimeout, cause);
    }

    /** Tells a ledger whose first bytes are damaged from a file that was never SQLite's. */
    private static boolean wasLedger(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] header = in.readNBytes(HEADER_BYTES);
            return header.length == HEADER_BYTES
                    && ByteBuffer.wrap(header).getInt(APPLICATION_ID_AT) == Schema.APPLICATION_ID;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isWritable(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        return (!Files.exists(file) || Files.isWritable(file)) && (folder == null || Files.isWritable(folder));
    }
}
