package dev.tokenledger.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.postgres.PostgresLedger;
import dev.tokenledger.testkit.OperationGenerator;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.testkit.Seeds;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("clickhouse")
class ClickHouseExporterTest {

    @Test
    void step_copiesWhatIsThere() {
        try (CopiedLedger copied = CopiedLedger.shared();
                PostgresLedger ledger = copied.open();
                ClickHouseExporter exporter = copied.exporter(10_000)) {
            ledger.appendAll(IntStream.range(0, 10)
                    .mapToObj(i -> Samples.record("r" + i))
                    .toList());

            assertThat(copied.some(exporter)).isEqualTo(10);
            assertThat(exporter.step()).isZero();

            copied.assertExact();
            assertThat(copied.promise().entries()).isEqualTo(10);
        }
    }

    /** Of a role that only reads the ledger, as docs/clickhouse.md grants it. */
    @Test
    void step_needsNoRightsButThoseOfTheDocument() {
        try (CopiedLedger copied = CopiedLedger.shared();
                PostgresLedger ledger = copied.open()) {
            ledger.append(Samples.record("a"));
            String role = "exporter_" + copied.schema;
            copied.postgres.execute("CREATE ROLE " + role + " LOGIN");
            try {
                copied.postgres.execute("GRANT USAGE ON SCHEMA " + copied.schema + " TO " + role);
                copied.postgres.execute("GRANT SELECT ON ALL TABLES IN SCHEMA " + copied.schema + " TO " + role);
                copied.postgres.execute("GRANT INSERT, UPDATE ON " + copied.schema + ".copies TO " + role);
                copied.postgres.execute("GRANT pg_read_all_stats TO " + role);
                try (ClickHouseExporter exporter = copied.exporter(copied.postgres.dataSource(role), 10)) {
                    assertThat(copied.drain(exporter)).isEqualTo(1);
                    assertThat(exporter.status().problems()).isEmpty();
                    exporter.again();
                    assertThat(copied.drain(exporter)).isEqualTo(1);
                }
                copied.assertExact();
            } finally {
                copied.postgres.execute("DROP OWNED BY " + role);
                copied.postgres.execute("DROP ROLE " + role);
            }
        }
    }

    @Test
    void step_copiesEntriesOfEveryKindInEveryColumn() {
        Seeds.run(3, random -> {
            try (CopiedLedger copied = CopiedLedger.shared();
                    PostgresLedger ledger = copied.open();
                    ClickHouseExporter exporter = copied.exporter(20)) {
                OperationGenerator operations = new OperationGenerator(random);
                for (int i = 0; i < 120; i++) {
                    operations.next().apply(ledger);
                    if (random.nextInt(20) == 0) {
                        exporter.step();
                        copied.assertExact();
                    }
                }
                ledger.append(Samples.everyField("every").build());
                copied.drain(exporter);
                copied.assertExact();
                copied.assertAttributes();
                assertThat(copied.promise().entries()).isEqualTo(copied.entries());
            }
        });
    }
}
