package dev.tokenledger.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tokenledger.Batch;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.RecordId;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The comparison must see what differs, or every test that rests on it shows nothing. */
class LedgerComparisonTest {

    private final SettableClock clock = new SettableClock(Samples.NOW);
    private final Ledger expected = InMemoryLedger.open(Samples.prices(), clock);
    private final Ledger actual = InMemoryLedger.open(Samples.prices(), clock);

    @AfterEach
    void close() {
        expected.close();
        actual.close();
    }

    @Test
    void sameDeeds_leaveNoDifference_thoughReversalsHaveIdsOfTheirOwn() {
        for (Ledger ledger : new Ledger[] {expected, actual}) {
            ledger.append(Samples.everyField("full").build());
            ledger.append(Samples.record("r1"));
            ledger.reverse(RecordId.of("r1"), "why");
            ledger.write(Batch.builder().readerState("a", "1").build());
        }
        LedgerComparison.assertSame(expected, actual);
    }

    @Test
    void firstEntryThatDiffers_isNamed() {
        expected.append(Samples.record("r1"));
        actual.append(Samples.record("r1"));
        expected.append(Samples.record("r2"));
        assertDifference("number of entries: expected 2, found 1");
        actual.append(Samples.builder("r2").sessionId("s").build());
        assertDifference("entry 2 (r2): session_id: expected , found s");
    }

    @Test
    void otherIds_areSeen() {
        expected.append(Samples.record("r1"));
        actual.append(Samples.record("r2"));
        assertDifference("entry 1 (r1): id: expected r1, found r2");
    }

    @Test
    void otherCost_isSeen() {
        try (Ledger poorer = InMemoryLedger.open(PriceBook.empty(), clock)) {
            expected.append(Samples.record("r1"));
            poorer.append(Samples.record("r1"));
            assertThat(LedgerComparison.firstDifference(expected, poorer))
                    .hasValueSatisfying(text -> assertThat(text).startsWith("entry 1 (r1): cost: expected Priced"));
        }
    }

    @Test
    void otherInstantOfWriting_isSeen() {
        expected.append(Samples.record("r1"));
        clock.advance(Duration.ofSeconds(1));
        actual.append(Samples.record("r1"));
        assertDifference("entry 1 (r1): recorded: expected 2026-03-10T12:00:00Z, found 2026-03-10T12:00:01Z");
    }

    @Test
    void otherNotes_areSeen() {
        expected.append(Samples.record("r1"));
        actual.append(Samples.builder("r1").note("odd").build());
        assertDifference("entry 1 (r1): notes: expected [], found [odd]");
    }

    @Test
    void reversals_areComparedByWhatTheyReverse() {
        for (Ledger ledger : new Ledger[] {expected, actual}) {
            ledger.append(Samples.record("r1"));
        }
        expected.reverse(RecordId.of("r1"), "one");
        actual.reverse(RecordId.of("r1"), "other");
        assertDifference("entry 1 (r1): reversal: expected of r1 because \"one\", found of r1 because \"other\"");
    }

    @Test
    void readerStates_areCompared() {
        expected.write(Batch.builder().readerState("a", "1").build());
        assertDifference("reader states: expected {a=1}, found {}");
    }

    @Test
    void rows_areComparedOneByOne() {
        SummaryQuery query =
                SummaryQuery.over(TimeWindow.all()).by(Dimension.TASK).build();
        expected.append(Samples.builder("r1").taskName("a").build());
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> LedgerComparison.assertSame(expected, actual, query))
                .withMessageStartingWith("total by [task] order COST from 1970-01-01T00:00:00Z to ")
                .withMessageContaining("expected 1 rows, found 0; the first missing is ");
        actual.append(Samples.builder("r1").taskName("b").build());
        assertThat(LedgerComparison.firstDifference(expected, actual, query))
                .hasValueSatisfying(text -> assertThat(text).contains(", row 1: expected "));
    }

    private void assertDifference(String text) {
        assertThat(LedgerComparison.firstDifference(expected, actual)).contains(text);
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> LedgerComparison.assertSame(expected, actual))
                .withMessage(text);
    }
}
