package dev.tokenledger.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tokenledger.Batch;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.Merge;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What readers of growing files need of an import. */
class ImporterTest {

    private static final PriceBook PRICES =
            PriceBook.of(List.of(PriceEntry.simple("house", BigDecimal.ONE, BigDecimal.TEN)));
    private static final long TOO_MANY = 1_000_000_000_000L;

    @TempDir
    Path folder;

    private final Ledger ledger = InMemoryLedger.open(PRICES);

    @Test
    void growingCall_isCorrectedOnceItIsKnownBetter() {
        ImportReport first = run(1, sink -> {
            revise(sink, 1, "call", record(5));
            sink.use(2);
            revise(sink, 3, "call", record(7));
            revise(sink, 4, "call", record(7));
            revise(sink, 5, "call", record(5));
            sink.ignore(6);
        });
        assertThat(first.lines()).isEqualTo(6);
        assertThat(first.used()).isEqualTo(5);
        assertThat(first.ignored()).isEqualTo(1);
        assertThat(first.calls()).isEqualTo(4);
        assertThat(first.appended()).isEqualTo(1);
        assertThat(first.corrected()).isEqualTo(1);
        assertThat(first.duplicates()).isEqualTo(2);
        assertThat(first.clean()).isTrue();
        assertThat(ledger.summary(TimeWindow.all()).totalInputTokens()).isEqualTo(7);
    }

    @Test
    void lineWithSeveralRecords_countsOnce() {
        ImportReport report = run(1, sink -> {
            sink.append(1, record(1));
            sink.append(1, record(2));
            sink.append(
                    1,
                    record(TOO_MANY).toBuilder()
                            .id("dear")
                            .outputTokens(TOO_MANY)
                            .build());
            sink.append(2, record(3));
            sink.append(3, record(1).toBuilder().outputTokens(TOO_MANY).build());
            sink.append(3, record(1).toBuilder().outputTokens(TOO_MANY).build());
        });
        assertThat(report.lines()).isEqualTo(3);
        assertThat(report.used()).isEqualTo(2);
        assertThat(report.skipped()).isEqualTo(1);
        assertThat(report.calls()).isEqualTo(3);
        assertThat(report.problems())
                .extracting(ImportProblem::line, ImportProblem::reason)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(1L, "refused"),
                        org.assertj.core.groups.Tuple.tuple(3L, "refused"));
    }

    @Test
    void state_isKeptThoughTheLastRecordIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("log"), "");
        LogSource log = log(sink -> {
            sink.append(1, record(1));
            sink.append(2, record(1).toBuilder().outputTokens(TOO_MANY).build());
            sink.reached(0, 2, "carried");
        });
        ImportReport report = Importer.into(ledger).build().run(log, List.of(file));
        assertThat(report.skipped()).isEqualTo(1);
        assertThat(ledger.readerState("test:" + file.toRealPath()).orElseThrow())
                .endsWith("carried");
    }

    @Test
    void dryRun_keepsNoState() throws IOException {
        Path file = Files.writeString(folder.resolve("log"), "");
        LogSource log = log(sink -> sink.reached(0, 2, "carried"));
        Importer.into(ledger).dryRun(PRICES).build().run(log, List.of(file));
        assertThat(ledger.readerStates("")).isEmpty();
    }

    /** Nothing of a stream is remembered, whatever its reader says that it reached. */
    @Test
    void stream_leavesNoState() {
        ImportReport report = run(1, sink -> {
            sink.append(1, record(1));
            sink.reached(100, 1, "carried");
        });
        assertThat(report.appended()).isEqualTo(1);
        assertThat(report.newFiles()).isZero();
        assertThat(ledger.readerStates("")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void dryRun_answersAsTheLedgerWould(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 20; i++) {
            run(1 + random.nextInt(9), mixture(random.nextLong()));
            if (random.nextBoolean()) {
                ledger.reverse(RecordId.of("key" + random.nextInt(4)), "by hand");
            }
            long next = random.nextLong();
            int batch = 1 + random.nextInt(9);
            ImportReport dry = Importer.into(ledger)
                    .dryRun(PRICES)
                    .batchSize(batch)
                    .build()
                    .run(source(mixture(next)), input());
            ImportReport real = run(batch, mixture(next));
            assertThat(List.of(dry.appended(), dry.duplicates(), dry.corrected(), dry.conflicts(), dry.skipped()))
                    .as("seed %d, round %d", seed, i)
                    .isEqualTo(List.of(
                            real.appended(), real.duplicates(), real.corrected(), real.conflicts(), real.skipped()));
        }
    }

    /** The same steps whenever it is told to a sink. */
    private static Consumer<ImportSink> mixture(long seed) {
        return sink -> {
            Random random = new Random(seed);
            for (int line = 1; line <= 12; line++) {
                UsageRecord record = record(1 + random.nextInt(3));
                if (random.nextInt(9) == 0) {
                    record = record.toBuilder().outputTokens(TOO_MANY).build();
                }
                String name = "key" + random.nextInt(4);
                if (random.nextBoolean()) {
                    revise(sink, line, name, record);
                } else {
                    sink.append(line, record.toBuilder().id(name).build());
                }
            }
        };
    }

    @Test
    void batchSize_isBounded() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Importer.into(ledger).batchSize(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Importer.into(ledger).batchSize(Batch.MAX_STEPS + 1));
    }

    private ImportReport run(int batchSize, Consumer<ImportSink> content) {
        return Importer.into(ledger).batchSize(batchSize).build().run(source(content), input());
    }

    /** A copy of a call that is merged in the ledger alone. */
    private static void revise(ImportSink sink, long line, String key, UsageRecord record) {
        sink.call(line, new RecordCall("line " + line, key, record, Merge.LATEST));
    }

    private static LogSource log(Consumer<ImportSink> content) {
        return new LogSource() {
            @Override
            public String name() {
                return "test";
            }

            @Override
            public List<Path> defaultFolders(Map<String, String> environment, Path home) {
                return List.of();
            }

            @Override
            public boolean reads(Path file) {
                return true;
            }

            @Override
            public Growth growth(Path file) {
                return Growth.UNDETECTABLE;
            }

            @Override
            public void read(ImportFile file, ImportSink sink) {
                content.accept(sink);
            }
        };
    }

    private static ImportFile input() {
        return ImportFile.of("test", InputStream.nullInputStream());
    }

    private static UsageSource source(Consumer<ImportSink> content) {
        return new UsageSource() {
            @Override
            public String name() {
                return "test";
            }

            @Override
            public void read(ImportFile input, ImportSink sink) {
                content.accept(sink);
            }
        };
    }

    private static UsageRecord record(long tokens) {
        return UsageRecord.builder().model("house").inputTokens(tokens).build();
    }
}
