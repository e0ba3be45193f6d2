package dev.tokenledger.benchmarks;

import com.sun.management.ThreadMXBean;
import dev.tokenledger.capture.Capture;
import dev.tokenledger.capture.CapturedCall;
import dev.tokenledger.capture.Exchange;
import dev.tokenledger.usage.Attribution;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What reading an answer along allocates and holds: answers in one piece and as event streams, of several providers, shown in pieces
 * as a client receives them; and a stream of 100 MB, with what is reachable while it goes on.
 */
final class CaptureBench {

    static final Map<String, String> OPTIONS =
            Map.of("dir", "target/bench", "rounds", "5", "kilobytes", "256", "stream-megabytes", "100");

    private static final double ALLOCATED_TARGET = 2;
    private static final double HELD_TARGET = 64;
    private static final int PIECE = 8_192;
    private static final int LOOKS = 10;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Options options;
    private final Report report;
    private final List<CapturedCall> calls = new ArrayList<>();
    private final Capture capture = Capture.to(calls::add).build();

    /** An answer to be shown: what comes first, what is repeated, what ends it. */
    private record Kind(String name, String path, String type, String head, String piece, String tail) {

        byte[] answer(long bytes) {
            StringBuilder text = new StringBuilder(head);
            while (text.length() + tail.length() < bytes) {
                text.append(piece);
            }
            return text.append(tail).toString().getBytes(StandardCharsets.UTF_8);
        }
    }

    private static final List<Kind> KINDS = List.of(
            new Kind(
                    "OpenAI chat in one piece",
                    "/v1/chat/completions",
                    "application/json",
                    "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"model\":\"gpt-4.1-2025-04-14\",\"choices\":[{\"index\":0,"
                            + "\"message\":{\"role\":\"assistant\",\"content\":\"",
                    "All is well, and so on. ",
                    "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":230,\"completion_tokens\":64,"
                            + "\"total_tokens\":294,\"prompt_tokens_details\":{\"cached_tokens\":90}}}"),
            new Kind(
                    "OpenAI chat streamed, 250 bytes an event",
                    "/v1/chat/completions",
                    "text/event-stream",
                    "",
                    "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1790000000,"
                            + "\"model\":\"gpt-4.1-2025-04-14\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_1\","
                            + "\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word\"},\"logprobs\":null,\"finish_reason\":null}],"
                            + "\"usage\":null}\n\n",
                    "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1790000000,"
                            + "\"model\":\"gpt-4.1-2025-04-14\",\"choices\":[],\"usage\":{\"prompt_tokens\":230,"
                            + "\"completion_tokens\":64,\"total_tokens\":294}}\n\ndata: [DONE]\n\n"),
            new Kind(
                    "Anthropic streamed, 120 bytes an event",
                    "/v1/messages",
                    "text/event-stream",
                    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\","
                            + "\"role\":\"assistant\",\"model\":\"claude-sonnet-4-5-20250929\",\"content\":[],\"usage\":{"
                            + "\"input_tokens\":31,\"cache_read_input_tokens\":5200,\"output_tokens\":2}}}\n\n",
                    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{"
                            + "\"type\":\"text_delta\",\"text\":\" word\"}}\n\n",
                    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
                            + "\"usage\":{\"output_tokens\":17}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"),
            // Every event states what was used so far, so that no two of them are the same.
            new Kind(
                    "Gemini streamed, 340 bytes an event",
                    "/v1beta/models/gemini-2.5-flash:streamGenerateContent",
                    "text/event-stream",
                    "",
                    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\" some words that were said\"}],\"role\":\"model\"},\"index\":0}],"
                            + "\"usageMetadata\":{\"promptTokenCount\":310,\"candidatesTokenCount\":16,\"totalTokenCount\":326,"
                            + "\"promptTokensDetails\":[{\"modality\":\"TEXT\",\"tokenCount\":310}],\"thoughtsTokenCount\":65},"
                            + "\"modelVersion\":\"gemini-2.5-flash\",\"responseId\":\"r-1\"}\n\n"
                            + "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\" some words that were said\"}],\"role\":\"model\"},\"index\":0}],"
                            + "\"usageMetadata\":{\"promptTokenCount\":310,\"candidatesTokenCount\":23,\"totalTokenCount\":333,"
                            + "\"promptTokensDetails\":[{\"modality\":\"TEXT\",\"tokenCount\":310}],\"thoughtsTokenCount\":65},"
                            + "\"modelVersion\":\"gemini-2.5-flash\",\"responseId\":\"r-1\"}\n\n",
                    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\" some words that were said\"}],\"role\":\"model\"},\"index\":0}],"
                            + "\"usageMetadata\":{\"promptTokenCount\":310,\"candidatesTokenCount\":30,\"totalTokenCount\":340,"
                            + "\"promptTokensDetails\":[{\"modality\":\"TEXT\",\"tokenCount\":310}],\"thoughtsTokenCount\":65},"
                            + "\"modelVersion\":\"gemini-2.5-flash\",\"responseId\":\"r-1\"}\n\n"));

    private CaptureBench(Options options, Report report) {
        this.options = options;
        this.report = report;
    }

    static void run(Options options, PrintStream out) throws Exception {
        Report report = Report.begin(out, "capture", options, options.path("dir"));
        new CaptureBench(options, report).measure();
        report.end();
    }

    private void measure() {
        for (Kind kind : KINDS) {
            byte[] answer = kind.answer(options.number("kilobytes") << 10);
            show(kind, answer);
            double[] allocated = new double[options.count("rounds")];
            for (int round = 0; round < allocated.length; round++) {
                long before = THREADS.getCurrentThreadAllocatedBytes();
                show(kind, answer);
                allocated[round] = (THREADS.getCurrentThreadAllocatedBytes() - before) / (double) answer.length;
            }
            report.atMost("allocated ÷ body, " + kind.name(), ALLOCATED_TARGET, "×", allocated);
        }
        for (Kind kind : KINDS) {
            report.atMost(
                    "held of " + options.number("stream-megabytes") + " MB, " + kind.name(),
                    HELD_TARGET,
                    " kB",
                    held(kind));
        }
    }

    private void show(Kind kind, byte[] answer) {
        Exchange exchange = begin(kind);
        for (int from = 0; from < answer.length; from += PIECE) {
            exchange.body(answer, from, Math.min(PIECE, answer.length - from));
        }
        end(exchange);
    }

    private Exchange begin(Kind kind) {
        Exchange exchange = capture.begin(() -> URI.create("https://api.openai.com" + kind.path()), Attribution.NONE)
                .orElseThrow();
        if (!exchange.answered(200, kind.type())) {
            throw new IllegalStateException("the answer was not wanted");
        }
        return exchange;
    }

    /** Figures of answers that were not understood would be worth nothing. */
    private void end(Exchange exchange) {
        exchange.complete();
        if (calls.size() != 1
                || calls.get(0).response().orElseThrow().usage().tokens().output() == 0) {
            throw new IllegalStateException("the answer was not read");
        }
        calls.clear();
    }

    /** What is reachable while a stream goes on beyond what was before, at so many places; in kilobytes. */
    private double[] held(Kind kind) {
        byte[] piece = kind.piece().repeat(PIECE / kind.piece().length()).getBytes(StandardCharsets.UTF_8);
        byte[] head = kind.head().getBytes(StandardCharsets.UTF_8);
        byte[] tail = kind.tail().getBytes(StandardCharsets.UTF_8);
        long pieces = (options.number("stream-megabytes") << 20) / piece.length;
        double[] held = new double[LOOKS];
        long before = reachable();
        Exchange exchange = begin(kind);
        exchange.body(head, 0, head.length);
        for (int look = 0; look < LOOKS; look++) {
            for (long i = 0; i < pieces / LOOKS; i++) {
                exchange.body(piece, 0, piece.length);
            }
            held[look] = Math.max(0, reachable() - before) / 1_024.0;
        }
        exchange.body(tail, 0, tail.length);
        end(exchange);
        return held;
    }

    private static long reachable() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }
}
