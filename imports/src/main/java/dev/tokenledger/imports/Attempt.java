package dev.tokenledger.imports;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch.Step;
import dev.tokenledger.LedgerEntry.Kind;
import dev.tokenledger.WriteResult;
import dev.tokenledger.imports.ImportedCall.Offer;
import dev.tokenledger.usage.UsageRecord;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An offer on its way into the ledger: one step, and after an answer that decides nothing another. */
abstract class Attempt {

    /** How many further keys of a call are tried. */
    static final int MAX_OTHER_KEYS = 64;

    /** What the ledger's answer comes to. */
    sealed interface Verdict {

        /** There is a further {@link #step}. */
        record Again() implements Verdict {}

        /** The ledger holds the record, or a conflicting one. */
        record Answered(WriteResult result) implements Verdict {}

        /** The record is not stored. */
        record Refused(String reason) implements Verdict {}
    }

    private final Offer offer;
    private final CallOutcome outcome;

    private Attempt(Offer offer, CallOutcome outcome) {
        this.offer = offer;
        this.outcome = outcome;
    }

    static Attempt of(Offer offer, CallOutcome outcome) {
        if (offer instanceof Offer.Append append) {
            return new Plain(append, new Step.Append(append.record()), outcome);
        }
        if (offer instanceof Offer.Restore restore) {
            return new Plain(restore, new Step.Restore(restore.entry(), restore.price()), outcome);
        }
        return offer instanceof Offer.Correct correct
                ? new Correcting(correct, outcome)
                : new Revising((Offer.Revise) offer, outcome);
    }

    /** The call that the offer is from. */
    CallOutcome outcome() {
        return outcome;
    }

    /** The notes of the record that is offered; none of what is done to one. */
    Set<String> notes() {
        boolean later =
                offer instanceof Offer.Restore restore && restore.entry().kind() != Kind.USAGE;
        return later ? Set.of() : offer.record().notes();
    }

    /** What the ledger is asked to do now. */
    abstract Step step();

    /** What becomes of the offer by the answer to {@link #step}. */
    Verdict verdict(WriteResult result) {
        return result instanceof AppendResult.Rejected rejected
                ? new Verdict.Refused(rejected.reason())
                : decide(result);
    }

    abstract Verdict decide(WriteResult result);

    /** One step, whatever the answer. */
    private static final class Plain extends Attempt {

        private final Step step;

        Plain(Offer offer, Step step, CallOutcome outcome) {
            super(offer, outcome);
            this.step = step;
        }

        @Override
        Step step() {
            return step;
        }

        @Override
        Verdict decide(WriteResult result) {
            return new Verdict.Answered(result);
        }
    }

    /** Leaves the record in force as it is where it is another call's, and tells in what the two differ. */
    private static final class Correcting extends Attempt {

        private final Offer.Correct offer;
        private AppendResult.@Nullable Conflict conflict;

        Correcting(Offer.Correct offer, CallOutcome outcome) {
            super(offer, outcome);
            this.offer = offer;
        }

        @Override
        Step step() {
            return new Step.Revise(offer.record().id().value(), offer.elsewhere(), offer.record(), this::merge);
        }

        private UsageRecord merge(UsageRecord inForce, UsageRecord offered) {
            // A batch may be written again, after its first attempt failed.
            conflict = null;
            Optional<UsageRecord> merged;
            try {
                merged = offer.correction().merge(inForce, offered);
            } catch (IllegalArgumentException e) {
                // The two are no record together: the stored one stays, and the batch goes on.
                merged = Optional.empty();
            }
            if (merged.isEmpty()) {
                inForce.firstDifference(offered)
                        .ifPresent(difference -> conflict = new AppendResult.Conflict(
                                inForce.id(), difference.field(), difference.stored(), difference.offered()));
            }
            return merged.orElse(inForce);
        }

        @Override
        Verdict decide(WriteResult result) {
            return new Verdict.Answered(conflict == null ? result : conflict);
        }
    }

    /** Revises under the call's key, or under the next one where the ledger holds another call by that key. */
    private static final class Revising extends Attempt {

        private final Offer.Revise offer;
        private String key;
        private boolean another;
        private @Nullable String refusal;
        private int tries;

        Revising(Offer.Revise offer, CallOutcome outcome) {
            super(offer, outcome);
            this.offer = offer;
            key = offer.key();
        }

        @Override
        Step step() {
            another = false;
            refusal = null;
            return new Step.Revise(key, offer.elsewhere(), offer.record(), this::merge);
        }

        /** Leaves the record in force as it is where the two are no record together, so that the batch goes on. */
        private UsageRecord merge(UsageRecord inForce, UsageRecord offered) {
            // A batch may be written again, after its first attempt failed.
            another = false;
            refusal = null;
            try {
                Optional<UsageRecord> merged = offer.merge().merge(inForce, offered);
                another = merged.isEmpty();
                return merged.orElse(inForce);
            } catch (IllegalArgumentException e) {
                refusal = String.valueOf(e.getMessage());
                return inForce;
            }
        }

        @Override
        Verdict decide(WriteResult result) {
            if (refusal != null) {
                return new Verdict.Refused(refusal);
            }
            if (!another) {
                return new Verdict.Answered(result);
            }
            if (tries == MAX_OTHER_KEYS) {
                return new Verdict.Refused(
                        "the ledger holds other calls under all " + MAX_OTHER_KEYS + " keys that it could have");
            }
            String otherKey = offer.otherKeys().key(++tries);
            if (otherKey == null) {
                return new Verdict.Answered(result);
            }
            key = otherKey;
            return new Verdict.Again();
        }
    }
}
