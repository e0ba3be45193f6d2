package dev.tokenledger.server.mcp;

import dev.tokenledger.LedgerException;
import dev.tokenledger.formats.json.JsonText;
import dev.tokenledger.formats.text.Documents;
import dev.tokenledger.formats.text.Node;
import dev.tokenledger.formats.text.TextFormatException;
import dev.tokenledger.formats.text.Utf8;
import dev.tokenledger.text.Texts;
import io.modelcontextprotocol.common.McpTransportContext;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpStatelessServerFeatures.SyncToolSpecification;
import io.modelcontextprotocol.server.McpStatelessServerHandler;
import io.modelcontextprotocol.server.McpStatelessSyncServer;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.ErrorCodes;
import io.modelcontextprotocol.spec.McpSchema.InitializeRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import io.modelcontextprotocol.spec.McpSchema.PaginatedRequest;
import io.modelcontextprotocol.spec.McpSchema.ServerCapabilities;
import io.modelcontextprotocol.spec.McpStatelessServerTransport;
import io.modelcontextprotocol.spec.ProtocolVersions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Answers messages of the protocol, one at a time and each by itself, whichever way they came. Safe for use by many threads.
 *
 * <p>The SDK knows the protocol; what reaches it is checked here first, because it answers what is no message, or has no
 * such parameters, with the text of an exception, and its own transport over standard input stops at the first such line.
 */
final class Conversation implements AutoCloseable {

    /** The versions of the protocol that are spoken, oldest first. */
    static final List<String> VERSIONS = List.of(
            ProtocolVersions.MCP_2024_11_05,
            ProtocolVersions.MCP_2025_03_26,
            ProtocolVersions.MCP_2025_06_18,
            ProtocolVersions.MCP_2025_11_25);

    /** The one version that has batches: several messages in one array. */
    static final String VERSION_WITH_BATCHES = ProtocolVersions.MCP_2025_03_26;

    /** The most messages of a batch. */
    static final int MAX_BATCH = 50;

    private static final int MAX_SHOWN_LENGTH = 64;

    private static final String SERVER = "tokenledger";

    /** The longest name of a method, and the longest id: answers repeat them. */
    private static final int MAX_ID_LENGTH = 512;

    /** The SDK knows no longer numbers. */
    private static final String ID_EXPECTED =
            "id: expected a text of at most " + MAX_ID_LENGTH + " characters or a whole number of 64 bits";

    /** What the methods that have parameters take. Of those, pages alone need none. */
    private static final Map<String, Class<?>> PARAMETERS = Map.of(
            McpSchema.METHOD_INITIALIZE, InitializeRequest.class,
            McpSchema.METHOD_TOOLS_CALL, CallToolRequest.class,
            McpSchema.METHOD_TOOLS_LIST, PaginatedRequest.class);

    /** The text that their parameters must have; the SDK makes one up. */
    private static final Map<String, String> REQUIRED =
            Map.of(McpSchema.METHOD_INITIALIZE, "protocolVersion", McpSchema.METHOD_TOOLS_CALL, "name");

    private final Transport transport = new Transport();
    private final List<String> tools;
    private final McpStatelessSyncServer server;

    /** What a message comes to. */
    sealed interface Reply {

        /** There is nothing to say: it was a notification, or an answer. */
        record Silence() implements Reply {}

        /**
         * The answer to a request, which may be an error, or to a batch of them.
         *
         * @param negotiated the version that is spoken from now on; empty if the request was about something else
         */
        record Answer(String json, String negotiated) implements Reply {}

        /** It was no message, or a request that nobody can have meant. */
        record Refusal(String json) implements Reply {}

        /** The tool failed; the answer says so in words for whoever owns the ledger. */
        record Failure(String json, RuntimeException cause) implements Reply {}
    }

    /**
     * Answers with tools.
     *
     * @param version the program's; may be empty
     */
    Conversation(List<LedgerTool> tools, String version) {
        this.tools = tools.stream().map(tool -> tool.tool().name()).toList();
        server = McpServer.sync(transport)
                .jsonMapper(LedgerTool.JSON)
                // The protocol wants a version.
                .serverInfo(SERVER, version.isBlank() ? "0" : version)
                // Left to itself it would announce logging too, which nobody here writes.
                .capabilities(ServerCapabilities.builder().tools(false).build())
                .tools(tools.stream()
                        .map(tool -> new SyncToolSpecification(
                                tool.tool(), (context, request) -> call(tool, context, request)))
                        .toList())
                .immediateExecution(true)
                // The tools check their arguments themselves; the SDK's validator answers in the language of this
                // machine.
                .validateToolInputs(false)
                .build();
    }

    private static CallToolResult call(LedgerTool tool, McpTransportContext context, CallToolRequest request) {
        if (!(context.get(Outcome.KEY) instanceof Outcome outcome)) {
            throw new IllegalStateException("a call of a tool came in past reply()");
        }
        try {
            return tool.call(outcome.asked, request);
        } catch (RuntimeException e) {
            outcome.failure = e;
            throw e;
        }
    }

    /**
     * Answers one message, or a batch of them.
     *
     * @param batches whether the version that is spoken has batches
     * @param asked what whoever sent it may read
     */
    Reply reply(byte[] message, boolean batches, Questions asked) {
        String text;
        Node node;
        try {
            text = Utf8.decode(message, 0, message.length);
            node = Documents.readJson(text);
        } catch (CharacterCodingException | TextFormatException e) {
            return refused(
                    Optional.empty(),
                    ErrorCodes.PARSE_ERROR,
                    "not JSON in UTF-8, or a name stands twice, or it is nested deeper than " + Documents.MAX_DEPTH
                            + " levels");
        }
        if (node instanceof Node.Mapping mapping) {
            return reply(mapping.members(), text, asked);
        }
        if (node instanceof Node.Sequence sequence && batches) {
            return replies(sequence.items(), text, asked);
        }
        return refused(
                Optional.empty(),
                ErrorCodes.INVALID_REQUEST,
                node instanceof Node.Sequence
                        ? "expected one message, an object: batches are of version " + VERSION_WITH_BATCHES + " alone"
                        : "expected one message, an object");
    }

    /** The answers to the requests of a batch, in its order; nothing where it has none. */
    private Reply replies(List<Node> messages, String text, Questions asked) {
        if (messages.isEmpty() || messages.size() > MAX_BATCH) {
            return refused(
                    Optional.empty(),
                    ErrorCodes.INVALID_REQUEST,
                    "expected a batch of 1 to " + MAX_BATCH + " messages");
        }
        List<?> values = read(text, List.class);
        List<String> answers = new ArrayList<>();
        RuntimeException failure = null;
        for (int i = 0; i < messages.size(); i++) {
            Reply reply = replyWithin(messages.get(i), values.get(i), asked);
            if (reply instanceof Reply.Answer answer) {
                answers.add(answer.json());
            } else if (reply instanceof Reply.Refusal refusal) {
                answers.add(refusal.json());
            } else if (reply instanceof Reply.Failure failed) {
                answers.add(failed.json());
                failure = failed.cause();
            }
        }
        String all = "[" + String.join(",", answers) + "]";
        if (failure != null) {
            return new Reply.Failure(all, failure);
        }
        return answers.isEmpty() ? new Reply.Silence() : new Reply.Answer(all, "");
    }

    private Reply replyWithin(Node message, @Nullable Object value, Questions asked) {
        if (!(message instanceof Node.Mapping mapping)) {
            return refused(Optional.empty(), ErrorCodes.INVALID_REQUEST, "expected a message, an object");
        }
        if (mapping.members().get("method") instanceof Node.Text method
                && method.value().equals(McpSchema.METHOD_INITIALIZE)) {
            return refused(
                    Optional.ofNullable(mapping.members().get("id")).filter(Conversation::isId),
                    ErrorCodes.INVALID_REQUEST,
                    "initialize: expected by itself, not in a batch");
        }
        return reply(mapping.members(), write(value), asked);
    }

    private Reply reply(Map<String, Node> members, String text, Questions asked) {
        Optional<Node> known = Optional.ofNullable(members.get("id")).filter(Conversation::isId);
        if (!(members.get("jsonrpc") instanceof Node.Text version)
                || !version.value().equals("2.0")) {
            return refused(known, ErrorCodes.INVALID_REQUEST, "jsonrpc: expected \"2.0\"");
        }
        if (members.containsKey("id") && known.isEmpty()) {
            return refused(known, ErrorCodes.INVALID_REQUEST, ID_EXPECTED);
        }
        if (!members.containsKey("method")) {
            boolean answer = known.isPresent() && (members.containsKey("result") || members.containsKey("error"));
            return answer ? new Reply.Silence() : refused(known, ErrorCodes.INVALID_REQUEST, "method: state which");
        }
        if (!(members.get("method") instanceof Node.Text method)
                || method.value().length() > MAX_ID_LENGTH) {
            return refused(known, ErrorCodes.INVALID_REQUEST, "method: expected a name");
        }
        if (known.isEmpty()) {
            // Of what clients tell, nothing matters to a server that remembers nothing of them.
            return new Reply.Silence();
        }
        Optional<String> unknown = unknownTool(method.value(), members.get("params"));
        if (unknown.isPresent()) {
            return new Reply.Answer(error(known, ErrorCodes.INVALID_PARAMS, unknown.get()), "");
        }
        JSONRPCRequest request = read(text, JSONRPCRequest.class);
        return understood(method.value(), members.get("params"), request.params())
                ? answered(request, known, asked)
                : refused(known, ErrorCodes.INVALID_PARAMS, "params: not what " + method.value() + " takes");
    }

    private static boolean isId(Node id) {
        return (id instanceof Node.Text text && text.value().length() <= MAX_ID_LENGTH)
                || (id instanceof Node.Number number && number.whole() && fitsLong(number.literal()));
    }

    private static boolean fitsLong(String digits) {
        try {
            Long.parseLong(digits);
            return true;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static boolean understood(String method, @Nullable Node stated, @Nullable Object params) {
        Class<?> type = PARAMETERS.get(method);
        if (stated == null) {
            return type == null || type == PaginatedRequest.class;
        }
        if (!(stated instanceof Node.Mapping mapping)) {
            return false;
        }
        String required = REQUIRED.get(method);
        if (required != null && !(mapping.members().get(required) instanceof Node.Text)) {
            return false;
        }
        try {
            return type == null || LedgerTool.JSON.convertValue(params, type) != null;
        } catch (RuntimeException e) {
            return false;
        }
    }

    /** What is wrong with the name of a tool that is called; empty if nothing is. */
    private Optional<String> unknownTool(String method, @Nullable Node params) {
        if (method.equals(McpSchema.METHOD_TOOLS_CALL)
                && params instanceof Node.Mapping mapping
                && mapping.members().get("name") instanceof Node.Text name
                && !tools.contains(name.value())) {
            return Optional.of("unknown tool \"" + Texts.cut(name.value(), MAX_SHOWN_LENGTH) + "\"; expected one of "
                    + String.join(", ", tools));
        }
        return Optional.empty();
    }

    private static <T> T read(String text, Class<T> type) {
        try {
            return LedgerTool.JSON.readValue(text, type);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String write(@Nullable Object value) {
        try {
            return LedgerTool.JSON.writeValueAsString(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Reply answered(JSONRPCRequest request, Optional<Node> id, Questions asked) {
        Outcome outcome = new Outcome(asked);
        McpTransportContext context = McpTransportContext.create(Map.of(Outcome.KEY, outcome));
        JSONRPCResponse response =
                transport.handler().handleRequest(context, request).block();
        RuntimeException failure = outcome.failure;
        if (failure != null) {
            String reason = failure instanceof LedgerException ? failure.getMessage() : "the program failed";
            return new Reply.Failure(error(id, ErrorCodes.INTERNAL_ERROR, "cannot answer: " + reason), failure);
        }
        return new Reply.Answer(write(Objects.requireNonNull(response, "response")), negotiated(request));
    }

    /** The version that an initialization leads to: the asked one if it is known, else the newest. */
    private static String negotiated(JSONRPCRequest request) {
        if (!request.method().equals(McpSchema.METHOD_INITIALIZE)) {
            return "";
        }
        String asked = LedgerTool.JSON
                .convertValue(Objects.requireNonNull(request.params(), "params"), InitializeRequest.class)
                .protocolVersion();
        return VERSIONS.contains(asked) ? asked : VERSIONS.get(VERSIONS.size() - 1);
    }

    private static Reply refused(Optional<Node> id, int code, String message) {
        return new Reply.Refusal(error(id, code, message));
    }

    /** An error that answers no request that is known. */
    static String error(int code, String message) {
        return error(Optional.empty(), code, message);
    }

    private static String error(Optional<Node> id, int code, String message) {
        return JsonText.write(json -> {
            json.writeStartObject();
            json.writeStringProperty("jsonrpc", "2.0");
            json.writeName("id");
            Node known = id.orElse(null);
            if (known instanceof Node.Text text) {
                json.writeString(text.value());
            } else if (known instanceof Node.Number number) {
                json.writeRawValue(number.literal());
            } else {
                json.writeNull();
            }
            json.writeObjectPropertyStart("error");
            json.writeNumberProperty("code", code);
            json.writeStringProperty("message", message);
            json.writeEndObject();
            json.writeEndObject();
        });
    }

    @Override
    public void close() {
        server.close();
    }

    /**
     * What a call may read, and where it leaves why it failed, which the SDK would only tell the client. Used by the thread of one
     * request.
     */
    private static final class Outcome {

        static final String KEY = "outcome";

        private final Questions asked;
        private @Nullable RuntimeException failure;

        private Outcome(Questions asked) {
            this.asked = asked;
        }
    }

    /** What the SDK takes for the way that messages come. */
    private static final class Transport implements McpStatelessServerTransport {

        private @Nullable McpStatelessServerHandler handler;

        McpStatelessServerHandler handler() {
            return Objects.requireNonNull(handler, "the server sets it when it is built");
        }

        @Override
        public void setMcpHandler(McpStatelessServerHandler messages) {
            handler = messages;
        }

        @Override
        public Mono<Void> closeGracefully() {
            return Mono.empty();
        }

        @Override
        public List<String> protocolVersions() {
            return VERSIONS;
        }
    }
}
