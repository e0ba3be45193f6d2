package dev.tokenledger.server.ingest;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.Ledger;
import dev.tokenledger.WriteResult;
import dev.tokenledger.formats.budgets.BudgetGuard;
import dev.tokenledger.payloads.UnknownMembers;
import dev.tokenledger.server.keys.Stamp;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Stores what requests deliver, and tells whoever counts. Safe for use by many threads. */
public final class Ingest {

    private final Ledger ledger;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final AtomicInteger waiting = new AtomicInteger();

    /** Hears what becomes of records. Called by the thread that waited for it: it must be quick, and must not throw. */
    public interface Listener {
        /**
         * A batch was stored.
         *
         * @param duration how long the commit took, waiting for its turn included
         */
        void stored(List<Outcome> outcomes, Duration duration);

        /** So many were no records, and came to no batch. */
        void refused(int records);

        /**
         * Of the records that were stored, or took the place of another, so many state a member that their reader does not know.
         *
         * @param bearing whether it bears on the price, so that the record is partial; else it only may
         */
        default void unknownMember(boolean bearing, long records) {}

        /** A span or event that counts tokens was not understood. */
        default void ignored(String signal, String reason) {}

        /**
         * Data points of metrics came.
         *
         * @param program the program that sent them, or {@code other}
         */
        default void metricPoints(String program, long points) {}
    }

    /** What became of one record. */
    public sealed interface Outcome {

        /** What the ledger said: appended, a duplicate, or a conflict. */
        record Answered(AppendResult result) implements Outcome {}

        /** More was known of a call that was there already: its record was replaced. */
        record Corrected(WriteResult.Corrected result) implements Outcome {}

        /**
         * It was refused, and nothing of it stored; the others were.
         *
         * @param field the JSON name of the field at fault; empty if it is the record as a whole
         * @param reason what is wrong with it
         */
        record Rejected(String field, String reason) implements Outcome {}
    }

    /** Stores into a ledger. */
    public Ingest(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Tells somebody of every commit, and of what was refused, from now on. */
    public void addListener(Listener listener) {
        listeners.add(listener);
    }

    /** Tells somebody that something was committed, from now on; called as a {@link Listener} is. */
    public void addCommitListener(Runnable listener) {
        addListener(new Listener() {
            @Override
            public void stored(List<Outcome> outcomes, Duration duration) {
                listener.run();
            }

            @Override
            public void refused(int records) {
                // Nothing was committed.
            }
        });
    }

    /** How many records were handed over and are not on disk yet. */
    public int waiting() {
        return waiting.get();
    }

    /**
     * Stores records in one commit, durable on return.
     *
     * @param stamp what the sender's key puts on them; one that has no room for it is rejected
     * @return an outcome for each record, in order
     */
    public List<Outcome> store(Stamp stamp, List<UsageRecord> records) {
        return store(stamp, records, Optional.empty());
    }

    /**
     * Stores records and ends the reservation of their call, see {@link BudgetGuard}, in one commit, durable on return. Where there
     * is no record it stays as it is.
     *
     * @param stamp what the sender's key puts on them; one that has no room for it is rejected
     * @return an outcome for each record, in order
     */
    public List<Outcome> store(Stamp stamp, List<UsageRecord> records, Optional<String> reservation) {
        List<Batch.Step> steps = new ArrayList<>(records.size());
        List<Optional<Outcome>> rejections = new ArrayList<>(records.size());
        for (UsageRecord record : records) {
            try {
                steps.add(new Batch.Step.Append(stamp.on(record)));
                rejections.add(Optional.empty());
            } catch (IllegalArgumentException e) {
                rejections.add(Optional.of(new Outcome.Rejected("attributes", String.valueOf(e.getMessage()))));
            }
        }
        List<Outcome> stored = storeAll(steps, reservation);
        refused(records.size() - steps.size());
        List<Outcome> outcomes = new ArrayList<>(records.size());
        int next = 0;
        for (Optional<Outcome> rejection : rejections) {
            outcomes.add(rejection.isPresent() ? rejection.get() : stored.get(next++));
        }
        return outcomes;
    }

    /**
     * Stores what telemetry tells of calls that others may tell of too, in one commit, durable on return.
     *
     * @param stamp what the sender's key puts on them, in the place of labels that they have too many of
     * @return an outcome for each of them, in order
     * @see Ledger#revise
     */
    public List<Outcome> revise(Stamp stamp, List<Batch.Step.Revise> calls) {
        return storeAll(
                calls.stream()
                        .map(call -> (Batch.Step) new Batch.Step.Revise(
                                call.key(), call.elsewhere(), stamp.onTelemetry(call.record()), call.merge()))
                        .toList(),
                Optional.empty());
    }

    /** Says that so many of a request were no records; the others were stored. */
    public void refused(int records) {
        listeners.forEach(listener -> listener.refused(records));
    }

    /**
     * Says that a signal which counts tokens was not understood.
     *
     * @param signal {@code traces} or {@code logs}
     */
    public void ignored(String signal, String reason) {
        listeners.forEach(listener -> listener.ignored(signal, reason));
    }

    /**
     * Says that data points of metrics came.
     *
     * @param program the program that sent them, or {@code other}
     */
    public void metricPoints(String program, long points) {
        listeners.forEach(listener -> listener.metricPoints(program, points));
    }

    private List<Outcome> storeAll(List<Batch.Step> steps, Optional<String> reservation) {
        if (steps.isEmpty()) {
            return List.of();
        }
        long start = System.nanoTime();
        List<Outcome> outcomes;
        waiting.addAndGet(steps.size());
        try {
            outcomes = commit(steps, reservation);
        } finally {
            waiting.addAndGet(-steps.size());
        }
        Duration duration = Duration.ofNanos(System.nanoTime() - start);
        listeners.forEach(listener -> listener.stored(outcomes, duration));
        tellUnknownMembers(steps, outcomes);
        return outcomes;
    }

    private void tellUnknownMembers(List<Batch.Step> steps, List<Outcome> outcomes) {
        long price = 0;
        long perhaps = 0;
        for (int i = 0; i < outcomes.size(); i++) {
            Outcome outcome = outcomes.get(i);
            boolean stored = outcome instanceof Outcome.Corrected
                    || (outcome instanceof Outcome.Answered answered
                            && answered.result() instanceof AppendResult.Appended);
            if (stored && has(steps.get(i).record(), UsageRecord.UNPRICED_MEMBER)) {
                price++;
            } else if (stored && has(steps.get(i).record(), UnknownMembers.PERHAPS)) {
                perhaps++;
            }
        }
        if (price + perhaps > 0) {
            long bearing = price;
            long only = perhaps;
            listeners.forEach(listener -> {
                listener.unknownMember(true, bearing);
                listener.unknownMember(false, only);
            });
        }
    }

    private static boolean has(UsageRecord record, String prefix) {
        return record.notes().stream().anyMatch(note -> note.startsWith(prefix));
    }

    private List<Outcome> commit(List<Batch.Step> steps, Optional<String> reservation) {
        Batch.Builder batch = Batch.builder();
        steps.forEach(batch::step);
        reservation.ifPresent(name -> BudgetGuard.settle(batch, name));
        List<WriteResult> results = ledger.write(batch.build());
        List<Outcome> outcomes = new ArrayList<>(results.size());
        for (WriteResult result : results) {
            if (result instanceof WriteResult.Corrected corrected) {
                outcomes.add(new Outcome.Corrected(corrected));
            } else if (result instanceof AppendResult.Rejected rejected) {
                outcomes.add(new Outcome.Rejected(rejected.field(), rejected.reason()));
            } else {
                outcomes.add(new Outcome.Answered((AppendResult) result));
            }
        }
        return outcomes;
    }
}
