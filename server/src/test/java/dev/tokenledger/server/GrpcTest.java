package dev.tokenledger.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.Any;
import com.google.protobuf.UnknownFieldSet;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.LedgerCorruptException;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.server.http.AccessEntry;
import dev.tokenledger.server.http.Limits;
import dev.tokenledger.server.keys.ApiKey;
import dev.tokenledger.server.keys.ApiKeys;
import dev.tokenledger.server.keys.Scope;
import dev.tokenledger.server.keys.Stamp;
import dev.tokenledger.summary.TimeWindow;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.exporter.otlp.logs.OtlpGrpcLogRecordExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.export.SimpleLogRecordProcessor;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** OTLP over gRPC: the SDK's exporters, and a client of our own for what they do not tell. */
class GrpcTest {

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Instant START = Instant.parse("2026-11-01T10:00:00.000001Z");
    private static final String LOGS = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

    private static final int INVALID_ARGUMENT = 3;
    private static final int PERMISSION_DENIED = 7;
    private static final int RESOURCE_EXHAUSTED = 8;
    private static final int UNIMPLEMENTED = 12;
    private static final int UNAVAILABLE = 14;
    private static final int UNAUTHENTICATED = 16;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    private RunningServer start(UnaryOperator<TokenledgerServer.Builder> settings) {
        RunningServer server = RunningServer.start(builder -> settings.apply(builder.grpcPort(0)));
        opened.add(0, server);
        return server;
    }

    private GrpcClient client(RunningServer server) {
        GrpcClient client = new GrpcClient(server.server().grpcPort().orElseThrow());
        opened.add(0, client);
        return client;
    }

    private static String endpoint(RunningServer server) {
        return "http://127.0.0.1:" + server.server().grpcPort().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip"})
    void sdk_exportsSpans(String compression) {
        RunningServer server = start(settings -> settings);
        OtlpGrpcSpanExporter exporter = OtlpGrpcSpanExporter.builder()
                .setEndpoint(endpoint(server))
                .setCompression(compression)
                .setTimeout(PATIENCE)
                .build();
        try (SdkTracerProvider provider = SdkTracerProvider.builder()
                .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                .build()) {
            // The second tells of the same answer, as an exporter does that has seen no acknowledgement.
            for (int i = 0; i < 2; i++) {
                provider.get("opentelemetry.instrumentation.anthropic")
                        .spanBuilder("chat")
                        .setStartTimestamp(START)
                        .setAttribute("gen_ai.operation.name", "chat")
                        .setAttribute("gen_ai.provider.name", "anthropic")
                        .setAttribute("gen_ai.response.model", "claude-sonnet-4-5")
                        .setAttribute("gen_ai.response.id", "msg_01XFDUDYJgAACzvnptvVoYEL")
                        .setAttribute("gen_ai.usage.input_tokens", 1_000)
                        .setAttribute("gen_ai.usage.output_tokens", 100)
                        .startSpan()
                        .end(START.plusMillis(2_500));
            }
            assertThat(provider.forceFlush()
                            .join(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                            .isSuccess())
                    .isTrue();
        }
        assertThat(entries(server)).hasSize(1);
        assertThat(entries(server).get(0).record().tokens().input()).isEqualTo(1_000);
        assertThat(server.failures()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip"})
    void sdk_exportsClaudeCodesEvents(String compression) {
        RunningServer server = start(settings -> settings);
        OtlpGrpcLogRecordExporter exporter = OtlpGrpcLogRecordExporter.builder()
                .setEndpoint(endpoint(server))
                .setCompression(compression)
                .setTimeout(PATIENCE)
                .build();
        try (SdkLoggerProvider provider = SdkLoggerProvider.builder()
                .addLogRecordProcessor(SimpleLogRecordProcessor.create(exporter))
                .build()) {
            provider.get("com.anthropic.claude_code.events")
                    .logRecordBuilder()
                    .setTimestamp(START)
                    .setBody("claude_code.api_request")
                    .setAllAttributes(Attributes.of(
                            AttributeKey.stringKey("event.name"),
                            "api_request",
                            AttributeKey.stringKey("model"),
                            "claude-sonnet-4-5",
                            AttributeKey.longKey("input_tokens"),
                            1_000L,
                            AttributeKey.doubleKey("cost_usd"),
                            0.003))
                    .emit();
            assertThat(provider.forceFlush()
                            .join(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                            .isSuccess())
                    .isTrue();
        }
        assertThat(entries(server)).hasSize(1);
        assertThat(entries(server).get(0).record().reportedCost().orElseThrow()).hasToString("0.003");
    }

    @Test
    void answer_isAMessageAndAStatus() {
        RunningServer server = start(settings -> settings);
        GrpcClient.Answer answer = client(server).call(LOGS, event(5), Map.of());
        assertThat(answer.http()).isEqualTo(200);
        assertThat(answer.status()).isZero();
        assertThat(answer.message()).isEmpty();
        assertThat(entries(server)).hasSize(1);
        assertThat(server.get("/metrics").body())
                .contains("tokenledger_http_request_seconds_count{method=\"POST\",route=\"" + LOGS
                        + "\",status=\"200\"} 1");
    }

    @Test
    void impossibleEvent_isRefusedAlone() throws IOException {
        RunningServer server = start(settings -> settings);
        GrpcClient.Answer answer = client(server).callPacked(LOGS, event(-5), Map.of("grpc-encoding", "gzip"));
        assertThat(answer.status()).isZero();
        assertThat(ExportLogsServiceResponse.parseFrom(answer.message())
                        .getPartialSuccess()
                        .getRejectedLogRecords())
                .isEqualTo(1);
        assertThat(entries(server)).isEmpty();
    }

    @Test
    void whatIsNotUnderstood_hasAStatusOfItsOwn() {
        RunningServer server = start(settings -> settings);
        GrpcClient client = client(server);
        assertThat(client.call(LOGS, new byte[] {10, 5, 1}, Map.of()).status()).isEqualTo(INVALID_ARGUMENT);
        assertThat(client.send(LOGS, "application/grpc", new byte[] {0, 0}, Map.of())
                        .status())
                .isEqualTo(INVALID_ARGUMENT);
        assertThat(client.send(LOGS, "application/grpc", new byte[0], Map.of()).status())
                .isEqualTo(INVALID_ARGUMENT);
        assertThat(client.send(LOGS, "application/grpc", GrpcClient.framed(2, new byte[0]), Map.of())
                        .status())
                .isEqualTo(INVALID_ARGUMENT);
        assertThat(client.send(
                                LOGS,
                                "application/grpc",
                                GrpcClient.framed(1, new byte[] {1}),
                                Map.of("grpc-encoding", "gzip"))
                        .status())
                .isEqualTo(INVALID_ARGUMENT);
        assertThat(client.callPacked(LOGS, event(5), Map.of("grpc-encoding", "zstd"))
                        .status())
                .isEqualTo(UNIMPLEMENTED);
        assertThat(client.callPacked(LOGS, event(5), Map.of()).status()).isEqualTo(UNIMPLEMENTED);
        assertThat(client.call("/opentelemetry.proto.collector.profiles.v1.ProfilesService/Export", event(5), Map.of())
                        .status())
                .isEqualTo(UNIMPLEMENTED);
        // What HTTP answers elsewhere is not to be had by this port.
        assertThat(client.send("/v1/logs", "application/json", "{}".getBytes(US_ASCII), Map.of())
                        .status())
                .isEqualTo(UNIMPLEMENTED);
        assertThat(entries(server)).isEmpty();
    }

    @Test
    void tooLarge_isNotToBeSentAgain() {
        RunningServer server = start(
                settings -> settings.limits(Limits.builder().bodyBytes(10_000).build()));
        GrpcClient client = client(server);
        GrpcClient.Answer sent = client.call(LOGS, new byte[10_001], Map.of());
        assertThat(sent.status()).isEqualTo(RESOURCE_EXHAUSTED);
        assertThat(sent.reason()).isEqualTo("the body is larger than 10000 bytes; send it in parts");
        assertThat(sent.details()).isEmpty();
        GrpcClient.Answer unpacked = client.callPacked(LOGS, new byte[10_001], Map.of("grpc-encoding", "gzip"));
        assertThat(unpacked.status()).isEqualTo(RESOURCE_EXHAUSTED);
        assertThat(unpacked.details()).isEmpty();
    }

    @Test
    void tooOften_isToldWhenToRetry() throws IOException {
        RunningServer server = start(settings ->
                settings.limits(Limits.builder().requestsPerSecond(1).build()));
        GrpcClient client = client(server);
        GrpcClient.Answer answer = client.call(LOGS, event(5), Map.of());
        for (int i = 0; i < 1_000 && answer.status() == 0; i++) {
            answer = client.call(LOGS, event(5), Map.of());
        }
        assertThat(answer.status()).isEqualTo(UNAVAILABLE);
        assertThat(retrySeconds(answer.details())).isEqualTo(1);
    }

    /** Bodies of HTTP and gRPC have their room together, until the request is answered. */
    @Test
    void noRoom_isToldWhenToRetry() throws Exception {
        Slow ledger = new Slow();
        RunningServer server = new RunningServer(
                ledger,
                settings -> settings.grpcPort(0)
                        .limits(Limits.builder()
                                .bodyBytes(100_000)
                                .pendingBytes(100_000)
                                .build()));
        opened.add(0, server);
        CompletableFuture<Integer> first = CompletableFuture.supplyAsync(() -> server.post(
                        "/v1/records",
                        "application/json",
                        "{\"model\":\"gpt-4o\",\"input_tokens\":5}" + " ".repeat(80_000))
                .statusCode());
        assertThat(ledger.asked.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        try {
            GrpcClient.Answer answer = client(server).call(LOGS, new byte[80_000], Map.of());
            assertThat(answer.status()).isEqualTo(UNAVAILABLE);
            assertThat(retrySeconds(answer.details())).isEqualTo(1);
        } finally {
            ledger.end.countDown();
        }
        assertThat(first.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(503);
    }

    /** A call in flight is answered, however long the rest of stopping would wait; a connection without one ends. */
    @Test
    void stoppingServer_finishesCallsInFlight() throws Exception {
        Slow ledger = new Slow();
        RunningServer server = new RunningServer(
                ledger,
                settings -> settings.grpcPort(0)
                        .limits(Limits.builder().stopTime(PATIENCE).build()));
        GrpcClient client = client(server);
        int port = server.server().grpcPort().orElseThrow();
        try (Socket idle = new Socket(InetAddress.getLoopbackAddress(), port)) {
            CompletableFuture<GrpcClient.Answer> answer =
                    CompletableFuture.supplyAsync(() -> client.call(LOGS, event(5), Map.of()));
            assertThat(ledger.asked.await(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(server::close);
            try {
                // It ends once the server is being stopped.
                idle.setSoTimeout((int) PATIENCE.toMillis());
                idle.getInputStream().readAllBytes();
                assertThat(answer).isNotDone();
            } finally {
                ledger.end.countDown();
            }
            assertThat(answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).status())
                    .isEqualTo(UNAVAILABLE);
            stopped.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
        assertThat(server.failures()).allMatch(failure -> failure.startsWith("cannot answer gRPC"));
    }

    @Test
    void brokenLedger_isToldWhenToRetry() throws IOException {
        RunningServer server = new RunningServer(new Broken(), settings -> settings.grpcPort(0));
        opened.add(0, server);
        GrpcClient.Answer answer = client(server).call(LOGS, event(5), Map.of());
        assertThat(answer.status()).isEqualTo(UNAVAILABLE);
        assertThat(retrySeconds(answer.details())).isEqualTo(1);
        assertThat(server.failures()).singleElement().asString().startsWith("cannot answer gRPC " + LOGS);
    }

    @Test
    void keys_areAskedForAsHttpDoes_andLogged() throws Exception {
        ApiKey.Created writer = ApiKey.create("writer", Set.of(Scope.INGEST), Instant.EPOCH);
        ApiKey.Created reader = ApiKey.create("reader", Set.of(Scope.READ), Instant.EPOCH);
        List<AccessEntry> log = new CopyOnWriteArrayList<>();
        RunningServer server = start(settings -> settings.keys(() -> ApiKeys.of(List.of(writer.key(), reader.key())))
                .accessLog(log::add));
        GrpcClient client = client(server);
        assertThat(client.call(LOGS, event(5), Map.of()).status()).isEqualTo(UNAUTHENTICATED);
        assertThat(client.call(LOGS, event(5), Map.of("authorization", "Bearer tl_wrong"))
                        .status())
                .isEqualTo(UNAUTHENTICATED);
        assertThat(client.call(LOGS, event(5), Map.of("authorization", "Bearer " + reader.secret()))
                        .status())
                .isEqualTo(PERMISSION_DENIED);
        assertThat(entries(server)).isEmpty();
        assertThat(client.call(LOGS, event(5), Map.of("authorization", "Bearer " + writer.secret()))
                        .status())
                .isZero();
        assertThat(entries(server)).hasSize(1);
        assertThat(entries(server).get(0).record().attributes()).containsEntry(Stamp.KEY_NAME, "writer");
        // Told when an answer was sent, which its client may have seen before.
        TokenledgerServerTest.await(() -> log.size() == 4);
        assertThat(log)
                .extracting(AccessEntry::method, AccessEntry::path, AccessEntry::status, AccessEntry::key)
                .containsExactlyInAnyOrder(
                        tuple("POST", LOGS, 401, ""),
                        tuple("POST", LOGS, 401, ""),
                        tuple("POST", LOGS, 403, "reader"),
                        tuple("POST", LOGS, 200, "writer"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"trace.v1.TraceService", "logs.v1.LogsService", "metrics.v1.MetricsService"})
    void everyService_isForKeysThatMayStore(String service) {
        ApiKey.Created writer = ApiKey.create("writer", Set.of(Scope.INGEST), Instant.EPOCH);
        ApiKey.Created reader = ApiKey.create("reader", Set.of(Scope.READ), Instant.EPOCH);
        RunningServer server = start(settings -> settings.keys(() -> ApiKeys.of(List.of(writer.key(), reader.key()))));
        GrpcClient client = client(server);
        String path = "/opentelemetry.proto.collector." + service + "/Export";
        byte[] nothing = {};
        assertThat(client.call(path, nothing, Map.of()).status()).isEqualTo(UNAUTHENTICATED);
        assertThat(client.call(path, nothing, Map.of("authorization", "Bearer " + reader.secret()))
                        .status())
                .isEqualTo(PERMISSION_DENIED);
        assertThat(client.call(path, nothing, Map.of("authorization", "Bearer " + writer.secret()))
                        .status())
                .isZero();
    }

    @Test
    void otherNamesOfThisMachine_areRefusedWithoutKeys() {
        RunningServer server = start(settings -> settings);
        GrpcClient client = client(server);
        assertThat(client.call(LOGS, event(5), Map.of("host", "ledger.example.org"))
                        .status())
                .isEqualTo(PERMISSION_DENIED);
        assertThat(client.call(LOGS, event(5), Map.of("origin", "https://example.org"))
                        .status())
                .isEqualTo(PERMISSION_DENIED);
        assertThat(entries(server)).isEmpty();
    }

    @Test
    void largeMessages_areTaken() {
        RunningServer server = start(settings -> settings.limits(
                Limits.builder().bodyBytes(64 << 20).pendingBytes(128 << 20).build()));
        GrpcClient client = client(server);
        byte[] event = event(5);
        // A field that nobody reads, before what is read.
        byte[] large = new byte[20 << 20];
        byte[] header = {(byte) 0xfa, 0x3f};
        ByteBuffer message = ByteBuffer.allocate(large.length + event.length + 6);
        message.put(header);
        int length = large.length;
        while (length > 0x7f) {
            message.put((byte) (length | 0x80));
            length >>>= 7;
        }
        message.put((byte) length).put(large).put(event);
        byte[] whole = new byte[message.position()];
        message.flip().get(whole);
        assertThat(client.call(LOGS, whole, Map.of()).status()).isZero();
        assertThat(client.callPacked(LOGS, whole, Map.of("grpc-encoding", "gzip"))
                        .status())
                .isZero();
        assertThat(entries(server)).hasSize(1);
    }

    @Test
    void takenPort_keepsItFromStarting_onlyWhereItWasAskedFor() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> start(settings -> settings.grpcPort(taken.getLocalPort())))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("cannot listen on 127.0.0.1:" + taken.getLocalPort());
            RunningServer server = start(settings -> settings.grpcPortIfFree(taken.getLocalPort()));
            assertThat(server.server().grpcPort()).isEmpty();
            assertThat(server.get("/healthz").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void withoutAPort_nothingIsListenedTo() {
        try (TokenledgerServer server = TokenledgerServer.of(InMemoryLedger.open(PriceBook.empty()))
                .port(0)
                .start()) {
            assertThat(server.grpcPort()).isEmpty();
        }
    }

    /** Pings come as often as their client likes, and are no reason to keep a connection. */
    @Test
    void connectionWithoutRequests_isClosedThoughItPings() throws IOException {
        RunningServer server = start(settings -> settings.limits(
                Limits.builder().idleTime(Duration.ofMillis(600)).build()));
        byte[] ping = new byte[17];
        ping[2] = 8;
        ping[3] = 6;
        try (Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), server.server().grpcPort().orElseThrow())) {
            socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII));
            // Settings, with nothing set.
            socket.getOutputStream().write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
            socket.setSoTimeout(100);
            long end = System.nanoTime() + PATIENCE.toNanos();
            boolean open = true;
            while (open && System.nanoTime() < end) {
                try {
                    open = socket.getInputStream().read() >= 0;
                } catch (SocketTimeoutException e) {
                    socket.getOutputStream().write(ping);
                } catch (SocketException e) {
                    open = false;
                }
            }
            assertThat(open).isFalse();
        }
    }

    private static long retrySeconds(byte[] details) throws IOException {
        UnknownFieldSet status = UnknownFieldSet.parseFrom(details);
        assertThat(status.getField(1).getVarintList()).containsExactly((long) UNAVAILABLE);
        Any detail = Any.parseFrom(status.getField(3).getLengthDelimitedList().get(0));
        assertThat(detail.getTypeUrl()).isEqualTo("type.googleapis.com/google.rpc.RetryInfo");
        UnknownFieldSet info = UnknownFieldSet.parseFrom(detail.getValue());
        return com.google.protobuf.Duration.parseFrom(
                        info.getField(1).getLengthDelimitedList().get(0))
                .getSeconds();
    }

    private static byte[] event(long input) {
        return ExportLogsServiceRequest.newBuilder()
                .addResourceLogs(ResourceLogs.newBuilder()
                        .addScopeLogs(ScopeLogs.newBuilder()
                                .addLogRecords(LogRecord.newBuilder()
                                        .setEventName("claude_code.api_request")
                                        .setTimeUnixNano(1793527200000001000L)
                                        .addAttributes(attribute(
                                                "model",
                                                AnyValue.newBuilder()
                                                        .setStringValue("claude-sonnet-4-5")
                                                        .build()))
                                        .addAttributes(attribute(
                                                "input_tokens",
                                                AnyValue.newBuilder()
                                                        .setIntValue(input)
                                                        .build())))))
                .build()
                .toByteArray();
    }

    private static KeyValue attribute(String key, AnyValue value) {
        return KeyValue.newBuilder().setKey(key).setValue(value).build();
    }

    private static final class Broken extends UnusableLedger {
        @Override
        RuntimeException failure() {
            return new LedgerCorruptException("the file is damaged", null);
        }
    }

    /** Stores nothing before its test allows it. */
    private static final class Slow extends UnusableLedger {

        final CountDownLatch asked = new CountDownLatch(1);
        final CountDownLatch end = new CountDownLatch(1);

        @Override
        RuntimeException failure() {
            asked.countDown();
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return new LedgerBusyException("slow", null);
        }
    }

    private static List<LedgerEntry> entries(RunningServer server) {
        return server.ledger()
                .records(RecordQuery.over(TimeWindow.all()).build())
                .entries();
    }
}
