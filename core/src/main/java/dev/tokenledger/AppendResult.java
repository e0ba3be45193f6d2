package dev.tokenledger;

import dev.tokenledger.usage.RecordId;

/** What {@link Ledger#append} did. All four are normal; only a broken store throws. */
public sealed interface AppendResult extends WriteResult {

    /** Durable before this was returned. */
    record Appended(RecordId id) implements AppendResult {}

    /** The same id and content were already there: a safe retry. */
    record Duplicate(RecordId id) implements AppendResult {}

    /**
     * The id is taken by a record that differs in {@code field}; nothing was stored.
     *
     * @param field the first differing field, by its JSON name
     * @param stored that field's stored value, as text
     * @param offered that field's offered value, as text
     */
    record Conflict(RecordId id, String field, String stored, String offered) implements AppendResult {}

    /**
     * The ledger cannot hold the record, because it would cost more than 9,000,000 USD; or the reversal or revaluation, because
     * the record that it concerns is not there or does not stand as expected; or the adjustment, because its instant is in a
     * closed period. Nothing of it was stored; others of the batch were.
     *
     * @param id the id under which the record would have been stored
     * @param field the field at fault, by its JSON name: {@code cost_usd}, {@code reversal}, {@code revaluation}, {@code id} or
     *     {@code timestamp}
     * @param reason what was expected and what was found, for people; it begins with the field
     */
    record Rejected(RecordId id, String field, String reason) implements AppendResult {}
}
