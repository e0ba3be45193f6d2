package dev.tokenledger;

import java.util.List;

/**
 * Is told of what was written to a ledger, after the commit: for meters, budgets and whatever else follows the totals without
 * asking for them. See {@link ObservedLedger}.
 */
@FunctionalInterface
public interface LedgerListener {

    /**
     * Entries that one commit wrote, in order: records as they were priced and, where one replaced or took back another, the
     * reversal before it; and revaluations, whose cost is what the record costs since; and adjustments, whose cost is their amount. Duplicates and conflicts write none.
     *
     * <p>Called on the thread that wrote, after its commit; it should be quick. What it throws never reaches the writer.
     */
    void written(List<LedgerEntry> entries);
}
