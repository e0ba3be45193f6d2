package dev.tokenledger.server.ingest;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Stores what requests deliver, and tells whoever counts. Safe for use by many threads. */
public final class Ingest {

    private final Ledger ledger;
    private final PriceBook prices;
    private final InstantSource clock;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final AtomicInteger waiting = new AtomicInteger();

    /** Hears of every commit. Called by the thread that waited for it: it must be quick, and must not throw. */
    public interface Listener {
        /**
         * A batch was stored.
         *
         * @param duration how long the commit took, waiting for its turn included
         */
        void stored(List<Outcome> outcomes, Duration duration);
    }

    /** What became of one record. */
    public sealed interface Outcome {

        /** What the ledger said: appended, a duplicate, or a conflict. */
        record Answered(AppendResult result) implements Outcome {}

        /**
         * It was refused, and nothing of it stored; the others were.
         *
         * @param field the JSON name of the field at fault; empty if it is the record as a whole
         * @param reason what is wrong with it
         */
        record Rejected(String field, String reason) implements Outcome {}
    }

    /**
     * Stores into a ledger.
     *
     * @param prices the book that the ledger prices with, to find the record that it refuses to price
     */
    public Ingest(Ledger ledger, PriceBook prices, InstantSource clock) {
        this.ledger = ledger;
        this.prices = prices;
        this.clock = clock;
    }

    /** Tells somebody of every commit from now on. */
    public void addListener(Listener listener) {
        listeners.add(listener);
    }

    /** How many records were handed over and are not on disk yet. */
    public int waiting() {
        return waiting.get();
    }

    /**
     * Stores records in one commit, durable on return.
     *
     * @return an outcome for each record, in order
     */
    public List<Outcome> store(List<UsageRecord> records) {
        long start = System.nanoTime();
        List<Outcome> outcomes;
        waiting.addAndGet(records.size());
        try {
            outcomes = write(records);
        } finally {
            waiting.addAndGet(-records.size());
        }
        Duration duration = Duration.ofNanos(System.nanoTime() - start);
        listeners.forEach(listener -> listener.stored(outcomes, duration));
        return outcomes;
    }

    private List<Outcome> write(List<UsageRecord> records) {
        if (records.isEmpty()) {
            return List.of();
        }
        try {
            return answered(ledger.appendAll(records));
        } catch (IllegalArgumentException e) {
            // One of them costs more than a record can: the ledger took none. Leave out those, and store the others.
            return writeAffordable(records, e);
        }
    }

    private List<Outcome> writeAffordable(List<UsageRecord> records, IllegalArgumentException refusal) {
        List<Outcome> outcomes = new ArrayList<>(records.size());
        List<UsageRecord> affordable = new ArrayList<>(records.size());
        List<Integer> places = new ArrayList<>(records.size());
        Instant now = clock.instant();
        for (UsageRecord record : records) {
            try {
                prices.price(record, now);
                places.add(outcomes.size());
                affordable.add(record);
                // Its place is taken until the ledger has answered.
                outcomes.add(new Outcome.Rejected("", ""));
            } catch (IllegalArgumentException e) {
                outcomes.add(new Outcome.Rejected("cost_usd", String.valueOf(e.getMessage())));
            }
        }
        if (affordable.size() == records.size()) {
            throw refusal;
        }
        List<Outcome> stored = affordable.isEmpty() ? List.of() : answered(ledger.appendAll(affordable));
        for (int i = 0; i < stored.size(); i++) {
            outcomes.set(places.get(i), stored.get(i));
        }
        return outcomes;
    }

    private static List<Outcome> answered(List<AppendResult> results) {
        List<Outcome> outcomes = new ArrayList<>(results.size());
        results.forEach(result -> outcomes.add(new Outcome.Answered(result)));
        return outcomes;
    }
}
