package dev.tokenledger.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.server.http.Limits;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.TimeWindow;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.export.BatchLogRecordProcessor;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * OTLP over real HTTP. Long because traces and logs, protobuf and JSON, the SDK's exporter and hostile bodies go through the same
 * server.
 */
class OtlpTest {

    private static final String PROTOBUF = "application/x-protobuf";
    private static final String JSON = "application/json";
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Instant START = Instant.parse("2026-11-01T10:00:00.000001Z");
    private static final byte[] TRACE = hex("0af7651916cd43dd8448eb211c80319c");
    private static final byte[] SPAN = hex("b7ad6b7169203331");

    /** One call, and the spans of an agent and a tool around it, as the reference collector writes JSON. */
    private static final String TRACES_JSON = """
            {"resourceSpans":[{"scopeSpans":[
              {"spans":[
                 {"traceId":"0AF7651916CD43DD8448EB211C80319C","spanId":"b7ad6b7169203331","name":"chat claude-sonnet-4-5","kind":3,
                  "startTimeUnixNano":"1793527200000001000","endTimeUnixNano":1793527201500001000,
                  "attributes":[
                    {"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},
                    {"key":"gen_ai.provider.name","value":{"stringValue":"anthropic"}},
                    {"key":"gen_ai.request.model","value":{"stringValue":"claude-sonnet-4-5"}},
                    {"key":"gen_ai.input.messages","value":{"arrayValue":{"values":[{"kvlistValue":{"values":[
                        {"key":"parts","value":{"arrayValue":{"values":[{"stringValue":"hello"}]}}}]}}]}}},
                    {"key":"gen_ai.usage.input_tokens","value":{"intValue":"1000"}},
                    {"key":"gen_ai.usage.output_tokens","value":{"intValue":100}},
                    {"key":"gen_ai.usage.cache_read.input_tokens","value":{"intValue":"400"}}],
                  "status":{"code":2},"events":[{"name":"exception"}],"unknown":{"a":[1]}},
                 {"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"00f067aa0ba902b7","name":"invoke_agent",
                  "attributes":[
                    {"key":"gen_ai.operation.name","value":{"stringValue":"invoke_agent"}},
                    {"key":"gen_ai.request.model","value":{"stringValue":"claude-sonnet-4-5"}},
                    {"key":"gen_ai.usage.input_tokens","value":{"intValue":"1000"}}]},
                 {"name":"GET","attributes":[{"key":"http.request.method","value":{"stringValue":"GET"}}]}],
               "scope":{"name":"openlit.otel.tracing","version":"1"}}],
              "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}},
                                        {"key":"team","value":{"stringValue":"search"}}]}}]}""";

    private final RunningServer server = RunningServer.start();

    @AfterEach
    void stop() {
        server.close();
        assertThat(server.failures()).isEmpty();
    }

    @Test
    void sdk_exportsSpansAndTheirRetries() {
        OtlpHttpSpanExporter exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(server.server().address() + "/v1/traces")
                .setCompression("gzip")
                .setTimeout(PATIENCE)
                .build();
        try (SdkTracerProvider provider = SdkTracerProvider.builder()
                .addSpanProcessor(BatchSpanProcessor.builder(exporter)
                        .setExporterTimeout(PATIENCE)
                        .build())
                .build()) {
            Tracer tracer = provider.get("opentelemetry.instrumentation.anthropic");
            Span agent = tracer.spanBuilder("invoke_agent")
                    .setAttribute("gen_ai.operation.name", "invoke_agent")
                    .setAttribute("gen_ai.usage.input_tokens", 50_100)
                    .startSpan();
            for (int i = 0; i < 3; i++) {
                tracer.spanBuilder("chat claude-sonnet-4-5")
                        .setStartTimestamp(START)
                        .setAttribute("gen_ai.operation.name", "chat")
                        .setAttribute("gen_ai.provider.name", "anthropic")
                        .setAttribute("gen_ai.response.model", "claude-sonnet-4-5")
                        .setAttribute("gen_ai.response.id", "msg_01XFDUDYJgAACzvnptvVo" + i)
                        .setAttribute("gen_ai.usage.input_tokens", 1_100)
                        .setAttribute("gen_ai.usage.output_tokens", 100)
                        .setAttribute("gen_ai.usage.cache_read.input_tokens", 1_000)
                        .startSpan()
                        .end(START.plusMillis(2_500));
            }
            agent.end();
            CompletableResultCode flushed = provider.forceFlush().join(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(flushed.isSuccess()).isTrue();
        }
        Summary total = server.ledger().summary(TimeWindow.all());
        assertThat(total.totalRecords()).isEqualTo(3);
        assertThat(total.totalInputTokens()).isEqualTo(300);
        assertThat(total.totalCacheReadInputTokens()).isEqualTo(3_000);
        // 3 × (100 × 3 + 1,000 × 0.30 + 100 × 15) USD per million
        assertThat(total.totalCost()).hasToString("0.0063");
        assertThat(entries().get(0).occurred()).isEqualTo(START);
        assertThat(entries().get(0).record().duration().orElseThrow().toMillis())
                .isEqualTo(2_500);
    }

    @Test
    void sdk_exportsClaudeCodesEvents() {
        OtlpHttpLogRecordExporter exporter = OtlpHttpLogRecordExporter.builder()
                .setEndpoint(server.server().address() + "/v1/logs")
                .setTimeout(PATIENCE)
                .build();
        try (SdkLoggerProvider provider = SdkLoggerProvider.builder()
                .addLogRecordProcessor(BatchLogRecordProcessor.builder(exporter)
                        .setExporterTimeout(PATIENCE)
                        .build())
                .build()) {
            for (String name : List.of("user_prompt", "api_request", "tool_result")) {
                provider.get("com.anthropic.claude_code.events")
                        .logRecordBuilder()
                        .setTimestamp(START)
                        .setSeverity(Severity.INFO)
                        .setBody("claude_code." + name)
                        .setAllAttributes(Attributes.of(
                                AttributeKey.stringKey("event.name"),
                                name,
                                AttributeKey.stringKey("session.id"),
                                "s1",
                                AttributeKey.stringKey("model"),
                                "claude-sonnet-4-5",
                                AttributeKey.longKey("input_tokens"),
                                1_000L,
                                AttributeKey.longKey("cache_read_tokens"),
                                2_000L,
                                AttributeKey.doubleKey("cost_usd"),
                                0.0036))
                        .emit();
            }
            assertThat(provider.forceFlush()
                            .join(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                            .isSuccess())
                    .isTrue();
        }
        assertThat(entries()).hasSize(1);
        LedgerEntry entry = entries().get(0);
        assertThat(entry.record().sessionId()).isEqualTo("s1");
        assertThat(entry.record().tokens().input()).isEqualTo(1_000);
        assertThat(entry.record().reportedCost().orElseThrow()).hasToString("0.0036");
        assertThat(entry.cost().amount()).hasToString("0.0036");
    }

    @Test
    void json_isRead() {
        HttpResponse<String> answer = server.post("/v1/traces", JSON, TRACES_JSON);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains(JSON);
        assertThat(answer.body()).isEqualTo("{}");
        assertThat(entries()).hasSize(1);
        LedgerEntry entry = entries().get(0);
        assertThat(entry.record().id().value())
                .isEqualTo("opentelemetry:0af7651916cd43dd8448eb211c80319c:b7ad6b7169203331");
        assertThat(entry.occurred()).isEqualTo(START);
        assertThat(entry.record().duration().orElseThrow().toMillis()).isEqualTo(1_500);
        // OpenLIT hands on Anthropic's input, without the cached tokens; its scope stands after its spans.
        assertThat(entry.record().tokens().input()).isEqualTo(1_000);
        assertThat(entry.record().tokens().cacheRead()).isEqualTo(400);
        assertThat(entry.record().outcome().text()).isEqualTo("error");
        assertThat(entry.record().attributes())
                .containsEntry("service.name", "shop")
                .containsEntry("team", "search");
    }

    /** The same call, once as JSON and once as protobuf. */
    @Test
    void bothFormats_readTheSame() {
        server.post("/v1/traces", JSON, TRACES_JSON);
        String first = entries().get(0).record().toString();
        ExportTraceServiceRequest request = request(span(
                        attribute("gen_ai.operation.name", "chat"),
                        attribute("gen_ai.provider.name", "openai"),
                        attribute("gen_ai.request.model", "gpt-4o"),
                        KeyValue.newBuilder()
                                .setKey("gen_ai.input.messages")
                                .setValue(AnyValue.newBuilder()
                                        .setArrayValue(ArrayValue.newBuilder()
                                                .addValues(AnyValue.newBuilder().setStringValue("hello"))))
                                .build(),
                        attribute("gen_ai.usage.input_tokens", 1_000),
                        attribute("gen_ai.usage.output_tokens", 100),
                        attribute("gen_ai.usage.cache_read.input_tokens", 400))
                .setStatus(io.opentelemetry.proto.trace.v1.Status.newBuilder()
                        .setCode(io.opentelemetry.proto.trace.v1.Status.StatusCode.STATUS_CODE_ERROR))
                .setEndTimeUnixNano(1793527201500001000L));
        HttpResponse<byte[]> answer = export("/v1/traces", request.toByteArray());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains(PROTOBUF);
        assertThat(answer.body()).isEmpty();
        assertThat(entries()).hasSize(1);
        assertThat(entries().get(0).record().toString()).isEqualTo(first);
    }

    /** A message's fields may come in any order. */
    @Test
    void protobuf_isReadInAnyOrder() throws IOException {
        ResourceSpans whole = request(span(
                        attribute("gen_ai.operation.name", "chat"),
                        attribute("gen_ai.request.model", "gpt-4o"),
                        attribute("gen_ai.usage.input_tokens", 5)))
                .getResourceSpans(0);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ResourceSpans.newBuilder().addScopeSpans(whole.getScopeSpans(0)).build().writeTo(bytes);
        ResourceSpans.newBuilder().setResource(whole.getResource()).build().writeTo(bytes);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.write(new byte[] {0x0a});
        body.write(varint(bytes.size()));
        bytes.writeTo(body);
        assertThat(export("/v1/traces", body.toByteArray()).statusCode()).isEqualTo(200);
        assertThat(entries().get(0).record().attributes()).containsEntry("team", "search");
    }

    @Test
    void impossibleCall_isRefusedAlone() throws IOException {
        ExportTraceServiceRequest request = ExportTraceServiceRequest.newBuilder()
                .addResourceSpans(ResourceSpans.newBuilder()
                        .addScopeSpans(ScopeSpans.newBuilder()
                                .addSpans(span(
                                        attribute("gen_ai.operation.name", "chat"),
                                        attribute("gen_ai.request.model", "gpt-4o"),
                                        attribute("gen_ai.usage.input_tokens", -5)))
                                .addSpans(span(
                                                attribute("gen_ai.operation.name", "chat"),
                                                attribute("gen_ai.request.model", "gpt-4o"),
                                                attribute("gen_ai.usage.input_tokens", 5))
                                        .setSpanId(ByteString.copyFrom(hex("00f067aa0ba902b7"))))))
                .build();
        HttpResponse<byte[]> answer = export("/v1/traces", request.toByteArray());
        assertThat(answer.statusCode()).isEqualTo(200);
        ExportTraceServiceResponse response = ExportTraceServiceResponse.parseFrom(answer.body());
        assertThat(response.getPartialSuccess().getRejectedSpans()).isEqualTo(1);
        assertThat(response.getPartialSuccess().getErrorMessage())
                .isEqualTo("not stored, the first because of gen_ai.usage.input_tokens: a count is 0 to 1000000000000,"
                        + " found -5");
        assertThat(entries()).hasSize(1);
    }

    @Test
    void impossibleEvent_isRefusedInJson() {
        HttpResponse<String> answer = server.post("/v1/logs", JSON, """
                {"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"claude_code.api_request","attributes":[
                  {"key":"model","value":{"stringValue":"claude-sonnet-4-5"}},
                  {"key":"input_tokens","value":{"doubleValue":1.5}}]}]}]}]}""");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
                .isEqualTo("{\"partialSuccess\":{\"rejectedLogRecords\":\"1\",\"errorMessage\":"
                        + "\"not stored, the first because of input_tokens: a count is a whole number, found 1.5\"}}");
    }

    /** 9,000,000 USD is the most that one record may cost: 10¹² tokens are 15,000,000. */
    @Test
    void unaffordableCall_isRefusedAlone() throws IOException {
        ExportTraceServiceRequest request = request(span(
                attribute("gen_ai.operation.name", "chat"),
                attribute("gen_ai.provider.name", "anthropic"),
                attribute("gen_ai.request.model", "claude-sonnet-4-5"),
                attribute("gen_ai.usage.output_tokens", 1_000_000_000_000L)));
        HttpResponse<byte[]> answer = export("/v1/traces", request.toByteArray());
        assertThat(ExportTraceServiceResponse.parseFrom(answer.body())
                        .getPartialSuccess()
                        .getRejectedSpans())
                .isEqualTo(1);
        assertThat(entries()).isEmpty();
    }

    @Test
    void empty_isFine() {
        assertThat(server.post("/v1/traces", JSON, "{}").body()).isEqualTo("{}");
        assertThat(server.post("/v1/logs", JSON, "{\"resourceLogs\":[]}").statusCode())
                .isEqualTo(200);
        assertThat(export("/v1/traces", new byte[0]).statusCode()).isEqualTo(200);
    }

    @Test
    void protobufEvents_areRead() {
        ExportLogsServiceRequest request = ExportLogsServiceRequest.newBuilder()
                .addResourceLogs(ResourceLogs.newBuilder()
                        .addScopeLogs(ScopeLogs.newBuilder()
                                .addLogRecords(LogRecord.newBuilder()
                                        .setEventName("gen_ai.client.inference.operation.details")
                                        .setTimeUnixNano(1793527200000001000L)
                                        .setTraceId(ByteString.copyFrom(TRACE))
                                        .setSpanId(ByteString.copyFrom(SPAN))
                                        .addAttributes(attribute("gen_ai.operation.name", "chat"))
                                        .addAttributes(attribute("gen_ai.request.model", "gpt-4o"))
                                        .addAttributes(attribute("gen_ai.usage.input_tokens", 7)))))
                .build();
        assertThat(export("/v1/logs", request.toByteArray()).statusCode()).isEqualTo(200);
        assertThat(entries().get(0).record().tokens().input()).isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{}{}",
                "{\"resourceSpans\":{}}",
                "{\"resourceSpans\":[1]}",
                "{\"resourceSpans\":[],\"resourceSpans\":[]}",
                "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"CvdlGRbNQ92ESOshHIAxnA==\"}]}]}]}",
                "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"startTimeUnixNano\":\"soon\"}]}]}]}",
                "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"attributes\":[{\"key\":\"a\",\"value\":"
                        + "{\"intValue\":\"1e3\"}}]}]}]}]}"
            })
    void malformedJson_isRefusedWithAStatus(String body) {
        HttpResponse<String> answer = server.post("/v1/traces", JSON, body);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.headers().firstValue("Content-Type")).contains(JSON);
        assertThat(answer.body()).startsWith("{\"code\":3,\"message\":\"");
        assertThat(entries()).isEmpty();
    }

    @Test
    void deepJson_isRefused() {
        String body = "{\"a\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}";
        HttpResponse<String> answer = server.post("/v1/traces", JSON, body);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("nested deeper than 100 levels");
    }

    @Test
    void malformedProtobuf_isRefusedWithAStatus() {
        byte[] whole = request(span(
                        attribute("gen_ai.operation.name", "chat"),
                        attribute("gen_ai.request.model", "gpt-4o"),
                        attribute("gen_ai.usage.input_tokens", 5)))
                .toByteArray();
        for (int length = 1; length < whole.length; length++) {
            HttpResponse<byte[]> answer = export("/v1/traces", Arrays.copyOf(whole, length));
            assertThat(answer.statusCode()).as("cut to %s bytes", length).isEqualTo(400);
            assertThat(answer.headers().firstValue("Content-Type")).contains(PROTOBUF);
            // google.rpc.Status: code = 3 in field 1, the message in field 2.
            assertThat(answer.body()).startsWith(8, 3, 18);
        }
        assertThat(entries()).isEmpty();
    }

    /** Bytes that were changed are refused or read as something else, and never break the server. */
    @Test
    void mutatedProtobuf_isAnsweredOrRefused() {
        byte[] whole = request(span(
                        attribute("gen_ai.operation.name", "chat"),
                        attribute("gen_ai.request.model", "gpt-4o"),
                        attribute("gen_ai.usage.input_tokens", 5)))
                .toByteArray();
        for (int i = 0; i < whole.length; i++) {
            byte[] mutated = whole.clone();
            mutated[i] ^= (byte) 0x9f;
            assertThat(export("/v1/traces", mutated).statusCode())
                    .as("byte %s", i)
                    .isIn(200, 400);
        }
        assertThat(export("/v1/traces", whole).statusCode()).isEqualTo(200);
    }

    @Test
    void otherMediaTypes_areRefused() {
        assertThat(server.post("/v1/traces", "text/plain", "{}").statusCode()).isEqualTo(415);
    }

    @Test
    void gzip_isUnpacked_andWhatIsNoneRefused() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(TRACES_JSON.getBytes(StandardCharsets.UTF_8));
        }
        HttpResponse<String> answer = server.send(server.request("/v1/traces")
                .header("Content-Type", JSON)
                .header("Content-Encoding", "gzip")
                .POST(BodyPublishers.ofByteArray(packed.toByteArray()))
                .build());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(entries()).hasSize(1);
        HttpResponse<String> refused = server.send(server.request("/v1/traces")
                .header("Content-Type", JSON)
                .header("Content-Encoding", "gzip")
                .POST(BodyPublishers.ofString(TRACES_JSON))
                .build());
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).startsWith("{\"code\":3,");
    }

    @Test
    void callsBeyondTheBatch_areRefused() {
        Limits few = Limits.builder().batchRecords(2).build();
        try (RunningServer small = RunningServer.start(settings -> settings.limits(few))) {
            ScopeSpans.Builder spans = ScopeSpans.newBuilder();
            for (int i = 0; i < 3; i++) {
                spans.addSpans(span(attribute("gen_ai.usage.input_tokens", i)));
            }
            HttpResponse<String> answer = small.send(small.request("/v1/traces")
                    .header("Content-Type", PROTOBUF)
                    .POST(BodyPublishers.ofByteArray(ExportTraceServiceRequest.newBuilder()
                            .addResourceSpans(ResourceSpans.newBuilder().addScopeSpans(spans))
                            .build()
                            .toByteArray()))
                    .build());
            assertThat(answer.statusCode()).isEqualTo(413);
        }
    }

    private List<LedgerEntry> entries() {
        return server.ledger()
                .records(RecordQuery.over(TimeWindow.all()).build())
                .entries();
    }

    private HttpResponse<byte[]> export(String path, byte[] body) {
        return server.sendForBytes(server.request(path)
                .header("Content-Type", PROTOBUF)
                .POST(BodyPublishers.ofByteArray(body))
                .build());
    }

    private static ExportTraceServiceRequest request(io.opentelemetry.proto.trace.v1.Span.Builder span) {
        return ExportTraceServiceRequest.newBuilder()
                .addResourceSpans(ResourceSpans.newBuilder()
                        .setResource(Resource.newBuilder()
                                .addAttributes(attribute("service.name", "shop"))
                                .addAttributes(attribute("team", "search")))
                        .addScopeSpans(ScopeSpans.newBuilder()
                                .setScope(InstrumentationScope.newBuilder().setName("openlit.otel.tracing"))
                                .addSpans(span)))
                .build();
    }

    private static io.opentelemetry.proto.trace.v1.Span.Builder span(KeyValue... attributes) {
        return io.opentelemetry.proto.trace.v1.Span.newBuilder()
                .setTraceId(ByteString.copyFrom(TRACE))
                .setSpanId(ByteString.copyFrom(SPAN))
                .setStartTimeUnixNano(1793527200000001000L)
                .addAllAttributes(List.of(attributes));
    }

    private static KeyValue attribute(String key, String value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setStringValue(value))
                .build();
    }

    private static KeyValue attribute(String key, long value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setIntValue(value))
                .build();
    }

    private static byte[] varint(int value) {
        return new byte[] {(byte) ((value & 0x7f) | 0x80), (byte) (value >> 7)};
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
