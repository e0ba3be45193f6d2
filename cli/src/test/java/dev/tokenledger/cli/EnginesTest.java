package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.formats.json.EntryJson;
import dev.tokenledger.formats.json.SummaryJson;
import dev.tokenledger.postgres.PostgresLedger;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.postgres.testing.PostgresServer.Version;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.LedgerComparison;
import dev.tokenledger.testkit.Operation;
import dev.tokenledger.testkit.OperationGenerator;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.testkit.Seeds;
import dev.tokenledger.testkit.SettableClock;
import dev.tokenledger.usage.RecordId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same random operations on a list in memory, a file and PostgreSQL: the same answers, the same digits, the same JSON. */
@Tag("once")
class EnginesTest {

    private static final int OPERATIONS = 60;

    @TempDir
    Path folder;

    @Test
    void randomOperations_areAnsweredAlikeByEveryEngine() {
        PostgresServer server = PostgresServer.shared(Version.NEWEST);
        Seeds.run(3, random -> {
            SettableClock time = new SettableClock(Samples.NOW);
            String schema = server.newSchemaName();
            try (Ledger memory = InMemoryLedger.open(Samples.prices(), time);
                    Ledger file = SqliteLedger.builder()
                            .prices(Samples.prices())
                            .clock(time)
                            .open(folder.resolve(schema + ".db"));
                    Ledger database = PostgresLedger.builder()
                            .schema(schema)
                            .prices(Samples.prices())
                            .clock(time)
                            .onWarning(warning -> {})
                            .open(server.dataSource())) {
                OperationGenerator generator = new OperationGenerator(random);
                for (int i = 1; i <= OPERATIONS; i++) {
                    time.advance(Duration.ofNanos(random.nextLong(40_000_000_000_000L)));
                    Operation operation = generator.nextOfRecords();
                    String what = "operation " + i + ": " + operation;
                    Object expected = operation.apply(memory);
                    assertThat(operation.apply(file)).as("file, %s", what).isEqualTo(expected);
                    assertThat(operation.apply(database))
                            .as("database, %s", what)
                            .isEqualTo(expected);
                }
                // What one process writes has the same numbers in both.
                assertThat(numbers(database)).isEqualTo(numbers(file));
                for (Ledger other : List.of(file, database)) {
                    assertThat(LedgerComparison.firstDifference(memory, other)).isEmpty();
                    assertThat(json(other)).isEqualTo(json(memory));
                    assertThat(other.verify().differences()).isEmpty();
                }
            } finally {
                server.dropSchema(schema);
            }
        });
    }

    /** On a file, and on PostgreSQL, beside a list in memory that is told the same by one thread after the other. */
    @Test
    void twoProcessesWithEightThreadsEach_leaveWhatOneThreadDoes() {
        PostgresServer server = PostgresServer.shared(Version.NEWEST);
        Seeds.run(1, random -> {
            long seed = random.nextInt(1_000_000);
            String schema = server.newSchemaName();
            try (Ledger memory = EnginesChild.open("memory")) {
                EnginesChild.run(memory, seed, 0);
                EnginesChild.run(memory, seed, 1);
                for (String place :
                        List.of(folder.resolve(schema + ".db").toString(), server.address() + "?schema=" + schema)) {
                    EnginesChild.open(place).close();
                    List<Process> processes =
                            List.of(EnginesChild.start(place, seed, 0), EnginesChild.start(place, seed, 1));
                    for (Process process : processes) {
                        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip())
                                .endsWith("done");
                    }
                    try (Ledger ledger = EnginesChild.open(place)) {
                        assertThat(LedgerComparison.firstDifferenceOfCopy(memory, ledger))
                                .isEmpty();
                        assertThat(json(ledger)).isEqualTo(json(memory));
                        assertThat(ledger.readerStates("")).isEqualTo(memory.readerStates(""));
                        assertThat(ledger.verify().differences()).isEmpty();
                    }
                }
            } finally {
                server.dropSchema(schema);
            }
        });
    }

    /** Totals by every dimension, in their order, and the records in force. */
    private static List<String> json(Ledger ledger) {
        List<String> lines = new ArrayList<>();
        for (Dimension dimension : Dimension.all()) {
            SummaryQuery query =
                    SummaryQuery.over(TimeWindow.all()).by(dimension).build();
            lines.add(SummaryJson.write(query, ledger.summaries(query)));
        }
        ledger.records(RecordQuery.over(TimeWindow.all())
                        .limit(RecordQuery.MAX_LIMIT)
                        .build())
                .entries()
                .forEach(entry -> lines.add(EntryJson.write(unnumbered(entry))));
        return lines;
    }

    private static List<Long> numbers(Ledger ledger) {
        return LedgerComparison.listed(ledger).stream()
                .map(LedgerEntry::sequence)
                .toList();
    }

    /** Where several write, the sequence is in the order of each ledger's own; a revaluation's id is made by each. */
    private static LedgerEntry unnumbered(LedgerEntry entry) {
        return new LedgerEntry(
                1,
                entry.id(),
                entry.kind(),
                entry.record(),
                entry.cost(),
                entry.recorded(),
                entry.reversal(),
                entry.revaluation()
                        .map(last -> new LedgerEntry.Revaluation(
                                RecordId.of("revaluation"),
                                last.revalues(),
                                last.number(),
                                last.run(),
                                last.reason(),
                                last.cost())),
                entry.adjustment());
    }
}
