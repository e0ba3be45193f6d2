package dev.tokenledger.summary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SummaryTest {

    private static final UsageRecord RECORD = UsageRecord.builder()
            .model("m")
            .tokens(TokenCounts.builder()
                    .input(1)
                    .output(20)
                    .cacheCreation(30)
                    .cacheCreation5m(4)
                    .cacheCreation1h(5)
                    .cacheRead(6)
                    .reasoning(7)
                    .build())
            .build();

    @Test
    void summary_ofOneRecord_hasItsFigures() {
        Summary priced = Summary.of(RECORD, new Cost.Given(Usd.parse("9"), PricingStatus.PRICED));
        assertThat(priced)
                .isEqualTo(Summary.builder()
                        .totalRecords(1)
                        .totalInputTokens(1)
                        .totalOutputTokens(20)
                        .totalCacheCreationInputTokens(30)
                        .totalCacheCreation5mInputTokens(4)
                        .totalCacheCreation1hInputTokens(5)
                        .totalCacheReadInputTokens(6)
                        .totalReasoningTokens(7)
                        .totalCost(Usd.parse("9"))
                        .build());
        assertThat(priced.pricedRecords()).isEqualTo(1);
        assertThat(priced.fullyPriced()).isTrue();
        Summary partial = Summary.of(RECORD, new Cost.Given(Usd.parse("9"), PricingStatus.PARTIAL));
        assertThat(partial.pricedRecords()).isZero();
        assertThat(partial.partialRecords()).isEqualTo(1);
        Summary unpriced = Summary.of(RECORD, new Cost.Given(Usd.ZERO, PricingStatus.UNPRICED));
        assertThat(unpriced.unpricedRecords()).isEqualTo(1);
        assertThat(unpriced.fullyPriced()).isFalse();
    }

    @Test
    void summary_isWhollyUnpriced_whenItHasRecordsAndNoneHasAPrice() {
        Summary priced = Summary.of(RECORD, new Cost.Given(Usd.parse("9"), PricingStatus.PRICED));
        Summary partial = Summary.of(RECORD, new Cost.Given(Usd.parse("9"), PricingStatus.PARTIAL));
        Summary unpriced = Summary.of(RECORD, new Cost.Given(Usd.ZERO, PricingStatus.UNPRICED));
        assertThat(unpriced.whollyUnpriced()).isTrue();
        assertThat(unpriced.plus(unpriced).whollyUnpriced()).isTrue();
        assertThat(unpriced.plus(priced).whollyUnpriced()).isFalse();
        assertThat(partial.whollyUnpriced()).isFalse();
        assertThat(Summary.ZERO.whollyUnpriced()).isFalse();
    }

    @Test
    void negated_takesBackExactly() {
        for (PricingStatus status : PricingStatus.values()) {
            Summary summary = Summary.of(RECORD, new Cost.Given(Usd.parse("9"), status));
            assertThat(summary.plus(summary.negated())).isEqualTo(Summary.ZERO);
            assertThat(summary.plus(Summary.ZERO)).isEqualTo(summary);
        }
    }

    @Test
    void countBeyondALong_isAnErrorNotAWrongFigure() {
        Summary most = Summary.builder()
                .totalRecords(1)
                .totalInputTokens(Long.MAX_VALUE)
                .build();
        assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> most.plus(most));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0",
        "5, 0, 1.0000",
        "0, 5, 0.0000",
        "2, 1, 0.6667",
        "1, 2, 0.3333",
        "1, 19999, 0.0000",
        "3, 19997, 0.0002",
        "9000000000000000000, 9000000000000000000, 0.5000"
    })
    void cacheHitRate_isReadsOfReadsAndWrites(long reads, long writes, String rate) {
        assertThat(Summary.builder()
                        .totalRecords(1)
                        .totalCacheCreationInputTokens(writes)
                        .totalCacheReadInputTokens(reads)
                        .build()
                        .cacheHitRate())
                .hasToString(rate);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0, 0",
        "5, 0, 0, 1.0000",
        "5, 0, 15, 0.2500",
        "0, 5, 5, 0.0000",
        "2, 1, 3, 0.3333",
        "9000000000000000000, 9000000000000000000, 9000000000000000000, 0.3333"
    })
    void cacheReadShare_isReadsOfAllInput(long reads, long writes, long input, String share) {
        assertThat(Summary.builder()
                        .totalRecords(1)
                        .totalInputTokens(input)
                        .totalCacheCreationInputTokens(writes)
                        .totalCacheReadInputTokens(reads)
                        .build()
                        .cacheReadShare())
                .hasToString(share);
    }

    @Test
    void summary_countsARecordOfSeveralDoubts_onceInEach_andOnceInAll() {
        Cost cost = new Cost.Given(Usd.parse("9"), PricingStatus.PRICED);
        Summary both = Summary.of(
                RECORD.toBuilder()
                        .note("output_incomplete")
                        .note("cache_split_missing")
                        .note("total_differs")
                        .build(),
                cost);
        Summary other = Summary.of(RECORD.toBuilder().note("model_missing").build(), cost);
        Summary none = Summary.of(RECORD.toBuilder().note("http_200").build(), cost);
        assertThat(both.doubts()).isEqualTo(new Doubts(1, 1, 1));
        assertThat(both.plus(other).plus(none).doubts()).isEqualTo(new Doubts(2, 1, 1));
        assertThat(both.plus(other).plus(both.negated()).doubts()).isEqualTo(new Doubts(1, 0, 0));
        assertThat(none.doubts()).isEqualTo(Doubts.NONE);
    }
}
