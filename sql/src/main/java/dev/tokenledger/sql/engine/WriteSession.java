package dev.tokenledger.sql.engine;

import dev.tokenledger.LedgerException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The writing side of a database that keeps a ledger: one transaction after the other, for one leader of the {@linkplain
 * dev.tokenledger.sql.writing.GroupCommit group commit}. It may open its connection anew between two of them.
 *
 * <p>A transaction is {@link #begin}, any calls of {@link #records}, {@link #names} and {@link #pages}, then {@link #finish}
 * and {@link #commit}, or {@link #rollback} after any failure. It sees what it wrote itself and whatever other processes had
 * committed when it began or later; what must not change under a decision is locked by the method that reads it. Used by one
 * thread at a time, and by several in turn.
 */
public interface WriteSession {

    /**
     * Begins a transaction. A database with one writer waits for others here; one with several may wait until something is
     * written.
     *
     * @param action what is attempted, as in "cannot {action} {place}"
     * @throws LedgerException if the store cannot be written to, with a message that says so; nothing has begun then
     * @throws SQLException as {@link #failure} explains it
     */
    void begin(String action) throws SQLException;

    /** The records, within the transaction under way. */
    RecordWriter records();

    /** The texts that records share, within the transaction under way. */
    NameWriter names();

    /** The roll-ups, within the transaction under way. */
    PageWriter pages();

    /** Writes what the engine keeps besides, such as an index that it fills by batches. Called once, just before the commit. */
    void finish() throws SQLException;

    /**
     * Commits. On return everything is durable, and so are the files beneath as far as that can be told: only then are callers
     * told.
     *
     * @throws LedgerException if it was committed to something that is no longer the ledger; the message says where it is
     * @throws SQLException if it was not, or may not have been, see {@link Stage#COMMIT}
     */
    void commit() throws SQLException;

    /**
     * Leaves the transaction, if one is under way, and forgets all that was learnt in it. Called after every failure, also of
     * {@link #begin} and {@link #commit}, and before {@link #failure}. Never throws: a session that cannot be left is replaced.
     */
    void rollback();

    /**
     * Whether the transaction may be tried again as a whole because it lost against another one, as after a deadlock. Nothing
     * of it was stored then. If it loses every time, {@link #failure} explains the last one.
     */
    default boolean isRetryable(SQLException cause) {
        return false;
    }

    /**
     * What a failure means to callers.
     *
     * @param action what was attempted, as in "cannot {action} {place}"
     * @param stage how far it had come
     */
    LedgerException failure(String action, Stage stage, SQLException cause);

    /**
     * Whether what is written to is why a transaction failed otherwise than by SQL, as by a page that cannot be understood in a
     * file that somebody has overwritten. Called after the rollback.
     *
     * @return null if it is not, and the failure is a fault of the program
     */
    default @Nullable LedgerException changedBeneath() {
        return null;
    }

    /**
     * Passes if what it writes to is still the ledger, as far as that can be told without writing. Called between transactions.
     *
     * @throws LedgerException if it is not
     */
    default void check() {
        // A database behind a server is where it was.
    }

    /** Computes everything derived anew from the records, in the transaction under way. */
    void rebuild() throws SQLException;

    /** Writes something that changes nothing, to find out whether it can, in the transaction under way. */
    void touch() throws SQLException;

    /** Closes its connection. Nothing is under way then, and it is not used any more. Never throws. */
    void close();

    /** How far a transaction had come when it failed. */
    enum Stage {
        /** Before the commit: nothing is stored. */
        WRITE,
        /** In the commit, which may have reached the disk: what was being written may or may not be there. */
        COMMIT
    }
}
