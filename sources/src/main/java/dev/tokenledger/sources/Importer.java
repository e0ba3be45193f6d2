package dev.tokenledger.sources;

import dev.tokenledger.Batch;
import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
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

    private final Ledger ledger;
    private final int batchSize;
    private final @Nullable PriceBook dryRunPrices;
    private final ImportListener listener;

    private Importer(Builder builder) {
        ledger = builder.ledger;
        batchSize = builder.batchSize;
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
        DryRun dryRun = dryRunPrices == null ? null : new DryRun(ledger, dryRunPrices);
        ImportRun run = new ImportRun(ledger, dryRun, batchSize, listener);
        for (int i = 0; i < inputs.size(); i++) {
            ImportInput input = inputs.get(i);
            run.begin(input, i + 1, inputs.size());
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

    private static String problem(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such file";
        }
        return e instanceof AccessDeniedException ? "access denied" : String.valueOf(e.getMessage());
    }

    /** Builds an importer. */
    public static final class Builder {

        private final Ledger ledger;
        private int batchSize = 5_000;
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
