package dev.tokenledger.imports.ledgers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.AppendResult;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.formats.json.EntryJson;
import dev.tokenledger.formats.json.RecordJson;
import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportListener;
import dev.tokenledger.imports.ImportProblem;
import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.imports.ImportReportJson;
import dev.tokenledger.imports.Importer;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Imports of NDJSON. Long because whatever can be wrong with a line, a file or the ledger has a test of its own. */
class NdjsonImportTest {

    private static final PriceBook PRICES =
            PriceBook.of(List.of(PriceEntry.simple("house", BigDecimal.ONE, BigDecimal.TEN)));

    private final Ledger ledger = InMemoryLedger.open(PRICES);

    @TempDir
    Path folder;

    @Test
    void lines_areCountedByWhatBecameOfThem() {
        ledger.append(
                UsageRecord.builder().id("taken").model("house").inputTokens(1).build());
        ImportReport report = run("""
                {"id":"a","model":"house","input_tokens":5}

                {"id":"a","model":"house","input_tokens":5}
                {"id":"taken","model":"house","input_tokens":2}
                nonsense
                {"id":"b","model":"house","input_tokens":-1}
                {"id":"c","model":"house","output_tokens":1000000000000}
                {"id":"d","kind":"reversal","model":"house"}
                \t
                {"id":"e","model":"house"}
                """);
        assertThat(report.lines()).isEqualTo(10);
        assertThat(report.used()).isEqualTo(4);
        assertThat(report.ignored()).isEqualTo(2);
        assertThat(report.skipped()).isEqualTo(4);
        assertThat(report.skippedReasons())
                .isEqualTo(
                        new TreeMap<>(Map.of("invalid_json", 1L, "invalid_record", 1L, "refused", 1L, "reversal", 1L)));
        assertThat(report.calls()).isEqualTo(4);
        assertThat(report.appended()).isEqualTo(2);
        assertThat(report.duplicates()).isEqualTo(1);
        assertThat(report.conflicts()).isEqualTo(1);
        assertThat(report.corrected()).isZero();
        assertThat(report.clean()).isFalse();
        assertThat(report.problems())
                .extracting(ImportProblem::toString)
                .containsExactly(
                        "test:4: the id taken is taken by a record that differs in input_tokens: stored \"1\", offered"
                                + " \"2\"; the stored one stays",
                        "test:5: not valid JSON near column 1",
                        "test:6: input_tokens: expected a whole number from 0 to 1000000000000, found -1",
                        "test:7: cost_usd: one record costs at most 9000000 USD, this one comes to 10000000 at price "
                                + PRICES.layers().get(0).entries().get(0).id(),
                        "test:8: kind: a reversal is no record; reverse the record in the ledger instead");
        assertThat(ids()).containsExactlyInAnyOrder("taken", "a", "e");
    }

    @Test
    void recordsWithoutId_areTheSameWhenReadAgain() {
        String file = """
                {"model":"house","input_tokens":5}
                {"model":"house","input_tokens":6}
                  {"model":"house","input_tokens":5}\s
                {"model":"house","input_tokens":5}
                """;
        assertThat(run(file).appended()).isEqualTo(4);
        assertThat(ledger.summary(TimeWindow.all()).totalInputTokens()).isEqualTo(21);
        ImportReport again = run(file);
        assertThat(again.appended()).isZero();
        assertThat(again.duplicates()).isEqualTo(4);
        ImportReport grown = run(file + "{\"model\":\"house\",\"input_tokens\":6}\n");
        assertThat(grown.appended()).isEqualTo(1);
        assertThat(grown.duplicates()).isEqualTo(4);
    }

    @Test
    void derivedId_isTheDocumentedDigest() {
        run("{\"model\":\"house\"}\r\n{\"model\":\"house\"}");
        // printf '{"model":"house"}' | sha256sum | cut -c-32
        String id = "line-91abe56672c1a7aea649193bb981ab5b";
        assertThat(ids()).containsExactlyInAnyOrder(id, id + "-2");
    }

    @Test
    void manyLinesWithoutId_keepTheirOrdinals() {
        StringBuilder file = new StringBuilder();
        for (int i = 0; i < 5_000; i++) {
            file.append("{\"model\":\"house\",\"input_tokens\":")
                    .append(i % 2_000)
                    .append("}\n");
        }
        assertThat(run(file.toString()).appended()).isEqualTo(5_000);
        assertThat(run(file.toString()).duplicates()).isEqualTo(5_000);
        assertThat(ids().stream().filter(id -> id.endsWith("-3"))).hasSize(1_000);
    }

    @Test
    void byteOrderMarkAndCrLf_areFine() {
        ImportReport report =
                run("\ufeff{\"id\":\"a\",\"model\":\"house\"}\r\n\r\n{\"id\":\"b\",\"model\":\"house\"}\r\n");
        assertThat(report.clean()).isTrue();
        assertThat(report.lines()).isEqualTo(3);
        assertThat(ids()).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void lastLineWithoutEnd_isReadIfWholeElseIncomplete() {
        assertThat(run("{\"id\":\"a\",\"model\":\"house\"}").appended()).isEqualTo(1);
        ImportReport torn = run("{\"id\":\"b\",\"model\":\"house\"}\n{\"id\":\"c\",\"mod");
        assertThat(torn.appended()).isEqualTo(1);
        assertThat(torn.skippedReasons()).containsOnlyKeys("truncated_line");
        assertThat(torn.problems().get(0).line()).isEqualTo(2);
        ImportReport tornInCharacter = runBytes(Arrays.copyOf("{\"model\":\"é".getBytes(StandardCharsets.UTF_8), 11));
        assertThat(tornInCharacter.skippedReasons()).containsOnlyKeys("truncated_line");
        ImportReport wrong = run("{\"id\":\"d\",\"model\":\"house\",\"input_tokens\":-1}");
        assertThat(wrong.skippedReasons()).containsOnlyKeys("invalid_record");
    }

    @Test
    void invalidUtf8_costsItsLineAlone() {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(
                "{\"id\":\"a\",\"model\":\"house\"}\n{\"id\":\"b\",\"model\":\"".getBytes(StandardCharsets.UTF_8));
        file.write(0xc0);
        file.write(0xaf);
        file.writeBytes("\"}\n{\"id\":\"c\",\"model\":\"house\"}\n".getBytes(StandardCharsets.UTF_8));
        ImportReport report = runBytes(file.toByteArray());
        assertThat(report.appended()).isEqualTo(2);
        assertThat(report.skippedReasons()).isEqualTo(new TreeMap<>(Map.of("invalid_utf8", 1L)));
    }

    @Test
    void overlongLine_isPassedOver() {
        String ok = "{\"id\":\"a\",\"model\":\"house\"}" + " ".repeat(RecordJson.MAX_BYTES);
        ImportReport report = run(ok.substring(0, RecordJson.MAX_BYTES) + "\n"
                + ok.substring(0, RecordJson.MAX_BYTES + 1) + "\n{\"id\":\"b\",\"model\":\"house\"}\n");
        assertThat(report.appended()).isEqualTo(2);
        assertThat(report.skippedReasons()).isEqualTo(new TreeMap<>(Map.of("line_too_long", 1L)));
        assertThat(report.problems().get(0).line()).isEqualTo(2);
    }

    @Test
    void endlessLine_isNotHeldInMemory() {
        long gigabytes = 3L << 30;
        InputStream endless = new InputStream() {
            private long left = gigabytes;

            @Override
            public int read() {
                return left-- > 0 ? 'x' : -1;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) {
                if (left <= 0) {
                    return -1;
                }
                int read = (int) Math.min(left, length);
                Arrays.fill(buffer, offset, offset + read, (byte) 'x');
                left -= read;
                return read;
            }
        };
        InputStream then =
                new ByteArrayInputStream("\n{\"id\":\"a\",\"model\":\"house\"}".getBytes(StandardCharsets.UTF_8));
        ImportFile input = ImportFile.of("endless", new SequenceInputStream(endless, then));
        AtomicLong bytesRead = new AtomicLong();
        ImportListener listener = new ImportListener() {
            @Override
            public void progress(Progress progress) {
                bytesRead.set(progress.bytes());
            }
        };
        ImportReport report = Importer.into(ledger).listener(listener).build().run(new NdjsonSource(), input);
        assertThat(report.skippedReasons()).containsOnlyKeys("line_too_long");
        assertThat(report.appended()).isEqualTo(1);
        assertThat(bytesRead.get()).isGreaterThan(gigabytes);
    }

    @Test
    void export_canBeImportedAgainAndElsewhere() {
        run("""
                {"id":"a","timestamp":"2026-01-01T00:00:00Z","model":"house","input_tokens":5,"web_search_calls":2}
                {"id":"b","timestamp":"2026-01-02T00:00:00Z","model":"house","input_tokens":5,"notes":["output_incomplete"]}
                {"id":"c","timestamp":"2026-01-03T00:00:00Z","model":"none","input_tokens":5,"aggregate":true}
                """);
        String export = ledger.records(RecordQuery.over(TimeWindow.all()).build()).entries().stream()
                .map(EntryJson::write)
                .collect(Collectors.joining("\n"));

        ImportReport here = run(export);
        assertThat(here.clean()).as("%s", here.problems()).isTrue();
        assertThat(here.duplicates()).isEqualTo(3);

        try (Ledger other = InMemoryLedger.open(PriceBook.empty())) {
            ImportReport there = Importer.into(other).build().run(new NdjsonSource(), input(export));
            assertThat(there.appended()).isEqualTo(3);
            assertThat(other.summary(TimeWindow.all())).isEqualTo(ledger.summary(TimeWindow.all()));
            LedgerEntry partial = other.find(RecordId.of("a")).orElseThrow();
            assertThat(partial.cost().status()).isEqualTo(PricingStatus.PARTIAL);
            assertThat(partial.record().givenCost()).isEmpty();
        }
    }

    @Test
    void exportWithAnotherCost_isAConflict() {
        run("{\"id\":\"a\",\"model\":\"house\",\"input_tokens\":5}\n");
        ImportReport report = run("{\"id\":\"a\",\"model\":\"house\",\"input_tokens\":5,\"cost_usd\":7}\n");
        assertThat(report.conflicts()).isEqualTo(1);
        assertThat(report.problems().get(0).message()).contains("differs in cost_usd");
    }

    @Test
    void reversedRecords_doNotComeBack() {
        run("{\"id\":\"a\",\"model\":\"house\",\"input_tokens\":5}\n");
        ledger.reverse(RecordId.of("a"), "mistake");
        String history = ledger
                .records(RecordQuery.over(TimeWindow.all()).history(true).build())
                .entries()
                .stream()
                .map(EntryJson::write)
                .collect(Collectors.joining("\n"));
        try (Ledger other = InMemoryLedger.open(PRICES)) {
            ImportReport report = Importer.into(other).build().run(new NdjsonSource(), input(history));
            assertThat(report.appended()).isEqualTo(2);
            assertThat(other.summary(TimeWindow.all()).totalRecords()).isZero();
            ImportReport cut = Importer.into(other)
                    .build()
                    .run(new NdjsonSource(), input(history.replaceAll(",\"recorded\":\"[^\"]*\"", "")));
            assertThat(cut.skippedReasons()).isEqualTo(new TreeMap<>(Map.of("reversal", 2L)));
        }
    }

    @Test
    void dryRun_saysWhatWouldHappenAndStoresNothing() {
        String file = """
                {"id":"a","model":"house","input_tokens":5}
                {"id":"new","model":"house","input_tokens":5}
                {"id":"new","model":"house","input_tokens":5}
                {"id":"new","model":"house","input_tokens":6}
                {"id":"a","model":"house","input_tokens":6}
                {"id":"dear","model":"house","output_tokens":1000000000000}
                bad
                """;
        ledger.append(
                UsageRecord.builder().id("a").model("house").inputTokens(5).build());
        ImportReport dry =
                Importer.into(ledger).dryRun(PRICES).batchSize(2).build().run(new NdjsonSource(), input(file));
        assertThat(ids()).containsExactly("a");
        ImportReport real = run(file);
        assertThat(dry.dryRun()).isTrue();
        assertSameButForTime(dry, real);
        assertThat(dry.appended()).isEqualTo(1);
        assertThat(dry.duplicates()).isEqualTo(2);
        assertThat(dry.conflicts()).isEqualTo(2);
        assertThat(dry.skipped()).isEqualTo(2);
    }

    @Test
    void dryRun_knowsReversalsIds() {
        ledger.append(UsageRecord.builder().id("a").model("house").build());
        ledger.reverse(RecordId.of("a"), "mistake");
        RecordId reversal = ledger.find(RecordId.of("a"))
                .orElseThrow()
                .reversal()
                .orElseThrow()
                .id();
        String file = "{\"id\":\"" + reversal + "\",\"model\":\"house\"}\n{\"id\":\"a\",\"model\":\"house\"}\n";
        ImportReport dry = Importer.into(ledger).dryRun(PRICES).build().run(new NdjsonSource(), input(file));
        assertSameButForTime(dry, run(file));
        assertThat(dry.conflicts()).isEqualTo(1);
        assertThat(dry.duplicates()).isEqualTo(1);
    }

    @Test
    void unreadableFile_isReportedAndTheOthersAreRead() throws IOException {
        Path good = folder.resolve("good.ndjson");
        Files.writeString(good, "{\"id\":\"a\",\"model\":\"house\"}\n");
        ImportFile breaking = ImportFile.of("breaking", new InputStream() {
            private final InputStream first =
                    new ByteArrayInputStream("{\"id\":\"b\",\"model\":\"house\"}\n{".getBytes(StandardCharsets.UTF_8));

            @Override
            public int read() throws IOException {
                int read = first.read();
                if (read < 0) {
                    throw new IOException("disk on fire");
                }
                return read;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                int read = read();
                buffer[offset] = (byte) read;
                return 1;
            }
        });
        ImportReport report = Importer.into(ledger)
                .build()
                .run(new NdjsonSource(), ImportFile.of(folder.resolve("none")), breaking, ImportFile.of(good));
        assertThat(report.files()).isEqualTo(3);
        assertThat(report.unreadableFiles()).isEqualTo(2);
        assertThat(report.appended()).isEqualTo(2);
        assertThat(report.problems())
                .extracting(ImportProblem::toString)
                .containsExactly(folder.resolve("none") + ": there is no such file", "breaking: disk on fire");
    }

    @Test
    void refusedRecord_isTheOnlyOneLost() {
        for (int bad = 0; bad < 20; bad++) {
            StringBuilder file = new StringBuilder();
            for (int i = 0; i < 20; i++) {
                String tokens = i == bad || i == 7 ? "\"output_tokens\":1000000000000" : "\"input_tokens\":1";
                file.append("{\"id\":\"" + bad + "-" + i + "\",\"model\":\"house\"," + tokens + "}\n");
            }
            ImportReport report = run(file.toString());
            assertThat(report.skipped()).isEqualTo(bad == 7 ? 1 : 2);
            assertThat(report.appended()).isEqualTo(20 - report.skipped());
            assertThat(report.problems()).extracting(ImportProblem::line).contains(bad + 1L);
        }
    }

    @Test
    void batches_areCommittedAsTheyFill() {
        List<Long> calls = new ArrayList<>();
        List<ImportProblem> heard = new ArrayList<>();
        ImportListener listener = new ImportListener() {
            @Override
            public void progress(Progress progress) {
                assertThat(progress.number()).isEqualTo(1);
                assertThat(progress.files()).isEqualTo(1);
                calls.add(progress.calls());
            }

            @Override
            public void problem(ImportProblem problem) {
                heard.add(problem);
            }
        };
        String file = "{\"model\":\"house\"}\n".repeat(10) + "bad\n";
        ImportReport report =
                Importer.into(ledger).batchSize(4).listener(listener).build().run(new NdjsonSource(), input(file));
        assertThat(calls).containsExactly(0L, 4L, 8L, 10L, 10L);
        assertThat(heard).isEqualTo(report.problems());
    }

    @Test
    void absentTimestamp_matchesWhatWasStoredBefore() {
        assertThat(run("{\"id\":\"a\",\"model\":\"house\"}\n").appended()).isEqualTo(1);
        assertThat(ledger.append(RecordJson.parse("{\"id\":\"a\",\"model\":\"house\"}")))
                .isInstanceOf(AppendResult.Duplicate.class);
    }

    @Test
    void report_isWrittenByTheDocumentedNames() {
        ImportReport report = run("{\"id\":\"a\",\"model\":\"house\"}\n\nbad\n");
        assertThat(ImportReportJson.write(report).replaceFirst("\"seconds\":[0-9]+\\.[0-9]{3},", "\"seconds\":1.500,"))
                .isEqualTo(
                        "{\"source\":\"ndjson\",\"dry_run\":false,\"files\":1,\"unchanged_files\":0,\"unreadable_files\":0,\"lines\":3,"
                                + "\"used\":1,\"ignored\":1,\"calls\":1,\"appended\":1,\"duplicates\":0,\"corrected\":0,"
                                + "\"conflicts\":0,\"skipped\":1,\"skipped_reasons\":{\"invalid_json\":1},\"notes\":{\"provider_inferred\":1},\"doubtful_calls\":0,\"seconds\":1.500,"
                                + "\"problems\":[{\"file\":\"test\",\"line\":3,\"reason\":\"invalid_json\",\"message\":"
                                + "\"not valid JSON near column 1\"}]}");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void anyMixture_addsUpAndIsIdempotent(long seed) {
        Random random = new Random(seed);
        List<String> kinds = List.of(
                "",
                " \t",
                "{",
                "[]",
                "{\"model\":\"house\",\"input_tokens\":1}",
                "{\"model\":\"\"}",
                "\u0000",
                "{\"model\":\"house\",\"output_tokens\":1000000000000}",
                "{\"kind\":\"reversal\"}");
        StringBuilder file = new StringBuilder();
        int lines = random.nextInt(400);
        for (int i = 0; i < lines; i++) {
            String line = random.nextInt(3) == 0
                    ? "{\"id\":\"" + random.nextInt(50) + "\",\"model\":\"house\",\"input_tokens\":" + random.nextInt(2)
                            + "}"
                    : kinds.get(random.nextInt(kinds.size()));
            file.append(line).append(random.nextBoolean() ? "\n" : "\r\n");
        }
        ImportReport first = Importer.into(ledger)
                .batchSize(1 + random.nextInt(50))
                .build()
                .run(new NdjsonSource(), input(file.toString()));
        assertThat(first.lines()).as("seed %d", seed).isEqualTo(lines);
        assertThat(first.used() + first.ignored() + first.skipped())
                .as("seed %d", seed)
                .isEqualTo(lines);
        assertThat(first.calls())
                .as("seed %d", seed)
                .isEqualTo(first.appended() + first.duplicates() + first.conflicts())
                .isEqualTo(first.used());
        assertThat(first.skippedReasons().values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .as("seed %d", seed)
                .isEqualTo(first.skipped());
        assertThat(first.appended()).as("seed %d", seed).isEqualTo(ids().size());
        ImportReport again = run(file.toString());
        assertThat(again.appended()).as("seed %d", seed).isZero();
        assertThat(again.skipped()).as("seed %d", seed).isEqualTo(first.skipped());
        assertThat(again.conflicts()).as("seed %d", seed).isEqualTo(first.conflicts());
    }

    private ImportReport run(String file) {
        return Importer.into(ledger).build().run(new NdjsonSource(), input(file));
    }

    private ImportReport runBytes(byte[] file) {
        ImportFile input = ImportFile.of("test", new ByteArrayInputStream(file));
        return Importer.into(ledger).build().run(new NdjsonSource(), input);
    }

    private static ImportFile input(String file) {
        return ImportFile.of("test", new ByteArrayInputStream(file.getBytes(StandardCharsets.UTF_8)));
    }

    private List<String> ids() {
        return ledger
                .records(RecordQuery.over(TimeWindow.all())
                        .limit(RecordQuery.MAX_LIMIT)
                        .build())
                .entries()
                .stream()
                .map(entry -> entry.id().value())
                .toList();
    }

    private static void assertSameButForTime(ImportReport dry, ImportReport real) {
        assertThat(dry)
                .usingRecursiveComparison()
                .ignoringFields("dryRun", "elapsed")
                .isEqualTo(real);
    }
}
