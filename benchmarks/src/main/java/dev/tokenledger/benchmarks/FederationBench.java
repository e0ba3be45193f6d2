package dev.tokenledger.benchmarks;

import dev.tokenledger.FederatedLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Several ledgers read as one, beside each of them alone, in turn. Twice: as files of this machine, whose questions share its
 * processors, and each behind a network, so that most of a question is waiting. A ratio is that of the sum's median in a round to the
 * slowest ledger's.
 */
final class FederationBench {

    static final Map<String, String> OPTIONS = Map.of(
            "dir",
            "target/bench",
            "records",
            "100_000",
            "ledgers",
            "4",
            "away-millis",
            "10",
            "rounds",
            "5",
            "runs",
            "20",
            "warm-up",
            "100",
            "seed",
            "42");

    private static final double MAX_RATIO = 1.5;
    private static final TimeWindow ALL = TimeWindow.of(Workload.START, Workload.END);
    private static final Instant MONDAY = Instant.parse("2026-02-09T00:00:00Z");
    private static final TimeWindow DAY = TimeWindow.of(MONDAY, MONDAY.plus(Duration.ofDays(1)));

    private final Options options;
    private final Report report;

    private FederationBench(Options options, Report report) {
        this.options = options;
        this.report = report;
    }

    static void run(Options options, PrintStream out) throws Exception {
        Report report = Report.begin(out, "federation", options, options.path("dir"));
        new FederationBench(options, report).measure();
        report.end();
    }

    private void measure() throws Exception {
        Stores stores = new Stores(options.path("dir"), report);
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < options.count("ledgers"); i++) {
            Workload workload =
                    new Workload(options.number("seed") + i, options.number("records"), Workload.Labels.NONE);
            files.add(stores.ledger(workload, Workload.Labels.NONE));
        }
        report.line("%d processors", Runtime.getRuntime().availableProcessors());
        ask("files of this machine", files, Function.identity());
        long away = TimeUnit.MILLISECONDS.toNanos(options.count("away-millis"));
        ask(options.count("away-millis") + " ms away", files, ledger -> away(ledger, away));
    }

    private void ask(String where, List<Path> files, Function<Ledger, Ledger> network) {
        List<Ledger> alone = new ArrayList<>();
        FederatedLedger.Builder builder = FederatedLedger.builder();
        for (Path file : files) {
            alone.add(network.apply(Stores.openLedger(file)));
            builder.ledger("l" + alone.size(), network.apply(Stores.openLedger(file)));
        }
        try (FederatedLedger sum = builder.build()) {
            ask(where, "total", alone, sum, ledger -> ledger.summary(ALL));
            ask(
                    where,
                    "by model",
                    alone,
                    sum,
                    ledger -> total(
                            ledger, SummaryQuery.over(ALL).by(Dimension.MODEL).build()));
            ask(
                    where,
                    "daily by model in +05:45",
                    alone,
                    sum,
                    ledger -> total(
                            ledger,
                            SummaryQuery.over(ALL)
                                    .by(Dimension.MODEL)
                                    .every(CalendarBucket.DAY, ZoneId.of("Asia/Kathmandu"))
                                    .build()));
            ask(
                    where,
                    "top 20 sessions of a day",
                    alone,
                    sum,
                    ledger -> total(
                            ledger,
                            SummaryQuery.over(DAY)
                                    .by(Dimension.SESSION)
                                    .limit(20)
                                    .build()));
            RecordQuery page = RecordQuery.over(ALL).limit(100).build();
            ask(where, "the newest 100 records", alone, sum, ledger -> ledger.records(page));
        } finally {
            alone.forEach(Ledger::close);
        }
    }

    private void ask(String where, String what, List<Ledger> alone, FederatedLedger sum, Function<Ledger, ?> question) {
        if (question.apply(sum) instanceof Summary total) {
            Summary expected = alone.stream()
                    .map(ledger -> (Summary) question.apply(ledger))
                    .reduce(Summary.ZERO, Summary::plus);
            if (!expected.equals(total)) {
                throw new IllegalStateException(what + ": the sum is " + total + ", and of the ledgers " + expected);
            }
        }
        Times.of(options.count("warm-up"), () -> question.apply(sum));
        List<Times> slowest = new ArrayList<>();
        List<Times> together = new ArrayList<>();
        for (int round = 0; round < options.count("rounds"); round++) {
            Times most = null;
            for (Ledger ledger : alone) {
                Times times = Times.of(options.count("runs"), () -> question.apply(ledger));
                if (most == null || times.wall().median() > most.wall().median()) {
                    most = times;
                }
            }
            if (most != null) {
                slowest.add(most);
            }
            together.add(Times.of(options.count("runs"), () -> question.apply(sum)));
        }
        String name = what + ", " + where;
        report.figure(name + ": slowest ledger", " ms", medians(slowest));
        report.figure(name + ": all together", " ms", medians(together));
        double[] ratios = new double[together.size()];
        for (int i = 0; i < ratios.length; i++) {
            // By the wall alone: the asking thread of the sum waits.
            ratios[i] = together.get(i).wall().median() / slowest.get(i).wall().median();
        }
        report.atMost(name + ": together ÷ slowest", MAX_RATIO, "×", ratios);
    }

    private static double[] medians(List<Times> times) {
        return times.stream().mapToDouble(one -> one.wall().median()).toArray();
    }

    private static Summary total(Ledger ledger, SummaryQuery query) {
        return ledger.summaries(query).stream().map(GroupedSummary::summary).reduce(Summary.ZERO, Summary::plus);
    }

    /** A ledger that answers so much later, as over a network; waiting takes no processor. */
    private static Ledger away(Ledger ledger, long nanos) {
        return (Ledger) Proxy.newProxyInstance(
                FederationBench.class.getClassLoader(), new Class<?>[] {Ledger.class}, (proxy, method, arguments) -> {
                    TimeUnit.NANOSECONDS.sleep(nanos);
                    try {
                        // Methods that the interface has itself are asked of the ledger too.
                        return method.invoke(ledger, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
