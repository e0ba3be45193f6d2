package dev.tokenledger.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.postgres.testing.FaultProxy;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.postgres.testing.PostgresServer.Version;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/**
 * How often the server is asked: each round trip costs more than most of what is asked. A question's BEGIN is a request of its own,
 * but goes along with the next one, without a wait for its answer.
 */
class RoundTripsTest {

    /** The write itself, and whether the connection is still there if it has rested for some seconds. */
    private static final long MAX_OF_A_WRITE = 2;

    @Test
    void writesAndQuestions_takeFewRoundTrips() throws SQLException {
        PostgresServer server = PostgresServer.shared(Version.NEWEST);
        String schema = server.newSchemaName();
        try (FaultProxy proxy = new FaultProxy(server);
                Connection connection = proxy.dataSource().getConnection();
                PostgresLedger ledger = PostgresLedger.builder()
                        .schema(schema)
                        .prices(Samples.prices())
                        .readReplica(always(connection))
                        .open(proxy.dataSource())) {
            ledger.append(Samples.record("first"));
            List<UsageRecord> batch = IntStream.range(0, 1_000)
                    .mapToObj(i -> Samples.record("batch " + i))
                    .toList();
            SummaryQuery total = SummaryQuery.over(TimeWindow.all()).build();
            SummaryQuery days = SummaryQuery.over(TimeWindow.all())
                    .by(Dimension.MODEL)
                    .every(CalendarBucket.DAY, ZoneId.of("Asia/Kathmandu"))
                    .build();
            // A connection asks for the names of types once.
            ledger.summaries(total);

            assertThat(requests(proxy, () -> ledger.append(Samples.record("second"))))
                    .isBetween(1L, MAX_OF_A_WRITE);
            assertThat(requests(proxy, () -> ledger.appendAll(batch))).isBetween(1L, MAX_OF_A_WRITE);
            assertThat(requests(proxy, () -> ledger.summaries(total))).isEqualTo(4);
            assertThat(requests(proxy, () -> ledger.find(RecordId.of("first")))).isEqualTo(3);
            // What is not folded yet is read on its own where a span has a part of it.
            assertThat(requests(proxy, () -> ledger.summaries(days))).isLessThanOrEqualTo(5);
            assertThat(ledger.summaries(total).get(0).summary().totalRecords()).isEqualTo(1_002);
        } finally {
            server.dropSchema(schema);
        }
    }

    private static long requests(FaultProxy proxy, Runnable work) {
        proxy.failAt(0, () -> {});
        work.run();
        return proxy.requests();
    }

    /** Gives the same connection each time, which nobody closes; a pool would ask now and then whether it is still there. */
    private static DataSource always(Connection connection) {
        Connection kept = (Connection) Proxy.newProxyInstance(
                RoundTripsTest.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (self, method, arguments) ->
                        method.getName().equals("close") ? null : method.invoke(connection, arguments));
        return (DataSource) Proxy.newProxyInstance(
                RoundTripsTest.class.getClassLoader(), new Class<?>[] {DataSource.class}, (self, method, arguments) -> {
                    if (!method.getName().equals("getConnection")) {
                        throw new UnsupportedOperationException(method.getName());
                    }
                    return kept;
                });
    }
}
