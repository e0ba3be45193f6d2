package dev.tokenledger.benchmarks;

import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.usage.UsageRecord;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The launcher's {@code serve} in a control group with little memory, asked the costliest questions by many clients at once
 * while records are posted one at a time at a steady rate: whether it stays up, what it answers, how long a post takes, and
 * how much memory it has. The ledger's records each have a session and a user of their own, and the last ones share one quarter
 * hour.
 */
final class PressureBench {

    static final Map<String, String> OPTIONS = Map.of(
            "dir", "target/bench",
            "program", "./tokenledger",
            "jdk", System.getProperty("java.home"),
            "records", "1_200_000",
            "mebibytes", "512",
            "seconds", "15",
            "mixed-seconds", "600",
            "rate", "200",
            "group", "/sys/fs/cgroup/memory");

    private static final double MEDIAN_TARGET_MILLIS = 50;
    private static final double SLOWDOWN_TARGET = 5;
    private static final double GROWTH_TARGET = 1.3;
    private static final int MIXED_CLIENTS = 200;
    private static final int BATCH = 5_000;
    private static final Instant START = Instant.parse("2026-10-01T00:00:00Z");

    private static final String RECORDS = "/v1/records?limit=1000";
    private static final String LISTING = "/v1/records?limit=10";
    private static final String SESSIONS = "/v1/summary?period=all&group_by=session&limit=10";
    private static final String USERS = "/v1/summary?period=all&group_by=attribute.user&limit=10";
    private static final String EVERYTHING =
            "/v1/summary?period=all&every=quarter_hour" + "&group_by=session,model,role,task,outcome,attribute.user";

    private final Options options;
    private final Report report;
    private final HttpClient http = HttpClient.newHttpClient();

    private PressureBench(Options options, Report report) {
        this.options = options;
        this.report = report;
    }

    static void run(Options options, PrintStream out) throws Exception {
        Report report = Report.begin(out, "pressure", options, options.path("dir"));
        new PressureBench(options, report).measure();
        report.end();
    }

    private void measure() throws Exception {
        Path ledger = ledger();
        try (Server server = new Server(ledger)) {
            double alone = row(server, "no questions", 0, List.of(), Double.NaN);
            row(server, "24 × the latest 1,000 records", 24, List.of(RECORDS), alone);
            row(server, "4 × by session, the first 10", 4, List.of(SESSIONS), alone);
            row(server, "64 × by session, the first 10", 64, List.of(SESSIONS), alone);
            row(server, "1 × by user, the first 10", 1, List.of(USERS), alone);
            row(server, "4 × six dimensions every quarter hour", 4, List.of(EVERYTHING), alone);
            double[] listing = new double[50];
            for (int i = -10; i < listing.length; i++) {
                long begun = System.nanoTime();
                get(server, LISTING);
                if (i >= 0) {
                    listing[i] = (System.nanoTime() - begun) / 1e6;
                }
            }
            report.atMost("10 records of a quarter hour with a quarter of all", 20, " ms", listing);
            mixed(server);
        }
    }

    /** A ledger of records with a session and a user each, over a month, and a quarter of them in its last quarter hour. */
    private Path ledger() throws IOException {
        int count = options.count("records");
        Path file = options.path("dir").resolve(Report.text("pressure-%d.db", count));
        if (Files.exists(file)) {
            Stores.delete(file.resolveSibling(file.getFileName() + ".run"));
        } else {
            Path part = file.resolveSibling(file.getFileName() + ".part");
            Stores.delete(part);
            try (Ledger ledger = SqliteLedger.open(part, PriceBook.empty())) {
                for (int first = 0; first < count; first += BATCH) {
                    List<UsageRecord> records = new ArrayList<>();
                    for (int i = first; i < Math.min(count, first + BATCH); i++) {
                        records.add(record(i, count));
                    }
                    ledger.appendAll(records);
                }
            }
            Files.move(part, file);
        }
        Path run = file.resolveSibling(file.getFileName() + ".run");
        Files.copy(file, run);
        return run;
    }

    private static UsageRecord record(int index, int count) {
        long spread = count * 3L / 4;
        long seconds = index < spread ? index * 2_592_000L / spread : 2_592_000L + index % 900;
        return UsageRecord.builder()
                .id("pressure-" + index)
                .timestamp(START.plusSeconds(seconds))
                .model("model-" + index % 7)
                .role("role-" + index % 3)
                .taskName("task-" + index % 11)
                .sessionId("session-" + index)
                .attribute("user", "user-" + index + "@example.com")
                .inputTokens(index % 5_000)
                .outputTokens(index % 700)
                .build();
    }

    /** The median of posts beside clients that ask; also notes what they were answered. */
    private double row(Server server, String name, int clients, List<String> paths, double alone) throws Exception {
        Map<Integer, Integer> answers = new TreeMap<>();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(options.number("seconds"));
        double[] posts = load(server, name, clients, paths, end, answers, new ArrayList<>());
        double median = posts[posts.length / 2];
        report.line(
                "%s: answers %s, posts' median %.2f ms, p99 %.2f ms, %.0f MB",
                name, answers, median, posts[posts.length * 99 / 100], server.residentMegabytes());
        report.atMost("a post beside " + name + ", median", MEDIAN_TARGET_MILLIS, " ms", median);
        if (!Double.isNaN(alone)) {
            report.atMost("the same ÷ without questions", SLOWDOWN_TARGET, "×", median / alone);
        }
        checkAnswers(name, answers);
        return median;
    }

    private void mixed(Server server) throws Exception {
        long seconds = options.number("mixed-seconds");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        Map<Integer, Integer> answers = new TreeMap<>();
        List<Double> memory = new ArrayList<>();
        double[] posts = load(
                server,
                "mixed",
                MIXED_CLIENTS,
                List.of(RECORDS, LISTING, SESSIONS, "/v1/summary?group_by=model", "/", EVERYTHING, USERS, "/calls"),
                end,
                answers,
                memory);
        double first = memory.get(Math.min(memory.size() - 1, memory.size() * 60 / (int) Math.max(60, seconds)));
        report.line("mixed load of %d clients for %d s: answers %s", MIXED_CLIENTS, seconds, answers);
        report.figure("a post beside mixed load, median", " ms", posts[posts.length / 2]);
        report.figure(
                "resident memory under mixed load",
                " MB",
                memory.stream().mapToDouble(mb -> mb).toArray());
        report.atMost(
                "the same at the end ÷ after a minute", GROWTH_TARGET, "×", memory.get(memory.size() - 1) / first);
        checkAnswers("mixed", answers);
    }

    private void checkAnswers(String name, Map<Integer, Integer> answers) {
        int failed = answers.entrySet().stream()
                .filter(answer -> answer.getKey() >= 500 && answer.getKey() != 503)
                .mapToInt(Map.Entry::getValue)
                .sum();
        report.atMost("answers of 500 and more but 503, " + name, 0, "", failed);
    }

    /** The sorted times of posts at a steady rate, each counted from when it was due, while clients ask until the end. */
    private double[] load(
            Server server,
            String name,
            int clients,
            List<String> paths,
            long end,
            Map<Integer, Integer> answers,
            List<Double> memory)
            throws Exception {
        ConcurrentLinkedQueue<Double> times = new ConcurrentLinkedQueue<>();
        ExecutorService threads = Executors.newFixedThreadPool(clients + 5);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                int client = i;
                all.add(threads.submit(() -> {
                    for (int j = client; System.nanoTime() < end; j++) {
                        HttpResponse<byte[]> answer = get(server, paths.get(j % paths.size()));
                        synchronized (answers) {
                            answers.merge(answer.statusCode(), 1, Integer::sum);
                        }
                        if (answer.statusCode() == 503) {
                            String after =
                                    answer.headers().firstValue("Retry-After").orElseThrow();
                            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(Long.parseLong(after)));
                        }
                    }
                    return null;
                }));
            }
            long start = System.nanoTime();
            long between = TimeUnit.SECONDS.toNanos(4) / options.number("rate");
            for (int i = 0; i < 4; i++) {
                int client = i;
                all.add(threads.submit(() -> {
                    for (long due = start + client * between / 4; due < end; due += between) {
                        while (System.nanoTime() < due) {
                            LockSupport.parkNanos(due - System.nanoTime());
                        }
                        post(server, name + "-" + due);
                        times.add((System.nanoTime() - due) / 1e6);
                    }
                    return null;
                }));
            }
            while (System.nanoTime() < end) {
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
                memory.add(server.residentMegabytes());
            }
            for (Future<?> one : all) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
        double[] sorted = times.stream().mapToDouble(time -> time).sorted().toArray();
        if (sorted.length == 0) {
            throw new IOException("nothing was posted");
        }
        return sorted;
    }

    private HttpResponse<byte[]> get(Server server, String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + server.port + path))
                        .timeout(Duration.ofMinutes(3))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private void post(Server server, String id) throws IOException, InterruptedException {
        String record = "{\"id\":\"" + id.replace(' ', '-') + "\",\"model\":\"model-1\",\"input_tokens\":7}";
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + server.port + "/v1/records"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(record))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200 || !answer.body().contains("appended")) {
            throw new IOException("not stored: " + answer.statusCode() + " " + answer.body());
        }
    }

    /** The launcher's program, serving, in a control group of its own where this user may make one. */
    private final class Server implements AutoCloseable {

        private static final String LISTENING = "listening on ";

        private final Path group = options.path("group").resolve("tokenledger-pressure");
        private final Process process;
        private final int port;

        Server(Path ledger) throws IOException {
            Files.createDirectories(group);
            Files.writeString(
                    group.resolve("memory.limit_in_bytes"), String.valueOf(options.number("mebibytes") << 20));
            ProcessBuilder builder = new ProcessBuilder(
                    "sh",
                    "-c",
                    "echo $$ >\"$1\"; shift; exec \"$@\"",
                    "sh",
                    group.resolve("cgroup.procs").toString(),
                    options.path("program").toAbsolutePath().normalize().toString(),
                    "--ledger",
                    ledger.toString(),
                    "serve",
                    "--port",
                    "0");
            builder.environment().put("TOKENLEDGER_JAVA_HOME", options.text("jdk"));
            builder.environment().put("TOKENLEDGER_GRPC_PORT", "off");
            process = builder.start();
            BufferedReader messages = process.errorReader(StandardCharsets.UTF_8);
            String line = messages.readLine();
            while (line != null && !line.startsWith(LISTENING)) {
                report.line("%s", line);
                line = messages.readLine();
            }
            if (line == null) {
                throw new IOException("the server ended before it listened");
            }
            port = URI.create(line.substring(LISTENING.length())).getPort();
            Thread reading = new Thread(() -> messages.lines().forEach(message -> report.line("server: %s", message)));
            reading.setDaemon(true);
            reading.start();
        }

        double residentMegabytes() throws IOException {
            for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
                }
            }
            throw new IOException("the server has ended: " + Arrays.toString(answerOfEnd()));
        }

        private int[] answerOfEnd() {
            return process.isAlive() ? new int[0] : new int[] {process.exitValue()};
        }

        @Override
        public void close() throws IOException {
            process.destroy();
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            Files.deleteIfExists(group);
        }
    }
}
