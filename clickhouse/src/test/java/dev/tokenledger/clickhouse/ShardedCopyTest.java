package dev.tokenledger.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.LedgerUnavailableException;
import dev.tokenledger.clickhouse.testing.ClickHouseServers;
import dev.tokenledger.postgres.PostgresLedger;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.testkit.OperationGenerator;
import dev.tokenledger.testkit.Samples;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A copy on two servers, each of which has a part of the rows, and a table over both. */
@Tag("clickhouse")
class ShardedCopyTest {

    private static final long SEED = 5;

    private static ClickHouseServers servers;

    @BeforeAll
    static void start() {
        servers = ClickHouseServers.start(2);
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    private static CopiedLedger copied() {
        return new CopiedLedger(PostgresServer.shared(PostgresServer.Version.NEWEST), servers, true);
    }

    private static void append(PostgresLedger ledger, int from, int to) {
        ledger.appendAll(IntStream.range(from, to)
                .mapToObj(number -> Samples.builder("r" + number)
                        .sessionId("session " + number % 7)
                        .build())
                .toList());
    }

    @Test
    void rows_areSharedOutAndAreThereOnce() {
        try (CopiedLedger copied = copied();
                PostgresLedger ledger = copied.open();
                ClickHouseExporter exporter = copied.exporter(20)) {
            append(ledger, 0, 50);
            OperationGenerator operations = new OperationGenerator(new SplittableRandom(SEED));
            for (int i = 0; i < 60; i++) {
                operations.next().apply(ledger);
            }
            copied.drain(exporter);
            copied.assertExact();
            assertThat(exporter.status().problems()).isEmpty();
            assertThat(exporter.status().servers())
                    .hasSize(2)
                    .allSatisfy(server -> assertThat(server.rows()).isPositive());
            String sessions = "SELECT DISTINCT session_id FROM " + copied.database + "."
                    + copied.promise().relation() + "_local WHERE session_id LIKE 'session %'";
            assertThat(servers.ask(0, sessions).lines())
                    .as("a session's rows are on one server")
                    .doesNotContainAnyElementsOf(
                            servers.ask(1, sessions).lines().toList());
        }
    }

    @Test
    void killedServer_isWaitedFor_andNothingIsLostOrDoubled() {
        try (CopiedLedger copied = copied();
                PostgresLedger ledger = copied.open();
                ClickHouseExporter exporter = copied.exporter(20)) {
            append(ledger, 0, 40);
            copied.drain(exporter);
            append(ledger, 40, 80);
            servers.kill(1);
            try {
                for (int attempt = 0; attempt < 3; attempt++) {
                    assertThatThrownBy(() -> copied.some(exporter))
                            .isInstanceOf(LedgerUnavailableException.class)
                            .hasMessageContaining("127.0.0.1:" + servers.port(1));
                }
                assertThat(copied.promise().entries()).isEqualTo(40);
                assertThat(exporter.status().problems())
                        .isNotEmpty()
                        .allSatisfy(problem -> assertThat(problem).contains("127.0.0.1:" + servers.port(1)));
            } finally {
                servers.restart(1);
            }
            copied.drain(exporter);
            copied.assertExact();
            assertThat(copied.promise().entries()).isEqualTo(80);
            assertThat(exporter.status().problems()).isEmpty();
        }
    }

    @Test
    void clusterThatTheServersDoNotKnow_isRefused() {
        try (CopiedLedger copied = copied();
                PostgresLedger ledger = copied.open()) {
            append(ledger, 0, 3);
            for (Map.Entry<String, String> each : Map.of(
                            copied.address.toString().replace("cluster=shards", "cluster=others"),
                            "knows no cluster 'others'",
                            servers.address(copied.database) + "?cluster=shards",
                            "knows 2 shards of the cluster 'shards', and the address names 1 hosts")
                    .entrySet()) {
                ClickHouseAddress address = ClickHouseAddress.parse(each.getKey(), Map.of(), warning -> {});
                try (ClickHouseExporter exporter = new ClickHouseExporter(
                        copied.postgres.dataSource(), copied.schema, "the ledger", address, 10)) {
                    assertThatThrownBy(exporter::step)
                            .isInstanceOf(LedgerUnavailableException.class)
                            .hasMessageContaining(each.getValue());
                }
            }
            assertThat(List.of(copied.promise().entries())).containsExactly(0L);
        }
    }
}
