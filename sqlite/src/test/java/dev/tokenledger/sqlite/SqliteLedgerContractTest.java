package dev.tokenledger.sqlite;

import dev.tokenledger.testkit.LedgerContract;
import dev.tokenledger.testkit.TestStore;
import java.io.IOException;

/**
 * Folds its roll-ups every few commits, so that small tests see folded and unfolded ones together; and asks them where
 * records are after a few that it passed.
 */
class SqliteLedgerContractTest extends LedgerContract {

    @Override
    protected TestStore newStore() throws IOException {
        return new FileStore(4, 3);
    }
}
