package dev.tokenledger.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.formats.query.QueryParameters;
import dev.tokenledger.formats.text.Documents;
import dev.tokenledger.formats.text.Node;
import dev.tokenledger.summary.Dimension;
import java.net.http.HttpResponse;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the OpenAPI document declares is what the server takes and sends. */
class OpenApiTest {

    private static final String JSON = "application/json";

    /** A value for each field of a record, all of which make one record. */
    private static final Map<String, String> FIELDS = fields();

    private final RunningServer server = RunningServer.start();
    private final Node document = Documents.readJson(server.get("/openapi.json").body());

    @AfterEach
    void stop() {
        server.close();
        assertThat(server.failures()).isEmpty();
    }

    private static Map<String, String> fields() {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String text : List.of(
                "id",
                "request_id",
                "session_id",
                "conversation_id",
                "upstream_request_id",
                "model",
                "upstream_model",
                "resource",
                "provider",
                "requested_model",
                "role",
                "task_name",
                "service_tier",
                "requested_service_tier",
                "region",
                "source",
                "price_id")) {
            fields.put(text, "\"text\"");
        }
        for (String count : List.of("input_tokens", "output_tokens", "cache_creation_input_tokens")) {
            fields.put(count, "10");
        }
        for (String count : List.of(
                "cache_creation_5m_input_tokens",
                "cache_creation_1h_input_tokens",
                "cache_read_input_tokens",
                "reasoning_tokens",
                "audio_input_tokens",
                "image_input_tokens",
                "audio_output_tokens",
                "image_output_tokens",
                "cached_audio_read_tokens",
                "duration_ms",
                "sequence")) {
            fields.put(count, "1");
        }
        fields.put(
                "passes",
                fields.entrySet().stream()
                        .filter(field -> field.getKey().endsWith("_tokens"))
                        .map(field -> "\"" + field.getKey() + "\":" + field.getValue())
                        .collect(Collectors.joining(",", "[{\"input_tokens\":0},{", "}]")));
        fields.put("timestamp", "\"2026-11-01T09:30:00Z\"");
        fields.put("recorded", "\"2026-11-01T09:30:00Z\"");
        fields.put("outcome", "\"success\"");
        fields.put("attributes", "{\"team\":\"search\"}");
        fields.put("stamped_attributes", "[\"team\"]");
        fields.put("aggregate", "true");
        fields.put("reported_cost_usd", "0.5");
        fields.put("cost_usd", "0.25");
        fields.put("pricing_status", "\"partial\"");
        fields.put("notes", "[\"a\"]");
        fields.put("kind", "\"usage\"");
        fields.put("unpriced_tokens", "{\"input\":1}");
        fields.put("unpriced_calls", "{\"request\":1}");
        fields.put("pricing_notes", "[\"a\"]");
        fields.put("ledger", "\"eu\"");
        return fields;
    }

    @Test
    void record_hasTheFieldsThatAreTaken_andNoOthers() {
        assertThat(schema("Record").get("additionalProperties"))
                .isInstanceOfSatisfying(
                        Node.Truth.class, open -> assertThat(open.value()).isFalse());
        assertThat(members(schema("Record").get("properties")).keySet())
                .containsExactlyInAnyOrderElementsOf(FIELDS.keySet());
        assertThat(stored(FIELDS)).contains("\"result\":\"appended\"");
        FIELDS.forEach((name, value) -> {
            Map<String, String> without = new LinkedHashMap<>(FIELDS);
            without.remove(name);
            without.put(name + "x", value);
            assertThat(stored(without)).as(name).contains("\"result\":\"rejected\",\"field\":\"" + name + "x\"");
        });
    }

    @Test
    void record_needsWhatIsRequired_andNothingElse() {
        List<Set<String>> alternatives = ((Node.Sequence) schema("Record").get("anyOf"))
                .items().stream()
                        .map(alternative -> ((Node.Sequence)
                                        members(alternative).get("required"))
                                .items().stream().map(OpenApiTest::text).collect(Collectors.toSet()))
                        .toList();
        assertThat(alternatives).containsExactlyInAnyOrder(Set.of("model"), Set.of("upstream_model"));
        assertThat(schema("Record")).doesNotContainKey("required");
        for (Set<String> names : alternatives) {
            Map<String, String> least = new LinkedHashMap<>();
            names.forEach(name -> least.put(name, "\"m\""));
            assertThat(stored(least)).contains("\"result\":\"appended\"");
            assertThat(server.post("/v1/cost", JSON, json(least)).statusCode()).isEqualTo(200);
        }
        Map<String, String> others = new LinkedHashMap<>(FIELDS);
        others.remove("model");
        others.remove("upstream_model");
        assertThat(stored(others)).contains("\"result\":\"rejected\"");
        assertThat(server.post("/v1/cost", JSON, json(others)).statusCode()).isEqualTo(400);
    }

    @Test
    void costLine_hasTheFieldsOfARecord_andAUsageObject() {
        Set<String> expected = new HashSet<>(FIELDS.keySet());
        expected.addAll(List.of("format", "usage"));
        assertThat(members(schema("CostLine").get("properties")).keySet())
                .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(server.post("/v1/cost", JSON, json(FIELDS)).statusCode()).isEqualTo(200);
    }

    private String stored(Map<String, String> record) {
        HttpResponse<String> answer = server.post("/v1/records", JSON, json(record));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    private static String json(Map<String, String> record) {
        return record.entrySet().stream()
                .map(field -> "\"" + field.getKey() + "\":" + field.getValue())
                .collect(Collectors.joining(",", "{", "}"));
    }

    @Test
    void parameters_areThoseThatAreTaken() {
        Set<String> summary = new TreeSet<>(QueryParameters.OF_SUMMARY);
        summary.addAll(List.of("currency", "partial"));
        assertThat(parameters("/v1/summary")).containsExactlyInAnyOrderElementsOf(named(summary));
        Set<String> records = new TreeSet<>(QueryParameters.OF_RECORDS);
        records.add("partial");
        assertThat(parameters("/v1/records")).containsExactlyInAnyOrderElementsOf(named(records));
        for (String path : List.of("/", "/calls", "/calls.csv", "/summary.csv")) {
            assertThat(parameters(path))
                    .as(path)
                    .contains("period", "through", "group_by", "measure", "after", "where");
        }
    }

    /** An exploded object's members are parameters by their own names. */
    @ParameterizedTest
    @ValueSource(strings = {"/v1/summary", "/v1/records", "/", "/calls", "/calls.csv", "/summary.csv"})
    void filters_areAnObjectOfParameters(String path) {
        Map<String, Node> where = ((Node.Sequence) operation(path, "get").get("parameters"))
                .items().stream()
                        .map(OpenApiTest::members)
                        .filter(parameter -> text(parameter.get("name")).equals("where"))
                        .findFirst()
                        .orElseThrow();
        assertThat(text(where.get("style"))).isEqualTo("form");
        assertThat(((Node.Truth) where.get("explode")).value()).isTrue();
        Map<String, Node> schema = members(where.get("schema"));
        Set<String> names = members(schema.get("properties")).keySet();
        assertThat(names)
                .containsExactlyInAnyOrderElementsOf(Dimension.all().stream()
                        .map(dimension -> "where." + dimension.name())
                        .toList());
        for (String name : names) {
            assertThat(server.get(path + "?" + name + "=").statusCode())
                    .as(name)
                    .isEqualTo(200);
        }
        String pattern =
                members(schema.get("patternProperties")).keySet().iterator().next();
        assertThat("where.attribute.team").matches(pattern);
        assertThat(server.get(path + "?where.attribute.team=search").statusCode())
                .isEqualTo(200);
        assertThat(server.get(path + "?where.colour=red").statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/traces,application/json,{},200",
        "/v1/traces,application/json,garbage,400",
        "/v1/traces,application/x-protobuf,'',200",
        "/v1/traces,application/x-protobuf,garbage,400",
        "/v1/traces,text/plain,{},415",
        "/v1/logs,application/json,{},200",
        "/v1/logs,application/json,garbage,400",
        "/v1/logs,application/x-protobuf,'',200",
        "/v1/logs,application/x-protobuf,garbage,400",
        "/v1/logs,text/plain,{},415",
        "/mcp,application/json,garbage,400",
        "/mcp,text/plain,{},415"
    })
    void answer_isDeclared(String path, String type, String body, int status) {
        HttpResponse<String> answer = server.post(path, type, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        String answered = answer.headers().firstValue("Content-Type").orElse("").replaceAll(";.*", "");
        Map<String, Node> responses = members(operation(path, "post").get("responses"));
        assertThat(responses).containsKey(Integer.toString(status));
        assertThat(members(members(responses.get(Integer.toString(status))).get("content")))
                .containsKey(answered);
    }

    @Test
    void mcp_hasExamples() {
        Map<String, Node> body = members(operation("/mcp", "post").get("requestBody"));
        assertThat(members(members(members(body.get("content")).get(JSON)).get("examples")))
                .hasSize(2);
    }

    private static Set<String> named(Set<String> names) {
        return names.stream()
                .map(name -> name.equals("where.") ? "where" : name)
                .collect(Collectors.toSet());
    }

    private List<String> parameters(String path) {
        return ((Node.Sequence) operation(path, "get").get("parameters"))
                .items().stream()
                        .map(parameter -> text(members(parameter).get("name")))
                        .toList();
    }

    private Map<String, Node> operation(String path, String method) {
        return members(
                members(members(members(document).get("paths")).get(path)).get(method));
    }

    private Map<String, Node> schema(String name) {
        return members(members(members(members(document).get("components")).get("schemas"))
                .get(name));
    }

    private static Map<String, Node> members(Node node) {
        return ((Node.Mapping) node).members();
    }

    private static String text(Node node) {
        return ((Node.Text) node).value();
    }
}
