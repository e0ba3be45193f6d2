package dev.tokenledger.sqlite;

import dev.tokenledger.LedgerCorruptException;
import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerReadOnlyException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
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

    /** The exception for a failure to open. */
    static LedgerException failure(Path file, String place, Duration busyTimeout, SQLException cause) {
        SQLiteErrorCode code = Errors.primary(cause);
        if (code == SQLiteErrorCode.SQLITE_NOTADB && wasLedger(file)) {
            return new LedgerCorruptException(
                    "cannot open " + place + ": its first bytes are damaged; nothing was changed, keep a copy of it and"
                            + " of its -wal file, and restore a backup",
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
