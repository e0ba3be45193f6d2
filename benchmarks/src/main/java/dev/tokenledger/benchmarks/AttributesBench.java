package dev.tokenledger.benchmarks;

import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * What an attribute with 100,000 values costs everything else: the same records without labels, with a few (team,
 * project), and with a user on top, asked the same questions in turn.
 */
final class AttributesBench {

    static final Map<String, String> OPTIONS = Map.of(
            "dir", "target/bench", "records", "200_000", "rounds", "5", "runs", "20", "warm-up", "100", "seed", "42");

    private static final TimeWindow ALL = TimeWindow.of(Workload.START, Workload.END);
    private static final Instant ODD = Instant.parse("2026-02-11T07:17:05Z");
    private static final TimeWindow ODD_DAY = TimeWindow.of(ODD, ODD.plus(Duration.ofDays(1)));
    private static final Instant MONDAY = Instant.parse("2026-02-09T00:00:00Z");
    private static final TimeWindow DAY = TimeWindow.of(MONDAY, MONDAY.plus(Duration.ofDays(1)));
    private static final TimeWindow WEEK = TimeWindow.of(MONDAY, MONDAY.plus(Duration.ofDays(7)));

    /** Times of other dimensions may differ by so much because of an attribute that they do not ask for. */
    private static final double UNAFFECTED = 1.2;

    private static final int WIDE_RECORDS = 100_000;
    private static final int WIDE_BATCH = 1_000;

    private final Options options;
    private final Report report;
    private final Map<Workload.Labels, Ledger> ledgers = new EnumMap<>(Workload.Labels.class);

    private AttributesBench(Options options, Report report) {
        this.options = options;
        this.report = report;
    }

    static void run(Options options, PrintStream out) throws Exception {
        Report report = Report.begin(out, "attributes", options, options.path("dir"));
        new AttributesBench(options, report).measure();
        report.end();
    }

    private void measure() throws Exception {
        Stores stores = new Stores(options.path("dir"), report);
        try {
            for (Workload.Labels labels : Workload.Labels.values()) {
                Workload workload = new Workload(options.number("seed"), options.number("records"), labels);
                Path file = stores.ledger(workload, labels);
                report.figure(
                        "file with labels " + labels, " bytes/record", (double) Files.size(file) / workload.size());
                sizes(labels, file);
                ledgers.put(labels, Stores.openLedger(file));
            }
            ask();
            wide();
        } finally {
            ledgers.values().forEach(Ledger::close);
        }
    }

    /** What the dearest attributes that are still rolled up cost: many keys, each with nearly as many values as may be. */
    private void wide() throws IOException {
        for (int keys : new int[] {2, 16}) {
            Path file = options.path("dir").resolve("attributes-wide.db");
            Stores.delete(file);
            SplittableRandom random = new SplittableRandom(options.number("seed"));
            long begun = System.nanoTime();
            try (Ledger ledger = SqliteLedger.open(file, PriceBook.empty())) {
                for (int first = 0; first < WIDE_RECORDS; first += WIDE_BATCH) {
                    List<UsageRecord> records = new ArrayList<>();
                    for (int i = first; i < first + WIDE_BATCH; i++) {
                        UsageRecord.Builder record = UsageRecord.builder()
                                .id("wide-" + i)
                                .timestamp(Workload.START.plusSeconds(i))
                                .model("model-1")
                                .inputTokens(i);
                        for (int key = 0; key < keys; key++) {
                            record.attribute("key-" + key, "value-" + random.nextInt(900));
                        }
                        records.add(record.build());
                    }
                    ledger.appendAll(records);
                }
            }
            double seconds = (System.nanoTime() - begun) / 1e9;
            report.figure(keys + " attributes with 900 values each", " records/s", WIDE_RECORDS / seconds);
            report.figure("the same", " bytes/record", (double) Files.size(file) / WIDE_RECORDS);
            Stores.delete(file);
        }
    }

    private void ask() {
        compare("total, whole range", SummaryQuery.over(ALL).build());
        compare(
                "by model, whole range",
                SummaryQuery.over(ALL).by(Dimension.MODEL).build());
        compare(
                "by task, whole range",
                SummaryQuery.over(ALL).by(Dimension.TASK).build());
        compare(
                "by model, a day from 07:17:05",
                SummaryQuery.over(ODD_DAY).by(Dimension.MODEL).build());
        compare(
                "hourly by model, 7 days",
                SummaryQuery.over(WEEK)
                        .by(Dimension.MODEL)
                        .every(CalendarBucket.HOUR, ZoneOffset.UTC)
                        .build());
        compare(
                "by team, whole range",
                SummaryQuery.over(ALL).by(Dimension.attribute("team")).build());
        compare(
                "by team and model, whole range",
                SummaryQuery.over(ALL)
                        .by(Dimension.attribute("team"), Dimension.MODEL)
                        .build());
        Dimension user = Dimension.attribute("user");
        askOnce(
                "top 20 users of a day",
                SummaryQuery.over(DAY).by(user).limit(20).build());
        askOnce(
                "one user, whole range",
                SummaryQuery.over(ALL).where(user, "user-4711@example.com").build());
        askOnce(
                "top 20 users, whole range",
                SummaryQuery.over(ALL).by(user).limit(20).build());
    }

    /** An attribute with so many values is not rolled up: answers are read from the records, and take their time. */
    private void askOnce(String question, SummaryQuery query) {
        Times times = Times.of(1, () -> ledger(Workload.Labels.USERS).summaries(query));
        report.figure(question + " (asked once)", " ms", times.wall().median());
    }

    /** Asks the ledgers with few labels and with users in turn. */
    private void compare(String question, SummaryQuery query) {
        Ledger few = ledger(Workload.Labels.FEW);
        Ledger users = ledger(Workload.Labels.USERS);
        if (!few.summaries(query).equals(users.summaries(query))) {
            throw new IllegalStateException(question + ": the ledgers disagree");
        }
        times(few, query);
        times(users, query);
        List<Times> without = new ArrayList<>();
        List<Times> with = new ArrayList<>();
        for (int round = 0; round < options.count("rounds"); round++) {
            without.add(times(few, query));
            with.add(times(users, query));
        }
        report.atMost(question + ": with 100,000 users ÷ without", UNAFFECTED, Ratio.of(with, without));
        report.figure(
                question + ": with 100,000 users",
                " ms",
                with.stream().mapToDouble(times -> times.wall().median()).toArray());
    }

    private Ledger ledger(Workload.Labels labels) {
        return Objects.requireNonNull(ledgers.get(labels), "every ledger was opened before");
    }

    private Times times(Ledger ledger, SummaryQuery query) {
        Times.of(options.count("warm-up") / 5, () -> ledger.summaries(query));
        return Times.of(options.count("runs"), () -> ledger.summaries(query));
    }

    /** The largest tables and indexes of a file, by SQLite's own account. */
    private void sizes(Workload.Labels labels, Path file) throws SQLException {
        List<String> found = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT name, SUM(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 8")) {
            while (rows.next()) {
                found.add(Report.text("%s %,d kB", rows.getString(1), rows.getLong(2) >> 10));
            }
        }
        report.line("labels %s: %s", labels, String.join(", ", found));
    }
}
