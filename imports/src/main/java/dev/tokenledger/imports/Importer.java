package dev.tokenledger.imports;

import dev.tokenledger.Batch;
import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Imports files into a ledger, batch by batch, each batch in one commit.
 *
 * <p>If the ledger fails, or the program dies, the batches before are stored, and importing again takes up the rest. Not safe
 * for use by several threads.
 *
 * <pre>{@code
 * ImportReport report = Importer.into(ledger).build().run(new NdjsonSource(), List.of(ImportInput.of(path)));
 * }</pre>
 */
public final class Importer {

    private static final int MOST_THREADS = 8;

    private final Ledger ledger;
    private final int batchSize;
    private final int threads;
    private final int pendingCalls;
    private final @Nullable PriceBook dryRunPrices;
    private final ImportListener listener;

    private Importer(Builder builder) {
        ledger = builder.ledger;
        batchSize = builder.batchSize;
        threads = builder.threads;
        pendingCalls = builder.pendingCalls;
        dryRunPrices = builder.dryRunPrices;
        listener = builder.listener;
    }

    /** Starts an importer into a ledger, which stays open. */
    public static Builder into(Ledger ledger) {
        return new Builder(ledger);
    }

    /**
     * Imports files one after the other. A file that cannot be read is reported, and the others are imported.
     *
     * @throws dev.tokenledger.LedgerException if the ledger fails; batches before are stored
     */
    public ImportReport run(UsageSource source, List<ImportInput> inputs) {
        ImportRun run = new ImportRun(writer(), ledger, batchSize, listener);
        for (int i = 0; i < inputs.size(); i++) {
            ImportInput input = inputs.get(i);
            run.begin(input, inputs.size());
            try {
                source.read(input, run);
                run.end();
            } catch (IOException e) {
                run.end();
                run.unreadable(problem(e));
            }
        }
        return run.report(source.name());
    }

    /**
     * Imports logs: all of the source's files below these folders, and these files. Files that have not changed since the last
     * import are not opened, those that have grown are read on, and copies of one call are merged. A file that cannot be read is
     * reported, and the others are imported.
     *
     * @throws dev.tokenledger.LedgerException if the ledger fails or the thread is interrupted; what was written before is
     *     stored
     */
    public ImportReport run(LogSource source, List<Path> paths) {
        return new LogImport(writer(), ledger, batchSize, threads, pendingCalls, listener).run(source, paths);
    }

    private StepWriter writer() {
        return dryRunPrices == null ? new LedgerWriter(ledger::write) : new DryRun(ledger, dryRunPrices);
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
                Math.max(2, Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors()));
        private int pendingCalls = 250_000;
        private @Nullable PriceBook dryRunPrices;
        private ImportListener listener = ImportListener.NONE;

        private Builder(Ledger ledger) {
            this.ledger = ledger;
        }

        /**
         * How many records are committed at a time; 5,000 unless said otherwise.
         *
         * @throws IllegalArgumentException if it is not 1 to {@link Batch#MOST}
         */
        public Builder batchSize(int records) {
            if (records < 1 || records > Batch.MOST) {
                throw new IllegalArgumentException("batch size: expected 1 to " + Batch.MOST + ", found " + records);
            }
            batchSize = records;
            return this;
        }

        /**
         * How many threads read logs; as many as there are processors, but 2 to 8, unless said otherwise.
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
         * How many calls of logs are gathered before they are written, some 400 bytes each; 250,000 unless said otherwise. Copies
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
