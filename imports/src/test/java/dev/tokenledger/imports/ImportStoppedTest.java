package dev.tokenledger.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tokenledger.Batch;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerInterruptedException;
import dev.tokenledger.WriteResult;
import dev.tokenledger.imports.agents.ClaudeCodeSource;
import dev.tokenledger.imports.ledgers.NdjsonSource;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.TimeWindow;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an import tells, and leaves, when it does not come to its end, and whom it waits for. */
class ImportStoppedTest {

    @TempDir
    private Path folder;

    private final InMemoryLedger ledger = InMemoryLedger.open(PriceBook.empty());

    private static ImportFile input(String name, String text) {
        return ImportFile.of(name, new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static String rows(int from, int to) {
        StringBuilder rows = new StringBuilder();
        for (int i = from; i < to; i++) {
            rows.append("{\"id\":\"r").append(i).append("\",\"model\":\"m\",\"input_tokens\":1}\n");
        }
        return rows.toString();
    }

    @Test
    void interruptedImport_reportsWhatIsStored() {
        Importer importer = Importer.into(ledger)
                .batchSize(10)
                .listener(new ImportListener() {
                    @Override
                    public void progress(Progress progress) {
                        if (progress.calls() == 20) {
                            Thread.currentThread().interrupt();
                        }
                    }
                })
                .build();

        ImportStoppedException stopped = catchThrowableOfType(
                ImportStoppedException.class, () -> importer.run(new NdjsonSource(), input("rows", rows(0, 45))));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(stopped).hasCauseInstanceOf(LedgerInterruptedException.class).hasMessageContaining("import again");
        assertThat(stopped.report().appended()).isEqualTo(20);
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(20);
        ImportReport rest = Importer.into(ledger).build().run(new NdjsonSource(), input("rows", rows(0, 45)));
        assertThat(rest.appended()).isEqualTo(25);
        assertThat(rest.duplicates()).isEqualTo(20);
    }

    @Test
    void interruptedImportOfLogs_reportsWhatIsStored() throws IOException {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            rows.append("{\"type\":\"assistant\",\"timestamp\":\"2026-03-01T12:00:00Z\",\"message\":{\"id\":\"msg_")
                    .append(i)
                    .append("\",\"model\":\"m\",\"usage\":{\"input_tokens\":1}}}\n");
        }
        Path log = Files.writeString(folder.resolve("a.jsonl"), rows);
        Importer importer = Importer.into(ledger)
                .batchSize(10)
                .listener(new ImportListener() {
                    @Override
                    public void progress(Progress progress) {
                        if (progress.calls() == 30) {
                            Thread.currentThread().interrupt();
                        }
                    }
                })
                .build();

        ImportStoppedException stopped = catchThrowableOfType(
                ImportStoppedException.class, () -> importer.run(new ClaudeCodeSource(), List.of(log)));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(stopped.report().appended()).isEqualTo(30);
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(30);
    }

    /** A reader's own mistake is one file's trouble. */
    @Test
    void fileThatAReaderFailsAt_doesNotEndTheOthers() {
        UsageSource source = new UsageSource() {
            private final NdjsonSource usual = new NdjsonSource();

            @Override
            public String name() {
                return "test";
            }

            @Override
            public void read(ImportFile input, ImportSink sink) throws IOException {
                if (input.name().equals("second")) {
                    throw new IllegalStateException("no rule for this");
                }
                usual.read(input, sink);
            }
        };

        ImportReport report = Importer.into(ledger)
                .build()
                .run(source, input("first", rows(0, 2)), input("second", ""), input("third", rows(2, 5)));

        assertThat(report.appended()).isEqualTo(5);
        assertThat(report.unreadableFiles()).isEqualTo(1);
        assertThat(report.problems().get(0).message()).contains("no rule for this");
    }

    private static LedgerException busy() {
        return new LedgerBusyException("locked by another writer for 5 s; nothing was stored", null);
    }

    @Test
    void anotherWriterAtWork_isWaitedFor() {
        AtomicInteger attempts = new AtomicInteger();
        AtomicLong nanos = new AtomicLong();
        List<Duration> told = new ArrayList<>();
        PatientLedger patient = new PatientLedger(
                batch -> {
                    nanos.addAndGet(Duration.ofSeconds(50).toNanos());
                    if (attempts.incrementAndGet() <= 5) {
                        throw busy();
                    }
                    return ledger.write(batch);
                },
                () -> "work " + attempts,
                new ImportListener() {
                    @Override
                    public void waiting(Duration waited) {
                        told.add(waited);
                    }
                },
                nanos::get);

        List<WriteResult> results = patient.write(Batch.builder().build());

        assertThat(results).isEmpty();
        assertThat(told).hasSize(5).contains(Duration.ofSeconds(50), Duration.ofSeconds(250));
    }

    @Test
    void anotherWriterThatHangs_isNotWaitedForForEver() {
        AtomicLong nanos = new AtomicLong();
        AtomicInteger attempts = new AtomicInteger();
        PatientLedger patient = new PatientLedger(
                batch -> {
                    attempts.incrementAndGet();
                    nanos.addAndGet(Duration.ofSeconds(5).toNanos());
                    throw busy();
                },
                () -> "nothing is done",
                ImportListener.NONE,
                nanos::get);

        assertThatThrownBy(() -> patient.write(Batch.builder().build())).isInstanceOf(LedgerBusyException.class);
        assertThat(attempts.get()).isBetween(13, 15);
    }

    @Test
    void nobodyIsWaitedFor_unlessAsked() {
        PatientLedger impatient = new PatientLedger(
                batch -> {
                    throw busy();
                },
                null,
                ImportListener.NONE);
        assertThatThrownBy(() -> impatient.write(Batch.builder().build())).isInstanceOf(LedgerBusyException.class);
    }
}
