package dev.tokenledger.testkit;

import dev.tokenledger.money.Usd;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.util.Locale;
import java.util.function.UnaryOperator;

/** Every delivered field by its JSON name, with a change to {@link Samples#everyField} that touches it alone. */
enum DeliveredField {
    TIMESTAMP(builder -> builder.timestamp(Samples.NOW.plusNanos(123_457_000))),
    MODEL(builder -> builder.model("mirror/claude-alpha-2")),
    UPSTREAM_MODEL(builder -> builder.upstreamModel("claude-alpha-2")),
    RESOURCE(builder -> builder.resource("mirror-2")),
    PROVIDER(builder -> builder.provider("bedrock")),
    REQUESTED_MODEL(builder -> builder.requestedModel("")),
    REQUEST_ID(builder -> builder.requestId("request-2")),
    SESSION_ID(builder -> builder.sessionId("session-2")),
    CONVERSATION_ID(builder -> builder.conversationId("")),
    UPSTREAM_REQUEST_ID(builder -> builder.upstreamRequestId("msg_02")),
    INPUT_TOKENS(builder -> builder.inputTokens(1_002)),
    OUTPUT_TOKENS(builder -> builder.outputTokens(2_003)),
    CACHE_CREATION_INPUT_TOKENS(builder -> builder.cacheCreationInputTokens(3_004)),
    CACHE_CREATION_5M_INPUT_TOKENS(builder -> builder.cacheCreation5mInputTokens(1_002)),
    CACHE_CREATION_1H_INPUT_TOKENS(builder -> builder.cacheCreation1hInputTokens(0)),
    CACHE_READ_INPUT_TOKENS(builder -> builder.cacheReadInputTokens(4_003)),
    REASONING_TOKENS(builder -> builder.reasoningTokens(506)),
    AUDIO_INPUT_TOKENS(builder -> builder.audioInputTokens(0)),
    IMAGE_INPUT_TOKENS(builder -> builder.imageInputTokens(106)),
    AUDIO_OUTPUT_TOKENS(builder -> builder.audioOutputTokens(207)),
    IMAGE_OUTPUT_TOKENS(builder -> builder.imageOutputTokens(310)),
    CACHED_AUDIO_READ_TOKENS(builder -> builder.cachedAudioReadTokens(411)),
    CALLS(builder -> builder.calls("web_search", 4)),
    ROLE(builder -> builder.role("scheduled")),
    TASK_NAME(builder -> builder.taskName("email_polls")),
    OUTCOME(builder -> builder.outcome(Outcome.ERROR)),
    DURATION_MS(builder -> builder.duration(Duration.ofMillis(12_346))),
    SERVICE_TIER(builder -> builder.serviceTier("standard")),
    REQUESTED_SERVICE_TIER(builder -> builder.requestedServiceTier("batch")),
    REGION(builder -> builder.region("eu")),
    ATTRIBUTES(builder -> builder.attribute("team", "görsel")),
    SOURCE(builder -> builder.source("")),
    AGGREGATE(builder -> builder.aggregate(false)),
    REPORTED_COST_USD(builder -> builder.reportedCost(Usd.parse("0.123456789013"))),
    COST_USD(builder -> builder.cost(Usd.parse("0.200000000001"))),
    PRICING_STATUS(builder -> builder.pricingStatus(PricingStatus.PRICED));

    private final UnaryOperator<UsageRecord.Builder> change;

    DeliveredField(UnaryOperator<UsageRecord.Builder> change) {
        this.change = change;
    }

    String json() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The sample with every field, this one changed. */
    UsageRecord changed(String id) {
        return change.apply(Samples.everyField(id)).build();
    }
}
