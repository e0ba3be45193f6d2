package dev.tokenledger.sql;

import dev.tokenledger.testkit.LedgerContract;
import dev.tokenledger.testkit.TestStore;

/** The seam between rules and databases: an engine that does nothing cleverly keeps the whole contract too. */
class PlainLedgerContractTest extends LedgerContract {

    @Override
    protected TestStore newStore() {
        return new PlainStore();
    }
}
