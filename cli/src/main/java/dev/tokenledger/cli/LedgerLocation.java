package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerException;
import dev.tokenledger.pricing.PriceBook;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.sql.DataSource;

/** Where a ledger is, or is to be: a file, or a schema of a PostgreSQL database. */
interface LedgerLocation {

    /**
     * The place that a text names.
     *
     * @param what the option, variable or parameter that the text comes from
     * @param onCommandLine whether other users of the machine see it in the list of processes
     * @param warnings is told of what does not keep the ledger from working
     * @throws UsageException if it names none
     */
    static LedgerLocation of(
            String what, String text, boolean onCommandLine, Environment environment, Consumer<String> warnings) {
        return PostgresLedgerOpener.isAddress(text)
                ? new PostgresLedgerOpener(what, text, onCommandLine, environment, warnings)
                : new LedgerFile(Places.ledgerFile(what, text), environment.ledgers(), warnings);
    }

    /** The place as messages name it, without a password. */
    String name();

    /** A name for it among several, without its folder or server. */
    String shortName();

    /** Whether another place is known to be the same ledger, by whatever name. */
    boolean isSame(LedgerLocation other);

    /** The file; empty for a database. */
    Optional<Path> file();

    /**
     * A database that holds a ledger.
     *
     * @param source connections to it
     * @param schema that of the ledger's tables, if it is named
     * @param copy the address of the ledger's copy elsewhere, if it is named
     */
    record Database(DataSource source, Optional<String> schema, Optional<String> copy) {}

    /** The database; empty for a file. */
    default Optional<Database> database() {
        return Optional.empty();
    }

    /**
     * Whether there is provably no ledger: a file that was cut to nothing, or that this user may not see, does not read as none.
     *
     * @throws LedgerException if something is there that is no ledger, or it cannot be told
     */
    boolean isAbsent();

    /** Opens the ledger for writing; makes it when it is not there. */
    Ledger open(PriceBook prices);

    /** Opens the ledger for writing, and stops questions that take longer than this. */
    Ledger openForServer(PriceBook prices, Duration queryTimeLimit);

    /** Opens a ledger that is there, without writing to it. */
    Ledger openReadOnly();

    /** Opens a ledger that is there, without writing to it, for many who ask at the same time. */
    default Ledger openReadOnlyForServer() {
        return openReadOnly();
    }

    /** What became of the questions that a copy of the ledger was for, by that, since it was opened; empty without a copy. */
    default Map<String, Long> copyOutcomes() {
        return Map.of();
    }

    /** Whether the copy answers. */
    default boolean copyAnswers() {
        return false;
    }

    /** The version of the ledger's schema. */
    int schemaVersion();

    /** The version of the schema that this program writes. */
    int newestSchema();

    /** What the work of another process that keeps the ledger locked shows by. */
    Supplier<String> writerActivity();
}
