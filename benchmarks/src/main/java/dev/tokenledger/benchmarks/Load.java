package dev.tokenledger.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/** Many callers, each of which waits for its record to be stored before it has the next one stored. */
final class Load {

    /** What came of it. */
    record Run(double recordsASecond, Sample millis) {}

    private Load() {}

    /**
     * Has records stored by so many threads for a time.
     *
     * @param most how many records there are; it ends early when all are stored
     * @param append stores the record of a number, from 0
     */
    static Run run(int threads, int most, long seconds, IntConsumer append) throws InterruptedException {
        System.gc();
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            CountDownLatch ready = new CountDownLatch(threads);
            CountDownLatch go = new CountDownLatch(1);
            AtomicInteger cursor = new AtomicInteger();
            long allowed = TimeUnit.SECONDS.toNanos(seconds);
            List<Future<double[]>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                running.add(executor.submit(() -> {
                    double[] millis = new double[1024];
                    int done = 0;
                    ready.countDown();
                    go.await();
                    long begun = System.nanoTime();
                    long started = begun;
                    for (int at = cursor.getAndIncrement(); at < most && started - begun < allowed; ) {
                        append.accept(at);
                        long ended = System.nanoTime();
                        if (done == millis.length) {
                            millis = Arrays.copyOf(millis, 2 * done);
                        }
                        millis[done++] = (ended - started) / 1e6;
                        started = ended;
                        at = cursor.getAndIncrement();
                    }
                    return Arrays.copyOf(millis, done);
                }));
            }
            ready.await();
            long started = System.nanoTime();
            go.countDown();
            double[] all = new double[0];
            for (Future<double[]> one : running) {
                double[] more = one.get();
                int had = all.length;
                all = Arrays.copyOf(all, had + more.length);
                System.arraycopy(more, 0, all, had, more.length);
            }
            return new Run(all.length / ((System.nanoTime() - started) / 1e9), Sample.of(all));
        } catch (ExecutionException e) {
            throw new IllegalStateException("an append failed", e.getCause());
        } finally {
            executor.shutdownNow();
        }
    }
}
