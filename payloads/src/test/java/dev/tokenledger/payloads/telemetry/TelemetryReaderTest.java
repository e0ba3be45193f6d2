package dev.tokenledger.payloads.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.WriteResult;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Spans and events as calls. Long because three generations of attribute names say the same in their own words. */
class TelemetryReaderTest {

    private static final Instant START = Instant.parse("2026-11-01T10:00:00Z");
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String SPAN = "b7ad6b7169203331";

    @Test
    void oldestGeneration_isRead() {
        UsageRecord record = span(Map.of(
                "gen_ai.system", "OpenAI",
                "llm.request.type", "chat",
                "gen_ai.request.model", "gpt-4o",
                "gen_ai.response.model", "gpt-4o-2024-08-06",
                "gen_ai.usage.prompt_tokens", 1_000L,
                "gen_ai.usage.completion_tokens", 100L));
        assertThat(record.tokens()).isEqualTo(TokenCounts.of(1_000, 100));
        assertThat(record.identity().provider()).isEqualTo("openai");
        assertThat(record.identity().upstreamModel()).isEqualTo("gpt-4o-2024-08-06");
        assertThat(record.requestedModel()).isEqualTo("gpt-4o");
    }

    @Test
    void generationOfApril2026_isRead() {
        UsageRecord record = span(with(
                chat("gen_ai.usage.input_tokens", 1_000L),
                "gen_ai.provider.name",
                "gcp.gemini",
                "gen_ai.usage.output_tokens",
                100L,
                "gen_ai.usage.cache_read.input_tokens",
                600L,
                "gen_ai.usage.cache_creation.input_tokens",
                300L,
                "gen_ai.usage.reasoning.output_tokens",
                40L));
        assertThat(record.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(100)
                        .output(100)
                        .cacheCreation(300)
                        .cacheRead(600)
                        .reasoning(40)
                        .build());
        assertThat(record.identity().provider()).isEqualTo("google");
        assertThat(record.notes()).contains("input_read_as_inclusive", "input_convention_assumed");
    }

    @Test
    void latestGeneration_isRead_andGoesBeforeTheOthers() {
        UsageRecord record = span(with(
                chat("gen_ai.usage.input_tokens", 1_000L),
                "gen_ai.usage.prompt_tokens",
                7L,
                "gen_ai.usage.cache_write.input_tokens",
                300L,
                "gen_ai.usage.cache_creation.input_tokens",
                7L));
        assertThat(record.tokens().cacheCreation()).isEqualTo(300);
        assertThat(record.tokens().input()).isEqualTo(700);
        assertThat(record.notes()).contains("cache_split_missing");
    }

    /** Input 1,000 and 400 read from the cache: 1,000 or 600 of it uncached. */
    @ParameterizedTest
    @CsvSource({
        "opentelemetry.instrumentation.openai.v1, 600",
        "opentelemetry.instrumentation.anthropic, 600",
        "opentelemetry.instrumentation.bedrock, 1000",
        "@traceloop/instrumentation-openai, 600",
        "@traceloop/instrumentation-bedrock, 1000",
        "openlit.otel.tracing, 1000",
        "org.springframework.boot, 1000",
        "langchain4j, 1000",
        "com.anthropic.claude_code.tracing, 1000",
        "somebody.else, 600",
        "'', 600"
    })
    void convention_isThatOfTheScope(String scope, long uncached) {
        Map<String, Object> attributes =
                with(chat("gen_ai.usage.input_tokens", 1_000L), "gen_ai.usage.cache_read.input_tokens", 400L);
        UsageRecord record =
                TelemetryReader.ofSpan(signal(scope, attributes)).orElseThrow().record();
        assertThat(record.tokens().input()).isEqualTo(uncached);
        assertThat(record.tokens().cacheRead()).isEqualTo(400);
        assertThat(record.notes()).contains(uncached == 600 ? "input_read_as_inclusive" : "input_read_as_exclusive");
    }

    @ParameterizedTest
    @CsvSource({
        "openlit.otel.tracing, openai, 600",
        "openlit.otel.tracing, anthropic, 1000",
        "openlit.otel.tracing, aws.bedrock, 1000",
        "org.springframework.boot, openai, 600",
        "org.springframework.boot, Anthropic, 1000",
        "org.springframework.boot, bedrock_converse, 1000",
        "io.micrometer.tracing, gcp.vertex_ai, 600",
        "io.quarkiverse.langchain4j, mistral_ai, 600",
        "dev.langchain4j, anthropic, 1000",
        "opentelemetry.instrumentation.anthropic, anthropic, 600",
        "com.anthropic.claude_code.tracing, openai, 1000"
    })
    void figuresHandedOn_areReadAsTheirProviderMeansThem(String scope, String provider, long uncached) {
        Map<String, Object> attributes = with(
                chat("gen_ai.usage.input_tokens", 1_000L),
                "gen_ai.usage.cache_read.input_tokens",
                400L,
                "gen_ai.provider.name",
                provider);
        UsageRecord record =
                TelemetryReader.ofSpan(signal(scope, attributes)).orElseThrow().record();
        assertThat(record.tokens().input()).isEqualTo(uncached);
        assertThat(record.notes())
                .contains(uncached == 600 ? "input_read_as_inclusive" : "input_read_as_exclusive")
                .doesNotContain("input_convention_assumed");
    }

    @Test
    void inputSmallerThanItsParts_provesTheContrary() {
        Map<String, Object> attributes =
                with(chat("gen_ai.usage.input_tokens", 100L), "gen_ai.usage.cache_read.input_tokens", 400L);
        UsageRecord record = TelemetryReader.ofSpan(signal("opentelemetry.instrumentation.openai", attributes))
                .orElseThrow()
                .record();
        assertThat(record.tokens().input()).isEqualTo(100);
        assertThat(record.notes())
                .contains("input_read_as_exclusive")
                .doesNotContain("input_read_as_inclusive", "input_convention_assumed");
    }

    @Test
    void reasoningAboveTheOutput_isBesideIt() {
        UsageRecord record =
                span(with(chat("gen_ai.usage.output_tokens", 10L), "gen_ai.usage.reasoning.output_tokens", 90L));
        assertThat(record.tokens().output()).isEqualTo(100);
        assertThat(record.tokens().reasoning()).isEqualTo(90);
        assertThat(record.notes()).contains("reasoning_added_to_output");
    }

    @Test
    void numbers_mayBeTexts() {
        UsageRecord record = span(with(chat("gen_ai.usage.input_tokens", "1000"), "gen_ai.usage.output_tokens", 100.0));
        assertThat(record.tokens()).isEqualTo(TokenCounts.of(1_000, 100));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "1.5", "ten", "1e15", "NaN", "Infinity"})
    void impossibleCount_isRefusedByName(String count) {
        assertThatThrownBy(() -> span(chat("gen_ai.usage.input_tokens", count)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("gen_ai.usage.input_tokens: ");
    }

    @Test
    void callWithoutAModel_isRefused() {
        assertThatThrownBy(() -> span(Map.of("gen_ai.operation.name", "chat", "gen_ai.usage.input_tokens", 1L)))
                .hasMessageStartingWith("model: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"invoke_agent", "execute_tool", "create_agent", "invoke_workflow", "framework"})
    void otherOperations_areNoCalls(String operation) {
        Map<String, Object> attributes =
                with(chat("gen_ai.usage.input_tokens", 1_000L), "gen_ai.operation.name", operation);
        assertThat(TelemetryReader.ofSpan(signal("", attributes))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"chat", "generate_content", "text_completion", "embeddings"})
    void modelsOperations_areCalls(String operation) {
        Map<String, Object> attributes =
                with(chat("gen_ai.usage.input_tokens", 1_000L), "gen_ai.operation.name", operation);
        assertThat(TelemetryReader.ofSpan(signal("", attributes))).isPresent();
    }

    @Test
    void agentsOfTheOldestGeneration_areNoCalls() {
        assertThat(TelemetryReader.ofSpan(signal(
                        "",
                        Map.of(
                                "traceloop.span.kind", "agent",
                                "gen_ai.request.model", "gpt-4o",
                                "gen_ai.usage.prompt_tokens", 1_000L))))
                .isEmpty();
        assertThat(TelemetryReader.ofSpan(signal(
                        "",
                        Map.of(
                                "llm.request.type", "rerank",
                                "gen_ai.request.model", "reranker",
                                "gen_ai.usage.prompt_tokens", 1_000L))))
                .isEmpty();
        assertThat(TelemetryReader.ofSpan(signal("", Map.of("http.request.method", "POST"))))
                .isEmpty();
    }

    @Test
    void callWithoutAnyCount_isNoRecord() {
        assertThat(TelemetryReader.ofSpan(signal("", chat("gen_ai.response.id", "resp"))))
                .isEmpty();
    }

    @Test
    void allElseThatIsSaid_isKept() {
        Map<String, Object> attributes = with(
                chat("gen_ai.usage.input_tokens", 1L),
                "gen_ai.response.id",
                "msg_0123456789012345678901",
                "gen_ai.conversation.id",
                "talk",
                "session.id",
                "session",
                "server.address",
                "api.anthropic.com",
                "gen_ai.agent.name",
                "planner",
                "user.id",
                "u1",
                "openai.response.service_tier",
                "priority",
                "openai.request.service_tier",
                "auto");
        UsageRecord record = TelemetryReader.ofSpan(new Signal(
                        "chat",
                        "some.scope",
                        TRACE,
                        SPAN,
                        Optional.of(START),
                        Optional.of(START.plusMillis(1_500)),
                        false,
                        attributes,
                        Map.of(
                                "service.name", "shop",
                                "deployment.environment", "production",
                                "team", "search",
                                "host.name", "node-17",
                                "process.pid", 4711L)))
                .orElseThrow()
                .record();
        assertThat(record.timestamp()).contains(START);
        assertThat(record.duration()).contains(Duration.ofMillis(1_500));
        assertThat(record.outcome()).isEqualTo(Outcome.SUCCESS);
        assertThat(record.upstreamRequestId()).isEqualTo("msg_0123456789012345678901");
        assertThat(record.conversationId()).isEqualTo("talk");
        assertThat(record.sessionId()).isEqualTo("session");
        assertThat(record.identity().resource()).isEqualTo("api.anthropic.com");
        assertThat(record.serviceTier()).isEqualTo("priority");
        assertThat(record.requestedServiceTier()).isEqualTo("auto");
        assertThat(record.source()).isEqualTo("opentelemetry");
        assertThat(record.attributes())
                .containsOnly(
                        Map.entry("service.name", "shop"),
                        Map.entry("deployment.environment.name", "production"),
                        Map.entry("team", "search"),
                        Map.entry("gen_ai.agent.name", "planner"),
                        Map.entry("user.id", "u1"),
                        Map.entry("otel.scope.name", "some.scope"));
        assertThat(record.notes()).isEmpty();
    }

    @Test
    void labelsBeyondWhatARecordCarries_areLeftOut_andNoted() {
        Map<String, Object> resource = new HashMap<>();
        for (int i = 0; i < 30; i++) {
            resource.put("label" + i, "x");
        }
        resource.put("long", "x".repeat(600));
        UsageRecord record = TelemetryReader.ofSpan(new Signal(
                        "",
                        "",
                        TRACE,
                        SPAN,
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        chat("gen_ai.usage.input_tokens", 1L),
                        resource))
                .orElseThrow()
                .record();
        assertThat(record.attributes()).hasSize(UsageRecord.MAX_ENTRIES).doesNotContainKey("long");
        assertThat(record.notes()).contains("labels_incomplete");
    }

    /** Nor is a call: it is counted without its label, under the key that it has with it. */
    @ParameterizedTest
    @ValueSource(strings = {"gen_ai.response.id", "session.id", "gen_ai.conversation.id", "server.address"})
    void labelThatNoRecordCanKeep_isLeftOut_andNoted(String name) {
        Map<String, Object> attributes = with(
                chat("gen_ai.usage.input_tokens", 5L), "gen_ai.response.id", "r".repeat(20), name, "x".repeat(513));

        TelemetryCall call = call(SPAN, attributes);

        UsageRecord record = call.record();
        assertThat(record.tokens().input()).isEqualTo(5);
        assertThat(record.notes()).containsExactly("labels_incomplete");
        assertThat(record.sessionId()
                        + record.conversationId()
                        + record.identity().resource())
                .isEmpty();
        assertThat(record.upstreamRequestId()).isEqualTo(name.endsWith("response.id") ? "" : "r".repeat(20));
        assertThat(call.key()).hasSizeLessThanOrEqualTo(RecordId.MAX_KEY);
        assertThat(call(SPAN, attributes).key()).isEqualTo(call.key());
    }

    @ParameterizedTest
    @ValueSource(strings = {"request_id", "session.id", "prompt.id"})
    void claudeCodesLabelThatNoRecordCanKeep_isLeftOut_andNoted(String name) {
        TelemetryCall call = TelemetryReader.ofEvent(
                        claudeCode("claude_code.api_request", "", Map.of(name, "x".repeat(129))))
                .orElseThrow();

        assertThat(call.record().tokens().output()).isEqualTo(200);
        assertThat(call.record().notes()).contains("labels_incomplete");
        assertThat(call.key()).hasSizeLessThanOrEqualTo(RecordId.MAX_KEY);
    }

    @Test
    void failure_isTheRecordsOutcome() {
        assertThat(span(with(chat("gen_ai.usage.input_tokens", 1L), "error.type", "timeout"))
                        .outcome())
                .isEqualTo(Outcome.ERROR);
        assertThat(span(with(chat("gen_ai.usage.input_tokens", 1L), "error.type", "asyncio.CancelledError"))
                        .outcome())
                .isEqualTo(Outcome.CANCELED);
    }

    /** A framework's span and the client library's, each of the same call. */
    @Test
    void oneResponse_isOneCall_andTheBetterTellingStays() {
        Map<String, Object> framework = with(
                chat("gen_ai.usage.input_tokens", 1_000L),
                "gen_ai.usage.output_tokens",
                10L,
                "gen_ai.response.id",
                "chatcmpl-0123456789abcdef");
        Map<String, Object> library = with(framework, "gen_ai.usage.cache_read.input_tokens", 900L);
        for (boolean libraryFirst : new boolean[] {true, false}) {
            try (Ledger ledger = InMemoryLedger.open(PriceBook.bundled())) {
                deliver(ledger, call(SPAN, libraryFirst ? library : framework));
                deliver(ledger, call("00f067aa0ba902b7", libraryFirst ? framework : library));
                assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
                assertThat(ledger.summary(TimeWindow.all()).totalInputTokens()).isEqualTo(100);
                assertThat(ledger.summary(TimeWindow.all()).totalCacheReadInputTokens())
                        .isEqualTo(900);
            }
        }
    }

    @Test
    void exportAgain_changesNothing() {
        try (Ledger ledger = InMemoryLedger.open(PriceBook.bundled())) {
            TelemetryCall call = call(SPAN, chat("gen_ai.usage.input_tokens", 1_000L));
            assertThat(deliver(ledger, call).id().value()).isEqualTo("opentelemetry:" + TRACE + ":" + SPAN);
            deliver(ledger, call);
            deliver(ledger, call("00f067aa0ba902b7", chat("gen_ai.usage.input_tokens", 1_000L)));
            assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(2);
        }
    }

    /** Ollama draws its ids from a thousand. */
    @Test
    void shortResponseId_namesACallOnlyTogetherWithItsTraceAndCounts() {
        Map<String, Object> one = with(chat("gen_ai.usage.input_tokens", 10L), "gen_ai.response.id", "chatcmpl-417");
        Map<String, Object> other = with(chat("gen_ai.usage.input_tokens", 11L), "gen_ai.response.id", "chatcmpl-417");
        assertThat(call(SPAN, one).key())
                .isEqualTo(call("00f067aa0ba902b7", one).key());
        assertThat(call(SPAN, one).key()).isNotEqualTo(call(SPAN, other).key());
    }

    @Test
    void claudeCode_saysWhatEachRequestUsed() {
        TelemetryCall call = TelemetryReader.ofEvent(claudeCode("claude_code.api_request", "", Map.of()))
                .orElseThrow();
        UsageRecord record = call.record();
        assertThat(record.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(10)
                        .output(200)
                        .cacheCreation(3_000)
                        .cacheRead(40_000)
                        .build());
        assertThat(record.identity().upstreamModel()).isEqualTo("claude-sonnet-4-5-20250929");
        assertThat(record.identity().provider()).isEqualTo("anthropic");
        assertThat(record.reportedCost().orElseThrow()).hasToString("0.026280001");
        assertThat(record.duration()).contains(Duration.ofMillis(2_500));
        assertThat(record.timestamp()).contains(START.minusMillis(2_500));
        assertThat(record.sessionId()).isEqualTo("s1");
        assertThat(record.requestId()).isEqualTo("p1");
        assertThat(record.serviceTier()).isEqualTo("fast");
        assertThat(record.attributes()).containsEntry("department", "engineering");
        assertThat(record.notes()).containsExactly("cache_split_missing");
    }

    @Test
    void claudeCode_isKnownByItsShortNameToo_whenItSaysWhoItIs() {
        Map<String, Object> named = Map.of("event.name", "api_request");
        assertThat(TelemetryReader.ofEvent(claudeCode("", "com.anthropic.claude_code.events", named)))
                .isPresent();
        assertThat(TelemetryReader.ofEvent(claudeCode("", "somebody.else", named)))
                .isEmpty();
        assertThat(TelemetryReader.ofEvent(
                        claudeCode("claude_code.tool_result", "com.anthropic.claude_code.events", Map.of())))
                .isEmpty();
    }

    @Test
    void claudeCodesRequests_areToldApart_butNotTheirCopies() {
        String first = key(Map.of("event.sequence", 1L));
        assertThat(key(Map.of("event.sequence", 1L))).isEqualTo(first);
        assertThat(key(Map.of("event.sequence", 2L))).isNotEqualTo(first);
        assertThat(key(Map.of("request_id", "req_011CS"))).isEqualTo("opentelemetry:claude-code:req_011CS");
    }

    @Test
    void conventionsOwnEvent_isACall() {
        Signal event = new Signal(
                "gen_ai.client.inference.operation.details",
                "",
                TRACE,
                SPAN,
                Optional.of(START),
                Optional.empty(),
                false,
                chat("gen_ai.usage.input_tokens", 5L),
                Map.of());
        TelemetryCall call = TelemetryReader.ofEvent(event).orElseThrow();
        assertThat(call.record().tokens().input()).isEqualTo(5);
        assertThat(call.key())
                .isEqualTo(call(SPAN, chat("gen_ai.usage.input_tokens", 5L)).key());
    }

    private static String key(Map<String, Object> more) {
        return TelemetryReader.ofEvent(claudeCode("claude_code.api_request", "", more))
                .orElseThrow()
                .key();
    }

    private static Signal claudeCode(String name, String scope, Map<String, Object> more) {
        Map<String, Object> attributes = new HashMap<>(Map.of(
                "session.id",
                "s1",
                "prompt.id",
                "p1",
                "model",
                "claude-sonnet-4-5-20250929",
                "input_tokens",
                10L,
                "output_tokens",
                "200",
                "cache_creation_tokens",
                3_000L,
                "cache_read_tokens",
                40_000L,
                "cost_usd",
                0.026280001,
                "duration_ms",
                2_500L,
                "speed",
                "fast"));
        attributes.putAll(more);
        return new Signal(
                name,
                scope,
                "",
                "",
                Optional.of(START),
                Optional.empty(),
                false,
                attributes,
                Map.of("department", "engineering", "os.type", "linux"));
    }

    private static WriteResult deliver(Ledger ledger, TelemetryCall call) {
        return ledger.revise(call.key(), call.record(), TelemetryCall::merge);
    }

    private static TelemetryCall call(String spanId, Map<String, Object> attributes) {
        return TelemetryReader.ofSpan(new Signal(
                        "",
                        "",
                        TRACE,
                        spanId,
                        Optional.of(START),
                        Optional.of(START.plusSeconds(1)),
                        false,
                        attributes,
                        Map.of()))
                .orElseThrow();
    }

    private static UsageRecord span(Map<String, Object> attributes) {
        return TelemetryReader.ofSpan(signal("", attributes)).orElseThrow().record();
    }

    private static Signal signal(String scope, Map<String, Object> attributes) {
        return new Signal("", scope, TRACE, SPAN, Optional.of(START), Optional.empty(), false, attributes, Map.of());
    }

    private static Map<String, Object> chat(String name, Object value) {
        return Map.of("gen_ai.operation.name", "chat", "gen_ai.request.model", "gpt-4o", name, value);
    }

    private static Map<String, Object> with(Map<String, Object> attributes, Object... more) {
        Map<String, Object> all = new HashMap<>(attributes);
        for (int i = 0; i < more.length; i += 2) {
            all.put((String) more[i], more[i + 1]);
        }
        return all;
    }
}
