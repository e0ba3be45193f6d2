package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.postgres.testing.PostgresServer.Version;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;

@Tag("once")
class PostgresBudgetGuardTest extends BudgetGuardContract {

    private final PostgresServer server = PostgresServer.shared(Version.NEWEST);
    private final String schema = server.newSchemaName();

    @Override
    Ledger open(InstantSource by) {
        return GuardChild.open(place(), by);
    }

    @Override
    String place() {
        return server.address() + "?schema=" + schema;
    }

    @AfterEach
    void drop() {
        server.dropSchema(schema);
    }
}
