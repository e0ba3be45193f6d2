package dev.tokenledger.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tokenledger.money.Usd;
import dev.tokenledger.text.Decimals;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.UsageRecord;
import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cached audio, places, tiers above boundaries, fees by size, other units, and members that nobody understood. */
class PriceClassesTest {

    private static final long MILLION = 1_000_000;

    @Test
    void cachedAudio_hasARateOfItsOwn() {
        PriceEntry entry = entry("input", "1", "output", "2", "cache_read", "0.1", "cached_audio_read", "0.4");
        assertCost(entry, audio(), "0.7", PricingStatus.PRICED);
    }

    @Test
    void partsWithoutARate_areChargedAsTheirWhole_andNoted_reasoningInSilence() {
        PriceEntry entry = entry("input", "1", "output", "2", "cache_read", "0.1");
        Cost cost = assertCost(entry, audio(), "0.4", PricingStatus.PRICED);
        assertThat(cost.notes()).containsExactly("part_at_whole_rate:cached_audio_read");
        Cost parts = entry.price(call().audioInputTokens(MILLION)
                .inputTokens(MILLION)
                .outputTokens(3 * MILLION)
                .reasoningTokens(MILLION)
                .imageOutputTokens(MILLION)
                .build());
        assertThat(parts.notes()).containsExactly("part_at_whole_rate:audio_input", "part_at_whole_rate:image_output");
        assertThat(parts.amount()).isEqualTo(Usd.parse("7"));
    }

    @Test
    void partsWhoseWholeHasNoRateEither_areUnpricedAsTheWhole() {
        Cost cost = assertCost(entry("input", "1", "output", "2"), audio(), "0", PricingStatus.PARTIAL);
        assertThat(cost.unpricedTokens()).isEqualTo(Map.of(TokenClass.CACHE_READ, 4 * MILLION));
        assertThat(cost.notes()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "us | | 3.3 | region:us",
                "US | | 3.3 | region:us",
                "eu | | 7 | region:eu",
                "apac | | 3 | region_at_base_rate:apac",
                "global | | 3 |",
                "not_available | | 3 |",
                "'' | us | 3.3 | region:us",
                "'' | mirror | 3 |",
                "eu | us | 7 | region:eu"
            })
    void placeThatServed_multipliesTokens_orHasRatesOfItsOwn(String region, String resource, String usd, String note) {
        PriceEntry entry = builder("input", "1", "output", "2")
                .region("US", new ServiceTierRates.Multiplier(new BigDecimal("1.1")))
                .region("eu", new ServiceTierRates.Own(Rates.of("3", "4")))
                .build();
        Cost cost = entry.price(call().inputTokens(MILLION)
                .outputTokens(MILLION)
                .region(region)
                .resource(resource == null ? "" : resource)
                .build());
        assertThat(cost.amount()).isEqualTo(Usd.parse(usd));
        assertThat(cost.notes()).isEqualTo(note == null ? List.of() : List.of(note));
        assertThat(cost.status()).isEqualTo(PricingStatus.PRICED);
    }

    @Test
    void placeAndServiceTier_multiplyEachOther_andFeesStay() {
        PriceEntry entry = builder("input", "1", "output", "2")
                .tier(new Tier(Tier.Boundary.ABOVE, 10, rates("input", "10", "output", "20")))
                .region("us", new ServiceTierRates.Multiplier(new BigDecimal("1.1")))
                .region("eu", new ServiceTierRates.Own(Rates.of("3", "4")))
                .serviceTier("batch", new ServiceTierRates.Multiplier(new BigDecimal("0.5")))
                .serviceTier("fast", new ServiceTierRates.Own(Rates.of("6", "12")))
                .perCall("web_search", BigDecimal.ONE)
                .build();
        UsageRecord.Builder call = call().inputTokens(MILLION).calls("web_search", 2);
        // 10 above the boundary, halved and 10 % on it
        assertCost(entry, call.serviceTier("batch").region("us"), "7.5", PricingStatus.PRICED);
        // Rates of one's own end at the boundary: below it they are multiplied.
        assertCost(entry, call().outputTokens(MILLION).serviceTier("fast").region("us"), "13.2", PricingStatus.PRICED);
        assertCost(entry, call().outputTokens(MILLION).serviceTier("batch").region("eu"), "2", PricingStatus.PRICED);
        Cost both = assertCost(
                entry, call().outputTokens(MILLION).serviceTier("fast").region("eu"), "0", PricingStatus.PARTIAL);
        assertThat(both.notes()).containsExactly("region:eu", "service_tier_unpriced:fast");
    }

    @Test
    void ownRatesOfAServiceTier_mayHaveTiersOfTheirOwn() {
        PriceEntry entry = builder("input", "1", "output", "2")
                .tier(new Tier(Tier.Boundary.ABOVE, 200_000, rates("input", "2", "output", "4")))
                .serviceTier(
                        "priority",
                        new ServiceTierRates.Own(
                                rates("input", "3", "output", "6", "cache_read", "0.3"),
                                List.of(new Tier(
                                        Tier.Boundary.AT_LEAST,
                                        300_000,
                                        rates("input", "5", "output", "10", "cache_read", "0.5")))))
                .build();
        UsageRecord.Builder call = call().serviceTier("priority");
        assertThat(assertCost(entry, call.inputTokens(299_999), "0.899997", PricingStatus.PRICED)
                        .notes())
                .containsExactly("service_tier:priority");
        assertThat(assertCost(entry, call.inputTokens(0).cacheReadInputTokens(MILLION), "0.5", PricingStatus.PRICED)
                        .notes())
                .containsExactly("service_tier:priority", "tier:at_least:300000");
        assertThat(PriceEntry.ofText(entry.toText())).isEqualTo(entry);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ServiceTierRates.Own(
                        Rates.NONE,
                        List.of(
                                new Tier(Tier.Boundary.ABOVE, 9, Rates.NONE),
                                new Tier(Tier.Boundary.AT_LEAST, 10, Rates.NONE))))
                .withMessageStartingWith("tiers: two begin at 10");
    }

    @Test
    void requestOfASize_costsThatSizesFee_elseThatOfAnyRequest_elseIsUnpriced() {
        PriceEntry sized = builder()
                .perCall("request", new BigDecimal("0.005"))
                .perCall("request_high", new BigDecimal("0.012"))
                .build();
        assertCost(sized, call().calls("request_high", 1), "0.012", PricingStatus.PRICED);
        assertCost(sized, call().calls("request_low", 2), "0.01", PricingStatus.PRICED);
        assertCost(sized, call().calls("request", 1), "0.005", PricingStatus.PRICED);
        Cost none = assertCost(entry(), call().calls("request_low", 1), "0", PricingStatus.PARTIAL);
        assertThat(none.unpricedCalls()).isEqualTo(Map.of("request_low", 1L));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "web_search",
                "file_search",
                "code_execution",
                "x_search",
                "attachment_search",
                "google_maps",
                "image_generation",
                "image",
                "second",
                "page",
                "character",
                "rerank",
                "a_tool_of_tomorrow"
            })
    void anyDeclaredUnit_isChargedExactly(String unit) {
        PriceEntry entry =
                builder().perCall(unit, new BigDecimal("0.08333333333333334")).build();
        assertCost(entry, call().calls(unit, 12), "1", PricingStatus.PRICED);
        assertCost(entry, call().calls(unit, 7), "0.583333333333", PricingStatus.PRICED);
        assertCost(entry(), call().calls(unit, 7), "0", PricingStatus.PARTIAL);
    }

    @Test
    void memberThatBearsOnThePrice_leavesNoRecordPriced_whateverTheRest() {
        PriceEntry entry = entry("input", "1", "output", "2");
        UsageRecord.Builder call = call().inputTokens(MILLION).note("unpriced_member_holo_tokens");
        Cost cost = assertCost(entry, call, "1", PricingStatus.PARTIAL);
        assertThat(cost.unpricedTokens()).isEmpty();
        assertThat(cost.unpricedCalls()).isEmpty();
        assertCost(entry, call().inputTokens(MILLION).note("unknown_member_mood"), "1", PricingStatus.PRICED);
    }

    @Test
    void idsOfEntriesWithoutTheNewParts_areWhatTheyWere() {
        PriceEntry entry = builder("input", "3", "output", "15", "cache_read", "0.3")
                .hours(DailySpan.parse("16:30-00:30"))
                .tier(new Tier(Tier.Boundary.ABOVE, 200_000, Rates.of("6", "22.5")))
                .serviceTier("batch", new ServiceTierRates.Multiplier(new BigDecimal("0.5")))
                .serviceTier("fast", new ServiceTierRates.Own(Rates.of("30", "150")))
                .build();
        assertThat(entry.toText()).isEqualTo("""
                        model=m
                        hours=16:30-00:30
                        rate.input=3
                        rate.output=15
                        rate.cache_read=0.3
                        tier.above.200000=*
                        tier.above.200000.input=6
                        tier.above.200000.output=22.5
                        service.batch.multiplier=0.5
                        service.fast=*
                        service.fast.input=30
                        service.fast.output=150
                        """);
    }

    private static UsageRecord.Builder call() {
        return UsageRecord.builder().model("m");
    }

    private static UsageRecord.Builder audio() {
        return call().cacheReadInputTokens(4 * MILLION).cachedAudioReadTokens(MILLION);
    }

    private static Cost assertCost(PriceEntry entry, UsageRecord.Builder call, String usd, PricingStatus status) {
        UsageRecord record = call.build();
        Cost cost = entry.price(record);
        assertThat(cost.amount()).isEqualTo(Usd.parse(usd));
        assertThat(cost.status()).isEqualTo(status);
        Explanation explanation = entry.explain(record);
        assertThat(explanation.cost()).isEqualTo(cost);
        assertThat(Usd.rounded(explanation.lines().stream()
                        .flatMap(line -> line.amount().stream())
                        .reduce(BigDecimal.ZERO, BigDecimal::add)))
                .isEqualTo(cost.amount());
        return cost;
    }

    private static PriceEntry entry(String... namesAndRates) {
        return builder(namesAndRates).build();
    }

    private static PriceEntry.Builder builder(String... namesAndRates) {
        return PriceEntry.builder("m").rates(rates(namesAndRates));
    }

    private static Rates rates(String... namesAndRates) {
        Map<TokenClass, BigDecimal> rates = new EnumMap<>(TokenClass.class);
        for (int i = 0; i < namesAndRates.length; i += 2) {
            rates.put(TokenClass.parse(namesAndRates[i]), Decimals.parse(namesAndRates[i + 1]));
        }
        return Rates.of(rates);
    }
}
