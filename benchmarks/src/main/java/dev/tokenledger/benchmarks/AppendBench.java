package dev.tokenledger.benchmarks;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Ledger;
import dev.tokenledger.benchmarks.BaselineStore.Writers;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * Durable appends of single records: each thread waits for its commit before it appends the next. Baseline and ledger
 * take turns, on new files, round after round; a ratio is taken within a round. With 16 threads the baseline's figure is
 * the best of its three ways to keep writers apart: the highest throughput, the lowest 99th percentile of the three.
 */
final class AppendBench {

    static final Map<String, String> OPTIONS =
            Map.of("dir", "target/bench", "rounds", "3", "seconds", "3", "warm-up", "1", "seed", "42");

    /** The baseline with so many threads is what everything is compared with. */
    private static final int REFERENCE = 16;

    private final Options options;
    private final Report report;
    private final Stores stores;
    private final Workload workload;
    private long next;

    /** What counts of one or more runs. */
    private interface Measured {
        double recordsASecond();

        double p99Millis();
    }

    /** One store's run with so many threads. */
    private record Run(double recordsASecond, Sample latencies) implements Measured {
        @Override
        public double p99Millis() {
            return latencies.p99();
        }
    }

    /** The best of several runs, each figure by itself. */
    private record Best(double recordsASecond, double p99Millis) implements Measured {
        static Best of(List<Run> runs) {
            return new Best(
                    runs.stream().mapToDouble(Run::recordsASecond).max().orElseThrow(),
                    runs.stream().mapToDouble(Run::p99Millis).min().orElseThrow());
        }
    }

    /** What was measured with so many threads, round by round. */
    private static final class Series {

        final int threads;
        final List<Measured> baseline = new ArrayList<>();
        final List<Measured> ledger = new ArrayList<>();

        Series(int threads) {
            this.threads = threads;
        }
    }

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
        Series alone = new Series(1);
        Series sixteen = new Series(REFERENCE);
        Series sixtyFour = new Series(64);
        List<Series> all = List.of(alone, sixteen, sixtyFour);
        for (int round = -options.count("warm-up"); round < rounds; round++) {
            for (Series series : all) {
                measure(round, series);
            }
        }
        String beside = " ÷ baseline, 16 threads: records/s";
        double[] reference = speeds(sixteen.baseline);
        report.atLeast("ledger, 1 thread" + beside, 0.8, "×", ratios(speeds(alone.ledger), reference));
        report.atLeast("ledger, 16 threads" + beside, 4.5, "×", ratios(speeds(sixteen.ledger), reference));
        report.atLeast("ledger, 64 threads" + beside, 9, "×", ratios(speeds(sixtyFour.ledger), reference));
        report.atMost(
                "ledger ÷ baseline, 16 threads: p99",
                1 / 3.0,
                "×",
                ratios(p99s(sixteen.ledger), p99s(sixteen.baseline)));
        report.figure(
                "ledger, 1 thread ÷ baseline, 1 thread: records/s",
                "×",
                ratios(speeds(alone.ledger), speeds(alone.baseline)));
        for (Series series : all) {
            String threads = ", threads: " + series.threads;
            report.figure("baseline" + threads, " records/s", speeds(series.baseline));
            report.figure("baseline" + threads + ", p99", " ms", p99s(series.baseline));
            report.figure("ledger" + threads, " records/s", speeds(series.ledger));
            report.figure("ledger" + threads + ", p99", " ms", p99s(series.ledger));
        }
    }

    private void measure(int round, Series series) throws Exception {
        List<Run> runs = new ArrayList<>();
        for (Writers writers :
                series.threads == REFERENCE ? EnumSet.allOf(Writers.class) : EnumSet.of(Writers.FIRST_COME)) {
            Run run = baseline(writers, series.threads);
            print(round, "baseline " + writers.name().toLowerCase(Locale.ROOT), series.threads, run);
            runs.add(run);
        }
        Run run = ledger(series.threads);
        print(round, "ledger", series.threads, run);
        if (round >= 0) {
            series.baseline.add(Best.of(runs));
            series.ledger.add(run);
        }
    }

    private Run baseline(Writers writers, int threads) throws Exception {
        List<UsageRecord> records = records(8_000);
        List<Cost> costs = new ArrayList<>();
        records.forEach(record ->
                costs.add(PriceBook.bundled().price(record, record.timestamp().orElseThrow())));
        try (BaselineStore store = BaselineStore.open(stores.fresh("append-baseline.db"), writers)) {
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
        Load.Run run = Load.run(threads, most, options.number("seconds"), append);
        return new Run(run.recordsASecond(), run.millis());
    }

    private static void check(long stored, Run run) throws IOException {
        if (stored != run.latencies().size()) {
            throw new IOException("acknowledged " + run.latencies().size() + " records, but the store has " + stored);
        }
    }

    private void print(int round, String store, int threads, Run run) {
        report.line(
                "%s %-24s threads %2d: %,8.0f records/s, p50 %.2f, p99 %.2f, max %.1f ms (%,d records)",
                round < 0 ? "warm-up" : "round " + (round + 1),
                store,
                threads,
                run.recordsASecond(),
                run.latencies().median(),
                run.latencies().p99(),
                run.latencies().max(),
                run.latencies().size());
    }

    private static double[] speeds(List<? extends Measured> runs) {
        return runs.stream().mapToDouble(Measured::recordsASecond).toArray();
    }

    private static double[] p99s(List<? extends Measured> runs) {
        return runs.stream().mapToDouble(Measured::p99Millis).toArray();
    }

    private static double[] ratios(double[] values, double[] references) {
        double[] ratios = new double[values.length];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = values[i] / references[i];
        }
        return ratios;
    }
}
