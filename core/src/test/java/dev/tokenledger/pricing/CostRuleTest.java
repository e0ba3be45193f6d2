package dev.tokenledger.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Tier.Boundary;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What one entry makes of one record. Rates are chosen so that a million tokens of a class cost a telling figure. */
class CostRuleTest {

    private static final int MILLION = 1_000_000;

    @Test
    void everyClass_isChargedAtItsRate() {
        PriceEntry entry = entry().rates(all("1", "10", "100", "1000", "10000")).build();
        Cost cost = entry.price(record(TokenCounts.builder()
                .input(MILLION)
                .output(2 * MILLION)
                .cacheCreation(7 * MILLION)
                .cacheCreation5m(3 * MILLION)
                .cacheCreation1h(4 * MILLION)
                .cacheRead(5 * MILLION)
                .build()));
        // 1 × 1 + 2 × 10 + 5 × 100 + 3 × 1,000 + 4 × 10,000
        assertPriced(cost, "43521");
        assertThat(cost.priceId()).contains(entry.id());
        assertThat(cost.notes()).isEmpty();
    }

    @Test
    void noTokens_costNothing_andArePriced() {
        assertPriced(entry().build().price(record(TokenCounts.NONE)), "0");
    }

    @Test
    void explicitZero_isPriced_andAMissingRateIsNot() {
        PriceEntry entry = entry().rates(rates(Map.of(TokenClass.INPUT, "0"))).build();
        assertPriced(entry.price(record(TokenCounts.of(5, 0))), "0");
        Cost partial = entry.price(record(TokenCounts.of(5, 7)));
        assertThat(partial).isInstanceOf(Cost.Partial.class);
        assertThat(partial.unpricedTokens()).isEqualTo(Map.of(TokenClass.OUTPUT, 7L));
    }

    @Test
    void unattributedWrites_areChargedAtTheFiveMinuteRate_andSaidSo() {
        PriceEntry entry = entry().rates(all("0", "0", "0", "1", "2")).build();
        Cost cost = entry.price(record(TokenCounts.builder()
                .cacheCreation(6 * MILLION)
                .cacheCreation5m(MILLION)
                .cacheCreation1h(2 * MILLION)
                .build()));
        // 1 + 3 unattributed at 1, 2 at 2
        assertPriced(cost, "8");
        assertThat(cost.notes()).containsExactly("cache_write_unattributed");
    }

    @ParameterizedTest
    @CsvSource({
        "ABOVE, 199999, false", "ABOVE, 200000, false", "ABOVE, 200001, true",
        "AT_LEAST, 199999, false", "AT_LEAST, 200000, true", "AT_LEAST, 200001, true"
    })
    void tier_beginsAtItsBoundary(Boundary boundary, long tokens, boolean crossed) {
        PriceEntry entry = tiered(new Tier(boundary, 200_000, inputAndOutput("2", "4")));
        Cost cost = entry.price(record(TokenCounts.of(tokens, MILLION)));
        BigDecimal input = BigDecimal.valueOf(tokens).movePointLeft(6);
        assertThat(cost.amount().toBigDecimal())
                .isEqualByComparingTo(
                        crossed
                                ? input.multiply(BigDecimal.valueOf(2)).add(BigDecimal.valueOf(4))
                                : input.add(BigDecimal.ONE));
        assertThat(cost.notes()).isEqualTo(crossed ? List.of("tier:" + boundary.text() + ":200000") : List.of());
    }

    @Test
    void tier_isChosenByEverythingThatWasRead_notByOutput() {
        PriceEntry entry = entry().rates(all("1", "1", "1", "1", "1"))
                .tier(new Tier(Boundary.ABOVE, 299, all("2", "2", "2", "2", "2")))
                .build();
        assertThat(entry.price(record(TokenCounts.builder()
                                .input(100)
                                .output(9_999)
                                .cacheCreation(99)
                                .cacheRead(100)
                                .build()))
                        .notes())
                .containsExactly("cache_write_unattributed");
        assertThat(entry.price(record(TokenCounts.builder()
                                .input(100)
                                .cacheCreation(100)
                                .cacheCreation1h(100)
                                .cacheRead(100)
                                .build()))
                        .notes())
                .containsExactly("tier:above:299");
    }

    @Test
    void highestCrossedTier_countsAlone() {
        PriceEntry entry = tiered(
                new Tier(Boundary.ABOVE, 1_000_000, inputAndOutput("30", "0")),
                new Tier(Boundary.ABOVE, 9_000, inputAndOutput("10", "0")),
                new Tier(Boundary.AT_LEAST, 200_000, inputAndOutput("20", "0")));
        assertThat(entry.tiers()).extracting(Tier::threshold).containsExactly(9_000L, 200_000L, 1_000_000L);
        assertPriced(entry.price(record(TokenCounts.of(9_000, 0))), "0.009");
        assertPriced(entry.price(record(TokenCounts.of(100_000, 0))), "1");
        assertPriced(entry.price(record(TokenCounts.of(200_000, 0))), "4");
        assertPriced(entry.price(record(TokenCounts.of(1_000_001, 0))), "30.00003");
    }

    @Test
    void classThatACrossedTierDoesNotName_isUnpriced() {
        PriceEntry entry = entry().rates(all("1", "1", "1", "1", "1"))
                .tier(new Tier(Boundary.ABOVE, 10, inputAndOutput("2", "2")))
                .build();
        Cost cost = entry.price(
                record(TokenCounts.builder().input(MILLION).cacheRead(7).build()));
        assertThat(cost.status()).isEqualTo(PricingStatus.PARTIAL);
        assertThat(cost.amount()).hasToString("2");
        assertThat(cost.unpricedTokens()).isEqualTo(Map.of(TokenClass.CACHE_READ, 7L));
    }

    @Test
    void aggregate_isNeverMovedToATier() {
        PriceEntry entry = tiered(new Tier(Boundary.ABOVE, 10, inputAndOutput("2", "2")));
        Cost above =
                entry.price(builder(TokenCounts.of(MILLION, 0)).aggregate(true).build());
        assertPriced(above, "1");
        assertThat(above.notes()).containsExactly("tier_unknown");
        // No single call of it can have crossed what all together did not.
        assertThat(entry.price(builder(TokenCounts.of(10, 0)).aggregate(true).build())
                        .notes())
                .isEmpty();
    }

    @Test
    void passes_areEachInTheTierThatTheyReach_notInThatOfTheirSum() {
        PriceEntry entry = entry().rates(inputAndOutput("1", "10"))
                .tier(new Tier(Boundary.ABOVE, 100, inputAndOutput("2", "20")))
                .tier(new Tier(Boundary.AT_LEAST, 500, inputAndOutput("3", "30")))
                .build();
        List<TokenCounts> passes =
                List.of(TokenCounts.of(100, 1), TokenCounts.of(101, 2), TokenCounts.of(500, 4), TokenCounts.of(60, 8));
        UsageRecord record = builder(passes.stream().reduce(TokenCounts.NONE, TokenCounts::plus))
                .passes(passes)
                .aggregate(true)
                .build();
        // 160 × 1 + 9 × 10 + 101 × 2 + 2 × 20 + 500 × 3 + 4 × 30
        assertPriced(entry.price(record), "0.002112");
        assertThat(entry.price(record).notes()).containsExactly("tier:above:100", "tier:at_least:500");
        assertThat(entry.explain(record).lines().stream().map(Explanation.Line::count))
                .containsExactly(160L, 9L, 101L, 2L, 500L, 4L);
        UsageRecord small = builder(TokenCounts.of(160, 2))
                .passes(List.of(TokenCounts.of(80, 1), TokenCounts.of(80, 1)))
                .aggregate(true)
                .build();
        assertPriced(entry.price(small), "0.00018");
        assertThat(entry.price(small).notes()).isEmpty();
    }

    @Test
    void passesThatDoNotAddUp_areLeftOut() {
        UsageRecord record = builder(TokenCounts.of(160, 2))
                .passes(List.of(TokenCounts.of(80, 1), TokenCounts.of(81, 1)))
                .build();
        assertThat(record.passes()).isEmpty();
    }

    @Test
    void parts_areChargedAtTheirOwnRate_orAsTheirWhole() {
        TokenCounts tokens = TokenCounts.builder()
                .input(10)
                .output(100)
                .reasoning(20)
                .audioInput(3)
                .imageInput(2)
                .audioOutput(30)
                .imageOutput(10)
                .build();
        Map<TokenClass, String> rates = new EnumMap<>(TokenClass.class);
        rates.put(TokenClass.INPUT, "1000");
        rates.put(TokenClass.OUTPUT, "1000");
        assertPriced(entry().rates(rates(rates)).build().price(record(tokens)), "0.11");
        rates.put(TokenClass.REASONING, "2000");
        rates.put(TokenClass.AUDIO_INPUT, "10000");
        rates.put(TokenClass.IMAGE_OUTPUT, "0");
        // input 7 (2 of them images) + 3 audio, output 70 + 20 reasoning + 10 images for nothing
        assertPriced(entry().rates(rates(rates)).build().price(record(tokens)), "0.147");
        rates.remove(TokenClass.OUTPUT);
        Cost partial = entry().rates(rates(rates)).build().price(record(tokens));
        assertThat(partial.unpricedTokens()).isEqualTo(Map.of(TokenClass.OUTPUT, 70L));
        assertThat(partial.amount()).hasToString("0.077");
    }

    @Test
    void multiplierOfAServiceTier_touchesTokensAndTiers_butNoFees() {
        PriceEntry entry = entry().rates(inputAndOutput("1", "1"))
                .tier(new Tier(Boundary.ABOVE, MILLION, inputAndOutput("2", "2")))
                .serviceTier("Batch", new ServiceTierRates.Multiplier(new BigDecimal("0.5")))
                .perCall("web_search", new BigDecimal("0.01"))
                .build();
        Cost below = entry.price(builder(TokenCounts.of(MILLION, 0))
                .serviceTier("batch")
                .calls("web_search", 2)
                .build());
        assertPriced(below, "0.52");
        assertThat(below.notes()).containsExactly("service_tier:batch");
        Cost above = entry.price(
                builder(TokenCounts.of(2 * MILLION, 0)).serviceTier("BATCH").build());
        assertPriced(above, "2");
        assertThat(above.notes()).containsExactly("service_tier:batch", "tier:above:1000000");
    }

    @Test
    void ownRatesOfAServiceTier_areStatedBelowEveryBoundary() {
        PriceEntry entry = entry().rates(inputAndOutput("1", "1"))
                .tier(new Tier(Boundary.ABOVE, 100, inputAndOutput("2", "2")))
                .serviceTier("flex", new ServiceTierRates.Own(rates(Map.of(TokenClass.INPUT, "7"))))
                .build();
        Cost below =
                entry.price(builder(TokenCounts.of(100, 5)).serviceTier("flex").build());
        assertThat(below.amount()).hasToString("0.0007");
        assertThat(below.unpricedTokens()).isEqualTo(Map.of(TokenClass.OUTPUT, 5L));
        Cost above =
                entry.price(builder(TokenCounts.of(101, 5)).serviceTier("flex").build());
        assertThat(above.amount()).isEqualTo(Usd.ZERO);
        assertThat(above.unpricedTokens()).isEqualTo(Map.of(TokenClass.INPUT, 101L, TokenClass.OUTPUT, 5L));
    }

    @Test
    void unknownServiceTier_leavesTokensUnpriced() {
        PriceEntry entry = entry().rates(inputAndOutput("1", "1"))
                .perCall("web_search", new BigDecimal("0.01"))
                .build();
        Cost cost = entry.price(builder(TokenCounts.of(10, 20))
                .serviceTier("Priority")
                .calls("web_search", 1)
                .build());
        assertThat(cost.unpricedTokens()).isEqualTo(Map.of(TokenClass.INPUT, 10L, TokenClass.OUTPUT, 20L));
        assertThat(cost.amount()).hasToString("0.01");
        assertThat(cost.notes()).containsExactly("service_tier_unpriced:priority");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "standard", "Default", "auto", "standard_only", "on_demand", "on-demand"})
    void ordinaryServiceTier_goesByManyNames(String name) {
        Cost cost = entry().rates(inputAndOutput("1", "1"))
                .build()
                .price(builder(TokenCounts.of(MILLION, 0)).serviceTier(name).build());
        assertPriced(cost, "1");
        assertThat(cost.notes()).isEmpty();
    }

    @Test
    void requestedServiceTier_countsOnlyWhileTheServedOneIsUnknown() {
        PriceEntry entry = entry().rates(inputAndOutput("1", "1"))
                .serviceTier("batch", new ServiceTierRates.Multiplier(new BigDecimal("0.5")))
                .build();
        assertPriced(
                entry.price(builder(TokenCounts.of(MILLION, 0))
                        .requestedServiceTier("batch")
                        .build()),
                "0.5");
        assertPriced(
                entry.price(builder(TokenCounts.of(MILLION, 0))
                        .serviceTier("default")
                        .requestedServiceTier("batch")
                        .build()),
                "1");
    }

    @Test
    void fees_areChargedPerCall_andAMissingFeeIsUnpriced() {
        PriceEntry entry = entry().rates(inputAndOutput("1", "1"))
                .perCall("web_search", new BigDecimal("0.01"))
                .perCall("request", BigDecimal.ZERO)
                .build();
        Cost cost = entry.price(builder(TokenCounts.NONE)
                .calls("web_search", 3)
                .calls("request", 1)
                .calls("code_execution", 2)
                .build());
        assertThat(cost.amount()).hasToString("0.03");
        assertThat(cost.status()).isEqualTo(PricingStatus.PARTIAL);
        assertThat(cost.unpricedTokens()).isEmpty();
        assertThat(cost.unpricedCalls()).isEqualTo(Map.of("code_execution", 2L));
        assertPriced(entry.price(record(TokenCounts.NONE)), "0");
    }

    @Test
    void fallbackMultipliers_areUsedForMissingCacheRatesAlone_andNotedOnlyThen() {
        Map<TokenClass, String> stated =
                Map.of(TokenClass.INPUT, "1", TokenClass.OUTPUT, "1", TokenClass.CACHE_READ, "0.5");
        PriceEntry entry = entry().rates(rates(stated))
                .cacheByMultiplier(true)
                .tier(new Tier(Boundary.ABOVE, 100 * MILLION, all("1", "1", "1", "1", "1")))
                .serviceTier("flex", new ServiceTierRates.Own(inputAndOutput("1", "1")))
                .serviceTier("batch", new ServiceTierRates.Multiplier(new BigDecimal("0.5")))
                .build();
        TokenCounts reads = TokenCounts.builder().cacheRead(MILLION).build();
        TokenCounts writes = TokenCounts.builder()
                .cacheCreation(2 * MILLION)
                .cacheCreation5m(MILLION)
                .cacheCreation1h(MILLION)
                .build();
        assertPriced(entry.price(record(reads)), "0.5");
        assertThat(entry.price(record(reads)).notes()).isEmpty();
        assertPriced(entry.price(record(writes)), "3.25");
        assertThat(entry.price(record(writes)).notes()).containsExactly("cache_multiplier_fallback");
        assertPriced(entry.price(builder(writes).serviceTier("batch").build()), "1.625");
        assertThat(entry.price(builder(writes).serviceTier("batch").build()).notes())
                .containsExactly("service_tier:batch", "cache_multiplier_fallback");
        // A service tier's own rates and a tier that states its cache rates make nothing up.
        Cost flex = entry.price(builder(writes).serviceTier("flex").build());
        assertThat(flex.unpricedTokens()).containsOnlyKeys(TokenClass.CACHE_WRITE_5M, TokenClass.CACHE_WRITE_1H);
        assertThat(flex.notes()).containsExactly("service_tier:flex");
        TokenCounts huge = TokenCounts.builder()
                .cacheCreation(200L * MILLION)
                .cacheCreation5m(200L * MILLION)
                .build();
        assertThat(entry.price(record(huge)).notes()).containsExactly("tier:above:100000000");
    }

    @Test
    void fallbackMultipliers_needAnInputRate() {
        PriceEntry entry = entry().rates(rates(Map.of(TokenClass.OUTPUT, "1")))
                .cacheByMultiplier(true)
                .build();
        Cost cost = entry.price(record(TokenCounts.builder().cacheRead(5).build()));
        assertThat(cost.unpricedTokens()).isEqualTo(Map.of(TokenClass.CACHE_READ, 5L));
        assertThat(cost.notes()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        // tokens × rate ÷ 10⁶, at and around a tie of 0.5 × 10⁻¹²
        "1, 0.0000005, 0", "1, 0.000000500001, 0.000000000001", "3, 0.0000005, 0.000000000002",
        "5, 0.0000005, 0.000000000002", "7, 0.0000005, 0.000000000004", "1, 0.000000499999, 0",
        "999999999999, 0.000000000001, 0.000001"
    })
    void amount_isRoundedOnce_halfEven(long tokens, String rate, String usd) {
        PriceEntry entry = entry().rates(rates(Map.of(TokenClass.INPUT, rate))).build();
        assertPriced(entry.price(record(TokenCounts.of(tokens, 0))), usd);
    }

    @Test
    void amount_isRoundedAfterTheSum_notClassByClass() {
        PriceEntry entry = entry().rates(inputAndOutput("0.0000004", "0.0000004"))
                .perCall("request", new BigDecimal("0.000000000001"))
                .build();
        assertPriced(entry.price(record(TokenCounts.of(1, 1))), "0.000000000001");
        assertPriced(
                entry.price(builder(TokenCounts.of(1, 1)).calls("request", 1).build()), "0.000000000002");
    }

    @Test
    void amount_aboveNineMillion_isRefusedByName() {
        PriceEntry entry = entry().rates(inputAndOutput("9", "0.000001")).build();
        assertPriced(entry.price(record(TokenCounts.of(TokenCounts.LIMIT, 0))), "9000000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> entry.price(record(TokenCounts.of(TokenCounts.LIMIT, 1))))
                .withMessage("cost_usd: one record costs at most 9000000 USD, this one comes to 9000000.000000000001 "
                        + "at price " + entry.id());
    }

    @Test
    void explanation_multipliesLineByLine_andAddsUp() {
        PriceEntry entry = entry().rates(
                        rates(Map.of(TokenClass.INPUT, "3", TokenClass.OUTPUT, "15", TokenClass.REASONING, "20")))
                .perCall("web_search", new BigDecimal("0.01"))
                .build();
        Explanation explanation = entry.explain(builder(TokenCounts.builder()
                        .input(1_000)
                        .output(100)
                        .cacheRead(7)
                        .reasoning(40)
                        .build())
                .calls("web_search", 2)
                .build());
        assertThat(explanation.lines())
                .containsExactly(
                        line("input", Explanation.Unit.TOKENS, 1_000, "3", "0.003"),
                        new Explanation.Line(
                                "cache_read", Explanation.Unit.TOKENS, 7, Optional.empty(), Optional.empty()),
                        line("reasoning", Explanation.Unit.TOKENS, 40, "20", "0.0008"),
                        line("output", Explanation.Unit.TOKENS, 60, "15", "0.0009"),
                        line("web_search", Explanation.Unit.CALLS, 2, "0.01", "0.02"));
        assertThat(explanation.total()).hasToString("0.0247");
        assertThat(explanation.entry()).contains(entry);
    }

    private static Explanation.Line line(String what, Explanation.Unit unit, long count, String rate, String amount) {
        // Scales differ with the way of a figure; what counts is its value.
        return new Explanation.Line(
                what, unit, count, Optional.of(new BigDecimal(rate)), Optional.of(new BigDecimal(amount)));
    }

    private static void assertPriced(Cost cost, String usd) {
        assertThat(cost).isInstanceOf(Cost.Priced.class);
        assertThat(cost.amount()).hasToString(usd);
    }

    private static PriceEntry tiered(Tier... tiers) {
        PriceEntry.Builder builder = entry().rates(inputAndOutput("1", "1"));
        for (Tier tier : tiers) {
            builder.tier(tier);
        }
        return builder.build();
    }

    private static PriceEntry.Builder entry() {
        return PriceEntry.builder("m");
    }

    private static Rates inputAndOutput(String input, String output) {
        return Rates.of(input, output);
    }

    private static Rates all(String input, String output, String read, String write5m, String write1h) {
        return rates(Map.of(
                TokenClass.INPUT,
                input,
                TokenClass.OUTPUT,
                output,
                TokenClass.CACHE_READ,
                read,
                TokenClass.CACHE_WRITE_5M,
                write5m,
                TokenClass.CACHE_WRITE_1H,
                write1h));
    }

    private static Rates rates(Map<TokenClass, String> perMillion) {
        Map<TokenClass, BigDecimal> rates = new EnumMap<>(TokenClass.class);
        perMillion.forEach((tokenClass, rate) -> rates.put(tokenClass, new BigDecimal(rate)));
        return Rates.of(rates);
    }

    private static UsageRecord record(TokenCounts tokens) {
        return builder(tokens).build();
    }

    private static UsageRecord.Builder builder(TokenCounts tokens) {
        return UsageRecord.builder().id("r").model("m").tokens(tokens);
    }
}
