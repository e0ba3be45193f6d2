package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.imports.Importer;
import dev.tokenledger.imports.LogSource;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** A folder of logs, a ledger, and what an import of the one into the other gives. */
abstract class LogTest {

    @TempDir
    Path folder;

    final Ledger ledger = InMemoryLedger.open(PriceBook.empty());

    final Path write(String name, String... lines) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, String.join("\n", lines) + "\n");
    }

    static void append(Path file, String... lines) throws IOException {
        Files.writeString(file, String.join("\n", lines) + "\n", StandardOpenOption.APPEND);
    }

    final ImportReport run(LogSource source) {
        return run(source, folder);
    }

    final ImportReport run(LogSource source, Path path) {
        ImportReport report = Importer.into(ledger).build().run(source, List.of(path));
        assertThat(report.lines()).isEqualTo(report.used() + report.ignored() + report.skipped());
        return report;
    }

    /** The records in force, oldest first. */
    final List<UsageRecord> records() {
        return ledger.records(RecordQuery.over(TimeWindow.all()).limit(1_000).build()).entries().stream()
                .map(LedgerEntry::record)
                .sorted(Comparator.comparing(
                                (UsageRecord record) -> record.timestamp().orElseThrow())
                        .thenComparing(record -> record.id().value()))
                .toList();
    }

    final UsageRecord record() {
        assertThat(records()).hasSize(1);
        return records().get(0);
    }

    final Summary total() {
        return ledger.summary(TimeWindow.all());
    }
}
