package dev.tokenledger;

import dev.tokenledger.testkit.LedgerContract;
import dev.tokenledger.testkit.TestStore;

class InMemoryLedgerContractTest extends LedgerContract {

    @Override
    protected TestStore newStore() {
        return new InMemoryStore();
    }
}
