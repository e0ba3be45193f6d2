package dev.tokenledger.payloads;

import dev.tokenledger.formats.text.Documents;
import dev.tokenledger.formats.text.Node;
import dev.tokenledger.formats.text.Place;
import dev.tokenledger.text.Texts;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads a provider's answer as it comes: a whole body, or a stream's events one after the other.
 *
 * <pre>{@code
 * ResponseReader reader = ResponseReader.of("anthropic-messages");
 * client.send(request, BodyHandlers.ofLines()).body().forEach(reader::line);
 * ProviderResponse response = reader.finish();
 * }</pre>
 *
 * <p>The counts of a stream are running totals: a field replaces the one before of the same name, and nothing is ever added
 * up. Only what says something of the usage is looked at; what the model said is passed over without being decoded. Not
 * safe for use by several threads.
 */
public final class ResponseReader {

    private static final String MESSAGES = "anthropic-messages";
    private static final String CHAT = "openai-chat";
    private static final String RESPONSES = "openai-responses";
    private static final int SHOWN = 64;

    /** Members of an answer whose values are kept whole, for they are small. */
    static final Set<String> KEPT = Set.of(
            "id",
            "type",
            "object",
            "event_type",
            "model",
            "modelVersion",
            "responseId",
            "generation_id",
            "service_tier",
            "serviceTier",
            "usage",
            "usageMetadata",
            "meta",
            "prompt_eval_count",
            "eval_count",
            "done",
            "action",
            "container_id",
            "error",
            "code",
            "status");

    /** Members whose own members are looked at by the same rules. */
    static final Set<String> OPENED =
            Set.of("message", "response", "metadata", "delta", "x_groq", "output", "body", "result");

    /** Paid tool calls of OpenAI's Responses, by the type of the item that tells of one. */
    private static final Map<String, String> TOOLS = Map.of(
            "web_search_call",
            "web_search",
            "file_search_call",
            "file_search",
            "image_generation_call",
            "image_generation");

    /** Its container is paid, however often it ran there. */
    private static final String INTERPRETER = "code_interpreter_call";

    private static final String BATCH = "batch";

    /** Noted on an answer that was still being written. */
    static final String OUTPUT_INCOMPLETE = "output_incomplete";

    /** A word of an error that can be shown: no text, which may quote what was sent. */
    private static final Pattern ERROR_WORD = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

    /** Where a format states what. */
    private enum Layout {
        MESSAGES(List.of("usage"), List.of("id"), "model", List.of("message")),
        RESPONSES(List.of("usage"), List.of("id"), "model", List.of("response")),
        CHAT(List.of("usage"), List.of("id"), "model", List.of("x_groq")),
        GEMINI(List.of("usageMetadata"), List.of("responseId"), "modelVersion", List.of()),
        BEDROCK(List.of("usage"), List.of(), "", List.of("metadata")),
        COHERE(List.of("usage", "meta"), List.of("id", "generation_id"), "", List.of("delta", "response")),
        OLLAMA(List.of(), List.of(), "model", List.of());

        private final List<String> usages;
        private final List<String> ids;
        private final String model;
        private final List<String> inner;

        Layout(List<String> usages, List<String> ids, String model, List<String> inner) {
            this.usages = usages;
            this.ids = ids;
            this.model = model;
            this.inner = inner;
        }

        static Layout of(String format) {
            return switch (format) {
                case ResponseReader.MESSAGES -> MESSAGES;
                case ResponseReader.RESPONSES -> RESPONSES;
                case ResponseReader.CHAT, "mistral", "deepseek" -> CHAT;
                case "gemini" -> GEMINI;
                case "bedrock-converse" -> BEDROCK;
                case "cohere" -> COHERE;
                case "ollama" -> OLLAMA;
                default -> throw new IllegalStateException("a format without a layout: " + format);
            };
        }
    }

    private final Map<String, Node> usage = new LinkedHashMap<>();
    private final SortedMap<String, Long> calls = new TreeMap<>();
    private @Nullable UsagePayload convention;
    private String responseId = "";
    private String model = "";
    private String tier = "";
    private boolean stated;
    private boolean snapshot;
    private String error = "";
    private boolean batch;

    private ResponseReader(@Nullable UsagePayload convention) {
        this.convention = convention;
    }

    /**
     * Reads answers of a format.
     *
     * @throws IllegalArgumentException if there is none of that name; the message lists the names
     */
    public static ResponseReader of(String format) {
        return new ResponseReader(UsagePayload.of(format));
    }

    /** Reads an answer whose first object declares what it is, see {@link ProviderResponse#ofDeclared}. */
    public static ResponseReader declared() {
        return new ResponseReader(null);
    }

    /**
     * Takes a whole body, one event of a stream, or a list of events.
     *
     * @param json at most 8 MiB
     * @return this
     * @throws IllegalArgumentException if it is no JSON, or does not declare what it is where it has to
     */
    public ResponseReader json(String json) {
        try (JsonParser parser = Documents.deepJson(json)) {
            JsonToken token = parser.nextToken();
            if (token == JsonToken.START_ARRAY) {
                while (parser.nextToken() == JsonToken.START_OBJECT) {
                    take(members(parser));
                }
                token = parser.currentToken() == JsonToken.END_ARRAY ? token : null;
            } else if (token == JsonToken.START_OBJECT) {
                take(members(parser));
            } else {
                token = null;
            }
            if (token == null || parser.nextToken() != null) {
                throw new IllegalArgumentException(
                        "expected a JSON object, or a list of objects, and nothing behind it");
            }
            return this;
        } catch (JacksonException e) {
            throw new IllegalArgumentException("not valid JSON: " + Texts.cut(e.getOriginalMessage(), 200), e);
        }
    }

    /**
     * Takes a line of a stream: of server-sent events, whose {@code data} is one line, or of JSON by line. Lines that hold no data
     * are passed over.
     *
     * @throws IllegalArgumentException as {@link #json} does
     */
    public void line(String line) {
        String data = line.startsWith("data:") ? line.substring("data:".length()) : line;
        String json = data.strip();
        if (json.startsWith("{")) {
            json(json);
        }
    }

    /** Whether usage was stated so far; in a stream it may still change. */
    public boolean statesUsage() {
        return stated;
    }

    /** Whether usage was stated that is final: Anthropic's of the end, the whole body's, and where it comes last anyway. */
    public boolean isAnswered() {
        if (!stated || snapshot || convention == null) {
            return false;
        }
        // Gemini states what it has so far in every piece.
        return Layout.of(convention.format()) != Layout.GEMINI;
    }

    /** Whether the provider answered with an error in place of an answer, or broke a stream off with one. */
    public boolean statesError() {
        return !error.isEmpty();
    }

    /**
     * What there is of an answer that ended too early: a stream that broke off, or that the caller left. It is noted as {@code
     * output_incomplete}; where no usage was stated its counts are 0 and it is noted as never priced in full.
     *
     * @return empty if there was nothing of an answer
     * @throws IllegalArgumentException if a figure is impossible; the message begins with its field
     */
    public Optional<ProviderResponse> finishEarly() {
        Optional<ProviderResponse> known = stated && convention != null ? Optional.of(finish()) : withoutUsage();
        return known.map(answer -> new ProviderResponse(
                answer.responseId(), answer.model(), answer.usage().noted(OUTPUT_INCOMPLETE)));
    }

    /**
     * What there is of an answer that states no usage, as OpenAI's streams do not that were not asked to. Its counts are 0, and it
     * is noted as never priced in full.
     *
     * @return empty if there was nothing of an answer
     */
    public Optional<ProviderResponse> withoutUsage() {
        if (responseId.isEmpty() && model.isEmpty()) {
            return Optional.empty();
        }
        SortedSet<String> notes = new TreeSet<>(Set.of(UsageRecord.UNPRICED_MEMBER + "usage_not_stated"));
        return Optional.of(new ProviderResponse(
                responseId,
                model,
                new PayloadUsage(
                        TokenCounts.NONE, calls, tier, "", false, notes, Optional.empty(), List.of(), List.of())));
    }

    /**
     * What the answer says.
     *
     * @throws IllegalArgumentException if no usage was in it, or a figure is impossible; the message begins with its field
     */
    public ProviderResponse finish() {
        if (!stated && !error.isEmpty()) {
            throw new IllegalArgumentException("error: the provider answered with an error (" + error
                    + ") and states no usage; there is nothing to record");
        }
        if (convention == null || !stated) {
            throw new IllegalArgumentException(
                    "usage: is nowhere in the answer; some providers state it in a stream only"
                            + " when asked to (OpenAI: stream_options.include_usage)");
        }
        PayloadUsage read = convention.read(new Node.Mapping(Place.START, usage, Map.of()));
        SortedMap<String, Long> allCalls = new TreeMap<>(read.calls());
        if (!usage.containsKey("server_side_tool_usage_details")) {
            // Where the usage counts the tools itself, the items are the same calls.
            allCalls.putAll(calls);
        }
        SortedSet<String> notes = new TreeSet<>(read.notes());
        if (snapshot) {
            notes.add(OUTPUT_INCOMPLETE);
        }
        return new ProviderResponse(
                responseId,
                model,
                new PayloadUsage(
                        read.tokens(),
                        allCalls,
                        servedTier(read.serviceTier()),
                        read.region(),
                        read.aggregate(),
                        notes,
                        read.reportedCost(),
                        read.passes(),
                        read.advisors()));
    }

    /** The tier that served: a batch's answers may say that nothing else was asked for. */
    private String servedTier(String ofUsage) {
        String said = ofUsage.isEmpty() ? tier : ofUsage;
        boolean ordinary = said.isEmpty() || said.equals("default") || said.equals("auto") || said.equals("standard");
        return batch && ordinary ? BATCH : said;
    }

    /** Reads the object that a parser stands on, leaving out what does not matter. */
    private static Node.Mapping members(JsonParser parser) {
        Map<String, Node> members = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            Node value = value(name, parser.nextToken(), parser);
            if (value != null && members.put(name, value) != null) {
                throw new IllegalArgumentException(name + ": stands twice in one object");
            }
        }
        return new Node.Mapping(Place.START, members, Map.of());
    }

    /** The value that a parser stands on; null for one that does not matter. */
    private static @Nullable Node value(String name, JsonToken token, JsonParser parser) {
        if (OPENED.contains(name) && token == JsonToken.START_OBJECT) {
            return members(parser);
        }
        if (OPENED.contains(name) && token == JsonToken.START_ARRAY) {
            return items(parser);
        }
        if (KEPT.contains(name)) {
            return Documents.read(parser);
        }
        parser.skipChildren();
        return null;
    }

    private static Node.Sequence items(JsonParser parser) {
        List<Node> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() == JsonToken.START_OBJECT) {
                items.add(members(parser));
            } else {
                parser.skipChildren();
            }
        }
        return new Node.Sequence(Place.START, items);
    }

    private void take(Node.Mapping line) {
        Node.Mapping event = unwrapped(line);
        noteError(line);
        noteError(event);
        UsagePayload known = convention;
        if (known == null && !error.isEmpty() && !declares(event)) {
            return;
        }
        if (known == null) {
            known = UsagePayload.of(declaredBy(event));
            convention = known;
        }
        Layout layout = Layout.of(known.format());
        for (String name : layout.inner) {
            if (event.members().get(name) instanceof Node.Mapping inner) {
                takeMembers(layout, inner);
            }
        }
        takeMembers(layout, event);
        if (layout == Layout.MESSAGES) {
            // The figures of the beginning are of a snapshot, until the end has stated them all.
            switch (text(event, "type")) {
                case "message_start" -> snapshot = true;
                case "message_delta", "message" -> snapshot = false;
                default -> {
                    // Pieces of what is said.
                }
            }
        }
    }

    /** The answer in a result line of a batch, or the event itself. */
    private Node.Mapping unwrapped(Node.Mapping line) {
        if (line.members().get("result") instanceof Node.Mapping result) {
            noteError(result);
            return result.members().get("message") instanceof Node.Mapping message ? inBatch(message) : line;
        }
        if (line.members().get("response") instanceof Node.Mapping response
                && response.members().get("body") instanceof Node.Mapping body) {
            return inBatch(body);
        }
        return line;
    }

    private Node.Mapping inBatch(Node.Mapping answer) {
        batch = true;
        return answer;
    }

    /** Keeps an error's type, code or status, which name it; never its message. */
    private void noteError(Node.Mapping object) {
        Node stated = object.members().get("error");
        if (stated instanceof Node.Mapping mapping) {
            Node inner = mapping.members().get("error");
            Node.Mapping details = inner instanceof Node.Mapping nested ? nested : mapping;
            SortedSet<String> words = new TreeSet<>();
            for (String name : List.of("type", "code", "status")) {
                Node word = details.members().get(name);
                String text = word instanceof Node.Text value
                        ? value.value()
                        : word instanceof Node.Number number ? number.literal() : "";
                if (ERROR_WORD.matcher(text).matches()) {
                    words.add(text);
                }
            }
            error = words.isEmpty() ? "of no stated type" : String.join(", ", words);
        } else if (stated instanceof Node.Text) {
            error = "of no stated type";
        }
    }

    private static boolean declares(Node.Mapping event) {
        try {
            declaredBy(event);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String declaredBy(Node.Mapping event) {
        String type = text(event, "type");
        String object = text(event, "object");
        if (object.equals("chat.completion") || object.equals("chat.completion.chunk")) {
            return CHAT;
        }
        if (object.equals("response") || type.startsWith("response.")) {
            return RESPONSES;
        }
        if (type.equals("message") || type.equals("message_start")) {
            return MESSAGES;
        }
        throw new IllegalArgumentException("type: the answer does not declare a format that is known"
                + (type.isEmpty() ? "" : ", found \"" + Texts.cut(type, SHOWN) + "\"") + "; name it, one of "
                + UsagePayload.formats());
    }

    private void takeMembers(Layout layout, Node.Mapping object) {
        for (String name : layout.usages) {
            if (object.members().get(name) instanceof Node.Mapping stated) {
                replace(stated);
            }
        }
        if (layout == Layout.OLLAMA && object.members().get("done") instanceof Node.Truth done && done.value()) {
            // Counts that are 0 are left out, so that only the end can tell that there are none.
            replace(object);
        }
        for (String name : layout.ids) {
            responseId = orElse(text(object, name), responseId);
        }
        model = orElse(text(object, layout.model), model);
        tier = orElse(tier(object), tier);
        if (layout == Layout.RESPONSES && object.members().get("output") instanceof Node.Sequence output) {
            countTools(output);
        }
    }

    /** Nothing replaces a figure by nothing. */
    private void replace(Node.Mapping object) {
        stated = true;
        object.members().forEach((name, value) -> {
            if (!(value instanceof Node.Nothing)) {
                usage.put(name, value);
            }
        });
    }

    private void countTools(Node.Sequence output) {
        calls.clear();
        Set<String> containers = new HashSet<>();
        for (Node item : output.items()) {
            if (item instanceof Node.Mapping mapping) {
                String tool = TOOLS.get(text(mapping, "type"));
                // Opening a page that was found, and looking for a text in it, are not charged.
                String action = mapping.members().get("action") instanceof Node.Mapping what ? text(what, "type") : "";
                if (text(mapping, "type").equals(INTERPRETER)) {
                    containers.add(text(mapping, "container_id"));
                }
                if (tool != null && (action.isEmpty() || action.equals("search"))) {
                    calls.merge(tool, 1L, Long::sum);
                }
            }
        }
        if (!containers.isEmpty()) {
            calls.put("code_interpreter", (long) containers.size());
        }
    }

    /** OpenAI states a text, Bedrock an object with one. */
    private static String tier(Node.Mapping object) {
        if (object.members().get("serviceTier") instanceof Node.Mapping inner) {
            return text(inner, "type");
        }
        return text(object, "service_tier");
    }

    private static String text(Node.Mapping object, String name) {
        return object.members().get(name) instanceof Node.Text text ? text.value() : "";
    }

    private static String orElse(String stated, String before) {
        return stated.isEmpty() ? before : stated;
    }
}
