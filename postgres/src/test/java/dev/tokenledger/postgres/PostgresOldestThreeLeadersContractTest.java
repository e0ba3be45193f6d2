package dev.tokenledger.postgres;

import dev.tokenledger.postgres.testing.PostgresServer.Version;
import dev.tokenledger.testkit.LedgerContract;
import dev.tokenledger.testkit.TestStore;
import org.junit.jupiter.api.Tag;

/** Each version and each number of leaders is tried by {@link PostgresOldestOneLeaderContractTest} and {@link PostgresNewestThreeLeadersContractTest}. */
@Tag("engines")
@Tag("long")
class PostgresOldestThreeLeadersContractTest extends LedgerContract {

    @Override
    protected TestStore newStore() {
        return new SchemaStore(Version.OLDEST, 3);
    }
}
