package dev.tokenledger.cli;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.postgres.PostgresLedger;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.postgres.testing.PostgresServer.Version;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.testkit.FederationContract;
import dev.tokenledger.testkit.TestStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** A database, a file, a ledger in memory and a second file, added up. */
@Tag("once")
class FederationOfEnginesTest extends FederationContract {

    @TempDir
    Path folder;

    @Override
    protected int runs() {
        return 12;
    }

    @Override
    protected TestStore newStore(int place) throws IOException {
        return switch (place) {
            case 0 -> new InSchema();
            case 2 -> new InMemory();
            default -> new InFile(Files.createTempDirectory(folder, "ledger").resolve("ledger.db"));
        };
    }

    private record InFile(Path file) implements TestStore {
        @Override
        public Ledger open(PriceBook prices, InstantSource clock) {
            return SqliteLedger.builder().prices(prices).clock(clock).open(file);
        }

        /** The folder is removed with all that is in it. */
        @Override
        public void close() {}
    }

    private record InMemory() implements TestStore {
        @Override
        public Ledger open(PriceBook prices, InstantSource clock) {
            return InMemoryLedger.open(prices, clock);
        }

        @Override
        public boolean persistent() {
            return false;
        }

        @Override
        public void close() {}
    }

    private static final class InSchema implements TestStore {

        private final PostgresServer server = PostgresServer.shared(Version.NEWEST);
        private final String schema = server.newSchemaName();

        @Override
        public Ledger open(PriceBook prices, InstantSource clock) {
            return PostgresLedger.builder()
                    .schema(schema)
                    .prices(prices)
                    .clock(clock)
                    .onWarning(warning -> {})
                    .open(server.dataSource());
        }

        @Override
        public void close() {
            server.dropSchema(schema);
        }
    }
}
