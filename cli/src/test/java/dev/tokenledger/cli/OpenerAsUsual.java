package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Opens ledgers as the program does, but for what a test does in another way. */
class OpenerAsUsual implements LedgerOpener {

    private final LedgerOpener sqlite = new SqliteLedgerOpener(InstantSource.fixed(TestProgram.NOW));

    @Override
    public boolean isAbsent(Path file) {
        return sqlite.isAbsent(file);
    }

    @Override
    public Ledger open(Path file, PriceBook prices, Consumer<String> warnings) {
        return sqlite.open(file, prices, warnings);
    }

    @Override
    public Ledger openForServer(Path file, PriceBook prices, Duration queryTimeLimit, Consumer<String> warnings) {
        return sqlite.openForServer(file, prices, queryTimeLimit, warnings);
    }

    @Override
    public Ledger openReadOnly(Path file, Consumer<String> warnings) {
        return sqlite.openReadOnly(file, warnings);
    }

    @Override
    public Supplier<String> writerActivity(Path file) {
        return sqlite.writerActivity(file);
    }

    @Override
    public void backUp(Path file, Path copy) {
        sqlite.backUp(file, copy);
    }

    @Override
    public int schemaVersion(Path file) {
        return sqlite.schemaVersion(file);
    }

    @Override
    public Engine engine() {
        return sqlite.engine();
    }

    @Override
    public Repaired restore(Path file, Path backup) {
        return sqlite.restore(file, backup);
    }

    @Override
    public Optional<Repaired> recover(Path file, Optional<Path> moved) {
        return sqlite.recover(file, moved);
    }
}
