package dev.tokenledger.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.LedgerCorruptException;
import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.formats.budgets.BudgetFile;
import dev.tokenledger.money.Usd;
import dev.tokenledger.server.keys.ApiKey;
import dev.tokenledger.server.keys.ApiKeys;
import dev.tokenledger.server.keys.Scope;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class McpTest {

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private static final String INITIALIZE = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":"
            + "{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{},\"clientInfo\":{\"name\":\"t\",\"version\":\"1\"}}}";

    private static final String CALL = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":"
            + "{\"name\":\"cost_summary\",\"arguments\":{}}}";

    private final RunningServer server = RunningServer.start();

    @AfterEach
    void stop() {
        server.close();
        assertThat(server.failures()).isEmpty();
    }

    @Test
    void costSummary_answersInWordsAndFigures() {
        server.post("/v1/records", "application/json", """
                [{"model":"claude-sonnet-4-5","provider":"anthropic","input_tokens":1000,"role":"interactive"},
                 {"model":"claude-sonnet-4-5","provider":"anthropic","input_tokens":3,"role":"scheduled"},
                 {"model":"house-model","provider":"nobody","input_tokens":5},
                 {"model":"claude-sonnet-4-5","provider":"anthropic","input_tokens":7,
                  "timestamp":"2026-10-01T00:00:00Z"}]""");
        try (McpSyncClient client = client("")) {
            client.initialize();
            assertThat(client.listTools().tools())
                    .extracting(Tool::name)
                    .containsExactlyInAnyOrder(
                            "cost_summary",
                            "compare_periods",
                            "list_dimensions",
                            "explain_call",
                            "model_prices",
                            "budget_status");
            assertThat(client.listTools().tools()).allSatisfy(tool -> {
                assertThat(tool.description()).isNotBlank();
                assertThat(tool.annotations().readOnlyHint()).isTrue();
            });
            CallToolResult today = call(client, Map.of("period", "today", "group_by", "model"));
            assertThat(today.isError()).isNotEqualTo(true);
            assertThat(text(today)).isEqualTo("""
                    Cost today: ≥ $0.003009 for 3 calls, 1 without a price
                    Tokens: 1,008 input, 0 output, 0 cache read, 0 cache write
                    By model:
                    - claude-sonnet-4-5: $0.003009 for 2 calls
                    - house-model: ≥ $0 for 1 call, 1 without a price""");
            assertThat(today.structuredContent().toString())
                    .contains("start=2026-11-22T00:00:00Z")
                    .contains("total_cost_usd=0.003009")
                    .contains("unpriced_records=1");
            assertThat(text(call(client, Map.of("period", "all")))).startsWith("All time: ≥ $0.00303 for 4 calls");
            assertThat(text(call(client, Map.of("period", "yesterday"))))
                    .startsWith("Cost yesterday: $0 for 0 calls\n");
            assertThat(text(call(client, Map.of()))).startsWith("Cost today: ");
            assertThat(text(call(client, Map.of("period", "week", "group_by", "provider,role"))))
                    .contains("By provider, role:\n- anthropic / interactive: $0.003 for 1 call\n");
        }
    }

    @Test
    void listDimensions_tellsNamesAndValues() {
        server.post("/v1/records", "application/json", """
                [{"model":"a","cost_usd":1,"attributes":{"team":"search"}},
                 {"model":"b","cost_usd":2,"attributes":{"team":"ads"}},{"model":"b","cost_usd":4}]""");
        try (McpSyncClient client = client("")) {
            client.initialize();
            CallToolResult names = call(client, "list_dimensions", Map.of());
            assertThat(text(names)).startsWith("Dimensions: model, ").endsWith("\nAttributes: attribute.team");
            assertThat(names.structuredContent().toString()).contains("attributes=[team]");
            CallToolResult values = call(
                    client, "list_dimensions", Map.of("values_of", "attribute.team", "where", Map.of("model", "b")));
            assertThat(text(values)).isEqualTo("""
                    Values, dearest first:
                    - (none): $4 for 1 call
                    - ads: $2 for 1 call""");
            assertThat(values.structuredContent().toString())
                    .contains("{value=ads, total_records=1, total_cost_usd=2}");
            assertThat(text(call(client, "list_dimensions", Map.of("values_of", "model", "limit", 1))))
                    .endsWith("- b: $6 for 2 calls\n- (all others): $1 for 1 call");
        }
    }

    @Test
    void explainCall_tellsHowTheCostCameAbout() {
        server.post(
                "/v1/records",
                "application/json",
                "{\"id\":\"a/b\",\"model\":\"claude-sonnet-4-5\",\"provider\":\"anthropic\",\"input_tokens\":1000,"
                        + "\"output_tokens\":100}");
        try (McpSyncClient client = client("")) {
            client.initialize();
            CallToolResult explained = call(client, "explain_call", Map.of("id", "a/b"));
            assertThat(text(explained))
                    .startsWith("$0.0045 for a call of claude-sonnet-4-5:\n")
                    .contains("\n- 1,000 input: $0.003\n", "\n- 100 output: $0.0015\n", "\nPrice: ");
            assertThat(explained.structuredContent().toString()).contains("total_usd=0.0045");
        }
    }

    @Test
    void modelPrices_areThoseInForce() {
        try (McpSyncClient client = client("")) {
            client.initialize();
            CallToolResult prices = call(client, "model_prices", Map.of("model", "claude-sonnet-4-5"));
            assertThat(text(prices)).contains("anthropic/claude-sonnet-4-5");
            assertThat(prices.structuredContent().toString()).contains("usd_per_million={input=3, output=15");
            assertThat(text(call(client, "model_prices", Map.of("model", "no-such-model"))))
                    .isEqualTo("No price: calls of such a model are recorded without a cost.");
            assertThat(text(call(client, "model_prices", Map.of("model", "o")))).startsWith("20 of ");
        }
    }

    @Test
    void budgetStatus_isThatOfTheApi() {
        Budget budget = new Budget("all", Map.of(), Budget.Period.DAY, Usd.parse("10"), Optional.empty());
        try (McpSyncClient client = client("")) {
            client.initialize();
            assertThat(text(call(client, "budget_status", Map.of()))).isEqualTo("There are no budgets.");
        }
        try (RunningServer with = RunningServer.start(settings -> settings.budgets(() -> List.of(budget)));
                McpSyncClient client = client(with, "")) {
            with.post("/v1/records", "application/json", "{\"model\":\"m\",\"cost_usd\":4}");
            client.initialize();
            CallToolResult status = call(client, "budget_status", Map.of());
            assertThat(text(status)).startsWith("Budgets:\n- all: $4 for 1 call of $10 this day, ");
            assertThat(status.structuredContent().toString()).contains("spent_usd=4", "used=0.4");
        }
    }

    @Test
    void budgetsThatCannotBeRead_areAnAnswerThatSaysWhere(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("b.yaml"), "budgets:\n  - name: search\n    usd: many\n");
        try (RunningServer with = RunningServer.start(settings -> settings.budgets(new BudgetFile(file)::read));
                McpSyncClient client = client(with, "")) {
            client.initialize();
            CallToolResult status = call(client, "budget_status", Map.of());
            assertThat(status.isError()).isTrue();
            assertThat(text(status))
                    .startsWith("the budgets cannot be read: line ")
                    .contains("line 3: ")
                    .doesNotContain("b.yaml");
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '~',
            value = {
                "explain_call, , , id: state which",
                "explain_call, id, ~ ~, id: state which",
                "explain_call, id, no-such-id, id: there is no record with this id",
                "model_prices, at, 2026-01-01, model: state which",
                "list_dimensions, values_of, shape, values_of:",
                "list_dimensions, period, soon, period:",
                "list_dimensions, limit, many, limit: ",
                "list_dimensions, group_by, model, group_by: unknown parameter",
                "budget_status, period, today, period: unknown parameter",
            })
    void mistakesInArguments_areAnswersThatNameThem(String tool, String argument, String value, String problem) {
        try (McpSyncClient client = client("")) {
            client.initialize();
            CallToolResult answer = call(client, tool, argument == null ? Map.of() : Map.of(argument, value));
            assertThat(answer.isError()).isTrue();
            assertThat(text(answer)).contains(problem);
        }
    }

    @Test
    void costSummary_takesTheSpansFiltersAndCalendarOfTheApi() {
        server.post("/v1/records", "application/json", """
                [{"model":"a","cost_usd":1,"timestamp":"2026-10-01T23:30:00Z","attributes":{"team":"search"}},
                 {"model":"a","cost_usd":2,"timestamp":"2026-10-02T12:00:00Z","attributes":{"team":"ads"}},
                 {"model":"b","cost_usd":4,"timestamp":"2026-10-02T13:00:00Z","attributes":{"team":"search"}},
                 {"model":"b","cost_usd":8,"timestamp":"2026-10-03T00:00:00Z"}]""");
        try (McpSyncClient client = client("")) {
            client.initialize();
            assertThat(text(call(client, Map.of("from", "2026-10-01", "to", "2026-10-03"))))
                    .startsWith("Cost from 2026-10-01 up to 2026-10-03 (UTC): $7 for 3 calls\n");
            assertThat(text(call(
                            client,
                            Map.of(
                                    "from",
                                    "2026-10-02",
                                    "zone",
                                    "Europe/Berlin",
                                    "every",
                                    "day",
                                    "where",
                                    Map.of("attribute.team", "search")))))
                    .isEqualTo("""
                            Cost from 2026-10-02 (Europe/Berlin): $5 for 2 calls
                            Tokens: 0 input, 0 output, 0 cache read, 0 cache write
                            By day:
                            - 2026-10-02T00:00+02:00: $5 for 2 calls""");
            assertThat(text(call(client, Map.of("period", "all", "where", Map.of("attribute.team", "")))))
                    .startsWith("All time: $8 for 1 call\n");
            assertThat(text(call(client, Map.of("period", "all", "group_by", "model", "order", "key", "limit", 1))))
                    .endsWith("By model:\n- a: $3 for 2 calls\n- (all others): $12 for 2 calls");
            assertThat(text(call(client, Map.of("hours", 2)))).startsWith("Cost of the last 2 hours: $0 for 0 calls");
            assertThat(text(call(client, Map.of("period", "month", "zone", "Asia/Kolkata"))))
                    .startsWith("Cost this month (Asia/Kolkata): ");
        }
    }

    @Test
    void costSummary_whatCannotBeAsked_isSaidByName() {
        Instant start = Instant.parse("2026-01-01T00:00:00Z");
        server.post(
                "/v1/records",
                "application/json",
                IntStream.range(0, 501)
                        .mapToObj(hour ->
                                "{\"model\":\"a\",\"timestamp\":\"" + start.plus(Duration.ofHours(hour)) + "\"}")
                        .collect(Collectors.joining(",", "[", "]")));
        try (McpSyncClient client = client("")) {
            client.initialize();
            assertThat(problem(client, Map.of("limit", 51, "group_by", "model")))
                    .startsWith("limit: expected a whole number from 1 to 50");
            assertThat(problem(client, Map.of("period", "today", "hours", 3))).startsWith("period: goes without");
            assertThat(problem(client, Map.of("where", "model=a"))).startsWith("where: expected an object");
            assertThat(problem(client, Map.of("where", Map.of("colour", "red"))))
                    .contains("unknown dimension");
            assertThat(problem(client, Map.of("where", Map.of("model", List.of("a")))))
                    .startsWith("where.model: expected text");
            assertThat(problem(client, Map.of("colour", "red"))).contains("colour");
            assertThat(problem(client, Map.of("from", "2026-01-01", "to", "2026-03-01", "every", "hour")))
                    .startsWith("every: the answer has 501 rows, and at most 500 are told");
        }
    }

    private static String problem(McpSyncClient client, Map<String, Object> arguments) {
        CallToolResult result = call(client, arguments);
        assertThat(result.isError()).isTrue();
        return text(result);
    }

    @Test
    void costSummary_saysWhatIsInDoubt() {
        server.post(
                "/v1/records",
                "application/json",
                "{\"model\":\"m\",\"cost_usd\":1,\"notes\":[\"output_incomplete\"]}");
        try (McpSyncClient client = client("")) {
            client.initialize();
            CallToolResult today = call(client, Map.of());
            assertThat(text(today))
                    .endsWith("\nFigures of 1 of 1 call are in doubt: 1 may have more output than was logged.");
            assertThat(today.structuredContent().toString()).contains("output_incomplete_records=1");
        }
    }

    @Test
    void mistake_isSaidToTheAgent() {
        try (McpSyncClient client = client("")) {
            client.initialize();
            CallToolResult unknown = call(client, Map.of("group_by", "colour"));
            assertThat(unknown.isError()).isTrue();
            assertThat(text(unknown)).contains("unknown dimension \"colour\"").contains("session");
            assertThat(call(client, Map.of("period", "decade")).isError()).isTrue();
            assertThat(call(client, Map.of("group_by", 5)).isError()).isTrue();
            CallToolResult limited = call(client, Map.of("group_by", "model", "limit", "1"));
            assertThat(limited.isError()).isTrue();
            assertThat(text(limited)).startsWith("limit: expected a whole number");
            assertThat(text(call(client, Map.of("colour", "red")))).startsWith("colour: unknown parameter \"colour\"");
        }
    }

    /** 1 token is 0.000003 USD, which a floating point number would write with an exponent. */
    @Test
    void amounts_areExactOnTheWire() {
        server.post("/v1/records", "application/json", """
                {"model":"claude-sonnet-4-5","provider":"anthropic","input_tokens":1}""");
        HttpResponse<String> answer = post(server, CALL, "");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"total_cost_usd\":0.000003,");
    }

    @Test
    void onlyKeysThatRead_areLetIn_andNoOtherSites() {
        ApiKey.Created reader = ApiKey.create("reader", Set.of(Scope.READ), Instant.EPOCH);
        ApiKey.Created writer = ApiKey.create("writer", Set.of(Scope.INGEST), Instant.EPOCH);
        ApiKeys keys = ApiKeys.of(List.of(reader.key(), writer.key()));
        try (RunningServer guarded = RunningServer.start(settings -> settings.keys(() -> keys))) {
            assertThat(post(guarded, INITIALIZE, "").statusCode()).isEqualTo(401);
            assertThat(post(guarded, INITIALIZE, writer.secret()).statusCode()).isEqualTo(403);
            assertThat(post(guarded, INITIALIZE, reader.secret()).statusCode()).isEqualTo(200);
        }
        HttpResponse<String> foreign = server.send(server.request("/mcp")
                .header("Content-Type", "application/json")
                .header("Accept", "application/json, text/event-stream")
                .header("Origin", "https://evil.example")
                .POST(BodyPublishers.ofString(INITIALIZE))
                .build());
        assertThat(foreign.statusCode()).isEqualTo(403);
    }

    @Test
    void malformed_isRefused() {
        assertThat(post(server, "{", "").statusCode()).isEqualTo(400);
        assertThat(post(server, "[" + "[".repeat(5_000), "").statusCode()).isEqualTo(400);
        assertThat(server.get("/mcp").statusCode()).isEqualTo(405);
        assertThat(post(server, INITIALIZE, "").statusCode()).isEqualTo(200);
    }

    /** What is no request, and the code it gets: of JSON-RPC, with no word of the program's own. */
    static Stream<Arguments> malformed() {
        String call = "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"tools/call\"";
        return Stream.of(
                Arguments.of("garbage", "null", -32700),
                Arguments.of("{", "null", -32700),
                Arguments.of("", "null", -32700),
                Arguments.of("{\"jsonrpc\":\"2.0\",\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", "null", -32700),
                Arguments.of("[" + "[".repeat(5_000), "null", -32700),
                Arguments.of("5", "null", -32600),
                Arguments.of("[]", "null", -32600),
                Arguments.of("{}", "null", -32600),
                Arguments.of("{\"id\":1,\"method\":\"ping\"}", "1", -32600),
                Arguments.of("{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}", "1", -32600),
                Arguments.of("{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}", "null", -32600),
                Arguments.of("{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}", "null", -32600),
                Arguments.of("{\"jsonrpc\":\"2.0\",\"id\":99999999999999999999,\"method\":\"ping\"}", "null", -32600),
                Arguments.of("{\"jsonrpc\":\"2.0\",\"id\":9223372036854775808,\"method\":\"ping\"}", "null", -32600),
                Arguments.of("{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"ping\"}", "null", -32600),
                Arguments.of("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":5}", "1", -32600),
                Arguments.of("{\"jsonrpc\":\"2.0\",\"id\":1}", "1", -32600),
                Arguments.of(call + "}", "\"a\"", -32602),
                Arguments.of(call + ",\"params\":5}", "\"a\"", -32602),
                Arguments.of(call + ",\"params\":[]}", "\"a\"", -32602),
                Arguments.of(call + ",\"params\":null}", "\"a\"", -32602),
                Arguments.of(call + ",\"params\":{}}", "\"a\"", -32602),
                Arguments.of(call + ",\"params\":{\"name\":{}}}", "\"a\"", -32602),
                Arguments.of(call + ",\"params\":{\"name\":\"cost_summary\",\"arguments\":[1]}}", "\"a\"", -32602),
                Arguments.of("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\"}", "1", -32602),
                Arguments.of(
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"capabilities\":7}}",
                        "1",
                        -32602),
                Arguments.of("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":\"x\"}", "1", -32602),
                Arguments.of(
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"cursor\":{}}}",
                        "1",
                        -32602));
    }

    @ParameterizedTest
    @ValueSource(strings = {"9223372036854775807", "-9223372036854775808", "0", "\"\""})
    void id_isRepeated(String id) {
        assertThat(post(server, "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"ping\"}", "")
                        .body())
                .isEqualTo("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{}}");
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void malformed_isAnErrorOfTheProtocol(String message, String id, int code) {
        HttpResponse<String> answer = post(server, message, "");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertError(answer, id, code);
    }

    @Test
    void wrongHeaders_areErrorsOfTheProtocol() {
        HttpResponse<String> type = server.post("/mcp", "text/plain", INITIALIZE);
        assertThat(type.statusCode()).isEqualTo(415);
        assertError(type, "null", -32600);
        HttpResponse<String> accept = postWith("Accept", "text/html");
        assertThat(accept.statusCode()).isEqualTo(406);
        assertError(accept, "null", -32600);
        HttpResponse<String> version = postWith("MCP-Protocol-Version", "1999-12-31");
        assertThat(version.statusCode()).isEqualTo(400);
        assertError(version, "null", -32600);
        assertThat(postWith("MCP-Protocol-Version", "2025-06-18").statusCode()).isEqualTo(200);
        assertThat(postWith("Accept", "text/html, application/json;q=0.9").statusCode())
                .isEqualTo(200);
    }

    private HttpResponse<String> postWith(String header, String value) {
        return server.send(server.request("/mcp")
                .header("Content-Type", "application/json")
                .header(header, value)
                .POST(BodyPublishers.ofString(INITIALIZE))
                .build());
    }

    private static void assertError(HttpResponse<String> answer, String id, int code) {
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("application/json");
        assertThat(answer.body())
                .startsWith("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":" + code + ",\"message\":\"")
                .doesNotContain("Exception")
                .doesNotContain("stackTrace")
                .hasSizeLessThan(300);
    }

    @Test
    void unknownMethodAndTool_areErrorsOfTheProtocol() {
        HttpResponse<String> method = post(server, "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"no/such\"}", "");
        assertThat(method.body()).contains("\"id\":7").contains("\"code\":-32601");
        HttpResponse<String> tool = post(
                server,
                "{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"tools/call\",\"params\":{\"name\":\"no_such\"}}",
                "");
        assertThat(tool.body()).contains("\"id\":8").contains("\"code\":-32602").doesNotContain("Exception");
    }

    @Test
    void unknownTool_isNamed() {
        HttpResponse<String> answer = post(
                server, "{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"tools/call\",\"params\":{\"name\":\"spend\"}}", "");
        assertThat(answer.body())
                .contains(
                        "\"code\":-32602",
                        "unknown tool \\\"spend\\\"; expected one of cost_summary, compare_periods,");
        HttpResponse<String> method = post(server, "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"no/such\"}", "");
        assertThat(method.body()).contains("no/such");
    }

    private static final String PINGS = "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"},"
            + "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"},5,"
            + "{\"jsonrpc\":\"2.0\",\"id\":\"b\",\"method\":\"ping\"}]";

    /** The version with batches knows no header that names it. */
    @ParameterizedTest
    @ValueSource(strings = {"", "2025-03-26"})
    void batch_isAnswered_whereTheVersionHasThem(String version) {
        HttpResponse<String> answer = batch(version, PINGS);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
                .startsWith("[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}},{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":")
                .endsWith(",{\"jsonrpc\":\"2.0\",\"id\":\"b\",\"result\":{}}]");
        assertThat(batch(version, "[" + CALL + "," + CALL.replace("\"id\":1", "\"id\":2") + "]")
                        .body())
                .contains("\"id\":1,\"result\":{\"content\"", "\"id\":2,\"result\":{\"content\"");
        assertThat(batch(version, "[{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}]")
                        .statusCode())
                .isEqualTo(202);
        assertThat(batch(version, "[" + INITIALIZE + "]").body())
                .contains("\"id\":1,\"error\":{\"code\":-32600,\"message\":\"initialize: expected by itself");
        String many = IntStream.rangeClosed(0, 50)
                .mapToObj(i -> "{\"jsonrpc\":\"2.0\",\"id\":" + i + ",\"method\":\"ping\"}")
                .collect(Collectors.joining(",", "[", "]"));
        assertThat(batch(version, many).statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2024-11-05", "2025-06-18", "2025-11-25"})
    void batch_isRefused_whereTheVersionHasNone(String version) {
        HttpResponse<String> answer = batch(version, PINGS);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertError(answer, "null", -32600);
    }

    private HttpResponse<String> batch(String version, String body) {
        var request = server.request("/mcp")
                .header("Content-Type", "application/json")
                .header("Accept", "application/json, text/event-stream")
                .POST(BodyPublishers.ofString(body));
        return server.send((version.isEmpty() ? request : request.header("MCP-Protocol-Version", version)).build());
    }

    @Test
    void comparePeriods_tellsTotalsAndGroups() {
        server.post("/v1/records", "application/json", """
                [{"model":"a","cost_usd":3,"attributes":{"team":"search"}},
                 {"model":"b","cost_usd":1,"attributes":{"team":"ads"}},
                 {"model":"a","cost_usd":2,"timestamp":"2026-10-22T11:00:00Z","attributes":{"team":"search"}},
                 {"model":"c","cost_usd":5,"timestamp":"2026-10-03T00:00:00Z"},
                 {"model":"a","cost_usd":7,"timestamp":"2026-10-22T13:00:00Z"}]""");
        try (McpSyncClient client = client("")) {
            client.initialize();
            CallToolResult month = call(client, "compare_periods", Map.of("group_by", "model"));
            assertThat(text(month)).isEqualTo("""
                    From 2026-11-01T00:00Z to 2026-12-01T00:00Z: $4 for 2 calls
                    Against 2026-10-01T00:00Z to 2026-10-22T12:00Z: $7 for 2 calls
                    Change: -$3 (-42.9 %)
                    By model:
                    - a: $3 for 1 call; before: $2 for 1 call; +$1 (+50.0 %)
                    - b: $1 for 1 call; before: $0 for 0 calls; +$1
                    - c: no calls; before: $5 for 1 call""");
            assertThat(month.structuredContent().toString())
                    .contains("period={start=2026-11-01", "before={start=2026-10-01");
            assertThat(text(call(
                            client,
                            "compare_periods",
                            Map.of("from", "2026-10-22", "to", "2026-10-23", "where", Map.of("model", "a")))))
                    .contains("Against 2026-10-21T00:00Z to 2026-10-22T00:00Z: $0 for 0 calls\nChange: +$9");
            assertThat(text(call(
                            client,
                            "compare_periods",
                            Map.of("period", "last_month", "against_from", "2026-11-01", "against_to", "2026-12-01"))))
                    .contains("Change: +$10 (+250.0 %)");
            assertThat(text(call(client, "compare_periods", Map.of("hours", 2))))
                    .contains("Against 2026-11-22T08:00Z to 2026-11-22T10:00Z");
            for (String alone : List.of("from", "to", "against_from", "against_to")) {
                CallToolResult mistake = call(client, "compare_periods", Map.of(alone, "2026-11-01"));
                assertThat(mistake.isError()).isTrue();
                assertThat(text(mistake)).contains("state both");
            }
            assertThat(text(call(client, "compare_periods", Map.of("period", "all"))))
                    .startsWith("period: ");
        }
    }

    @Test
    void notification_isTaken() {
        HttpResponse<String> answer =
                post(server, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{}}", "");
        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(answer.body()).isEmpty();
    }

    /** The operator is told why; the client is not. */
    @Test
    void ledgerThatFails_isToldToTheOperator() {
        UnusableLedger ledger = new UnusableLedger() {
            @Override
            RuntimeException failure() {
                return new LedgerCorruptException("cannot read a secret place", null);
            }
        };
        try (RunningServer broken = new RunningServer(ledger, settings -> settings)) {
            HttpResponse<String> answer = post(broken, CALL, "");
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).contains("the ledger cannot be read").doesNotContain("secret");
            assertThat(broken.failures()).hasSize(1);
        }
    }

    private McpSyncClient client(String path) {
        return client(server, path);
    }

    private static McpSyncClient client(RunningServer to, String path) {
        return McpClient.sync(
                        HttpClientStreamableHttpTransport.builder(to.server().address() + path)
                                .build())
                .initializationTimeout(PATIENCE)
                .requestTimeout(PATIENCE)
                .build();
    }

    private static CallToolResult call(McpSyncClient client, Map<String, Object> arguments) {
        return call(client, "cost_summary", arguments);
    }

    private static CallToolResult call(McpSyncClient client, String tool, Map<String, Object> arguments) {
        return client.callTool(
                CallToolRequest.builder(tool).arguments(arguments).build());
    }

    private static String text(CallToolResult result) {
        return ((TextContent) result.content().get(0)).text();
    }

    private static HttpResponse<String> post(RunningServer to, String body, String key) {
        var request = to.request("/mcp")
                .header("Content-Type", "application/json")
                .header("Accept", "application/json, text/event-stream")
                .POST(BodyPublishers.ofString(body));
        return to.send((key.isEmpty() ? request : request.header("Authorization", "Bearer " + key)).build());
    }
}
