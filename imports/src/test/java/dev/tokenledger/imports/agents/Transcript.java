package dev.tokenledger.imports.agents;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes rows as Claude Code does; each part can be set to any JSON, or to nothing at all. */
final class Transcript {

    private final Map<String, String> row = new LinkedHashMap<>();
    private final Map<String, String> message = new LinkedHashMap<>();
    private final Map<String, String> usage = new LinkedHashMap<>();

    private Transcript() {
        row.put("parentUuid", "null");
        row.put("isSidechain", "false");
        row.put("userType", "\"external\"");
        row.put("cwd", "\"/home/ada/engine\"");
        row.put("sessionId", "\"session-1\"");
        row.put("version", "\"2.0.14\"");
        row.put("gitBranch", "\"main\"");
        row.put("type", "\"assistant\"");
        row.put("uuid", "\"uuid-1\"");
        row.put("timestamp", "\"2026-03-01T12:00:00.250Z\"");
        row.put("requestId", "\"req_1\"");
        message.put("id", "\"msg_1\"");
        message.put("type", "\"message\"");
        message.put("role", "\"assistant\"");
        message.put("model", "\"claude-sonnet-4-5-20250929\"");
        message.put("content", "[{\"type\":\"text\",\"text\":\"a \\\"usage\\\" of words\"}]");
        message.put("stop_reason", "\"end_turn\"");
        usage.put("input_tokens", "10");
        usage.put("cache_creation_input_tokens", "30");
        usage.put("cache_read_input_tokens", "40");
        usage.put("cache_creation", "{\"ephemeral_5m_input_tokens\":12,\"ephemeral_1h_input_tokens\":18}");
        usage.put("output_tokens", "20");
        usage.put("service_tier", "\"standard\"");
    }

    /** A row of an assistant's message {@code msg_1} under the request {@code req_1}. */
    static Transcript row() {
        return new Transcript();
    }

    /** The same of another message and request. */
    static Transcript row(String message, String request) {
        return row().message("id", "\"" + message + "\"").with("requestId", "\"" + request + "\"");
    }

    /** Sets a field of the row to some JSON; null leaves it out. */
    Transcript with(String name, String json) {
        return set(row, name, json);
    }

    /** Sets a field of the message. */
    Transcript message(String name, String json) {
        return set(message, name, json);
    }

    /** Sets a field of the usage object. */
    Transcript usage(String name, String json) {
        return set(usage, name, json);
    }

    Transcript output(long tokens) {
        return usage("output_tokens", Long.toString(tokens));
    }

    Transcript sidechain() {
        return with("isSidechain", "true");
    }

    private Transcript set(Map<String, String> fields, String name, String json) {
        if (json == null) {
            fields.remove(name);
        } else {
            fields.put(name, json);
        }
        return this;
    }

    /** The row within a sub-agent's notice of progress. */
    String asProgress() {
        return "{\"type\":\"progress\",\"data\":{\"type\":\"agent_progress\",\"agentId\":\"a1b2\",\"prompt\":\"look\","
                + "\"message\":" + this + "},\"cwd\":\"/home/ada/engine\",\"sessionId\":\"session-1\","
                + "\"version\":\"2.0.14\",\"gitBranch\":\"main\",\"timestamp\":\"2026-03-01T13:00:00Z\"}";
    }

    @Override
    public String toString() {
        Map<String, String> all = new LinkedHashMap<>(row);
        Map<String, String> said = new LinkedHashMap<>(message);
        said.put("usage", json(usage));
        all.put("message", json(said));
        return json(all);
    }

    private static String json(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> "\"" + field.getKey() + "\":" + field.getValue())
                .collect(Collectors.joining(",", "{", "}"));
    }
}
