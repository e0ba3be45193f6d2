package dev.tokenledger.benchmarks;

import com.sun.net.httpserver.HttpServer;
import dev.tokenledger.Ledger;
import dev.tokenledger.capture.Capture;
import dev.tokenledger.capture.JdkHttpCapture;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.recorder.Acknowledgement;
import dev.tokenledger.recorder.Recorder;
import dev.tokenledger.recorder.RecorderStatistics;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * What recording adds to a call: the same call of a model that takes 10 ms, on loopback by {@code java.net.http}, alone, read along
 * and written to the recorder's queue, and read along with its commit waited for. One of each in turn.
 */
final class RecordingBench {

    static final Map<String, String> OPTIONS =
            Map.of("dir", "target/bench", "rounds", "5", "calls", "150", "warm-up", "100", "millis", "10");

    private static final double QUEUED_TARGET = 1.05;
    private static final Duration LONG = Duration.ofMinutes(5);

    private final Options options;
    private final Report report;
    private final AtomicLong answers = new AtomicLong();

    private RecordingBench(Options options, Report report) {
        this.options = options;
        this.report = report;
    }

    static void run(Options options, PrintStream out) throws Exception {
        Report report = Report.begin(out, "recording", options, options.path("dir"));
        new RecordingBench(options, report).measure();
        report.end();
    }

    private void measure() throws Exception {
        Stores stores = new Stores(options.path("dir"), report);
        Path queuedFile = stores.fresh("queued.db");
        Path committedFile = stores.fresh("committed.db");
        Path appendedFile = stores.fresh("appended.db");
        ExecutorService threads = Executors.newCachedThreadPool();
        HttpServer server = server(threads);
        try (Ledger queued = SqliteLedger.open(queuedFile, PriceBook.bundled());
                Ledger committed = SqliteLedger.open(committedFile, PriceBook.bundled());
                Ledger appended = SqliteLedger.open(appendedFile, PriceBook.bundled());
                Recorder queue = recorder(queued, queuedFile, Acknowledgement.WRITTEN);
                Recorder commit = recorder(committed, committedFile, Acknowledgement.COMMITTED)) {
            HttpRequest request = request(server);
            HttpClient plain = HttpClient.newHttpClient();
            HttpClient byQueue = JdkHttpCapture.client(plain, Capture.to(queue).build());
            HttpClient byCommit =
                    JdkHttpCapture.client(plain, Capture.to(commit).build());
            round(options.count("warm-up"), request, plain, byQueue, byCommit, appended, queue);
            double[] queuedRatios = new double[options.count("rounds")];
            double[] commitsAdded = new double[queuedRatios.length];
            double[] plainMillis = new double[queuedRatios.length];
            double[] queuedMillis = new double[queuedRatios.length];
            double[] committedMillis = new double[queuedRatios.length];
            double[] appendMillis = new double[queuedRatios.length];
            for (int i = 0; i < queuedRatios.length; i++) {
                double[] medians = round(options.count("calls"), request, plain, byQueue, byCommit, appended, queue);
                plainMillis[i] = medians[0];
                queuedMillis[i] = medians[1];
                committedMillis[i] = medians[2];
                appendMillis[i] = medians[3];
                queuedRatios[i] = medians[1] / medians[0];
                commitsAdded[i] = (medians[2] - medians[0]) / medians[3];
            }
            check(queue, queued);
            check(commit, committed);
            String call = "a call of " + options.number("millis") + " ms";
            report.atMost(call + ", recorded by the queue ÷ alone", QUEUED_TARGET, "×", queuedRatios);
            report.atMost("what waiting for the commit adds ÷ an append to the same engine", 1, "×", commitsAdded);
            report.figure(call + ", alone", " ms", plainMillis);
            report.figure("recorded by the queue", " ms", queuedMillis);
            report.figure("recorded, its commit waited for", " ms", committedMillis);
            report.figure("an append", " ms", appendMillis);
        } finally {
            server.stop(0);
            threads.shutdownNow();
        }
    }

    private static Recorder recorder(Ledger ledger, Path file, Acknowledgement wanted) throws IOException {
        return Recorder.builder(ledger, Path.of(file + ".spool"))
                .acknowledgement(wanted)
                .maxDelay(LONG)
                .build();
    }

    /** Figures of calls that were not recorded would be worth nothing. */
    private void check(Recorder recorder, Ledger ledger) throws InterruptedException {
        boolean whole = recorder.flush(LONG);
        RecorderStatistics statistics = recorder.statistics();
        long calls = options.number("warm-up") + options.number("rounds") * options.number("calls");
        long records = ledger.summary(dev.tokenledger.summary.TimeWindow.all()).totalRecords();
        if (!whole || statistics.dropped() > 0 || records != calls) {
            throw new IllegalStateException(records + " of " + calls + " calls were recorded: " + statistics);
        }
    }

    /** The medians of so many calls of each kind, in turn, and of an append. */
    private static double[] round(
            int calls,
            HttpRequest request,
            HttpClient plain,
            HttpClient queued,
            HttpClient committed,
            Ledger ledger,
            Recorder queue)
            throws IOException, InterruptedException {
        double[][] millis = new double[4][calls];
        for (int i = 0; i < calls; i++) {
            millis[0][i] = call(plain, request);
            millis[1][i] = call(queued, request);
            // Its commit is under way, and would compete for the disk with the next call's.
            queue.flush(LONG);
            millis[2][i] = call(committed, request);
            UsageRecord record = UsageRecord.builder()
                    .upstreamModel("gpt-4.1-2025-04-14")
                    .provider("openai")
                    .inputTokens(140)
                    .outputTokens(64)
                    .build();
            long started = System.nanoTime();
            ledger.append(record);
            millis[3][i] = (System.nanoTime() - started) / 1e6;
        }
        double[] medians = new double[millis.length];
        for (int i = 0; i < medians.length; i++) {
            medians[i] = Sample.of(millis[i]).median();
        }
        return medians;
    }

    private static double call(HttpClient client, HttpRequest request) throws IOException, InterruptedException {
        long started = System.nanoTime();
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        double millis = (System.nanoTime() - started) / 1e6;
        if (answer.statusCode() != 200) {
            throw new IllegalStateException("the model answered " + answer.statusCode());
        }
        return millis;
    }

    private static HttpRequest request(HttpServer server) {
        URI address = URI.create("http://" + server.getAddress().getHostString() + ":"
                + server.getAddress().getPort() + "/v1/chat/completions");
        return HttpRequest.newBuilder(address)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"model\":\"gpt-4.1\",\"messages\":[{\"role\":\"user\",\"content\":\"How are you?\"}]}"))
                .build();
    }

    /** A model that takes its time, and answers with an id of its own. */
    private HttpServer server(ExecutorService threads) throws IOException {
        // Else the answer's body waits for the client's acknowledgement of its head, some 40 ms.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                long until = System.nanoTime()
                        + Duration.ofMillis(options.number("millis")).toNanos();
                for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                byte[] body = ("{\"id\":\"chatcmpl-" + answers.incrementAndGet()
                                + "\",\"object\":\"chat.completion\",\"created\":1790000000,\"model\":\"gpt-4.1-2025-04-14\","
                                + "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\""
                                + "Quite well, thank you. ".repeat(40)
                                + "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":230,\"completion_tokens\":64,"
                                + "\"total_tokens\":294,\"prompt_tokens_details\":{\"cached_tokens\":90}}}")
                        .getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        return server;
    }
}
