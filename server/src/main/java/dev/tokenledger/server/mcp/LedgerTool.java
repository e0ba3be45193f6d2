package dev.tokenledger.server.mcp;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerMissingException;
import dev.tokenledger.formats.present.MissingLedgers;
import dev.tokenledger.formats.query.ParameterException;
import dev.tokenledger.formats.query.QueryParameters;
import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.summary.SummaryQuery;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.jackson3.JacksonMcpJsonMapper;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import io.modelcontextprotocol.spec.McpSchema.ToolAnnotations;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** A tool that answers a question about the ledger, in words and as the JSON of the API. Safe for use by many threads. */
abstract class LedgerTool {

    /** Keeps amounts exact, and without exponents. */
    static final McpJsonMapper JSON = new JacksonMcpJsonMapper(JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
            .build());

    /** The prefix of filters among parameters; as an argument they are one object. */
    static final String WHERE = "where";

    static final Map<String, Object> WHERE_ARGUMENT = Map.of(
            "type",
            "object",
            "additionalProperties",
            Map.of("type", "string"),
            "description",
            "Only calls with these values by dimension, such as {\"model\": \"gpt-5\", \"attribute.team\":"
                    + " \"search\"}; empty for calls without any");

    /** What an agent can take in; the rest is one group. */
    static final int MAX_GROUPS = 50;

    private static final Set<String> SPANS = Set.of("period", "from", "to", "hours");

    private static final int MAX_PROBLEMS = 5;

    private final Questions questions;
    private final String name;
    private final String title;
    private final String description;
    private final Set<String> known;

    /**
     * A tool.
     *
     * @param known the parameters that its arguments stand for
     */
    LedgerTool(Questions questions, String name, String title, String description, Set<String> known) {
        this.questions = questions;
        this.name = name;
        this.title = title;
        this.description = description;
        this.known = known;
    }

    /** What questions are about. */
    Questions questions() {
        return questions;
    }

    /** Its arguments, each with its JSON schema, in the order in which they are described. */
    abstract Map<String, Object> arguments();

    /** The arguments that must be stated. */
    List<String> required() {
        return List.of();
    }

    /**
     * Answers by parameters, which lack those that are blank.
     *
     * @param asked what whoever asks may read
     */
    abstract CallToolResult answer(
            Questions asked, Ledger ledger, Map<String, List<String>> stated, QueryParameters parameters);

    /** Completes what was stated, before it is read. */
    void complete(Map<String, List<String>> parameters) {}

    final Tool tool() {
        return Tool.builder(
                        name,
                        Map.of(
                                "type",
                                "object",
                                "properties",
                                arguments(),
                                "required",
                                required(),
                                "additionalProperties",
                                false))
                .title(title)
                .description(description)
                .annotations(new ToolAnnotations(title, true, false, true, false, null))
                .build();
    }

    /** Answers a call; a mistake in its arguments is an answer too, and so is that the ledger cannot be opened. */
    final CallToolResult call(Questions asked, CallToolRequest request) {
        Ledger opened;
        try {
            opened = asked.ledger().get();
        } catch (LedgerException e) {
            return problem(String.valueOf(e.getMessage()));
        }
        try {
            Map<String, List<String>> stated = parameters(request.arguments() == null ? Map.of() : request.arguments());
            complete(stated);
            for (String needed : required()) {
                if (!stated.containsKey(needed)) {
                    throw new ParameterException(needed, "state which");
                }
            }
            return marked(
                    answer(
                            asked,
                            opened,
                            stated,
                            new QueryParameters(stated, known, questions.clock().instant(), questions.zone())),
                    opened.missing());
        } catch (LedgerMissingException e) {
            return problem("the ledger " + e.ledger() + " " + e.reason() + "; ask again later");
        } catch (ParameterException e) {
            return problem(e.parameter() + ": " + e.getMessage());
        } catch (DocumentException e) {
            return problem("the budgets cannot be read: " + String.join("; ", e.problems(MAX_PROBLEMS)));
        }
    }

    /** An answer that says, in words and figures, what is missing from it. */
    private static CallToolResult marked(CallToolResult answer, List<LedgerMissingException> missing) {
        if (missing.isEmpty() || !(answer.structuredContent() instanceof Map<?, ?> figures)) {
            return answer;
        }
        Map<String, Object> marked = new LinkedHashMap<>();
        figures.forEach((name, value) -> marked.put(String.valueOf(name), value));
        marked.put(
                "missing_ledgers",
                missing.stream()
                        .map(ledger -> new TreeMap<>(Map.of("name", ledger.ledger(), "reason", ledger.reason())))
                        .toList());
        CallToolResult.Builder result = CallToolResult.builder().addTextContent(MissingLedgers.words(missing));
        answer.content().forEach(result::addContent);
        return result.structuredContent(marked).isError(answer.isError()).build();
    }

    /** The arguments as parameters. Blank ones count for nothing, but for a filter's value. */
    private Map<String, List<String>> parameters(Map<String, Object> stated) {
        Map<String, Object> schemas = arguments();
        Map<String, List<String>> parameters = new TreeMap<>();
        stated.forEach((name, value) -> {
            checkType(name, schemas.get(name), value);
            if (name.equals(WHERE) && value instanceof Map<?, ?> filters) {
                filters.forEach((dimension, wanted) ->
                        parameters.put(WHERE + "." + dimension, List.of(text(WHERE + "." + dimension, wanted))));
            } else if (!text(name, value).isBlank()) {
                parameters.put(name, List.of(text(name, value)));
            }
        });
        return parameters;
    }

    /** An argument is of the type that its schema states; one that has no schema is refused as unknown later. */
    private static void checkType(String name, @Nullable Object schema, @Nullable Object value) {
        Object type = schema instanceof Map<?, ?> stated ? stated.get("type") : null;
        if ("integer".equals(type) && !(value instanceof Integer)) {
            throw new ParameterException(name, "expected a whole number");
        }
        if ("string".equals(type) && !(value instanceof String)) {
            throw new ParameterException(name, "expected text");
        }
        if ("object".equals(type) && !(value instanceof Map)) {
            throw new ParameterException(name, "expected an object with the value of each dimension");
        }
    }

    private static String text(String name, @Nullable Object value) {
        if (value instanceof String text) {
            return text;
        }
        if (value instanceof Integer number) {
            return Integer.toString(number);
        }
        throw new ParameterException(name, "expected text or a whole number");
    }

    /** The schema of an argument that is a text. */
    static Map<String, Object> text(String description) {
        return Map.of("type", "string", "description", description);
    }

    /** The schema of an argument that is a whole number from 1 on. */
    static Map<String, Object> number(int most, String description) {
        return Map.of("type", "integer", "minimum", 1, "maximum", most, "description", description);
    }

    /** The schema of an argument that is one of some words. */
    static Map<String, Object> oneOf(List<String> words, String description) {
        return Map.of("type", "string", "enum", words, "description", description);
    }

    /** The schema of the argument for the calls of some last hours. */
    static Map<String, Object> hours() {
        return Map.of(
                "type",
                "integer",
                "minimum",
                1,
                "description",
                "So many hours before now; goes without period, from and to");
    }

    /** The schema of the argument for a time zone. */
    final Map<String, Object> zone() {
        return text("Time zone of days, weeks and months, such as Europe/Berlin; default: " + questions.zone());
    }

    /** The schema of the argument for how many groups are told. */
    static Map<String, Object> groups(int usual) {
        return number(MAX_GROUPS, "So many groups, the others in one; goes with group_by; default: " + usual);
    }

    /** Whether a span of time is stated in any way. */
    static boolean statesSpan(Map<String, List<String>> parameters) {
        return !Collections.disjoint(parameters.keySet(), SPANS);
    }

    /** The question, with no more groups than are told. */
    static SummaryQuery summary(QueryParameters parameters) {
        SummaryQuery query = parameters.summary();
        if (query.limit().orElse(0) > MAX_GROUPS) {
            throw new ParameterException("limit", "expected a whole number from 1 to " + MAX_GROUPS);
        }
        return query;
    }

    /** An answer in words and figures. */
    static CallToolResult told(String words, String json) {
        return CallToolResult.builder()
                .addTextContent(words)
                .structuredContent(JSON, json)
                .build();
    }

    /** An answer that says what is wrong. */
    static CallToolResult problem(String text) {
        return CallToolResult.builder().addTextContent(text).isError(true).build();
    }
}
