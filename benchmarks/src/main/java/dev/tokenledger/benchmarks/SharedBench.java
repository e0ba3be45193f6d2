package dev.tokenledger.benchmarks;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Ledger;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.UsageRecord;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Appends to a ledger in PostgreSQL, beside one in a file and beside {@link CounterStore}, in turn, on new tables, round after
 * round; a ratio is taken within a round. Server and callers share the machine. Then one process and two, whose commits take
 * 3 ms, as with a replica or a disk far away.
 */
final class SharedBench {

    static final Map<String, String> OPTIONS = Map.of(
            "dir",
            "target/bench",
            "rounds",
            "3",
            "seconds",
            "3",
            "bulk",
            "100_000",
            "commit-micros",
            "3000",
            "postgres",
            Servers.PROGRAMS,
            "seed",
            "42");

    private static final int[] CALLERS = {16, 64};
    private static final int MAX_A_SECOND = 40_000;

    private final Options options;
    private final Report report;
    private final Stores stores;
    private final Workload workload;
    private final Map<String, List<Double>> values = new TreeMap<>();
    private long next;

    /** Stores one record. */
    @FunctionalInterface
    private interface Append {
        void append(UsageRecord record, Cost cost);
    }

    private SharedBench(Options options, Report report) {
        this.options = options;
        this.report = report;
        this.stores = new Stores(options.path("dir"), report);
        this.workload = new Workload(options.number("seed"), 5_000_000, Workload.Labels.NONE);
    }

    static void run(Options options, PrintStream out) throws Exception {
        Report report = Report.begin(out, "shared", options, options.path("dir"));
        SharedBench bench = new SharedBench(options, report);
        bench.besideOthers();
        bench.severalProcesses();
        report.end();
    }

    private void besideOthers() throws Exception {
        try (PostgresServer server = Servers.start(options)) {
            // The first round warms up and does not count.
            for (int round = -1; round < options.count("rounds"); round++) {
                for (int callers : CALLERS) {
                    appends(round, callers, server);
                }
                bulk(round, server);
            }
        }
        for (int callers : CALLERS) {
            String at = ", " + callers + " callers";
            report.atLeast("PostgreSQL ÷ SQLite" + at + ": records/s", 0.6, "×", ratio("postgres", "sqlite", callers));
            report.atLeast(
                    "PostgreSQL ÷ counters" + at + ": records/s",
                    callers == 16 ? 4 : 10,
                    "×",
                    ratio("postgres", "counters", callers));
            report.atMost(
                    "PostgreSQL ÷ counters" + at + ": p99", 0.2, "×", ratio("postgres p99", "counters p99", callers));
            for (String store : List.of("postgres", "sqlite", "counters")) {
                report.figure(store + at, " records/s", all(store + callers));
                report.figure(store + at + ", p99", " ms", all(store + " p99" + callers));
            }
        }
        report.atLeast("PostgreSQL ÷ SQLite, batches of 5,000: records/s", 1, "×", ratio("postgres", "sqlite", 0));
        report.figure("postgres, batches of 5,000", " records/s", all("postgres0"));
        report.figure("sqlite, batches of 5,000", " records/s", all("sqlite0"));
    }

    private void appends(int round, int callers, PostgresServer server) throws Exception {
        try (Ledger ledger = Stores.openLedger(stores.fresh("shared-append.db"))) {
            Load.Run run = load(callers, ledger::appendAll, (record, cost) -> append(ledger, record));
            check(ledger.summary(TimeWindow.all()).totalRecords() - Stores.BATCH, run);
            note(round, "sqlite", callers, run);
        }
        String schema = server.newSchemaName();
        try (Ledger ledger = Servers.openLedger(server.dataSource(), schema)) {
            Load.Run run = load(callers, ledger::appendAll, (record, cost) -> append(ledger, record));
            check(ledger.summary(TimeWindow.all()).totalRecords() - Stores.BATCH, run);
            note(round, "postgres", callers, run);
        }
        server.dropSchema(schema);
        String counters = server.newSchemaName();
        server.execute("CREATE SCHEMA " + counters);
        PGSimpleDataSource source = server.dataSource();
        source.setCurrentSchema(counters);
        try (CounterStore store = new CounterStore(source)) {
            Load.Run run = load(callers, records -> {}, store::append);
            check(store.calls(), run);
            note(round, "counters", callers, run);
        }
        server.dropSchema(counters);
    }

    private static void append(Ledger ledger, UsageRecord record) {
        if (!(ledger.append(record) instanceof AppendResult.Appended)) {
            throw new IllegalStateException("not appended: " + record);
        }
    }

    /** @param prepare is given the records before those that are measured: a ledger that has been at work knows most sessions */
    private Load.Run load(int callers, Consumer<List<UsageRecord>> prepare, Append store) throws InterruptedException {
        prepare.accept(workload.records(next, Stores.BATCH));
        next += Stores.BATCH;
        int count = Math.multiplyExact(MAX_A_SECOND, options.count("seconds"));
        List<UsageRecord> records = workload.records(next, count);
        next += count;
        List<Cost> costs = new ArrayList<>(count);
        records.forEach(record ->
                costs.add(PriceBook.bundled().price(record, record.timestamp().orElseThrow())));
        return Load.run(
                callers,
                count,
                options.number("seconds"),
                number -> store.append(records.get(number), costs.get(number)));
    }

    private static void check(long stored, Load.Run run) throws IOException {
        if (stored != run.millis().size()) {
            throw new IOException("acknowledged " + run.millis().size() + " records, but the store has " + stored);
        }
    }

    private void bulk(int round, PostgresServer server) throws Exception {
        try (Ledger ledger = Stores.openLedger(stores.fresh("shared-bulk.db"))) {
            bulk(round, "sqlite", ledger);
        }
        String schema = server.newSchemaName();
        try (Ledger ledger = Servers.openLedger(server.dataSource(), schema)) {
            bulk(round, "postgres", ledger);
        }
        server.dropSchema(schema);
    }

    private void bulk(int round, String store, Ledger ledger) {
        long count = options.number("bulk");
        long nanos = 0;
        for (long first = 0; first < count; first += Stores.BATCH) {
            List<UsageRecord> batch = workload.records(first, (int) Math.min(Stores.BATCH, count - first));
            long started = System.nanoTime();
            ledger.appendAll(batch);
            nanos += System.nanoTime() - started;
        }
        double speed = count / (nanos / 1e9);
        report.line("%s %-9s batches of %,d: %,8.0f records/s", name(round), store, Stores.BATCH, speed);
        add(round, store + 0, speed);
    }

    private void severalProcesses() throws Exception {
        String delay = "commit_delay = " + options.number("commit-micros");
        try (PostgresServer server = Servers.start(options, delay, "commit_siblings = 0")) {
            List<Double> ratios = new ArrayList<>();
            for (int round = -1; round < options.count("rounds"); round++) {
                double one = processes(server, 1);
                double two = processes(server, 2);
                report.line(
                        "%s commits of %,d µs: one process %,8.0f records/s, two %,8.0f",
                        name(round), options.number("commit-micros"), one, two);
                if (round >= 0) {
                    ratios.add(two / one);
                    add(round, "one process", one);
                    add(round, "two processes", two);
                }
            }
            report.atLeast(
                    "two processes ÷ one, 64 callers each, slow commits: records/s",
                    1.3,
                    "×",
                    ratios.stream().mapToDouble(Double::doubleValue).toArray());
            report.figure("one process, slow commits", " records/s", all("one process"));
            report.figure("two processes, slow commits", " records/s", all("two processes"));
        }
    }

    /** What processes with 64 callers each store a second, together. */
    private double processes(PostgresServer server, int count) throws Exception {
        String schema = server.newSchemaName();
        Servers.openLedger(server.dataSource(), schema).close();
        List<Process> processes = new ArrayList<>();
        try {
            List<BufferedReader> outputs = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Process process = new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                SharedWriter.class.getName(),
                                Integer.toString(server.port()),
                                schema,
                                Long.toString(options.number("seed") + i),
                                Long.toString(options.number("seconds")))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
                processes.add(process);
                outputs.add(
                        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII)));
            }
            for (BufferedReader output : outputs) {
                expect(output, SharedWriter.READY);
            }
            for (Process process : processes) {
                process.getOutputStream().write('\n');
                process.getOutputStream().flush();
            }
            double speed = 0;
            for (BufferedReader output : outputs) {
                speed += Double.parseDouble(String.valueOf(output.readLine()));
            }
            return speed;
        } finally {
            processes.forEach(Process::destroy);
            for (Process process : processes) {
                process.waitFor();
            }
            server.dropSchema(schema);
        }
    }

    private static void expect(BufferedReader output, String line) throws IOException {
        String found = output.readLine();
        if (!line.equals(found)) {
            throw new IOException("the other process said " + found);
        }
    }

    private void note(int round, String store, int callers, Load.Run run) {
        report.line(
                "%s %-9s callers %2d: %,8.0f records/s, p50 %.2f, p99 %.2f, max %.1f ms",
                name(round),
                store,
                callers,
                run.recordsASecond(),
                run.millis().median(),
                run.millis().p99(),
                run.millis().max());
        add(round, store + callers, run.recordsASecond());
        add(round, store + " p99" + callers, run.millis().p99());
    }

    private static String name(int round) {
        return round < 0 ? "warm-up" : "round " + (round + 1);
    }

    private void add(int round, String series, double value) {
        if (round >= 0) {
            values.computeIfAbsent(series, absent -> new ArrayList<>()).add(value);
        }
    }

    private double[] all(String series) {
        return values.getOrDefault(series, List.of()).stream()
                .mapToDouble(Double::doubleValue)
                .toArray();
    }

    private double[] ratio(String one, String other, int callers) {
        double[] ratios = all(one + callers);
        double[] others = all(other + callers);
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] /= others[i];
        }
        return ratios;
    }
}
