package dev.tokenledger.opentelemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.Batch;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.formats.json.EntryJson;
import dev.tokenledger.opentelemetry.LedgerSpanExporter.Counts;
import dev.tokenledger.payloads.telemetry.Users;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.server.TokenledgerServer;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Real spans of the real SDK. */
class LedgerSpanExporterTest {

    private static final Instant START = Instant.parse("2026-11-01T10:00:00.000001Z");
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Resource RESOURCE = Resource.create(Attributes.of(
            AttributeKey.stringKey("service.name"), "shop",
            AttributeKey.stringKey("team"), "search",
            AttributeKey.stringKey("host.name"), "h1"));

    private final Ledger ledger = InMemoryLedger.open(PriceBook.bundled(), InstantSource.fixed(START));
    private final List<String> warnings = new ArrayList<>();
    private final LedgerSpanExporter exporter =
            LedgerSpanExporter.builder(ledger).onWarning(warnings::add).build();

    @Test
    void call_isRecordedWithAllThatItsSpanSays() {
        try (SdkTracerProvider provider = simple(exporter)) {
            chat(provider.get("com.anthropic.sdk.java"), "msg_01ABCDEFGHJKLMNPQRSTUVWX", 4_125, 15)
                    .setAttribute("gen_ai.usage.cache_read.input_tokens", 4_000)
                    .setAttribute("gen_ai.usage.cache_creation.input_tokens", 100)
                    .setAttribute("anthropic.usage.cache_creation.ephemeral_5m_input_tokens", 60)
                    .setAttribute("anthropic.usage.cache_creation.ephemeral_1h_input_tokens", 40)
                    .setAttribute("anthropic.response.service_tier", "priority")
                    .setAttribute("gen_ai.conversation.id", "c-7")
                    .setAttribute(AttributeKey.stringArrayKey("gen_ai.response.finish_reasons"), List.of("stop"))
                    .end(START.plusMillis(1_500));
        }
        assertThat(entries(ledger)).singleElement().satisfies(entry -> {
            UsageRecord record = entry.record();
            assertThat(record.identity().model()).isEqualTo("claude-sonnet-4-5");
            assertThat(record.identity().provider()).isEqualTo("anthropic");
            assertThat(record.tokens())
                    .isEqualTo(TokenCounts.builder()
                            .input(25)
                            .output(15)
                            .cacheCreation(100)
                            .cacheCreation5m(60)
                            .cacheCreation1h(40)
                            .cacheRead(4_000)
                            .build());
            assertThat(record.serviceTier()).isEqualTo("priority");
            assertThat(record.conversationId()).isEqualTo("c-7");
            assertThat(record.upstreamRequestId()).isEqualTo("msg_01ABCDEFGHJKLMNPQRSTUVWX");
            assertThat(record.outcome()).isEqualTo(Outcome.SUCCESS);
            assertThat(entry.occurred()).isEqualTo(START);
            assertThat(record.duration()).contains(Duration.ofMillis(1_500));
            assertThat(record.source()).isEqualTo("opentelemetry");
            assertThat(record.attributes())
                    .isEqualTo(Map.of(
                            "otel.scope.name", "com.anthropic.sdk.java", "service.name", "shop", "team", "search"));
        });
        assertThat(exporter.counts()).isEqualTo(new Counts(1, 0, 0, 0, 0));
        assertThat(warnings).isEmpty();
    }

    /** What is exported to both counts once, so each field must be the same, ids among them. */
    @Test
    void records_areThoseThatTheServerMakesOfTheSameSpans() {
        Ledger remote = InMemoryLedger.open(PriceBook.bundled(), InstantSource.fixed(START));
        try (TokenledgerServer server = TokenledgerServer.of(remote).port(0).start()) {
            OtlpHttpSpanExporter otlp = OtlpHttpSpanExporter.builder()
                    .setEndpoint(server.address() + "/v1/traces")
                    .setTimeout(PATIENCE)
                    .build();
            try (SdkTracerProvider provider = SdkTracerProvider.builder()
                    .setResource(RESOURCE)
                    .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                    .addSpanProcessor(BatchSpanProcessor.builder(otlp)
                            .setExporterTimeout(PATIENCE)
                            .build())
                    .build()) {
                everyKind(provider);
                assertThat(provider.forceFlush()
                                .join(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                                .isSuccess())
                        .isTrue();
            }
        }
        assertThat(entries(ledger)).hasSize(6);
        assertThat(told(ledger)).isEqualTo(told(remote));
        assertThat(exporter.counts()).isEqualTo(new Counts(6, 1, 1, 0, 0));
        assertThat(warnings).hasSize(2).anySatisfy(w -> assertThat(w).contains("gen_ai.usage.output_tokens"));
    }

    private static void everyKind(SdkTracerProvider provider) {
        Tracer traceloop = provider.get("opentelemetry.instrumentation.openai");
        chat(traceloop, "chatcmpl-A1b2C3d4E5f6G7h8I9j0", 100, 50)
                .setAttribute("gen_ai.usage.cache_read_input_tokens", 40)
                .setAttribute("gen_ai.usage.reasoning_tokens", 20)
                .end(START.plusSeconds(2));
        Span failed = chat(traceloop, "", 10, 0);
        failed.setAttribute("error.type", "timeout").setStatus(StatusCode.ERROR).end(START.plusMillis(7));
        chat(traceloop, "", 1, 2).setAttribute("gen_ai.usage.cost", 0.0125).end(START.plusMillis(7));
        chat(traceloop, "", 3, 4)
                .setAttribute("user.id", "u-1")
                .setAttribute("user.email", "u@example.com")
                .end();
        chat(traceloop, "", 5, 6)
                .setAttribute("gen_ai.usage.input_tokens", "77")
                .end();
        chat(traceloop, "", 5, 6)
                .setAttribute("gen_ai.usage.strange_tokens", 12)
                .end();
        chat(traceloop, "", 5, -6).end();
        traceloop
                .spanBuilder("agent")
                .setAttribute("gen_ai.operation.name", "invoke_agent")
                .setAttribute("gen_ai.usage.input_tokens", 9_000)
                .startSpan()
                .end();
        traceloop
                .spanBuilder("x")
                .setAttribute("gen_ai.operation.name", "brand_new")
                .setAttribute("gen_ai.usage.input_tokens", 9_000)
                .startSpan()
                .end();
        traceloop
                .spanBuilder("GET")
                .setAttribute("http.request.method", "GET")
                .startSpan()
                .end();
    }

    /** Exporters send again what was not acknowledged, and a second instrumentation tells less of the same call. */
    @Test
    void retriesAndASecondInstrumentation_countOnce() {
        Keeping keeping = new Keeping();
        try (SdkTracerProvider provider = simple(keeping)) {
            chat(provider.get("opentelemetry.instrumentation.openai"), "chatcmpl-A1b2C3d4E5f6G7h8I9j0", 100, 50)
                    .setAttribute("gen_ai.usage.cache_read_input_tokens", 40)
                    .end();
            chat(provider.get("x"), "chatcmpl-A1b2C3d4E5f6G7h8I9j0", 100, 50).end();
            chat(provider.get("x"), "", 100, 50).end();
        }
        assertThat(exporter.export(keeping.spans).isSuccess()).isTrue();
        assertThat(exporter.export(keeping.spans).isSuccess()).isTrue();
        assertThat(ledger.summary(TimeWindow.all()).totalInputTokens()).isEqualTo(160);
        assertThat(ledger.summary(TimeWindow.all()).totalCacheReadInputTokens()).isEqualTo(40);
    }

    @Test
    void users_areLeftOutWhereAsked() {
        LedgerSpanExporter discreet =
                LedgerSpanExporter.builder(ledger).users(Users.LEAVE_OUT).build();
        try (SdkTracerProvider provider = simple(discreet)) {
            chat(provider.get("x"), "", 3, 4).setAttribute("user.id", "u-1").end();
        }
        assertThat(entries(ledger).get(0).record().attributes()).doesNotContainKey("user.id");
    }

    @Test
    void closedLedger_neverThrowsIntoTheHost_andItsCallsWaitWithinBounds() {
        ledger.close();
        Keeping keeping = new Keeping();
        try (SdkTracerProvider provider = simple(keeping)) {
            chat(provider.get("x"), "", 3, 4).end();
        }
        SpanData span = keeping.spans.get(0);
        CompletableResultCode result = exporter.export(List.of(span));
        assertThat(result.isSuccess()).isFalse();
        assertThat(exporter.counts().waiting()).isEqualTo(1);
        List<SpanData> many = new ArrayList<>();
        for (int i = 0; i < LedgerSpanExporter.MAX_WAITING + 4; i++) {
            many.add(span);
        }
        assertThat(exporter.export(many).isSuccess()).isFalse();
        assertThat(exporter.counts()).isEqualTo(new Counts(0, 0, 0, LedgerSpanExporter.MAX_WAITING, 5));
        assertThat(exporter.shutdown().isSuccess()).isFalse();
        assertThat(exporter.counts()).isEqualTo(new Counts(0, 0, 0, 0, LedgerSpanExporter.MAX_WAITING + 5));
        assertThat(exporter.export(many).isSuccess()).isFalse();
        assertThat(exporter.shutdown().isSuccess()).isTrue();
        // Once that it fails, once that calls are given up, once at the end: not once an export.
        assertThat(warnings).hasSize(3);
    }

    @Test
    void impossibleCost_isRefusedAlone() {
        try (SdkTracerProvider provider = simple(exporter)) {
            chat(provider.get("x"), "", 3, 4)
                    .setAttribute("gen_ai.usage.cost", 99_000_000.0)
                    .end();
            chat(provider.get("x"), "", 3, 4).end();
        }
        assertThat(exporter.counts()).isEqualTo(new Counts(1, 1, 0, 0, 0));
        assertThat(warnings).singleElement().satisfies(w -> assertThat(w).contains("cost_usd"));
    }

    /** A host's own ledger may refuse a batch with an exception; the one call that it means is given up, the others written. */
    @Test
    void callThatCannotBeWritten_doesNotHoldUpTheOthers() {
        Ledger choosy = (Ledger) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Ledger.class}, (self, method, args) -> {
                    if (args != null
                            && args[0] instanceof Batch batch
                            && batch.steps().stream()
                                    .anyMatch(step -> step.record().tokens().input() == 13)) {
                        throw new IllegalArgumentException("input: not 13");
                    }
                    try {
                        return method.invoke(ledger, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        LedgerSpanExporter guest =
                LedgerSpanExporter.builder(choosy).onWarning(warnings::add).build();
        Keeping keeping = new Keeping();
        try (SdkTracerProvider provider = simple(keeping)) {
            for (long input = 11; input < 16; input++) {
                chat(provider.get("x"), "", input, 4).end();
            }
        }
        assertThat(guest.export(keeping.spans).isSuccess()).isTrue();
        assertThat(guest.counts()).isEqualTo(new Counts(4, 1, 0, 0, 0));
        assertThat(warnings).singleElement().satisfies(w -> assertThat(w).contains("input: not 13"));
        assertThat(ledger.summary(TimeWindow.all()).totalInputTokens()).isEqualTo(11 + 12 + 14 + 15);
    }

    @Test
    void listenerThatThrows_isNoFailureOfTheExport() {
        LedgerSpanExporter guest = LedgerSpanExporter.builder(ledger)
                .onWarning(message -> {
                    throw new IllegalStateException("no log today");
                })
                .build();
        Keeping keeping = new Keeping();
        try (SdkTracerProvider provider = simple(keeping)) {
            chat(provider.get("x"), "", 5, -6).end();
            chat(provider.get("x"), "", 5, 6).end();
        }
        assertThat(guest.export(keeping.spans).isSuccess()).isTrue();
        assertThat(guest.counts()).isEqualTo(new Counts(1, 1, 0, 0, 0));
    }

    private static SdkTracerProvider simple(SpanExporter exporter) {
        return SdkTracerProvider.builder()
                .setResource(RESOURCE)
                .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                .build();
    }

    private static Span chat(Tracer tracer, String responseId, long input, long output) {
        Span span = tracer.spanBuilder("chat claude-sonnet-4-5")
                .setStartTimestamp(START)
                .setAttribute("gen_ai.operation.name", "chat")
                .setAttribute("gen_ai.provider.name", "anthropic")
                .setAttribute("gen_ai.request.model", "claude-sonnet-4-5")
                .setAttribute("gen_ai.response.model", "claude-sonnet-4-5")
                .setAttribute("gen_ai.usage.input_tokens", input)
                .setAttribute("gen_ai.usage.output_tokens", output)
                .startSpan();
        return responseId.isEmpty() ? span : span.setAttribute("gen_ai.response.id", responseId);
    }

    private static List<LedgerEntry> entries(Ledger ledger) {
        return ledger.records(RecordQuery.over(TimeWindow.all()).build()).entries();
    }

    private static List<String> told(Ledger ledger) {
        return entries(ledger).stream().map(EntryJson::write).sorted().toList();
    }

    /** Keeps spans as they were exported. */
    private static final class Keeping implements SpanExporter {
        private final List<SpanData> spans = new ArrayList<>();

        @Override
        public CompletableResultCode export(Collection<SpanData> ended) {
            spans.addAll(ended);
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }
    }
}
