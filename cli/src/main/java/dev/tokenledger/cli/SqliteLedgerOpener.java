package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.text.OwnerOnly;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.sqlite.LedgerRepair;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.sqlite.WriterActivity;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Opens ledgers in SQLite files. */
final class SqliteLedgerOpener implements LedgerOpener {

    /** Questions that a server answers at the same time on the smallest machine. */
    private static final int MIN_READERS = 4;

    /** Requests that wait for that; the server's other threads stay free for what is to be stored. */
    private static final int WAITING_READERS = 48;

    private final InstantSource clock;

    SqliteLedgerOpener(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public boolean isAbsent(Path file) {
        return SqliteLedger.isAbsent(file);
    }

    @Override
    public Ledger open(Path file, PriceBook prices, Consumer<String> warnings) {
        return forWriting(file, prices, warnings).open(file);
    }

    @Override
    public Ledger openForServer(Path file, PriceBook prices, Duration queryTimeLimit, Consumer<String> warnings) {
        return forWriting(file, prices, warnings)
                .queryTimeLimit(queryTimeLimit)
                .readers(Math.max(MIN_READERS, 2 * Runtime.getRuntime().availableProcessors()), WAITING_READERS)
                .open(file);
    }

    private SqliteLedger.Builder forWriting(Path file, PriceBook prices, Consumer<String> warnings) {
        makeFolder(file);
        return SqliteLedger.builder().prices(prices).clock(clock).onWarning(warnings);
    }

    private static void makeFolder(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        try {
            if (folder != null) {
                OwnerOnly.createFolders(folder);
            }
        } catch (IOException e) {
            throw new CommandException("cannot make the folder " + folder + ": " + InputFiles.reason(e), e);
        }
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
    public Supplier<String> writerActivity(Path file) {
        return WriterActivity.at(file);
    }

    @Override
    public void backUp(Path file, Path copy) {
        try (SqliteLedger ledger = reading(file)) {
            ledger.copyTo(copy);
        }
    }

    private SqliteLedger reading(Path file) {
        return SqliteLedger.builder()
                .prices(PriceBook.empty())
                .clock(clock)
                .readOnly(true)
                .onWarning(warning -> {})
                .open(file);
    }

    @Override
    public int schemaVersion(Path file) {
        try (SqliteLedger ledger = reading(file)) {
            return ledger.schemaVersion();
        }
    }

    @Override
    public Engine engine() {
        return new Engine("SQLite " + SqliteLedger.engineVersion(), SqliteLedger.newestSchema());
    }

    @Override
    public Repaired restore(Path file, Path backup) {
        makeFolder(file);
        return repaired(LedgerRepair.restore(file, backup, clock.instant()));
    }

    @Override
    public Optional<Repaired> recover(Path file, Optional<Path> moved) {
        return LedgerRepair.recover(file, moved, clock.instant()).map(SqliteLedgerOpener::repaired);
    }

    private static Repaired repaired(LedgerRepair.Outcome outcome) {
        return new Repaired(outcome.entries(), outcome.lost(), outcome.source(), outcome.setAside());
    }
}
