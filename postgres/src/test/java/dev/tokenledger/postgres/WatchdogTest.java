package dev.tokenledger.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.postgres.testing.PostgresServer.Version;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WatchdogTest {

    @Test
    void statement_isCancelledWhenItsCallerIsInterruptedOrLate() throws Exception {
        try (Watchdog watchdog = new Watchdog();
                Connection connection =
                        PostgresServer.shared(Version.NEWEST).dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            try (Watchdog.Watch watch = watchdog.watch(TimeUnit.MILLISECONDS.toNanos(50))) {
                assertCancelled(watch, statement);
                assertThat(watch.stop()).isEqualTo(Watchdog.Stop.OVERDUE);
            }
            try (Watchdog.Watch watch = watchdog.watch(0)) {
                Thread.currentThread().interrupt();
                assertCancelled(watch, statement);
                assertThat(watch.stop()).isEqualTo(Watchdog.Stop.INTERRUPTED);
                assertThat(Thread.interrupted()).isTrue();
            }
            try (Watchdog.Watch watch = watchdog.watch(0)) {
                watch.begin(statement);
                assertThat(statement.execute("SELECT 1")).isTrue();
                assertThat(watch.stop()).isEqualTo(Watchdog.Stop.NOT);
            }
        }
    }

    private static void assertCancelled(Watchdog.Watch watch, Statement statement) {
        watch.begin(statement);
        assertThatThrownBy(() -> statement.execute("SELECT pg_sleep(3600)"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
        watch.end();
    }
}
