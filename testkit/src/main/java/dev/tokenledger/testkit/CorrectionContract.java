package dev.tokenledger.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.Merge;
import dev.tokenledger.ReversalResult;
import dev.tokenledger.WriteResult;
import dev.tokenledger.backend.Revision;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.Doubts;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is promised of reversals, replacements and revised records. */
abstract class CorrectionContract extends ThreadContract {

    private static final RecordId R1 = RecordId.of("r1");

    @Test
    void reversal_takesARecordOutOfTotals_andKeepsItReadable() {
        append(Samples.record("r1"), Samples.record("r2"));
        clock.advance(Duration.ofDays(40));
        ReversalResult result = ledger.reverse(R1, "counted twice");
        assertThat(result).isInstanceOf(ReversalResult.Reversed.class);
        RecordId reversal = ((ReversalResult.Reversed) result).reversal();
        assertThat(result).isEqualTo(new ReversalResult.Reversed(R1, reversal, Optional.empty()));

        LedgerEntry record = entry("r1");
        assertThat(record.record()).isEqualTo(Samples.record("r1"));
        assertThat(record.inForce()).isFalse();
        assertThat(record.recorded()).isEqualTo(Samples.NOW);
        assertThat(record.reversal()).contains(new LedgerEntry.Reversal(reversal, R1, "counted twice"));

        LedgerEntry negation = entry(reversal.value());
        assertThat(negation.kind()).isEqualTo(LedgerEntry.Kind.REVERSAL);
        assertThat(negation.id()).isEqualTo(reversal);
        assertThat(negation.record()).isEqualTo(Samples.record("r1"));
        assertThat(negation.cost()).isEqualTo(record.cost());
        assertThat(negation.recorded()).isEqualTo(clock.instant());
        assertThat(negation.occurred()).isEqualTo(Samples.NOW);
        assertThat(negation.reversal()).isEqualTo(record.reversal());
        assertThat(negation.inForce()).isFalse();
        assertThat(negation.sequence()).isGreaterThan(entry("r2").sequence());
    }

    @Test
    void reversal_netsInTheWindowOfTheReversedCall() {
        append(Samples.record("r1"), Samples.record("r2"));
        TimeWindow before = TimeWindow.of(Samples.NOW.minusSeconds(1), Samples.NOW.plusSeconds(1));
        clock.advance(Duration.ofDays(40));
        ledger.reverse(R1, "");
        assertThat(ledger.summary(before).totalRecords()).isEqualTo(1);
        assertThat(ledger.summary(before).totalCost()).hasToString("0.0045");
        TimeWindow after = TimeWindow.of(Samples.NOW.plusSeconds(1), Samples.NOW.plus(Duration.ofDays(90)));
        assertThat(ledger.summary(after)).isEqualTo(Summary.ZERO);
        ledger.reverse(RecordId.of("r2"), "");
        assertThat(ledger.summary(before)).isEqualTo(Summary.ZERO);
        assertThat(ledger.summaryBy("model", before)).isEmpty();
    }

    @Test
    void reversal_happensOnce() {
        append(Samples.record("r1"));
        ledger.reverse(R1, "first");
        assertThat(ledger.reverse(R1, "second")).isEqualTo(new ReversalResult.AlreadyReversed(R1));
        assertThat(history()).hasSize(2);
        assertThat(ledger.summary(TimeWindow.all())).isEqualTo(Summary.ZERO);
    }

    @Test
    void reversal_ofNobodyOrOfAReversal_findsNothing() {
        append(Samples.record("r1"));
        assertThat(ledger.reverse(RecordId.of("r0"), "")).isEqualTo(new ReversalResult.NotFound(RecordId.of("r0")));
        RecordId reversal = ((ReversalResult.Reversed) ledger.reverse(R1, "")).reversal();
        assertThat(ledger.reverse(reversal, "")).isEqualTo(new ReversalResult.NotFound(reversal));
        assertThat(history()).hasSize(2);
    }

    @Test
    void reversedRecord_keepsItsId() {
        append(Samples.record("r1"));
        ledger.reverse(R1, "");
        assertThat(ledger.append(Samples.record("r1"))).isEqualTo(duplicate("r1"));
        assertThat(ledger.append(Samples.builder("r1").inputTokens(1).build()))
                .isInstanceOf(AppendResult.Conflict.class);
        assertThat(ledger.summary(TimeWindow.all())).isEqualTo(Summary.ZERO);
    }

    @Test
    void idOfAReversal_isTaken() {
        append(Samples.record("r1"));
        RecordId reversal = ((ReversalResult.Reversed) ledger.reverse(R1, "")).reversal();
        assertThat(ledger.append(Samples.record(reversal.value())))
                .isInstanceOfSatisfying(
                        AppendResult.Conflict.class,
                        conflict -> assertThat(conflict.field()).isEqualTo("id"));
        assertThat(history()).hasSize(2);
    }

    @Test
    void reversal_takesBackThePartialAndUnpricedCounts() {
        append(
                Samples.builder("r1").model(Samples.OMEGA).build(),
                Samples.builder("r2").model(Samples.DELTA).build());
        ledger.reverse(R1, "");
        Summary total = ledger.summary(TimeWindow.all());
        assertThat(total.unpricedRecords()).isZero();
        assertThat(total.partialRecords()).isEqualTo(1);
        ledger.reverse(RecordId.of("r2"), "");
        assertThat(ledger.summary(TimeWindow.all())).isEqualTo(Summary.ZERO);
    }

    @Test
    void correction_takesADoubtOutOfTotals_andSoDoesAReversal() {
        UsageRecord unfinished = Samples.builder("any")
                .outputTokens(1)
                .note("output_incomplete")
                .note("cache_split_missing")
                .build();
        ledger.revise("call-1", unfinished, Merge.LATEST);
        ledger.revise("call-2", unfinished, Merge.LATEST);
        append(
                Samples.builder("r1").note("model_missing").build(),
                Samples.builder("r2").note("compaction_included").build());
        assertThat(ledger.summary(TimeWindow.all()).doubts()).isEqualTo(new Doubts(3, 2, 2));

        UsageRecord finished = Samples.builder("any")
                .outputTokens(20)
                .note("cache_split_missing")
                .build();
        ledger.revise("call-1", finished, Merge.LATEST);
        assertThat(ledger.summary(TimeWindow.all()).doubts()).isEqualTo(new Doubts(3, 1, 2));
        ledger.revise("call-1", Samples.builder("any").outputTokens(20).build(), Merge.LATEST);
        assertThat(ledger.summary(TimeWindow.all()).doubts()).isEqualTo(new Doubts(2, 1, 1));
        ledger.reverse(RecordId.of("call-2"), "twice");
        ledger.reverse(RecordId.of("r2"), "twice");
        assertThat(ledger.summary(TimeWindow.all()).doubts()).isEqualTo(new Doubts(1, 0, 0));
        ledger.rebuild();
        assertThat(ledger.summary(TimeWindow.all()).doubts()).isEqualTo(new Doubts(1, 0, 0));
        assertThat(ledger.verify().differences()).isEmpty();
    }

    @Test
    void reversal_ofReadOnlyPast_survivesReopen() throws Exception {
        append(Samples.record("r1"));
        reopen(PriceBook.empty());
        ledger.reverse(R1, "");
        assertThat(ledger.summary(TimeWindow.all())).isEqualTo(Summary.ZERO);
        reopen(PriceBook.empty());
        assertThat(ledger.reverse(R1, "")).isEqualTo(new ReversalResult.AlreadyReversed(R1));
        assertThat(ledger.explain(R1))
                .hasValueSatisfying(
                        explanation -> assertThat(explanation.lines()).hasSize(2));
        assertThat(ledger.verify().differences()).isEmpty();
    }

    @Test
    void reason_isBounded() {
        append(Samples.record("r1"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ledger.reverse(R1, "x".repeat(513)))
                .withMessageStartingWith("reason: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ledger.replace(R1, Samples.record("r2"), "a\u0000b"))
                .withMessageStartingWith("reason: ");
        assertThat(history()).hasSize(1);
    }

    @Test
    void replace_reversesAndAppendsInOneGo() {
        append(Samples.record("r1"));
        ReversalResult result = ledger.replace(
                R1, Samples.builder("r1-corrected").inputTokens(2_000).build(), "wrong count");
        assertThat(result)
                .isInstanceOfSatisfying(
                        ReversalResult.Reversed.class,
                        reversed -> assertThat(reversed.replacement()).contains(RecordId.of("r1-corrected")));
        assertThat(entry("r1").inForce()).isFalse();
        assertThat(entry("r1-corrected").inForce()).isTrue();
        Summary total = ledger.summary(TimeWindow.all());
        assertThat(total.totalRecords()).isEqualTo(1);
        assertThat(total.totalInputTokens()).isEqualTo(2_000);
        assertThat(total.totalCost()).hasToString("0.0075");
    }

    @Test
    void replacementWithoutATimestamp_countsAtTheInstantOfTheReplacedCall() {
        append(Samples.record("r1"));
        Instant called = entry("r1").occurred();
        ledger.replace(
                R1,
                UsageRecord.builder()
                        .id("r2")
                        .model("claude-sonnet-4-5")
                        .inputTokens(7)
                        .build(),
                "");
        assertThat(entry("r2").occurred()).isEqualTo(called);
    }

    @Test
    void replace_storesNothing_whenItCannot() {
        append(Samples.record("r1"), Samples.record("r2"), Samples.record("r3"));
        ledger.reverse(RecordId.of("r3"), "");
        List<LedgerEntry> before = history();
        assertThat(ledger.replace(R1, Samples.record("r2"), ""))
                .isEqualTo(new ReversalResult.ReplacementTaken(RecordId.of("r2")));
        assertThat(ledger.replace(R1, Samples.builder("r1").inputTokens(7).build(), ""))
                .isEqualTo(new ReversalResult.ReplacementTaken(R1));
        assertThat(ledger.replace(RecordId.of("r0"), Samples.record("r9"), ""))
                .isEqualTo(new ReversalResult.NotFound(RecordId.of("r0")));
        assertThat(ledger.replace(RecordId.of("r3"), Samples.record("r9"), ""))
                .isEqualTo(new ReversalResult.AlreadyReversed(RecordId.of("r3")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ledger.replace(
                        R1,
                        Samples.builder("r9").outputTokens(1_000_000_000_000L).build(),
                        ""))
                .withMessageContaining("cost_usd");
        assertThat(history()).isEqualTo(before);
    }

    @Test
    void revise_appendsTheFirstRevision_underTheKey() {
        assertThat(ledger.revise("call-1", Samples.record("any"), Merge.LATEST)).isEqualTo(appended("call-1"));
        assertThat(entry("call-1").record()).isEqualTo(Samples.record("call-1"));
        assertThat(ledger.find(RecordId.of("any"))).isEmpty();
    }

    @Test
    void revise_doesNothing_whenTheCopyIsTheSame() {
        ledger.revise("call-1", Samples.record("any"), Merge.LATEST);
        assertThat(ledger.revise("call-1", Samples.record("other"), Merge.LATEST))
                .isEqualTo(duplicate("call-1"));
        assertThat(history()).hasSize(1);
    }

    /** The negated figures and the new ones come to nothing. */
    @Test
    void revise_ofSomethingThatIsNotAddedUp_leavesTotalsThatVerify() {
        ledger.revise("call-1", Samples.record("any"), Merge.LATEST);
        UsageRecord other =
                Samples.builder("any").upstreamRequestId("request-9").build();
        assertThat(ledger.revise("call-1", other, Merge.LATEST)).isInstanceOf(WriteResult.Corrected.class);
        assertThat(ledger.verify().differences()).isEmpty();
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
    }

    @Test
    void revise_doesNothing_whenTheMergeChangesNothing() {
        ledger.revise("call-1", Samples.record("any"), Merge.LATEST);
        UsageRecord smaller = Samples.builder("other").outputTokens(1).build();
        assertThat(ledger.revise("call-1", smaller, (inForce, offered) -> inForce))
                .isEqualTo(duplicate("call-1"));
        assertThat(history()).hasSize(1);
    }

    @Test
    void revise_correctsWhatGrew() {
        ledger.revise("call-1", Samples.record("any"), Merge.LATEST);
        clock.advance(Duration.ofDays(3));
        assertThat(ledger.revise("call-1", grown(200), Merge.LATEST))
                .isEqualTo(new WriteResult.Corrected(RecordId.of("call-1~2"), RecordId.of("call-1")));
        assertThat(ledger.revise("call-1", grown(300), Merge.LATEST))
                .isEqualTo(new WriteResult.Corrected(RecordId.of("call-1~3"), RecordId.of("call-1~2")));
        assertThat(entry("call-1").inForce()).isFalse();
        assertThat(entry("call-1~2").inForce()).isFalse();
        assertThat(entry("call-1~3").record())
                .isEqualTo(grown(300).toBuilder().id(Revision.id("call-1", 3)).build());
        Summary total = ledger.summary(TimeWindow.of(Samples.NOW, Samples.NOW.plusSeconds(1)));
        assertThat(total.totalRecords()).isEqualTo(1);
        assertThat(total.totalOutputTokens()).isEqualTo(300);
        assertThat(total).isEqualTo(ledger.summary(TimeWindow.all()));
        assertThat(history()).hasSize(5);
    }

    private WriteResult revise(String key, Batch.Elsewhere elsewhere, UsageRecord record) {
        return ledger.write(Batch.builder()
                        .step(new Batch.Step.Revise(key, elsewhere, record, Merge.LATEST))
                        .build())
                .get(0);
    }

    @Test
    void revise_goesOnUnderAKeyThatGoesBefore_whereTheCallIsKnownByIt() {
        Batch.Elsewhere elsewhere = new Batch.Elsewhere(List.of("row-0", " row-1 "), false, List.of());
        ledger.revise("row-1", Samples.record("any"), Merge.LATEST);
        assertThat(revise("span-1", elsewhere, Samples.record("any"))).isEqualTo(duplicate("row-1"));
        assertThat(revise("span-1", elsewhere, grown(200)))
                .isEqualTo(new WriteResult.Corrected(RecordId.of("row-1~2"), RecordId.of("row-1")));
        assertThat(ledger.revisions("span-1")).isEmpty();
        assertThat(revise("span-2", new Batch.Elsewhere(List.of("row-2"), false, List.of()), grown(200)))
                .isEqualTo(appended("span-2"));
        ledger.revise("row-2", grown(200), Merge.LATEST);
        assertThat(revise("span-2", new Batch.Elsewhere(List.of("row-2"), false, List.of()), grown(300)))
                .isEqualTo(new WriteResult.Corrected(RecordId.of("span-2~2"), RecordId.of("span-2")));
    }

    @Test
    void revise_takesTheCallOverFromAKeyThatItReplaces() {
        Batch.Elsewhere elsewhere = new Batch.Elsewhere(List.of(), false, List.of("event-1", "event-2"));
        ledger.revise("event-2", Samples.record("any"), Merge.LATEST);
        ledger.revise("event-2", grown(200), Merge.LATEST);
        assertThat(revise("row-1", elsewhere, grown(200)))
                .isEqualTo(new WriteResult.Corrected(RecordId.of("row-1"), RecordId.of("event-2~2")));
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
        assertThat(ledger.revise("event-2", grown(400), Merge.LATEST)).isEqualTo(duplicate("event-2~2"));
        assertThat(revise("row-1", elsewhere, grown(300)))
                .isEqualTo(new WriteResult.Corrected(RecordId.of("row-1~2"), RecordId.of("row-1")));
        assertThat(ledger.summary(TimeWindow.all()).totalOutputTokens()).isEqualTo(300);
    }

    @Test
    void revise_leavesACallReversed_thatSomebodyReversedUnderAnotherKey() {
        ledger.revise("event-1", Samples.record("any"), Merge.LATEST);
        ledger.reverse(RecordId.of("event-1"), "test");
        assertThat(revise("row-1", new Batch.Elsewhere(List.of(), false, List.of("event-1")), grown(200)))
                .isEqualTo(duplicate("event-1"));
        assertThat(revise("row-1", new Batch.Elsewhere(List.of("event-1"), false, List.of()), grown(200)))
                .isEqualTo(duplicate("event-1"));
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isZero();
    }

    @Test
    void revise_findsTheRecordOfTheSameRequest_ofItsSessionAndModel() {
        Batch.Elsewhere sameRequest = new Batch.Elsewhere(List.of(), true, List.of());
        UsageRecord first = grown(200).toBuilder()
                .sessionId("session-1")
                .upstreamRequestId("request-1")
                .build();
        ledger.revise("row-1", first, Merge.LATEST);
        ledger.revise("row-1", first.toBuilder().outputTokens(300).build(), Merge.LATEST);
        assertThat(revise(
                        "event-1",
                        sameRequest,
                        first.toBuilder().outputTokens(400).build()))
                .isEqualTo(new WriteResult.Corrected(RecordId.of("row-1~3"), RecordId.of("row-1~2")));
        assertThat(revise(
                        "event-2",
                        sameRequest,
                        first.toBuilder().sessionId("session-2").build()))
                .isEqualTo(appended("event-2"));
        assertThat(revise(
                        "event-3",
                        sameRequest,
                        first.toBuilder().upstreamRequestId("request-2").build()))
                .isEqualTo(appended("event-3"));
        assertThat(revise(
                        "event-4",
                        sameRequest,
                        first.toBuilder().model("another").build()))
                .isEqualTo(appended("event-4"));
        assertThat(revise(
                        "event-5",
                        sameRequest,
                        first.toBuilder().sessionId("").upstreamRequestId("").build()))
                .isEqualTo(appended("event-5"));
    }

    @Test
    void revise_leavesARecordOfTheSameRequest_whoseIdHasNoRoomForARevision() {
        Batch.Elsewhere sameRequest = new Batch.Elsewhere(List.of(), true, List.of());
        for (int length : new int[] {Revision.MAX_KEY_LENGTH + 1, 128}) {
            UsageRecord first = grown(200).toBuilder()
                    .id("i".repeat(length))
                    .sessionId("session-" + length)
                    .upstreamRequestId("request-1")
                    .build();
            ledger.append(first);
            assertThat(revise(
                            "event-" + length,
                            sameRequest,
                            first.toBuilder().outputTokens(400).build()))
                    .isEqualTo(duplicate(first.id().value()));
        }
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(2);
    }

    @Test
    void revise_findsByOtherKeysWhatStandsBeforeItInTheSameBatch() {
        UsageRecord copy = grown(200).toBuilder()
                .sessionId("session-1")
                .upstreamRequestId("request-1")
                .build();
        List<WriteResult> results = ledger.write(Batch.builder()
                .revise("event-1", copy, Merge.LATEST)
                .step(new Batch.Step.Revise(
                        "row-1", new Batch.Elsewhere(List.of(), false, List.of("event-1")), copy, Merge.LATEST))
                .step(new Batch.Step.Revise(
                        "event-9", new Batch.Elsewhere(List.of(), true, List.of()), copy, Merge.LATEST))
                .append(Samples.record("answer-1"))
                .step(new Batch.Step.Revise(
                        "span-1", new Batch.Elsewhere(List.of("answer-1"), false, List.of()), grown(500), Merge.LATEST))
                .build());
        assertThat(results)
                .containsExactly(
                        appended("event-1"),
                        new WriteResult.Corrected(RecordId.of("row-1"), RecordId.of("event-1")),
                        duplicate("event-1"),
                        appended("answer-1"),
                        new WriteResult.Corrected(RecordId.of("answer-1~2"), RecordId.of("answer-1")));
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(2);
    }

    @Test
    void revise_makesOneRecordOfTwo_whereACallCameToBeKnownByBothKeys() {
        UsageRecord copy = grown(200).toBuilder().upstreamRequestId("request-1").build();
        Batch.Elsewhere elsewhere = new Batch.Elsewhere(List.of(), false, List.of("event-1", "event-2", "event-1"));
        ledger.revise("row-1", copy, Merge.LATEST);
        ledger.revise("event-1", copy, Merge.LATEST);
        ledger.revise("event-2", copy.toBuilder().upstreamRequestId("request-2").build(), Merge.LATEST);
        assertThat(revise("row-1", elsewhere, copy))
                .isEqualTo(new WriteResult.Corrected(RecordId.of("row-1~2"), RecordId.of("row-1")));
        assertThat(entry("event-1").inForce()).isFalse();
        assertThat(entry("event-2").inForce()).isTrue();
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(2);
        assertThat(revise("row-1", elsewhere, copy)).isEqualTo(duplicate("row-1~2"));
    }

    @Test
    void elsewhere_boundsAndChecksItsKeys() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Batch.Elsewhere(Collections.nCopies(9, "key"), false, List.of()))
                .withMessageContaining("at most 8");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Batch.Elsewhere(List.of(), false, List.of(" ")))
                .withMessageContaining("key");
    }

    @Test
    void revisions_areThoseOfTheKey_byTheirNumber() {
        for (int output = 100; output <= 1_200; output += 100) {
            ledger.revise("call", grown(output), Merge.LATEST);
        }
        for (String other :
                List.of("call~", "call~02", "call~1", "call~x", "call~2~2", "call:2", "calls", "call-1~2")) {
            ledger.append(Samples.record(other));
        }

        assertThat(ledger.revisions(" call "))
                .extracting(entry -> entry.id().value())
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 12)
                        .mapToObj(number -> Revision.id("call", number).value())
                        .toList());
        assertThat(ledger.revisions("call")).extracting(LedgerEntry::inForce).endsWith(false, true);
        assertThat(ledger.revisions("call~2"))
                .extracting(entry -> entry.id().value())
                .containsExactly("call~2", "call~2~2");
        assertThat(ledger.revisions("no-call")).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ledger.revisions("k".repeat(101)))
                .withMessageContaining("key");
    }

    /** What an export holds of a corrected call: the revision in force, and none of those before it. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 10})
    void revise_findsALaterRevision_withoutTheFirst(int number) {
        ledger.append(grown(300).toBuilder().id(Revision.id("call-1", number)).build());

        assertThat(ledger.revise("call-1", grown(300), Merge.LATEST)).isEqualTo(duplicate("call-1~" + number));
        assertThat(ledger.revise("call-1", grown(400), Merge.LATEST))
                .isEqualTo(new WriteResult.Corrected(Revision.id("call-1", number + 1), Revision.id("call-1", number)));
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
        assertThat(ledger.summary(TimeWindow.all()).totalOutputTokens()).isEqualTo(400);
    }

    @Test
    void revise_findsALaterRevision_ofAKeyThatIsAUuidAndOfOneInTheSameBatch() {
        String uuid = "0190f0e0-0000-7000-8000-000000000001";
        ledger.append(grown(300).toBuilder().id(uuid + "~2").build());
        assertThat(ledger.revise(uuid, grown(300), Merge.LATEST)).isEqualTo(duplicate(uuid + "~2"));

        assertThat(ledger.write(Batch.builder()
                        .append(grown(300).toBuilder().id("call-2~3").build())
                        .revise("call-2", grown(300), Merge.LATEST)
                        .build()))
                .containsExactly(appended("call-2~3"), duplicate("call-2~3"));
    }

    @Test
    void aGivenCost_isNotThatOfOtherFigures() {
        UsageRecord given =
                grown(300).toBuilder().id("call-1").cost(Usd.parse("5")).build();
        ledger.append(given);

        Merge larger = (inForce, offered) -> inForce.toBuilder()
                .outputTokens(
                        Math.max(inForce.tokens().output(), offered.tokens().output()))
                .build();
        assertThat(ledger.revise("call-1", grown(200), larger)).isEqualTo(duplicate("call-1"));
        assertThat(entry("call-1").cost().amount()).isEqualTo(Usd.parse("5"));
        ledger.revise("call-1", grown(400), larger);
        assertThat(entry("call-1~2").record().givenCost()).isEmpty();
        assertThat(entry("call-1~2").cost()).isInstanceOf(Cost.Priced.class);
    }

    @Test
    void revise_mergesWithTheRevisionInForce() {
        ledger.revise("call-1", Samples.record("any"), Merge.LATEST);
        ledger.revise(
                "call-1",
                Samples.builder("any").inputTokens(0).outputTokens(200).build(),
                (inForce, offered) -> inForce.toBuilder()
                        .outputTokens(offered.tokens().output())
                        .build());
        assertThat(entry("call-1~2").record().tokens().input()).isEqualTo(1_000);
        assertThat(entry("call-1~2").record().tokens().output()).isEqualTo(200);
    }

    @Test
    void revise_takesALateCopyOfAnOlderRevisionForADuplicate() {
        ledger.revise("call-1", Samples.record("any"), Merge.LATEST);
        ledger.revise("call-1", grown(200), Merge.LATEST);
        ledger.revise("call-1", grown(300), Merge.LATEST);
        assertThat(ledger.revise("call-1", Samples.record("any"), Merge.LATEST)).isEqualTo(duplicate("call-1~3"));
        assertThat(ledger.revise("call-1", grown(200), Merge.LATEST)).isEqualTo(duplicate("call-1~3"));
        assertThat(ledger.summary(TimeWindow.all()).totalOutputTokens()).isEqualTo(300);
        assertThat(history()).hasSize(5);
    }

    @Test
    void revise_leavesReversedWhatSomebodyReversedByHand() {
        ledger.revise("call-1", Samples.record("any"), Merge.LATEST);
        ledger.revise("call-1", grown(200), Merge.LATEST);
        ledger.reverse(RecordId.of("call-1~2"), "not ours");
        assertThat(ledger.revise("call-1", grown(300), Merge.LATEST)).isEqualTo(duplicate("call-1~2"));
        assertThat(ledger.summary(TimeWindow.all())).isEqualTo(Summary.ZERO);
    }

    @Test
    void revise_keepsTheInstantOfTheCall_whenTheCopyHasNone() {
        ledger.revise("call-1", Samples.record("any"), Merge.LATEST);
        clock.advance(Duration.ofDays(3));
        UsageRecord absent =
                UsageRecord.builder().model(Samples.ALPHA).inputTokens(5).build();
        ledger.revise("call-1", absent, Merge.LATEST);
        assertThat(entry("call-1~2").occurred()).isEqualTo(Samples.NOW);
    }

    @Test
    void revise_canMoveTheInstantOfTheCall() {
        Instant later = Samples.NOW.plus(Duration.ofDays(2));
        ledger.revise("call-1", Samples.record("any"), Merge.LATEST);
        ledger.revise("call-1", Samples.builder("any").timestamp(later).build(), Merge.LATEST);
        assertThat(ledger.summary(TimeWindow.of(Samples.NOW, later))).isEqualTo(Summary.ZERO);
        assertThat(ledger.summary(TimeWindow.of(later, later.plusSeconds(1))).totalRecords())
                .isEqualTo(1);
    }

    @Test
    void revise_seesWhatTheSameBatchWroteBefore() {
        List<WriteResult> results = ledger.write(Batch.builder()
                .revise("call-1", Samples.record("any"), Merge.LATEST)
                .revise("call-1", grown(200), Merge.LATEST)
                .append(Samples.record("r1"))
                .revise("call-1", Samples.record("any"), Merge.LATEST)
                .revise("call-1", grown(300), Merge.LATEST)
                .readerState("reader", "9")
                .build());
        assertThat(results)
                .containsExactly(
                        appended("call-1"),
                        new WriteResult.Corrected(RecordId.of("call-1~2"), RecordId.of("call-1")),
                        appended("r1"),
                        duplicate("call-1~2"),
                        new WriteResult.Corrected(RecordId.of("call-1~3"), RecordId.of("call-1~2")));
        assertThat(ledger.summary(TimeWindow.all()).totalOutputTokens()).isEqualTo(400);
        assertThat(ledger.readerState("reader")).contains("9");
    }

    @Test
    void revise_trimsItsKey_asAnIdIs() {
        ledger.revise(" call-1 ", Samples.record("any"), Merge.LATEST);
        assertThat(ledger.revise("call-1", grown(200), Merge.LATEST))
                .isEqualTo(new WriteResult.Corrected(RecordId.of("call-1~2"), RecordId.of("call-1")));
        assertThat(ledger.revise(" call-1", grown(200), Merge.LATEST)).isEqualTo(duplicate("call-1~2"));
    }

    @Test
    void revise_keepsAGivenCost() {
        ledger.revise("call-1", Samples.builder("any").cost(Usd.parse("1")).build(), Merge.LATEST);
        ledger.revise("call-1", Samples.builder("any").cost(Usd.parse("2")).build(), Merge.LATEST);
        assertThat(ledger.summary(TimeWindow.all()).totalCost()).hasToString("2");
    }

    private static UsageRecord grown(long output) {
        return Samples.builder("any").outputTokens(output).build();
    }

    /** What merges knows nothing of keys: the call stays with the key that told of it first. */
    @Test
    void revision_keepsTheStampedAttributesOfTheFirst() {
        Merge more = (inForce, offered) ->
                offered.tokens().output() > inForce.tokens().output() ? offered : inForce;
        UsageRecord first = stamped(100, "search", "a");
        assertThat(ledger.revise("k", first, more)).isEqualTo(appended("k"));
        assertThat(ledger.revise("k", stamped(100, "ads", "b"), more)).isEqualTo(duplicate("k"));
        assertThat(ledger.revise("k", stamped(200, "ads", "b"), more)).isInstanceOf(WriteResult.Corrected.class);
        UsageRecord corrected = entry("k~2").record();
        assertThat(corrected.tokens().output()).isEqualTo(200);
        assertThat(corrected.attributes()).isEqualTo(first.attributes());
        assertThat(corrected.stampedAttributes()).isEqualTo(first.stampedAttributes());
        assertThat(ledger.revise("k", stamped(200, "ads", "c"), more)).isEqualTo(duplicate("k~2"));
    }

    @Test
    void revision_takesOverStampedAttributes_whereTheFirstHasNone() {
        assertThat(ledger.revise(
                        "k", Samples.builder("k").attribute("team", "own").build(), Merge.LATEST))
                .isEqualTo(appended("k"));
        UsageRecord offered = stamped(200, "search", "a");
        assertThat(ledger.revise(
                        "k",
                        offered,
                        (inForce, copy) -> inForce.toBuilder()
                                .outputTokens(copy.tokens().output())
                                .attribute("key", copy.attributes().getOrDefault("key", ""))
                                .build()))
                .isInstanceOf(WriteResult.Corrected.class);
        assertThat(entry("k~2").record().attributes()).isEqualTo(offered.attributes());
        assertThat(entry("k~2").record().stampedAttributes()).isEqualTo(offered.stampedAttributes());
    }

    @Test
    void revision_hasRoomForStampedAttributes() {
        assertThat(ledger.revise("k", stamped(100, "search", "a"), Merge.LATEST))
                .isEqualTo(appended("k"));
        UsageRecord.Builder full = Samples.builder("k").outputTokens(200);
        for (int i = 0; i < UsageRecord.MAX_ENTRIES; i++) {
            full.attribute("own" + (char) ('a' + i), "x");
        }
        assertThat(ledger.revise("k", full.build(), Merge.LATEST)).isInstanceOf(WriteResult.Corrected.class);
        UsageRecord corrected = entry("k~2").record();
        assertThat(corrected.attributes())
                .hasSize(UsageRecord.MAX_ENTRIES)
                .containsEntry("team", "search")
                .containsEntry("key", "a")
                .containsKey("ownn")
                .doesNotContainKey("owno");
        assertThat(corrected.notes()).contains("labels_incomplete");
    }

    private static UsageRecord stamped(long output, String team, String key) {
        return Samples.builder("k")
                .outputTokens(output)
                .attribute("team", team)
                .attribute("key", key)
                .stampedAttributes(List.of("team", "key"))
                .build();
    }
}
