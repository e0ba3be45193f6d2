package dev.tokenledger.spring;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Answers as Anthropic, OpenAI (chat) and Ollama do, on loopback, with figures that tests know. Models named {@code busy} are
 * answered 429, streams of models named {@code broken} break off in the middle, those of {@code endless} go
 * on. Whoever offers a tool is asked to call it first.
 */
final class FakeProviders implements AutoCloseable {

    private static final String TOOL_ARGUMENTS = "{\\\"city\\\":\\\"Oslo\\\"}";
    private static final String ANTHROPIC_USAGE = "{\"input_tokens\":31,\"cache_creation_input_tokens\":120,"
            + "\"cache_read_input_tokens\":5200,\"cache_creation\":{\"ephemeral_5m_input_tokens\":70,"
            + "\"ephemeral_1h_input_tokens\":50},\"output_tokens\":OUT,\"service_tier\":\"standard\","
            + "\"server_tool_use\":{\"web_search_requests\":1}}";
    private static final String OPENAI_USAGE = "{\"prompt_tokens\":230,\"completion_tokens\":64,\"total_tokens\":294,"
            + "\"prompt_tokens_details\":{\"cached_tokens\":90,\"audio_tokens\":0},"
            + "\"completion_tokens_details\":{\"reasoning_tokens\":24,\"audio_tokens\":0}}";

    private final CountDownLatch closing = new CountDownLatch(1);
    private final AtomicInteger count = new AtomicInteger();
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    FakeProviders() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                answer(exchange);
            }
        });
        server.setExecutor(threads);
        server.start();
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** How many requests came. */
    int requests() {
        return count.get();
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String request = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)
                .replaceAll("\\s*:\\s*", ":");
        String path = exchange.getRequestURI().getPath();
        int number = count.incrementAndGet();
        boolean stream = path.endsWith("/api/chat")
                ? !request.contains("\"stream\":false")
                : request.contains("\"stream\":true");
        boolean tool = request.contains("\"tools\":[{")
                && !request.contains("tool_result")
                && !request.contains("\"role\":\"tool\"");
        if (request.contains("\"model\":\"busy\"")) {
            send(exchange, 429, "{\"error\":{\"type\":\"rate_limit_error\",\"message\":\"later\"}}");
        } else if (path.endsWith("/messages")) {
            anthropic(exchange, number, stream, tool, ending(request));
        } else if (path.endsWith("/chat/completions")) {
            openAi(exchange, number, stream, tool, request.contains("\"include_usage\":true"));
        } else if (path.endsWith("/api/chat")) {
            ollama(exchange, stream);
        } else {
            send(exchange, 404, "{}");
        }
    }

    /** How a stream ends. */
    private enum Ending {
        WHOLE,
        BROKEN,
        NEVER
    }

    private static Ending ending(String request) {
        if (request.contains("\"model\":\"endless\"")) {
            return Ending.NEVER;
        }
        return request.contains("\"model\":\"broken\"") ? Ending.BROKEN : Ending.WHOLE;
    }

    private void anthropic(HttpExchange exchange, int number, boolean stream, boolean tool, Ending ending)
            throws IOException {
        String id = "msg_fake" + number;
        String stop = tool ? "tool_use" : "end_turn";
        String head = "{\"id\":\"" + id + "\",\"type\":\"message\",\"role\":\"assistant\","
                + "\"model\":\"claude-sonnet-4-5-20250929\",\"stop_sequence\":null,";
        if (!stream) {
            String content = tool
                    ? "{\"type\":\"tool_use\",\"id\":\"toolu_" + number
                            + "\",\"name\":\"weather\",\"input\":{\"city\":\"Oslo\"}}"
                    : "{\"type\":\"text\",\"text\":\"Fine\"}";
            send(
                    exchange,
                    200,
                    head + "\"content\":[" + content + "],\"stop_reason\":\"" + stop + "\",\"usage\":"
                            + ANTHROPIC_USAGE.replace("OUT", "21") + "}");
            return;
        }
        List<String> events = new ArrayList<>();
        events.add("{\"type\":\"message_start\",\"message\":" + head + "\"content\":[],\"stop_reason\":null,\"usage\":"
                + ANTHROPIC_USAGE.replace("OUT", "2") + "}}");
        if (tool) {
            events.add("{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"tool_use\","
                    + "\"id\":\"toolu_" + number + "\",\"name\":\"weather\",\"input\":{}}}");
            events.add("{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"input_json_delta\","
                    + "\"partial_json\":\"" + TOOL_ARGUMENTS + "\"}}");
        } else {
            events.add(
                    "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}");
            events.add(
                    "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Fine\"}}");
        }
        if (ending == Ending.WHOLE) {
            events.add("{\"type\":\"content_block_stop\",\"index\":0}");
            events.add("{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"" + stop
                    + "\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":21}}");
            events.add("{\"type\":\"message_stop\"}");
        }
        StringBuilder body = new StringBuilder();
        for (String event : events) {
            String type = event.substring("{\"type\":\"".length(), event.indexOf('"', "{\"type\":\"".length()));
            body.append("event: ").append(type).append("\ndata: ").append(event).append("\n\n");
        }
        // A body that is longer than what comes breaks off where it ends.
        write(exchange, "text/event-stream", body.toString(), ending != Ending.WHOLE);
        if (ending == Ending.NEVER) {
            try {
                closing.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void openAi(HttpExchange exchange, int number, boolean stream, boolean tool, boolean usage)
            throws IOException {
        String head = "{\"id\":\"chatcmpl-fake" + number + "\",\"created\":1780000000,\"model\":\"gpt-4.1-2025-04-14\","
                + "\"service_tier\":\"default\",";
        String call = "\"tool_calls\":[{\"index\":0,\"id\":\"call_" + number + "\",\"type\":\"function\",\"function\":{"
                + "\"name\":\"weather\",\"arguments\":\"" + TOOL_ARGUMENTS + "\"}}]";
        String message = "{\"role\":\"assistant\",\"refusal\":null,"
                + (tool ? "\"content\":null," + call : "\"content\":\"Fine\"") + "}";
        String stop = tool ? "tool_calls" : "stop";
        if (!stream) {
            send(
                    exchange,
                    200,
                    head + "\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":" + message
                            + ",\"logprobs\":null,\"finish_reason\":\"" + stop + "\"}],\"usage\":" + OPENAI_USAGE
                            + "}");
            return;
        }
        String chunk = "data: " + head + "\"object\":\"chat.completion.chunk\",\"choices\":[";
        String body = chunk + "{\"index\":0,\"delta\":" + message + ",\"finish_reason\":null}]}\n\n" + chunk
                + "{\"index\":0,\"delta\":{},\"finish_reason\":\"" + stop + "\"}]}\n\n"
                + (usage ? chunk + "],\"usage\":" + OPENAI_USAGE + "}\n\n" : "") + "data: [DONE]\n\n";
        write(exchange, "text/event-stream", body, false);
    }

    private static void ollama(HttpExchange exchange, boolean stream) throws IOException {
        String head = "{\"model\":\"gpt-oss:20b\",\"created_at\":\"2026-11-01T00:00:00Z\",\"message\":{\"role\":"
                + "\"assistant\",\"content\":\"Fine\"},";
        String last = head + "\"done_reason\":\"stop\",\"done\":true,\"total_duration\":9,\"load_duration\":1,"
                + "\"prompt_eval_count\":17,\"prompt_eval_duration\":1,\"eval_count\":6,\"eval_duration\":1}";
        if (stream) {
            write(exchange, "application/x-ndjson", head + "\"done\":false}\n" + last + "\n", false);
        } else {
            send(exchange, 200, last);
        }
    }

    private static void send(HttpExchange exchange, int status, String json) throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    private static void write(HttpExchange exchange, String type, String text, boolean broken) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(200, broken ? body.length + 100 : 0);
        OutputStream out = exchange.getResponseBody();
        out.write(body);
        out.flush();
    }
}
