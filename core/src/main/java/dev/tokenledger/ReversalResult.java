package dev.tokenledger;

import dev.tokenledger.usage.RecordId;
import java.time.Instant;
import java.util.Optional;

/**
 * What {@link Ledger#reverse} or {@link Ledger#replace} did, with a record or, where it is reversed, an adjustment. All are normal;
 * only a broken store throws.
 */
public sealed interface ReversalResult {

    /**
     * The record no longer counts; durable before this was returned.
     *
     * @param id the reversed record
     * @param reversal the entry that negates it
     * @param replacement the record put in its place, for a replacement
     */
    record Reversed(RecordId id, RecordId reversal, Optional<RecordId> replacement) implements ReversalResult {}

    /** The record had been reversed before; nothing was stored. */
    record AlreadyReversed(RecordId id) implements ReversalResult {}

    /** There is no record with this id; nothing was stored. */
    record NotFound(RecordId id) implements ReversalResult {}

    /**
     * The call lies in a closed period; nothing was stored.
     *
     * @param before what happened before this instant is closed
     */
    record PeriodClosed(RecordId id, Instant before) implements ReversalResult {}

    /** The replacement's own id is taken; nothing was stored. */
    record ReplacementTaken(RecordId replacement) implements ReversalResult {}
}
