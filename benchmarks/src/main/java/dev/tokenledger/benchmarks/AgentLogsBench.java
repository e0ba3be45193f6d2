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
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * CPU time, wall time and memory of the whole program importing made-up transcripts into an empty ledger, and importing them
 * again; what it stored is compared with the truth. There are two trees: one with many calls, and one as people have them. Other
 * programs that read the same folder can be measured in turn with it.
 */
final class AgentLogsBench {

    static final Map<String, String> OPTIONS = Map.ofEntries(
            Map.entry("dir", "target/bench"),
            Map.entry("program", "./tokenledger"),
            Map.entry("jdk", System.getProperty("java.home")),
            Map.entry("peer", ""),
            Map.entry("trees", "dense,real"),
            Map.entry("files", "2_000"),
            Map.entry("responses", "200_000"),
            Map.entry("megabytes", "1_050"),
            Map.entry("real-files", "546"),
            Map.entry("real-responses", "21_000"),
            Map.entry("real-megabytes", "710"),
            Map.entry("rounds", "5"),
            Map.entry("seed", "42"));

    private static final double AGAIN_TARGET = 0.5;
    private static final double WALL_TARGET = 0.8;
    private static final double GIGABYTE = 1e9;
    private static final Pattern TIMES = Pattern.compile("(\\d+)m([\\d.]+)s (\\d+)m([\\d.]+)s\\s*$");

    private final Options options;
    private final Report report;
    private final Path folder;
    private final List<Peer> peers = new ArrayList<>();

    /** One of the trees, and by how much an import of it may be dearer than the first peer's report. */
    private enum Tree {
        DENSE(AgentLogTree.Shape.DENSE, "", 1.1, Double.NaN),
        REAL(AgentLogTree.Shape.REAL, "real-", 1.0, 1.3);

        final AgentLogTree.Shape shape;

        /** Of its options, and of its folder's name. */
        final String prefix;

        final double cpuTarget;
        final double memoryTarget;

        Tree(AgentLogTree.Shape shape, String prefix, double cpuTarget, double memoryTarget) {
            this.shape = shape;
            this.prefix = prefix;
            this.cpuTarget = cpuTarget;
            this.memoryTarget = memoryTarget;
        }
    }

    /** Another program; {@code @} in its command stands for the tree. */
    private record Peer(String name, String command) {}

    private AgentLogsBench(Options options, Report report) {
        this.options = options;
        this.report = report;
        folder = options.path("dir").toAbsolutePath();
        for (String peer : options.text("peer").split(";", -1)) {
            if (!peer.isBlank()) {
                int name = peer.indexOf(':');
                if (name < 0) {
                    throw new IllegalArgumentException(
                            "--peer is NAME:COMMAND, several with a semicolon between, found " + peer);
                }
                peers.add(new Peer(
                        peer.substring(0, name).strip(),
                        peer.substring(name + 1).strip()));
            }
        }
    }

    static void run(Options options, PrintStream out) throws Exception {
        Report report = Report.begin(out, "agentlogs", options, options.path("dir"));
        AgentLogsBench bench = new AgentLogsBench(options, report);
        for (String name : options.text("trees").split(",", -1)) {
            bench.measure(Tree.valueOf(name.toUpperCase(Locale.ROOT)));
        }
        report.end();
    }

    /** One run of a program. */
    private record Run(double cpu, double seconds, double megabytes, String output) {}

    private void measure(Tree which) throws Exception {
        String name = which.name().toLowerCase(Locale.ROOT);
        long files = options.number(which.prefix + "files");
        long responses = options.number(which.prefix + "responses");
        long megabytes = options.number(which.prefix + "megabytes");
        Path tree = folder.resolve(
                "claude-" + which.prefix + options.number("seed") + "-" + files + "-" + responses + "-" + megabytes);
        Map<String, Long> truth = truth(tree, which.shape, (int) files, (int) responses, megabytes);
        double bytes = size(tree);
        report.line(
                "%s: %,.0f bytes, %,d files, %,d lines, %,d calls",
                name, bytes, known(truth, "files"), known(truth, "lines"), known(truth, "calls"));
        int rounds = options.count("rounds");
        List<Run> first = new ArrayList<>();
        List<Run> again = new ArrayList<>();
        List<List<Run>> others = new ArrayList<>();
        peers.forEach(peer -> others.add(new ArrayList<>()));
        String program = options.path("program").toAbsolutePath().normalize().toString();
        for (int round = -1; round < rounds; round++) {
            Path ledger = new Stores(folder, report).fresh("agentlogs.db");
            List<String> command =
                    List.of(program, "--ledger", ledger.toString(), "import", "claude-code", "--json", tree.toString());
            Run imported = start(command);
            check(imported.output(), ledger, truth);
            Run second = start(command);
            expect("lines read again", 0, figure(second.output(), "lines"));
            if (round >= 0) {
                first.add(imported);
                again.add(second);
            }
            for (int i = 0; i < peers.size(); i++) {
                Run other = start(List.of("sh", "-c", peers.get(i).command.replace("@", tree.toString())));
                if (round >= 0) {
                    others.get(i).add(other);
                }
            }
        }
        report.figure(name + ": import, CPU-seconds", " s", each(first, Run::cpu));
        report.figure(
                name + ": import, CPU-seconds a gigabyte", " s", each(first, run -> run.cpu / (bytes / GIGABYTE)));
        report.figure(name + ": import, wall time", " s", each(first, Run::seconds));
        report.figure(name + ": import, peak memory", " MiB", each(first, Run::megabytes));
        report.atMost(name + ": import again, nothing new, CPU-seconds", AGAIN_TARGET, " s", each(again, Run::cpu));
        for (int i = 0; i < peers.size(); i++) {
            compare(which, name, first, peers.get(i).name, others.get(i), i == 0);
        }
    }

    private void compare(Tree which, String tree, List<Run> ours, String name, List<Run> theirs, boolean bounded) {
        String peer = tree + ": " + name;
        report.figure(peer + ", CPU-seconds", " s", each(theirs, Run::cpu));
        report.figure(peer + ", wall time", " s", each(theirs, Run::seconds));
        report.figure(peer + ", peak memory", " MiB", each(theirs, Run::megabytes));
        String ratio = tree + ": import ÷ " + name;
        double none = Double.NaN;
        ratio(ratio + ", CPU", bounded ? which.cpuTarget : none, each(ours, Run::cpu), each(theirs, Run::cpu));
        ratio(ratio + ", wall", bounded ? WALL_TARGET : none, each(ours, Run::seconds), each(theirs, Run::seconds));
        ratio(
                ratio + ", memory",
                bounded ? which.memoryTarget : none,
                each(ours, Run::megabytes),
                each(theirs, Run::megabytes));
    }

    private void ratio(String name, double target, double[] ours, double[] theirs) {
        double[] ratio = new double[ours.length];
        for (int i = 0; i < ratio.length; i++) {
            ratio[i] = ours[i] / theirs[i];
        }
        if (Double.isNaN(target)) {
            report.figure(name, "×", ratio);
        } else {
            report.atMost(name, target, "×", ratio);
        }
    }

    private static double[] each(List<Run> runs, ToDoubleFunction<Run> figure) {
        return runs.stream().mapToDouble(figure).toArray();
    }

    /** The truth about the tree, which is written unless it is there. */
    private Map<String, Long> truth(Path tree, AgentLogTree.Shape shape, int files, int responses, long megabytes)
            throws IOException {
        Path file = tree.resolveSibling(tree.getFileName() + ".truth");
        Properties properties = new Properties();
        if (!Files.exists(file)) {
            Map<String, Long> truth =
                    AgentLogTree.write(tree, shape, options.number("seed"), files, responses, megabytes * 1_000_000);
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
