package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.Ledger;
import dev.tokenledger.sqlite.Workload.Mix;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteDataSource;

/** A ledger over a data source that belongs to the caller. */
class DataSourceTest {

    private static final int STEPS = 40;

    @TempDir
    private Path folder;

    @Test
    void callersDataSource_isNotClosed_butTheLedgersConnectionsAre() throws SQLException {
        Path file = folder.resolve("usage.db");
        try (Watched source = new Watched(file)) {
            Ledger ledger = SqliteLedger.open(source, Workload.PRICES);
            for (int number = 1; number <= STEPS; number++) {
                Workload.step(Mix.CORRECT, "r.t1", number).writeTo(ledger);
            }
            audit().check(ledger);
            ledger.close();
            ledger.close();

            assertThat(source.closed).isFalse();
            assertThat(source.given)
                    .isNotEmpty()
                    .allSatisfy(connection -> assertThat(connection.isClosed()).isTrue());
            // The source goes on to work, and so does a second ledger over it.
            try (Ledger again = SqliteLedger.open(source, Workload.PRICES)) {
                audit().check(again);
            }
            assertThatThrownBy(() -> ledger.append(Workload.record("late"))).isInstanceOf(IllegalStateException.class);
        }
        Audit.checkIntegrity(file);
    }

    @Test
    void missingDataSource_isAnError() {
        assertThatThrownBy(() -> SqliteLedger.open((DataSource) null, Workload.PRICES))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("data source");
    }

    @Test
    void dataSourceInMemory_isRefused() {
        SQLiteDataSource source = new SQLiteDataSource();
        source.setUrl("jdbc:sqlite::memory:");

        assertThatThrownBy(() -> SqliteLedger.open(source, Workload.PRICES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected a SQLite file, found a database in memory");
    }

    private static Audit audit() {
        return new Audit(Mix.CORRECT).acknowledge(List.of(Audit.line("r.t1", STEPS)));
    }

    /** A data source that could be closed, as connection pools can, and knows whom it gave connections. */
    private static final class Watched extends SQLiteDataSource implements AutoCloseable {

        private final List<Connection> given = new CopyOnWriteArrayList<>();
        private boolean closed;

        Watched(Path file) {
            setUrl("jdbc:sqlite:" + file);
        }

        @Override
        public SQLiteConnection getConnection(String user, String password) throws SQLException {
            SQLiteConnection connection = super.getConnection(user, password);
            given.add(connection);
            return connection;
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
