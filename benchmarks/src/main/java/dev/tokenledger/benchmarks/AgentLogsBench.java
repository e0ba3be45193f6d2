package dev.tokenledger.benchmarks;

import dev.tokenledger.Ledger;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.TimeWindow;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * CPU time and memory of the whole program importing a gigabyte of made-up transcripts into an empty ledger, and importing them
 * again; what it stored is compared with the truth. Another program that reads the same folder can be measured beside it.
 */
final class AgentLogsBench {

    static final Map<String, String> OPTIONS = Map.ofEntries(
            Map.entry("dir", "target/bench"),
            Map.entry("program", "./tokenledger"),
            Map.entry("jdk", System.getProperty("java.home")),
            Map.entry("peer", ""),
            Map.entry("files", "2_000"),
            Map.entry("responses", "200_000"),
            Map.entry("megabytes", "1_050"),
            Map.entry("rounds", "5"),
            Map.entry("seed", "42"));

    private static final double CPU_TARGET = 4;
    private static final double MEMORY_TARGET = 400;
    private static final double AGAIN_TARGET = 0.5;
    private static final double GIGABYTE = 1e9;
    private static final Pattern TIMES = Pattern.compile("(\\d+)m([\\d.]+)s (\\d+)m([\\d.]+)s\\s*$");

    private final Options options;
    private final Report report;
    private final Path folder;
    private final Path tree;

    private AgentLogsBench(Options options, Report report) {
        this.options = options;
        this.report = report;
        folder = options.path("dir").toAbsolutePath();
        tree = folder.resolve("claude-" + options.number("seed") + "-" + options.number("files") + "-"
                + options.number("responses") + "-" + options.number("megabytes"));
    }

    static void run(Options options, PrintStream out) throws Exception {
        Report report = Report.begin(out, "agentlogs", options, options.path("dir"));
        new AgentLogsBench(options, report).measure();
        report.end();
    }

    /** One run of a program. */
    private record Run(double cpu, double seconds, double megabytes, String output) {}

    private void measure() throws Exception {
        Map<String, Long> truth = truth();
        double bytes = size(tree);
        report.line(
                "%,.0f bytes, %,d files, %,d lines, %,d calls",
                bytes, known(truth, "files"), known(truth, "lines"), known(truth, "calls"));
        int rounds = options.count("rounds");
        double[] cpu = new double[rounds];
        double[] seconds = new double[rounds];
        double[] memory = new double[rounds];
        double[] again = new double[rounds];
        double[] peer = new double[rounds];
        double[] peerMemory = new double[rounds];
        double[] ratio = new double[rounds];
        String program = options.path("program").toAbsolutePath().normalize().toString();
        for (int round = -1; round < rounds; round++) {
            Path ledger = new Stores(folder, report).fresh("agentlogs.db");
            List<String> command =
                    List.of(program, "--ledger", ledger.toString(), "import", "claude-code", "--json", tree.toString());
            Run first = start(command);
            check(first.output(), ledger, truth);
            Run second = start(command);
            expect("lines read again", 0, figure(second.output(), "lines"));
            Run other = options.text("peer").isEmpty() ? null : start(List.of("sh", "-c", options.text("peer")));
            if (round >= 0) {
                cpu[round] = first.cpu() / (bytes / GIGABYTE);
                seconds[round] = first.seconds();
                memory[round] = first.megabytes();
                again[round] = second.cpu();
                if (other != null) {
                    peer[round] = other.cpu() / (bytes / GIGABYTE);
                    peerMemory[round] = other.megabytes();
                    ratio[round] = other.cpu() / first.cpu();
                }
            }
        }
        report.atMost("import, CPU-seconds a gigabyte", CPU_TARGET, " s", cpu);
        report.atMost("import, peak memory", MEMORY_TARGET, " MiB", memory);
        report.atMost("import again, nothing new, CPU-seconds", AGAIN_TARGET, " s", again);
        report.figure("import, wall time", " s", seconds);
        if (!options.text("peer").isEmpty()) {
            report.figure("the other program, CPU-seconds a gigabyte", " s", peer);
            report.figure("the other program, peak memory", " MiB", peerMemory);
            report.figure("the other program ÷ import, CPU", "×", ratio);
        }
    }

    /** The truth about the tree, which is written unless it is there. */
    private Map<String, Long> truth() throws IOException {
        Path file = tree.resolveSibling(tree.getFileName() + ".truth");
        Properties properties = new Properties();
        if (!Files.exists(file)) {
            Map<String, Long> truth = AgentLogTree.write(
                    tree,
                    options.number("seed"),
                    options.count("files"),
                    options.count("responses"),
                    options.number("megabytes") * 1_000_000);
            truth.forEach((name, count) -> properties.setProperty(name, Long.toString(count)));
            try (var out = Files.newBufferedWriter(file)) {
                properties.store(out, null);
            }
        }
        try (var in = Files.newBufferedReader(file)) {
            properties.load(in);
        }
        Map<String, Long> truth = new TreeMap<>();
        properties.stringPropertyNames().forEach(name -> truth.put(name, Long.valueOf(properties.getProperty(name))));
        return truth;
    }

    private static double size(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    private static void check(String output, Path file, Map<String, Long> truth) {
        for (String name : List.of("files", "lines", "skipped", "calls")) {
            expect(name, known(truth, name), figure(output, name));
        }
        expect("appended", known(truth, "calls"), figure(output, "appended"));
        expect(
                "used + ignored + skipped",
                known(truth, "lines"),
                figure(output, "used") + figure(output, "ignored") + figure(output, "skipped"));
        try (Ledger ledger = Stores.openLedger(file)) {
            Summary summary = ledger.summary(TimeWindow.all());
            expect("records", known(truth, "calls"), summary.totalRecords());
            expect("input_tokens", known(truth, "input_tokens"), summary.totalInputTokens());
            expect("output_tokens", known(truth, "output_tokens"), summary.totalOutputTokens());
            expect(
                    "cache_read_input_tokens",
                    known(truth, "cache_read_input_tokens"),
                    summary.totalCacheReadInputTokens());
            expect(
                    "cache_creation_input_tokens",
                    known(truth, "cache_creation_input_tokens"),
                    summary.totalCacheCreationInputTokens());
            expect(
                    "cache_creation_5m_input_tokens",
                    known(truth, "cache_creation_5m_input_tokens"),
                    summary.totalCacheCreation5mInputTokens());
            expect(
                    "cache_creation_1h_input_tokens",
                    known(truth, "cache_creation_1h_input_tokens"),
                    summary.totalCacheCreation1hInputTokens());
        }
    }

    private static long known(Map<String, Long> truth, String name) {
        Long count = truth.get(name);
        if (count == null) {
            throw new IllegalStateException("the truth has no " + name);
        }
        return count;
    }

    private static long figure(String json, String name) {
        Matcher found = Pattern.compile("\"" + name + "\":(\\d+)").matcher(json);
        if (!found.find()) {
            throw new IllegalStateException("the report has no " + name + ": " + json);
        }
        return Long.parseLong(found.group(1));
    }

    private static void expect(String name, long expected, long found) {
        if (expected != found) {
            throw new IllegalStateException(name + ": the truth is " + expected + ", found " + found);
        }
    }

    /** Runs a program to its end. Its exit code is ignored: torn lines make it 1. */
    private Run start(List<String> command) throws IOException, InterruptedException {
        List<String> timed = new ArrayList<>(List.of("sh", "-c", "\"$@\"; times", "sh"));
        timed.addAll(command);
        Path errors = folder.resolve("agentlogs.err");
        ProcessBuilder builder = new ProcessBuilder(timed).redirectError(errors.toFile());
        builder.environment().put("TOKENLEDGER_JAVA_HOME", options.text("jdk"));
        long started = System.nanoTime();
        Process process = builder.start();
        process.getOutputStream().close();
        Peak peak = new Peak(process);
        peak.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        double seconds = (System.nanoTime() - started) / 1e9;
        peak.join();
        Matcher times = TIMES.matcher(output);
        if (!times.find()) {
            throw new IllegalStateException(command + " printed no times: " + output + Files.readString(errors));
        }
        double cpu = 60 * (Integer.parseInt(times.group(1)) + Integer.parseInt(times.group(3)))
                + Double.parseDouble(times.group(2))
                + Double.parseDouble(times.group(4));
        return new Run(cpu, seconds, peak.megabytes, output);
    }

    /** Watches how much memory a program's processes had at most, each; that of the largest counts. */
    private static final class Peak extends Thread {

        private final Process process;
        private double megabytes;

        Peak(Process process) {
            this.process = process;
        }

        @Override
        public void run() {
            try {
                while (process.isAlive()) {
                    process.descendants().forEach(child -> megabytes = Math.max(megabytes, peak(child.pid())));
                    Thread.sleep(10);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private static double peak(long pid) {
            try {
                for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
                    if (line.startsWith("VmHWM:")) {
                        return Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1_024;
                    }
                }
            } catch (IOException e) {
                // It has just ended.
            }
            return 0;
        }
    }
}
