package dev.tokenledger.benchmarks;

import dev.tokenledger.Ledger;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The same questions over the whole range to two ledgers of the same ninety days, one with more records, in turn. */
final class GrowthBench {

    static final Map<String, String> OPTIONS = Map.of(
            "dir",
            "target/bench",
            "records",
            "50_000",
            "larger",
            "200_000",
            "rounds",
            "5",
            "runs",
            "20",
            "warm-up",
            "200",
            "seed",
            "42");

    private static final TimeWindow ALL = TimeWindow.of(Workload.START, Workload.END);
    private static final double TARGET = 1.5;

    private final Options options;
    private final Report report;

    private GrowthBench(Options options, Report report) {
        this.options = options;
        this.report = report;
    }

    static void run(Options options, PrintStream out) throws Exception {
        Report report = Report.begin(out, "growth", options, options.path("dir"));
        new GrowthBench(options, report).measure();
        report.end();
    }

    private void measure() throws Exception {
        Stores stores = new Stores(options.path("dir"), report);
        try (Ledger small = open(stores, options.number("records"));
                Ledger large = open(stores, options.number("larger"))) {
            compare("total", small, large, SummaryQuery.over(ALL).build());
            for (Dimension dimension : Dimension.all()) {
                if (!dimension.equals(Dimension.SESSION) && !dimension.equals(Dimension.CONVERSATION)) {
                    compare(
                            "by " + dimension,
                            small,
                            large,
                            SummaryQuery.over(ALL).by(dimension).build());
                }
            }
        }
    }

    private Ledger open(Stores stores, long records) throws Exception {
        Workload workload = new Workload(options.number("seed"), records, Workload.Labels.NONE);
        return Stores.openLedger(stores.ledger(workload, Workload.Labels.NONE));
    }

    private void compare(String question, Ledger small, Ledger large, SummaryQuery query) {
        Times.of(options.count("warm-up"), () -> small.summaries(query));
        Times.of(options.count("warm-up"), () -> large.summaries(query));
        List<Times> ofSmall = new ArrayList<>();
        List<Times> ofLarge = new ArrayList<>();
        for (int round = 0; round < options.count("rounds"); round++) {
            ofSmall.add(Times.of(options.count("runs"), () -> small.summaries(query)));
            ofLarge.add(Times.of(options.count("runs"), () -> large.summaries(query)));
        }
        String sizes = Report.text(": %,d ÷ %,d records", options.number("larger"), options.number("records"));
        report.atMost("whole range, " + question + sizes, TARGET, Ratio.of(ofLarge, ofSmall));
        report.figure(
                Report.text("whole range, %s: %,d records", question, options.number("larger")),
                " ms",
                ofLarge.stream().mapToDouble(times -> times.wall().median()).toArray());
    }
}
