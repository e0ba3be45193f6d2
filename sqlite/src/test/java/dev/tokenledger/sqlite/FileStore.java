package dev.tokenledger.sqlite;

import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.sql.questions.Listing;
import dev.tokenledger.sql.writing.WriteKernel;
import dev.tokenledger.testkit.TestStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A ledger's file in a folder of its own. */
final class FileStore implements TestStore {

    private final Path folder;
    final Path file;

    private final int mostDeltas;
    private final int mostPassed;

    /** A store that folds its roll-ups, and asks them where records are, as often as any ledger. */
    FileStore() throws IOException {
        this(WriteKernel.MAX_DELTAS, Listing.MAX_PASSED);
    }

    /** A store that folds its roll-ups after so many commits, and asks them after so many records passed. */
    FileStore(int mostDeltas, int mostPassed) throws IOException {
        this.mostDeltas = mostDeltas;
        this.mostPassed = mostPassed;
        folder = Files.createTempDirectory("tokenledger-test");
        file = folder.resolve("usage.db");
    }

    @Override
    public Ledger open(PriceBook prices, InstantSource clock) {
        return SqliteLedger.builder()
                .prices(prices)
                .clock(clock)
                .mostDeltas(mostDeltas)
                .mostPassed(mostPassed)
                .open(file);
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.delete(path);
            }
        }
    }
}
