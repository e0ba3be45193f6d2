package dev.tokenledger.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Wall time of the launcher's {@code --version} and of {@code summary} on the example ledger, beside an empty Java
 * program started with the same JDK and collector. The three are started in turn; a ratio is of two neighbours.
 */
final class CommandLineBench {

    static final Map<String, String> OPTIONS = Map.of(
            "dir", "target/bench",
            "program", "./tokenledger",
            "example", "examples/october.ndjson",
            "jdk", System.getProperty("java.home"),
            "rounds", "30");

    private static final double VERSION_TARGET = 2;
    private static final double SUMMARY_TARGET = 4;
    private static final int WARM_UP = 3;

    private final Options options;
    private final Report report;

    private CommandLineBench(Options options, Report report) {
        this.options = options;
        this.report = report;
    }

    static void run(Options options, PrintStream out) throws Exception {
        Report report = Report.begin(out, "commandline", options, options.path("dir"));
        new CommandLineBench(options, report).measure();
        report.end();
    }

    private void measure() throws Exception {
        Path folder = options.path("dir").toAbsolutePath();
        Path ledger = new Stores(folder, report).fresh("commandline.db");
        String program = options.path("program").toAbsolutePath().normalize().toString();
        List<String> importing = List.of(
                program,
                "--ledger",
                ledger.toString(),
                "import",
                "ndjson",
                options.path("example").toAbsolutePath().toString());
        List<String> version = List.of(program, "--version");
        List<String> summary = List.of(program, "--ledger", ledger.toString(), "summary", "--period", "all");
        List<String> empty = List.of(
                options.path("jdk").resolve("bin").resolve("java").toString(),
                "-XX:+UseSerialGC",
                "-cp",
                emptyProgram(folder).toString(),
                Empty.class.getName());
        start(importing);
        double[] versionRatios = new double[options.count("rounds")];
        double[] summaryRatios = new double[versionRatios.length];
        double[] emptyMillis = new double[versionRatios.length];
        double[] versionMillis = new double[versionRatios.length];
        double[] summaryMillis = new double[versionRatios.length];
        for (int round = -WARM_UP; round < versionRatios.length; round++) {
            double first = start(empty);
            double second = start(version);
            double third = start(summary);
            if (round >= 0) {
                emptyMillis[round] = first;
                versionMillis[round] = second;
                summaryMillis[round] = third;
                versionRatios[round] = second / first;
                summaryRatios[round] = third / first;
            }
        }
        report.atMost("tokenledger --version ÷ an empty program", VERSION_TARGET, "×", versionRatios);
        report.atMost("tokenledger summary ÷ an empty program", SUMMARY_TARGET, "×", summaryRatios);
        report.figure("the same of the fastest starts: --version", "×", min(versionMillis) / min(emptyMillis));
        report.figure("the same of the fastest starts: summary", "×", min(summaryMillis) / min(emptyMillis));
        report.figure("an empty program", " ms", emptyMillis);
        report.figure("tokenledger --version", " ms", versionMillis);
        report.figure("tokenledger summary", " ms", summaryMillis);
    }

    /** A folder with nothing but the empty program in it. */
    private static Path emptyProgram(Path folder) throws IOException {
        String file = Empty.class.getName().replace('.', '/') + ".class";
        Path target = folder.resolve("empty").resolve(file);
        Files.createDirectories(target.getParent());
        try (InputStream stream = Empty.class.getResourceAsStream("Empty.class")) {
            if (stream == null) {
                throw new IllegalStateException("the empty program is not on the class path");
            }
            Files.write(target, stream.readAllBytes());
        }
        return folder.resolve("empty");
    }

    /** Starts a program, waits for its end, and gives the milliseconds that took. */
    private double start(List<String> command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("TOKENLEDGER_JAVA_HOME", options.text("jdk"));
        long started = System.nanoTime();
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int exit = process.waitFor();
        double millis = (System.nanoTime() - started) / 1e6;
        if (exit != 0) {
            throw new UncheckedIOException(new IOException(command + " ended with " + exit + ": " + output));
        }
        return millis;
    }

    private static double min(double[] values) {
        return Sample.of(values).min();
    }
}
