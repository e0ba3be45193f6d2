package dev.tokenledger.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DimensionsApiTest {

    private static final String CALLS = """
            [{"model":"a","cost_usd":1,"attributes":{"team":"search","city":"Łódź"}},
             {"model":"a","cost_usd":2,"attributes":{"team":"billing"}},
             {"model":"b","cost_usd":4,"attributes":{"team":"billing"}},
             {"model":"b","cost_usd":8}]""";

    @Test
    void names_areDimensionsAndKeysOfAttributes() {
        try (RunningServer server = RunningServer.start()) {
            assertThat(server.get("/v1/dimensions").body())
                    .startsWith("{\"dimensions\":[\"model\",\"upstream_model\",")
                    .endsWith("],\"attributes\":[],\"more_attributes\":false}");
            server.post("/v1/records", "application/json", CALLS);
            assertThat(server.get("/v1/dimensions").body())
                    .endsWith("],\"attributes\":[\"city\",\"team\"],\"more_attributes\":false}");
        }
    }

    @Test
    void values_areThoseOfTheCallsAskedAbout_dearestFirst() {
        try (RunningServer server = RunningServer.start()) {
            server.post("/v1/records", "application/json", CALLS);

            assertThat(server.get("/v1/dimensions?values_of=attribute.team").body())
                    .endsWith(
                            ",\"values\":[{\"value\":\"\",\"total_records\":1,\"total_cost_usd\":8},"
                                    + "{\"value\":\"billing\",\"total_records\":2,\"total_cost_usd\":6},"
                                    + "{\"value\":\"search\",\"total_records\":1,\"total_cost_usd\":1}],\"more_values\":false}");
            assertThat(server.get("/v1/dimensions?values_of=attribute.team&where.model=a&limit=1&period=today")
                            .body())
                    .endsWith(",\"values\":[{\"value\":\"billing\",\"total_records\":1,\"total_cost_usd\":2}],"
                            + "\"more_values\":true}");
            assertThat(server.get("/v1/dimensions?values_of=model&period=yesterday")
                            .body())
                    .endsWith(",\"values\":[],\"more_values\":false}");
        }
    }

    @Test
    void manyKeys_areBounded() {
        StringBuilder calls = new StringBuilder();
        for (int i = 0; i < 1_010; i++) {
            calls.append(i == 0 ? "[" : ",")
                    .append("{\"model\":\"m\",\"attributes\":{\"k")
                    .append(i)
                    .append("\":\"v\"}}");
        }
        try (RunningServer server = RunningServer.start()) {
            server.post("/v1/records", "application/json", calls + "]");
            String answer = server.get("/v1/dimensions").body();
            assertThat(answer).endsWith("\"more_attributes\":true}");
            assertThat(answer.split("\"k", -1)).hasSize(1_001);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "values_of=shape, values_of",
        "values_of=model&limit=1001, limit",
        "limit=5, limit",
        "group_by=model, group_by"
    })
    void whatIsNoQuestion_isRefusedByName(String query, String field) {
        try (RunningServer server = RunningServer.start()) {
            HttpResponse<String> answer = server.get("/v1/dimensions?" + query);
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body()).contains("\"field\":\"" + field + "\"");
        }
    }
}
