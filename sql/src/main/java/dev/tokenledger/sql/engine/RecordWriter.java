package dev.tokenledger.sql.engine;

import dev.tokenledger.LedgerEntry;
import dev.tokenledger.PeriodMark;
import dev.tokenledger.sql.records.PreparedRecord;
import dev.tokenledger.usage.RecordId;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Facts, which are only ever inserted: records, adjustments, their reversals, and what readers of sources remember. Within the transaction
 * of its {@link WriteSession}.
 */
public interface RecordWriter {

    /**
     * Inserts those whose id is free, of equal ids the first, and {@linkplain PreparedRecord#number numbers} them in the order
     * given. Safe against other processes: an id that another transaction is inserting is waited for.
     *
     * @param rows with their references
     * @return the others, in the order given
     */
    List<PreparedRecord> insert(List<PreparedRecord> rows) throws SQLException;

    /** Whether {@link #insertAll} gains something; else it is not called. */
    boolean insertsAll();

    /**
     * Inserts all of them and their delta, or nothing, where that takes fewer round trips than {@link #insert} and {@link
     * PageWriter#addDelta}. Called at most once in a transaction, when nothing was written or read in it and nothing more is
     * going to be; it may therefore be a statement that commits by itself.
     *
     * @param delta asked for if it is tried; null if nothing comes of the rows
     * @return whether all are inserted; if not, nothing is, and the transaction goes on as if it had not been tried
     */
    default boolean insertAll(List<PreparedRecord> rows, Supplier<@Nullable PackedDelta> delta) throws SQLException {
        return false;
    }

    /** Takes rows. */
    @FunctionalInterface
    interface Sink {
        /** One row, read before the call returns. */
        void row(StoredRecord stored) throws SQLException;
    }

    /**
     * Looks up what is stored under ids, as rows are compared: reversals too. What other transactions committed before the
     * call is seen.
     *
     * @param ids as {@link dev.tokenledger.sql.records.Values#id} has them; each may come several times
     * @param sink called once for each id that is taken, in any order; it must not use this session
     */
    void lookUp(Collection<Object> ids, Sink sink) throws SQLException;

    /** The entry with this id; null if there is none. */
    @Nullable
    LedgerEntry find(RecordId id) throws SQLException;

    /** The entries with these ids, in any order, ids that are free left out. */
    List<LedgerEntry> find(Collection<RecordId> ids) throws SQLException;

    /**
     * The entries that are revisions of a key, see {@link dev.tokenledger.Ledger#revisions}, in its order. Where several
     * processes write, none of them is changed, and no further one committed, before this transaction ends.
     */
    List<LedgerEntry> revisions(String key) throws SQLException;

    /** Those of the keys of which there is a revision, be it the first or a later one. */
    Set<String> revised(Collection<String> keys) throws SQLException;

    /** The usage records of one request of one session, in any order, see {@link dev.tokenledger.backend.Revision.Lookup#ofRequest}. */
    List<LedgerEntry> ofRequest(String sessionId, String upstreamRequestId) throws SQLException;

    /**
     * Keeps other processes from correcting records until the transaction ends, where several may write at the same time.
     *
     * @param alone true keeps them from any correction; false from those that ask for being alone
     */
    default void lockCorrections(boolean alone) throws SQLException {}

    /** The marks of closed periods, in the order of writing. */
    List<PeriodMark> periodMarks() throws SQLException;

    /** Writes a mark of closed periods. */
    void mark(PeriodMark mark) throws SQLException;

    /**
     * Writes revaluations of different records, under ids that are free.
     *
     * @param rows of records in force that have one revaluation less each
     * @return how many were written: fewer than there are if other processes reversed or revalued records just now
     */
    int revalue(List<RevaluedRecord> rows) throws SQLException;

    /**
     * Writes an adjustment, and {@linkplain PreparedRecord#number numbers} it.
     *
     * @param row the adjustment with its references
     * @param reason what it is for
     * @return false if its id is taken, perhaps by another process just now; nothing is written then
     */
    boolean adjust(PreparedRecord row, String reason) throws SQLException;

    /**
     * Writes the entry that negates one, under an id that is free. What it takes away is what the record counts in totals now, be
     * it by its last revaluation.
     *
     * @param entry a usage record or an adjustment
     * @param reversal the new entry's id, and why
     * @return false if it is reversed already, perhaps by another process just now; nothing is written then
     */
    boolean negate(LedgerEntry entry, LedgerEntry.Reversal reversal, Instant recorded) throws SQLException;

    /** Remembers what readers asked for, and forgets those whose state is empty. */
    void putReaderStates(Map<String, String> states) throws SQLException;

    /**
     * Remembers a state if the one that is remembered is as expected. Safe against other processes: one that another transaction
     * is changing is waited for.
     *
     * @param expected empty for none
     * @param state not empty, and not as expected
     * @return whether it was; if not, nothing is written
     */
    boolean compareAndSetReaderState(String key, String expected, String state) throws SQLException;
}
