package dev.tokenledger.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where things are: the ledger's file, the user's prices and budgets, as options, variables and the XDG folders say. */
final class Places {

    /** A scheme has at least two letters, so that a drive's letter is none. */
    private static final Pattern URL = Pattern.compile("(jdbc:[a-z0-9]+|[A-Za-z][A-Za-z0-9+.-]+)(:.*|://.*)");

    private static final String FOLDER = "tokenledger";

    private final Environment environment;

    Places(Environment environment) {
        this.environment = environment;
    }

    /**
     * The ledger: the option's, else {@code $TOKENLEDGER_LEDGER}'s, else {@code ledger.db} among the user's data.
     *
     * @param option the option's value; empty when it was not given
     * @param warnings is told of what does not keep the ledger from working
     */
    LedgerLocation ledger(String option, Consumer<String> warnings) {
        if (!option.isEmpty()) {
            return LedgerLocation.of("--ledger", option, true, environment, warnings);
        }
        String variable = environment.variable("TOKENLEDGER_LEDGER");
        return variable.isEmpty()
                ? new LedgerFile(
                        folder("XDG_DATA_HOME", ".local/share").resolve("ledger.db"), environment.ledgers(), warnings)
                : LedgerLocation.of("TOKENLEDGER_LEDGER", variable, false, environment, warnings);
    }

    /**
     * Whether the user named the ledger, so that one that is not there is a mistake and not a beginning.
     *
     * @param option the option's value; empty when it was not given
     */
    boolean namesLedger(String option) {
        return !option.isEmpty() || !environment.variable("TOKENLEDGER_LEDGER").isEmpty();
    }

    /** The user's own prices, which are laid over the bundled ones when the file is there. */
    Path userPrices() {
        return folder("XDG_CONFIG_HOME", ".config").resolve("prices.yaml");
    }

    /** What {@code prices update} keeps, which lies between the bundled prices and the user's own. */
    Path updatedPrices() {
        return folder("XDG_CONFIG_HOME", ".config").resolve("prices-updated.yaml");
    }

    /** The user's budgets. */
    Path budgets() {
        return folder("XDG_CONFIG_HOME", ".config").resolve("budgets.yaml");
    }

    /** The digests of the server's keys: in the file of {@code TOKENLEDGER_KEYS_FILE}, else among the user's settings. */
    Path keys() {
        String variable = environment.variable("TOKENLEDGER_KEYS_FILE");
        return variable.isEmpty()
                ? folder("XDG_CONFIG_HOME", ".config").resolve("keys.yaml")
                : path("TOKENLEDGER_KEYS_FILE", variable);
    }

    /** The same, unless an option names another file. */
    Path keys(Argument<String> option) {
        return option.stated().map(file -> path("--keys-file", file)).orElseGet(this::keys);
    }

    /** A path that the user wrote. */
    static Path path(String what, String text) {
        if (text.indexOf('\ufffd') >= 0) {
            throw new UsageException(what + ": holds bytes that are not UTF-8; write the path in UTF-8");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new UsageException(what + ": not a usable path: " + e.getReason());
        }
    }

    /** A ledger's file that the user named. */
    static Path ledgerFile(String what, String text) {
        Matcher url = URL.matcher(text);
        if (url.matches() && (text.startsWith("jdbc:") || text.contains("://"))) {
            // The rest of it may hold a password.
            throw new UsageException(what + ": this build has no engine for " + url.group(1)
                    + ": addresses; name a file, such as ledger.db, or postgresql://user@host/database");
        }
        return path(what, text);
    }

    private Path folder(String variable, String underHome) {
        String folder = environment.variable(variable);
        // The XDG rules have relative folders ignored.
        if (!folder.isEmpty() && path(variable, folder).isAbsolute()) {
            return path(variable, folder).resolve(FOLDER);
        }
        return home().resolve(underHome).resolve(FOLDER);
    }

    /** The user's home folder. */
    Path home() {
        String home = environment.variable("HOME");
        return path("HOME", home.isEmpty() ? System.getProperty("user.home", "") : home);
    }
}
