package dev.tokenledger.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The program itself: the options that go with every command, before or after its name. */
@Command(
        name = "tokenledger",
        header = "Keeps an exact, append-only ledger of LLM token usage and its cost.",
        synopsisHeading = "Usage: ",
        customSynopsis = "tokenledger [--ledger FILE] [--prices FILE]... COMMAND [OPTION]...",
        commandListHeading = "%nCommands:%n",
        optionListHeading = "%nOptions:%n",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  tokenledger record --model claude-sonnet-4-5 --input-tokens 1200 --output-tokens 300",
            "  tokenledger import ndjson examples/october.ndjson",
            "  tokenledger summary --by model",
            "",
            "Your data folder is $XDG_DATA_HOME/tokenledger (~/.local/share/tokenledger), with ledger.db.",
            "Your own prices are $XDG_CONFIG_HOME/tokenledger/prices.yaml (~/.config/tokenledger).",
            "",
            "'tokenledger COMMAND --help' tells more of a command. Results go to standard output,",
            "messages to standard error; the exit code is 0, 1 (failed) or 2 (usage)."
        })
final class RootCommand {

    @Option(
            names = "--ledger",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "The ledger; $$TOKENLEDGER_LEDGER unless stated, else the one in your data folder.")
    String ledger = "";

    @Option(
            names = "--prices",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "A price file laid over the bundled prices and your own; may be given several times, "
                    + "the last one goes first.")
    List<String> prices = new ArrayList<>();

    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Show where a failure came from (a stack trace).")
    boolean debug;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help.")
    boolean help;

    @Option(names = "--version", versionHelp = true, description = "Show the version.")
    boolean version;
}
