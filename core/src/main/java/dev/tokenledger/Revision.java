package dev.tokenledger;

import dev.tokenledger.LedgerEntry.Kind;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Ledger#reconcile} has to do, decided in one place for every backend. Revisions of a key are named by the key
 * itself, then {@code key~2}, {@code key~3}, …, so that the unique id is all a backend needs to find them.
 */
public sealed interface Revision {

    /** The longest key, which leaves room for a revision's number in an id. */
    int LONGEST_KEY = 100;

    /** Nothing is to be written: the offered copy tells nothing new, or somebody reversed the record by hand. */
    record Known(RecordId id) implements Revision {}

    /** The key is new: its first revision is to be appended. */
    record First(UsageRecord record) implements Revision {}

    /** The revision in force is to be reversed, and the next one appended. */
    record Next(LedgerEntry replaced, UsageRecord record) implements Revision {}

    /**
     * Finds entries inside a backend's transaction.
     *
     * @param <E> what the backend's store throws
     */
    @FunctionalInterface
    interface Finder<E extends Exception> {
        /** The entry with this id, if there is one. */
        @Nullable
        LedgerEntry find(RecordId id) throws E;
    }

    /**
     * The id of a revision.
     *
     * @param number from 1
     */
    static RecordId id(String key, int number) {
        return RecordId.of(number == 1 ? key : key + "~" + number);
    }

    /**
     * The id of a key's first revision, which most records that are reconciled have already.
     *
     * @return the same as {@link #id} of the key and 1
     */
    static RecordId firstId(Batch.Step.Reconcile step) {
        RecordId own = step.record().id();
        return own.value().equals(step.key()) ? own : id(step.key(), 1);
    }

    /**
     * Decides what a copy just read means for the revisions that are there.
     *
     * @throws E as the finder throws it
     */
    static <E extends Exception> Revision of(Batch.Step.Reconcile step, Finder<E> entries) throws E {
        List<LedgerEntry> revisions = new ArrayList<>(1);
        RecordId first = firstId(step);
        for (LedgerEntry next = entries.find(first);
                next != null;
                next = entries.find(id(step.key(), revisions.size() + 1))) {
            revisions.add(next);
        }
        if (revisions.isEmpty()) {
            return new First(
                    step.record().id().equals(first)
                            ? step.record()
                            : step.record().toBuilder().id(first).build());
        }
        LedgerEntry newest = revisions.get(revisions.size() - 1);
        boolean seen = revisions.stream()
                .anyMatch(revision -> revision.kind() == Kind.USAGE
                        && revision.record().firstDifference(step.record()).isEmpty());
        if (seen || !newest.inForce()) {
            return new Known(newest.id());
        }
        UsageRecord merged = step.merge().merge(newest.record(), step.record());
        if (newest.record().firstDifference(merged).isEmpty()) {
            return new Known(newest.id());
        }
        return new Next(
                newest,
                merged.toBuilder()
                        .id(id(step.key(), revisions.size() + 1))
                        .timestamp(merged.timestamp().orElse(newest.occurred()))
                        .build());
    }
}
