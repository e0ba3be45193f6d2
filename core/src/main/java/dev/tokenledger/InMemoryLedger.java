package dev.tokenledger;

import dev.tokenledger.pricing.PriceBook;
import java.time.InstantSource;

/**
 * A ledger in a plain list, gone when the program ends: for tests, for trying things out, and as the yardstick that
 * other ledgers are compared with. Every question is answered by reading all entries, so it is meant for up to some
 * hundred thousand records.
 */
public sealed interface InMemoryLedger extends Ledger permits ListLedger {

    /** An empty ledger with a price book. */
    static InMemoryLedger open(PriceBook prices) {
        return open(prices, InstantSource.system());
    }

    /** An empty ledger with a price book and a clock for "recorded" instants and absent timestamps. */
    static InMemoryLedger open(PriceBook prices, InstantSource clock) {
        return new ListLedger(prices, clock);
    }
}
