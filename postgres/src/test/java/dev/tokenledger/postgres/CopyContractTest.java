package dev.tokenledger.postgres;

import dev.tokenledger.testkit.LedgerContract;
import dev.tokenledger.testkit.TestStore;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;

/** With a copy that is somewhere else at each call, and fails now and then, a ledger keeps what every ledger keeps. */
@Tag("engines")
class CopyContractTest extends LedgerContract {

    private int stores;

    @Override
    protected TestStore newStore() {
        return new CopyStore(new SplittableRandom(++stores));
    }
}
