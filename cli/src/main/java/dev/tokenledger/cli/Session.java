package dev.tokenledger.cli;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerException;
import dev.tokenledger.formats.present.PriceAge;
import dev.tokenledger.pricing.PriceBook;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One run of a command: its surroundings, and what it opens only when it needs it. */
final class Session {

    private final Environment environment;
    private final RootCommand options;
    private final Output out;
    private final Notices notices;
    private final Places places;
    private @Nullable LedgerLocation location;
    private @Nullable LedgerSum sum;

    Session(Environment environment, RootCommand options, Output out, Notices notices) {
        this.environment = environment;
        this.options = options;
        this.out = out;
        this.notices = notices;
        places = new Places(environment);
    }

    Environment environment() {
        return environment;
    }

    Output out() {
        return out;
    }

    /** Tells people something, on standard error. */
    void say(String message) {
        notices.line(message);
    }

    /** Tells people of something that keeps nothing from working, on standard error. */
    void warn(String message) {
        say("warning: " + message);
    }

    Notices notices() {
        return notices;
    }

    Terminal terminal() {
        return environment.terminal();
    }

    Instant now() {
        return environment.clock().instant();
    }

    Places places() {
        return places;
    }

    /**
     * The ledger's file, for what works on files alone.
     *
     * @throws CommandException if the ledger is a database
     */
    Path ledgerFile() {
        return ledger().file()
                .orElseThrow(
                        () -> new CommandException(
                                "this works on a ledger's file, and " + ledgerName()
                                        + " is a database: its server's own tools back it up and restore it, such as pg_dump and pg_restore"));
    }

    /**
     * The ledger's database, for what works on databases alone.
     *
     * @throws CommandException if the ledger is a file
     */
    LedgerLocation.Database ledgerDatabase() {
        return ledger().database()
                .orElseThrow(() -> new CommandException("this works on a ledger in a PostgreSQL database, and "
                        + ledgerName() + " is a file; name one with --ledger postgresql://user@host/database"));
    }

    /** Whether the ledger is in a database, and no file. */
    boolean inDatabase() {
        return ledger().file().isEmpty();
    }

    /** Whether several ledgers are read as one. */
    boolean readsSeveral() {
        return options.ledgers().size() > 1;
    }

    /** The several ledgers that are read as one. */
    LedgerSum sum() {
        LedgerSum known = sum;
        if (known == null) {
            known = LedgerSum.of(options.ledgers(), environment, this::warn);
            sum = known;
        }
        return known;
    }

    /** The ledger as messages name it, without a password; the names of several. */
    String ledgerName() {
        return readsSeveral() ? sum().names() : ledger().name();
    }

    /** Where the ledger is. */
    LedgerLocation ledger() {
        LedgerLocation known = location;
        if (known == null) {
            known = places.ledger(options.ledger(), this::warn);
            location = known;
        }
        return known;
    }

    /** Whether the ledger was named with an option. */
    boolean namesLedgerByOption() {
        return !options.ledgers().isEmpty();
    }

    /** Where another ledger is, which a parameter of the command line names. */
    LedgerLocation ledger(String parameter, String text) {
        return LedgerLocation.of(parameter, text, true, environment, this::warn);
    }

    /** What the work of another process that keeps the ledger locked shows by. */
    Supplier<String> writerActivity() {
        return ledger().writerActivity();
    }

    /** The version of the ledger's schema. */
    int schemaVersion() {
        return ledger().schemaVersion();
    }

    /** The version of the schema that this program writes. */
    int newestSchema() {
        return ledger().newestSchema();
    }

    /**
     * Whether there is a ledger yet, see {@link LedgerLocation#isAbsent}.
     *
     * @throws LedgerException if something is there that is no ledger, or it cannot be told
     */
    boolean hasLedger() {
        // Of several, each is there, or missing from what they answer.
        return readsSeveral() || !ledger().isAbsent();
    }

    /** Opens the ledger for writing, with all prices; makes it when it is not there. */
    Ledger openLedger() {
        return ledger().open(prices());
    }

    /**
     * Several ledgers, for a server that only reads them.
     *
     * @param timeLimit how long each of them may take to answer
     */
    Ledger openSeveralForServer(Duration timeLimit) {
        return sum().openForServer(timeLimit, prices());
    }

    /** Opens the ledger for writing, with all prices, and stops questions that take longer than this. */
    Ledger openLedgerForServer(Duration queryTimeLimit) {
        return ledger().openForServer(prices(), queryTimeLimit);
    }

    /**
     * Opens the ledger for reading. The default one that is not there yet is not made, but reads as empty, and people are
     * told how to begin; one that was named and is not there is a mistake.
     */
    Ledger readLedger() {
        return readsSeveral() || places.namesLedger(options.ledger()) ? existingLedger() : readLedgerIfAny();
    }

    /**
     * The same, but of several ledgers those may be left out that fail or do not answer in time, if a time is stated.
     */
    Ledger readLedger(Optional<Duration> partialAfter) {
        return partialAfter.isPresent() ? existingLedger(partialAfter) : readLedger();
    }

    /** The same for a command whose answer others rely on. */
    Ledger existingLedger(Optional<Duration> partialAfter) {
        if (partialAfter.isEmpty()) {
            return existingLedger();
        }
        checkPriceFiles();
        return sum().open(partialAfter, PriceBook.empty()).partial();
    }

    /** Opens the ledger for reading. One that is not there is not made, but reads as empty; people are told. */
    Ledger readLedgerIfAny() {
        if (hasLedger()) {
            return existingLedger();
        }
        checkPriceFiles();
        say(noLedgerYet());
        return InMemoryLedger.open(PriceBook.empty(), environment.clock());
    }

    /** That there is none, for who may well ask before anything was recorded. */
    String noLedgerYet() {
        return "there is no ledger at " + ledgerName() + " yet; 'tokenledger record' or 'tokenledger import' makes it";
    }

    /** Opens the ledger for reading, for a command that is about something in it, or whose answer others rely on. */
    Ledger existingLedger() {
        checkPriceFiles();
        if (readsSeveral()) {
            return sum().open(Optional.empty(), PriceBook.empty());
        }
        if (!hasLedger()) {
            throw new CommandException("cannot open " + ledgerName() + ": there is no ledger; name one with --ledger, "
                    + "or make one with 'tokenledger record' or 'tokenledger import'");
        }
        return ledger().openReadOnly();
    }

    /** Opens the ledger for writing, for a command that is about something in it. */
    Ledger existingLedgerForWriting() {
        // One of several is none to write to, which is said first.
        ledger();
        existingLedger().close();
        return openLedger();
    }

    /** They take no part in reading, but who names a file that is not there wants to know. */
    private void checkPriceFiles() {
        priceFiles().forEach(InputFiles::readable);
    }

    /** Says so, once, when the newest source of the prices that ship or were fetched is old; see {@link PriceAge}. */
    void tellOldPrices() {
        priceAge().note().ifPresent(this::say);
    }

    /** How old the prices are that ship or were fetched. */
    PriceAge priceAge() {
        LocalDate newest = Stream.of(PriceBook.bundled().newestSource(), UpdatedPrices.day(places.updatedPrices()))
                .flatMap(Optional::stream)
                .max(LocalDate::compareTo)
                .orElseThrow();
        return PriceAge.of(newest, now());
    }

    /** The bundled prices, those of updates, the user's own if there are any, and those of each option, one laid over the other. */
    PriceBook prices() {
        return PriceFiles.stacked(places.updatedPrices(), places.userPrices(), priceFiles());
    }

    /** The price files of the options or, if there are none, of {@code TOKENLEDGER_PRICES}, a list as the PATH is. */
    private List<String> priceFiles() {
        return options.prices().isEmpty()
                ? Pattern.compile(Pattern.quote(File.pathSeparator))
                        .splitAsStream(environment.variable("TOKENLEDGER_PRICES"))
                        .filter(file -> !file.isEmpty())
                        .toList()
                : options.prices();
    }
}
