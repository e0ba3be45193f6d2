package dev.tokenledger.benchmarks;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the starter adds to the start of a Spring Boot program: that of {@code examples/spring-boot} which does nothing, with the
 * starter and what it brings on its class path, and without, in turn. Build the example first.
 */
final class StarterBench {

    static final Map<String, String> OPTIONS = Map.of(
            "dir",
            "target/bench",
            "rounds",
            "5",
            "example",
            "examples/spring-boot",
            "jdk",
            System.getProperty("java.home"));

    private static final double TARGET = 1.1;
    private static final int WARM_UP = 2;
    private static final String PROGRAM = "dev.tokenledger.examples.spring.StartAlone";

    /** What the starter brings that the program would not have. */
    private static final List<String> BROUGHT = List.of("tokenledger-", "sqlite-jdbc-");

    private final Options options;
    private final Report report;

    private StarterBench(Options options, Report report) {
        this.options = options;
        this.report = report;
    }

    static void run(Options options, PrintStream out) throws Exception {
        Report report = Report.begin(out, "starter", options, options.path("dir"));
        new StarterBench(options, report).measure();
        report.end();
    }

    private void measure() throws Exception {
        Path ledger = new Stores(options.path("dir"), report).fresh("starter.db");
        String with = classPath(true);
        String without = classPath(false);
        double[] ratios = new double[options.count("rounds")];
        double[] withMillis = new double[ratios.length];
        double[] withoutMillis = new double[ratios.length];
        for (int round = -WARM_UP; round < ratios.length; round++) {
            double first = start(without, ledger);
            double second = start(with, ledger);
            if (round >= 0) {
                withoutMillis[round] = first;
                withMillis[round] = second;
                ratios[round] = second / first;
            }
        }
        report.atMost("a start with the starter ÷ without", TARGET, "×", ratios);
        report.figure("without", " ms", withoutMillis);
        report.figure("with", " ms", withMillis);
    }

    private String classPath(boolean brought) throws IOException {
        Path target = options.path("example").resolve("target");
        List<String> path = new ArrayList<>();
        path.add(target.resolve("classes").toString());
        try (Stream<Path> libraries = Files.list(target.resolve("lib"))) {
            libraries
                    .map(Path::toString)
                    .sorted()
                    .filter(library -> brought || BROUGHT.stream().noneMatch(library(library)::startsWith))
                    .forEach(path::add);
        }
        return String.join(File.pathSeparator, path);
    }

    private static String library(String path) {
        return String.valueOf(Path.of(path).getFileName());
    }

    /** How long a program took until it was ready, as it tells itself by the clock of its virtual machine, in milliseconds. */
    private double start(String classPath, Path ledger) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        options.path("jdk").resolve("bin").resolve("java").toString(),
                        "-cp",
                        classPath,
                        PROGRAM,
                        "--tokenledger.ledger=" + ledger)
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int exit = process.waitFor();
        String last = output.strip().substring(output.strip().lastIndexOf('\n') + 1);
        if (exit != 0 || !last.matches("[0-9]{1,9}")) {
            throw new IOException("the program ended with " + exit + ": " + output);
        }
        return Double.parseDouble(last);
    }
}
