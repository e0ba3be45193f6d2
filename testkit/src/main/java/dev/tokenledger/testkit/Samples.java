package dev.tokenledger.testkit;

import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.Rates;
import dev.tokenledger.pricing.ServiceTierRates;
import dev.tokenledger.pricing.Tier;
import dev.tokenledger.pricing.TokenClass;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.UsageRecord;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Fixed examples that the contract's tests are written in. */
public final class Samples {

    /** The instant that tests begin at: noon of an ordinary day. */
    public static final Instant NOW = Instant.parse("2026-03-10T12:00:00Z");

    /** Priced in full: all classes, a long-context tier, a batch tier and a fee. */
    public static final String ALPHA = "claude-alpha";

    /** Priced, at half from {@link #BETA_CHANGE} on. */
    public static final String BETA = "gpt-beta";

    /** Free: every class has an explicit rate of 0. */
    public static final String GAMMA = "free-gamma";

    /** Only input has a rate, so that other classes make a cost partial. */
    public static final String DELTA = "partial-delta";

    /** 0.0000001 USD a token. */
    public static final String EPSILON = "tiny-epsilon";

    /** Not in the price book. */
    public static final String OMEGA = "mystery-omega";

    /** When {@link #BETA}'s price changes. */
    public static final Instant BETA_CHANGE = Instant.parse("2026-02-01T00:00:00Z");

    /** Zones with every kind of trouble: half and quarter hours, changes of 30 minutes, at 00:01, at midnight, of a day. */
    public static final List<ZoneId> ZONES = List.of(
            ZoneId.of("UTC"),
            ZoneId.of("Europe/Berlin"),
            ZoneId.of("America/New_York"),
            ZoneId.of("Asia/Kathmandu"),
            ZoneId.of("Australia/Lord_Howe"),
            ZoneId.of("America/St_Johns"),
            ZoneId.of("Pacific/Apia"),
            ZoneId.of("Pacific/Chatham"),
            ZoneId.of("America/Sao_Paulo"),
            ZoneId.of("Africa/Cairo"),
            ZoneId.of("-03:30"));

    private Samples() {}

    /** The price book of all samples. */
    public static PriceBook prices() {
        return PriceBook.of(List.of(
                alpha(),
                beta().until(BETA_CHANGE)
                        .rates(rates("input", "2", "output", "8", "cache_read", "0.5"))
                        .build(),
                beta().from(BETA_CHANGE)
                        .rates(rates("input", "1", "output", "4", "cache_read", "0.25"))
                        .build(),
                PriceEntry.builder(GAMMA)
                        .rates(rates(
                                "input",
                                "0",
                                "output",
                                "0",
                                "cache_read",
                                "0",
                                "cache_write_5m",
                                "0",
                                "cache_write_1h",
                                "0"))
                        .build(),
                PriceEntry.builder(DELTA)
                        .rates(rates("input", "1.000000000001"))
                        .build(),
                PriceEntry.builder(EPSILON).rates(Rates.of("0.1", "0.1")).build()));
    }

    private static PriceEntry alpha() {
        return PriceEntry.builder(ALPHA)
                .provider("anthropic")
                .alias("claude-alpha-20250929")
                .rates(rates(
                        "input",
                        "3",
                        "output",
                        "15",
                        "cache_read",
                        "0.3",
                        "cache_write_5m",
                        "3.75",
                        "cache_write_1h",
                        "6"))
                .tier(new Tier(
                        Tier.Boundary.ABOVE,
                        200_000,
                        rates(
                                "input",
                                "6",
                                "output",
                                "22.5",
                                "cache_read",
                                "0.6",
                                "cache_write_5m",
                                "7.5",
                                "cache_write_1h",
                                "12")))
                .serviceTier("batch", new ServiceTierRates.Multiplier(new BigDecimal("0.5")))
                .perCall("web_search", new BigDecimal("0.01"))
                .source("the test kit")
                .build();
    }

    private static PriceEntry.Builder beta() {
        return PriceEntry.builder(BETA).provider("openai");
    }

    /**
     * Rates from alternating class names and decimal numbers.
     *
     * @param namesAndRates such as {@code "input", "3", "output", "15"}
     */
    public static Rates rates(String... namesAndRates) {
        Map<TokenClass, BigDecimal> rates = new EnumMap<>(TokenClass.class);
        for (int i = 0; i < namesAndRates.length; i += 2) {
            rates.put(TokenClass.parse(namesAndRates[i]), new BigDecimal(namesAndRates[i + 1]));
        }
        return Rates.of(rates);
    }

    /** A small call of {@link #ALPHA} at {@link #NOW} with this id: 1,000 in, 100 out, 0.0045 USD. */
    public static UsageRecord record(String id) {
        return builder(id).build();
    }

    /** The builder of {@link #record}. */
    public static UsageRecord.Builder builder(String id) {
        return UsageRecord.builder()
                .id(id)
                .timestamp(NOW)
                .model(ALPHA)
                .inputTokens(1_000)
                .outputTokens(100);
    }

    /** A record in which every field is set, each to a value of its own. */
    public static UsageRecord.Builder everyField(String id) {
        return UsageRecord.builder()
                .id(id)
                .timestamp(NOW.plusNanos(123_456_000))
                .model("mirror/claude-alpha")
                .upstreamModel(ALPHA)
                .resource("mirror")
                .provider("anthropic")
                .requestedModel("claude-alpha-20250929")
                .requestId("request-1")
                .sessionId("session-1")
                .conversationId("conversation-1")
                .upstreamRequestId("msg_01")
                .inputTokens(1_001)
                .outputTokens(2_002)
                .cacheCreationInputTokens(3_003)
                .cacheCreation5mInputTokens(1_003)
                .cacheCreation1hInputTokens(1_500)
                .cacheReadInputTokens(4_004)
                .reasoningTokens(505)
                .audioInputTokens(606)
                .imageInputTokens(107)
                .audioOutputTokens(208)
                .imageOutputTokens(309)
                .cachedAudioReadTokens(410)
                .calls("web_search", 3)
                .role("delegate")
                .taskName("email_poll")
                .outcome(Outcome.CANCELED)
                .duration(Duration.ofMillis(12_345))
                .serviceTier("batch")
                .requestedServiceTier("auto")
                .region("us")
                .attribute("team", "görsel 🎨")
                .attribute("project", "apollo")
                .stampedAttributes(List.of("project"))
                .source("samples")
                .aggregate(true)
                .reportedCost(Usd.parse("0.123456789012"))
                .cost(Usd.parse("0.2"))
                .pricingStatus(PricingStatus.PARTIAL)
                .note("output_incomplete");
    }
}
