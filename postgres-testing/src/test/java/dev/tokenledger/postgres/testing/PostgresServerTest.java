package dev.tokenledger.postgres.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostgresServerTest {

    @ParameterizedTest
    @CsvSource({"OLDEST, 15", "NEWEST, 18"})
    void server_keepsWhatWasCommittedWhenItIsKilled(PostgresServer.Version version, int major) throws Exception {
        try (PostgresServer server = PostgresServer.start(version)) {
            server.execute("CREATE TABLE kept (number int)");
            server.execute("INSERT INTO kept VALUES (7)");

            server.kill();
            server.restart();

            try (Connection connection = server.dataSource().getConnection();
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT number FROM kept")) {
                assertThat(row.next()).isTrue();
                assertThat(row.getInt(1)).isEqualTo(7);
                assertThat(connection.getMetaData().getDatabaseMajorVersion()).isEqualTo(major);
            }
        }
    }
}
