package dev.tokenledger.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;

/** What all tests over a ledger need: a store, an open ledger with the sample prices, a clock that stands still. */
abstract class LedgerTests {

    /** What the ledger under test takes for the current time. */
    protected final SettableClock clock = new SettableClock(Samples.NOW);

    /** The ledger under test; empty when a test begins. */
    protected Ledger ledger;

    private TestStore store;

    /** A new, empty store; closed when the test ends. */
    protected abstract TestStore newStore() throws Exception;

    @BeforeEach
    final void openStore() throws Exception {
        store = newStore();
        ledger = store.open(Samples.prices(), clock);
    }

    @AfterEach
    final void closeStore() throws Exception {
        ledger.close();
        store.close();
    }

    /** Closes the ledger and opens it again, with other prices; skips the test if the store forgets. */
    final void reopen(PriceBook prices) throws Exception {
        Assumptions.assumeTrue(store.persistent(), "this ledger is gone when it is closed");
        ledger.close();
        ledger = store.open(prices, clock);
    }

    final LedgerEntry entry(String id) {
        return ledger.find(RecordId.of(id)).orElseThrow();
    }

    /** All entries, oldest writing first. */
    final List<LedgerEntry> history() {
        List<LedgerEntry> entries = new ArrayList<>(ledger.records(RecordQuery.over(TimeWindow.all())
                        .history(true)
                        .limit(RecordQuery.MAX_LIMIT)
                        .build())
                .entries());
        entries.sort((one, other) -> Long.compare(one.sequence(), other.sequence()));
        return entries;
    }

    final void append(UsageRecord... records) {
        for (UsageRecord record : records) {
            assertThat(ledger.append(record)).isEqualTo(new AppendResult.Appended(record.id()));
        }
    }

    static AppendResult appended(String id) {
        return new AppendResult.Appended(RecordId.of(id));
    }

    static AppendResult duplicate(String id) {
        return new AppendResult.Duplicate(RecordId.of(id));
    }
}
