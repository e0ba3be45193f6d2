package dev.tokenledger.imports.ledgers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.Batch;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.formats.json.EntryJson;
import dev.tokenledger.formats.json.ExportLines;
import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.imports.Importer;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.Rates;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.LedgerComparison;
import dev.tokenledger.testkit.Operation;
import dev.tokenledger.testkit.OperationGenerator;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.testkit.Seeds;
import dev.tokenledger.testkit.SettableClock;
import dev.tokenledger.usage.RecordId;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** A copy made by export and import knows what the ledger knew. */
class CopyByExportTest {

    private final SettableClock clock = new SettableClock(Samples.NOW);
    private final Ledger ledger = InMemoryLedger.open(Samples.prices(), clock);
    private final Ledger copy = InMemoryLedger.open(PriceBook.empty(), clock);

    private static List<String> export(Ledger ledger, boolean history, int page) {
        List<String> lines = new ArrayList<>();
        ExportLines export = new ExportLines(ledger);
        RecordQuery.Builder query =
                RecordQuery.over(TimeWindow.all()).history(history).limit(page);
        Optional<RecordQuery.Cursor> next;
        do {
            RecordPage entries = ledger.records(query.build());
            entries.entries().forEach(entry -> lines.add(export.line(entry)));
            next = entries.next();
            next.ifPresent(query::after);
        } while (next.isPresent());
        return lines;
    }

    private static ImportReport load(List<String> lines, Ledger into) {
        return load(lines, into, false);
    }

    private static ImportReport load(List<String> lines, Ledger into, boolean dry) {
        String text = String.join("\n", lines) + "\n";
        Importer.Builder importer = Importer.into(into).batchSize(7);
        if (dry) {
            importer.dryRun(Samples.prices());
        }
        return importer.build()
                .run(
                        new NdjsonSource(),
                        ImportFile.of("export", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8))));
    }

    @Test
    void copyOfARandomLedger_isAndAnswersAsTheLedger() {
        Seeds.run(60, CopyByExportTest::copyAndCompare);
    }

    private static void copyAndCompare(RandomGenerator random) {
        SettableClock time = new SettableClock(Samples.NOW);
        OperationGenerator generator = new OperationGenerator(random);
        try (Ledger source = InMemoryLedger.open(Samples.prices(), time);
                Ledger copied = InMemoryLedger.open(Samples.prices(), time)) {
            List<Operation> operations = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                Operation operation = generator.nextOfRecords();
                operations.add(operation);
                operation.apply(source);
                time.advance(Duration.ofMinutes(random.nextInt(600)));
            }
            List<String> lines = export(source, true, 1 + random.nextInt(30));
            ImportReport dry = load(lines, copied, true);
            ImportReport report = load(lines, copied);
            assertThat(List.of(dry.appended(), dry.duplicates(), dry.skipped()))
                    .isEqualTo(List.of(report.appended(), report.duplicates(), report.skipped()));
            assertThat(report.clean()).as("%s", report.problems()).isTrue();
            assertThat(report.appended()).isEqualTo(lines.size());
            assertThat(LedgerComparison.firstDifferenceOfCopy(source, copied)).isEmpty();
            assertThat(ids(copied)).isEqualTo(ids(source));

            ImportReport again = load(lines, copied);
            assertThat(again.duplicates()).as("%s", again.problems()).isEqualTo(lines.size());
            ImportReport back = load(export(copied, true, 100), source);
            assertThat(back.duplicates()).as("%s", back.problems()).isEqualTo(lines.size());

            for (int i = 0; i < 20; i++) {
                operations.add(generator.nextOfRecords());
            }
            for (Operation operation : operations) {
                Object expected = operation.apply(source);
                assertThat(operation.apply(copied)).as(operation::toString).isEqualTo(expected);
            }
            assertThat(LedgerComparison.firstDifferenceOfCopy(source, copied)).isEmpty();
        }
    }

    private static List<RecordId> ids(Ledger ledger) {
        return LedgerComparison.listed(ledger).stream().map(LedgerEntry::id).toList();
    }

    /** A file that was sorted or shuffled says the same: what was reversed stays reversed. */
    @Test
    void linesInAnyOrder_giveTheSameTotals() {
        Seeds.run(20, random -> {
            OperationGenerator generator = new OperationGenerator(random);
            SettableClock time = new SettableClock(Samples.NOW);
            try (Ledger source = InMemoryLedger.open(Samples.prices(), time);
                    Ledger copied = InMemoryLedger.open(PriceBook.empty(), time)) {
                for (int i = 0; i < 30; i++) {
                    generator.nextOfRecords().apply(source);
                }
                List<String> lines = export(source, true, 100);
                Collections.shuffle(lines, new Random(random.nextLong()));
                load(lines, copied);
                assertThat(copied.summary(TimeWindow.all())).isEqualTo(source.summary(TimeWindow.all()));
            }
        });
    }

    @Test
    void exportWithoutHistory_keepsCostsAndExplanations() {
        ledger.append(Samples.record("a"));
        ledger.append(Samples.record("b"));
        ledger.reverse(RecordId.of("b"), "");
        assertThat(load(export(ledger, false, 10), copy).appended()).isEqualTo(1);
        assertThat(copy.explain(RecordId.of("a"))).isEqualTo(ledger.explain(RecordId.of("a")));
        assertThat(copy.find(RecordId.of("b"))).isEmpty();
    }

    /** As exports were before they told prices. */
    @Test
    void exportWithoutPrices_keepsCostsAsComputed() {
        ledger.append(Samples.record("a"));
        LedgerEntry entry = ledger.find(RecordId.of("a")).orElseThrow();
        load(List.of(EntryJson.write(entry)), copy);
        assertThat(copy.find(entry.id())).contains(entry);
        assertThat(copy.explain(entry.id()).orElseThrow().lines()).isEmpty();
        load(export(ledger, true, 10), copy);
        assertThat(copy.explain(entry.id())).isEqualTo(ledger.explain(entry.id()));
    }

    @Test
    void recordWhoseReversalIsMissing_isReversed() {
        ledger.append(Samples.record("a"));
        ledger.reverse(RecordId.of("a"), "typed twice");
        LedgerEntry entry = ledger.find(RecordId.of("a")).orElseThrow();
        ImportReport report = load(List.of(EntryJson.write(entry)), copy);
        assertThat(report.clean()).isTrue();
        assertThat(copy.summary(TimeWindow.all())).isEqualTo(Summary.ZERO);
        assertThat(copy.find(entry.id())).contains(entry);
    }

    /** A list without history tells the cost that counts, and the first one. */
    @Test
    void recordWhoseRevaluationIsMissing_isRevalued() {
        ledger.append(Samples.builder("a").model(Samples.OMEGA).build());
        for (String input : List.of("2", "4")) {
            LedgerEntry read = ledger.find(RecordId.of("a")).orElseThrow();
            PriceEntry price = PriceEntry.builder(Samples.OMEGA)
                    .rates(Rates.of(input, "10"))
                    .build();
            ledger.write(Batch.builder()
                    .step(new Batch.Step.Revalue(
                            read, price.price(read.record()), Optional.of(price), "run-1", "came late"))
                    .build());
        }
        List<String> lines = export(ledger, false, 10);
        assertThat(lines).hasSize(1);
        assertThat(lines.get(0)).contains("\"cost_usd\":0.005,").contains("\"first_cost\":{\"cost_usd\":0,");
        assertThat(load(lines, copy).clean()).isTrue();
        assertThat(copy.summary(TimeWindow.all())).isEqualTo(ledger.summary(TimeWindow.all()));
        LedgerEntry copied = copy.find(RecordId.of("a")).orElseThrow();
        LedgerEntry entry = ledger.find(RecordId.of("a")).orElseThrow();
        assertThat(copied.cost()).isEqualTo(entry.cost());
        assertThat(copied.effectiveCost()).isEqualTo(entry.effectiveCost());
        RecordId revaluation = entry.revaluation().orElseThrow().id();
        assertThat(copy.explain(revaluation)).isEqualTo(ledger.explain(revaluation));
    }

    @Test
    void reversalWhoseRecordIsMissing_isRefused() {
        ledger.append(Samples.record("a"));
        ledger.reverse(RecordId.of("a"), "typed twice");
        LedgerEntry reversal = ledger.find(ledger.find(RecordId.of("a"))
                        .flatMap(LedgerEntry::reversal)
                        .orElseThrow()
                        .id())
                .orElseThrow();
        ImportReport report = load(List.of(EntryJson.write(reversal)), copy);
        assertThat(report.skippedReasons()).containsEntry("refused", 1L);
        assertThat(report.problems().get(0).message()).startsWith("reversal: ");
    }

    /** What no ledger has written is no entry, and costs its line alone. */
    @Test
    void lineThatContradictsItself_isSkipped() {
        ledger.append(Samples.record("a"));
        ledger.reverse(RecordId.of("a"), "");
        String reversal = export(ledger, true, 10).get(0);
        String line = export(ledger, true, 10).get(1);
        String told = reversal.substring(reversal.indexOf("\"price_entry\":"), reversal.length() - 1);
        List<String> lines = List.of(
                reversal.replace("\"price_id\":\"anthropic/", "\"price_id\":\"other/"),
                reversal.replace("rate.input=3", "rate.input=4"),
                reversal.replace(told, "\"price_entry\":\"provider\""),
                line.replaceAll("\"price_id\":\"[^\"]*\"", "\"price_id\":\"\""),
                line.replace("\"pricing_status\":\"priced\"", "\"pricing_status\":\"unpriced\""),
                line.replaceAll("\"reverses\":\"[^\"]*\"", "\"reverses\":\"b\""),
                line.replaceAll("\"cost_usd\":[0-9.]*", "\"cost_usd\":9000000.01"),
                line.replaceAll("\"timestamp\":\"[^\"]*\",", ""),
                line.replaceAll("\"recorded\":\"[^\"]*\"", "\"recorded\":\"yesterday\""),
                line.replace("\"price_id\"", "\"pricing_notes\":[\"\"],\"price_id\""),
                line.replace("\"price_id\"", "\"unpriced_tokens\":{\"anything\":1},\"price_id\""),
                line.replace("\"price_id\"", "\"unpriced_calls\":{\"search\":-1},\"price_id\""));
        for (String wrong : lines) {
            assertThat(wrong).isNotIn(line, reversal);
            ImportReport report = load(List.of(wrong), copy);
            assertThat(report.skippedReasons()).as(wrong).isEqualTo(Map.of("invalid_record", 1L));
        }
        assertThat(LedgerComparison.listed(copy)).isEmpty();
    }

    @Test
    void manyEntriesOfOneInstant_areNotAllHeld() {
        List<String> order = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            ledger.append(Samples.record("r" + i));
        }
        for (int i = 0; i < 30; i += 3) {
            ledger.reverse(RecordId.of("r" + i), "");
        }
        ExportedEntries entries = new ExportedEntries(
                (line, entry, price) -> order.add((entry.kind() == LedgerEntry.Kind.USAGE ? "" : "reversal of ")
                        + entry.record().id()),
                30);
        List<LedgerEntry> all = LedgerComparison.entries(ledger);
        Collections.reverse(all);
        long line = 0;
        for (LedgerEntry entry : all) {
            entries.add(++line, entry, List.of());
        }
        entries.end();
        assertThat(order).hasSize(40).doesNotHaveDuplicates();
        for (int i = 0; i < 30; i += 3) {
            assertThat(order.indexOf("reversal of r" + i)).isGreaterThan(order.indexOf("r" + i));
        }
    }
}
