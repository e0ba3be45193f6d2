package dev.tokenledger.benchmarks;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * Durable appends of single records: each thread waits for its commit before it appends the next. Baseline and ledger
 * take turns, on new files, round after round; a ratio is taken within a round.
 */
final class AppendBench {

    static final Map<String, String> OPTIONS =
            Map.of("dir", "target/bench", "rounds", "3", "seconds", "3", "warm-up", "1", "seed", "42");

    private static final int[] THREADS = {1, 16, 64};
    private static final int REFERENCE = 16;

    private final Options options;
    private final Report report;
    private final Stores stores;
    private final Workload workload;
    private long next;

    /** One store's run with so many threads. */
    private record Run(double recordsASecond, Sample latencies) {}

    private AppendBench(Options options, Report report) {
        this.options = options;
        this.report = report;
        this.stores = new Stores(options.path("dir"), report);
        this.workload = new Workload(options.number("seed"), 5_000_000, Workload.Labels.NONE);
    }

    static void run(Options options, PrintStream out) throws Exception {
        Report report = Report.begin(out, "append", options, options.path("dir"));
        new AppendBench(options, report).measure();
        report.end();
    }

    private void measure() throws Exception {
        int rounds = options.count("rounds");
        Run[][] baseline = new Run[THREADS.length][rounds];
        Run[][] ledger = new Run[THREADS.length][rounds];
        for (int round = -options.count("warm-up"); round < rounds; round++) {
            for (int i = 0; i < THREADS.length; i++) {
                Run first = baseline(THREADS[i]);
                Run second = ledger(THREADS[i]);
                print(round, "baseline", THREADS[i], first);
                print(round, "ledger", THREADS[i], second);
                if (round >= 0) {
                    baseline[i][round] = first;
                    ledger[i][round] = second;
                }
            }
        }
        Run[] reference = baseline[Arrays.binarySearch(THREADS, REFERENCE)];
        String beside = " ÷ baseline, 16 threads: records/s";
        report.atLeast("ledger, 1 thread" + beside, 0.8, "×", ratios(ledger[0], reference));
        report.atLeast("ledger, 16 threads" + beside, 4.5, "×", ratios(ledger[1], reference));
        report.atLeast("ledger, 64 threads" + beside, 9, "×", ratios(ledger[2], reference));
        report.atMost("ledger ÷ baseline, 16 threads: p99", 1 / 3.0, "×", p99Ratios(ledger[1], reference));
        report.figure("ledger, 1 thread ÷ baseline, 1 thread: records/s", "×", ratios(ledger[0], baseline[0]));
        for (int i = 0; i < THREADS.length; i++) {
            report.figure("baseline, threads " + THREADS[i], " records/s", speeds(baseline[i]));
            report.figure("baseline, threads " + THREADS[i] + ": p99", " ms", p99s(baseline[i]));
            report.figure("ledger, threads " + THREADS[i], " records/s", speeds(ledger[i]));
            report.figure("ledger, threads " + THREADS[i] + ": p99", " ms", p99s(ledger[i]));
        }
    }

    private Run baseline(int threads) throws Exception {
        List<UsageRecord> records = records(8_000);
        List<Cost> costs = new ArrayList<>();
        records.forEach(record ->
                costs.add(PriceBook.bundled().price(record, record.timestamp().orElseThrow())));
        try (BaselineStore store = BaselineStore.open(stores.fresh("append-baseline.db"))) {
            Run run = time(threads, records.size(), i -> store.append(records.get(i), costs.get(i)));
            check(store.total(workload.occurred(0), workload.occurred(next)).records(), run);
            return run;
        }
    }

    private Run ledger(int threads) throws Exception {
        List<UsageRecord> records = records(threads == 1 ? 10_000 : 60_000);
        try (Ledger store = Stores.openLedger(stores.fresh("append-ledger.db"))) {
            Run run = time(threads, records.size(), i -> {
                if (!(store.append(records.get(i)) instanceof AppendResult.Appended)) {
                    throw new IllegalStateException("not appended: " + records.get(i));
                }
            });
            check(store.summary(TimeWindow.all()).totalRecords(), run);
            return run;
        }
    }

    /** Enough records for one run, made before it, that no run had before. */
    private List<UsageRecord> records(int aSecond) {
        int count = aSecond * options.count("seconds");
        List<UsageRecord> records = workload.records(next, count);
        next += count;
        return records;
    }

    private Run time(int threads, int most, IntConsumer append) throws InterruptedException {
        System.gc();
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            CountDownLatch ready = new CountDownLatch(threads);
            CountDownLatch go = new CountDownLatch(1);
            AtomicInteger cursor = new AtomicInteger();
            long allowed = TimeUnit.SECONDS.toNanos(options.number("seconds"));
            List<Future<double[]>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                running.add(executor.submit(() -> {
                    double[] millis = new double[most];
                    int done = 0;
                    ready.countDown();
                    go.await();
                    long begun = System.nanoTime();
                    long started = begun;
                    for (int at = cursor.getAndIncrement(); at < most && started - begun < allowed; ) {
                        append.accept(at);
                        long ended = System.nanoTime();
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

    private static void check(long stored, Run run) throws IOException {
        if (stored != run.latencies().size()) {
            throw new IOException("acknowledged " + run.latencies().size() + " records, but the store has " + stored);
        }
    }

    private void print(int round, String store, int threads, Run run) {
        report.line(
                "%s %-8s threads %2d: %,8.0f records/s, p50 %.2f, p99 %.2f, max %.1f ms (%,d records)",
                round < 0 ? "warm-up" : "round " + (round + 1),
                store,
                threads,
                run.recordsASecond(),
                run.latencies().median(),
                run.latencies().p99(),
                run.latencies().max(),
                run.latencies().size());
    }

    private static double[] speeds(Run[] runs) {
        return Arrays.stream(runs).mapToDouble(Run::recordsASecond).toArray();
    }

    private static double[] p99s(Run[] runs) {
        return Arrays.stream(runs).mapToDouble(run -> run.latencies().p99()).toArray();
    }

    private static double[] ratios(Run[] runs, Run[] references) {
        return ratios(speeds(runs), speeds(references));
    }

    private static double[] p99Ratios(Run[] runs, Run[] references) {
        return ratios(p99s(runs), p99s(references));
    }

    private static double[] ratios(double[] values, double[] references) {
        double[] ratios = new double[values.length];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = values[i] / references[i];
        }
        return ratios;
    }
}
