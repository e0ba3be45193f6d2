package dev.tokenledger.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceId;
import dev.tokenledger.pricing.Tier;
import dev.tokenledger.pricing.TokenClass;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The rules that other projects' bug reports taught, one test each, seen through a ledger. Each comment is the rule.
 *
 * <p>Rules 1, 11 and 21 are about reading logs and payloads, and are tested where those are read.
 */
public abstract class PitfallRules extends LedgerTests {

    private static final long BOUNDARY = 200_000;

    /** For subclasses, which JUnit makes one of for each test. */
    protected PitfallRules() {}

    /** A long-context tier is chosen by total input, and every token of the call is charged at the crossed tier. */
    @Test
    void rule02_aTierIsChosenByTotalInput_andIsACliff() {
        append(
                Samples.builder("below")
                        .inputTokens(100_000)
                        .cacheReadInputTokens(100_000)
                        .build(),
                Samples.builder("above")
                        .inputTokens(100_000)
                        .cacheReadInputTokens(100_001)
                        .build(),
                // Output is no input, and 1,000,000 is more than 200,000 although it sorts before it as a text.
                Samples.builder("output").inputTokens(1).outputTokens(1_000_000).build(),
                Samples.builder("million")
                        .inputTokens(0)
                        .outputTokens(0)
                        .cacheReadInputTokens(1_000_000)
                        .build());
        assertThat(entry("below").cost().amount()).hasToString("0.3315");
        assertThat(entry("above").cost().amount()).hasToString("0.6622506");
        assertThat(entry("output").cost().amount()).hasToString("15.000003");
        assertThat(entry("million").cost().amount()).hasToString("0.6");
    }

    /** Whether the boundary is "over" or "at or over" is price data per entry. */
    @Test
    void rule03_whetherTheBoundaryItselfIsOver_isPriceData() {
        UsageRecord at =
                Samples.builder("at").inputTokens(BOUNDARY).outputTokens(0).build();
        assertThat(withTier(Tier.Boundary.ABOVE).price(at).notes()).isEmpty();
        assertThat(withTier(Tier.Boundary.AT_LEAST).price(at).notes()).containsExactly("tier:at_least:200000");
        append(
                at,
                Samples.builder("over")
                        .inputTokens(BOUNDARY + 1)
                        .outputTokens(0)
                        .build());
        assertThat(entry("at").cost().amount()).hasToString("0.6");
        assertThat(entry("over").cost().amount()).hasToString("1.200006");
    }

    private static PriceEntry withTier(Tier.Boundary boundary) {
        return PriceEntry.builder(Samples.ALPHA)
                .rates(Samples.rates("input", "1"))
                .tier(new Tier(boundary, BOUNDARY, Samples.rates("input", "2")))
                .build();
    }

    /** Never apply a tier to an aggregate of several calls. */
    @Test
    void rule04_anAggregateIsPricedAtBaseRates_andSaysThatItsTierIsUnknown() {
        append(
                Samples.builder("one").inputTokens(1_000_000).build(),
                Samples.builder("many").inputTokens(1_000_000).aggregate(true).build(),
                Samples.builder("few").aggregate(true).build());
        assertThat(entry("one").cost().notes()).containsExactly("tier:above:200000");
        assertThat(entry("many").cost().notes()).containsExactly("tier_unknown");
        assertThat(entry("many").cost().amount()).hasToString("3.0015");
        assertThat(entry("few").cost().notes()).isEmpty();
    }

    /** 1-hour cache writes have their own rate; unattributed writes are charged at the 5-minute rate and marked. */
    @Test
    void rule05_cacheWritesAreChargedByTheirTimeToLive() {
        append(
                writes("hour").cacheCreation1hInputTokens(100_000).build(),
                writes("minutes").cacheCreation5mInputTokens(100_000).build(),
                writes("unattributed").cacheCreationInputTokens(100_000).build());
        assertThat(entry("hour").cost().amount()).hasToString("0.6");
        assertThat(entry("minutes").cost().amount()).hasToString("0.375");
        assertThat(entry("minutes").cost().notes()).isEmpty();
        assertThat(entry("unattributed").cost().amount()).hasToString("0.375");
        assertThat(entry("unattributed").cost().notes()).containsExactly("cache_write_unattributed");
    }

    private static UsageRecord.Builder writes(String id) {
        return Samples.builder(id).inputTokens(0).outputTokens(0);
    }

    /** Cache rates are explicit per model where known; a multiplier is a labelled fallback. */
    @Test
    void rule06_aCacheRateByMultiplier_isLabelled() {
        UsageRecord cached =
                Samples.builder("cached").cacheReadInputTokens(1_000).build();
        PriceEntry simple = PriceEntry.simple(Samples.ALPHA, new BigDecimal("3"), new BigDecimal("15"));
        assertThat(simple.price(cached).notes()).containsExactly("cache_multiplier_fallback");
        assertThat(simple.price(Samples.record("plain")).notes()).isEmpty();
        append(cached);
        assertThat(entry("cached").cost().notes()).isEmpty();
        // Without a rate and without the fallback nothing is made up.
        append(Samples.builder("made up")
                .model(Samples.DELTA)
                .outputTokens(0)
                .cacheReadInputTokens(9)
                .build());
        assertThat(entry("made up").cost().unpricedTokens()).isEqualTo(Map.of(TokenClass.CACHE_READ, 9L));
    }

    /** Models match by exact id or declared alias. The record names the price entry that was used. */
    @Test
    void rule07_modelsMatchByExactIdOrDeclaredAlias() {
        append(
                Samples.builder("alias").model("claude-alpha-20250929").build(),
                Samples.builder("longer").model("claude-alpha-2").build(),
                Samples.builder("shorter").model("claude-alph").build(),
                Samples.builder("around").model("my-claude-alpha-tuned").build(),
                Samples.builder("case")
                        .model("Claude-Alpha")
                        .provider("anthropic")
                        .build());
        assertThat(entry("alias").cost().priceId())
                .hasValueSatisfying(id -> assertThat(id.text()).matches("anthropic/claude-alpha@\\*#[0-9a-f]{8}"));
        for (String id : List.of("longer", "shorter", "around", "case")) {
            assertThat(entry(id).cost().status()).as(id).isEqualTo(PricingStatus.UNPRICED);
        }
    }

    /** Price by the date of the call. A price change never moves a closed period. */
    @Test
    void rule08_pricesByTheDateOfTheCall() {
        UsageRecord.Builder beta = Samples.builder("january")
                .model(Samples.BETA)
                .inputTokens(1_000_000)
                .outputTokens(0);
        append(
                beta.timestamp(Samples.BETA_CHANGE.minusNanos(1_000)).build(),
                beta.id("february").timestamp(Samples.BETA_CHANGE).build());
        assertThat(entry("january").cost().amount()).hasToString("2");
        assertThat(entry("february").cost().amount()).hasToString("1");
        assertThat(entry("january").cost().priceId())
                .isNotEqualTo(entry("february").cost().priceId());
    }

    /** The second half of rule 8: each record keeps its cost and the id of the price version used. */
    @Test
    void rule08_aNewPriceMovesNoClosedPeriod() throws Exception {
        append(Samples.record("r1"));
        LedgerEntry before = entry("r1");
        Summary total = ledger.summary(TimeWindow.all());
        reopen(PriceBook.of(List.of(PriceEntry.simple(Samples.ALPHA, BigDecimal.TEN, BigDecimal.TEN))));
        ledger.rebuild();
        assertThat(entry("r1")).isEqualTo(before);
        assertThat(ledger.summary(TimeWindow.all())).isEqualTo(total);
    }

    /** Unpriced is not free; every total carries the counts. */
    @Test
    void rule09_unpricedPartialAndFree_areToldApart_inRecordsAndTotals() {
        append(
                Samples.builder("free").model(Samples.GAMMA).build(),
                Samples.builder("partial").model(Samples.DELTA).build(),
                Samples.builder("unpriced").model(Samples.OMEGA).build());
        assertThat(entry("free").cost()).isInstanceOf(Cost.Priced.class);
        assertThat(entry("partial").cost().unpricedTokens()).isEqualTo(Map.of(TokenClass.OUTPUT, 100L));
        assertThat(entry("unpriced").cost().status()).isEqualTo(PricingStatus.UNPRICED);
        Summary total = ledger.summary(TimeWindow.all());
        assertThat(List.of(total.pricedRecords(), total.partialRecords(), total.unpricedRecords()))
                .containsExactly(1L, 1L, 1L);
        assertThat(total.fullyPriced()).isFalse();
        assertThat(ledger.summaryBy(Dimension.MODEL, TimeWindow.all()))
                .filteredOn(row -> row.key().equals(Samples.GAMMA))
                .allMatch(row -> row.summary().fullyPriced());
    }

    /** The same id with the same content changes nothing; with other content it is a conflict that names the field. */
    @Test
    void rule10_aRetryChangesNothing_andAConflictNamesTheField() {
        append(Samples.record("r1"));
        assertThat(ledger.append(Samples.record("r1"))).isEqualTo(duplicate("r1"));
        assertThat(ledger.append(Samples.builder("r1").inputTokens(999).build()))
                .isEqualTo(new AppendResult.Conflict(RecordId.of("r1"), "input_tokens", "1000", "999"));
        assertThat(history()).hasSize(1);
        assertThat(entry("r1").record()).isEqualTo(Samples.record("r1"));
    }

    /** Negative cost cannot arise: impossible usage is rejected at the door. */
    @Test
    void rule12_impossibleUsage_isRejectedAtTheDoor() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Samples.builder("r1").inputTokens(-1).build())
                .withMessageStartingWith("input_tokens: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Samples.builder("r1").reasoningTokens(101).build())
                .withMessageContaining("reasoning_tokens");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Samples.builder("r1").cost(Usd.parse("-0.000000000001")))
                .withMessageStartingWith("cost_usd: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Samples.rates("input", "-1"))
                .withMessageStartingWith("input: ");
        assertThat(history()).isEmpty();
    }

    /** Requested and served model and tier are both kept; price on the served ones when known. */
    @Test
    void rule13_theServedModelAndTierDecideThePrice_andBothAreKept() {
        append(
                Samples.builder("served")
                        .serviceTier("standard")
                        .requestedServiceTier("batch")
                        .requestedModel("claude-omega")
                        .build(),
                Samples.builder("asked").requestedServiceTier("batch").build());
        assertThat(entry("served").cost().amount()).hasToString("0.0045");
        assertThat(entry("served").record().requestedModel()).isEqualTo("claude-omega");
        assertThat(entry("served").record().requestedServiceTier()).isEqualTo("batch");
        assertThat(entry("asked").cost().amount()).hasToString("0.00225");
    }

    /** The provider's own reported cost is kept beside the computed cost, never instead. */
    @Test
    void rule14_aReportedCost_isKeptBesideOurs() {
        append(Samples.builder("r1").reportedCost(Usd.parse("1.5")).build());
        assertThat(entry("r1").record().reportedCost()).contains(Usd.parse("1.5"));
        assertThat(entry("r1").cost().amount()).hasToString("0.0045");
        assertThat(entry("r1").cost().priceId()).isNotEmpty().isNotEqualTo(PriceId.GIVEN);
    }

    /** Tool fees only when they were called. */
    @Test
    void rule15_toolFees_areChargedOnlyForCalls() {
        append(
                Samples.record("none"),
                Samples.builder("zero").calls("web_search", 0).build(),
                Samples.builder("three").calls("web_search", 3).build());
        assertThat(entry("none").cost().amount()).hasToString("0.0045");
        assertThat(entry("zero").cost()).isEqualTo(entry("none").cost());
        assertThat(entry("three").cost().amount()).hasToString("0.0345");
    }

    /** An aborted stream that reported some usage is a record with an outcome, not an absence. */
    @Test
    void rule16_anAbortedCall_isARecordWithItsOutcome() {
        append(
                Samples.builder("r1")
                        .outcome(Outcome.CANCELED)
                        .note("output_incomplete")
                        .build(),
                Samples.builder("r2").outcome(Outcome.ERROR).outputTokens(0).build());
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(2);
        assertThat(ledger.summaryBy(Dimension.OUTCOME, TimeWindow.all()))
                .extracting(GroupedSummary::key)
                .containsExactly("canceled", "error");
    }

    /** Money is decimal: 0.001615, never 0.0016150000000000001; 10,000,000 × 0.0000001 is exactly 1. */
    @Test
    void rule17_moneyIsDecimal() {
        append(
                Samples.builder("r1")
                        .model(Samples.BETA)
                        .inputTokens(1_615)
                        .outputTokens(0)
                        .build(),
                Samples.builder("r2")
                        .model(Samples.EPSILON)
                        .inputTokens(10_000_000)
                        .outputTokens(0)
                        .build());
        assertThat(entry("r1").cost().amount()).hasToString("0.001615");
        assertThat(entry("r2").cost().amount()).isEqualTo(Usd.parse("1")).hasToString("1");
        Usd sum = Usd.ZERO;
        Usd ten = Usd.parse("0.1");
        for (int i = 0; i < 10; i++) {
            sum = sum.plus(ten);
        }
        assertThat(sum).isEqualTo(Usd.parse("1"));
    }

    /** Buckets are calendar periods in the asked zone; a record falls in exactly one. */
    @Test
    void rule18_bucketsAreCalendarPeriodsOfTheAskedZone_andAddUp() {
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        Instant midnight = Instant.parse("2026-03-28T23:00:00Z");
        for (int hour = 0; hour < 48; hour++) {
            append(Samples.builder("h" + hour)
                    .timestamp(midnight.plusSeconds(hour * 3_600L))
                    .build());
        }
        List<GroupedSummary> days = ledger.summaries(SummaryQuery.over(TimeWindow.all())
                .every(CalendarBucket.DAY, berlin)
                .build());
        assertThat(days)
                .extracting(
                        row -> row.bucket().orElseThrow() + " " + row.summary().totalRecords())
                .containsExactly("2026-03-29T00:00+01:00 23", "2026-03-30T00:00+02:00 24", "2026-03-31T00:00+02:00 1");
    }

    /** Record and roll-up commit together or not at all; roll-ups can be checked and rebuilt. */
    @Test
    void rule19_recordsAndRollUps_commitTogetherOrNotAtAll() {
        append(Samples.record("r1"));
        Batch failing = Batch.builder()
                .append(Samples.record("r2"))
                .revise("r1", Samples.builder("r3").outputTokens(7).build(), (inForce, offered) -> {
                    throw new IllegalArgumentException("this merge fails");
                })
                .build();
        assertThatIllegalArgumentException().isThrownBy(() -> ledger.write(failing));
        assertThat(ledger.find(RecordId.of("r2"))).isEmpty();
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
        assertThat(ledger.verify().differences()).isEmpty();
        ledger.rebuild();
        assertThat(ledger.verify().differences()).isEmpty();
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
    }

    /** Every grouping of a window adds up to the same exact figures. */
    @Test
    void rule20_everyGrouping_addsUpToOneTotal() {
        append(
                Samples.everyField("full").build(),
                Samples.record("plain"),
                Samples.builder("dust")
                        .model(Samples.DELTA)
                        .inputTokens(1)
                        .outputTokens(0)
                        .sessionId("s")
                        .build(),
                Samples.builder("reversed").role("x").build());
        ledger.reverse(RecordId.of("reversed"), "");
        TimeWindow window = TimeWindow.of(Samples.NOW, Samples.NOW.plusSeconds(1));
        Summary total = ledger.summary(window);
        assertThat(total.totalCost()).hasToString("0.204501");
        for (Dimension dimension : ListingContract.dimensions()) {
            assertThat(ledger.summaryBy(dimension, window).stream()
                            .map(GroupedSummary::summary)
                            .reduce(Summary.ZERO, Summary::plus))
                    .as(dimension.name())
                    .isEqualTo(total);
        }
    }
}
