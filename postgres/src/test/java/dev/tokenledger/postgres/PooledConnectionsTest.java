package dev.tokenledger.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.Samples;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Connections of a pool that the program uses for other things too. */
class PooledConnectionsTest {

    private static final int CONNECTIONS = 4;

    @Test
    void connections_areGivenBackAsTheyWere() throws SQLException {
        PostgresServer server = PostgresServer.shared(PostgresServer.Version.NEWEST);
        String schema = server.newSchemaName();
        HikariConfig config = new HikariConfig();
        config.setDataSource(server.dataSource());
        config.setMaximumPoolSize(CONNECTIONS);
        config.setConnectionInitSql("SET lock_timeout = '1234ms'; SET enable_seqscan = off");
        try (HikariDataSource pool = new HikariDataSource(config)) {
            List<List<String>> before = settings(pool);
            try (PostgresLedger ledger = PostgresLedger.builder()
                    .schema(schema)
                    .leaders(2)
                    .maxDeltas(1)
                    .open(pool)) {
                ledger.append(Samples.record("r1"));
                assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
                ledger.rebuild();
            }
            assertThat(settings(pool)).isEqualTo(before);
        } finally {
            server.dropSchema(schema);
        }
    }

    /** Those of all of the pool's connections. */
    private static List<List<String>> settings(HikariDataSource pool) throws SQLException {
        List<Connection> lent = new ArrayList<>();
        try {
            List<List<String>> settings = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                lent.add(pool.getConnection());
            }
            for (Connection connection : lent) {
                settings.add(PostgresServer.settings(connection));
            }
            return settings;
        } finally {
            for (Connection connection : lent) {
                connection.close();
            }
        }
    }
}
