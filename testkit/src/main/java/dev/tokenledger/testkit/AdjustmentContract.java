package dev.tokenledger.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerEntry.Kind;
import dev.tokenledger.Merge;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.ReversalResult;
import dev.tokenledger.WriteResult;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is promised of adjustments: amounts that no record stands for add to costs alone, and can be taken back. */
abstract class AdjustmentContract extends RevaluationContract {

    private static final RecordId A1 = RecordId.of("a1");
    private static final Usd QUARTER = Usd.parse("-0.25");

    private static UsageRecord.Builder adjustment(String id) {
        return UsageRecord.builder()
                .id(id)
                .timestamp(Samples.NOW)
                .model("adjustment")
                .provider("openai")
                .source("bill:openai")
                .attribute("team", "a");
    }

    private static Batch.Step.Adjust step(UsageRecord record, Usd amount) {
        return new Batch.Step.Adjust(record, amount, "credit of March");
    }

    private WriteResult adjust(UsageRecord record, Usd amount) {
        return write(ledger, step(record, amount));
    }

    private static WriteResult write(Ledger to, Batch.Step step) {
        return to.write(Batch.builder().step(step).build()).get(0);
    }

    private Summary total() {
        return ledger.summary(TimeWindow.all());
    }

    @Test
    void adjustment_countsAsMoneyAlone_byItsDimensionsAndItsInstant() {
        append(Samples.record("r1"));
        Summary before = total();
        assertThat(adjust(adjustment("a1").sessionId("s").build(), QUARTER)).isEqualTo(appended("a1"));

        Summary total = total();
        assertThat(total.totalCost()).isEqualTo(before.totalCost().plus(QUARTER));
        assertThat(total.totalRecords()).isEqualTo(1);
        assertThat(total.pricedRecords()).isEqualTo(1);
        assertThat(total.plus(Summary.ofAmount(QUARTER.negated()))).isEqualTo(before);
        assertThat(ledger.summary(TimeWindow.of(Samples.NOW, Samples.NOW.plusNanos(1_000))))
                .isEqualTo(total);
        assertThat(ledger.summary(TimeWindow.of(Samples.NOW.plusNanos(1_000), TimeWindow.MAX)))
                .isEqualTo(Summary.ZERO);
        assertThat(ledger.sessionTotal("s")).isEqualTo(Summary.ofAmount(QUARTER));
        for (Dimension dimension : List.of(
                Dimension.MODEL,
                Dimension.PROVIDER,
                Dimension.SOURCE,
                Dimension.SESSION,
                Dimension.attribute("team"))) {
            assertThat(ledger.summaryBy(dimension, TimeWindow.all()))
                    .as(dimension.name())
                    .extracting(GroupedSummary::summary)
                    .contains(Summary.ofAmount(QUARTER));
        }
        assertThat(ledger.summaryBy(Dimension.PRICING_STATUS, TimeWindow.all()))
                .extracting(GroupedSummary::summary)
                .containsExactly(total);
        assertThat(ledger.verify().differences()).isEmpty();
        ledger.rebuild();
        assertThat(total()).isEqualTo(total);
    }

    @Test
    void adjustment_isListedWithRecordsInForce_untilItIsReversed() {
        append(Samples.record("r1"));
        adjust(adjustment("a1").build(), QUARTER);
        LedgerEntry entry = entry("a1");
        assertThat(entry.kind()).isEqualTo(Kind.ADJUSTMENT);
        assertThat(entry.inForce()).isTrue();
        assertThat(entry.record()).isEqualTo(adjustment("a1").build());
        assertThat(entry.cost()).isEqualTo(new Cost.Given(QUARTER, PricingStatus.PRICED));
        assertThat(entry.adjustment().orElseThrow().reason()).isEqualTo("credit of March");
        assertThat(entry.recorded()).isEqualTo(clock.instant());
        assertThat(ledger.explain(A1).orElseThrow().cost()).isEqualTo(entry.cost());
        RecordQuery.Builder query = RecordQuery.over(TimeWindow.all());
        assertThat(ledger.records(query.build()).entries()).contains(entry).hasSize(2);

        clock.advance(Duration.ofDays(1));
        RecordId id = ((ReversalResult.Reversed) ledger.reverse(A1, "booked twice")).reversal();
        assertThat(total().totalCost()).isEqualTo(entry("r1").cost().amount());
        LedgerEntry reversal = entry(id.value());
        assertThat(reversal.kind()).isEqualTo(Kind.REVERSAL);
        assertThat(reversal.record()).isEqualTo(entry.record());
        assertThat(reversal.cost()).isEqualTo(entry.cost());
        assertThat(reversal.adjustment()).isEqualTo(entry.adjustment());
        assertThat(entry("a1").inForce()).isFalse();
        assertThat(entry("a1").reversal()).isEqualTo(reversal.reversal());
        assertThat(ledger.records(query.build()).entries())
                .extracting(LedgerEntry::id)
                .containsExactly(RecordId.of("r1"));
        assertThat(ledger.records(query.history(true).build()).entries()).hasSize(3);
        assertThat(ledger.reverse(A1, "")).isEqualTo(new ReversalResult.AlreadyReversed(A1));
        assertThat(ledger.reverse(id, "")).isEqualTo(new ReversalResult.NotFound(id));
        assertThat(ledger.verify().differences()).isEmpty();
    }

    @Test
    void adjustment_again_isADuplicate_andAnythingElseUnderItsIdAConflict() {
        UsageRecord record = adjustment("a1").build();
        append(Samples.record("r1"));
        assertThat(adjust(record, QUARTER)).isEqualTo(appended("a1"));
        assertThat(adjust(record, QUARTER)).isEqualTo(duplicate("a1"));
        assertThat(adjust(record, Usd.parse("1"))).isEqualTo(new AppendResult.Conflict(A1, "cost_usd", "-0.25", "1"));
        assertThat(adjust(adjustment("a1").role("x").build(), QUARTER))
                .isEqualTo(new AppendResult.Conflict(A1, "role", "", "x"));
        assertThat(write(ledger, new Batch.Step.Adjust(record, QUARTER, "why")))
                .isEqualTo(new AppendResult.Conflict(A1, "reason", "credit of March", "why"));
        assertThat(adjust(adjustment("r1").build(), QUARTER))
                .isEqualTo(new AppendResult.Conflict(RecordId.of("r1"), "id", "a record", "an adjustment"));
        assertThat(ledger.append(record)).isEqualTo(new AppendResult.Conflict(A1, "id", "an adjustment", "a record"));
        assertThat(ledger.revise("a1", Samples.record("any"), Merge.LATEST)).isEqualTo(duplicate("a1"));
        assertThat(ledger.replace(A1, Samples.record("r2"), "")).isEqualTo(new ReversalResult.NotFound(A1));
        assertThat(write(
                        ledger,
                        new Batch.Step.Revalue(entry("r1"), entry("r1").cost(), Optional.empty(), "run", "why")))
                .isEqualTo(duplicate("r1"));
        ledger.reverse(A1, "");
        assertThat(adjust(record, QUARTER)).isEqualTo(duplicate("a1"));
        assertThat(total())
                .isEqualTo(Summary.of(entry("r1").record(), entry("r1").cost()));
        assertThat(history()).hasSize(3);
    }

    @Test
    void adjustments_thatComeToNothing_leaveNoGroup_andAreListedAllTheSame() {
        adjust(adjustment("a1").build(), QUARTER);
        adjust(adjustment("a2").build(), QUARTER.negated());
        assertThat(total()).isEqualTo(Summary.ZERO);
        assertThat(ledger.summaryBy(Dimension.MODEL, TimeWindow.all())).isEmpty();
        assertThat(ledger.summaries(SummaryQuery.over(TimeWindow.all())
                        .every(CalendarBucket.DAY, ZoneOffset.UTC)
                        .build()))
                .isEmpty();
        assertThat(ledger.records(RecordQuery.over(TimeWindow.all())
                                .where(Dimension.PROVIDER, "openai")
                                .build())
                        .entries())
                .hasSize(2);
    }

    @Test
    void adjustment_ofAClosedPeriod_isRefused_andSoIsItsReversal() {
        Instant end = Samples.NOW.plusSeconds(1);
        adjust(adjustment("a1").build(), QUARTER);
        ledger.markPeriod(Optional.of(end), ZoneId.of("UTC"), "over");
        assertThat(adjust(adjustment("a2").build(), QUARTER))
                .isEqualTo(new AppendResult.Rejected(
                        RecordId.of("a2"),
                        "timestamp",
                        "timestamp: the adjustment lies before " + end + ", and what happened then is closed"));
        assertThat(adjust(adjustment("a1").build(), QUARTER)).isEqualTo(duplicate("a1"));
        assertThat(ledger.reverse(A1, "")).isEqualTo(new ReversalResult.PeriodClosed(A1, end));
        assertThat(adjust(adjustment("a3").timestamp(end).build(), QUARTER)).isEqualTo(appended("a3"));
    }

    @Test
    void totalAsOfAnInstant_hasTheAdjustmentsOfThen() {
        adjust(adjustment("a1").build(), QUARTER);
        Instant first = clock.instant();
        clock.advance(Duration.ofHours(1));
        ledger.reverse(A1, "");
        SummaryQuery.Builder query = SummaryQuery.over(TimeWindow.all());
        assertThat(asOf(query, first.minusNanos(1_000))).isEqualTo(Summary.ZERO);
        assertThat(asOf(query, first)).isEqualTo(Summary.ofAmount(QUARTER));
        assertThat(asOf(query, clock.instant())).isEqualTo(Summary.ZERO);
    }

    private Summary asOf(SummaryQuery.Builder query, Instant instant) {
        return ledger.summaries(query.asOf(instant).build()).get(0).summary();
    }

    @Test
    void restoredAdjustments_standAsInTheOtherLedger() {
        SettableClock then = new SettableClock(Samples.NOW.minus(Duration.ofDays(50)));
        try (Ledger source = InMemoryLedger.open(PriceBook.empty(), then)) {
            write(source, step(adjustment("a1").build(), QUARTER));
            write(source, step(adjustment("a2").conversationId("c").build(), Usd.parse("3")));
            then.advance(Duration.ofHours(1));
            source.reverse(A1, "gone");
            List<LedgerEntry> entries = LedgerComparison.entries(source);
            LedgerEntry reversal = entries.get(2);
            assertThat(restore(reversal)).isInstanceOf(AppendResult.Rejected.class);
            for (LedgerEntry entry : entries) {
                assertThat(restore(entry)).isEqualTo(new AppendResult.Appended(entry.id()));
                assertThat(restore(entry)).isEqualTo(new AppendResult.Duplicate(entry.id()));
            }
            assertThat(adjust(adjustment("a2").conversationId("c").build(), Usd.parse("3")))
                    .isEqualTo(duplicate("a2"));
            assertThat(LedgerComparison.firstDifferenceOfCopy(source, ledger)).isEmpty();
            assertThat(ledger.verify().differences()).isEmpty();
        }
    }

    private WriteResult restore(LedgerEntry entry) {
        return write(ledger, new Batch.Step.Restore(entry, Optional.empty()));
    }

    @Test
    void adjustment_isAnAmountForAReason_withoutUsage() {
        for (UsageRecord wrong : List.of(
                adjustment("a1").inputTokens(1).build(),
                adjustment("a1").calls("web_search", 1).build(),
                adjustment("a1").cost(Usd.parse("1")).build(),
                adjustment("a1").reportedCost(Usd.parse("1")).build(),
                adjustment("a1").note("output_incomplete").build())) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> step(wrong, QUARTER))
                    .withMessageStartingWith("adjustment: ");
        }
        for (String amount : List.of("0", "9000000.000000000001", "-9000000.000000000001")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> step(adjustment("a1").build(), Usd.parse(amount)))
                    .withMessageStartingWith("cost_usd: ");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Batch.Step.Adjust(adjustment("a1").build(), QUARTER, " "))
                .withMessageStartingWith("reason: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> step(UsageRecord.builder().id("a1").model("m").build(), QUARTER))
                .withMessageStartingWith("timestamp: ");
    }
}
