package dev.tokenledger.benchmarks;

import dev.tokenledger.Ledger;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.UsageRecord;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Questions to a large ledger and to a baseline with the same records. Both are asked in turn, after a warm-up, and must
 * agree on the number of records and, within what floating-point sums lose, on the cost. A ratio is that of the medians
 * of a round.
 */
final class QueryBench {

    static final Map<String, String> OPTIONS = Map.of(
            "dir",
            "target/bench",
            "records",
            "200_000",
            "rounds",
            "5",
            "runs",
            "20",
            "warm-up",
            "200",
            "seed",
            "42",
            "batches",
            "20");

    private static final TimeWindow ALL = TimeWindow.of(Workload.START, Workload.END);
    private static final Instant ODD = Instant.parse("2026-02-11T07:17:05Z");
    private static final TimeWindow ODD_DAY = TimeWindow.of(ODD, ODD.plus(Duration.ofDays(1)));
    private static final TimeWindow RAGGED =
            TimeWindow.of(Instant.parse("2026-01-01T07:17:05Z"), Instant.parse("2026-03-31T19:42:58Z"));
    private static final Instant MONDAY = Instant.parse("2026-02-09T00:00:00Z");
    private static final TimeWindow DAY = TimeWindow.of(MONDAY, MONDAY.plus(Duration.ofDays(1)));
    private static final TimeWindow WEEK = TimeWindow.of(MONDAY, MONDAY.plus(Duration.ofDays(7)));
    private static final ZoneId KATHMANDU = ZoneId.of("Asia/Kathmandu");
    private static final Duration KATHMANDU_AHEAD = Duration.ofMinutes(345);
    private static final int SESSIONS_ASKED = 100;

    /** Dimensions that the baseline has a column for. */
    static final Map<Dimension, String> COLUMNS = new LinkedHashMap<>();

    static {
        COLUMNS.put(Dimension.MODEL, "model");
        COLUMNS.put(Dimension.UPSTREAM_MODEL, "upstream_model");
        COLUMNS.put(Dimension.PROVIDER, "provider");
        COLUMNS.put(Dimension.RESOURCE, "resource");
        COLUMNS.put(Dimension.ROLE, "role");
        COLUMNS.put(Dimension.TASK, "task_name");
        COLUMNS.put(Dimension.PRICING_STATUS, "pricing_status");
        COLUMNS.put(Dimension.OUTCOME, "outcome");
    }

    private final Options options;
    private final Report report;

    /** What a question came to, to compare answers with. */
    private record Answer(long records, double costUsd) {}

    /** Times of one question, round by round. */
    private record Asked(List<Times> ledger, List<Times> baseline) {

        double[] ledgerMedians() {
            return ledger.stream().mapToDouble(times -> times.wall().median()).toArray();
        }

        /** How many times as long the baseline took. */
        Ratio ratio() {
            return Ratio.of(baseline, ledger);
        }
    }

    private QueryBench(Options options, Report report) {
        this.options = options;
        this.report = report;
    }

    static void run(Options options, PrintStream out) throws Exception {
        Report report = Report.begin(out, "query", options, options.path("dir"));
        new QueryBench(options, report).measure();
        report.end();
    }

    private void measure() throws Exception {
        Stores stores = new Stores(options.path("dir"), report);
        Workload workload = new Workload(options.number("seed"), options.number("records"), Workload.Labels.NONE);
        Path ledgerFile = stores.ledger(workload, Workload.Labels.NONE);
        Path baselineFile = stores.baseline(workload, Workload.Labels.NONE);
        report.atMost(
                "file, indexes and roll-ups included",
                190,
                " bytes/record",
                (double) Files.size(ledgerFile) / workload.size());
        report.figure("baseline's file", " bytes/record", (double) Files.size(baselineFile) / workload.size());
        try (Ledger ledger = Stores.openLedger(ledgerFile);
                BaselineStore baseline = BaselineStore.open(baselineFile, BaselineStore.Writers.FIRST_COME)) {
            ask(workload, ledger, baseline);
            betweenBatches(stores.copy(ledgerFile, "query-growing.db"), workload, baseline);
            Stores.delete(stores.fresh("query-growing.db"));
        }
    }

    private void ask(Workload workload, Ledger ledger, BaselineStore baseline) {
        Asked total = ask("total, whole range", () -> total(ledger, ALL), () -> total(baseline, ALL));
        report.atLeast("total of the whole range: baseline ÷ ledger", 1_000, total.ratio());
        report.figure("total of the whole range", " ms", total.ledgerMedians());
        COLUMNS.forEach((dimension, column) -> {
            Asked by = ask(
                    "by " + dimension + ", whole range",
                    () -> by(ledger, dimension, ALL),
                    () -> sum(baseline.totalsBy(column, ALL.start(), ALL.end())));
            report.atLeast("whole range by " + dimension + ": baseline ÷ ledger", 1_000, by.ratio());
            report.atMost("whole range by " + dimension, 6, " ms", by.ledgerMedians());
        });
        for (Dimension dimension : List.of(Dimension.SOURCE, Dimension.SERVICE_TIER)) {
            Times by = ask("by " + dimension + ", whole range", () -> by(ledger, dimension, ALL));
            report.atMost("whole range by " + dimension, 6, " ms", by.wall().median());
        }
        Asked ragged = ask("total, ragged range", () -> total(ledger, RAGGED), () -> total(baseline, RAGGED));
        report.figure("total from 07:17:05 to 19:42:58: baseline ÷ ledger", ragged.ratio());
        report.figure("total from 07:17:05 to 19:42:58", " ms", ragged.ledgerMedians());
        Asked oddDay = ask("total, a day from 07:17:05", () -> total(ledger, ODD_DAY), () -> total(baseline, ODD_DAY));
        report.atLeast("a day from 07:17:05: baseline ÷ ledger", 19, oddDay.ratio());
        report.figure("a day from 07:17:05", " ms", oddDay.ledgerMedians());
        Asked oddDayByModel = ask(
                "by model, a day from 07:17:05",
                () -> by(ledger, Dimension.MODEL, ODD_DAY),
                () -> sum(baseline.totalsBy("model", ODD_DAY.start(), ODD_DAY.end())));
        report.atLeast("a day from 07:17:05 by model: baseline ÷ ledger", 19, oddDayByModel.ratio());
        report.figure("a day from 07:17:05 by model", " ms", oddDayByModel.ledgerMedians());
        Asked hourly = ask(
                "hourly by model, 7 days",
                () -> sum(
                        ledger,
                        SummaryQuery.over(WEEK)
                                .by(Dimension.MODEL)
                                .every(CalendarBucket.HOUR, ZoneId.of("UTC"))
                                .build()),
                () -> sum(baseline.hourlyByModel(WEEK.start(), WEEK.end())));
        report.atLeast("hourly by model over 7 days: baseline ÷ ledger", 45, hourly.ratio());
        report.figure("hourly by model over 7 days", " ms", hourly.ledgerMedians());
        Asked daily = ask(
                "daily by model, Kathmandu, 90 days",
                () -> sum(
                        ledger,
                        SummaryQuery.over(ALL)
                                .by(Dimension.MODEL)
                                .every(CalendarBucket.DAY, KATHMANDU)
                                .build()),
                () -> sum(baseline.dailyByModel(ALL.start(), ALL.end(), KATHMANDU_AHEAD)));
        report.atMost("daily by model over 90 days in +05:45", 25, " ms", daily.ledgerMedians());
        report.figure("daily by model over 90 days in +05:45: baseline ÷ ledger", daily.ratio());
        sessions(workload, ledger, baseline);
    }

    /**
     * Asks for the total between further batches, in the order of time and scattered: what a ledger has yet to put in
     * order then is part of the answer's time, so the slowest moment counts.
     */
    private void betweenBatches(Path copy, Workload workload, BaselineStore baseline) {
        Times ofBaseline = Times.of(options.count("rounds"), () -> total(baseline, ALL));
        try (Ledger ledger = Stores.openLedger(copy)) {
            Times.of(options.count("warm-up"), () -> total(ledger, ALL));
            List<Times> ordered = new ArrayList<>();
            List<Times> scattered = new ArrayList<>();
            for (int batch = 0; batch < options.count("batches"); batch++) {
                long first = (long) batch * Stores.BATCH;
                ledger.appendAll(workload.records(workload.size() + first, Stores.BATCH));
                ordered.add(Times.of(options.count("runs"), () -> total(ledger, TimeWindow.all())));
            }
            for (int batch = 0; batch < options.count("batches"); batch++) {
                List<UsageRecord> records = new ArrayList<>();
                for (int i = 0; i < Stores.BATCH; i++) {
                    records.add(workload.scattered((long) batch * Stores.BATCH + i));
                }
                ledger.appendAll(records);
                scattered.add(Times.of(options.count("runs"), () -> total(ledger, TimeWindow.all())));
            }
            noteSlowest("ordered", ordered, ofBaseline);
            noteSlowest("scattered", scattered, ofBaseline);
        }
    }

    private void noteSlowest(String kind, List<Times> times, Times ofBaseline) {
        Times slowest = times.stream()
                .max(Comparator.comparingDouble(one -> one.processor().median()))
                .orElseThrow();
        String name = Report.text("total between %d %s batches, slowest", times.size(), kind);
        report.atLeast(name + ": baseline ÷ ledger", 1_000, Ratio.of(List.of(ofBaseline), List.of(slowest)));
        report.figure(
                Report.text("total between %d %s batches", times.size(), kind),
                " ms",
                times.stream().mapToDouble(one -> one.wall().median()).toArray());
    }

    private void sessions(Workload workload, Ledger ledger, BaselineStore baseline) {
        SplittableRandom random = new SplittableRandom(workload.seed());
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < SESSIONS_ASKED; i++) {
            ids.add(workload.session(random.nextLong(workload.sessions())));
        }
        Asked sessions = ask(
                Report.text("%d sessions of %,d", SESSIONS_ASKED, workload.sessions()),
                () -> {
                    long records = 0;
                    double cost = 0;
                    for (String id : ids) {
                        var found = ledger.sessionTotal(id);
                        records += found.totalRecords();
                        cost += found.totalCost().toBigDecimal().doubleValue();
                    }
                    return new Answer(records, cost);
                },
                () -> sum(ids.stream().map(baseline::session).toList()));
        report.atMost(
                Report.text("one session's total among %,d", workload.sessions()),
                1,
                " ms",
                sessions.ledger().stream()
                        .mapToDouble(times -> times.wall().median() / SESSIONS_ASKED)
                        .toArray());
        report.figure("one session's total: baseline ÷ ledger", sessions.ratio());
        Asked top = ask(
                "top 20 sessions of a day",
                () -> sum(ledger
                        .summaries(SummaryQuery.over(DAY)
                                .by(Dimension.SESSION)
                                .limit(20)
                                .build())
                        .stream()
                        .filter(row -> !row.other())
                        .toList()),
                () -> sum(baseline.topSessions(DAY.start(), DAY.end(), 20)));
        report.atMost("top 20 sessions of a day", 50, " ms", top.ledgerMedians());
        report.figure("top 20 sessions of a day: baseline ÷ ledger", top.ratio());
    }

    private Asked ask(String question, Supplier<Answer> ofLedger, Supplier<Answer> ofBaseline) {
        check(question, ofLedger.get(), ofBaseline.get());
        Times.of(options.count("warm-up"), ofLedger);
        Asked asked = new Asked(new ArrayList<>(), new ArrayList<>());
        for (int round = 0; round < options.count("rounds"); round++) {
            asked.ledger().add(Times.of(options.count("runs"), ofLedger));
            // What takes a second need not be repeated twenty times to be known well.
            Times first = Times.of(1, ofBaseline);
            asked.baseline().add(first.wall().min() > 100 ? first : first.and(Times.of(10, ofBaseline)));
        }
        print(question, "ledger", asked.ledger());
        print(question, "baseline", asked.baseline());
        return asked;
    }

    private Times ask(String question, Supplier<Answer> ofLedger) {
        Times.of(options.count("warm-up"), ofLedger);
        Times latencies = Times.of(options.count("runs") * options.count("rounds"), ofLedger);
        print(question, "ledger", List.of(latencies));
        return latencies;
    }

    private static void check(String question, Answer ledger, Answer baseline) {
        if (ledger.records() != baseline.records()
                || Math.abs(ledger.costUsd() - baseline.costUsd()) > 1e-9 * Math.abs(ledger.costUsd())) {
            throw new IllegalStateException(question + ": the ledger says " + ledger + ", the baseline " + baseline);
        }
    }

    private void print(String question, String store, List<Times> rounds) {
        Times all = rounds.stream().reduce(Times::and).orElseThrow();
        report.line(
                "%-36s %-8s min %9.3f, median %9.3f, max %9.3f ms; processor median %9.3f ms (%d runs)",
                question,
                store,
                all.wall().min(),
                all.wall().median(),
                all.wall().max(),
                all.processor().median(),
                all.wall().size());
    }

    private static Answer total(Ledger ledger, TimeWindow window) {
        var total = ledger.summary(window);
        return new Answer(total.totalRecords(), total.totalCost().toBigDecimal().doubleValue());
    }

    private static Answer total(BaselineStore baseline, TimeWindow window) {
        return sum(List.of(baseline.total(window.start(), window.end())));
    }

    private static Answer by(Ledger ledger, Dimension dimension, TimeWindow window) {
        return sum(ledger.summaryBy(dimension, window));
    }

    private static Answer sum(Ledger ledger, SummaryQuery query) {
        return sum(ledger.summaries(query));
    }

    private static Answer sum(List<?> rows) {
        long records = 0;
        double cost = 0;
        for (Object row : rows) {
            if (row instanceof GroupedSummary grouped) {
                records += grouped.summary().totalRecords();
                cost += grouped.summary().totalCost().toBigDecimal().doubleValue();
            } else if (row instanceof BaselineStore.Row plain) {
                records += plain.records();
                cost += plain.costUsd();
            }
        }
        return new Answer(records, cost);
    }
}
