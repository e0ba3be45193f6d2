package dev.tokenledger.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.ConditionalResult;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.Merge;
import dev.tokenledger.WriteResult;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is promised of batches: one answer each, all or nothing, and what readers have remembered. */
abstract class BatchContract extends AppendContract {

    private static final UsageRecord TOO_EXPENSIVE = Samples.builder("too-expensive")
            .inputTokens(0)
            .outputTokens(1_000_000_000_000L)
            .build();

    @Test
    void batch_answersForEachRecordInOrder() {
        append(Samples.record("old"));
        List<AppendResult> results = ledger.appendAll(List.of(
                Samples.record("new"),
                Samples.record("old"),
                Samples.record("new"),
                Samples.builder("old").role("delegate").build(),
                Samples.builder("new").inputTokens(1).build(),
                Samples.record("newer")));
        assertThat(results)
                .containsExactly(
                        appended("new"),
                        duplicate("old"),
                        duplicate("new"),
                        new AppendResult.Conflict(RecordId.of("old"), "role", "", "delegate"),
                        new AppendResult.Conflict(RecordId.of("new"), "input_tokens", "1000", "1"),
                        appended("newer"));
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(3);
    }

    @Test
    void emptyBatch_doesNothing() {
        assertThat(ledger.appendAll(List.of())).isEmpty();
        assertThat(ledger.write(Batch.builder().build())).isEmpty();
        assertThat(history()).isEmpty();
    }

    @Test
    void tooExpensiveRecord_isRejected_andLeavesNothingBehind() {
        assertRejected(ledger.append(TOO_EXPENSIVE), "too-expensive");
        assertThat(history()).isEmpty();
        assertThat(ledger.find(RecordId.of("too-expensive"))).isEmpty();
        UsageRecord affordable = Samples.record("too-expensive");
        assertThat(ledger.append(affordable)).isEqualTo(appended("too-expensive"));
    }

    @Test
    void tooExpensiveRecords_holdUpNothingElseOfABatch() {
        append(Samples.record("old"));
        List<WriteResult> results = ledger.write(Batch.builder()
                .append(Samples.record("r1"))
                .append(TOO_EXPENSIVE)
                .revise("old", Samples.builder("any").outputTokens(7).build(), Merge.LATEST)
                .revise("grows", TOO_EXPENSIVE, Merge.LATEST)
                .revise("grows", Samples.record("any"), Merge.LATEST)
                .readerState("reader", "5")
                .append(Samples.record("too-expensive"))
                .append(Samples.record("r2"))
                .build());
        assertRejected(results.get(1), "too-expensive");
        assertRejected(results.get(3), "grows");
        assertThat(results.get(0)).isEqualTo(appended("r1"));
        assertThat(results.get(2)).isEqualTo(new WriteResult.Corrected(RecordId.of("old~2"), RecordId.of("old")));
        assertThat(results.subList(4, 7)).containsExactly(appended("grows"), appended("too-expensive"), appended("r2"));
        assertThat(ledger.readerState("reader")).contains("5");
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(5);
        assertThat(ledger.verify().differences()).isEmpty();
    }

    /** Whether an id is taken is asked before what the record costs: a retry of it may be priced by a newer book. */
    @Test
    void tooExpensiveRecord_whoseIdIsTaken_isAConflict() {
        append(Samples.record("old"));
        UsageRecord old = TOO_EXPENSIVE.toBuilder().id("old").build();
        UsageRecord fresh = TOO_EXPENSIVE.toBuilder().id("fresh").build();
        List<AppendResult> results = ledger.appendAll(List.of(old, fresh, Samples.record("fresh"), fresh));
        assertThat(results.get(0)).isInstanceOf(AppendResult.Conflict.class);
        assertRejected(results.get(1), "fresh");
        assertThat(results.get(2)).isEqualTo(appended("fresh"));
        assertThat(results.get(3)).isInstanceOf(AppendResult.Conflict.class);
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(2);
    }

    @Test
    void batchOfNothingButTooExpensiveRecords_storesTheReadersState() {
        List<WriteResult> results = ledger.write(
                Batch.builder().append(TOO_EXPENSIVE).readerState("reader", "5").build());
        assertThat(results).hasSize(1);
        assertRejected(results.get(0), "too-expensive");
        assertThat(ledger.readerState("reader")).contains("5");
        assertThat(history()).isEmpty();
    }

    private static void assertRejected(WriteResult result, String id) {
        assertThat(result).isInstanceOfSatisfying(AppendResult.Rejected.class, rejected -> {
            assertThat(rejected.id()).isEqualTo(RecordId.of(id));
            assertThat(rejected.field()).isEqualTo("cost_usd");
            assertThat(rejected.reason()).startsWith("cost_usd: ");
        });
    }

    @Test
    void batchWithAMergeThatFails_leavesNothingBehind() {
        append(Samples.record("old"));
        Batch batch = Batch.builder()
                .append(Samples.record("r1"))
                .readerState("reader", "5")
                .revise("old", Samples.builder("any").outputTokens(7).build(), (inForce, offered) -> {
                    throw new IllegalArgumentException("cost_usd: this merge fails");
                })
                .build();
        assertRefusedWhole(batch);
    }

    @Test
    void mergeThatIsTooExpensive_isRejected_andTheRevisionInForceStays() {
        append(Samples.record("old"));
        List<WriteResult> results = ledger.write(Batch.builder()
                .append(Samples.record("r1"))
                .revise("old", Samples.builder("any").outputTokens(7).build(), (inForce, offered) -> TOO_EXPENSIVE)
                .revise("r1", Samples.builder("any").outputTokens(8).build(), Merge.LATEST)
                .build());
        assertThat(results.get(0)).isEqualTo(appended("r1"));
        assertRejected(results.get(1), "old~2");
        assertThat(results.get(2)).isInstanceOf(WriteResult.Corrected.class);
        assertThat(entry("old").inForce()).isTrue();
        assertThat(ledger.find(RecordId.of("old~2"))).isEmpty();
        assertThat(ledger.verify().differences()).isEmpty();
    }

    private void assertRefusedWhole(Batch batch) {
        List<LedgerEntry> before = history();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ledger.write(batch))
                .withMessageContaining("cost_usd");
        assertThat(history()).isEqualTo(before);
        assertThat(ledger.find(RecordId.of("r1"))).isEmpty();
        assertThat(ledger.readerState("reader")).isEmpty();
        assertThat(ledger.append(Samples.record("r1"))).isEqualTo(appended("r1"));
        assertThat(ledger.verify().differences()).isEmpty();
    }

    @Test
    void mergeOfAnExpensiveCopyIntoACheapRecord_isJudgedByWhatIsStored() {
        ledger.revise("old", Samples.record("any"), Merge.LATEST);
        WriteResult result = ledger.revise(
                "old",
                TOO_EXPENSIVE,
                (inForce, offered) -> Samples.builder("any").outputTokens(7).build());
        assertThat(result).isInstanceOf(WriteResult.Corrected.class);
    }

    @Test
    void readerState_isRememberedWithItsRecords_andForgottenWhenEmpty() {
        assertThat(ledger.readerState("reader:/a")).isEmpty();
        ledger.write(Batch.builder()
                .append(Samples.record("r1"))
                .readerState("reader:/a", "{\"offset\":17}")
                .readerState("reader:/b%", "x")
                .readerState("other:/a", " y\n")
                .build());
        assertThat(ledger.readerState("reader:/a")).contains("{\"offset\":17}");
        assertThat(ledger.readerState("other:/a")).contains(" y\n");
        assertThat(ledger.readerStates("reader:")).isEqualTo(Map.of("reader:/a", "{\"offset\":17}", "reader:/b%", "x"));
        assertThat(ledger.readerStates("reader:/b%")).hasSize(1);
        assertThat(ledger.readerStates("reader:_")).isEmpty();
        assertThat(ledger.readerStates("")).hasSize(3);
        ledger.write(Batch.builder()
                .readerState("reader:/a", "")
                .readerState("reader:/b%", "z")
                .readerState("never:/a", "")
                .build());
        assertThat(ledger.readerStates("reader:")).isEqualTo(Map.of("reader:/b%", "z"));
    }

    @Test
    void compareAndSet_isStoredWholeOrNotAtAll() {
        assertThat(ledger.compareAndSetReaderState("turn", "9", Map.of("turn", "1", "other", "x")))
                .isFalse();
        assertThat(ledger.readerStates("")).isEmpty();
        assertThat(ledger.compareAndSetReaderState("turn", "", Map.of("turn", "1", "other", "x", "third", "y")))
                .isTrue();
        assertThat(ledger.compareAndSetReaderState("turn", "", Map.of("turn", "2")))
                .isFalse();
        assertThat(ledger.compareAndSetReaderState("turn", "2", Map.of("turn", "3", "other", "z")))
                .isFalse();
        assertThat(ledger.readerStates("")).isEqualTo(Map.of("turn", "1", "other", "x", "third", "y"));
        assertThat(ledger.compareAndSetReaderState("turn", "1", Map.of("turn", "2", "third", "")))
                .isTrue();
        assertThat(ledger.readerStates("")).isEqualTo(Map.of("turn", "2", "other", "x"));
    }

    @Test
    void compareAndSet_takesNothingThatCannotBeCompared() {
        for (Map<String, String> states :
                List.of(Map.of("other", "1"), Map.of("turn", ""), Map.of("turn", "1"), Map.of("turn", "2", " ", "x"))) {
            assertThatIllegalArgumentException().isThrownBy(() -> ledger.compareAndSetReaderState("turn", "1", states));
        }
        assertThat(ledger.readerStates("")).isEmpty();
    }

    @Test
    void writeIf_storesTheRecordsWithTheState() {
        append(Samples.record("old"));
        Batch batch = Batch.builder()
                .append(Samples.record("new"))
                .append(Samples.record("old"))
                .append(Samples.record("new"))
                .readerState("offset", "3")
                .readerState("other", "x")
                .build();
        assertThat(ledger.writeIf("offset", "", batch))
                .isEqualTo(new ConditionalResult.Written(List.of(appended("new"), duplicate("old"), duplicate("new"))));
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(2);
        assertThat(ledger.readerStates("")).isEqualTo(Map.of("offset", "3", "other", "x"));
        Batch states = Batch.builder()
                .readerState("offset", "4")
                .readerState("other", "")
                .build();
        assertThat(ledger.writeIf("offset", "3", states)).isEqualTo(new ConditionalResult.Written(List.of()));
        assertThat(ledger.readerStates("")).isEqualTo(Map.of("offset", "4"));
        assertThat(ledger.verify().differences()).isEmpty();
    }

    @Test
    void writeIf_storesNothingOnceTheStateIsAnother() {
        ledger.write(Batch.builder().readerState("offset", "3").build());
        Batch batch = Batch.builder()
                .append(Samples.record("r1"))
                .revise("key", Samples.record("any"), Merge.LATEST)
                .readerState("offset", "2")
                .readerState("other", "x")
                .build();
        for (String expected : List.of("", "1", "4")) {
            assertThat(ledger.writeIf("offset", expected, batch)).isEqualTo(new ConditionalResult.StateChanged());
        }
        assertThat(ledger.readerStates("")).isEqualTo(Map.of("offset", "3"));
        assertThat(history()).isEmpty();
        assertThat(ledger.verify().differences()).isEmpty();
    }

    @Test
    void writeIf_storesNothingIfAStepIsRefused_andSaysWhatEachWouldHaveBeen() {
        append(Samples.record("old"));
        List<LedgerEntry> before = history();
        UsageRecord other = Samples.builder("old").role("delegate").build();
        for (UsageRecord refused : List.of(other, TOO_EXPENSIVE)) {
            Batch batch = Batch.builder()
                    .append(Samples.record("r1"))
                    .append(Samples.record("old"))
                    .append(refused)
                    .revise("key", Samples.record("any"), Merge.LATEST)
                    .readerState("offset", "3")
                    .readerState("other", "x")
                    .build();
            ConditionalResult.Refused result = (ConditionalResult.Refused) ledger.writeIf("offset", "", batch);
            assertThat(result.results()).hasSize(4);
            assertThat(result.results().get(0)).isEqualTo(appended("r1"));
            assertThat(result.results().get(1)).isEqualTo(duplicate("old"));
            assertThat(result.results().get(3)).isEqualTo(appended("key"));
            if (refused.equals(other)) {
                assertThat(result.results().get(2))
                        .isEqualTo(new AppendResult.Conflict(RecordId.of("old"), "role", "", "delegate"));
            } else {
                assertRejected((AppendResult) result.results().get(2), "too-expensive");
            }
            assertThat(history()).isEqualTo(before);
            assertThat(ledger.readerStates("")).isEmpty();
        }
        assertThat(ledger.append(Samples.record("r1"))).isEqualTo(appended("r1"));
        assertThat(ledger.verify().differences()).isEmpty();
    }

    @Test
    void writeIf_takesNothingThatCannotBeCompared() {
        for (Map<String, String> states : List.of(Map.of("other", "1"), Map.of("offset", ""), Map.of("offset", "1"))) {
            Batch.Builder batch = Batch.builder().append(Samples.record("r1"));
            states.forEach(batch::readerState);
            assertThatIllegalArgumentException().isThrownBy(() -> ledger.writeIf("offset", "1", batch.build()));
        }
        assertThat(ledger.readerStates("")).isEmpty();
        assertThat(history()).isEmpty();
    }

    @Test
    void readerState_isStoredThoughTheRecordsWereThere() {
        append(Samples.record("r1"));
        List<WriteResult> results = ledger.write(Batch.builder()
                .append(Samples.record("r1"))
                .append(Samples.builder("r1").role("delegate").build())
                .readerState("reader", "2")
                .build());
        assertThat(results).hasSize(2).noneMatch(AppendResult.Appended.class::isInstance);
        assertThat(ledger.readerState("reader")).contains("2");
    }
}
