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
import dev.tokenledger.summary.TimeWindow;
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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;

/**
 * What recording adds to a call: the same call of a model that takes 10 ms, on loopback by {@code java.net.http}, alone, read along
 * and left to the recorder's queue, with its write to the spool waited for, and with its commit waited for. One of each in turn.
 */
final class RecordingBench {

    static final Map<String, String> OPTIONS =
            Map.of("dir", "target/bench", "rounds", "5", "calls", "100", "warm-up", "2_000", "millis", "10");

    private static final double QUEUED_TARGET = 1.05;
    private static final Duration LONG = Duration.ofMinutes(5);

    private final Options options;
    private final Report report;
    private final AtomicLong answers = new AtomicLong();

    /** How long the model takes: nothing while the virtual machine warms up, as that of a server has. */
    private volatile Duration taking = Duration.ZERO;

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
        Path writtenFile = stores.fresh("written.db");
        Path committedFile = stores.fresh("committed.db");
        Path appendedFile = stores.fresh("appended.db");
        ExecutorService threads = Executors.newCachedThreadPool();
        HttpServer server = server(threads);
        try (Ledger queued = SqliteLedger.open(queuedFile, PriceBook.bundled());
                Ledger written = SqliteLedger.open(writtenFile, PriceBook.bundled());
                Ledger committed = SqliteLedger.open(committedFile, PriceBook.bundled());
                Ledger appended = SqliteLedger.open(appendedFile, PriceBook.bundled());
                Recorder queue = recorder(queued, queuedFile, Acknowledgement.WRITTEN, Duration.ZERO);
                Recorder write = recorder(written, writtenFile, Acknowledgement.WRITTEN, LONG);
                Recorder commit = recorder(committed, committedFile, Acknowledgement.COMMITTED, LONG)) {
            HttpRequest request = request(server);
            List<Recorder> recorders = List.of(queue, write, commit);
            Turn turn = new Turn(request, HttpClient.newHttpClient(), recorders, appended);
            turn.medians(options.count("warm-up"));
            taking = Duration.ofMillis(options.number("millis"));
            double[][] medians = new double[options.count("rounds")][];
            for (int i = 0; i < medians.length; i++) {
                medians[i] = turn.medians(options.count("calls"));
            }
            check(queue, queued);
            check(write, written);
            check(commit, committed);
            String call = "a call of " + options.number("millis") + " ms";
            report.atMost(
                    call + ", left to the queue ÷ alone", QUEUED_TARGET, "×", of(medians, one -> one[1] / one[0]));
            report.figure(
                    call + ", its write to the spool waited for ÷ alone", "×", of(medians, one -> one[2] / one[0]));
            report.atMost(
                    "what waiting for the commit adds ÷ what an append after the call adds",
                    1,
                    "×",
                    of(medians, one -> (one[3] - one[0]) / (one[4] - one[0])));
            report.figure(call + ", alone", " ms", of(medians, one -> one[0]));
            report.figure("left to the queue", " ms", of(medians, one -> one[1]));
            report.figure("its write to the spool waited for", " ms", of(medians, one -> one[2]));
            report.figure("its commit waited for", " ms", of(medians, one -> one[3]));
            report.figure("an append after it", " ms", of(medians, one -> one[4]));
        } finally {
            server.stop(0);
            threads.shutdownNow();
        }
    }

    private static double[] of(double[][] rounds, ToDoubleFunction<double[]> figure) {
        return Arrays.stream(rounds).mapToDouble(figure).toArray();
    }

    private static Recorder recorder(Ledger ledger, Path file, Acknowledgement wanted, Duration most)
            throws IOException {
        return Recorder.builder(ledger, Path.of(file + ".spool"))
                .acknowledgement(wanted)
                .maxDelay(most)
                .build();
    }

    /** Figures of calls that were not recorded would be worth nothing. */
    private void check(Recorder recorder, Ledger ledger) throws InterruptedException {
        boolean whole = recorder.flush(LONG);
        RecorderStatistics statistics = recorder.statistics();
        long calls = options.number("warm-up") + options.number("rounds") * options.number("calls");
        long records = ledger.summary(TimeWindow.all()).totalRecords();
        if (!whole || statistics.dropped() > 0 || records != calls) {
            throw new IllegalStateException(records + " of " + calls + " calls were recorded: " + statistics);
        }
    }

    /** One call of each kind after the other, the last with an append of the program's own after it. */
    private record Turn(HttpRequest request, HttpClient alone, List<Recorder> recorders, Ledger ledger) {

        /** The medians of so many turns: alone, by each recorder, with an append. */
        double[] medians(int turns) throws IOException, InterruptedException {
            List<HttpClient> recorded = recorders.stream()
                    .map(recorder ->
                            JdkHttpCapture.client(alone, Capture.to(recorder).build()))
                    .toList();
            double[][] millis = new double[recorded.size() + 2][turns];
            for (int i = 0; i < turns; i++) {
                millis[0][i] = call(alone, request);
                for (int kind = 0; kind < recorded.size(); kind++) {
                    millis[kind + 1][i] = call(recorded.get(kind), request);
                    // Its commit is under way, and would compete with the next call's for the disk.
                    recorders.get(kind).flush(LONG);
                }
                millis[recorded.size() + 1][i] = call(alone, request) + append(ledger);
            }
            return Arrays.stream(millis)
                    .mapToDouble(one -> Sample.of(one).median())
                    .toArray();
        }
    }

    private static double append(Ledger ledger) {
        UsageRecord record = UsageRecord.builder()
                .upstreamModel("gpt-4.1-2025-04-14")
                .provider("openai")
                .inputTokens(140)
                .outputTokens(64)
                .build();
        long started = System.nanoTime();
        ledger.append(record);
        return (System.nanoTime() - started) / 1e6;
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
                long until = System.nanoTime() + taking.toNanos();
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
