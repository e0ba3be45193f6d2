package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Opens ledgers: the one place where the program and an engine meet. */
interface LedgerOpener {

    /**
     * Whether there is provably nothing at a path: no ledger, no log of one, and nothing else.
     *
     * @throws dev.tokenledger.LedgerException if something is there that is no ledger, or it cannot be told
     */
    boolean isAbsent(Path file);

    /**
     * Opens a ledger for writing; makes it, and the folders it lies in, when it is not there.
     *
     * @param prices what records are priced with as they arrive
     * @param warnings is told of what does not keep the ledger from working
     */
    Ledger open(Path file, PriceBook prices, Consumer<String> warnings);

    /**
     * Opens a ledger for writing, as {@link #open} does, for a server: nobody is left to see the answer to a question that takes
     * longer than this, so it is stopped.
     */
    Ledger openForServer(Path file, PriceBook prices, Duration queryTimeLimit, Consumer<String> warnings);

    /**
     * Opens a ledger that is there, without writing to it.
     *
     * @param warnings is told of what does not keep the ledger from working
     */
    Ledger openReadOnly(Path file, Consumer<String> warnings);

    /** What the work of another process that writes to a ledger shows by: a text that changes while it makes progress. */
    Supplier<String> writerActivity(Path file);

    /** Copies a ledger that may be in use to a file that is not there yet. */
    void backUp(Path file, Path copy);

    /** The version of a ledger's schema. */
    int schemaVersion(Path file);

    /** The version of the schema that this program writes, and what writes it. */
    Engine engine();

    /** Puts a copy of a backup in a ledger's place. */
    Repaired restore(Path file, Path backup);

    /**
     * Saves what can be saved of a damaged ledger.
     *
     * @param moved the file that was moved away from the ledger's place, if it is known
     * @return empty if nothing is wrong
     */
    Optional<Repaired> recover(Path file, Optional<Path> moved);

    /**
     * What stores ledgers.
     *
     * @param name with its version
     * @param newestSchema the version of the schema that it writes
     */
    record Engine(String name, int newestSchema) {}

    /**
     * A ledger that was restored or recovered.
     *
     * @param entries how many entries it has now
     * @param lost what could not be saved
     * @param source what it was made from
     * @param setAside the files that were there before, under their new names
     */
    record Repaired(long entries, List<String> lost, Path source, List<Path> setAside) {

        /** Copies its lists. */
        public Repaired {
            lost = List.copyOf(lost);
            setAside = List.copyOf(setAside);
        }
    }
}
