package dev.tokenledger.benchmarks;

import java.io.PrintStream;
import java.util.Collection;
import java.util.Map;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Runs {@link PriceBookBenchmark} by JMH, with its count of what is allocated. */
final class PricingBench {

    static final Map<String, String> OPTIONS = Map.of("dir", "target/bench", "forks", "2", "iterations", "5");

    private static final double NANOS_TARGET = 1_000;

    private PricingBench() {}

    static void run(Options options, PrintStream out) throws Exception {
        Report report = Report.begin(out, "pricing", options, options.path("dir"));
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include(PriceBookBenchmark.class.getName())
                        .forks(options.count("forks"))
                        .measurementIterations(options.count("iterations"))
                        .addProfiler(GCProfiler.class)
                        .build())
                .run();
        for (RunResult result : results) {
            report.atMost(
                    "pricing one record",
                    NANOS_TARGET,
                    " ns",
                    result.getPrimaryResult().getScore());
            result.getSecondaryResults().forEach((name, value) -> {
                if (name.endsWith("alloc.rate.norm")) {
                    report.figure("allocated for it", " " + value.getScoreUnit(), value.getScore());
                }
            });
        }
        report.end();
    }
}
