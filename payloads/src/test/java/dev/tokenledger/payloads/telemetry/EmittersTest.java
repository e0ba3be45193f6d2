package dev.tokenledger.payloads.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.money.Usd;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls in the shape of each framework, gateway and agent; all ids are made up. */
class EmittersTest {

    private static final Instant AT = Instant.parse("2026-06-01T08:00:00Z");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "acompletion",
                "completion",
                "aresponses",
                "anthropic_messages",
                "aembedding",
                "atext_completion",
                "embedding",
                "chat",
                "agenerate_content",
                "arerank"
            })
    void operationsOfGatewaysAndFrameworks_areCalls(String operation) {
        UsageRecord record = call(
                "litellm",
                "gen_ai.operation.name",
                operation,
                "gen_ai.system",
                "OPEN_AI",
                "gen_ai.request.model",
                "gpt-4o",
                "gen_ai.response.model",
                "none",
                "gen_ai.usage.input_tokens",
                "70",
                "gen_ai.usage.output_tokens",
                "",
                "gen_ai.cost.total_cost",
                "0.25");
        assertThat(record.identity()).isEqualTo(new ModelIdentity("gpt-4o", "gpt-4o", "", "openai"));
        assertThat(record.tokens()).isEqualTo(TokenCounts.of(70, 0));
        assertThat(record.reportedCost()).contains(Usd.parse("0.25"));
    }

    @Test
    void vercel_callsAreRead_andItsStepsAreNot() {
        UsageRecord record = call(
                "ai",
                "ai.operationId",
                "ai.streamText.doStream",
                "ai.model.provider",
                "anthropic.messages",
                "ai.model.id",
                "claude-sonnet-4-5",
                "ai.usage.inputTokens",
                "800",
                "ai.usage.inputTokenDetails.noCacheTokens",
                "100",
                "ai.usage.inputTokenDetails.cacheReadTokens",
                "400",
                "ai.usage.inputTokenDetails.cacheWriteTokens",
                "300",
                "ai.usage.outputTokens",
                "50",
                "ai.usage.reasoningTokens",
                "20",
                "ai.usage.totalTokens",
                "850");
        assertThat(record.identity().provider()).isEqualTo("anthropic");
        assertThat(record.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(100)
                        .output(50)
                        .cacheCreation(300)
                        .cacheRead(400)
                        .reasoning(20)
                        .build());
        assertThat(record.notes()).containsExactly("cache_split_missing", "input_read_as_inclusive");
        Signal step =
                signal("ai", "ai.operationId", "ai.streamText", "ai.usage.inputTokens", "800", "ai.model.id", "x");
        assertThat(TelemetryReader.ofSpan(step)).isEmpty();
        assertThat(TelemetryReader.ignored(step)).isEmpty();
    }

    @Test
    void openInference_isReadByItsOwnNames() {
        UsageRecord record = call(
                "openinference.instrumentation.house",
                "openinference.span.kind",
                "LLM",
                "llm.model_name",
                "gpt-4o",
                "llm.provider",
                "azure",
                "llm.token_count.prompt",
                90L,
                "llm.token_count.completion",
                30L,
                "llm.token_count.prompt_details.cache_read",
                40L,
                "llm.token_count.completion_details.reasoning",
                10L,
                "llm.token_count.total",
                120L);
        assertThat(record.identity().provider()).isEqualTo("azure.ai.openai");
        assertThat(record.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(50)
                        .output(30)
                        .cacheRead(40)
                        .reasoning(10)
                        .build());
        assertThat(record.notes()).containsExactly("input_read_as_inclusive");
        Signal chain = signal("openinference.x", "openinference.span.kind", "CHAIN", "llm.token_count.prompt", 90L);
        assertThat(TelemetryReader.ofSpan(chain)).isEmpty();
        assertThat(TelemetryReader.ignored(chain)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "openlit.instrumentation.claude_agent_sdk, 50",
        "openlit.instrumentation.langchain, 50",
        "openlit.instrumentation.anthropic, 150",
        "pydantic-ai, 50"
    })
    void scopes_sayWhetherTheInputContainsWhatWasCached(String scope, long input) {
        UsageRecord record = call(
                scope,
                "gen_ai.operation.name",
                "chat",
                "gen_ai.provider.name",
                "anthropic",
                "gen_ai.request.model",
                "claude-x",
                "gen_ai.usage.input_tokens",
                150L,
                "gen_ai.usage.details.cache_read_tokens",
                60L,
                "gen_ai.usage.details.cache_write_tokens",
                40L,
                "gen_ai.usage.output_tokens",
                5L);
        assertThat(record.tokens().input()).isEqualTo(input);
        assertThat(record.tokens().cacheRead()).isEqualTo(60);
        assertThat(record.tokens().cacheCreation()).isEqualTo(40);
    }

    @Test
    void anthropicJava_splitsItsWrites_andNamesItsTier() {
        UsageRecord record = call(
                "com.anthropic.sdk.java",
                "gen_ai.operation.name",
                "chat",
                "gen_ai.provider.name",
                "anthropic",
                "gen_ai.request.model",
                "claude-x",
                "gen_ai.usage.input_tokens",
                100L,
                "gen_ai.usage.output_tokens",
                7L,
                "gen_ai.usage.cache_creation.input_tokens",
                30L,
                "anthropic.usage.cache_creation.ephemeral_5m_input_tokens",
                10L,
                "anthropic.usage.cache_creation.ephemeral_1h_input_tokens",
                20L,
                "anthropic.response.service_tier",
                "batch");
        assertThat(record.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(70)
                        .output(7)
                        .cacheCreation(30)
                        .cacheCreation5m(10)
                        .cacheCreation1h(20)
                        .build());
        assertThat(record.serviceTier()).isEqualTo("batch");
        assertThat(record.notes()).containsExactly("input_read_as_inclusive");
    }

    @Test
    void whatGeminiThought_isTakenFromTheTotal_andAnotherTotalNoted() {
        UsageRecord gemini = call(
                "opentelemetry.instrumentation.google_generativeai",
                "llm.request.type",
                "chat",
                "gen_ai.system",
                "Google",
                "gen_ai.request.model",
                "gemini-x",
                "gen_ai.usage.input_tokens",
                10L,
                "gen_ai.usage.output_tokens",
                20L,
                "llm.usage.total_tokens",
                100L);
        assertThat(gemini.tokens()).isEqualTo(TokenCounts.of(10, 90));
        assertThat(gemini.notes()).containsExactly("output_from_total");
        UsageRecord other = call(
                "house",
                "gen_ai.operation.name",
                "chat",
                "gen_ai.system",
                "mistral",
                "gen_ai.request.model",
                "mistral-x",
                "gen_ai.usage.input_tokens",
                10L,
                "gen_ai.usage.output_tokens",
                20L,
                "gen_ai.usage.total_tokens",
                100L);
        assertThat(other.tokens()).isEqualTo(TokenCounts.of(10, 20));
        assertThat(other.notes()).containsExactly("total_differs");
    }

    @Test
    void geminiCli_tellsOfACallTwice_whichIsOneRecord() {
        Signal response = signal(
                "gemini-cli",
                "event.name",
                "gemini_cli.api_response",
                "session.id",
                "s1",
                "model",
                "gemini-x",
                "duration_ms",
                "2000",
                "input_token_count",
                500L,
                "output_token_count",
                40L,
                "cached_content_token_count",
                200L,
                "thoughts_token_count",
                60L,
                "tool_token_count",
                0L,
                "total_token_count",
                600L,
                "user.email",
                "kim@example.net");
        Signal details = signal(
                "gemini-cli",
                "event.name",
                "gen_ai.client.inference.operation.details",
                "session.id",
                "s1",
                "gen_ai.operation.name",
                "generate_content",
                "gen_ai.request.model",
                "gemini-x",
                "gen_ai.response.id",
                "answer-0123456789abcdef",
                "gen_ai.usage.input_tokens",
                500L,
                "gen_ai.usage.output_tokens",
                40L);
        List<TelemetryCall> calls = TelemetryReader.joined(List.of(details, response)).stream()
                .flatMap(event -> TelemetryReader.ofEvent(event).stream())
                .toList();
        assertThat(calls).hasSize(1);
        // The key under which the first version stored the poorer one.
        assertThat(calls.get(0).key()).isEqualTo("opentelemetry:response:answer-0123456789abcdef");
        UsageRecord record = calls.get(0).record();
        assertThat(record.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(300)
                        .output(100)
                        .cacheRead(200)
                        .reasoning(60)
                        .build());
        assertThat(record.identity().provider()).isEqualTo("google");
        assertThat(record.timestamp()).contains(AT.minusSeconds(2));
        assertThat(record.attributes()).containsEntry("user.email", "kim@example.net");
        assertThat(TelemetryReader.ofEvent(response).orElseThrow().record().tokens())
                .isEqualTo(record.tokens());
        assertThat(TelemetryReader.ignored(details)).isEmpty();
    }

    @Test
    void codex_countsInCompletedResponsesAlone() {
        Map<String, Object> completed = new HashMap<>(attributes(
                "event.name", "codex.sse_event",
                "event.kind", "response.completed",
                "conversation.id", "c-1",
                "model", "gpt-5.6-x",
                "input_token_count", 100L,
                "cached_token_count", 30L,
                "output_token_count", 9L,
                "reasoning_token_count", 4L,
                "tool_token_count", 109L));
        UsageRecord record = TelemetryReader.ofEvent(signal("codex_otel", completed))
                .orElseThrow()
                .record();
        assertThat(record.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(70)
                        .output(9)
                        .cacheRead(30)
                        .reasoning(4)
                        .build());
        assertThat(record.conversationId()).isEqualTo("c-1");
        assertThat(record.identity().provider()).isEqualTo("openai");
        completed.put("event.kind", "response.created");
        completed.keySet().removeIf(name -> name.endsWith("_token_count"));
        Signal created = signal("codex_otel", completed);
        assertThat(TelemetryReader.ofEvent(created)).isEmpty();
        assertThat(TelemetryReader.ignored(created)).isEmpty();
        completed.putAll(Map.of("event.kind", "response.completed", "input_token_count", 1L, "cached_token_count", 2L));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TelemetryReader.ofEvent(signal("codex_otel", completed)))
                .withMessageStartingWith("input_token_count: ");
    }

    @Test
    void signalsThatCountAndAreNotUnderstood_areTold_othersAreNot() {
        assertThat(TelemetryReader.ignored(
                        signal("x", "gen_ai.operation.name", "summon", "gen_ai.usage.input_tokens", 3L)))
                .contains("unknown_operation");
        assertThat(TelemetryReader.ignored(signal(
                        "x",
                        "gen_ai.operation.name",
                        "chat",
                        "gen_ai.request.model",
                        "m",
                        "gen_ai.usage.in_tokens",
                        3L)))
                .contains("unknown_usage");
        assertThat(TelemetryReader.ignored(signal("x", "server.address", "db1", "error.type", "timeout")))
                .isEmpty();
        assertThat(TelemetryReader.ignored(
                        signal("x", "gen_ai.operation.name", "invoke_agent", "gen_ai.usage.input_tokens", 3L)))
                .isEmpty();
        assertThat(TelemetryReader.ignored(
                        signal("x", "gen_ai.operation.name", "summon", "gen_ai.usage.input_tokens", 0L)))
                .isEmpty();
    }

    @Test
    void users_areKeptHashedOrLeftOut() {
        Signal signal = signal(
                "x",
                "gen_ai.operation.name",
                "chat",
                "gen_ai.request.model",
                "claude-x",
                "gen_ai.usage.input_tokens",
                1L,
                "user.email",
                "kim@example.net",
                "organization.id",
                "org-1");
        assertThat(attributesOf(Users.KEEP.applied(signal)))
                .containsEntry("user.email", "kim@example.net")
                .containsEntry("organization.id", "org-1");
        assertThat(attributesOf(Users.LEAVE_OUT.applied(signal)))
                .doesNotContainKey("user.email")
                .containsEntry("organization.id", "org-1");
        assertThat(attributesOf(Users.HASH.applied(signal)).get("user.email"))
                .startsWith("sha256:")
                .doesNotContain("kim")
                .isEqualTo(attributesOf(Users.HASH.applied(signal)).get("user.email"));
    }

    /** Whatever member bears on the price and is not known is named, so that its cost is partial. */
    @Test
    void unknownMembersThatBearOnThePrice_areNeverPassedOver() {
        long seed = Long.getLong("tokenledger.seed", System.nanoTime());
        Random random = new Random(seed);
        List<String> vocabularies = List.of("gen_ai.usage.", "gen_ai.usage.details.", "llm.token_count.", "ai.usage.");
        List<String> words = List.of("cache", "audio", "image", "video", "server", "tool", "holo");
        for (int i = 0; i < 300; i++) {
            String name = vocabularies.get(random.nextInt(vocabularies.size()))
                    + words.get(random.nextInt(words.size()))
                    + "_" + (char) ('a' + random.nextInt(26)) + "x_tokens";
            UsageRecord record = call(
                    "house",
                    "gen_ai.operation.name",
                    "chat",
                    "gen_ai.request.model",
                    "claude-x",
                    "gen_ai.usage.input_tokens",
                    5L,
                    "gen_ai.usage.output_tokens",
                    5L,
                    name,
                    (long) random.nextInt(1_000) + 1);
            assertThat(record.notes())
                    .as("seed %d, %s", seed, name)
                    .anyMatch(note -> note.startsWith(UsageRecord.UNPRICED_MEMBER));
        }
    }

    /** The first version took what OpenLIT adds up for what stands beside the input; sent again, it is corrected. */
    @Test
    void figuresThatTheFirstVersionReadWrongly_areCorrected_underTheirKey() {
        TelemetryCall now = TelemetryReader.ofSpan(signal(
                        "openlit.instrumentation.langchain",
                        "gen_ai.operation.name",
                        "chat",
                        "gen_ai.provider.name",
                        "anthropic",
                        "gen_ai.request.model",
                        "claude-x",
                        "gen_ai.response.id",
                        "short",
                        "gen_ai.usage.input_tokens",
                        150L,
                        "gen_ai.usage.cache_read.input_tokens",
                        60L,
                        "gen_ai.usage.output_tokens",
                        5L))
                .orElseThrow();
        assertThat(now.key()).isEqualTo("opentelemetry:" + "0".repeat(31) + "1:short:210:5");
        UsageRecord stored = now.record().toBuilder()
                .tokens(TokenCounts.builder().input(150).output(5).cacheRead(60).build())
                .withoutNote("input_read_as_inclusive")
                .note("input_read_as_exclusive")
                .build();
        assertThat(TelemetryCall.merge(stored, now.record())).isSameAs(now.record());
    }

    private static Map<String, String> attributesOf(Signal signal) {
        return TelemetryReader.ofSpan(signal).orElseThrow().record().attributes();
    }

    private static UsageRecord call(String scope, Object... attributes) {
        return TelemetryReader.ofSpan(signal(scope, attributes)).orElseThrow().record();
    }

    private static Signal signal(String scope, Object... attributes) {
        return signal(scope, attributes(attributes));
    }

    private static Signal signal(String scope, Map<String, Object> attributes) {
        assertThat(attributes.keySet()).allMatch(TelemetryReader::reads);
        return new Signal(
                "",
                scope,
                "0".repeat(31) + "1",
                "0".repeat(15) + "1",
                Optional.of(AT),
                Optional.empty(),
                false,
                attributes,
                Map.of());
    }

    private static Map<String, Object> attributes(Object... pairs) {
        Map<String, Object> attributes = new HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            attributes.put((String) pairs[i], pairs[i + 1]);
        }
        return attributes;
    }
}
