package dev.tokenledger.benchmarks;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The one door to all measurements: {@code java -jar benchmarks/target/benchmarks.jar PROGRAM [--option value]…}. */
public final class Bench {

    private static final Map<String, Program> PROGRAMS = new LinkedHashMap<>();

    static {
        PROGRAMS.put("data", new Program("describes the workload", DataBench.OPTIONS, DataBench::run));
        PROGRAMS.put("append", new Program("durable single appends", AppendBench.OPTIONS, AppendBench::run));
        PROGRAMS.put("bulk", new Program("appends in batches", BulkBench.OPTIONS, BulkBench::run));
        PROGRAMS.put("query", new Program("questions to a large ledger", QueryBench.OPTIONS, QueryBench::run));
        PROGRAMS.put("growth", new Program("what more records cost", GrowthBench.OPTIONS, GrowthBench::run));
        PROGRAMS.put(
                "attributes",
                new Program("what an attribute with many values costs", AttributesBench.OPTIONS, AttributesBench::run));
        PROGRAMS.put(
                "commandline", new Program("starting the program", CommandLineBench.OPTIONS, CommandLineBench::run));
        PROGRAMS.put(
                "agentlogs",
                new Program("importing an agent's transcripts", AgentLogsBench.OPTIONS, AgentLogsBench::run));
        PROGRAMS.put("server", new Program("the server under load", ServerBench.OPTIONS, ServerBench::run));
        PROGRAMS.put(
                "pressure",
                new Program(
                        "costly questions to a server with little memory", PressureBench.OPTIONS, PressureBench::run));
        PROGRAMS.put("pages", new Program("the dashboard's views", PagesBench.OPTIONS, PagesBench::run));
        PROGRAMS.put(
                "recording", new Program("what recording adds to a call", RecordingBench.OPTIONS, RecordingBench::run));
        PROGRAMS.put(
                "capture",
                new Program("what reading an answer along allocates", CaptureBench.OPTIONS, CaptureBench::run));
        PROGRAMS.put(
                "starter",
                new Program(
                        "what the starter adds to a start of Spring Boot", StarterBench.OPTIONS, StarterBench::run));
        PROGRAMS.put(
                "shared",
                new Program(
                        "appends to PostgreSQL, beside SQLite and counters", SharedBench.OPTIONS, SharedBench::run));
        PROGRAMS.put(
                "sharedquery",
                new Program("questions to PostgreSQL, beside SQLite", SharedQueryBench.OPTIONS, SharedQueryBench::run));
        PROGRAMS.put(
                "copy",
                new Program(
                        "long questions to PostgreSQL, with and without a copy in ClickHouse",
                        CopyBench.OPTIONS,
                        CopyBench::run));
        PROGRAMS.put(
                "federation",
                new Program("several ledgers read as one", FederationBench.OPTIONS, FederationBench::run));
        PROGRAMS.put("whatif", new Program("pricing calls again", WhatIfBench.OPTIONS, WhatIfBench::run));
        PROGRAMS.put("pricing", new Program("pricing one record (JMH)", PricingBench.OPTIONS, PricingBench::run));
    }

    private Bench() {}

    /** Measures something and prints it. */
    @FunctionalInterface
    private interface Main {
        void run(Options options, PrintStream out) throws Exception;
    }

    private record Program(String summary, Map<String, String> options, Main main) {}

    /**
     * Runs one program.
     *
     * @param arguments its name, then its options
     */
    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Program program = arguments.length == 0 ? null : PROGRAMS.get(arguments[0]);
        if (program == null) {
            usage();
            return;
        }
        Options options;
        try {
            options = Options.parse(Arrays.asList(arguments).subList(1, arguments.length), program.options());
        } catch (IllegalArgumentException e) {
            System.err.println("benchmarks " + arguments[0] + ": " + e.getMessage());
            System.exit(2);
            return;
        }
        program.main().run(options, out);
    }

    private static void usage() {
        System.err.println("usage: java -jar benchmarks.jar PROGRAM [--option value]…");
        PROGRAMS.forEach((name, program) -> System.err.println(
                Report.text("  %-12s %s; %s", name, program.summary(), Options.parse(List.of(), program.options()))));
        System.exit(2);
    }
}
