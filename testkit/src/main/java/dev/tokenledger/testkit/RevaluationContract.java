package dev.tokenledger.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerEntry.Kind;
import dev.tokenledger.LedgerEntry.Revaluation;
import dev.tokenledger.Merge;
import dev.tokenledger.PeriodMark;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.ReversalResult;
import dev.tokenledger.WriteResult;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.Explanation;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.Rates;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is promised of revaluations: totals take another cost, everything else stays as it was. */
abstract class RevaluationContract extends RestoreContract {

    private static final RecordId R1 = RecordId.of("r1");

    /** {@link Samples#OMEGA} at 2 and 10 USD a million: the sample call costs 0.003 USD. */
    private static final PriceEntry OMEGA = PriceEntry.builder(Samples.OMEGA)
            .rates(Rates.of("2", "10"))
            .source("a list that came late")
            .build();

    private static UsageRecord.Builder omega(String id) {
        return Samples.builder(id).model(Samples.OMEGA);
    }

    private static Batch.Step.Revalue step(LedgerEntry entry, PriceEntry price) {
        return new Batch.Step.Revalue(
                entry, price.price(entry.record()), Optional.of(price), "run-1", "price came late");
    }

    private WriteResult revalue(String id, PriceEntry price) {
        return write(step(entry(id), price));
    }

    private WriteResult write(Batch.Step step) {
        return ledger.write(Batch.builder().step(step).build()).get(0);
    }

    private WriteResult revalue(String id, Cost cost) {
        return write(new Batch.Step.Revalue(entry(id), cost, Optional.empty(), "run-2", "back"));
    }

    private static PriceEntry omegaAt(String input) {
        return PriceEntry.builder(Samples.OMEGA).rates(Rates.of(input, "10")).build();
    }

    private Summary total() {
        return ledger.summary(TimeWindow.all());
    }

    @Test
    void revaluation_givesTheRecordAnotherCostInTotals_atTheInstantOfItsCall() {
        append(omega("r1").sessionId("s").attribute("team", "a").build(), Samples.record("r2"));
        LedgerEntry before = entry("r1");
        assertThat(total().unpricedRecords()).isEqualTo(1);
        clock.advance(Duration.ofDays(40));

        WriteResult result = revalue("r1", OMEGA);

        assertThat(result).isInstanceOf(WriteResult.Revalued.class);
        assertThat(result.id()).isEqualTo(R1);
        Summary total = total();
        assertThat(total.totalCost()).isEqualTo(Usd.parse("0.0075"));
        assertThat(total.totalRecords()).isEqualTo(2);
        assertThat(total.unpricedRecords()).isZero();
        assertThat(total.totalInputTokens()).isEqualTo(2_000);
        TimeWindow day = TimeWindow.of(Samples.NOW.minusSeconds(1), Samples.NOW.plusSeconds(1));
        assertThat(ledger.summary(day)).isEqualTo(total);
        assertThat(ledger.sessionTotal("s").totalCost()).isEqualTo(Usd.parse("0.003"));
        assertThat(ledger.summaryBy("attribute.team", TimeWindow.all()))
                .filteredOn(row -> row.keys().containsValue("a"))
                .extracting(row -> row.summary().totalCost())
                .containsExactly(Usd.parse("0.003"));
        assertThat(ledger.summaryBy(Dimension.PRICING_STATUS, TimeWindow.all()))
                .filteredOn(row -> row.summary().totalRecords() > 0)
                .extracting(row -> row.keys().get(Dimension.PRICING_STATUS))
                .containsExactly("priced");
        assertThat(before.cost()).isInstanceOf(Cost.Unpriced.class);
    }

    @Test
    void revaluation_leavesTheRecordAndItsFirstCostReadable() {
        append(omega("r1").build());
        clock.advance(Duration.ofDays(1));
        RecordId id = ((WriteResult.Revalued) revalue("r1", OMEGA)).revaluation();

        LedgerEntry record = entry("r1");
        assertThat(record.kind()).isEqualTo(Kind.USAGE);
        assertThat(record.inForce()).isTrue();
        assertThat(record.cost()).isInstanceOf(Cost.Unpriced.class);
        assertThat(record.effectiveCost()).isEqualTo(OMEGA.price(record.record()));
        assertThat(record.recorded()).isEqualTo(Samples.NOW);
        Revaluation revaluation = new Revaluation(id, R1, 1, "run-1", "price came late", OMEGA.price(record.record()));
        assertThat(record.revaluation()).contains(revaluation);

        LedgerEntry entry = entry(id.value());
        assertThat(entry.kind()).isEqualTo(Kind.REVALUATION);
        assertThat(entry.record()).isEqualTo(record.record());
        assertThat(entry.cost()).isEqualTo(record.effectiveCost());
        assertThat(entry.recorded()).isEqualTo(clock.instant());
        assertThat(entry.occurred()).isEqualTo(Samples.NOW);
        assertThat(entry.revaluation()).contains(revaluation);
        assertThat(entry.inForce()).isFalse();
        assertThat(history()).containsExactly(record, entry);
        assertThat(ledger.records(RecordQuery.over(TimeWindow.all()).build()).entries())
                .containsExactly(record);
        Explanation explanation = OMEGA.explain(record.record());
        assertThat(ledger.explain(R1)).contains(new Explanation(record.cost(), List.of(), Optional.empty()));
        assertThat(ledger.explain(id)).contains(explanation);
        assertThat(ledger.verify().differences()).isEmpty();
    }

    @Test
    void revaluations_followEachOther_andTheLastOneCounts() {
        append(omega("r1").build());
        revalue("r1", OMEGA);
        revalue("r1", omegaAt("4"));
        assertThat(total().totalCost()).isEqualTo(Usd.parse("0.005"));
        revalue("r1", entry("r1").cost());
        assertThat(total().totalCost()).isEqualTo(Usd.ZERO);
        assertThat(total().unpricedRecords()).isEqualTo(1);
        assertThat(history())
                .extracting(LedgerEntry::revaluations, entry -> entry.cost().amount())
                .containsExactly(
                        tuple(3, Usd.ZERO),
                        tuple(1, Usd.parse("0.003")),
                        tuple(2, Usd.parse("0.005")),
                        tuple(3, Usd.ZERO));
        assertThat(entry("r1").effectiveCost()).isEqualTo(entry("r1").cost());
        assertThat(ledger.verify().differences()).isEmpty();
    }

    @Test
    void sameCostAgain_isADuplicate_andStaleKnowledgeIsRejected() {
        append(omega("r1").build());
        LedgerEntry read = entry("r1");
        revalue("r1", OMEGA);
        assertThat(write(step(read, OMEGA))).isEqualTo(duplicate("r1"));
        assertThat(write(step(read, omegaAt("3"))))
                .isEqualTo(new AppendResult.Rejected(
                        R1, "revaluation", "revaluation: the record r1 was revalued since it was read"));
        assertThat(history()).hasSize(2);
    }

    @Test
    void oneBatch_revaluesManyRecords_andTellsOfEach() {
        List<UsageRecord> records = IntStream.range(0, 150)
                .mapToObj(i -> omega("m" + i)
                        .timestamp(Samples.NOW.plusSeconds(i * 700L))
                        .build())
                .toList();
        ledger.appendAll(records);
        ledger.reverse(RecordId.of("m7"), "");
        LedgerEntry absent = foreign();
        Batch.Builder batch = Batch.builder();
        for (UsageRecord record : records) {
            batch.step(step(entry(record.id().value()), OMEGA));
        }
        batch.step(step(entry("m8"), OMEGA))
                .step(step(entry("m9"), omegaAt("3")))
                .step(step(absent, OMEGA));

        List<WriteResult> results = ledger.write(batch.build());

        assertThat(results.get(6)).isInstanceOf(WriteResult.Revalued.class);
        assertThat(results.get(7))
                .isEqualTo(new AppendResult.Rejected(RecordId.of("m7"), "id", "id: the record m7 is reversed"));
        assertThat(results.get(150)).isEqualTo(duplicate("m8"));
        assertThat(results.get(151)).isInstanceOf(AppendResult.Rejected.class);
        assertThat(results.get(152))
                .isEqualTo(new AppendResult.Rejected(
                        RecordId.of("elsewhere"), "id", "id: the ledger has no record elsewhere"));
        assertThat(total().totalCost()).isEqualTo(Usd.parse("0.447"));
        assertThat(total().unpricedRecords()).isZero();
        assertThat(ledger.verify().differences()).isEmpty();
        ledger.rebuild();
        assertThat(total().totalCost()).isEqualTo(Usd.parse("0.447"));
        assertThat(ledger.verify().differences()).isEmpty();
    }

    private static LedgerEntry foreign() {
        try (Ledger other = InMemoryLedger.open(PriceBook.empty())) {
            other.append(omega("elsewhere").build());
            return other.find(RecordId.of("elsewhere")).orElseThrow();
        }
    }

    @Test
    void reversal_takesBackTheLastCost() {
        append(omega("r1").build());
        revalue("r1", OMEGA);
        RecordId reversal = ((ReversalResult.Reversed) ledger.reverse(R1, "gone")).reversal();
        assertThat(total()).isEqualTo(Summary.ZERO);
        assertThat(entry(reversal.value()).cost())
                .isEqualTo(OMEGA.price(entry("r1").record()));
        assertThat(entry("r1").effectiveCost())
                .isEqualTo(OMEGA.price(entry("r1").record()));
        assertThat(write(step(entry("r1"), omegaAt("3")))).isInstanceOf(AppendResult.Rejected.class);
        assertThat(ledger.verify().differences()).isEmpty();
    }

    @Test
    void revisionAndReplacement_arePricedAnew() {
        ledger.revise("k", omega("any").build(), Merge.LATEST);
        append(omega("r1").build());
        revalue("k", OMEGA);
        revalue("r1", OMEGA);
        ledger.revise("k", omega("any").outputTokens(200).build(), Merge.LATEST);
        ledger.replace(R1, Samples.record("r2"), "another model");
        assertThat(total().totalCost()).isEqualTo(Usd.parse("0.0045"));
        assertThat(total().totalRecords()).isEqualTo(2);
        assertThat(total().unpricedRecords()).isEqualTo(1);
        assertThat(ledger.verify().differences()).isEmpty();
    }

    @Test
    void copyOfARevaluedRecord_isADuplicate_andItsRevaluationsIdIsTaken() {
        append(omega("r1").build());
        RecordId id = ((WriteResult.Revalued) revalue("r1", OMEGA)).revaluation();
        assertThat(ledger.append(omega("r1").build())).isEqualTo(duplicate("r1"));
        assertThat(ledger.append(omega("r1").outputTokens(7).build())).isInstanceOf(AppendResult.Conflict.class);
        assertThat(ledger.append(Samples.record(id.value())))
                .isEqualTo(new AppendResult.Conflict(id, "id", "a revaluation", "a record"));
        assertThat(ledger.reverse(id, "")).isEqualTo(new ReversalResult.NotFound(id));
    }

    @Test
    void recordsInForce_areListedByTheStatusThatTheyCountUnder() {
        append(omega("r1").build(), omega("r2").build());
        revalue("r1", OMEGA);
        RecordQuery.Builder query = RecordQuery.over(TimeWindow.all()).where(Dimension.PRICING_STATUS, "unpriced");
        assertThat(ledger.records(query.build()).entries())
                .extracting(entry -> entry.id().value())
                .containsExactly("r2");
        assertThat(ledger.records(query.history(true).build()).entries())
                .extracting(entry -> entry.id().value())
                .containsExactlyInAnyOrder("r1", "r2");
    }

    @Test
    void givenCost_mayBeRevalued_andGivenBack() {
        UsageRecord given = omega("r1").cost(Usd.parse("0.5")).build();
        append(given);
        revalue("r1", OMEGA.price(given.toBuilder().withoutCost().build()));
        assertThat(entry("r1").record().givenCost()).isPresent();
        assertThat(total().totalCost()).isEqualTo(Usd.parse("0.003"));
        revalue("r1", PriceBook.empty().price(given.toBuilder().withoutCost().build(), Samples.NOW));
        assertThat(entry("r1").effectiveCost()).isInstanceOf(Cost.Unpriced.class);
        revalue("r1", entry("r1").cost());
        assertThat(total().totalCost()).isEqualTo(Usd.parse("0.5"));
        assertThat(ledger.verify().differences()).isEmpty();
    }

    @Test
    void partialCost_keepsWhatIsStillUnpriced() {
        append(omega("r1").cacheReadInputTokens(5).calls("web_search", 2).build());
        revalue("r1", OMEGA);
        Cost cost = entry("r1").effectiveCost();
        assertThat(cost)
                .isInstanceOf(Cost.Partial.class)
                .isEqualTo(OMEGA.price(entry("r1").record()));
        assertThat(total().partialRecords()).isEqualTo(1);
    }

    @Test
    void restoredRevaluations_standAsInTheOtherLedger() {
        SettableClock then = new SettableClock(Samples.NOW.minus(Duration.ofDays(50)));
        try (Ledger source = InMemoryLedger.open(Samples.prices(), then)) {
            source.append(omega("r1").build());
            for (PriceEntry price : List.of(OMEGA, omegaAt("3"))) {
                then.advance(Duration.ofHours(1));
                source.write(Batch.builder()
                        .step(step(source.find(R1).orElseThrow(), price))
                        .build());
            }
            source.reverse(R1, "enough");
            List<LedgerEntry> entries = LedgerComparison.entries(source);
            LedgerEntry second = entries.get(2);
            assertThat(restore(source, second))
                    .isEqualTo(new AppendResult.Rejected(
                            second.id(), "revaluation", "revaluation: the ledger has no record r1 to be revalued"));
            assertThat(restore(source, entries.get(0))).isEqualTo(appended("r1"));
            assertThat(restore(source, second)).isInstanceOf(AppendResult.Rejected.class);
            for (LedgerEntry entry : entries.subList(1, 4)) {
                assertThat(restore(source, entry)).isEqualTo(new AppendResult.Appended(entry.id()));
                assertThat(restore(source, entry)).isEqualTo(new AppendResult.Duplicate(entry.id()));
            }
            LedgerEntry other = LedgerEntry.ofRevaluation(
                    9,
                    second.record(),
                    new Revaluation(RecordId.of("other"), R1, 2, "run-9", "why", second.cost()),
                    second.recorded());
            assertThat(restore(source, other)).isInstanceOf(AppendResult.Conflict.class);
            assertThat(LedgerComparison.firstDifferenceOfCopy(source, ledger)).isEmpty();
            assertThat(ledger.verify().differences()).isEmpty();
        }
    }

    private WriteResult restore(Ledger source, LedgerEntry entry) {
        return write(new Batch.Step.Restore(entry, source.explain(entry.id()).flatMap(Explanation::entry)));
    }

    @Test
    void revaluation_isOfARecord_forAReason() {
        append(omega("r1").build());
        LedgerEntry record = entry("r1");
        RecordId id = ((WriteResult.Revalued) revalue("r1", OMEGA)).revaluation();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> step(entry(id.value()), OMEGA))
                .withMessageStartingWith("id: ");
        for (List<String> texts : List.of(List.of("", "why"), List.of("run", " "), List.of("r".repeat(129), "why"))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Batch.Step.Revalue(
                            record, record.cost(), Optional.empty(), texts.get(0), texts.get(1)));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Batch.Step.Revalue(
                        record, new Cost.Given(Usd.parse("1"), PricingStatus.PRICED), Optional.empty(), "run", "why"))
                .withMessageStartingWith("cost_usd: ");
    }

    @Test
    void closedPeriod_keepsItsCosts_andTakesWhatComesLate() {
        Instant end = Samples.NOW.plusSeconds(1);
        append(omega("r1").build(), omega("r2").timestamp(end).build());
        ledger.revise("k", omega("any").build(), Merge.LATEST);
        PeriodMark mark = ledger.markPeriod(Optional.of(end), ZoneId.of("Europe/Berlin"), "the month is over");
        assertThat(mark)
                .isEqualTo(new PeriodMark(Optional.of(end), "Europe/Berlin", "the month is over", clock.instant()));

        assertThat(revalue("r1", OMEGA))
                .isEqualTo(new AppendResult.Rejected(
                        R1,
                        "timestamp",
                        "timestamp: the call lies before " + end + ", and what happened then is closed"));
        assertThat(ledger.reverse(R1, "")).isEqualTo(new ReversalResult.PeriodClosed(R1, end));
        assertThat(ledger.replace(R1, Samples.record("r9"), "")).isEqualTo(new ReversalResult.PeriodClosed(R1, end));
        assertThat(revalue("r2", OMEGA)).isInstanceOf(WriteResult.Revalued.class);
        append(Samples.record("late"));
        assertThat(ledger.revise("k", omega("any").outputTokens(200).build(), Merge.LATEST))
                .isInstanceOf(WriteResult.Corrected.class);
        assertThat(total().totalRecords()).isEqualTo(4);

        clock.advance(Duration.ofDays(1));
        assertThat(ledger.markPeriod(Optional.of(end), ZoneId.of("UTC"), "again"))
                .isEqualTo(mark);
        ledger.markPeriod(Optional.empty(), ZoneId.of("UTC"), "a price was wrong");
        assertThat(revalue("r1", OMEGA)).isInstanceOf(WriteResult.Revalued.class);
        assertThat(ledger.periodMarks())
                .extracting(PeriodMark::reason)
                .containsExactly("the month is over", "a price was wrong");
        assertThat(ledger.verify().differences()).isEmpty();
    }

    @Test
    void marksOfPeriods_surviveReopening() throws Exception {
        ledger.markPeriod(Optional.of(Samples.NOW), ZoneId.of("UTC"), "over");
        List<PeriodMark> marks = ledger.periodMarks();
        reopen(Samples.prices());
        assertThat(ledger.periodMarks()).isEqualTo(marks).hasSize(1);
    }

    @Test
    void markWithoutReason_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ledger.markPeriod(Optional.empty(), ZoneId.of("UTC"), " "));
        assertThat(ledger.markPeriod(Optional.empty(), ZoneId.of("UTC"), "nothing is closed")
                        .closedBefore())
                .isEmpty();
        assertThat(ledger.periodMarks()).isEmpty();
    }

    @Test
    void totalAsOfAnInstant_isWhatTheLedgerToldThen() {
        append(omega("r1").build(), Samples.record("r2"));
        Instant first = clock.instant();
        Summary then = total();
        clock.advance(Duration.ofHours(1));
        revalue("r1", OMEGA);
        Instant second = clock.instant();
        Summary revalued = total();
        clock.advance(Duration.ofHours(1));
        ledger.reverse(RecordId.of("r2"), "");
        append(Samples.record("r3"));
        SummaryQuery.Builder query = SummaryQuery.over(TimeWindow.all());
        assertThat(asOf(query, first)).isEqualTo(then);
        assertThat(asOf(query, second.minusNanos(1_000))).isEqualTo(then);
        assertThat(asOf(query, second)).isEqualTo(revalued);
        assertThat(asOf(query, first.minusSeconds(1))).isEqualTo(Summary.ZERO);
        assertThat(asOf(query, clock.instant())).isEqualTo(total());
        assertThat(ledger.readsRecords(query.build())).isTrue();
    }

    private Summary asOf(SummaryQuery.Builder query, Instant instant) {
        return ledger.summaries(query.asOf(instant).build()).get(0).summary();
    }
}
