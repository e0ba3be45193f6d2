package dev.tokenledger.kafka;

import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Counts what an import does, and tells what goes wrong. Counted by one thread, read by any. */
final class Counters {

    private static final int MAX_PROBLEM = 1_024;

    final AtomicLong messages = new AtomicLong();
    final AtomicLong stored = new AtomicLong();
    final AtomicLong duplicates = new AtomicLong();
    final AtomicLong empty = new AtomicLong();
    final AtomicLong bad = new AtomicLong();
    final AtomicLong missed = new AtomicLong();
    final AtomicLong lostRaces = new AtomicLong();
    final AtomicLong failures = new AtomicLong();

    volatile OptionalLong lag = OptionalLong.empty();

    private final Consumer<String> problems;
    private volatile String lastProblem = "";

    Counters(Consumer<String> problems) {
        this.problems = problems;
    }

    /** A listener that fails does not stop the import. */
    void problem(String message) {
        String told = message.length() <= MAX_PROBLEM ? message : message.substring(0, MAX_PROBLEM - 1) + "…";
        lastProblem = told;
        try {
            problems.accept(told);
        } catch (RuntimeException e) {
            lastProblem = told + " (and its report failed)";
        }
    }

    KafkaImportStatistics snapshot() {
        return new KafkaImportStatistics(
                messages.get(),
                stored.get(),
                duplicates.get(),
                empty.get(),
                bad.get(),
                missed.get(),
                lostRaces.get(),
                failures.get(),
                lag,
                lastProblem);
    }
}
