package dev.tokenledger.postgres;

import dev.tokenledger.postgres.testing.PostgresServer.Version;
import dev.tokenledger.testkit.LedgerContract;
import dev.tokenledger.testkit.TestStore;
import org.junit.jupiter.api.Tag;

/** With a copy beside it, {@link CopyContractTest} is the same. */
@Tag("engines")
@Tag("long")
class PostgresNewestOneLeaderContractTest extends LedgerContract {

    @Override
    protected TestStore newStore() {
        return new SchemaStore(Version.NEWEST, 1);
    }
}
