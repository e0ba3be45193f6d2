package dev.tokenledger.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * How long answers took, in milliseconds.
 *
 * @param wall by the clock on the wall
 * @param processor what the asking thread used of a processor: what the answer takes on a machine without other work
 */
record Times(Sample wall, Sample processor) {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** Asks so often, and times each answer. */
    static Times of(int runs, Supplier<?> question) {
        double[] wall = new double[runs];
        double[] processor = new double[runs];
        for (int i = 0; i < runs; i++) {
            long started = System.nanoTime();
            long used = THREADS.getCurrentThreadCpuTime();
            Objects.requireNonNull(question.get());
            processor[i] = (THREADS.getCurrentThreadCpuTime() - used) / 1e6;
            wall[i] = (System.nanoTime() - started) / 1e6;
        }
        return new Times(Sample.of(wall), Sample.of(processor));
    }

    /** These answers and more. */
    Times and(Times more) {
        return new Times(wall.and(more.wall), processor.and(more.processor));
    }
}
