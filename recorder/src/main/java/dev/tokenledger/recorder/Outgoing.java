package dev.tokenledger.recorder;

import dev.tokenledger.usage.UsageRecord;

/**
 * A record on its way to the ledger.
 *
 * @param reservation the reservation of a budget that ends with the record's commit; empty if there is none
 */
record Outgoing(UsageRecord record, String reservation) {}
