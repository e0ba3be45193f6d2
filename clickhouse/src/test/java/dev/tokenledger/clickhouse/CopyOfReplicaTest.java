package dev.tokenledger.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.clickhouse.testing.ClickHouseServers;
import dev.tokenledger.postgres.PostgresLedger;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.usage.UsageRecord;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A replica answers of the moment that it has come to, though the copy is fed by the primary and further on. */
@Tag("clickhouse")
class CopyOfReplicaTest {

    private static final SummaryQuery BY_SESSION =
            SummaryQuery.over(TimeWindow.all()).by(Dimension.SESSION).build();

    private static final Duration MAX_WAIT = Duration.ofMinutes(2);

    @Test
    void replicaThatIsBehind_answersExactlyOfItsMoment() {
        try (PostgresServer primary = PostgresServer.start(PostgresServer.Version.NEWEST);
                PostgresServer replica = primary.startReplica();
                CopiedLedger copied = new CopiedLedger(primary, ClickHouseServers.shared(), false);
                PostgresLedger writing = copied.open()) {
            writing.appendAll(records(0, 30));
            try (ClickHouseExporter exporter = copied.exporter(10)) {
                copied.drain(exporter);
            }
            awaitReplayed(primary, replica);
            try (PostgresLedger reading = PostgresLedger.builder()
                    .schema(copied.schema)
                    .prices(Samples.prices())
                    .clock(InstantSource.fixed(Samples.NOW))
                    .onWarning(warning -> {})
                    .readReplica(replica.dataSource())
                    .copy(ClickHouseCopy.at(copied.address, MAX_WAIT))
                    .open(primary.dataSource())) {
                List<GroupedSummary> before = writing.summaries(BY_SESSION);
                assertThat(reading.summaries(BY_SESSION)).isEqualTo(before);
                assertThat(answered(reading)).isEqualTo(1);

                replica.execute("SELECT pg_wal_replay_pause()");
                writing.appendAll(records(30, 50));
                writing.reverse(records(0, 1).get(0).id(), "not ours");
                // Another exporter takes over, so that the copy's rows are told apart by another term than the replica
                // knows.
                try (ClickHouseExporter exporter = copied.exporter(10)) {
                    copied.drain(exporter);
                }
                assertThat(reading.summaries(BY_SESSION)).isEqualTo(before);

                replica.execute("SELECT pg_wal_replay_resume()");
                awaitReplayed(primary, replica);
                long answered = answered(reading);
                assertThat(reading.summaries(BY_SESSION))
                        .isEqualTo(writing.summaries(BY_SESSION))
                        .isNotEqualTo(before);
                assertThat(answered(reading)).isEqualTo(answered + 1);
            }
        }
    }

    private static long answered(PostgresLedger ledger) {
        return ledger.copyCounts().orElseThrow().answered();
    }

    private static List<UsageRecord> records(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(number -> Samples.builder("r" + number)
                        .timestamp(Samples.NOW.plus(Duration.ofHours(number)))
                        .sessionId("s" + number % 7)
                        .build())
                .toList();
    }

    private static String ask(PostgresServer server, String sql) {
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void awaitReplayed(PostgresServer primary, PostgresServer replica) {
        long end = System.nanoTime() + MAX_WAIT.toNanos();
        String written = ask(primary, "SELECT pg_current_wal_lsn()");
        while (!ask(replica, "SELECT pg_last_wal_replay_lsn() >= '" + written + "'")
                .equals("t")) {
            assertThat(System.nanoTime())
                    .as("the replica comes to what was written")
                    .isLessThan(end);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }
}
