package dev.tokenledger.benchmarks;

import dev.tokenledger.Ledger;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The same questions that roll-ups answer to a ledger in a file, one in PostgreSQL with the same records, and one in PostgreSQL with
 * more, in turn. The answers of the first two must be equal. Also how much a record takes on the server's disk.
 */
final class SharedQueryBench {

    static final Map<String, String> OPTIONS = Map.of(
            "dir",
            "target/bench",
            "records",
            "200_000",
            "larger",
            "800_000",
            "rounds",
            "5",
            "runs",
            "20",
            "warm-up",
            "200",
            "postgres",
            Servers.PROGRAMS,
            "seed",
            "42");

    private static final TimeWindow ALL = TimeWindow.of(Workload.START, Workload.END);
    private static final Instant MONDAY = Instant.parse("2026-02-09T00:00:00Z");
    private static final TimeWindow WEEK = TimeWindow.of(MONDAY, MONDAY.plus(Duration.ofDays(7)));

    private final Options options;
    private final Report report;

    private SharedQueryBench(Options options, Report report) {
        this.options = options;
        this.report = report;
    }

    static void run(Options options, PrintStream out) throws Exception {
        Report report = Report.begin(out, "sharedquery", options, options.path("dir"));
        new SharedQueryBench(options, report).measure();
        report.end();
    }

    private static Map<String, SummaryQuery> questions() {
        Map<String, SummaryQuery> questions = new LinkedHashMap<>();
        questions.put("total, whole range", SummaryQuery.over(ALL).build());
        for (Dimension dimension : Dimension.all()) {
            if (!dimension.equals(Dimension.SESSION) && !dimension.equals(Dimension.CONVERSATION)) {
                questions.put(
                        "by " + dimension + ", whole range",
                        SummaryQuery.over(ALL).by(dimension).build());
            }
        }
        questions.put(
                "hourly by model, 7 days",
                SummaryQuery.over(WEEK)
                        .by(Dimension.MODEL)
                        .every(CalendarBucket.HOUR, ZoneId.of("UTC"))
                        .build());
        questions.put(
                "daily by model in +05:45, 90 days",
                SummaryQuery.over(ALL)
                        .by(Dimension.MODEL)
                        .every(CalendarBucket.DAY, ZoneId.of("Asia/Kathmandu"))
                        .build());
        return questions;
    }

    private void measure() throws Exception {
        Stores stores = new Stores(options.path("dir"), report);
        Workload small = new Workload(options.number("seed"), options.number("records"), Workload.Labels.NONE);
        Workload large = new Workload(options.number("seed"), options.number("larger"), Workload.Labels.NONE);
        try (PostgresServer server = Servers.start(options)) {
            fill(server, "small", small);
            fill(server, "large", large);
            try (Ledger file = Stores.openLedger(stores.ledger(small, Workload.Labels.NONE));
                    Ledger shared = Servers.openLedger(server.dataSource(), "small");
                    Ledger larger = Servers.openLedger(server.dataSource(), "large")) {
                questions().forEach((name, query) -> compare(name, query, file, shared, larger));
            }
        }
    }

    private void fill(PostgresServer server, String schema, Workload workload) throws Exception {
        long started = System.nanoTime();
        try (Ledger ledger = Servers.openLedger(server.dataSource(), schema)) {
            for (long first = 0; first < workload.size(); first += Stores.BATCH) {
                ledger.appendAll(workload.records(first, (int) Math.min(Stores.BATCH, workload.size() - first)));
            }
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        double bytes = (double) Servers.bytes(server, schema) / workload.size();
        report.line("built %s: %,d records in %.0f s, %.1f bytes a record", schema, workload.size(), seconds, bytes);
        report.atMost(Report.text("tables, indexes and roll-ups of %,d", workload.size()), 240, " bytes/record", bytes);
    }

    private void compare(String name, SummaryQuery query, Ledger file, Ledger shared, Ledger larger) {
        if (!file.summaries(query).equals(shared.summaries(query))) {
            throw new IllegalStateException(name + ": the file and PostgreSQL answer differently");
        }
        List<Ledger> ledgers = List.of(file, shared, larger);
        List<List<Times>> times = new ArrayList<>();
        for (Ledger ledger : ledgers) {
            Times.of(options.count("warm-up"), () -> ledger.summaries(query));
            times.add(new ArrayList<>());
        }
        for (int round = 0; round < options.count("rounds"); round++) {
            for (int i = 0; i < ledgers.size(); i++) {
                Ledger ledger = ledgers.get(i);
                times.get(i).add(Times.of(options.count("runs"), () -> ledger.summaries(query)));
            }
        }
        // The server's processor time is not this thread's, so the clock alone counts.
        report.atMost(name + ": PostgreSQL ÷ SQLite", 2.5, "×", ratios(times.get(1), times.get(0)));
        report.atMost(
                Report.text("%s: %,d ÷ %,d records", name, options.number("larger"), options.number("records")),
                1.5,
                "×",
                ratios(times.get(2), times.get(1)));
        report.figure(name + ", PostgreSQL", " ms", medians(times.get(1)));
        report.line(
                "%s: %s",
                name,
                Report.text(
                        "SQLite %.3f, PostgreSQL %.3f ms",
                        Sample.of(medians(times.get(0))).median(),
                        Sample.of(medians(times.get(1))).median()));
    }

    private static double[] medians(List<Times> times) {
        return times.stream().mapToDouble(one -> one.wall().median()).toArray();
    }

    private static double[] ratios(List<Times> ones, List<Times> others) {
        double[] ratios = medians(ones);
        double[] of = medians(others);
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] /= of[i];
        }
        return ratios;
    }
}
