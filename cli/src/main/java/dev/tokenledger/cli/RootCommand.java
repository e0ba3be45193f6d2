package dev.tokenledger.cli;

import java.util.List;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ScopeType;

/** The program itself: the options that go with every command, before or after its name. */
final class RootCommand extends Subcommand {

    private final Argument<List<String>> ledgers;
    private final Argument<List<String>> prices;
    private final Argument<Boolean> debug;
    private final Argument<Boolean> verbose;

    RootCommand() {
        super(
                "tokenledger",
                "Keeps an exact, append-only ledger of LLM token usage and its cost.",
                "[--ledger FILE]... [--prices FILE]... COMMAND [OPTION]...");
        ledgers = add(OptionSpec.builder("--ledger")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .scopeType(ScopeType.INHERIT)
                .paramLabel("FILE")
                .description("The ledger, a file or postgresql://user@host/database; default: $$TOKENLEDGER_LEDGER,"
                        + " else the one in your data folder. Given several times, as FILE or NAME=FILE:"
                        + " their sum, for commands that only read."));
        prices = add(OptionSpec.builder("--prices")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .scopeType(ScopeType.INHERIT)
                .paramLabel("FILE")
                .description("A price file laid over the bundled prices and your own; may be given several times, "
                        + "the last one goes first."));
        debug = add(OptionSpec.builder("--debug")
                .type(boolean.class)
                .arity("0")
                .scopeType(ScopeType.INHERIT)
                .description("Show where a failure came from (a stack trace)."));
        add(OptionSpec.builder("-h", "--help")
                .type(boolean.class)
                .arity("0")
                .usageHelp(true)
                .scopeType(ScopeType.INHERIT)
                .description("Show this help."));
        add(OptionSpec.builder("--version")
                .type(boolean.class)
                .arity("0")
                .versionHelp(true)
                .description("Show the version."));
        verbose = add(OptionSpec.builder("--verbose")
                .type(boolean.class)
                .arity("0")
                .description("With --version: show those of the schema, SQLite, Java and the ledger too."));
        examples(
                "  tokenledger record --model claude-sonnet-4-5 --input-tokens 1200 --output-tokens 300",
                "  tokenledger import ndjson examples/october.ndjson",
                "  tokenledger summary --by model",
                "",
                "Your data folder is $XDG_DATA_HOME/tokenledger (~/.local/share/tokenledger), with ledger.db.",
                "",
                "Your own prices.yaml and budgets.yaml are in $XDG_CONFIG_HOME/tokenledger (~/.config/tokenledger).",
                "",
                "'tokenledger COMMAND --help' tells more of a command. Results go to standard output,",
                "messages to standard error; the exit code is 0, 1 (failed) or 2 (usage).");
    }

    /**
     * The option's value; empty when it was not given.
     *
     * @throws UsageException if it was given several times, or without a name
     */
    String ledger() {
        List<String> stated = ledgers();
        if (stated.size() > 1) {
            throw new UsageException(
                    "--ledger: this works on one ledger, and " + stated.size() + " are named; nothing was done");
        }
        return stated.isEmpty() ? "" : stated.get(0);
    }

    /**
     * The option's values.
     *
     * @throws UsageException if one was given without a name, as an unset variable of a shell does
     */
    List<String> ledgers() {
        List<String> stated = ledgers.or(List.of());
        if (stated.stream().anyMatch(String::isBlank)) {
            throw new UsageException("--ledger: names no file; leave it out for the ledger in your data folder");
        }
        return stated;
    }

    List<String> prices() {
        return prices.or(List.of());
    }

    boolean verbose() {
        return verbose.or(false);
    }

    boolean debug() {
        return debug.or(false);
    }
}
