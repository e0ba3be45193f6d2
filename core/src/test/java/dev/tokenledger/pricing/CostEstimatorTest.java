package dev.tokenledger.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.usage.PricingStatus;
import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The known answers of a simple price table: opus 15/75 and sonnet 3/15 USD per million. */
class CostEstimatorTest {

    private static final String OPUS = "claude-opus-4-20250514";
    private static final String SONNET = "claude-sonnet-4-20250514";
    private static final int MILLION = 1_000_000;

    private final CostEstimator costs = CostEstimator.of(PriceBook.of(List.of(
            PriceEntry.simple(OPUS, new BigDecimal("15.0"), new BigDecimal("75.0")),
            PriceEntry.simple(SONNET, new BigDecimal("3.0"), new BigDecimal("15.0")))));
    private final ModelIdentity opus = ModelIdentity.ofReference(OPUS);

    @Test
    void inputAndOutput_byModelName() {
        assertUsd(costs.forModel(OPUS, MILLION, 100_000), "22.5");
        assertUsd(costs.forModel("anthropic/" + OPUS, MILLION, 100_000), "22.5");
        assertUsd(costs.forModel(SONNET, MILLION, 100_000), "4.5");
        assertUsd(costs.forModel(OPUS, 1_000, 500), "0.0525");
    }

    @Test
    void inputAndOutput_byIdentity() {
        assertUsd(costs.forIdentity(opus, MILLION, 100_000), "22.5");
    }

    @Test
    void cacheWithoutSplit_isChargedAtTheFiveMinuteRate() {
        assertUsd(costs.withCache(opus, MILLION, MILLION, MILLION, 100_000), "42.75");
        assertUsd(costs.withCache(opus, 0, MILLION, 0, 0), "18.75");
    }

    @Test
    void cacheWithSplit_chargesEachPartAtItsRate() {
        assertUsd(costs.withSplitCache(opus, MILLION, 2 * MILLION, MILLION, MILLION, MILLION, 100_000), "72.75");
    }

    @Test
    void splitAboveTheTotal_countsInFull() {
        assertThat(costs.withSplitCache(opus, 0, 0, MILLION, MILLION, 0, 0).amount())
                .isEqualTo(costs.withSplitCache(opus, 0, 2 * MILLION, MILLION, MILLION, 0, 0)
                        .amount());
    }

    @Test
    void useOfTheMultipliers_isNoted() {
        assertThat(costs.withCache(opus, 0, MILLION, 0, 0).notes())
                .containsExactly("cache_multiplier_fallback", "cache_write_unattributed");
    }

    @Test
    void modelNotInTheTable_isZeroAndUnpriced() {
        Cost cost = costs.forModel("gpt-oss:120b", 1_000, 500);
        assertUsd(cost, "0");
        assertThat(cost.status()).isEqualTo(PricingStatus.UNPRICED);
    }

    @Test
    void emptyTableOrNone_givesZeroAndUnpriced_whateverIsAsked() {
        for (PriceBook table : List.of(PriceBook.of(List.of()), PriceBook.empty())) {
            CostEstimator none = CostEstimator.of(table);
            assertThat(List.of(
                            none.forModel(OPUS, MILLION, 100_000),
                            none.forIdentity(opus, MILLION, 100_000),
                            none.withCache(opus, MILLION, MILLION, MILLION, 100_000),
                            none.withSplitCache(opus, MILLION, 2 * MILLION, MILLION, MILLION, MILLION, 100_000)))
                    .allSatisfy(cost -> {
                        assertUsd(cost, "0");
                        assertThat(cost.status()).isEqualTo(PricingStatus.UNPRICED);
                    });
        }
    }

    @Test
    void nullForATable_isRefusedAtOnce() {
        assertThatNullPointerException().isThrownBy(() -> CostEstimator.of(null));
        assertThatNullPointerException().isThrownBy(() -> CostEstimator.of(PriceBook.empty(), null));
    }

    private static void assertUsd(Cost cost, String usd) {
        assertThat(cost.amount()).hasToString(usd);
    }
}
