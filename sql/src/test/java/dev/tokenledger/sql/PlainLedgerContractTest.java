package dev.tokenledger.sql;

import dev.tokenledger.testkit.LedgerContract;
import dev.tokenledger.testkit.TestStore;
import org.junit.jupiter.api.Tag;

/** The seam between rules and databases: an engine that does nothing cleverly keeps the whole contract too. */
@Tag("once")
class PlainLedgerContractTest extends LedgerContract {

    @Override
    protected TestStore newStore() {
        return new PlainStore();
    }
}
