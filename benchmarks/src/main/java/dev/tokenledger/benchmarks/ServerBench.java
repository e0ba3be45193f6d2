package dev.tokenledger.benchmarks;

import dev.tokenledger.usage.UsageRecord;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The launcher's {@code serve} as its clients see it, on the same machine: how soon it answers after it was started, how many
 * records a second it stores durably in batches, and how long a post of one record takes at a steady rate. The client speaks
 * HTTP over plain sockets, so that it takes little of the processor from the server.
 */
final class ServerBench {

    static final Map<String, String> OPTIONS = Map.of(
            "dir", "target/bench",
            "program", "./tokenledger",
            "jdk", System.getProperty("java.home"),
            "starts", "10",
            "seconds", "60",
            "connections", "8",
            "batch", "100",
            "single-seconds", "20",
            "single-rate", "500",
            "seed", "42");

    private static final double START_TARGET_MILLIS = 1_000;
    private static final double RECORDS_TARGET = 30_000;
    private static final double SINGLE_TARGET_MILLIS = 20;
    private static final double GROWTH_TARGET = 1.25;
    private static final long SLICE_SECONDS = 5;

    private final Options options;
    private final Report report;
    private final Path folder;
    private final Stores stores;

    private ServerBench(Options options, Report report) {
        this.options = options;
        this.report = report;
        folder = options.path("dir").toAbsolutePath();
        stores = new Stores(folder, report);
    }

    static void run(Options options, PrintStream out) throws Exception {
        Report report = Report.begin(out, "server", options, options.path("dir"));
        new ServerBench(options, report).measure();
        report.end();
    }

    private void measure() throws Exception {
        Path ledger = stores.fresh("server.db");
        double[] starts = new double[options.count("starts")];
        for (int i = -1; i < starts.length; i++) {
            long begun = System.nanoTime();
            try (Server server = new Server(ledger)) {
                try (Connection connection = new Connection(server.port)) {
                    connection.get("/v1/summary");
                }
                if (i >= 0) {
                    starts[i] = (System.nanoTime() - begun) / 1e6;
                }
            }
        }
        report.atMost("start to the first answer", START_TARGET_MILLIS, " ms", starts);
        report.figure("the same, the fastest start", " ms", Sample.of(starts).min());
        try (Server server = new Server(ledger)) {
            batches(server);
            singles(server);
        }
    }

    /** As fast as the server takes them; a figure for each slice of some seconds, the first one left out as warm-up. */
    private void batches(Server server) throws Exception {
        int connections = options.count("connections");
        int batch = options.count("batch");
        Workload workload = new Workload(options.number("seed"), 10_000_000, Workload.Labels.NONE);
        AtomicLong next = new AtomicLong();
        AtomicLong stored = new AtomicLong();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(options.number("seconds") + SLICE_SECONDS);
        ExecutorService threads = Executors.newFixedThreadPool(connections);
        try {
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                clients.add(threads.submit(() -> {
                    try (Connection connection = new Connection(server.port)) {
                        while (System.nanoTime() < end) {
                            connection.post(body(workload, next.getAndAdd(batch), batch));
                            stored.addAndGet(batch);
                        }
                    }
                    return null;
                }));
            }
            List<Double> rates = new ArrayList<>();
            List<Double> memory = new ArrayList<>();
            long before = 0;
            long since = System.nanoTime();
            while (since < end) {
                LockSupport.parkNanos(since + TimeUnit.SECONDS.toNanos(SLICE_SECONDS) - System.nanoTime());
                long now = System.nanoTime();
                long count = stored.get();
                rates.add((count - before) / ((now - since) / 1e9));
                memory.add(server.residentMegabytes());
                before = count;
                since = now;
            }
            for (Future<?> client : clients) {
                client.get();
            }
            double[] sustained =
                    rates.stream().skip(1).mapToDouble(rate -> rate).toArray();
            report.atLeast(
                    Report.text("durable records, batches of %d, %d connections", batch, connections),
                    RECORDS_TARGET,
                    "/s",
                    sustained);
            double first = memory.get(Math.min(2, memory.size() - 1));
            report.figure(
                    "resident memory after each slice",
                    " MB",
                    memory.stream().mapToDouble(mb -> mb).toArray());
            report.atMost(
                    "resident memory at the end ÷ after the third slice",
                    GROWTH_TARGET,
                    "×",
                    memory.get(memory.size() - 1) / first);
        } finally {
            threads.shutdownNow();
        }
    }

    /**
     * One record each, sent when it is due whether or not the one before was answered in time: a late post waits in the
     * figure as a caller would.
     */
    private void singles(Server server) throws Exception {
        int rate = options.count("single-rate");
        int connections = options.count("connections");
        int each = rate * options.count("single-seconds") / connections;
        Workload workload = new Workload(options.number("seed") + 1, 1_000_000, Workload.Labels.NONE);
        double[] millis = new double[each * connections];
        long start = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(100);
        long nanosBetween = TimeUnit.SECONDS.toNanos(1) / rate;
        ExecutorService threads = Executors.newFixedThreadPool(connections);
        try {
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                int client = i;
                clients.add(threads.submit(() -> {
                    try (Connection connection = new Connection(server.port)) {
                        for (int j = 0; j < each; j++) {
                            int index = j * connections + client;
                            byte[] body = body(workload, index, 1);
                            long due = start + index * nanosBetween;
                            while (System.nanoTime() < due) {
                                LockSupport.parkNanos(due - System.nanoTime());
                            }
                            connection.post(body);
                            millis[index] = (System.nanoTime() - due) / 1e6;
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> client : clients) {
                client.get();
            }
        } finally {
            threads.shutdownNow();
        }
        double[] settled = Arrays.copyOfRange(millis, millis.length / 4, millis.length);
        Arrays.sort(settled);
        report.figure(Report.text("a post of one record at %d/s, median", rate), " ms", settled[settled.length / 2]);
        report.atMost(
                Report.text("a post of one record at %d/s, p99", rate),
                SINGLE_TARGET_MILLIS,
                " ms",
                settled[settled.length * 99 / 100]);
    }

    /** Records as an array. Their texts are plain words. */
    private static byte[] body(Workload workload, long from, int count) {
        StringBuilder json = new StringBuilder(count * 400).append('[');
        for (int i = 0; i < count; i++) {
            UsageRecord record = workload.record(from + i);
            json.append(i == 0 ? "{" : ",{");
            text(json, "id", record.id().value());
            text(json, "timestamp", record.timestamp().orElseThrow().toString());
            text(json, "model", record.identity().model());
            text(json, "provider", record.identity().provider());
            text(json, "resource", record.identity().resource());
            text(json, "session_id", record.sessionId());
            text(json, "conversation_id", record.conversationId());
            text(json, "role", record.role());
            text(json, "task_name", record.taskName());
            text(json, "outcome", record.outcome().text());
            json.append("\"input_tokens\":").append(record.tokens().input());
            json.append(",\"output_tokens\":").append(record.tokens().output());
            json.append(",\"cache_read_input_tokens\":")
                    .append(record.tokens().cacheRead())
                    .append('}');
        }
        return json.append(']').toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void text(StringBuilder json, String name, String value) {
        if (!value.isEmpty()) {
            json.append('"').append(name).append("\":\"").append(value).append("\",");
        }
    }

    /** The launcher's program, serving. */
    private final class Server implements AutoCloseable {

        private static final String LISTENING = "listening on ";

        private final Process process;
        private final int port;

        Server(Path ledger) throws IOException {
            ProcessBuilder builder = new ProcessBuilder(
                    options.path("program").toAbsolutePath().normalize().toString(),
                    "--ledger",
                    ledger.toString(),
                    "serve",
                    "--port",
                    "0");
            builder.environment().put("TOKENLEDGER_JAVA_HOME", options.text("jdk"));
            builder.environment().put("TOKENLEDGER_GRPC_PORT", "off");
            process = builder.start();
            BufferedReader messages = process.errorReader();
            String line = messages.readLine();
            while (line != null && !line.startsWith(LISTENING)) {
                report.line("%s", line);
                line = messages.readLine();
            }
            if (line == null) {
                throw new IOException("the server ended before it listened");
            }
            port = URI.create(line.substring(LISTENING.length())).getPort();
        }

        double residentMegabytes() throws IOException {
            for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
                }
            }
            throw new IOException("the system does not tell how much memory the server has");
        }

        @Override
        public void close() throws IOException {
            process.destroy();
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A connection that stays open from one request to the next. */
    private static final class Connection implements AutoCloseable {

        private final Socket socket;
        private final InputStream in;

        Connection(int port) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream(), 64 << 10);
        }

        void get(String path) throws IOException {
            send(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        }

        void post(byte[] body) throws IOException {
            byte[] head = ("POST /v1/records HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                            + "Content-Length: " + body.length + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII);
            byte[] request = Arrays.copyOf(head, head.length + body.length);
            System.arraycopy(body, 0, request, head.length, body.length);
            String answer = send(request);
            if (answer.contains("\"rejected\"") || answer.contains("\"conflict\"")) {
                throw new IOException("not stored: " + answer.substring(0, Math.min(500, answer.length())));
            }
        }

        private String send(byte[] request) throws IOException {
            socket.getOutputStream().write(request);
            String status = line();
            int length = -1;
            for (String header = line(); !header.isEmpty(); header = line()) {
                if (header.regionMatches(true, 0, "Content-Length:", 0, 15)) {
                    length = Integer.parseInt(header.substring(15).strip());
                }
            }
            if (length < 0) {
                throw new IOException("an answer without a length: " + status);
            }
            String answer = new String(in.readNBytes(length), StandardCharsets.UTF_8);
            if (!status.startsWith("HTTP/1.1 200")) {
                throw new IOException(status + ": " + answer);
            }
            return answer;
        }

        private String line() throws IOException {
            StringBuilder text = new StringBuilder();
            for (int next = in.read(); next != '\n'; next = in.read()) {
                if (next < 0) {
                    throw new IOException("the server closed the connection");
                }
                if (next != '\r') {
                    text.append((char) next);
                }
            }
            return text.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
