package dev.tokenledger.sql;

import dev.tokenledger.LedgerException;
import dev.tokenledger.VerifyReport;
import dev.tokenledger.sql.engine.ReadSession;
import dev.tokenledger.sql.writing.GroupCommit;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What a database gives a {@link SqlLedger}. Used by many threads. */
public interface SqlBackend extends AutoCloseable {

    /** Something read within one transaction. */
    @FunctionalInterface
    interface Question<T> {
        /** Its answer. */
        T ask(ReadSession session) throws SQLException;
    }

    /** The store as messages name it, as in "cannot {action} {place}". */
    String place();

    /** What writes; null if the ledger was opened for reading alone. */
    @Nullable
    GroupCommit writer();

    /**
     * Answers a question within one transaction: everything it sees was committed together.
     *
     * @param action what is attempted, as in "cannot {action} {place}"
     * @throws LedgerException if it cannot be answered, takes too long, or its thread is interrupted
     */
    <T> T read(String action, Question<T> question);

    /** As {@link dev.tokenledger.Ledger#verify}; takes as long as it takes. */
    VerifyReport verify();

    /** As {@link dev.tokenledger.Ledger#checkWritable}, of a ledger that is open for writing. */
    void checkWritable();

    /** Waits for a write under way, then closes what the ledger opened. */
    @Override
    void close();
}
