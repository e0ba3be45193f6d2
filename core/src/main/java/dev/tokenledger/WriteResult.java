package dev.tokenledger;

import dev.tokenledger.usage.RecordId;

/** What a ledger did with one delivered record. All are normal; only a broken store throws. */
public sealed interface WriteResult permits AppendResult, WriteResult.Corrected, WriteResult.Revalued {

    /**
     * The id of the record in force after the write: the delivered one's, or that of the record it repeats. For a conflict
     * it is the id that is taken, for a rejection the one that stays free.
     */
    RecordId id();

    /**
     * A later copy knew more of the call: the earlier record was reversed and this one put in its place, in one commit.
     *
     * @param id the record now in force
     * @param replaced the record that was reversed
     */
    record Corrected(RecordId id, RecordId replaced) implements WriteResult {}

    /**
     * The record costs something else in totals from now on.
     *
     * @param id the record
     * @param revaluation the entry that says so
     */
    record Revalued(RecordId id, RecordId revaluation) implements WriteResult {}
}
