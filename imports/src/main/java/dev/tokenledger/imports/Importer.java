package dev.tokenledger.imports;

import dev.tokenledger.Batch;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerException;
import dev.tokenledger.pricing.PriceBook;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Imports files into a ledger, batch by batch, each batch in one commit.
 *
 * <p>If the ledger fails, or the program dies, the batches before are stored, and importing again takes up the rest. Not safe
 * for use by several threads.
 *
 * <pre>{@code
 * ImportReport report = Importer.into(ledger).build().run(new NdjsonSource(), List.of(path));
 * }</pre>
 */
public final class Importer {

    private static final int MAX_THREADS = 8;

    private final Ledger ledger;
    private final int batchSize;
    private final int threads;
    private final int pendingCalls;
    private final @Nullable PriceBook dryRunPrices;
    private final @Nullable Supplier<String> otherWriter;
    private final ImportListener listener;

    private Importer(Builder builder) {
        ledger = builder.ledger;
        batchSize = builder.batchSize;
        threads = builder.threads;
        pendingCalls = builder.pendingCalls;
        dryRunPrices = builder.dryRunPrices;
        otherWriter = builder.otherWriter;
        listener = builder.listener;
    }

    /** Starts an importer into a ledger, which stays open. */
    public static Builder into(Ledger ledger) {
        return new Builder(ledger);
    }

    /**
     * Imports files. Of a {@link LogSource} all of its files below these folders are read, and these files: those that have not
     * changed since the last import are not opened, those that have grown are read on, and copies of one call are merged. Other
     * files are read one after the other. A file that cannot be read is reported, and the others are imported.
     *
     * @throws ImportStoppedException if the ledger fails or the thread is interrupted; it has the report of what is stored
     */
    public ImportReport run(UsageSource source, List<Path> paths) {
        return source instanceof LogSource logs
                ? run(source, run -> run.run(logs, paths))
                : run(source, paths.stream().map(ImportFile::of).toArray(ImportFile[]::new));
    }

    /**
     * Imports files and streams one after the other, and remembers nothing of them. One that cannot be read is reported, and the
     * others are imported.
     *
     * @throws ImportStoppedException if the ledger fails or the thread is interrupted; it has the report of what is stored
     */
    public ImportReport run(UsageSource source, ImportFile... files) {
        return run(source, run -> run.run(source, List.of(files)));
    }

    private ImportReport run(UsageSource source, Function<ImportRun, ImportReport> importing) {
        ImportRun run = new ImportRun(writer(), ledger, batchSize, threads, pendingCalls, listener);
        try {
            return importing.apply(run);
        } catch (LedgerException e) {
            throw new ImportStoppedException(run.report(source), e);
        }
    }

    /** What is said of a file that a reader failed at for want of a rule, not for the file's own fault. */
    static String defect(RuntimeException e) {
        return "it could not be read on: " + e + "; what stands before was imported, please report this";
    }

    private StepWriter writer() {
        return dryRunPrices == null
                ? new LedgerWriter(new PatientLedger(ledger::write, otherWriter, listener)::write)
                : new DryRun(ledger, dryRunPrices);
    }

    static String problem(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such file";
        }
        if (e instanceof AccessDeniedException) {
            return "access denied";
        }
        return e instanceof EOFException ? "it became shorter while it was read" : String.valueOf(e.getMessage());
    }

    /** Builds an importer. */
    public static final class Builder {

        private final Ledger ledger;
        private int batchSize = 5_000;
        private int threads =
                Math.max(2, Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors()));
        private int pendingCalls = 250_000;
        private @Nullable PriceBook dryRunPrices;
        private @Nullable Supplier<String> otherWriter;
        private ImportListener listener = ImportListener.NONE;

        private Builder(Ledger ledger) {
            this.ledger = ledger;
        }

        /**
         * How many records are committed at a time; default: 5,000.
         *
         * @throws IllegalArgumentException if it is not 1 to {@link Batch#MAX_STEPS}
         */
        public Builder batchSize(int records) {
            if (records < 1 || records > Batch.MAX_STEPS) {
                throw new IllegalArgumentException(
                        "batch size: expected 1 to " + Batch.MAX_STEPS + ", found " + records);
            }
            batchSize = records;
            return this;
        }

        /**
         * How many threads read logs; default: as many as there are processors, but 2 to 8.
         *
         * @throws IllegalArgumentException if it is not 1 to 64
         */
        public Builder threads(int number) {
            if (number < 1 || number > 64) {
                throw new IllegalArgumentException("threads: expected 1 to 64, found " + number);
            }
            threads = number;
            return this;
        }

        /**
         * How many calls of logs are gathered before they are written, some 400 bytes each; default: 250,000. Copies
         * of a call that are farther apart are merged in the ledger, by corrections.
         *
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder pendingCalls(int calls) {
            if (calls < 1) {
                throw new IllegalArgumentException("pending calls: expected 1 or more, found " + calls);
            }
            pendingCalls = calls;
            return this;
        }

        /**
         * Stores nothing and reports what would be stored. Keeps the new records in memory, some hundred bytes each, to tell
         * repetitions among them.
         *
         * @param prices what the ledger prices with, to refuse what it would refuse
         */
        public Builder dryRun(PriceBook prices) {
            dryRunPrices = prices;
            return this;
        }

        /**
         * Waits for another writer that keeps the ledger locked, as long as it makes progress. Without, an import stops when the
         * ledger's own time for locks is over.
         *
         * @param activity what the other writer's work shows by, asked for after each attempt: any text that is another one
         *     while it works. After a minute without change the import stops
         */
        public Builder waitWhile(Supplier<String> activity) {
            otherWriter = activity;
            return this;
        }

        /** Who hears how it goes. */
        public Builder listener(ImportListener listener) {
            this.listener = listener;
            return this;
        }

        /** The importer. */
        public Importer build() {
            return new Importer(this);
        }
    }
}
