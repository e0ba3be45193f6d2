package dev.tokenledger.postgres;

import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.testkit.TestStore;
import java.time.InstantSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A schema of its own in the server that all tests share. */
final class SchemaStore implements TestStore {

    private final PostgresServer server;
    private final int leaders;
    final String schema;

    SchemaStore(PostgresServer.Version version, int leaders) {
        server = PostgresServer.shared(version);
        this.leaders = leaders;
        schema = server.newSchemaName();
    }

    PGSimpleDataSource source() {
        return server.dataSource();
    }

    /** Folds every few commits, and asks roll-ups where records are after a few, so that small tests see all of it. */
    @Override
    public PostgresLedger open(PriceBook prices, InstantSource clock) {
        return PostgresLedger.builder()
                .schema(schema)
                .prices(prices)
                .clock(clock)
                .leaders(leaders)
                .onWarning(warning -> {})
                .maxDeltas(4)
                .mostPassed(3)
                .open(source());
    }

    @Override
    public void close() {
        server.dropSchema(schema);
    }
}
