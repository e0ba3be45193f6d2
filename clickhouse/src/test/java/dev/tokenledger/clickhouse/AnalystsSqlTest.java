package dev.tokenledger.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.postgres.PostgresLedger;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.OperationGenerator;
import dev.tokenledger.testkit.Samples;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The statements of docs/clickhouse.md run as they are printed, and give what the ledger says. */
@Tag("clickhouse")
class AnalystsSqlTest {

    private static final Pattern SQL = Pattern.compile("(?s)```sql\n(.*?)```");
    private static final long SEED = 11;

    @Test
    void statementsOfTheDocument_giveWhatTheLedgerSays() throws IOException {
        List<String> statements = SQL.matcher(Files.readString(Path.of("..", "docs", "clickhouse.md")))
                .results()
                .map(MatchResult::group)
                .map(block -> block.replace("```sql", "").replace("```", "").strip())
                .toList();
        assertThat(statements).hasSize(5);
        try (CopiedLedger copied = CopiedLedger.shared();
                PostgresLedger ledger = copied.open();
                ClickHouseExporter exporter = copied.exporter(50)) {
            OperationGenerator operations = new OperationGenerator(new SplittableRandom(SEED));
            for (int i = 0; i < 150; i++) {
                operations.next().apply(ledger);
            }
            for (int i = 0; i < 5; i++) {
                ledger.append(Samples.builder("s" + i)
                        .sessionId("session " + i % 2)
                        .attribute("team", i % 2 == 0 ? "search" : "ads")
                        .duration(Duration.ofMillis(100L * i))
                        .build());
            }
            copied.drain(exporter);

            TreeMap<String, BigDecimal> byTeam = new TreeMap<>();
            for (String[] row : rows(copied, statements.get(0))) {
                byTeam.merge(row[1], new BigDecimal(row[2]), BigDecimal::add);
            }
            assertThat(nonZero(byTeam)).isEqualTo(nonZero(ofLedger(ledger, Dimension.attribute("team"))));

            SortedMap<String, BigDecimal> ofSessions = ofLedger(ledger, Dimension.SESSION);
            assertThat(rows(copied, statements.get(1)))
                    .anySatisfy(row -> assertThat(row[0]).isEqualTo("session 0"))
                    .filteredOn(row -> row[0].startsWith("session "))
                    .allSatisfy(row -> assertThat(new BigDecimal(row[2])).isEqualByComparingTo(ofSessions.get(row[0])));

            SortedMap<String, BigDecimal> ofModels = ofLedger(ledger, Dimension.MODEL);
            assertThat(rows(copied, statements.get(2)))
                    .isNotEmpty()
                    .allSatisfy(row -> assertThat(new BigDecimal(row[2])).isEqualByComparingTo(ofModels.get(row[0])));

            assertThat(rows(copied, statements.get(3))).isNotEmpty();
            assertThat(rows(copied, statements.get(4))).isNotEmpty();
            assertThat(copied.copy("SELECT toDecimal64('7', 0) / 1000").get(0)).isEqualTo("0");
            assertThat(copied.copy("SELECT sum(x) FROM (SELECT toInt64(9000000000000000000) AS x FROM numbers(3))")
                            .get(0))
                    .isEqualTo("8553255926290448384");
        }
    }

    private static List<String[]> rows(CopiedLedger copied, String sql) {
        return copied
                .copy(sql.replace("FROM usage_records", "FROM " + copied.database + ".usage_records")
                        + " FORMAT TSVRaw")
                .stream()
                .map(line -> line.split("\t", -1))
                .toList();
    }

    private static SortedMap<String, BigDecimal> ofLedger(PostgresLedger ledger, Dimension by) {
        TreeMap<String, BigDecimal> costs = new TreeMap<>();
        ledger.summaries(SummaryQuery.over(TimeWindow.all()).by(by).build())
                .forEach(row -> costs.put(
                        row.keys().getOrDefault(by, ""),
                        row.summary().totalCost().toBigDecimal()));
        return costs;
    }

    private static SortedMap<String, String> nonZero(SortedMap<String, BigDecimal> costs) {
        TreeMap<String, String> texts = new TreeMap<>();
        costs.forEach((key, cost) -> {
            if (cost.signum() != 0) {
                texts.put(key, cost.stripTrailingZeros().toPlainString());
            }
        });
        return texts;
    }
}
