package dev.tokenledger.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import dev.tokenledger.AppendResult;
import dev.tokenledger.Ledger;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.UsageRecord;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;

/**
 * Appends in batches of 5,000, each batch one commit, from one thread: in the order of time into a new ledger; and into
 * a copy of a large one fresh records, the same records again, and records scattered over all of its ninety days.
 * Making the records is not timed.
 */
final class BulkBench {

    static final Map<String, String> OPTIONS = Map.of(
            "dir",
            "target/bench",
            "records",
            "100_000",
            "existing",
            "200_000",
            "scattered",
            "50_000",
            "rounds",
            "3",
            "seed",
            "42");

    private static final double FRESH_TARGET = 100_000;
    private static final double SCATTERED_TARGET = 15_000;

    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    /** By the clock, and by the processor time of the whole process, compiler and collector included. */
    private record Speed(double recordsASecond, double recordsAProcessorSecond) {}

    private final Options options;
    private final Report report;
    private final Stores stores;

    private BulkBench(Options options, Report report) {
        this.options = options;
        this.report = report;
        this.stores = new Stores(options.path("dir"), report);
    }

    static void run(Options options, PrintStream out) throws Exception {
        Report report = Report.begin(out, "bulk", options, options.path("dir"));
        new BulkBench(options, report).measure();
        report.end();
    }

    private void measure() throws Exception {
        long records = options.number("records");
        long scattered = options.number("scattered");
        Workload small = new Workload(options.number("seed"), records, Workload.Labels.NONE);
        Workload large = new Workload(options.number("seed"), options.number("existing"), Workload.Labels.NONE);
        Path existing = stores.ledger(large, Workload.Labels.NONE);
        int rounds = options.count("rounds");
        List<Speed> ordered = new ArrayList<>();
        List<Speed> fresh = new ArrayList<>();
        List<Speed> again = new ArrayList<>();
        List<Speed> random = new ArrayList<>();
        double[] againToFresh = new double[rounds];
        // The first round warms up and does not count.
        for (int round = -1; round < rounds; round++) {
            Speed inOrder;
            try (Ledger ledger = Stores.openLedger(stores.fresh("bulk-new.db"))) {
                inOrder = append(ledger, records, small::record, AppendResult.Appended.class, "new, in order");
                check(ledger, records);
            }
            try (Ledger ledger = Stores.openLedger(stores.copy(existing, "bulk-existing.db"))) {
                LongFunction<UsageRecord> newest = i -> large.record(large.size() + i);
                Speed first = append(ledger, records, newest, AppendResult.Appended.class, "existing, fresh");
                Speed second = append(ledger, records, newest, AppendResult.Duplicate.class, "existing, again");
                Speed third =
                        append(ledger, scattered, large::scattered, AppendResult.Appended.class, "existing, scattered");
                check(ledger, large.size() + records + scattered);
                if (round >= 0) {
                    ordered.add(inOrder);
                    fresh.add(first);
                    again.add(second);
                    random.add(third);
                    againToFresh[round] = second.recordsASecond / first.recordsASecond;
                }
            }
        }
        Stores.delete(stores.fresh("bulk-new.db"));
        Stores.delete(stores.fresh("bulk-existing.db"));
        String into = Report.text(" into %,d", large.size());
        note("in the order of time, new ledger", FRESH_TARGET, ordered);
        note("in the order of time" + into, FRESH_TARGET, fresh);
        note("scattered over 90 days" + into, SCATTERED_TARGET, random);
        note("recent duplicates" + into, 0, again);
        report.atLeast("recent duplicates ÷ fresh rows" + into, 1, "×", againToFresh);
    }

    private void note(String name, double target, List<Speed> speeds) {
        double[] wall = speeds.stream().mapToDouble(Speed::recordsASecond).toArray();
        if (target > 0) {
            report.atLeast(name, target, " records/s", wall);
        } else {
            report.figure(name, " records/s", wall);
        }
        report.figure(
                name + ", by processor time",
                " records/s",
                speeds.stream().mapToDouble(Speed::recordsAProcessorSecond).toArray());
    }

    private Speed append(Ledger ledger, long count, LongFunction<UsageRecord> record, Class<?> expected, String what) {
        long nanos = 0;
        long processorNanos = 0;
        for (long first = 0; first < count; first += Stores.BATCH) {
            List<UsageRecord> batch = new ArrayList<>();
            for (long i = first; i < Math.min(count, first + Stores.BATCH); i++) {
                batch.add(record.apply(i));
            }
            long started = System.nanoTime();
            long used = SYSTEM.getProcessCpuTime();
            List<AppendResult> results = ledger.appendAll(batch);
            processorNanos += SYSTEM.getProcessCpuTime() - used;
            nanos += System.nanoTime() - started;
            if (!results.stream().allMatch(expected::isInstance)) {
                throw new IllegalStateException(what + ": not every record was " + expected.getSimpleName());
            }
        }
        double speed = count / (nanos / 1e9);
        Speed measured = new Speed(speed, count / (processorNanos / 1e9));
        report.line(
                "%-20s %,9.0f records/s, %,9.0f in a second of a processor (%,d records)",
                what, measured.recordsASecond, measured.recordsAProcessorSecond, count);
        return measured;
    }

    private static void check(Ledger ledger, long expected) {
        long stored = ledger.summary(TimeWindow.all()).totalRecords();
        if (stored != expected) {
            throw new IllegalStateException(Report.text("expected %,d records, the ledger has %,d", expected, stored));
        }
    }
}
