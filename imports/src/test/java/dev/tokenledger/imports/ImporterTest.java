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
import java.io.InputStream;
import java.math.BigDecimal;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What readers of growing files need of an import. */
class ImporterTest {

    private static final PriceBook PRICES =
            PriceBook.of(List.of(PriceEntry.simple("house", BigDecimal.ONE, BigDecimal.TEN)));
    private static final long TOO_MANY = 1_000_000_000_000L;

    private final Ledger ledger = InMemoryLedger.open(PRICES);

    @Test
    void growingCall_isCorrectedOnceItIsKnownBetter() {
        ImportReport first = run(1, sink -> {
            sink.revise(1, "call", record(5), Merge.LATEST);
            sink.use(2);
            sink.revise(3, "call", record(7), Merge.LATEST);
            sink.revise(4, "call", record(7), Merge.LATEST);
            sink.revise(5, "call", record(5), Merge.LATEST);
            sink.ignore(6);
            sink.state("test/file", "6");
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
        assertThat(ledger.readerState("test/file")).contains("6");
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
    void state_isKeptThoughTheLastRecordIsRefused() {
        run(10, sink -> {
            sink.append(1, record(1));
            sink.append(2, record(1).toBuilder().outputTokens(TOO_MANY).build());
            sink.state("test/file", "2");
        });
        assertThat(ledger.readerState("test/file")).contains("2");
        run(10, sink -> sink.state("test/file", ""));
        assertThat(ledger.readerState("test/file")).isEmpty();
    }

    @Test
    void dryRun_keepsNoState() {
        Importer.into(ledger)
                .dryRun(PRICES)
                .build()
                .run(source(sink -> sink.state("test/file", "2")), List.of(input()));
        assertThat(ledger.readerState("test/file")).isEmpty();
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
                    .run(source(mixture(next)), List.of(input()));
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
                    sink.revise(line, name, record, Merge.LATEST);
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
                .isThrownBy(() -> Importer.into(ledger).batchSize(Batch.MOST + 1));
    }

    private ImportReport run(int batchSize, Consumer<ImportSink> content) {
        return Importer.into(ledger).batchSize(batchSize).build().run(source(content), List.of(input()));
    }

    private static ImportInput input() {
        return ImportInput.of("test", InputStream.nullInputStream());
    }

    private static UsageSource source(Consumer<ImportSink> content) {
        return new UsageSource() {
            @Override
            public String name() {
                return "test";
            }

            @Override
            public void read(ImportInput input, ImportSink sink) {
                content.accept(sink);
            }
        };
    }

    private static UsageRecord record(long tokens) {
        return UsageRecord.builder().model("house").inputTokens(tokens).build();
    }
}
