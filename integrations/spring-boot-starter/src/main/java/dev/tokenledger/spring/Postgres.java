package dev.tokenledger.spring;

import dev.tokenledger.Ledger;
import dev.tokenledger.postgres.PostgresAddress;
import dev.tokenledger.postgres.PostgresLedger;
import dev.tokenledger.pricing.PriceBook;
import java.util.function.Supplier;
import javax.sql.DataSource;

/** Ledgers in PostgreSQL; loaded only where the host has tokenledger-postgres. */
final class Postgres {

    private static final System.Logger LOG = System.getLogger("dev.tokenledger.spring");

    private Postgres() {}

    /**
     * What opens the ledger at an address.
     *
     * @throws IllegalArgumentException if it is none; the message holds no password
     */
    static Supplier<Ledger> opener(String text, PriceBook prices) {
        PostgresAddress address;
        try {
            address = PostgresAddress.parse(text, System.getenv(), Postgres::warn);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("tokenledger.ledger: " + e.getMessage(), e);
        }
        if (address.copy().isPresent()) {
            warn(
                    "tokenledger.ledger names a copy of the ledger, which is not asked here; questions are answered without it");
        }
        return () -> {
            PostgresLedger.Builder builder = PostgresLedger.builder()
                    .name(address.toString())
                    .prices(prices)
                    .onWarning(Postgres::warn);
            address.schema().ifPresent(builder::schema);
            return builder.open(address.dataSource());
        };
    }

    /** The ledger in the schema that the host's connections are in. */
    static Ledger open(DataSource source, PriceBook prices) {
        return PostgresLedger.builder().prices(prices).onWarning(Postgres::warn).open(source);
    }

    private static void warn(String message) {
        LOG.log(System.Logger.Level.WARNING, "tokenledger: {0}", message);
    }
}
