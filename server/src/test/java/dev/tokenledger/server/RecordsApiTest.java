package dev.tokenledger.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.summary.TimeWindow;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

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

    @Test
    void summary_readsTheSameParametersAsTheCommandLine() {
        server.post("/v1/records", JSON, "[{\"model\":\"m\",\"role\":\"r\"},{\"model\":\"n\"}]");
        HttpResponse<String> answer = server.get("/v1/summary?period=today&group_by=model&where.role=r");
        assertThat(answer.body())
                .startsWith("{\"start\":\"2026-11-22T00:00:00Z\",\"end\":\"2026-11-23T00:00:00Z\",\"summary\":"
                        + "{\"total_records\":1,")
                .contains("\"groups\":[{\"key\":\"m\"");
        assertThat(server.get("/v1/summary?perod=today").body()).contains("unknown parameter");
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
}
