package dev.tokenledger.sqlite;

import dev.tokenledger.LedgerException;
import dev.tokenledger.sql.engine.NameWriter;
import dev.tokenledger.sql.engine.PageWriter;
import dev.tokenledger.sql.engine.RecordWriter;
import dev.tokenledger.sql.engine.WriteSession;
import java.sql.SQLException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one connection of a process that writes to the file, and what it remembers between two transactions: the number of the
 * last entry and the run that it ends. The files beneath are checked before and after every commit, see {@link LedgerFiles}.
 */
final class WriterSession implements WriteSession {

    private final Connections connections;
    private final Consumer<String> warnings;
    private final RecordTable records = new RecordTable(this);
    private final Names names = new Names(this);
    private final RollUps rollUps = new RollUps(this::handle);
    private @Nullable Handle handle;

    /** The connection of the transaction that failed last; null if it did not come to one. */
    private @Nullable Handle failed;

    private boolean inTransaction;

    /** Says, of one connection, whether others have written since. */
    private long dataVersion;

    /**
     * Writes by a connection.
     *
     * @param handle the first one; others are opened where it had to be given up
     * @param warnings is told what was found when it is closed
     */
    WriterSession(Connections connections, Handle handle, Consumer<String> warnings) {
        this.connections = connections;
        this.handle = handle;
        this.warnings = warnings;
    }

    /** The connection of the transaction under way. */
    Handle handle() {
        if (handle == null) {
            throw new IllegalStateException("no transaction is under way");
        }
        return handle;
    }

    @Override
    public void check() {
        LedgerFiles files = connections.files();
        if (files == null) {
            return;
        }
        try {
            files.checkKnown("write to");
            if (handle != null) {
                files.checkAfter(handle);
            }
        } catch (SQLException e) {
            throw Errors.of("write to", connections.place(), Errors.Attempt.READ, connections.busyTimeout(), e);
        }
    }

    @Override
    public void begin(String action) throws SQLException {
        failed = null;
        LedgerFiles files = connections.files();
        if (files != null) {
            files.checkKnown(action);
        }
        Handle writing = open();
        if (files != null) {
            files.checkBefore(writing);
        }
        inTransaction = true;
        writing.run("BEGIN IMMEDIATE");
        long version = writing.number("PRAGMA data_version");
        records.begin(writing, version != dataVersion);
        dataVersion = version;
    }

    @Override
    public RecordWriter records() {
        return records;
    }

    @Override
    public NameWriter names() {
        return names;
    }

    @Override
    public PageWriter pages() {
        return rollUps;
    }

    @Override
    public void finish() throws SQLException {
        records.finish(handle());
    }

    @Override
    public void commit() throws SQLException {
        Handle writing = handle();
        writing.run("COMMIT");
        inTransaction = false;
        LedgerFiles files = connections.files();
        if (files != null) {
            files.checkAfter(writing);
        }
    }

    @Override
    public void rebuild() throws SQLException {
        Rebuilding.run(handle(), connections, rollUps);
        records.rebuilt(handle());
    }

    @Override
    public void touch() throws SQLException {
        handle().schemaVersion(handle().schemaVersion());
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

    @Override
    public void rollback() {
        Handle open = handle;
        failed = open;
        names.forget();
        if (!inTransaction) {
            return;
        }
        inTransaction = false;
        records.forget();
        if (open == null) {
            return;
        }
        try {
            open.run("ROLLBACK");
            open.clearBatches();
        } catch (SQLException alreadyRolledBack) {
            // After some failures SQLite has rolled back by itself. A new connection leaves no doubt.
            handle = null;
            closeUnlessLost(open);
        }
    }

    @Override
    public LedgerException failure(String action, Stage stage, SQLException cause) {
        forgetStatements();
        LedgerFiles files = connections.files();
        Handle before = failed;
        LedgerException changed = files == null || before == null ? null : files.changedBeneath(cause, before);
        return changed != null
                ? changed
                : Errors.of(
                        action,
                        connections.place(),
                        stage == Stage.COMMIT ? Errors.Attempt.COMMIT : Errors.Attempt.WRITE,
                        connections.busyTimeout(),
                        cause);
    }

    @Override
    public @Nullable LedgerException changedBeneath() {
        LedgerFiles files = connections.files();
        Handle before = failed;
        if (files == null || before == null) {
            return null;
        }
        try {
            files.checkKnown("write to");
            files.checkAfter(before);
            return null;
        } catch (LedgerException e) {
            return e;
        } catch (SQLException e) {
            return failure("write to", Stage.WRITE, e);
        }
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
        if (files != null) {
            files.release();
        }
        if (files != null && files.areLost()) {
            Rescue.keep(open);
        } else {
            Connections.discard(open);
        }
    }

    @Override
    public void close() {
        Handle open = handle;
        handle = null;
        if (open != null) {
            closeUnlessLost(open);
        }
    }
}
