package dev.tokenledger;

import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.text.Texts;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.util.Optional;

/**
 * A record as it stands in the ledger, or what was done to one later, or an adjustment: an amount that no record stands for.
 *
 * @param sequence the entry's place in the order of writing, from 1; may have gaps
 * @param id the entry's own id: the record's or adjustment's, a reversal's or a revaluation's
 * @param kind what the entry is
 * @param record what was delivered, its timestamp filled in; for a reversal or revaluation, the record that it concerns; for an
 *     adjustment, by what values of dimensions it counts, and when
 * @param cost what the record cost when it was written; for a reversal, what it takes back; for a revaluation, what the record
 *     costs since; for an adjustment, its amount, which may be negative
 * @param recorded when the entry was written, in microseconds
 * @param reversal what reversed this record, or for a reversal, that it is one
 * @param revaluation the last revaluation of this record, or for a revaluation, that it is one
 * @param adjustment what this adjustment is for; of a reversal of one, what that was for
 */
public record LedgerEntry(
        long sequence,
        RecordId id,
        Kind kind,
        UsageRecord record,
        Cost cost,
        Instant recorded,
        Optional<Reversal> reversal,
        Optional<Revaluation> revaluation,
        Optional<Adjustment> adjustment) {

    /** A record as it was written, to which nothing was done since. */
    public static LedgerEntry ofUsage(long sequence, UsageRecord record, Cost cost, Instant recorded) {
        return new LedgerEntry(
                sequence,
                record.id(),
                Kind.USAGE,
                record,
                cost,
                recorded,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** What takes back a record as it counts in totals, or an adjustment. */
    public static LedgerEntry ofReversal(long sequence, LedgerEntry reversed, Reversal reversal, Instant recorded) {
        return new LedgerEntry(
                sequence,
                reversal.id(),
                Kind.REVERSAL,
                reversed.record,
                reversed.effectiveCost(),
                recorded,
                Optional.of(reversal),
                Optional.empty(),
                reversed.adjustment);
    }

    /** What gives a record another cost in totals. */
    public static LedgerEntry ofRevaluation(
            long sequence, UsageRecord record, Revaluation revaluation, Instant recorded) {
        return new LedgerEntry(
                sequence,
                revaluation.id(),
                Kind.REVALUATION,
                record,
                revaluation.cost(),
                recorded,
                Optional.empty(),
                Optional.of(revaluation),
                Optional.empty());
    }

    /** An adjustment as it was written. */
    public static LedgerEntry ofAdjustment(
            long sequence, UsageRecord record, Usd amount, Instant recorded, Adjustment adjustment) {
        return new LedgerEntry(
                sequence,
                record.id(),
                Kind.ADJUSTMENT,
                record,
                Batch.Step.Adjust.cost(amount),
                recorded,
                Optional.empty(),
                Optional.empty(),
                Optional.of(adjustment));
    }

    /** What an entry is. */
    public enum Kind {
        /** A record of usage. */
        USAGE,
        /** Negates one record of usage, or one adjustment, once. */
        REVERSAL,
        /** Gives one record of usage another cost in totals; tokens and numbers of records stay. */
        REVALUATION,
        /** An amount that no record stands for: it adds to costs alone, not to tokens or numbers of records. */
        ADJUSTMENT
    }

    /**
     * A correction.
     *
     * @param id the entry that negates
     * @param reverses the record or adjustment that it negates
     * @param reason why, as the caller said
     */
    public record Reversal(RecordId id, RecordId reverses, String reason) {}

    /**
     * Another cost for a record, at the instant of its call.
     *
     * @param id the entry that says so
     * @param revalues the record
     * @param number which of the record's revaluations it is, from 1; the last one counts
     * @param run the run that it belongs to, 1 to 128 characters
     * @param reason why, as the caller said, 1 to 512 characters
     * @param cost what the record costs since
     */
    public record Revaluation(RecordId id, RecordId revalues, int number, String run, String reason, Cost cost) {

        /**
         * Trims the texts.
         *
         * @throws IllegalArgumentException if one is empty, too long or no text, or the number is not positive
         */
        public Revaluation {
            run = Texts.checked("run", run, Bound.ID);
            reason = Texts.checked("reason", reason, Bound.TEXT);
            if (run.isEmpty() || reason.isEmpty()) {
                throw new IllegalArgumentException(
                        (run.isEmpty() ? "run" : "reason") + ": expected a text, found none");
            }
            if (number < 1) {
                throw new IllegalArgumentException("number: expected one from 1, found " + number);
            }
        }
    }

    /**
     * What an adjustment is for.
     *
     * @param reason why, as the caller said, 1 to 512 characters
     */
    public record Adjustment(String reason) {

        /**
         * Trims the text.
         *
         * @throws IllegalArgumentException if it is empty, too long or no text
         */
        public Adjustment {
            reason = Texts.checked("reason", reason, Bound.TEXT);
            if (reason.isEmpty()) {
                throw new IllegalArgumentException("reason: expected a text, found none");
            }
        }
    }

    /** What counts in totals for this record: the cost of its last revaluation, else its own. */
    public Cost effectiveCost() {
        return revaluation.map(Revaluation::cost).orElse(cost);
    }

    /** How often this record was revalued. */
    public int revaluations() {
        return revaluation.map(Revaluation::number).orElse(0);
    }

    /** When the call happened. */
    public Instant occurred() {
        return record.timestamp().orElseThrow();
    }

    /** Whether the entry is a record or an adjustment that counts: one that was not reversed. */
    public boolean inForce() {
        return (kind == Kind.USAGE || kind == Kind.ADJUSTMENT) && reversal.isEmpty();
    }
}
