package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A ledger in a file. */
final class LedgerFile implements LedgerLocation {

    private final Path path;
    private final LedgerOpener ledgers;
    private final Consumer<String> warnings;

    LedgerFile(Path path, LedgerOpener ledgers, Consumer<String> warnings) {
        this.path = path;
        this.ledgers = ledgers;
        this.warnings = warnings;
    }

    @Override
    public String name() {
        return path.toString();
    }

    @Override
    public Optional<Path> file() {
        return Optional.of(path);
    }

    @Override
    public boolean isAbsent() {
        return ledgers.isAbsent(path);
    }

    @Override
    public Ledger open(PriceBook prices) {
        return ledgers.open(path, prices, warnings);
    }

    @Override
    public Ledger openForServer(PriceBook prices, Duration queryTimeLimit) {
        return ledgers.openForServer(path, prices, queryTimeLimit, warnings);
    }

    @Override
    public Ledger openReadOnly() {
        return ledgers.openReadOnly(path, warnings);
    }

    @Override
    public int schemaVersion() {
        return ledgers.schemaVersion(path);
    }

    @Override
    public int newestSchema() {
        return ledgers.engine().newestSchema();
    }

    @Override
    public Supplier<String> writerActivity() {
        return ledgers.writerActivity(path);
    }
}
