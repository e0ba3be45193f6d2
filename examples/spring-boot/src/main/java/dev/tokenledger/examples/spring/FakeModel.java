package dev.tokenledger.examples.spring;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Answers on loopback as Anthropic's Messages API does, always the same, so that the example needs no key and costs nothing. */
final class FakeModel implements AutoCloseable {

    private static final String USAGE = "{\"input_tokens\":24,\"cache_creation_input_tokens\":0,"
            + "\"cache_read_input_tokens\":3800,\"output_tokens\":%,\"service_tier\":\"standard\"}";

    private final AtomicInteger answered = new AtomicInteger();
    private final HttpServer server;

    FakeModel() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                answer(exchange);
            }
        });
        server.start();
    }

    String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String request = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        boolean stream = request.contains("\"stream\":true");
        String message = "{\"id\":\"msg_example" + answered.incrementAndGet()
                + "\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-sonnet-4-5-20250929\","
                + "\"stop_sequence\":null,\"content\":[";
        String body = stream
                ? events(message)
                : message
                        + "{\"type\":\"text\",\"text\":\"It will be sunny.\"}],\"stop_reason\":\"end_turn\",\"usage\":"
                        + USAGE.replace("%", "12") + "}";
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", stream ? "text/event-stream" : "application/json");
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static String events(String message) {
        List<String[]> events = List.of(
                new String[] {
                    "message_start",
                    "\"message\":" + message + "],\"stop_reason\":null,\"usage\":" + USAGE.replace("%", "1") + "}"
                },
                new String[] {"content_block_start", "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}"},
                new String[] {
                    "content_block_delta",
                    "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"It will be sunny.\"}"
                },
                new String[] {"content_block_stop", "\"index\":0"},
                new String[] {
                    "message_delta",
                    "\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":12}"
                });
        StringBuilder text = new StringBuilder();
        for (String[] event : events) {
            text.append("event: " + event[0] + "\ndata: {\"type\":\"" + event[0] + "\"," + event[1] + "}\n\n");
        }
        return text.append("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")
                .toString();
    }
}
