package dev.tokenledger.cli;

import java.util.List;
import picocli.CommandLine;

/** The keys that a server asks for. */
final class KeysCommand extends Subcommand {

    /** What the option for the file says. */
    static final String FILE =
            "The file with the keys; default: $$TOKENLEDGER_KEYS_FILE, else keys.yaml beside your own prices.";

    KeysCommand() {
        super("keys", "Makes, lists and revokes the keys that a server asks for.", "keys COMMAND [OPTION]...");
        description("Their digests are kept in keys.yaml beside your own prices; a running server notices a change.");
        for (Subcommand command : List.of(
                new KeysCreateCommand(), new KeysListCommand(), new KeysRevokeCommand(), new KeysSpendCommand())) {
            spec().addSubcommand(command.spec().name(), new CommandLine(command.spec()));
        }
        examples("  tokenledger keys create billing --scope read", "  tokenledger keys list");
    }
}
