package dev.tokenledger.postgres;

import dev.tokenledger.LedgerInterruptedException;
import dev.tokenledger.LedgerOverloadedException;
import dev.tokenledger.VerifyReport;
import dev.tokenledger.sql.SqlBackend;
import dev.tokenledger.sql.writing.GroupCommit;
import dev.tokenledger.sql.writing.Works;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The sessions of a {@link PostgresLedger}: those that write, and a connection for each question. */
final class DatabaseBackend implements SqlBackend {

    private final DataSource reads;
    private final PostgresSchema schema;
    private final String place;
    private final @Nullable GroupCommit writer;
    private final @Nullable Folder folder;
    private final Limits limits;
    private final Semaphore free;
    private final @Nullable AutoCloseable ownReads;
    private final @Nullable CopyUse copy;
    private final Watchdog watchdog = new Watchdog();
    private final KnownCombinations combinations = new KnownCombinations();

    /**
     * What questions may take.
     *
     * @param queryNanos how long one may take; 0 for no limit
     * @param readers how many are answered at the same time
     * @param waiting how many more wait for their turn
     * @param busyTimeout how long one waits
     */
    record Limits(long queryNanos, int readers, int waiting, Duration busyTimeout) {}

    /**
     * A database's sessions.
     *
     * @param writer null for reading alone, as is the folder
     * @param ownReads what else to close; null for nothing
     * @param copy what questions about long windows are asked of too, closed with these; null for none
     */
    DatabaseBackend(
            DataSource reads,
            PostgresSchema schema,
            String place,
            @Nullable GroupCommit writer,
            @Nullable Folder folder,
            Limits limits,
            @Nullable AutoCloseable ownReads,
            @Nullable CopyUse copy) {
        this.reads = reads;
        this.schema = schema;
        this.place = place;
        this.writer = writer;
        this.folder = folder;
        this.limits = limits;
        free = new Semaphore(limits.readers, true);
        this.ownReads = ownReads;
        this.copy = copy;
    }

    @Override
    public String place() {
        return place;
    }

    @Override
    public @Nullable GroupCommit writer() {
        return writer;
    }

    /** The schema that the tables are in. */
    PostgresSchema schema() {
        return schema;
    }

    @Override
    public <T> T read(String action, Question<T> question) {
        return ask(action, limits.queryNanos, copy, question::ask);
    }

    @Override
    public VerifyReport verify() {
        return ask("verify", 0, null, PostgresReads::verify);
    }

    /** Asks the server to change nothing. */
    @Override
    public void checkWritable() {
        if (writer != null) {
            writer.write("write to", Works.touch());
        }
    }

    /** What became of the questions that the copy was for; empty without a copy. */
    Optional<CopyCounts> copyCounts() {
        return Optional.ofNullable(copy).map(CopyUse::counts);
    }

    int schemaVersion() {
        return ask("read", limits.queryNanos, null, PostgresReads::schemaVersion);
    }

    /** Reads within one transaction: everything it sees was committed together. */
    @FunctionalInterface
    private interface Reading<T> {
        T read(PostgresReads session) throws SQLException;
    }

    private <T> T ask(String action, long nanos, @Nullable CopyUse with, Reading<T> reading) {
        enter(action);
        try (Watchdog.Watch watch = watchdog.watch(nanos)) {
            return ask(action, with, reading, watch);
        } finally {
            free.release();
        }
    }

    private <T> T ask(String action, @Nullable CopyUse with, Reading<T> reading, Watchdog.Watch watch) {
        Database database = null;
        try (Connection connection = reads.getConnection()) {
            database = new Database(connection, schema);
            database.watch(watch);
            boolean byItself = connection.getAutoCommit();
            connection.setAutoCommit(false);
            database.sendBefore("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
            try {
                PostgresReads session = new PostgresReads(database, combinations, with);
                session.checkLimit();
                T answer = reading.read(session);
                connection.commit();
                return answer;
            } catch (SQLException | RuntimeException | Error e) {
                leave(connection, e);
                throw e;
            } finally {
                database.closeStatements();
                if (!connection.isClosed()) {
                    connection.setAutoCommit(byItself);
                }
            }
        } catch (SQLException e) {
            throw PostgresErrors.of(action, place, PostgresErrors.Attempt.READ, watch.stop(), e);
        }
    }

    private static void leave(Connection connection, Throwable failure) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            failure.addSuppressed(e);
        }
    }

    /** Waits for a turn. */
    private void enter(String action) {
        if (free.tryAcquire()) {
            return;
        }
        try {
            if (free.getQueueLength() < limits.waiting
                    && free.tryAcquire(Math.max(1, limits.busyTimeout.toNanos()), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LedgerInterruptedException(
                    "cannot " + action + " " + place + ": the thread was interrupted; ask again", e);
        }
        throw new LedgerOverloadedException("cannot " + action + " " + place
                + ": too many questions are being answered; ask again later, or allow for more readers");
    }

    @Override
    public void close() {
        if (writer != null) {
            writer.close();
        }
        if (folder != null) {
            folder.close();
        }
        watchdog.close();
        if (copy != null) {
            copy.close();
        }
        if (ownReads != null) {
            try {
                ownReads.close();
            } catch (Exception e) {
                System.getLogger(PostgresLedger.class.getName())
                        .log(System.Logger.Level.DEBUG, "cannot close the connections that were read by", e);
            }
        }
    }
}
