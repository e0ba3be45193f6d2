package dev.tokenledger.clickhouse;

import dev.tokenledger.testkit.LedgerContract;
import dev.tokenledger.testkit.TestStore;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;

/** A ledger with a copy, which is fed meanwhile, keeps what every ledger keeps. */
@Tag("clickhouse")
class CopiedLedgerContractTest extends LedgerContract {

    private int stores;

    @Override
    protected TestStore newStore() {
        return new CopiedStore(CopiedLedger.shared(), new SplittableRandom(++stores));
    }
}
