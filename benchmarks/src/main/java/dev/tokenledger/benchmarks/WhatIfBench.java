package dev.tokenledger.benchmarks;

import dev.tokenledger.Ledger;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.formats.whatif.Scenario;
import dev.tokenledger.formats.whatif.WhatIf;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.TimeWindow;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What it takes to price all calls of a ledger again, beside reading them, in turn. Both must find all of them. */
final class WhatIfBench {

    static final Map<String, String> OPTIONS =
            Map.of("dir", "target/bench", "records", "1_000_000", "rounds", "3", "seed", "42");

    private static final double MAX_RATIO = 5;

    private static final TimeWindow ALL = TimeWindow.of(Workload.START, Workload.END);

    private WhatIfBench() {}

    static void run(Options options, PrintStream out) throws Exception {
        Report report = Report.begin(out, "whatif", options, options.path("dir"));
        Stores stores = new Stores(options.path("dir"), report);
        Workload workload = new Workload(options.number("seed"), options.number("records"), Workload.Labels.NONE);
        Path file = stores.ledger(workload, Workload.Labels.NONE);
        List<Times> reading = new ArrayList<>();
        List<Times> pricing = new ArrayList<>();
        try (Ledger ledger = Stores.openLedger(file)) {
            Scenario batch = new Scenario(Map.of(), Optional.of("batch"), false);
            for (int round = 0; round < options.number("rounds"); round++) {
                reading.add(Times.of(1, () -> check(workload, read(ledger))));
                pricing.add(Times.of(
                        1,
                        () -> check(
                                workload,
                                WhatIf.ask(ledger, ALL, Map.of(), PriceBook.bundled(), batch)
                                        .total()
                                        .records())));
            }
        }
        report.atMost("pricing all calls again ÷ reading them", MAX_RATIO, Ratio.of(pricing, reading));
        report.figure("reading", " ms", medians(reading));
        report.figure("pricing again", " ms", medians(pricing));
        report.end();
    }

    private static double[] medians(List<Times> times) {
        return times.stream().mapToDouble(each -> each.wall().median()).toArray();
    }

    private static long read(Ledger ledger) {
        RecordQuery.Builder query = RecordQuery.over(ALL).limit(RecordQuery.MAX_LIMIT);
        long count = 0;
        while (true) {
            RecordPage page = ledger.records(query.build());
            count += page.entries().size();
            if (page.next().isEmpty()) {
                return count;
            }
            query.after(page.next().get());
        }
    }

    private static long check(Workload workload, long found) {
        if (found != workload.size()) {
            throw new IllegalStateException("found " + found + " of " + workload.size() + " calls");
        }
        return found;
    }
}
