package dev.tokenledger.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.server.http.Limits;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.TimeWindow;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.exporter.otlp.metrics.OtlpGrpcMetricExporter;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.export.AggregationTemporalitySelector;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Metrics over HTTP and gRPC, in the shapes of agents. */
class OtlpMetricsTest {

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String METRICS = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
    private static final String PROTOBUF = "application/x-protobuf";
    private static final long TIME = 1793527200000001000L;

    /** The name and the temporality stand behind the points, and the resource behind all. */
    private static final String JSON = """
            {"resourceMetrics":[{"scopeMetrics":[{"metrics":[
              {"sum":{"dataPoints":[
                  {"attributes":[{"key":"type","value":{"stringValue":"input"}},
                                 {"key":"model","value":{"stringValue":"claude-sonnet-4-5"}}],
                   "startTimeUnixNano":"1793527140000001000","timeUnixNano":"1793527200000001000","asDouble":1000},
                  {"attributes":[{"key":"type","value":{"stringValue":"output"}},
                                 {"key":"model","value":{"stringValue":"claude-sonnet-4-5"}}],
                   "startTimeUnixNano":"1793527140000001000","timeUnixNano":1793527200000001000,"asInt":"100"}],
                "isMonotonic":true,"aggregationTemporality":%s},
               "unit":"tokens","name":"claude_code.token.usage"},
              {"name":"claude_code.session.count","sum":{"dataPoints":[{"asInt":1}]}}],
              "scope":{"name":"com.anthropic.claude_code"}}],
              "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"claude-code"}}]}}]}""";

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final List<String> notices = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    private RunningServer start(UnaryOperator<TokenledgerServer.Builder> settings) {
        RunningServer server = RunningServer.start(builder ->
                settings.apply(builder.grpcPort(0).notices(notice -> {
                    synchronized (notices) {
                        notices.add(notice);
                    }
                })));
        opened.add(0, server);
        return server;
    }

    private GrpcClient client(RunningServer server) {
        GrpcClient client = new GrpcClient(server.server().grpcPort().orElseThrow());
        opened.add(0, client);
        return client;
    }

    @ParameterizedTest
    @CsvSource({"grpc, none", "grpc, gzip", "http, none", "http, gzip"})
    void sdk_exportsClaudeCodesMetrics(String protocol, String compression) {
        RunningServer server = start(TokenledgerServer.Builder::metricsAsRecords);
        MetricExporter exporter = protocol.equals("grpc")
                ? OtlpGrpcMetricExporter.builder()
                        .setEndpoint(
                                "http://127.0.0.1:" + server.server().grpcPort().orElseThrow())
                        .setCompression(compression)
                        .setTimeout(PATIENCE)
                        .setAggregationTemporalitySelector(AggregationTemporalitySelector.deltaPreferred())
                        .build()
                : OtlpHttpMetricExporter.builder()
                        .setEndpoint(server.server().address() + "/v1/metrics")
                        .setCompression(compression)
                        .setTimeout(PATIENCE)
                        .setAggregationTemporalitySelector(AggregationTemporalitySelector.deltaPreferred())
                        .build();
        try (SdkMeterProvider provider = SdkMeterProvider.builder()
                .registerMetricReader(PeriodicMetricReader.builder(exporter)
                        .setInterval(Duration.ofHours(1))
                        .build())
                .build()) {
            var counter = provider.get("com.anthropic.claude_code")
                    .counterBuilder("claude_code.token.usage")
                    .ofDoubles()
                    .build();
            for (int i = 0; i < 2; i++) {
                Map.of("input", 1_000.0, "output", 100.0, "cacheRead", 2_000.0)
                        .forEach((type, count) -> counter.add(
                                count,
                                Attributes.builder()
                                        .put("model", "claude-sonnet-4-5")
                                        .put("type", type)
                                        .build()));
                assertThat(provider.forceFlush()
                                .join(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                                .isSuccess())
                        .isTrue();
            }
        }
        Summary total = server.ledger().summary(TimeWindow.all());
        assertThat(total.totalRecords()).isEqualTo(2);
        assertThat(total.totalInputTokens()).isEqualTo(2_000);
        assertThat(total.totalCacheReadInputTokens()).isEqualTo(4_000);
        assertThat(total.totalOutputTokens()).isEqualTo(200);
        assertThat(server.failures()).isEmpty();
    }

    @Test
    void metrics_areAcknowledgedAndCounted_andNotRecorded() {
        RunningServer server = start(settings -> settings);
        HttpResponse<String> answer = server.post("/v1/metrics", "application/json", JSON.formatted("1"));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{}");
        GrpcClient.Answer call = client(server).call(METRICS, codex(5).toByteArray(), Map.of());
        assertThat(call.status()).isZero();
        assertThat(call.message()).isEmpty();
        assertThat(export(server, named("gen_ai.client.token.usage", "gemini-cli", ""))
                        .statusCode())
                .isEqualTo(200);
        assertThat(export(server, named("gen_ai.client.token.usage", "", "gemini-cli"))
                        .statusCode())
                .isEqualTo(200);
        assertThat(export(server, named("http.server.duration", "tomcat", "shop"))
                        .statusCode())
                .isEqualTo(200);
        assertThat(server.ledger().summary(TimeWindow.all()).totalRecords()).isZero();
        assertThat(server.get("/metrics").body())
                .contains("tokenledger_otlp_metric_points_total{program=\"claude_code\"} 3.0")
                .contains("tokenledger_otlp_metric_points_total{program=\"codex\"} 1.0")
                .contains("tokenledger_otlp_metric_points_total{program=\"gemini_cli\"} 2.0")
                .contains("tokenledger_otlp_metric_points_total{program=\"other\"} 1.0");
        synchronized (notices) {
            assertThat(notices)
                    .hasSize(3)
                    .allMatch(notice -> notice.contains("acknowledged and not recorded")
                            && notice.contains("--metrics-as-records"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "\"AGGREGATION_TEMPORALITY_DELTA\""})
    void json_isRead_andSentAgainAddsNothing(String delta) {
        RunningServer server = start(TokenledgerServer.Builder::metricsAsRecords);
        for (int i = 0; i < 3; i++) {
            HttpResponse<String> answer = server.post("/v1/metrics", "application/json", JSON.formatted(delta));
            assertThat(answer.body()).isEqualTo("{}");
        }
        Summary total = server.ledger().summary(TimeWindow.all());
        assertThat(total.totalRecords()).isEqualTo(1);
        assertThat(total.totalInputTokens()).isEqualTo(1_000);
        assertThat(total.totalOutputTokens()).isEqualTo(100);
    }

    @Test
    void cumulativePoints_areRefusedAndToldWhy() throws IOException {
        RunningServer server = start(TokenledgerServer.Builder::metricsAsRecords);
        HttpResponse<String> answer = server.post("/v1/metrics", "application/json", JSON.formatted("2"));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
                .startsWith(
                        "{\"partialSuccess\":{\"rejectedDataPoints\":\"2\",\"errorMessage\":\"not stored, the first because of"
                                + " aggregationTemporality: claude_code.token.usage is cumulative")
                .contains("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta");
        ExportMetricsServiceRequest gauge = request(
                Metric.newBuilder()
                        .setName("gemini_cli.token.usage")
                        .setGauge(Gauge.newBuilder()
                                .addDataPoints(NumberDataPoint.newBuilder()
                                        .setTimeUnixNano(TIME)
                                        .setAsInt(5)))
                        .build(),
                "",
                "");
        assertThat(ExportMetricsServiceResponse.parseFrom(export(server, gauge).body())
                        .getPartialSuccess()
                        .getRejectedDataPoints())
                .isEqualTo(1);
        assertThat(server.ledger().summary(TimeWindow.all()).totalRecords()).isZero();
    }

    @Test
    void protobuf_ofCodex_isReadFromTheSumsOfHistograms() {
        RunningServer server = start(TokenledgerServer.Builder::metricsAsRecords);
        GrpcClient client = client(server);
        for (int i = 0; i < 2; i++) {
            assertThat(client.callPacked(METRICS, codex(7).toByteArray(), Map.of("grpc-encoding", "gzip"))
                            .status())
                    .isZero();
        }
        assertThat(server.ledger().summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
        assertThat(server.ledger().summary(TimeWindow.all()).totalOutputTokens())
                .isEqualTo(7);
    }

    /** A message's fields may come in any order. */
    @Test
    void protobuf_isReadWithTheNameBehindThePoints() throws IOException {
        RunningServer server = start(TokenledgerServer.Builder::metricsAsRecords);
        Metric whole = codex(7).getResourceMetrics(0).getScopeMetrics(0).getMetrics(0);
        ByteArrayOutputStream metric = new ByteArrayOutputStream();
        whole.toBuilder().clearName().build().writeTo(metric);
        Metric.newBuilder().setName(whole.getName()).build().writeTo(metric);
        byte[] body = nested(1, nested(2, nested(2, metric.toByteArray())));
        assertThat(server.sendForBytes(server.request("/v1/metrics")
                                .header("Content-Type", PROTOBUF)
                                .POST(BodyPublishers.ofByteArray(body))
                                .build())
                        .statusCode())
                .isEqualTo(200);
        assertThat(server.ledger().summary(TimeWindow.all()).totalOutputTokens())
                .isEqualTo(7);
    }

    @Test
    void pointsBeyondTheBatch_areRefused_onlyIfTheyCountTokens() {
        RunningServer server = start(settings -> settings.metricsAsRecords()
                .limits(Limits.builder().batchRecords(1).build()));
        assertThat(server.post("/v1/metrics", "application/json", JSON.formatted("1"))
                        .statusCode())
                .isEqualTo(413);
        assertThat(server.post(
                                "/v1/metrics",
                                "application/json",
                                JSON.formatted("1").replace("claude_code.token.usage", "claude_code.active_time.total"))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void malformedBodies_areRefused() {
        RunningServer server = start(TokenledgerServer.Builder::metricsAsRecords);
        byte[] whole = codex(7).toByteArray();
        for (int length = 1; length < whole.length; length++) {
            HttpResponse<byte[]> answer = server.sendForBytes(server.request("/v1/metrics")
                    .header("Content-Type", PROTOBUF)
                    .POST(BodyPublishers.ofByteArray(Arrays.copyOf(whole, length)))
                    .build());
            assertThat(answer.statusCode()).as("cut to %s bytes", length).isEqualTo(400);
        }
        for (String body : List.of(
                "{\"resourceMetrics\":{}}",
                "{\"resourceMetrics\":[{\"scopeMetrics\":[{\"metrics\":[{\"name\":1}]}]}]}",
                "{\"resourceMetrics\":[{\"scopeMetrics\":[{\"metrics\":[{\"sum\":{\"dataPoints\":[1]}}]}]}]}",
                "{\"resourceMetrics\":[{\"scopeMetrics\":[{\"metrics\":[{\"sum\":{\"dataPoints\":[{\"asInt\":\"x\"}]}}]}]}]}")) {
            assertThat(server.post("/v1/metrics", "application/json", body).statusCode())
                    .as(body)
                    .isEqualTo(400);
        }
        for (int i = 0; i < whole.length; i++) {
            byte[] mutated = whole.clone();
            mutated[i] ^= (byte) 0x9f;
            assertThat(server.sendForBytes(server.request("/v1/metrics")
                                    .header("Content-Type", PROTOBUF)
                                    .POST(BodyPublishers.ofByteArray(mutated))
                                    .build())
                            .statusCode())
                    .as("byte %s", i)
                    .isIn(200, 400);
        }
        assertThat(server.failures()).isEmpty();
    }

    private static byte[] nested(int field, byte[] message) {
        byte[] whole = new byte[message.length + 2];
        whole[0] = (byte) (field << 3 | 2);
        whole[1] = (byte) message.length;
        assertThat(message.length).isLessThan(128);
        System.arraycopy(message, 0, whole, 2, message.length);
        return whole;
    }

    private static HttpResponse<byte[]> export(RunningServer server, ExportMetricsServiceRequest request) {
        return server.sendForBytes(server.request("/v1/metrics")
                .header("Content-Type", PROTOBUF)
                .POST(BodyPublishers.ofByteArray(request.toByteArray()))
                .build());
    }

    private static ExportMetricsServiceRequest codex(double output) {
        return request(
                Metric.newBuilder()
                        .setName("codex.turn.token_usage")
                        .setHistogram(Histogram.newBuilder()
                                .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA)
                                .addDataPoints(HistogramDataPoint.newBuilder()
                                        .setTimeUnixNano(TIME)
                                        .setCount(2)
                                        .setSum(output)
                                        .addAttributes(attribute("model", "gpt-5"))
                                        .addAttributes(attribute("token_type", "output"))))
                        .build(),
                "",
                "");
    }

    private static ExportMetricsServiceRequest named(String metric, String scope, String service) {
        return request(
                Metric.newBuilder()
                        .setName(metric)
                        .setSum(Sum.newBuilder()
                                .addDataPoints(NumberDataPoint.newBuilder().setAsInt(1)))
                        .build(),
                scope,
                service);
    }

    private static ExportMetricsServiceRequest request(Metric metric, String scope, String service) {
        return ExportMetricsServiceRequest.newBuilder()
                .addResourceMetrics(ResourceMetrics.newBuilder()
                        .setResource(Resource.newBuilder().addAttributes(attribute("service.name", service)))
                        .addScopeMetrics(ScopeMetrics.newBuilder()
                                .setScope(InstrumentationScope.newBuilder().setName(scope))
                                .addMetrics(metric)))
                .build();
    }

    private static KeyValue attribute(String key, String value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setStringValue(value))
                .build();
    }
}
