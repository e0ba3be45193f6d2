package dev.tokenledger.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.tokenledger.Ledger;
import dev.tokenledger.postgres.PostgresLedger;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.postgres.testing.PostgresServer.Version;
import dev.tokenledger.pricing.PriceBook;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.ds.PGSimpleDataSource;

/** PostgreSQL servers for one run, with their own defaults but for what a server of this machine's size is given. */
final class Servers {

    /** Where Maven put the server's programs. */
    static final String PROGRAMS = "postgres-testing/target/postgres";

    private static final String[] SETTINGS = {
        "shared_buffers = 1GB", "max_wal_size = 4GB", "checkpoint_timeout = 15min", "max_connections = 200"
    };

    private static final int DEFAULT_LEADERS = 2;
    private static final int READERS = 8;

    private Servers() {}

    /** Questions take their connections from a pool, as in every program; it is closed with the ledger. */
    static HikariDataSource pool(PGSimpleDataSource source) {
        System.setProperty("org.slf4j.simpleLogger.log.com.zaxxer.hikari", "warn");
        HikariConfig config = new HikariConfig();
        config.setDataSource(source);
        config.setMaximumPoolSize(READERS);
        config.setMinimumIdle(1);
        return new HikariDataSource(config);
    }

    /** Starts the newest version, whose programs are in the folder that the options name. */
    static PostgresServer start(Options options, String... more) {
        System.setProperty("tokenledger.postgres.folder", options.text("postgres"));
        String[] settings = new String[SETTINGS.length + more.length];
        System.arraycopy(SETTINGS, 0, settings, 0, SETTINGS.length);
        System.arraycopy(more, 0, settings, SETTINGS.length, more.length);
        return PostgresServer.start(Version.NEWEST, settings);
    }

    /** Opens a ledger as every program here does: the bundled prices, everything else as it comes. */
    static Ledger openLedger(PGSimpleDataSource source, String schema) {
        return openLedger(source, schema, DEFAULT_LEADERS);
    }

    /** The same with another number of leaders. */
    static Ledger openLedger(PGSimpleDataSource source, String schema, int leaders) {
        return PostgresLedger.builder()
                .prices(PriceBook.bundled())
                .schema(schema)
                .leaders(leaders)
                .readReplica(pool(source))
                .open(source);
    }

    /** What a schema takes on the disk after a vacuum: tables, what is stored beside them, indexes. */
    static long bytes(PostgresServer server, String schema) throws SQLException {
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("VACUUM");
            try (ResultSet row = statement.executeQuery("SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c"
                    + " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'S') AND n.nspname = '"
                    + schema + "'")) {
                row.next();
                return row.getLong(1);
            }
        }
    }
}
