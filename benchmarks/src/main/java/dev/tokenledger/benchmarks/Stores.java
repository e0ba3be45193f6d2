package dev.tokenledger.benchmarks;

import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.sqlite.SqliteLedger;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/** Stores filled with a workload, kept in a folder from one run to the next. */
final class Stores {

    /** The batch that bulk appends are measured with. */
    static final int BATCH = 5_000;

    private static final int FILL = 50_000;

    private final Path folder;
    private final Report report;

    Stores(Path folder, Report report) {
        this.folder = folder;
        this.report = report;
    }

    /** Opens a ledger as every program here does: the bundled prices, everything else as it comes. */
    static Ledger openLedger(Path file) {
        return SqliteLedger.open(file, PriceBook.bundled());
    }

    /** The file of a ledger that holds this workload; built if it is not there. */
    Path ledger(Workload workload, Workload.Labels labels) throws IOException {
        Path file = folder.resolve(name("ledger", workload, labels));
        if (!Files.exists(file)) {
            Path part = folder.resolve(file.getFileName() + ".part");
            delete(part);
            long started = System.nanoTime();
            try (Ledger ledger = openLedger(part)) {
                for (long first = 0; first < workload.size(); first += BATCH) {
                    ledger.appendAll(workload.records(first, (int) Math.min(BATCH, workload.size() - first)));
                }
            }
            built(part, file, workload, started);
        }
        return file;
    }

    /** The file of a baseline that holds this workload; built if it is not there. */
    Path baseline(Workload workload, Workload.Labels labels) throws IOException {
        Path file = folder.resolve(name("baseline", workload, labels));
        if (!Files.exists(file)) {
            Path part = folder.resolve(file.getFileName() + ".part");
            delete(part);
            long started = System.nanoTime();
            try (BaselineStore baseline = BaselineStore.open(part, BaselineStore.Writers.FIRST_COME)) {
                for (long first = 0; first < workload.size(); first += FILL) {
                    baseline.fill(
                            workload.records(first, (int) Math.min(FILL, workload.size() - first)),
                            PriceBook.bundled());
                }
            }
            built(part, file, workload, started);
        }
        return file;
    }

    /** A file for one run, which nothing else uses; any that an earlier run left is deleted. */
    Path fresh(String name) throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolve(name);
        delete(file);
        return file;
    }

    /** A copy of a closed store for one run, on disk when this returns. */
    Path copy(Path store, String name) throws IOException {
        Path copy = fresh(name);
        Files.copy(store, copy, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        return copy;
    }

    /** Deletes a store, with what SQLite keeps beside it. */
    static void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
        Files.deleteIfExists(file.resolveSibling(file.getFileName() + "-wal"));
        Files.deleteIfExists(file.resolveSibling(file.getFileName() + "-shm"));
    }

    private void built(Path part, Path file, Workload workload, long started) throws IOException {
        Files.move(part, file);
        report.line(
                "built %s: %,d records in %.0f s, %.1f bytes a record",
                file.getFileName(),
                workload.size(),
                (System.nanoTime() - started) / 1e9,
                (double) Files.size(file) / workload.size());
    }

    private static String name(String kind, Workload workload, Workload.Labels labels) {
        return Report.text(
                "%s-%d-seed%d-%s.db",
                kind, workload.size(), workload.seed(), labels.name().toLowerCase(Locale.ROOT));
    }
}
