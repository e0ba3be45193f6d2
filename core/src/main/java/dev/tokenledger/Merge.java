package dev.tokenledger;

import dev.tokenledger.usage.UsageRecord;

/** Decides what is known of a call after another copy of it was read. Must not call the ledger. */
@FunctionalInterface
public interface Merge {

    /** The copy that was read last is right as a whole. */
    Merge LATEST = (inForce, offered) -> offered;

    /**
     * What is known now.
     *
     * @param inForce the record in force
     * @param offered the copy just read
     * @return a record with the delivered content that is right now; its id is ignored
     */
    UsageRecord merge(UsageRecord inForce, UsageRecord offered);
}
