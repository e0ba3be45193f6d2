package dev.tokenledger;

/** What is done to a ledger as a whole, to check and to mend what it derives from its records. Records are never touched. */
public interface Maintenance {

    /**
     * Recomputes everything that is derived from the records, and says what differs. Changes nothing. Its time grows with the
     * number of records.
     */
    VerifyReport verify();

    /** Recomputes everything that is derived from the records, and writes it; durable on return. */
    void rebuild();

    /**
     * Passes if the ledger would take a record now, as far as that can be told without one; or if it was opened for reading
     * alone. May write to the store after a write that failed, but nothing that counts.
     *
     * @throws LedgerException if it would not, and why
     */
    default void checkWritable() {}
}
