package dev.tokenledger;

import dev.tokenledger.backend.Revision;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.usage.Doubt;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import dev.tokenledger.usage.UsageRecord.GivenCost;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Records and a reader's state that are stored in one commit: all of it or, if the store fails, nothing. Duplicates,
 * conflicts and rejections among the records are results and hold up nothing else. Immutable.
 */
public final class Batch {

    /** The most steps that one batch can have. */
    public static final int MAX_STEPS = 100_000;

    private static final int MAX_KEY_LENGTH = 4_096;
    private static final int MAX_STATE_LENGTH = 65_536;

    private final List<Step> steps;
    private final Map<String, String> readerStates;

    private Batch(Builder builder) {
        steps = List.copyOf(builder.steps);
        readerStates = Collections.unmodifiableMap(new LinkedHashMap<>(builder.readerStates));
    }

    /** One thing to write. */
    public sealed interface Step {

        /** The delivered record. */
        UsageRecord record();

        /** Appends a record under its own id. */
        record Append(UsageRecord record) implements Step {
            /** Checks that there is a record. */
            public Append {
                Objects.requireNonNull(record, "record");
            }
        }

        /**
         * Brings a record that grows at its source up to date, see {@link Ledger#revise}.
         *
         * @param key the call's key at its source, 1 to 100 characters
         * @param elsewhere where the same call may be known by other keys
         */
        record Revise(String key, Elsewhere elsewhere, UsageRecord record, Merge merge) implements Step {
            /**
             * Trims the key.
             *
             * @throws IllegalArgumentException if it is blank, longer than that, or no text
             */
            public Revise {
                key = Revision.checkedKey(key);
                Objects.requireNonNull(elsewhere, "elsewhere");
                Objects.requireNonNull(record, "record");
                Objects.requireNonNull(merge, "merge");
            }

            /** Of a call that is known by its key alone. */
            public Revise(String key, UsageRecord record, Merge merge) {
                this(key, Elsewhere.NOWHERE, record, merge);
            }
        }

        /**
         * Takes over an entry of another ledger as it stands there, an adjustment too: its cost is neither computed nor given but the one that was
         * computed or given then, and it keeps the instant at which it was recorded. Its sequence and, of a record, its reversal and
         * revaluation take no part: those are entries of their own, restored after the record, its revaluations in order.
         *
         * <p>A record whose id is taken is a duplicate or conflict, as one that is appended. A reversal is {@code Appended} if
         * it was restored, a {@code Duplicate} if the record is reversed already, whatever the id of that reversal; a {@code
         * Conflict} if the ledger has another record under the reversed id, or anything under the reversal's own; {@code
         * Rejected} if it has no record under the reversed id. So it is with a revaluation, which is a {@code Duplicate} if the
         * record's revaluation of that number has its id, a {@code Conflict} if it has another, and {@code Rejected} if the
         * one before it is missing or the record is reversed.
         *
         * @param price the price entry that the cost came from, kept under the cost's price id for explanations; without one, or
         *     one that the ledger kept before, only the amount can be told
         */
        record Restore(LedgerEntry entry, Optional<PriceEntry> price) implements Step {
            /**
             * Checks that the entry is one that a ledger can hold.
             *
             * @throws IllegalArgumentException if the record has no timestamp, the cost is negative or above 9,000,000 USD or is
             *     not the one that the record states, the price is another one, or the ids contradict each other
             */
            public Restore {
                UsageRecord record = entry.record();
                Cost cost = entry.cost();
                check(record.timestamp().isPresent(), "timestamp: an entry has the instant of its call");
                boolean adjusts = entry.adjustment().isPresent();
                check(
                        entry.kind() == LedgerEntry.Kind.ADJUSTMENT
                                ? adjusts
                                : !adjusts || entry.kind() == LedgerEntry.Kind.REVERSAL,
                        "adjustment: only an adjustment and its reversal are of one");
                if (adjusts) {
                    Adjust.check(record, cost.amount());
                    check(
                            cost.equals(Adjust.cost(cost.amount())) && price.isEmpty(),
                            "price_id: an adjustment has an amount that was given");
                } else {
                    checkCost(cost, price);
                    check(
                            isDelivered(entry.kind(), record.givenCost(), cost),
                            "cost_usd: the entry's cost is not the one that its record states");
                }
                check(isNamed(entry), "id: it is not the one that the entry states");
            }

            /** What a later entry takes back or sets need not be the cost that the record was delivered with. */
            private static boolean isDelivered(LedgerEntry.Kind kind, Optional<GivenCost> stated, Cost cost) {
                Optional<GivenCost> given = cost instanceof Cost.Given
                        ? Optional.of(new GivenCost(cost.amount(), cost.status()))
                        : Optional.empty();
                return stated.equals(given)
                        || (kind != LedgerEntry.Kind.USAGE && (given.isEmpty() || stated.isEmpty()));
            }

            private static boolean isNamed(LedgerEntry entry) {
                RecordId of = entry.record().id();
                return switch (entry.kind()) {
                    case USAGE, ADJUSTMENT -> entry.id().equals(of);
                    case REVERSAL ->
                        entry.reversal()
                                .filter(reversal -> reversal.id().equals(entry.id())
                                        && reversal.reverses().equals(of))
                                .isPresent();
                    case REVALUATION ->
                        entry.revaluation()
                                .filter(revaluation -> revaluation.id().equals(entry.id())
                                        && revaluation.revalues().equals(of)
                                        && revaluation.cost().equals(entry.cost()))
                                .isPresent();
                };
            }

            @Override
            public UsageRecord record() {
                return entry.record();
            }
        }

        /**
         * Gives a record in force another cost in totals, at the instant of its call. The record and its first cost stay
         * readable, and a copy of the record that is delivered again stays a duplicate.
         *
         * <p>The result is {@code Revalued}; {@code Duplicate} if the record costs that already; {@code Rejected}, naming the
         * field, if it is not there or reversed ({@code id}), was revalued since it was read ({@code revaluation}), or lies in a
         * closed period ({@code timestamp}).
         *
         * @param entry the record as it was read from this ledger
         * @param cost what it costs from now on
         * @param price the price entry that the cost came from, kept under its price id for explanations; without one, or
         *     one that the ledger kept before, only the amount can be told
         * @param run the run that the revaluation belongs to, 1 to 128 characters
         * @param reason why, 1 to 512 characters
         */
        record Revalue(LedgerEntry entry, Cost cost, Optional<PriceEntry> price, String run, String reason)
                implements Step {
            /**
             * Checks that the entry is a record, and the cost one that it can have.
             *
             * @throws IllegalArgumentException if it is not, or run or reason is empty or too long
             */
            public Revalue {
                LedgerEntry.Revaluation next = new LedgerEntry.Revaluation(
                        entry.id(), entry.record().id(), entry.revaluations() + 1, run, reason, cost);
                run = next.run();
                reason = next.reason();
                check(entry.kind() == LedgerEntry.Kind.USAGE, "id: only a record of usage can be revalued");
                checkCost(cost, price);
                check(
                        !(cost instanceof Cost.Given) || cost.equals(entry.cost()),
                        "cost_usd: a given cost can only be the one that the record was delivered with");
            }

            @Override
            public UsageRecord record() {
                return entry.record();
            }
        }

        /**
         * Enters an amount that no record stands for, at an instant and by values of dimensions: what a bill has more or less
         * than the ledger, for one. It adds to costs alone. {@link Ledger#reverse} takes it back.
         *
         * <p>The result is {@code Appended}; {@code Duplicate} if the ledger has the same adjustment under the id; {@code Conflict} if
         * it has anything else; {@code Rejected}, naming {@code timestamp}, if the instant lies in a closed period.
         *
         * @param record the id, the instant, and the values of dimensions by which the amount counts; it states no usage and no cost
         * @param amount -9,000,000 to 9,000,000 USD, not 0; negative where the ledger has too much
         * @param reason why, 1 to 512 characters
         */
        record Adjust(UsageRecord record, Usd amount, String reason) implements Step {
            /**
             * Checks that the record has an instant and no usage.
             *
             * @throws IllegalArgumentException if it has none or some, the amount is 0 or out of range, or the reason is empty or
             *     too long
             */
            public Adjust {
                check(record, amount);
                reason = new LedgerEntry.Adjustment(reason).reason();
            }

            /** An adjustment's amount as entries have it. */
            static Cost cost(Usd amount) {
                return new Cost.Given(amount, PricingStatus.PRICED);
            }

            private static void check(UsageRecord record, Usd amount) {
                Step.check(
                        record.timestamp().isPresent(), "timestamp: an adjustment has the instant at which it counts");
                Step.check(
                        record.tokens().equals(TokenCounts.NONE)
                                && record.calls().isEmpty()
                                && record.passes().isEmpty()
                                && record.givenCost().isEmpty()
                                && record.reportedCost().isEmpty()
                                && Doubt.of(record.notes()).isEmpty(),
                        "adjustment: it states no tokens, calls, costs of its own or doubts");
                Step.check(
                        amount.signum() != 0
                                && amount.compareTo(Usd.RECORD_LIMIT) <= 0
                                && amount.negated().compareTo(Usd.RECORD_LIMIT) <= 0,
                        "cost_usd: an adjustment is of -9000000 to 9000000 USD and not 0, found " + amount);
            }
        }

        private static void checkCost(Cost cost, Optional<PriceEntry> price) {
            new GivenCost(cost.amount(), cost.status());
            check(
                    price.isEmpty() || cost.priceId().equals(price.map(PriceEntry::id)),
                    "price_id: the price is not the one that the cost came from");
        }

        private static void check(boolean right, String otherwise) {
            if (!right) {
                throw new IllegalArgumentException(otherwise);
            }
        }
    }

    /**
     * Where a call may be known that is told by several, each under a key of its own. It is looked for in the write itself, and
     * mostly where the step's own key has no revision, in this order.
     *
     * @param revised keys whose revision in force is revised in place of the step's: others tell the call better there
     * @param sameRequest whether the record of the same session, upstream request id and model, if there is one, is revised in
     *     place of the step's; whoever has no session or no such id is not looked for
     * @param replaced keys whose revision in force is reversed, and its successor appended as the first of the step's own key;
     *     where that has revisions too, so that one call is two records, both are reversed if they are of one upstream request
     */
    public record Elsewhere(List<String> revised, boolean sameRequest, List<String> replaced) {

        /** The most keys of each kind. */
        public static final int MAX_KEYS = 8;

        /** Under no other key. */
        public static final Elsewhere NOWHERE = new Elsewhere(List.of(), false, List.of());

        /**
         * Trims the keys.
         *
         * @throws IllegalArgumentException if one is blank, too long or no text, or there are too many
         */
        public Elsewhere {
            revised = checked(revised);
            replaced = checked(replaced);
        }

        private static List<String> checked(List<String> keys) {
            if (keys.size() > MAX_KEYS) {
                throw new IllegalArgumentException(
                        "at most " + MAX_KEYS + " other keys of a kind, found " + keys.size());
            }
            return keys.stream().map(Revision::checkedKey).toList();
        }

        /** Whether there is nothing to look for. */
        public boolean isEmpty() {
            return revised.isEmpty() && replaced.isEmpty() && !sameRequest;
        }
    }

    /** A batch that appends these records. */
    static Batch of(Collection<UsageRecord> records) {
        Builder builder = builder();
        records.forEach(builder::append);
        return builder.build();
    }

    /** Starts a batch. */
    public static Builder builder() {
        return new Builder();
    }

    /** What to write, in order. */
    public List<Step> steps() {
        return steps;
    }

    /** What readers want remembered, by key. */
    public Map<String, String> readerStates() {
        return readerStates;
    }

    /** Builds a batch. Not safe for use by several threads. */
    public static final class Builder {

        private final List<Step> steps = new ArrayList<>();
        private final Map<String, String> readerStates = new LinkedHashMap<>();

        private Builder() {}

        /** Appends a record. */
        public Builder append(UsageRecord record) {
            return step(new Step.Append(record));
        }

        /** Brings a record that grows at its source up to date. */
        public Builder revise(String key, UsageRecord record, Merge merge) {
            return step(new Step.Revise(key, record, merge));
        }

        /** Takes over an entry of another ledger, see {@link Step.Restore}. */
        public Builder restore(LedgerEntry entry, Optional<PriceEntry> price) {
            return step(new Step.Restore(entry, price));
        }

        /**
         * Adds a step.
         *
         * @throws IllegalArgumentException if there are {@link #MAX_STEPS} already
         */
        public Builder step(Step step) {
            if (steps.size() == MAX_STEPS) {
                throw new IllegalArgumentException(
                        "a batch has at most " + MAX_STEPS + " steps; commit it and begin another");
            }
            steps.add(step);
            return this;
        }

        /**
         * Remembers where a reader stands, in the same commit; an empty state forgets the key.
         *
         * @param key 1 to 4,096 characters, such as the reader's name and a file's path
         * @param state up to 65,536 characters
         * @throws IllegalArgumentException if one is too long or no text
         */
        public Builder readerState(String key, String state) {
            if (key.isBlank() || key.length() > MAX_KEY_LENGTH || state.length() > MAX_STATE_LENGTH) {
                throw new IllegalArgumentException("a reader's state has a key of 1 to " + MAX_KEY_LENGTH
                        + " and a text of up to " + MAX_STATE_LENGTH + " characters");
            }
            if (!isText(key) || !isText(state)) {
                throw new IllegalArgumentException(
                        "a reader's state and its key are texts: they hold no NUL and no half"
                                + " a surrogate pair; encode other bytes, in Base64 for one");
            }
            readerStates.put(key, state);
            return this;
        }

        /** Unlike a record's texts, a state is kept with its blanks and line ends. */
        private static boolean isText(String text) {
            return text.indexOf('\0') < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(text);
        }

        /** The batch. */
        public Batch build() {
            return new Batch(this);
        }
    }
}
