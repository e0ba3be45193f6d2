package dev.tokenledger.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
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
    void recordTheLedgerRefuses_leavesNothingBehind() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ledger.append(TOO_EXPENSIVE))
                .withMessageContaining("cost_usd");
        assertThat(history()).isEmpty();
    }

    @Test
    void batchWithARecordTheLedgerRefuses_leavesNothingBehind() {
        append(Samples.record("old"));
        Batch batch = Batch.builder()
                .append(Samples.record("r1"))
                .revise("old", Samples.builder("any").outputTokens(7).build(), Merge.LATEST)
                .revise("grows", Samples.record("any"), Merge.LATEST)
                .readerState("reader", "5")
                .append(TOO_EXPENSIVE)
                .build();
        assertRefusedWhole(batch);
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
    void batchWithAMergeThatIsTooExpensive_leavesNothingBehind() {
        append(Samples.record("old"));
        Batch batch = Batch.builder()
                .append(Samples.record("r1"))
                .readerState("reader", "5")
                .revise("r1", Samples.builder("any").outputTokens(8).build(), Merge.LATEST)
                .revise("old", Samples.builder("any").outputTokens(7).build(), (inForce, offered) -> TOO_EXPENSIVE)
                .build();
        assertRefusedWhole(batch);
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
