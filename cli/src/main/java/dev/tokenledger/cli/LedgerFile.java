package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A ledger in a file. */
final class LedgerFile implements LedgerLocation {

    private static final String SUFFIX = ".db";

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
    public String shortName() {
        Path last = path.getFileName();
        String name = last == null ? path.toString() : last.toString();
        return name.endsWith(SUFFIX) && name.length() > SUFFIX.length()
                ? name.substring(0, name.length() - SUFFIX.length())
                : name;
    }

    @Override
    public boolean isSame(LedgerLocation other) {
        if (other.file().isEmpty()) {
            return false;
        }
        Path there = other.file().get();
        try {
            return Files.isSameFile(path, there);
        } catch (IOException e) {
            // One of them is not there, or cannot be looked at, so nothing but its name tells.
            return path.toAbsolutePath()
                    .normalize()
                    .equals(there.toAbsolutePath().normalize());
        }
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
