package dev.tokenledger.spring;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerUnavailableException;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.sqlite.SqliteLedger;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.springframework.util.ClassUtils;

/** What opens the ledger that {@code tokenledger.ledger} names. What is wrong with the setting itself throws at the start. */
final class Ledgers {

    /** A word with a scheme is an address, and no path that anybody means. */
    private static final Pattern ADDRESS = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:.*", Pattern.DOTALL);

    private static final String POSTGRES = "dev.tokenledger.postgres.PostgresLedger";

    private Ledgers() {}

    static boolean isAddress(String setting) {
        return ADDRESS.matcher(setting).matches();
    }

    /** Of an address or a path. */
    static Supplier<Ledger> opener(String setting, PriceBook prices) {
        if (isAddress(setting)) {
            String scheme = setting.toLowerCase(Locale.ROOT);
            if (!scheme.startsWith("postgresql://") && !scheme.startsWith("postgres://")) {
                throw new IllegalArgumentException("tokenledger.ledger: expected the path of an SQLite file, "
                        + "postgresql://user@host/database, or the word " + TokenledgerProperties.DATA_SOURCE
                        + "; for another engine define a bean of type " + Ledger.class.getName());
            }
            requirePostgres(hasPostgres(), "an address of PostgreSQL");
            return Postgres.opener(setting, prices);
        }
        Path file;
        try {
            file = Path.of(setting);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("tokenledger.ledger: no path of a file", e);
        }
        return () -> SqliteLedger.open(file, prices);
    }

    /** Of the host's own database, whose kind its connections tell. */
    static Supplier<Ledger> opener(DataSource source, PriceBook prices) {
        boolean postgres = hasPostgres();
        return () -> {
            String product = product(source);
            if (product.equals("SQLite")) {
                return SqliteLedger.open(source, prices);
            }
            if (product.equals("PostgreSQL")) {
                requirePostgres(postgres, "the application's DataSource, which is of PostgreSQL,");
                return Postgres.open(source, prices);
            }
            throw new IllegalStateException("tokenledger.ledger: the application's DataSource is of " + product
                    + "; expected SQLite or PostgreSQL");
        };
    }

    private static String product(DataSource source) {
        try (Connection connection = source.getConnection()) {
            return connection.getMetaData().getDatabaseProductName();
        } catch (SQLException e) {
            throw new LedgerUnavailableException(
                    "cannot open the ledger in the application's DataSource: no connection; nothing was stored, it is tried again",
                    e);
        }
    }

    private static boolean hasPostgres() {
        return ClassUtils.isPresent(POSTGRES, null);
    }

    private static void requirePostgres(boolean there, String what) {
        if (!there) {
            throw new IllegalStateException("tokenledger.ledger: " + what
                    + " needs the library dev.tokenledger:tokenledger-postgres; add it to the program's dependencies");
        }
    }
}
