package dev.tokenledger;

import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.testkit.TestStore;
import java.time.InstantSource;

/** Opens ledgers in memory; each begins empty. */
final class InMemoryStore implements TestStore {

    @Override
    public Ledger open(PriceBook prices, InstantSource clock) {
        return InMemoryLedger.open(prices, clock);
    }

    @Override
    public boolean persistent() {
        return false;
    }

    @Override
    public void close() {}
}
