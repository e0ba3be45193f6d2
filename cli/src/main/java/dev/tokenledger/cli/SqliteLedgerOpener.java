package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.sqlite.SqliteLedger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.Consumer;

/** Opens ledgers in SQLite files. */
final class SqliteLedgerOpener implements LedgerOpener {

    private final InstantSource clock;

    SqliteLedgerOpener(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Ledger open(Path file, PriceBook prices, Consumer<String> warnings) {
        Path folder = file.toAbsolutePath().getParent();
        try {
            if (folder != null && !Files.isDirectory(folder)) {
                Files.createDirectories(folder);
            }
        } catch (IOException e) {
            throw new CommandException("cannot make the folder " + folder + ": " + InputFiles.reason(e), e);
        }
        return SqliteLedger.builder()
                .prices(prices)
                .clock(clock)
                .onWarning(warnings)
                .open(file);
    }

    @Override
    public Ledger openReadOnly(Path file, Consumer<String> warnings) {
        return SqliteLedger.builder()
                .prices(PriceBook.empty())
                .clock(clock)
                .onWarning(warnings)
                .readOnly(true)
                .open(file);
    }

    @Override
    public void backUp(Path file, Path copy) {
        try (SqliteLedger ledger = SqliteLedger.builder()
                .prices(PriceBook.empty())
                .clock(clock)
                .readOnly(true)
                .open(file)) {
            ledger.backUpTo(copy);
        }
    }
}
