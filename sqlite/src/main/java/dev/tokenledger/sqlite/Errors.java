package dev.tokenledger.sqlite;

import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.LedgerCorruptException;
import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerFullException;
import dev.tokenledger.LedgerIncompatibleException;
import dev.tokenledger.LedgerReadOnlyException;
import dev.tokenledger.LedgerUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * What SQLite's result codes mean to a caller. A message says what was attempted, on what, what became of the data, and
 * what to do.
 */
final class Errors {

    /** What a failed attempt leaves behind, as messages say it. */
    enum Attempt {
        /** Nothing was to be written. */
        READ(""),
        /** A transaction that is rolled back. */
        WRITE("; nothing was stored"),
        /** A commit whose sync may have failed after its pages reached the disk. */
        COMMIT("; what was being written may or may not be there");

        private final String outcome;

        Attempt(String outcome) {
            this.outcome = outcome;
        }
    }

    private Errors() {}

    /**
     * The exception for a failure.
     *
     * @param action what was attempted, as in "cannot {action} {place}"
     * @param place the file
     * @param waited how long SQLite waits for locks
     */
    static LedgerException of(String action, String place, Attempt attempt, Duration waited, SQLException cause) {
        String start = "cannot " + action + " " + place + ": ";
        boolean write = attempt != Attempt.READ;
        return switch (primary(cause)) {
            case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL ->
                new LedgerBusyException(
                        start + "locked by another writer for " + seconds(waited)
                                + (write ? "; nothing was stored, retry with the same ids" : "; retry"),
                        cause);
            case SQLITE_FULL ->
                new LedgerFullException(
                        start + "no room left on the disk"
                                + (write
                                        ? "; nothing was stored, make room and retry with the same ids"
                                        : "; make room and retry"),
                        cause);
            case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH ->
                new LedgerReadOnlyException(
                        start + "the file or its folder cannot be written to" + (write ? "; nothing was stored" : "")
                                + ", change its permissions or open the ledger for reading alone",
                        cause);
            case SQLITE_CORRUPT, SQLITE_FORMAT ->
                new LedgerCorruptException(
                        start + "the file is damaged (" + said(cause) + ")" + attempt.outcome
                                + "; keep a copy of it and of its -wal file, and restore a backup",
                        cause);
            case SQLITE_NOTADB ->
                new LedgerIncompatibleException(
                        start + "it is not a SQLite file; nothing was changed, choose another file", cause);
            default ->
                new LedgerUnavailableException(
                        start
                                + said(cause)
                                + attempt.outcome
                                + (write ? "; retry with the same ids once the store is back" : "; retry"),
                        cause);
        };
    }

    /** The basic result code: extended ones carry it in their last byte. */
    static SQLiteErrorCode primary(SQLException cause) {
        if (cause instanceof SQLiteException failure) {
            int code = failure.getResultCode().code;
            return code < 0 ? failure.getResultCode() : SQLiteErrorCode.getErrorCode(code & 0xff);
        }
        int code = cause.getErrorCode();
        return code > 0 ? SQLiteErrorCode.getErrorCode(code & 0xff) : SQLiteErrorCode.UNKNOWN_ERROR;
    }

    private static String said(SQLException cause) {
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    private static String seconds(Duration duration) {
        long millis = duration.toMillis();
        return millis % 1_000 == 0 ? millis / 1_000 + " s" : String.format(Locale.ROOT, "%.3f s", millis / 1e3);
    }
}
