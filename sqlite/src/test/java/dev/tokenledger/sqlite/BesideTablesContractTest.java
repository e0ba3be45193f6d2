package dev.tokenledger.sqlite;

import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.testkit.LedgerContract;
import dev.tokenledger.testkit.TestStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Tag;
import org.sqlite.SQLiteDataSource;

/** Every promise is kept in an application's file, too, beside tables of the same names. */
@Tag("once")
class BesideTablesContractTest extends LedgerContract {

    @Override
    protected TestStore newStore() throws IOException {
        FileStore store = new FileStore(4, 3);
        Files.setPosixFilePermissions(Files.createFile(store.file), PosixFilePermissions.fromString("rw-------"));
        SQLiteDataSource source = new SQLiteDataSource();
        source.setUrl("jdbc:sqlite:" + store.file);
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            for (String name : new String[] {"records", "prices", "pages", "reversals"}) {
                statement.execute("CREATE TABLE " + name + " (theirs TEXT)");
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        SqliteLedger.open(source, PriceBook.empty()).close();
        return store;
    }
}
