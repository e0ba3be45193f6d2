package dev.tokenledger.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.usage.RecordId;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PrometheusMetricsTest {

    private final RunningServer server = RunningServer.start();

    @AfterEach
    void stop() {
        server.close();
        assertThat(server.failures()).isEmpty();
    }

    @Test
    void totals_areTheLedgersByProviderAndModel() {
        store("""
                [{"id":"a","model":"claude-sonnet-4-5","provider":"anthropic","input_tokens":1000,"output_tokens":100,
                  "cache_read_input_tokens":7,"cache_creation_input_tokens":5,"cache_creation_5m_input_tokens":5},
                 {"id":"b","model":"claude-sonnet-4-5","provider":"anthropic","input_tokens":1,
                  "notes":["output_incomplete"]},
                 {"id":"c","model":"house-model","provider":"nobody","input_tokens":3}]""");
        assertThat(server.get("/metrics").body())
                .contains("# TYPE tokenledger_tokens gauge\n")
                .contains(line("tokenledger_tokens", "anthropic", "claude-sonnet-4-5", ",type=\"input\"", "1001.0"))
                .contains(line("tokenledger_tokens", "anthropic", "claude-sonnet-4-5", ",type=\"output\"", "100.0"))
                .contains(line("tokenledger_tokens", "anthropic", "claude-sonnet-4-5", ",type=\"cache_read\"", "7.0"))
                .contains(
                        line("tokenledger_tokens", "anthropic", "claude-sonnet-4-5", ",type=\"cache_creation\"", "5.0"))
                .contains(line("tokenledger_cost_usd", "anthropic", "claude-sonnet-4-5", "", "0.00452385"))
                .contains(line("tokenledger_records", "anthropic", "claude-sonnet-4-5", "", "2.0"))
                .contains(line("tokenledger_unpriced_records", "nobody", "house-model", "", "1.0"))
                .contains(line("tokenledger_unpriced_records", "anthropic", "claude-sonnet-4-5", "", "0.0"))
                .contains(line("tokenledger_doubtful_records", "anthropic", "claude-sonnet-4-5", "", "1.0"));
    }

    @Test
    void process_isDescribedToo() {
        assertThat(server.get("/metrics").body())
                .contains("tokenledger_build_info{version=")
                .contains("jvm_memory_used_bytes{area=\"heap\"}")
                .contains("process_start_time_seconds")
                .doesNotContain("tokenledger_ledger_bytes 0");
    }

    /** A counter that falls would be counted anew from zero. */
    @Test
    void reversal_lowersTheTotals() {
        store("[{\"id\":\"a\",\"model\":\"m\",\"provider\":\"p\"},{\"id\":\"b\",\"model\":\"m\",\"provider\":\"p\"}]");
        server.ledger().reverse(RecordId.of("a"), "counted twice");
        assertThat(server.get("/metrics").body())
                .contains("# TYPE tokenledger_records gauge\n")
                .contains(line("tokenledger_records", "p", "m", "", "1.0"));
    }

    @Test
    void manyModels_areOneSeriesBeyondTheBound() {
        StringBuilder records = new StringBuilder();
        for (int i = 0; i < 510; i++) {
            records.append(i == 0 ? "[" : ",")
                    .append("{\"provider\":\"p\",\"model\":\"m")
                    .append(i)
                    .append("\"}");
        }
        store(records + "]");
        String text = server.get("/metrics").body();
        assertThat(text.lines().filter(line -> line.startsWith("tokenledger_records{")))
                .hasSize(501)
                .contains("tokenledger_records{model=\"(other)\",provider=\"(other)\"} 10.0");
    }

    @Test
    void labels_nameNobody() {
        store("[{\"model\":\"m\",\"session_id\":\"secret-session\",\"conversation_id\":\"secret-talk\","
                + "\"attributes\":{\"user\":\"secret-user\"}}]");
        assertThat(server.get("/metrics").body()).contains("model=\"m\"").doesNotContain("secret");
    }

    /** A name may hold whatever a client likes; on a line of its own it would be another sample. */
    @Test
    void modelsName_staysWithinItsLabel() {
        store("[{\"provider\":\"p\",\"model\":\"a\\\"} 1\\\\\"}]");
        assertThat(server.get("/metrics").body()).contains(line("tokenledger_records", "p", "a\\\"} 1\\\\", "", "1.0"));
    }

    @Test
    void ingest_isCountedByResultAndTimed() {
        store("[{\"id\":\"a\",\"model\":\"m\",\"timestamp\":\"2026-11-01T00:00:00Z\"}]");
        store("[{\"id\":\"a\",\"model\":\"m\",\"timestamp\":\"2026-11-01T00:00:00Z\"}]");
        store("[{\"id\":\"a\",\"model\":\"n\",\"timestamp\":\"2026-11-01T00:00:00Z\"}]");
        assertThat(server.get("/metrics").body())
                .contains("# TYPE tokenledger_ingest_records_total counter\n")
                .contains("tokenledger_ingest_records_total{result=\"appended\"} 1.0\n")
                .contains("tokenledger_ingest_records_total{result=\"duplicate\"} 1.0\n")
                .contains("tokenledger_ingest_records_total{result=\"conflict\"} 1.0\n")
                .contains("tokenledger_ingest_records_total{result=\"rejected\"} 0.0\n")
                .contains("tokenledger_unknown_members_total{bearing=\"perhaps\"} 0.0\n")
                .contains("tokenledger_unknown_members_total{bearing=\"price\"} 0.0\n")
                .contains("tokenledger_ingest_commit_seconds_count 3\n")
                .contains("tokenledger_ingest_waiting_records 0.0\n")
                .contains("tokenledger_http_request_seconds_count"
                        + "{method=\"POST\",route=\"/v1/records\",status=\"200\"} 3\n");
    }

    @Test
    void whatIsNoRecord_isCountedAsRejected() {
        post("/v1/records", "application/json", "{\"model\":\"m\",\"input_tokens\":-1}");
        assertThat(server.get("/metrics").body())
                .contains(rejected(1))
                .contains("tokenledger_ingest_commit_seconds_count 0\n");
        post("/v1/records", "application/json", "[{\"model\":\"m\"},{\"model\":\"\"},{\"role\":\"r\"}]");
        assertThat(server.get("/metrics").body()).contains(rejected(3));
        post("/v1/records", "application/x-ndjson", "{\"model\":\"m\"}\n{\"no\":1}\n");
        assertThat(server.get("/metrics").body()).contains(rejected(4));
        // Priced, it costs more than a record can.
        post(
                "/v1/records",
                "application/json",
                "{\"model\":\"claude-opus-4-1\",\"provider\":\"anthropic\",\"output_tokens\":1000000000000,"
                        + "\"timestamp\":\"2026-01-01T00:00:00Z\"}");
        assertThat(server.get("/metrics").body()).contains(rejected(5));
        String attributes = "[{\"key\":\"gen_ai.operation.name\",\"value\":{\"stringValue\":\"chat\"}},"
                + "{\"key\":\"gen_ai.request.model\",\"value\":{\"stringValue\":\"m\"}},"
                + "{\"key\":\"gen_ai.usage.input_tokens\",\"value\":{\"intValue\":\"-5\"}}]";
        post(
                "/v1/traces",
                "application/json",
                "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"attributes\":" + attributes + "}]}]}]}");
        assertThat(server.get("/metrics").body()).contains(rejected(6));
        post("/v1/logs", "application/json", """
                {"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"claude_code.api_request","attributes":[
                  {"key":"model","value":{"stringValue":"claude-sonnet-4-5"}},
                  {"key":"input_tokens","value":{"doubleValue":1.5}}]}]}]}]}""");
        assertThat(server.get("/metrics").body())
                .contains(rejected(7))
                .contains("tokenledger_ingest_records_total{result=\"appended\"} 2.0\n");
    }

    private static String rejected(int records) {
        return "tokenledger_ingest_records_total{result=\"rejected\"} " + records + ".0\n";
    }

    private void post(String path, String mediaType, String body) {
        assertThat(server.post(path, mediaType, body).statusCode()).isEqualTo(200);
    }

    /** Prometheus asks for several formats, the binary one first, which this server does not speak. */
    @Test
    void format_isOneThatWasAskedFor() {
        HttpResponse<String> open = server.send(server.request("/metrics")
                .header(
                        "Accept",
                        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;"
                                + "q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3")
                .build());
        assertThat(open.headers().firstValue("Content-Type").orElseThrow()).startsWith("application/openmetrics-text");
        assertThat(open.body()).endsWith("# EOF\n");
        assertThat(server.get("/metrics").headers().firstValue("Content-Type").orElseThrow())
                .startsWith("text/plain; version=0.0.4");
    }

    private void store(String records) {
        post("/v1/records", "application/json", records);
    }

    private static String line(String name, String provider, String model, String more, String value) {
        return name + "{model=\"" + model + "\",provider=\"" + provider + "\"" + more + "} " + value + "\n";
    }

    @Test
    void recordsWithMembersThatNoReaderKnows_areCounted() {
        try (RunningServer own = RunningServer.start()) {
            String record = "{\"id\":\"ID\",\"model\":\"m\",\"notes\":[\"NOTE\"]}";
            for (String[] each : new String[][] {
                {"a", "unpriced_member_holo_tokens"},
                {"b", "unknown_member_something"},
                {"c", "unpriced_member_x"},
                {"d", "other"}
            }) {
                String json = record.replace("ID", each[0]).replace("NOTE", each[1]);
                own.post("/v1/records", "application/json", json);
                own.post("/v1/records", "application/json", json);
            }
            assertThat(own.get("/metrics").body())
                    .contains("tokenledger_unknown_members_total{bearing=\"price\"} 2.0\n")
                    .contains("tokenledger_unknown_members_total{bearing=\"perhaps\"} 1.0\n");
        }
    }
}
