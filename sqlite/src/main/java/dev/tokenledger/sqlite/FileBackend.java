package dev.tokenledger.sqlite;

import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerFullException;
import dev.tokenledger.LedgerInterruptedException;
import dev.tokenledger.LedgerTimeoutException;
import dev.tokenledger.VerifyReport;
import dev.tokenledger.sql.SqlBackend;
import dev.tokenledger.sql.writing.GroupCommit;
import dev.tokenledger.sql.writing.Works;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The sessions of a {@link SqliteLedger}: the one that writes, and a connection for each question. */
final class FileBackend implements SqlBackend {

    /** How often a question is asked again whose answer may be wrong because the file changed without SQLite's notice. */
    private static final int READ_AGAIN = 3;

    /** Bytes that one commit may need. */
    private static final long MIN_ROOM = 65_536;

    /** Bytes that have to be there after a write failed for want of them: larger writes fail first. */
    private static final long ROOM_AFTER_A_FAILURE = 1_048_576;

    private static final String STIRRED = "somebody wrote to the file while it was read";

    private final Connections connections;
    private final @Nullable GroupCommit writer;
    private final Combinations combinations = new Combinations();
    private final long queryNanos;

    /**
     * A file's sessions.
     *
     * @param writer null for reading alone
     * @param queryNanos how long a question may take; 0 for no limit
     */
    FileBackend(Connections connections, @Nullable GroupCommit writer, long queryNanos) {
        this.connections = connections;
        this.writer = writer;
        this.queryNanos = queryNanos;
    }

    @Override
    public String place() {
        return connections.place();
    }

    @Override
    public @Nullable GroupCommit writer() {
        return writer;
    }

    @Override
    public <T> T read(String action, Question<T> question) {
        return read(action, queryNanos, handle -> question.ask(new SqliteReads(handle, connections, combinations)));
    }

    @Override
    public VerifyReport verify() {
        return read("verify", 0, handle -> Verification.report(handle, connections));
    }

    @Override
    public void checkWritable() {
        if (writer == null) {
            return;
        }
        LedgerException last = writer.lastFailure();
        long room = connections.room();
        if (room < (last instanceof LedgerFullException ? ROOM_AFTER_A_FAILURE : MIN_ROOM)) {
            throw new LedgerFullException(
                    "cannot append to " + connections.place() + ": only " + room
                            + " bytes are left on the disk; nothing was stored, make room",
                    last);
        }
        if (last == null) {
            writer.check();
        } else {
            writer.write("write to", Works.touch());
        }
    }

    /** Reads by a connection, within one transaction: everything it sees was committed together. */
    @FunctionalInterface
    interface Reading<T> {
        T read(Handle handle) throws SQLException;
    }

    /** Answers a question that needs nothing but the connection. */
    <T> T ask(String action, Reading<T> reading) {
        return read(action, queryNanos, reading);
    }

    /** Writes a copy into a file that is there and empty, see {@link SqliteLedger#copyTo}. */
    void copyTo(Path copy) {
        Handle handle = null;
        try {
            handle = connections.reader();
            handle.unlimited();
            PreparedStatement vacuum = handle.statement("VACUUM INTO ?");
            vacuum.setString(1, copy.toString());
            vacuum.execute();
            if (handle.isStale()) {
                throw new SQLException(STIRRED);
            }
            connections.release(handle);
        } catch (SQLException e) {
            LedgerException failure = failure("back up to " + copy + " from", handle, e);
            giveUp(handle);
            throw failure;
        }
    }

    private <T> T read(String action, long nanos, Reading<T> reading) {
        return read(action, nanos, reading, READ_AGAIN);
    }

    /** @param again how often to begin anew if the file changed without SQLite's notice */
    private <T> T read(String action, long nanos, Reading<T> reading, int again) {
        Handle handle = null;
        try {
            handle = connections.reader();
            handle.limit(nanos);
            handle.checkLimit();
            handle.run("BEGIN");
            T answer = reading.read(handle);
            handle.unlimited();
            handle.run("COMMIT");
            if (handle.isStale()) {
                throw new SQLException(STIRRED);
            }
            connections.release(handle);
            return answer;
        } catch (SQLException e) {
            if (again > 0 && handle != null && handle.isStale()) {
                giveUp(handle);
                return read(action, nanos, reading, again - 1);
            }
            LedgerException failure = failure(action, handle, e);
            giveUp(handle);
            throw failure;
        } catch (RuntimeException | Error e) {
            giveUp(handle);
            throw e;
        }
    }

    private LedgerException failure(String action, @Nullable Handle handle, SQLException cause) {
        Handle.Stop stop = handle == null ? null : handle.stopReason();
        if (stop == Handle.Stop.INTERRUPTED) {
            return new LedgerInterruptedException(
                    "cannot " + action + " " + connections.place() + ": the thread was interrupted; ask again", cause);
        }
        if (stop == Handle.Stop.TIMED_OUT) {
            return new LedgerTimeoutException(
                    "cannot " + action + " " + connections.place() + ": it took longer than "
                            + Duration.ofNanos(queryNanos).toMillis()
                            + " ms; ask for a shorter window or fewer groups, or raise the limit",
                    cause);
        }
        return Errors.of(action, connections.place(), Errors.Attempt.READ, connections.busyTimeout(), cause);
    }

    private static void giveUp(@Nullable Handle handle) {
        if (handle != null) {
            Connections.discard(handle);
        }
    }

    @Override
    public void close() {
        connections.close();
        if (writer != null) {
            writer.close();
        }
    }
}
