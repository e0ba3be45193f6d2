package dev.tokenledger.examples.langchain4j;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Streams on loopback as OpenAI's chat does: first a call of the tool, then an answer. So the example needs no key and costs
 * nothing.
 */
final class FakeModel implements AutoCloseable {

    private static final String USAGE =
            "\"usage\":{\"prompt_tokens\":1500,\"completion_tokens\":40,\"total_tokens\":1540,"
                    + "\"prompt_tokens_details\":{\"cached_tokens\":1200}}";

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
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private static void answer(HttpExchange exchange) throws IOException {
        String request = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        boolean second = request.replace(" ", "").contains("\"role\":\"tool\"");
        String message = second
                ? "\"content\":\"There is a table for four at eight.\""
                : "\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"book\","
                        + "\"arguments\":\"{\\\"persons\\\":4}\"}}]";
        String chunk = "data: {\"id\":\"chatcmpl-example-" + UUID.randomUUID()
                + "\",\"object\":\"chat.completion.chunk\",\"created\":1790000000,\"model\":\"gpt-4.1-mini-2025-04-14\","
                + "\"service_tier\":\"default\",\"choices\":[";
        String body = chunk + "{\"index\":0,\"delta\":{\"role\":\"assistant\"," + message
                + "},\"finish_reason\":null}]}\n\n" + chunk + "{\"index\":0,\"delta\":{},\"finish_reason\":\""
                + (second ? "stop" : "tool_calls") + "\"}]}\n\n" + chunk + "]," + USAGE + "}\n\ndata: [DONE]\n\n";
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
