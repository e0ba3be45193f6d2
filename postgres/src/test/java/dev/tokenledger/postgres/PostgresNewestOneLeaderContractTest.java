package dev.tokenledger.postgres;

import dev.tokenledger.postgres.testing.PostgresServer.Version;
import dev.tokenledger.testkit.LedgerContract;
import dev.tokenledger.testkit.TestStore;
import org.junit.jupiter.api.Tag;

@Tag("engines")
class PostgresNewestOneLeaderContractTest extends LedgerContract {

    @Override
    protected TestStore newStore() {
        return new SchemaStore(Version.NEWEST, 1);
    }
}
