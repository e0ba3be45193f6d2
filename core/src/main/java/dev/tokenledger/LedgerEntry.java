package dev.tokenledger;

import dev.tokenledger.pricing.Cost;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.util.Optional;

/**
 * A record as it stands in the ledger.
 *
 * @param sequence the entry's place in the order of writing, from 1; may have gaps
 * @param id the entry's own id: the record's, or a reversal's
 * @param kind what the entry is
 * @param record what was delivered, its timestamp filled in; for a reversal, the record it negates
 * @param cost what the record cost when it was written; for a reversal, what it takes back
 * @param recorded when the entry was written, in microseconds
 * @param reversal what reversed this record, or for a reversal, that it is one
 */
public record LedgerEntry(
        long sequence,
        RecordId id,
        Kind kind,
        UsageRecord record,
        Cost cost,
        Instant recorded,
        Optional<Reversal> reversal) {

    /** What an entry is. */
    public enum Kind {
        /** A record of usage. */
        USAGE,
        /** Negates one record of usage, once. */
        REVERSAL
    }

    /**
     * A correction.
     *
     * @param id the entry that negates
     * @param reverses the record that it negates
     * @param reason why, as the caller said
     */
    public record Reversal(RecordId id, RecordId reverses, String reason) {}

    /** When the call happened. */
    public Instant occurred() {
        return record.timestamp().orElseThrow();
    }

    /** Whether the entry is a record that counts: usage that was not reversed. */
    public boolean inForce() {
        return kind == Kind.USAGE && reversal.isEmpty();
    }
}
