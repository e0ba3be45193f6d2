package dev.tokenledger.benchmarks;

import java.util.Arrays;

/** Measured values of one kind. Immutable. */
final class Sample {

    private final double[] sorted;

    private Sample(double[] sorted) {
        this.sorted = sorted;
        Arrays.sort(sorted);
    }

    /** These values, at least one. */
    static Sample of(double... values) {
        return new Sample(values.clone());
    }

    /** These values and more. */
    Sample and(Sample more) {
        double[] both = Arrays.copyOf(sorted, sorted.length + more.sorted.length);
        System.arraycopy(more.sorted, 0, both, sorted.length, more.sorted.length);
        return new Sample(both);
    }

    int size() {
        return sorted.length;
    }

    double min() {
        return sorted[0];
    }

    double median() {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    double p99() {
        return sorted[(int) (sorted.length * 0.99)];
    }

    double max() {
        return sorted[sorted.length - 1];
    }
}
