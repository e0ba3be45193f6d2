package dev.tokenledger.sqlite;

import dev.tokenledger.testkit.LedgerContract;
import dev.tokenledger.testkit.TestStore;
import java.io.IOException;

class SqliteLedgerContractTest extends LedgerContract {

    @Override
    protected TestStore newStore() throws IOException {
        return new FileStore();
    }
}
