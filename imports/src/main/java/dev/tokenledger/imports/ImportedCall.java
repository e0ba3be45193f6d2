package dev.tokenledger.imports;

import dev.tokenledger.Batch.Elsewhere;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the lines read so far say of one call. Copies of a call, which stand on several lines and in several files, are merged
 * before anything is written.
 */
public interface ImportedCall {

    /** What the copies of a call have in common. */
    String key();

    /**
     * What both say together: the same whichever way and in whatever order copies are merged.
     *
     * @param other of the same {@link #key}
     */
    ImportedCall merge(ImportedCall other);

    /** When the call happened, for the order of writing. */
    Instant occurred();

    /**
     * What to write; usually one offer. Asked for by any thread, of several calls at a time.
     *
     * @throws IllegalArgumentException if it is no record after all; the lines are then counted as refused
     */
    List<Offer> offers();

    /** One record for the ledger, and what to do where the ledger holds another in its place. */
    sealed interface Offer {

        /** The record. */
        UsageRecord record();

        /** A record to append under its own id. */
        record Append(UsageRecord record) implements Offer {}

        /** An entry of another ledger, to be taken over as it stands there: see {@link dev.tokenledger.Batch.Step.Restore}. */
        record Restore(LedgerEntry entry, Optional<PriceEntry> price) implements Offer {
            @Override
            public UsageRecord record() {
                return entry.record();
            }
        }

        /**
         * A record under its own id, which takes the place of another one of the same call.
         *
         * @param elsewhere where others may have told of the call
         * @param correction what is known now; empty if the two are not the same call, which is a conflict
         */
        record Correct(UsageRecord record, Elsewhere elsewhere, CopyMerge correction) implements Offer {}

        /**
         * A record for the ledger to revise.
         *
         * @param key the call's own ledger key of 1 to 100 characters, see {@link dev.tokenledger.Ledger#revise}
         * @param elsewhere where telemetry may have told of the call
         * @param otherKeys the keys to try in turn where the ledger holds another call under {@code key}, by the word of {@code
         *     merge}
         */
        record Revise(String key, Elsewhere elsewhere, OtherKeys otherKeys, UsageRecord record, CopyMerge merge)
                implements Offer {

            /** Of a call that only logs tell of. */
            public Revise(String key, OtherKeys otherKeys, UsageRecord record, CopyMerge merge) {
                this(key, Elsewhere.NOWHERE, otherKeys, record, merge);
            }
        }
    }

    /** Further keys of a call, in an order that is the same at every import. */
    @FunctionalInterface
    interface OtherKeys {

        /** No further key. */
        OtherKeys NONE = number -> null;

        /**
         * The key of this number, or null if there are no more.
         *
         * @param number from 1
         */
        @Nullable
        String key(int number);
    }

    /** Decides what is known of a call that the ledger holds already. Must not call the ledger. */
    @FunctionalInterface
    interface CopyMerge {

        /** What is known now; empty if the two are not the same call. */
        Optional<UsageRecord> merge(UsageRecord inForce, UsageRecord offered);
    }
}
