package dev.tokenledger.clickhouse;

import dev.tokenledger.testkit.LedgerContract;
import dev.tokenledger.testkit.TestStore;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;

/** What every ledger keeps is kept by one with a real copy, whose exporter goes on and dies at random. It takes minutes. */
@Tag("clickhouse")
@Tag("long")
class ClickHouseContractTest extends LedgerContract {

    @Override
    protected TestStore newStore() {
        return new CopiedStore(CopiedLedger.shared(), new SplittableRandom(1));
    }
}
