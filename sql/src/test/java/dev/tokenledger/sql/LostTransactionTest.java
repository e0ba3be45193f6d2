package dev.tokenledger.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.ReversalResult;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of a transaction that loses against another one, as after a deadlock. */
class LostTransactionTest {

    /** As often as a transaction is tried. */
    private static final int ATTEMPTS = 5;

    private final PlainStore store = new PlainStore();
    private final Ledger ledger =
            store.open(PriceBook.bundled(), InstantSource.fixed(Instant.parse("2026-03-01T10:00:00Z")));

    @AfterEach
    void close() {
        ledger.close();
        store.close();
    }

    @Test
    void append_thatLosesAllButOnce_isStoredOnce() {
        store.losses = ATTEMPTS - 1;

        assertThat(ledger.append(call("a"))).isInstanceOf(AppendResult.Appended.class);

        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
        assertThat(store.losses).isZero();
    }

    @Test
    void append_thatLosesEachTime_saysThatNothingIsStored() {
        store.losses = ATTEMPTS;

        assertThatThrownBy(() -> ledger.append(call("a")))
                .isInstanceOf(LedgerBusyException.class)
                .hasMessageContaining("nothing was stored, retry with the same ids");

        assertThat(ledger.find(RecordId.of("a"))).isEmpty();
        assertThat(ledger.append(call("a"))).isInstanceOf(AppendResult.Appended.class);
    }

    @Test
    void batchAndReversal_thatLose_areDoneAsAWhole() {
        ledger.append(call("a"));
        store.losses = 2;

        assertThat(ledger.write(Batch.builder()
                        .append(call("a"))
                        .append(call("b"))
                        .readerState("log", "7")
                        .build()))
                .containsExactly(
                        new AppendResult.Duplicate(RecordId.of("a")), new AppendResult.Appended(RecordId.of("b")));
        store.losses = 2;
        assertThat(ledger.reverse(RecordId.of("b"), "test")).isInstanceOf(ReversalResult.Reversed.class);

        assertThat(ledger.readerState("log")).contains("7");
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
        assertThat(ledger.summary(TimeWindow.all()).totalInputTokens()).isEqualTo(100);
        assertThat(ledger.verify().differences()).isEmpty();
    }

    private static UsageRecord call(String id) {
        return UsageRecord.builder()
                .id(RecordId.of(id))
                .model("claude-sonnet-4-5")
                .inputTokens(100)
                .outputTokens(10)
                .build();
    }
}
