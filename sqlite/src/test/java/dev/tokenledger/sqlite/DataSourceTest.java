package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerIncompatibleException;
import dev.tokenledger.LedgerUnavailableException;
import dev.tokenledger.sqlite.Workload.Mix;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteDataSource;

/** A ledger over a data source that belongs to the caller. */
class DataSourceTest {

    private static final int STEPS = 40;
    private static final int THREADS = 16;

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

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4})
    void boundedPool_starvesNobody(int size) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try (HikariDataSource pool = pool(size);
                Ledger ledger = SqliteLedger.open(pool, Workload.PRICES)) {
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                String name = "t" + thread;
                all.add(threads.submit(() -> {
                    for (int number = 0; number < STEPS; number++) {
                        UsageRecord record = Workload.record(name + "." + number);
                        ledger.append(record);
                        assertThat(ledger.find(record.id())).isPresent();
                        assertThat(ledger.summary(TimeWindow.all()).totalRecords())
                                .isPositive();
                    }
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
            assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo((long) THREADS * STEPS);
            assertThat(pool.getHikariPoolMXBean().getActiveConnections())
                    .as("the writer's alone")
                    .isEqualTo(1);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void poolOfOne_isRefusedByALedgerThatWrites_andEnoughForOneThatReads() {
        Path file = folder.resolve("usage.db");
        try (HikariDataSource pool = pool(1)) {
            assertThatThrownBy(() -> SqliteLedger.open(pool, Workload.PRICES))
                    .isInstanceOf(LedgerUnavailableException.class)
                    .hasMessageContaining("let the pool have 2 or more");
            assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
            try (Ledger written = SqliteLedger.open(file, Workload.PRICES)) {
                written.append(Workload.record("one"));
            }
            try (Ledger ledger = SqliteLedger.builder().readOnly(true).open(pool)) {
                assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
                assertThat(ledger.find(RecordId.of("one"))).isPresent();
            }
        }
    }

    /** An application's statements run as they did before. */
    @Test
    void connections_areGivenBackAsTheyWere() throws SQLException {
        try (HikariDataSource pool = pool(2)) {
            List<String> before = pragmas(pool);
            try (Ledger ledger = SqliteLedger.open(pool, Workload.PRICES)) {
                ledger.append(Workload.record("one"));
                assertThat(ledger.find(RecordId.of("one"))).isPresent();
                assertThat(pragmas(pool)).isEqualTo(before);
            }
            try (Connection one = pool.getConnection();
                    Connection other = pool.getConnection()) {
                assertThat(pragmas(one)).isEqualTo(before);
                assertThat(pragmas(other)).isEqualTo(before);
            }
        }
    }

    /** The application has a table of a name that the ledger uses too, a version and an id of its own. */
    @Test
    void ledger_liesBesideTheApplicationsTables() throws SQLException {
        Path file = folder.resolve("usage.db");
        try (HikariDataSource pool = pool(2)) {
            execute(pool, "CREATE TABLE records (name TEXT)");
            execute(pool, "INSERT INTO records VALUES ('theirs')");
            execute(pool, "PRAGMA user_version = 77");
            execute(pool, "PRAGMA application_id = 12345");
            try (SqliteLedger ledger = SqliteLedger.open(pool, Workload.PRICES)) {
                for (int number = 1; number <= STEPS; number++) {
                    Workload.step(Mix.CORRECT, "r.t1", number).writeTo(ledger);
                }
                audit().check(ledger);
                ledger.rebuild();
                assertThat(ledger.verify().differences()).isEmpty();
                assertThat(ledger.schemaVersion()).isEqualTo(SqliteLedger.newestSchema());
                ledger.checkWritable();
                ledger.backUpTo(folder.resolve("copy.db"));
            }
            assertThat(texts(pool, "SELECT name FROM records")).containsExactly("theirs");
            assertThat(texts(pool, "PRAGMA user_version")).containsExactly("77");
            assertThat(texts(pool, "PRAGMA application_id")).containsExactly("12345");
            assertThat(texts(pool, "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' ORDER BY name"))
                    .filteredOn(name -> !name.equals("records"))
                    .isNotEmpty()
                    .allSatisfy(name -> assertThat(name).startsWith("tokenledger_"));
        }
        for (String name : List.of("usage.db", "copy.db")) {
            try (Ledger ledger = SqliteLedger.open(folder.resolve(name), Workload.PRICES)) {
                audit().check(ledger);
            }
        }
        Audit.checkIntegrity(file);
    }

    /** A path may be one of somebody's files by mistake. */
    @Test
    void applicationsFile_thatIsNamedByItsPath_isNotMadeALedger() throws SQLException {
        Path file = folder.resolve("usage.db");
        try (HikariDataSource pool = pool(2)) {
            execute(pool, "CREATE TABLE theirs (name TEXT)");
            assertThatThrownBy(() -> SqliteLedger.open(file, Workload.PRICES))
                    .isInstanceOf(LedgerIncompatibleException.class)
                    .hasMessageContaining("not a ledger");
            assertThatThrownBy(() -> SqliteLedger.builder().readOnly(true).open(pool))
                    .isInstanceOf(LedgerIncompatibleException.class);
            assertThat(texts(pool, "SELECT name FROM sqlite_schema")).containsExactly("theirs");
        }
    }

    @Test
    void applicationsFile_takesAnOlderLedgerToTheNewestVersion() throws SQLException {
        try (HikariDataSource pool = pool(2)) {
            execute(pool, "CREATE TABLE theirs (name TEXT)");
            for (int version = 1; version <= SqliteLedger.newestSchema(); version++) {
                try (SqliteLedger ledger = SqliteLedger.builder()
                        .prices(Workload.PRICES)
                        .migrations(Schema.MIGRATIONS.subList(0, version))
                        .open(pool)) {
                    assertThat(ledger.schemaVersion()).isEqualTo(version);
                }
                try (SqliteLedger ledger = SqliteLedger.builder().readOnly(true).open(pool)) {
                    assertThat(ledger.schemaVersion()).isEqualTo(version);
                    assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isZero();
                }
            }
        }
    }

    private static void execute(DataSource source, String sql) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static List<String> texts(DataSource source, String query) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
        }
        return texts;
    }

    private static List<String> pragmas(DataSource source) throws SQLException {
        try (Connection connection = source.getConnection()) {
            return pragmas(connection);
        }
    }

    private static List<String> pragmas(Connection connection) throws SQLException {
        List<String> values = new ArrayList<>();
        for (String pragma : List.of(
                "busy_timeout",
                "cache_size",
                "automatic_index",
                "synchronous",
                "wal_autocheckpoint",
                "journal_size_limit")) {
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("PRAGMA " + pragma)) {
                assertThat(rows.next()).isTrue();
                values.add(pragma + " = " + rows.getString(1));
            }
        }
        return values;
    }

    private HikariDataSource pool(int size) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:sqlite:" + folder.resolve("usage.db"));
        config.setMaximumPoolSize(size);
        // As short as it may be for one that must not be given; the others give theirs back within milliseconds.
        config.setConnectionTimeout(size == 1 ? 250 : 30_000);
        return new HikariDataSource(config);
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
