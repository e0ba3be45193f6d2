package dev.tokenledger.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.formats.prices.PriceFile;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.TimeWindow;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordsApiTest {

    private static final String JSON = "application/json";

    private final RunningServer server = RunningServer.start();

    @AfterEach
    void stop() {
        server.close();
        assertThat(server.failures()).isEmpty();
    }

    @Test
    void single_isStored() {
        HttpResponse<String> answer = server.post(
                "/v1/records", JSON, "{\"id\":\"a\",\"model\":\"claude-sonnet-4-5\",\"input_tokens\":1000}");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"results\":[{\"index\":0,\"result\":\"appended\",\"id\":\"a\"}]}");
        assertThat(server.ledger().summary(TimeWindow.all()).totalCost()).hasToString("0.003");
    }

    @Test
    void array_hasAResultForEach() {
        HttpResponse<String> answer = server.post("/v1/records", JSON, """
                [{"id":"a","model":"m","input_tokens":1,"timestamp":"2026-11-01T00:00:00Z"},
                 {"id":"a","model":"m","input_tokens":1,"timestamp":"2026-11-01T00:00:00Z"},
                 {"id":"a","model":"m","input_tokens":2,"timestamp":"2026-11-01T00:00:00Z"},
                 {"id":"b","model":"m","input_tokens":-1}]""");
        assertThat(answer.body())
                .isEqualTo("{\"results\":[{\"index\":0,\"result\":\"appended\",\"id\":\"a\"},"
                        + "{\"index\":1,\"result\":\"duplicate\",\"id\":\"a\"},"
                        + "{\"index\":2,\"result\":\"conflict\",\"id\":\"a\",\"field\":\"input_tokens\","
                        + "\"stored\":\"1\",\"offered\":\"2\"},"
                        + "{\"index\":3,\"result\":\"rejected\",\"field\":\"input_tokens\",\"reason\":\"input_tokens:"
                        + " expected a whole number from 0 to 1000000000000, found -1\"}]}");
        assertThat(server.ledger().summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
    }

    @Test
    void lines_areStored() {
        HttpResponse<String> answer =
                server.post("/v1/records", "application/x-ndjson", "{\"model\":\"m\"}\n\n{\"model\":\"n\"}\n");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(server.ledger().summary(TimeWindow.all()).totalRecords()).isEqualTo(2);
    }

    @Test
    void malformedBody_storesNothing() {
        HttpResponse<String> answer = server.post("/v1/records", JSON, "[{\"model\":\"m\"},{\"model\":]");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(answer.body()).contains("\"index\":1");
        assertThat(server.ledger().summary(TimeWindow.all()).totalRecords()).isZero();
    }

    /** What a body comes to does not depend on how its records are wrapped. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            200 | {"model":"m","x":DEEP40}                      | "field":"x"
            200 | {"x":DEEP40,"model":"m"}                      | "field":"x"
            200 | {"model":"m","attributes":{"a":DEEP40}}       | "field":"attributes
            200 | {"model":"m","unpriced_tokens":DEEP40}        | "result":"rejected"
            200 | {"model":"m","x":DEEP900}                     | "field":"x"
            400 | {"model":"m","x":DEEP1100}                    | record 0:
            400 | {"x":1,"model":}                              | record 0:
            400 | {"x":1                                        | record 0:
            400 | {"x":1]}                                      | record 0:
            400 | {"model":"LONG"}                              | record 0: longer than 1048576 bytes
            400 | {"x":1,"model":"LONG"}                        | record 0: longer than 1048576 bytes
            """)
    void badRecord_isAnsweredAlikeInEveryForm(int status, String template, String reason) {
        String bad = template.replace("LONG", "x".repeat(1 << 20));
        for (int levels : List.of(40, 900, 1_100)) {
            bad = bad.replace("DEEP" + levels, "[".repeat(levels) + "]".repeat(levels));
        }
        String good = "{\"model\":\"m\"}";
        HttpResponse<String> single = server.post("/v1/records", JSON, bad);
        HttpResponse<String> array = server.post("/v1/records", JSON, "[" + bad + "," + good + "]");
        HttpResponse<String> lines = server.post("/v1/records", "application/x-ndjson", bad + "\n" + good + "\n");
        for (HttpResponse<String> answer : List.of(single, array, lines)) {
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
            assertThat(answer.body()).contains(reason);
        }
        assertThat(server.ledger().summary(TimeWindow.all()).totalRecords()).isEqualTo(status == 200 ? 2 : 0);
    }

    @Test
    void summary_readsTheSameParametersAsTheCommandLine() {
        server.post("/v1/records", JSON, "[{\"model\":\"m\",\"role\":\"r\"},{\"model\":\"n\"}]");
        HttpResponse<String> answer = server.get("/v1/summary?period=today&group_by=model&where.role=r");
        assertThat(answer.body())
                .startsWith("{\"start\":\"2026-11-22T00:00:00Z\",\"end\":\"2026-11-23T00:00:00Z\",\"summary\":"
                        + "{\"total_records\":1,")
                .contains("\"groups\":[{\"key\":\"m\"");
        assertThat(server.get("/v1/summary?perod=today").body())
                .contains("\"detail\":\"perod: unknown parameter \\\"perod\\\"; expected ")
                .contains("\"field\":\"perod\"");
        assertThat(server.get("/v1/summary?where.colour=red").body()).contains("\"field\":\"where.colour\"");
        assertThat(server.get("/v1/summary?" + "x".repeat(5_000) + "=1").body())
                .hasSizeLessThan(600)
                .contains("\"field\":\"xxx");
    }

    @Test
    void summary_ofHours_endsNow() {
        server.post("/v1/records", JSON, """
                [{"id":"too-old","model":"m","timestamp":"2026-11-21T11:59:59.999999Z"},
                 {"id":"oldest","model":"m","input_tokens":1,"timestamp":"2026-11-21T12:00:00Z"},
                 {"id":"latest","model":"n","input_tokens":2,"timestamp":"2026-11-22T11:59:59.999999Z"},
                 {"id":"now","model":"n","timestamp":"2026-11-22T12:00:00Z"}]""");
        assertThat(server.get("/v1/summary?hours=24&group_by=model&order=key").body())
                .startsWith("{\"start\":\"2026-11-21T12:00:00Z\",\"end\":\"2026-11-22T12:00:00Z\","
                        + "\"summary\":{\"total_records\":2,\"total_input_tokens\":3,")
                .contains("\"group_by\":[\"model\"]", "{\"key\":\"m\",", "{\"key\":\"n\",");
        assertThat(server.get("/v1/summary?hours=1").body())
                .contains("\"start\":\"2026-11-22T11:00:00Z\"", "\"total_records\":1,");
        assertThat(server.get("/v1/records?hours=1").body())
                .contains("\"latest\"")
                .doesNotContain("\"oldest\"", "\"now\"");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            hours=0                        | hours: expected a whole number from 1 to
            hours=-1                       | hours: expected a whole number from 1 to
            hours=1.5                      | hours: expected a whole number from 1 to
            hours=99999999999              | hours: expected a whole number from 1 to
            hours=day                      | hours: expected a whole number from 1 to
            hours=24&from=2026-11-01       | hours: goes without from and to
            hours=24&to=2026-11-01         | hours: goes without from and to
            hours=24&period=today          | period: goes without from, to and hours
            """)
    void summary_ofHoursThatAreNone_isRefused(String query, String problem) {
        HttpResponse<String> answer = server.get("/v1/summary?" + query);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains(problem);
    }

    @Test
    void nothingThere_isAProblem() {
        HttpResponse<String> answer = server.get("/v1/nothing");
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains("\"status\":404");
        assertThat(server.get("/v1/records/a/b").statusCode()).isEqualTo(404);
        assertThat(server.post("/v1/summary", JSON, "{}").statusCode()).isEqualTo(405);
        assertThat(server.get("/healthz").body()).isEqualTo("{\"status\":\"ok\"}");
        assertThat(server.get("/readyz").statusCode()).isEqualTo(200);
    }

    @Test
    void list_isPagedByCursor() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 25; i++) {
            lines.append("{\"id\":\"r")
                    .append(i)
                    .append("\",\"model\":\"m\",\"timestamp\":\"2026-11-01T00:00:")
                    .append(10 + i)
                    .append("Z\"}\n");
        }
        server.post("/v1/records", "application/x-ndjson", lines.toString());
        List<String> ids = new ArrayList<>();
        String next = "";
        int pages = 0;
        while (true) {
            String page = server.get("/v1/records?limit=10" + (next.isEmpty() ? "" : "&after=" + next))
                    .body();
            Pattern.compile("\"id\":\"(r[0-9]+)\"").matcher(page).results().forEach(match -> ids.add(match.group(1)));
            pages++;
            Matcher more = Pattern.compile("\"next\":\"([^\"]+)\"").matcher(page);
            if (!more.find()) {
                assertThat(page).endsWith("\"next\":null}");
                break;
            }
            next = more.group(1);
        }
        assertThat(pages).isEqualTo(3);
        assertThat(ids)
                .hasSize(25)
                .doesNotHaveDuplicates()
                .startsWith("r24", "r23")
                .endsWith("r0");
        assertThat(server.get("/v1/records?after=x").body()).contains("\"field\":\"after\"");
        assertThat(server.get("/v1/records?limit=0").statusCode()).isEqualTo(400);
    }

    @Test
    void one_isExplained() {
        server.post(
                "/v1/records",
                JSON,
                "{\"id\":\"a/b c\",\"model\":\"claude-sonnet-4-5\",\"provider\":\"anthropic\",\"input_tokens\":1000,"
                        + "\"timestamp\":\"2026-11-01T00:00:00Z\"}");
        HttpResponse<String> answer = server.get("/v1/record?id=a%2Fb%20c");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(server.get("/v1/records/a%2Fb%20c").body()).isEqualTo(answer.body());
        assertThat(answer.body())
                .contains("\"id\":\"a/b c\"")
                .contains("\"explanation\":{\"price_id\":\"anthropic/claude-sonnet-4-5@")
                .contains("{\"class\":\"input\",\"count\":1000,\"unit\":\"tokens\",\"rate_usd\":3,\"per\":1000000,"
                        + "\"amount_usd\":0.003}")
                .contains("\"total_usd\":0.003}");
        assertThat(server.get("/v1/records/none").statusCode()).isEqualTo(404);
        assertThat(server.get("/v1/record").body()).contains("\"field\":\"id\"");
    }

    /** Whatever is accepted as an id can be asked for under it. */
    @Test
    void idsOfAnyCharacters_areFoundByTheirPath() {
        for (String id :
                List.of("a/b", "100%", "%2F", "a\\b", "../../v1/budgets", "a//b", "ü?&=#;+ ~", "..a", ".../x")) {
            String json = id.replace("\\", "\\\\");
            server.post("/v1/records", JSON, "{\"id\":\"" + json + "\",\"model\":\"m\"}");

            HttpResponse<String> answer = server.get("/v1/records/"
                    + URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20"));

            assertThat(answer.statusCode()).as(id).isEqualTo(200);
            assertThat(answer.body()).contains("\"id\":\"" + json + "\"");
        }
        assertThat(server.get("/v1%2Frecords/a").statusCode()).isEqualTo(400);
        assertThat(server.get("/v1/records%2Fa").statusCode()).isEqualTo(400);
        assertThat(server.get("/v1/records/%2e%2e").statusCode()).isEqualTo(400);
    }

    /** Its record alone is refused, and the field named. */
    @Test
    void numberOfTenThousandDigits_refusesItsRecordAlone() {
        String digits = "9".repeat(10_000);
        String body = "[{\"id\":\"n1\",\"model\":\"m\"},{\"id\":\"n2\",\"model\":\"m\",\"input_tokens\":" + digits
                + "},{\"id\":\"n3\",\"model\":\"m\",\"cost_usd\":0." + digits + "},{\"id\":\"n4\",\"model\":\"m\"},"
                + "{\"id\":\"n5\",\"model\":\"m\",\"other\":" + digits + "e" + digits + "}]";

        HttpResponse<String> answer = server.post("/v1/records", JSON, body);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
                .contains("\"id\":\"n1\"")
                .contains("\"field\":\"input_tokens\"")
                .contains("\"field\":\"cost_usd\"")
                .contains("\"field\":\"other\"")
                .contains("\"id\":\"n4\"")
                .hasSizeLessThan(2_000);
        assertThat(server.get("/v1/records/n1").statusCode()).isEqualTo(200);
        assertThat(server.get("/v1/records/n2").statusCode()).isEqualTo(404);
        assertThat(server.get("/v1/records/n4").statusCode()).isEqualTo(200);
    }

    @Test
    void costBeyondTheBound_isRejectedAndTheOthersStored() {
        HttpResponse<String> answer = server.post(
                "/v1/records",
                JSON,
                "[{\"id\":\"a\",\"model\":\"m\"},"
                        + "{\"id\":\"b\",\"model\":\"claude-opus-4-1\",\"provider\":\"anthropic\","
                        + "\"output_tokens\":1000000000000,\"timestamp\":\"2026-01-01T00:00:00Z\"},"
                        + "{\"id\":\"c\",\"model\":\"m\"}]");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
                .contains("{\"index\":0,\"result\":\"appended\",\"id\":\"a\"}")
                .contains("{\"index\":1,\"result\":\"rejected\",\"field\":\"cost_usd\"")
                .contains("{\"index\":2,\"result\":\"appended\",\"id\":\"c\"}");
    }

    @Test
    void cost_isAnsweredInTheFormItWasAskedIn() {
        String line = "{\"model\":\"claude-sonnet-4-5\",\"provider\":\"anthropic\",\"input_tokens\":1000}";
        assertThat(server.post("/v1/cost", JSON, line).body()).startsWith("{\"cost_usd\":0.003,");
        assertThat(server.post("/v1/cost", JSON, "[" + line + ",{}]").body()).matches("\\[\\{.*},\\{.*}]");
        assertThat(server.post("/v1/cost", "application/x-ndjson", line + "\nx\n")
                        .body())
                .endsWith("}\n{\"error\":\"not valid JSON near column 1\",\"line\":2}\n");
        assertThat(server.post("/v1/cost", JSON, "{\"input_tokens\":-1}").statusCode())
                .isEqualTo(400);
        assertThat(server.ledger().summary(TimeWindow.all()).totalRecords()).isZero();
    }

    @Test
    void prices_areFoundByTextAndDate() {
        String all = server.get("/v1/prices?text=claude-sonnet-4-5").body();
        assertThat(all).contains("\"model\":\"claude-sonnet-4-5\"").contains("\"usd_per_million\":{\"input\":3,");
        assertThat(server.get("/v1/prices?text=no-such-model").body()).isEqualTo("{\"prices\":[]}");
        assertThat(server.get("/v1/prices?at=yesterday").statusCode()).isEqualTo(400);
    }

    /** The cache rates of the simple form are products, which may be larger than a rate that is stated may. */
    @Test
    void prices_ofCacheRatesBeyondTheBound_areListed() {
        PriceBook book = PriceBook.bundled()
                .with(PriceFile.parse(
                        "prices.yaml",
                        "pricing: { big-model: { input_per_million: 600000, output_per_million: 700000 } }"
                                .getBytes(StandardCharsets.UTF_8)));
        InMemoryLedger ledger = InMemoryLedger.open(book, InstantSource.fixed(RunningServer.NOW));
        try (RunningServer own = new RunningServer(ledger, settings -> settings)) {
            HttpResponse<String> answer = own.get("/v1/prices?text=big-model");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).contains("\"input\":600000,", "\"cache_write_1h\":1200000");
            assertThat(own.failures()).isEmpty();
        }
    }

    @Test
    void gzip_isUnderstood() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write("{\"model\":\"m\"}".getBytes(StandardCharsets.UTF_8));
        }
        HttpResponse<String> answer = server.send(server.request("/v1/records")
                .header("Content-Type", "application/json; charset=utf-8")
                .header("Content-Encoding", "gzip")
                .POST(BodyPublishers.ofByteArray(packed.toByteArray()))
                .build());
        assertThat(answer.body()).contains("\"result\":\"appended\"");
    }

    @Test
    void otherMethod_is405() {
        assertThat(server.send(server.request("/healthz")
                                .method("DELETE", BodyPublishers.noBody())
                                .build())
                        .statusCode())
                .isEqualTo(405);
    }

    @Test
    void head_isAnsweredAsGetIs() {
        HttpResponse<String> found = server.send(server.request("/healthz")
                .method("HEAD", BodyPublishers.noBody())
                .build());
        assertThat(found.statusCode()).isEqualTo(200);
        assertThat(found.body()).isEmpty();
        assertThat(found.headers().firstValue("Content-Length")).contains("15");
        assertThat(server.send(server.request("/v1/records/none")
                                .method("HEAD", BodyPublishers.noBody())
                                .build())
                        .statusCode())
                .isEqualTo(404);
    }
}
