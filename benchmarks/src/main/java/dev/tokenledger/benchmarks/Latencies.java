package dev.tokenledger.benchmarks;

import java.util.Arrays;

/** Measured times of one kind of work, in milliseconds. */
record Latencies(double[] sortedMillis) {

    /** Sorts a copy. */
    Latencies {
        sortedMillis = sortedMillis.clone();
        Arrays.sort(sortedMillis);
    }

    /** Runs something so often, timing each run. */
    static Latencies of(int runs, Runnable work) {
        double[] millis = new double[runs];
        for (int i = 0; i < runs; i++) {
            long started = System.nanoTime();
            work.run();
            millis[i] = (System.nanoTime() - started) / 1e6;
        }
        return new Latencies(millis);
    }

    /** These times and more. */
    Latencies and(Latencies more) {
        double[] both = Arrays.copyOf(sortedMillis, sortedMillis.length + more.sortedMillis.length);
        System.arraycopy(more.sortedMillis, 0, both, sortedMillis.length, more.sortedMillis.length);
        return new Latencies(both);
    }

    double min() {
        return sortedMillis[0];
    }

    double median() {
        return sortedMillis[sortedMillis.length / 2];
    }

    double p99() {
        return sortedMillis[(int) (sortedMillis.length * 0.99)];
    }

    double max() {
        return sortedMillis[sortedMillis.length - 1];
    }
}
