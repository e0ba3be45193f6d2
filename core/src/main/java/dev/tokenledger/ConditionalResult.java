package dev.tokenledger;

import java.util.List;

/** What {@link Ledger#writeIf} did with a batch. All three are normal; only a broken store throws. */
public sealed interface ConditionalResult {

    /**
     * The batch is stored; durable before this was returned.
     *
     * @param results one for each step, in order: none is a conflict, and none was rejected
     */
    record Written(List<WriteResult> results) implements ConditionalResult {
        /** Copies the list. */
        public Written {
            results = List.copyOf(results);
        }
    }

    /** Somebody changed the reader's state since it was read; nothing was stored. */
    record StateChanged() implements ConditionalResult {}

    /**
     * At least one step is in conflict or was rejected; nothing was stored.
     *
     * @param results one for each step, in order: what it would have been had the batch been written by {@link Ledger#write}
     */
    record Refused(List<WriteResult> results) implements ConditionalResult {
        /** Copies the list. */
        public Refused {
            results = List.copyOf(results);
        }
    }
}
