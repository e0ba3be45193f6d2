package dev.tokenledger.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.money.Usd;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Records and their builder. Long because every field has its bounds. */
class UsageRecordTest {

    private static final Instant NOON = Instant.parse("2026-03-10T12:00:00Z");

    private static UsageRecord.Builder builder() {
        return UsageRecord.builder().id("r1").model("claude-x");
    }

    @Test
    void record_needsNothingButAModel() {
        UsageRecord record = UsageRecord.builder().model("claude-x").build();
        assertThat(UUID.fromString(record.id().value()).version()).isEqualTo(7);
        assertThat(record.timestamp()).isEmpty();
        assertThat(record.tokens()).isEqualTo(TokenCounts.NONE);
        assertThat(record.outcome()).isEqualTo(Outcome.UNSTATED);
        assertThat(record.givenCost()).isEmpty();
        assertThat(UsageRecord.builder().id(" ").model("m").build().id().value())
                .hasSize(36);
    }

    @Test
    void record_withoutAModel_isRefused() {
        for (UsageRecord.Builder nameless : new UsageRecord.Builder[] {
            UsageRecord.builder(),
            UsageRecord.builder().model("  ").upstreamModel(""),
            UsageRecord.builder().provider("anthropic").resource("mirror"),
            UsageRecord.builder().identity(new ModelIdentity("", "", "mirror", "anthropic"))
        }) {
            assertThatIllegalArgumentException()
                    .isThrownBy(nameless::build)
                    .withMessage("model: a record names its model");
        }
    }

    @ParameterizedTest
    @CsvSource({
        // delivered: model, upstream, resource, provider → kept: model, upstream, resource, provider
        "mirror/gpt-oss:20b, '', '', '', mirror/gpt-oss:20b, gpt-oss:20b, mirror, ollama",
        "claude-x, '', '', '', claude-x, claude-x, '', anthropic",
        "mirror/claude-x, '', '', bedrock, mirror/claude-x, claude-x, mirror, aws.bedrock",
        "big, claude-x, '', '', big, claude-x, '', anthropic",
        "desk/big, claude-x, '', '', desk/big, claude-x, desk, anthropic",
        "desk/big, claude-x, host-7, '', desk/big, claude-x, host-7, anthropic",
        // Only the provider's name is known: its slash is part of the name, not a resource of ours.
        "'', meta-llama/Llama-3, '', together, meta-llama/Llama-3, meta-llama/Llama-3, '', together",
        "meta-llama/Llama-3, meta-llama/Llama-3, '', together, meta-llama/Llama-3, meta-llama/Llama-3, '', together",
        "'', claude-x, '', '', claude-x, claude-x, '', anthropic",
        "'', anthropic/claude-x, '', '', anthropic/claude-x, anthropic/claude-x, '', anthropic"
    })
    void identity_isFilledInFromTheReference(
            String model,
            String upstream,
            String resource,
            String provider,
            String keptModel,
            String keptUpstream,
            String keptResource,
            String keptProvider) {
        UsageRecord record = UsageRecord.builder()
                .model(model)
                .upstreamModel(upstream)
                .resource(resource)
                .provider(provider)
                .build();
        assertThat(record.identity()).isEqualTo(new ModelIdentity(keptModel, keptUpstream, keptResource, keptProvider));
    }

    @Test
    void resolvedIdentity_isKeptAsItIs_butForPartsPutOverIt() {
        ModelIdentity resolved = new ModelIdentity("a/b", "c", "", "");
        assertThat(builderWith(resolved).build().identity()).isEqualTo(resolved);
        assertThat(builderWith(resolved).provider("x").build().identity())
                .isEqualTo(new ModelIdentity("a/b", "c", "", "x"));
        assertThat(builderWith(new ModelIdentity("", "upstream", "", ""))
                        .build()
                        .identity()
                        .model())
                .isEmpty();
    }

    private static UsageRecord.Builder builderWith(ModelIdentity identity) {
        return UsageRecord.builder().identity(identity);
    }

    @Test
    void timestamp_isCutToMicroseconds_andBounded() {
        assertThat(builder().timestamp(NOON.plusNanos(1_999)).build().timestamp())
                .contains(NOON.plusNanos(1_000));
        Instant latest = Instant.parse("9999-12-31T00:00:00Z");
        assertThat(builder().timestamp(Instant.EPOCH).build().timestamp()).contains(Instant.EPOCH);
        assertThat(builder().timestamp(latest).build().timestamp()).contains(latest);
        for (Instant outside : new Instant[] {
            Instant.EPOCH.minusNanos(1), Instant.parse("9999-12-31T00:00:00.000000001Z"), Instant.MIN, Instant.MAX
        }) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> builder().timestamp(outside))
                    .withMessageStartingWith(
                            "timestamp: expected a time from 1970-01-01T00:00:00Z to 9999-12-31T00:00:00Z, found ");
        }
    }

    @Test
    void texts_areTrimmedBoundedAndNamed() {
        Map<String, BiFunction<UsageRecord.Builder, String, UsageRecord.Builder>> ids = new LinkedHashMap<>();
        ids.put("request_id", UsageRecord.Builder::requestId);
        ids.put("session_id", UsageRecord.Builder::sessionId);
        ids.put("conversation_id", UsageRecord.Builder::conversationId);
        ids.put("upstream_request_id", UsageRecord.Builder::upstreamRequestId);
        Map<String, BiFunction<UsageRecord.Builder, String, UsageRecord.Builder>> texts = new LinkedHashMap<>();
        texts.put("model", UsageRecord.Builder::model);
        texts.put("upstream_model", UsageRecord.Builder::upstreamModel);
        texts.put("resource", UsageRecord.Builder::resource);
        texts.put("provider", UsageRecord.Builder::provider);
        texts.put("requested_model", UsageRecord.Builder::requestedModel);
        texts.put("role", UsageRecord.Builder::role);
        texts.put("task_name", UsageRecord.Builder::taskName);
        texts.put("service_tier", UsageRecord.Builder::serviceTier);
        texts.put("requested_service_tier", UsageRecord.Builder::requestedServiceTier);
        texts.put("source", UsageRecord.Builder::source);
        ids.forEach((field, setter) -> assertBounded(field, setter, 128));
        texts.forEach((field, setter) -> assertBounded(field, setter, 512));
    }

    private static void assertBounded(
            String field, BiFunction<UsageRecord.Builder, String, UsageRecord.Builder> setter, int bound) {
        assertThat(setter.apply(builder(), " " + "x".repeat(bound) + " ")).isNotNull();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> setter.apply(builder(), "x".repeat(bound + 1)))
                .withMessageStartingWith(field + ": at most " + bound + " characters, found " + (bound + 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> setter.apply(builder(), "a\u0000b"))
                .withMessageStartingWith(field + ": control character U+0000");
        assertThatNullPointerException()
                .isThrownBy(() -> setter.apply(builder(), null))
                .withMessage(field);
    }

    @Test
    void counts_areBoundedAndNamed() {
        Map<String, BiFunction<UsageRecord.Builder, Long, UsageRecord.Builder>> counts = new LinkedHashMap<>();
        counts.put("input_tokens", UsageRecord.Builder::inputTokens);
        counts.put("output_tokens", UsageRecord.Builder::outputTokens);
        counts.put("cache_creation_input_tokens", UsageRecord.Builder::cacheCreationInputTokens);
        counts.put("cache_creation_5m_input_tokens", UsageRecord.Builder::cacheCreation5mInputTokens);
        counts.put("cache_creation_1h_input_tokens", UsageRecord.Builder::cacheCreation1hInputTokens);
        counts.put("cache_read_input_tokens", UsageRecord.Builder::cacheReadInputTokens);
        counts.put("reasoning_tokens", UsageRecord.Builder::reasoningTokens);
        counts.put("audio_input_tokens", UsageRecord.Builder::audioInputTokens);
        counts.put("image_input_tokens", UsageRecord.Builder::imageInputTokens);
        counts.put("audio_output_tokens", UsageRecord.Builder::audioOutputTokens);
        counts.put("image_output_tokens", UsageRecord.Builder::imageOutputTokens);
        counts.forEach((field, setter) -> {
            for (long count : new long[] {-1, Long.MIN_VALUE, TokenCounts.LIMIT + 1, Long.MAX_VALUE}) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> setter.apply(builder(), count).build())
                        .withMessage(field + ": expected 0 to 1000000000000, found " + count);
            }
        });
    }

    @Test
    void cacheWrites_areTheSumOfTheirParts_whenNobodyStatesThem() {
        UsageRecord record = builder()
                .cacheCreation5mInputTokens(3)
                .cacheCreation1hInputTokens(4)
                .build();
        assertThat(record.tokens().cacheCreation()).isEqualTo(7);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder()
                        .cacheCreationInputTokens(0)
                        .cacheCreation5mInputTokens(3)
                        .build())
                .withMessageContaining("cache_creation_input_tokens = 0");
    }

    @Test
    void cacheParts_thatOverflow_areRefusedByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder()
                        .cacheCreation5mInputTokens(Long.MAX_VALUE)
                        .cacheCreation1hInputTokens(1)
                        .build())
                .withMessageStartingWith("cache_creation_5m_input_tokens: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder()
                        .cacheCreation5mInputTokens(1)
                        .cacheCreation1hInputTokens(Long.MAX_VALUE)
                        .build())
                .withMessageStartingWith("cache_creation_1h_input_tokens: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder()
                        .cacheCreation5mInputTokens(-5)
                        .cacheCreation1hInputTokens(9)
                        .build())
                .withMessageStartingWith("cache_creation_5m_input_tokens: ");
    }

    @Test
    void calls_areBoundedAndNamed() {
        assertThat(builder()
                        .calls("web_search", 2)
                        .calls("web_search", 3)
                        .build()
                        .calls())
                .isEqualTo(Map.of("web_search", 3L));
        assertThat(builder()
                        .calls("web_search", 2)
                        .calls("web_search", 0)
                        .build()
                        .calls())
                .isEmpty();
        assertRefused(b -> b.calls("Web Search", 1), "calls: ");
        assertRefused(b -> b.calls("x".repeat(64), 1), "calls: ");
        assertRefused(b -> b.calls("", 1), "calls: ");
        assertRefused(b -> b.calls("web_search", -1), "web_search_calls: expected 0 to 1000000000000, found -1");
        assertRefused(b -> b.calls("web_search", TokenCounts.LIMIT + 1), "web_search_calls: ");
        assertRefused(b -> times(17, i -> b.calls("c" + i, 1)), "calls: at most 16, found 17");
    }

    @Test
    void attributes_areBoundedAndNamed() {
        assertThat(builder()
                        .attributes(Map.of("team", " a ", "x.y-Z_1", "b"))
                        .build()
                        .attributes())
                .isEqualTo(Map.of("team", "a", "x.y-Z_1", "b"));
        assertThat(builder()
                        .attribute("team", "a")
                        .attribute("team", "")
                        .build()
                        .attributes())
                .isEmpty();
        assertRefused(b -> b.attribute("1st", "a"), "attributes: a key is a letter");
        assertRefused(b -> b.attribute("", "a"), "attributes: a key is a letter");
        assertRefused(b -> b.attribute("a b", "a"), "attributes: a key is a letter");
        assertRefused(b -> b.attribute("k".repeat(129), "a"), "attributes: at most 128");
        assertRefused(b -> b.attribute("team", "v".repeat(513)), "attributes.team: at most 512");
        assertRefused(b -> times(17, i -> b.attribute("a" + i, "v")), "attributes: at most 16, found 17");
    }

    @Test
    void notes_areBoundedAndNamed() {
        assertThat(builder().notes(Set.of("b", "a")).note("a").build().notes()).containsExactly("a", "b");
        assertRefused(b -> b.note("Not a note"), "notes: ");
        assertRefused(b -> times(17, i -> b.note("n" + i)), "notes: at most 16, found 17");
    }

    @Test
    void costs_areBoundedAndNamed() {
        assertThat(builder().cost(Usd.RECORD_LIMIT).build().givenCost())
                .contains(new UsageRecord.GivenCost(Usd.RECORD_LIMIT, PricingStatus.PRICED));
        assertThat(builder()
                        .cost(Usd.ZERO)
                        .pricingStatus(PricingStatus.UNPRICED)
                        .build()
                        .givenCost())
                .contains(new UsageRecord.GivenCost(Usd.ZERO, PricingStatus.UNPRICED));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder()
                        .cost(Usd.ofPicos(1))
                        .pricingStatus(PricingStatus.UNPRICED)
                        .build())
                .withMessageStartingWith("pricing_status: a cost that is unpriced is 0, found 0.000000000001 USD");
        Usd tooMuch = Usd.RECORD_LIMIT.plus(Usd.ofPicos(1));
        assertRefused(b -> b.cost(tooMuch), "cost_usd: expected 0 to 9000000 USD, found 9000000.000000000001");
        assertRefused(b -> b.cost(Usd.ofPicos(-1)), "cost_usd: ");
        assertRefused(b -> b.reportedCost(tooMuch), "reported_cost_usd: ");
        assertRefused(b -> b.reportedCost(Usd.ofPicos(-1)), "reported_cost_usd: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().pricingStatus(PricingStatus.PRICED).build())
                .withMessageStartingWith("pricing_status: ");
        assertThatIllegalArgumentException().isThrownBy(() -> new UsageRecord.GivenCost(tooMuch, PricingStatus.PRICED));
    }

    @Test
    void duration_isCutToMilliseconds_andBounded() {
        assertThat(builder().duration(Duration.ofNanos(1_999_999)).build().duration())
                .contains(Duration.ofMillis(1));
        assertThat(builder().duration(Duration.ofDays(366)).build().duration()).contains(Duration.ofDays(366));
        for (Duration outside : new Duration[] {
            Duration.ofNanos(-1), Duration.ofDays(366).plusNanos(1), Duration.ofSeconds(Long.MAX_VALUE)
        }) {
            assertRefused(b -> b.duration(outside), "duration_ms: expected 0 to 31622400000, found ");
        }
    }

    @Test
    void nulls_areRefusedAtOnce() {
        assertThatNullPointerException().isThrownBy(() -> builder().identity(null));
        assertThatNullPointerException().isThrownBy(() -> builder().outcome(null));
        assertThatNullPointerException().isThrownBy(() -> builder().timestamp(null));
        assertThatNullPointerException().isThrownBy(() -> builder().cost(null));
        assertThatNullPointerException().isThrownBy(() -> builder().pricingStatus(null));
    }

    @Test
    void toBuilder_keepsEveryField() {
        UsageRecord record = full().build();
        UsageRecord copy = record.toBuilder().build();
        assertThat(copy).isEqualTo(record).hasSameHashCodeAs(record);
        assertThat(copy.firstDifference(record)).isEmpty();
        assertThat(copy.notes()).isEqualTo(record.notes());
        assertThat(copy.givenCost()).isEqualTo(record.givenCost());
        assertThat(copy.id()).isEqualTo(record.id());
        assertThat(record.at(NOON).timestamp()).contains(NOON);
        assertThat(record.at(NOON).toBuilder()
                        .timestamp(record.timestamp().orElseThrow())
                        .build())
                .isEqualTo(record);
    }

    @Test
    void builder_canGoOn_withoutTouchingWhatItBuilt() {
        UsageRecord.Builder builder = full();
        UsageRecord before = builder.build();
        builder.calls("request", 1).attribute("x", "y").note("z");
        assertThat(before.calls()).isEqualTo(Map.of("web_search", 3L));
        assertThat(before.attributes()).hasSize(1);
        assertThat(before.notes()).hasSize(1);
    }

    @Test
    void aCopysBuilder_changesNeitherTheRecordNorOtherCopies() {
        UsageRecord record = full().build();
        String label = record.attributes().firstKey();
        String note = record.notes().first();

        UsageRecord less = record.toBuilder()
                .calls("web_search", 0)
                .attribute(label, "")
                .withoutNote(note)
                .build();
        UsageRecord more = record.toBuilder()
                .calls("request", 1)
                .attribute("x", "y")
                .note("z")
                .build();

        assertThat(less.calls()).isEmpty();
        assertThat(less.attributes()).isEmpty();
        assertThat(less.notes()).isEmpty();
        assertThat(more.calls()).containsOnlyKeys("web_search", "request");
        assertThat(more.attributes()).containsOnlyKeys(label, "x");
        assertThat(more.notes()).containsOnly(note, "z");
        assertThat(record).isEqualTo(full().id(record.id()).build());
    }

    @Test
    void nobody_changesARecord() {
        UsageRecord record = full().build();
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> record.calls().clear());
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> record.attributes().put("x", "y"));
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> record.notes().clear());
    }

    @Test
    void equality_takesInIdTimestampAndNotes() {
        UsageRecord record = full().build();
        assertThat(full().id("other").build()).isNotEqualTo(record);
        assertThat(full().timestamp(NOON.plusSeconds(1)).build()).isNotEqualTo(record);
        assertThat(full().note("another").build()).isNotEqualTo(record);
        assertThat(full().role("another").build()).isNotEqualTo(record);
        assertThat(record.equals((Object) "r1")).isFalse();
    }

    @Test
    void firstDifference_isTheFirstInTheOrderOfFields() {
        UsageRecord offered = full().source("z").inputTokens(11).provider("y").build();
        assertThat(full().build().firstDifference(offered))
                .contains(new UsageRecord.Difference("provider", "anthropic", "y"));
    }

    @Test
    void firstDifference_ofAnAbsentValue_isEmptyText() {
        UsageRecord without = builder().timestamp(NOON).build();
        UsageRecord with =
                builder().timestamp(NOON).duration(Duration.ofMillis(5)).build();
        assertThat(without.firstDifference(with)).contains(new UsageRecord.Difference("duration_ms", "", "5"));
        assertThat(with.firstDifference(without)).contains(new UsageRecord.Difference("duration_ms", "5", ""));
    }

    @Test
    void text_namesNoSessionAndNoAttribute() {
        assertThat(full().build().toString())
                .contains("r1", "claude-x")
                .doesNotContain("session-1")
                .doesNotContain("secret-team");
    }

    @Test
    void outcomesAndStatuses_areReadByName() {
        assertThat(Outcome.parse(" Cancelled ")).isEqualTo(Outcome.CANCELED);
        assertThat(Outcome.parse("SUCCESS")).isEqualTo(Outcome.SUCCESS);
        assertThat(Outcome.parse("")).isEqualTo(Outcome.UNSTATED);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Outcome.parse("fine"))
                .withMessage("outcome: expected success, error or canceled, found \"fine\"");
        for (PricingStatus status : PricingStatus.values()) {
            assertThat(PricingStatus.parse(" " + status.text())).isEqualTo(status);
        }
        assertThat(PricingStatus.PARTIAL.text()).isEqualTo("partial");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PricingStatus.parse("free"))
                .withMessage("pricing_status: expected priced, partial or unpriced, found \"free\"");
    }

    private static UsageRecord.Builder full() {
        return builder()
                .timestamp(NOON)
                .upstreamModel("claude-y")
                .resource("mirror")
                .provider("anthropic")
                .requestedModel("claude-z")
                .requestId("request-1")
                .sessionId("session-1")
                .conversationId("conversation-1")
                .upstreamRequestId("msg-1")
                .tokens(TokenCounts.builder()
                        .input(10)
                        .output(20)
                        .cacheCreation(30)
                        .cacheCreation5m(10)
                        .cacheCreation1h(15)
                        .cacheRead(40)
                        .reasoning(5)
                        .audioInput(6)
                        .imageInput(4)
                        .audioOutput(7)
                        .imageOutput(8)
                        .build())
                .calls("web_search", 3)
                .role("delegate")
                .taskName("poll")
                .outcome(Outcome.ERROR)
                .duration(Duration.ofMillis(7))
                .serviceTier("batch")
                .requestedServiceTier("auto")
                .attribute("team", "secret-team")
                .source("test")
                .aggregate(true)
                .reportedCost(Usd.parse("1"))
                .cost(Usd.parse("2"))
                .pricingStatus(PricingStatus.PARTIAL)
                .note("output_incomplete");
    }

    private static void assertRefused(UnaryOperator<UsageRecord.Builder> change, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> change.apply(builder()))
                .withMessageStartingWith(message);
    }

    private interface Numbered {
        UsageRecord.Builder apply(int number);
    }

    private static UsageRecord.Builder times(int times, Numbered step) {
        UsageRecord.Builder last = builder();
        for (int i = 0; i < times; i++) {
            last = step.apply(i);
        }
        return last;
    }

    @ParameterizedTest
    @CsvSource({"none", "UNKNOWN", "Unknown"})
    void whatIsNoName_givesWayToTheRequestedModel(String model) {
        UsageRecord record = UsageRecord.builder()
                .upstreamModel(model)
                .requestedModel("gpt-4o")
                .build();
        assertThat(record.identity()).isEqualTo(new ModelIdentity("gpt-4o", "gpt-4o", "", "openai"));
        assertThat(record.requestedModel()).isEmpty();
        UsageRecord stored = record.toBuilder()
                .identity(new ModelIdentity("unknown", "unknown", "", "openai"))
                .requestedModel("gpt-4o")
                .build();
        assertThat(stored.firstDifference(record)).isEmpty();
    }

    @Test
    void providerOfANameWithoutASignOfAHost_isNotedAsInferred() {
        assertThat(UsageRecord.builder().model("llama3.3:70b").build().notes()).containsExactly("provider_inferred");
        assertThat(UsageRecord.builder()
                        .model("llama3.3:70b")
                        .provider("ollama")
                        .build()
                        .notes())
                .isEmpty();
        assertThat(UsageRecord.builder().model("gpt-5").build().notes()).isEmpty();
        assertThat(UsageRecord.builder().model("groq/llama-3.3").build().notes())
                .isEmpty();
    }

    /** What earlier versions stored for names that have better forms now is the same record. */
    @ParameterizedTest
    @CsvSource({
        "gemini-3-pro, vertex_ai, google",
        "glm-5, zhipuai, zai",
        "gpt-5, OPEN_AI, open_ai",
        "us.anthropic.claude-opus-4-5-v1:0, '', ollama",
        "claude-opus-4@20250514, '', anthropic",
        "llama-3.3, amazon-bedrock, amazon-bedrock"
    })
    void difference_isNone_whereAnEarlierVersionHadAnotherProvidersName(String model, String provider, String before) {
        UsageRecord now =
                UsageRecord.builder().upstreamModel(model).provider(provider).build();
        UsageRecord stored = now.toBuilder()
                .identity(new ModelIdentity(model, model, "", before))
                .build();
        assertThat(stored.firstDifference(now)).isEmpty();
        UsageRecord other = now.toBuilder()
                .identity(new ModelIdentity(model, model, "", "house"))
                .build();
        assertThat(other.firstDifference(now)).isPresent();
    }
}
