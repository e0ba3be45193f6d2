package dev.tokenledger.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.RecordQuery;
import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.money.Usd;
import dev.tokenledger.server.keys.ApiKey;
import dev.tokenledger.server.keys.ApiKeys;
import dev.tokenledger.server.keys.ReadLimit;
import dev.tokenledger.server.keys.Scope;
import dev.tokenledger.server.keys.Stamp;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.Seeds;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a key puts on the records that are sent with it, however they are sent. */
class StampedRecordsTest {

    private static final String JSON = "application/json";
    private static final String KEY = Stamp.KEY_NAME;

    private final ApiKey.Created search = key("search gateway", Map.of("team", "search", "environment", "prod"));
    private final ApiKey.Created ads = key("ads", Map.of("team", "ads"));
    private final ApiKey.Created plain = key("plain", Map.of());

    private static final Budget DAY = new Budget(
            "search day",
            Map.of(Dimension.attribute("team"), "search"),
            Budget.Period.DAY,
            Usd.parse("10"),
            Optional.empty());

    /** Those in force, which may change. */
    private volatile List<ApiKey> known = List.of(search.key(), ads.key(), plain.key());

    private final RunningServer server = RunningServer.start(
            settings -> settings.keys(() -> ApiKeys.of(known)).budgets(() -> List.of(DAY)));

    private static ApiKey.Created key(String name, Map<String, String> attributes) {
        return ApiKey.create(name, Set.of(Scope.INGEST), Instant.EPOCH, attributes, ReadLimit.NONE);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpResponse<String> post(ApiKey.Created key, String path, String body) {
        return server.send(server.request(path)
                .header("Authorization", "Bearer " + key.secret())
                .header("Content-Type", JSON)
                .POST(BodyPublishers.ofString(body))
                .build());
    }

    private UsageRecord record(String id) {
        return server.ledger().find(RecordId.of(id)).orElseThrow().record();
    }

    private static String json(String id, Map<String, String> attributes) {
        return "{\"id\":\"" + id + "\",\"model\":\"m\",\"timestamp\":\"2026-11-22T10:00:00Z\",\"attributes\":"
                + new TreeMap<>(attributes)
                        .entrySet().stream()
                                .map(entry -> "\"" + entry.getKey() + "\":\"" + entry.getValue() + "\"")
                                .collect(Collectors.joining(",", "{", "}"))
                + "}";
    }

    @Test
    void record_getsTheAttributesAndTheNameOfItsKey_overItsOwn() {
        post(search, "/v1/records", json("a", Map.of("team", "ads", KEY, "other", "user", "ana")));
        assertThat(record("a").attributes())
                .isEqualTo(Map.of("team", "search", "environment", "prod", KEY, "search gateway", "user", "ana"));
        assertThat(record("a").stampedAttributes()).containsExactly("environment", "team", KEY);
        post(plain, "/v1/records", json("b", Map.of("team", "own")));
        assertThat(record("b").attributes()).isEqualTo(Map.of("team", "own", KEY, "plain"));
    }

    /** Who sends a record says nothing of what a key put on it. */
    @Test
    void marksOfTheSender_areReplaced() {
        String marked = json("a", Map.of("user", "ana", "team", "x"))
                .replace("\"attributes\"", "\"stamped_attributes\":[\"user\",\"team\"],\"attributes\"");
        post(plain, "/v1/records", marked);
        assertThat(record("a").stampedAttributes()).containsExactly(KEY);
    }

    @Test
    void recordWithoutRoom_isRejectedByName_andTheOthersAreStored() {
        Map<String, String> fourteen =
                IntStream.range(0, 14).boxed().collect(Collectors.toMap(i -> "own" + i, i -> "x"));
        Map<String, String> withTeam = new TreeMap<>(fourteen);
        withTeam.remove("own0");
        withTeam.put("team", "mine");
        Map<String, String> thirteen = new TreeMap<>(fourteen);
        thirteen.remove("own0");
        String body = "[" + json("full", fourteen) + "," + json("fits", thirteen) + "," + json("over", withTeam) + "]";
        HttpResponse<String> answer = post(search, "/v1/records", body);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
                .contains(
                        "{\"index\":0,\"result\":\"rejected\",\"field\":\"attributes\",\"reason\":\"attributes: the API"
                                + " key adds environment, team, tokenledger.key, which leaves room for 13 more; send fewer\"}")
                .contains("{\"index\":1,\"result\":\"appended\",\"id\":\"fits\"}")
                .contains("{\"index\":2,\"result\":\"appended\",\"id\":\"over\"}");
        assertThat(server.ledger().find(RecordId.of("full"))).isEmpty();
        assertThat(record("over").attributes()).hasSize(16).containsEntry("team", "search");
        assertThat(record("fits").attributes()).hasSize(16);
    }

    @Test
    void retry_withAnotherKeyOrAfterItsAttributesChanged_isADuplicate() {
        String body = json("a", Map.of("user", "ana"));
        assertThat(post(search, "/v1/records", body).body()).contains("appended");
        UsageRecord stored = record("a");
        assertThat(post(ads, "/v1/records", body).body()).contains("duplicate");
        assertThat(post(plain, "/v1/records", json("a", Map.of("user", "ana", "team", "x")))
                        .body())
                .contains("duplicate");
        ApiKey changed = new ApiKey(
                search.key().id(),
                "renamed",
                search.key().scopes(),
                Instant.EPOCH,
                search.key().sha256(),
                new TreeMap<>(Map.of("region", "eu")),
                ReadLimit.NONE);
        known = List.of(changed, plain.key());
        assertThat(post(search, "/v1/records", body).body()).contains("duplicate");
        assertThat(post(search, "/v1/records", json("a", Map.of("user", "bo"))).body())
                .contains("conflict", "\"field\":\"attributes\"", "\"stored\":\"{user=ana}\"");
        assertThat(record("a")).isEqualTo(stored);
    }

    @Test
    void telemetry_getsThemToo_inTheRoomOfItsLabels() {
        for (int labels : List.of(0, 15, 40)) {
            String resource = IntStream.range(0, labels)
                    .mapToObj(i -> "{\"key\":\"label" + i + "\",\"value\":{\"stringValue\":\"x\"}}")
                    .collect(Collectors.joining(","));
            String body = """
                    {"resourceSpans":[{"resource":{"attributes":[%s]},"scopeSpans":[{"scope":{"name":"instr"},"spans":[{
                    "traceId":"5b8efff798038103d269b633813fc6%s","spanId":"eee19b7ec3c1b174","name":"chat",
                    "startTimeUnixNano":"1790000000000000000","endTimeUnixNano":"1790000001000000000","attributes":[
                    {"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},
                    {"key":"gen_ai.request.model","value":{"stringValue":"gpt-5"}},
                    {"key":"gen_ai.usage.input_tokens","value":{"intValue":"10"}},
                    {"key":"gen_ai.usage.output_tokens","value":{"intValue":"5"}}]}]}]}]}""".formatted(resource, Integer.toString(50 + labels));
            HttpResponse<String> answer = post(search, "/v1/traces", body);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            UsageRecord last = server.ledger()
                    .records(RecordQuery.over(TimeWindow.all()).build())
                    .entries()
                    .get(0)
                    .record();
            assertThat(last.attributes())
                    .as("%s labels", labels)
                    .containsEntry("team", "search")
                    .containsEntry("environment", "prod")
                    .containsEntry(KEY, "search gateway")
                    .containsEntry("otel.scope.name", "instr")
                    .hasSize(labels == 0 ? 4 : 16);
            assertThat(last.notes().contains("labels_incomplete")).isEqualTo(labels > 0);
            // The same again, by another key: known.
            assertThat(post(ads, "/v1/traces", body).statusCode()).isEqualTo(200);
        }
        assertThat(server.ledger()
                        .records(
                                RecordQuery.over(TimeWindow.all()).history(true).build())
                        .entries())
                .hasSize(3)
                .allMatch(entry -> "search".equals(entry.record().attributes().get("team")));
    }

    @Test
    void admission_isOfTheKeysAttributes() {
        String dollar = "{\"model\":\"m\",\"cost_usd\":1,\"attributes\":{\"team\":\"ads\"}}";
        assertThat(post(search, "/v1/budgets/admit?reservation=r1", dollar).body())
                .contains("\"name\":\"search day\"");
        assertThat(post(ads, "/v1/budgets/admit?reservation=r2", dollar.replace("ads", "search"))
                        .body())
                .contains("\"budgets\":[]");
        assertThat(post(search, "/v1/budgets/admit?reservation=r3", dollar).body())
                .contains("\"reserved_usd\":1");
        assertThat(post(search, "/v1/records?reservation=r1", dollar.replace("{\"model\"", "{\"id\":\"x\",\"model\""))
                        .body())
                .contains("appended");
        assertThat(post(search, "/v1/budgets/admit?reservation=r4", dollar).body())
                .contains("\"spent_usd\":1,\"reserved_usd\":1");
        String full = IntStream.range(0, 16)
                .mapToObj(i -> "\"own" + i + "\":\"x\"")
                .collect(Collectors.joining(",", "{\"model\":\"m\",\"attributes\":{", "}}"));
        HttpResponse<String> refused = post(search, "/v1/budgets/admit", full);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("\"field\":\"attributes\"", "leaves room for 13 more");
    }

    /** Whatever is sent by whichever keys: a record is stored once, has what its first key says, and nobody's else. */
    @Test
    void anyRecordsByAnyKeys() {
        Seeds.run(15, random -> {
            String seed = Long.toString(random.nextLong(), 36);
            List<ApiKey.Created> keys = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Map<String, String> attributes = new TreeMap<>();
                for (String name : List.of("team", "environment", "user")) {
                    if (random.nextBoolean()) {
                        attributes.put(name, "k" + random.nextInt(3));
                    }
                }
                keys.add(key("key " + random.nextInt(3), attributes));
            }
            known = keys.stream().map(ApiKey.Created::key).toList();
            Map<String, Map<String, String>> expected = new TreeMap<>();
            Map<String, Map<String, String>> sent = new TreeMap<>();
            for (int i = 0; i < 30; i++) {
                String id = "r" + seed + random.nextInt(8);
                Map<String, String> own = sent.computeIfAbsent(id, unseen -> {
                    Map<String, String> drawn = new TreeMap<>();
                    for (String name : List.of("team", "user", "project", KEY)) {
                        if (random.nextBoolean()) {
                            drawn.put(name, "own");
                        }
                    }
                    return drawn;
                });
                ApiKey.Created by = keys.get(random.nextInt(keys.size()));
                Map<String, String> stamped = new TreeMap<>(own);
                stamped.putAll(by.key().attributes());
                stamped.put(KEY, by.key().name());
                boolean first = expected.putIfAbsent(id, stamped) == null;
                assertThat(post(by, "/v1/records", json(id, own)).body())
                        .contains(first ? "\"appended\"" : "\"duplicate\"");
            }
            expected.forEach((id, attributes) ->
                    assertThat(record(id).attributes()).as(id).isEqualTo(attributes));
            Map<String, Long> byKey = expected.values().stream()
                    .collect(Collectors.groupingBy(attributes -> attributes.get(KEY), Collectors.counting()));
            for (String name : new TreeSet<>(byKey.keySet())) {
                long stored = server
                        .ledger()
                        .records(RecordQuery.over(TimeWindow.all())
                                .where(Dimension.attribute(KEY), name)
                                .limit(1_000)
                                .build())
                        .entries()
                        .stream()
                        .filter(entry -> entry.id().value().startsWith("r" + seed))
                        .count();
                assertThat(stored).isEqualTo(byKey.get(name));
            }
        });
    }
}
