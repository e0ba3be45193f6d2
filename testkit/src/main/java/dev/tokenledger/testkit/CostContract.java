package dev.tokenledger.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceId;
import dev.tokenledger.pricing.TokenClass;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is promised of the cost that a record gets, and of its explanation. */
abstract class CostContract extends BatchContract {

    @Test
    void cost_isThePriceInForceAtTheCall() {
        clock.set(Instant.parse("2027-01-01T00:00:00Z"));
        UsageRecord.Builder beta = Samples.builder("before")
                .model(Samples.BETA)
                .inputTokens(1_000_000)
                .outputTokens(0);
        append(
                beta.timestamp(Samples.BETA_CHANGE.minusNanos(1_000)).build(),
                beta.id("after").timestamp(Samples.BETA_CHANGE).build());
        assertThat(entry("before").cost().amount()).hasToString("2");
        assertThat(entry("after").cost().amount()).hasToString("1");
        assertThat(entry("after").cost().priceId().orElseThrow().text()).startsWith("openai/gpt-beta@2026-02-01#");
    }

    @Test
    void cost_ofARecordWithoutTimestamp_isThePriceInForceNow() {
        clock.set(Samples.BETA_CHANGE.minusNanos(1));
        append(UsageRecord.builder()
                .id("r1")
                .model(Samples.BETA)
                .inputTokens(1_000_000)
                .build());
        assertThat(entry("r1").cost().amount()).hasToString("2");
    }

    @Test
    void unpriced_isToldFromFree() {
        append(
                Samples.builder("unpriced")
                        .model(Samples.OMEGA)
                        .calls("web_search", 2)
                        .build(),
                Samples.builder("free").model(Samples.GAMMA).build());
        assertThat(entry("free").cost()).isInstanceOf(Cost.Priced.class);
        assertThat(entry("unpriced").cost()).isInstanceOfSatisfying(Cost.Unpriced.class, cost -> {
            assertThat(cost.unpricedTokens()).isEqualTo(Map.of(TokenClass.INPUT, 1_000L, TokenClass.OUTPUT, 100L));
            assertThat(cost.unpricedCalls()).isEqualTo(Map.of("web_search", 2L));
        });
        Summary total = ledger.summary(TimeWindow.all());
        assertThat(total.totalCost()).isEqualTo(Usd.ZERO);
        assertThat(total.pricedRecords()).isEqualTo(1);
        assertThat(total.unpricedRecords()).isEqualTo(1);
    }

    @Test
    void partialCost_namesWhatIsMissing() {
        append(Samples.builder("r1")
                .model(Samples.DELTA)
                .cacheReadInputTokens(5)
                .build());
        assertThat(entry("r1").cost()).isInstanceOfSatisfying(Cost.Partial.class, cost -> {
            assertThat(cost.amount()).hasToString("0.001");
            assertThat(cost.unpricedTokens()).isEqualTo(Map.of(TokenClass.OUTPUT, 100L, TokenClass.CACHE_READ, 5L));
        });
        Summary total = ledger.summary(TimeWindow.all());
        assertThat(total.partialRecords()).isEqualTo(1);
        assertThat(total.fullyPriced()).isFalse();
    }

    @Test
    void notesOfACost_areKept() {
        append(Samples.builder("r1")
                .cacheCreationInputTokens(200_000)
                .serviceTier("batch")
                .build());
        assertThat(entry("r1").cost().notes())
                .containsExactly("service_tier:batch", "tier:above:200000", "cache_write_unattributed");
    }

    @Test
    void givenCost_isKeptAsItIs() {
        append(
                Samples.builder("r1").cost(Usd.parse("7.000000000001")).build(),
                Samples.builder("r2")
                        .cost(Usd.ZERO)
                        .pricingStatus(PricingStatus.UNPRICED)
                        .build());
        assertThat(entry("r1").cost()).isEqualTo(new Cost.Given(Usd.parse("7.000000000001"), PricingStatus.PRICED));
        assertThat(entry("r1").cost().priceId()).contains(PriceId.GIVEN);
        assertThat(entry("r2").cost().status()).isEqualTo(PricingStatus.UNPRICED);
        Summary total = ledger.summary(TimeWindow.all());
        assertThat(total.totalCost()).hasToString("7.000000000001");
        assertThat(total.unpricedRecords()).isEqualTo(1);
    }

    @Test
    void reportedCost_isKeptBesideOurs() {
        append(Samples.builder("r1").reportedCost(Usd.parse("9")).build());
        assertThat(entry("r1").record().reportedCost()).contains(Usd.parse("9"));
        assertThat(ledger.summary(TimeWindow.all()).totalCost()).hasToString("0.0045");
    }

    @Test
    void explanation_comesFromThePriceUsedThen() throws Exception {
        append(Samples.builder("r1").calls("web_search", 1).build());
        var before = ledger.explain(RecordId.of("r1"));
        assertThat(before).hasValueSatisfying(explanation -> {
            assertThat(explanation.total()).hasToString("0.0145");
            assertThat(explanation.lines()).extracting("what").containsExactly("input", "output", "web_search");
            assertThat(explanation.entry().orElseThrow().source()).isEqualTo("the test kit");
        });
        reopen(PriceBook.empty());
        assertThat(ledger.explain(RecordId.of("r1"))).isEqualTo(before);
    }

    /** The price of a snapshot is that of the model that was asked for, and is kept and explained as any other. */
    @Test
    void explanation_ofASnapshot_isThatOfTheRequestedModel() {
        append(Samples.builder("r1")
                .model(Samples.ALPHA + "-20260115")
                .requestedModel(Samples.ALPHA)
                .build());
        assertThat(entry("r1").cost().notes()).contains("requested_model_price");
        assertThat(ledger.explain(RecordId.of("r1"))).hasValueSatisfying(explanation -> {
            assertThat(explanation.lines()).isNotEmpty();
            assertThat(explanation.entry()).isPresent();
        });
    }

    @Test
    void explanation_ofGivenAndUnpricedCosts_hasNoLines() {
        append(
                Samples.builder("given").cost(Usd.parse("7")).build(),
                Samples.builder("unpriced").model(Samples.OMEGA).build());
        for (String id : List.of("given", "unpriced")) {
            assertThat(ledger.explain(RecordId.of(id))).hasValueSatisfying(explanation -> {
                assertThat(explanation.cost()).isEqualTo(entry(id).cost());
                assertThat(explanation.lines()).isEmpty();
                assertThat(explanation.entry()).isEmpty();
            });
        }
        assertThat(ledger.explain(RecordId.of("nobody"))).isEmpty();
    }
}
