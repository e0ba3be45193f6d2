package dev.tokenledger.cli;

import java.util.List;
import picocli.CommandLine;

/** Shows the help of a command, or the overview. */
final class HelpCommand extends Subcommand implements Action {

    private final Argument<List<String>> words = parameters(0, 0, "COMMAND", "The command; none for the overview.");

    HelpCommand() {
        super("help", "Shows the help of a command.", "help [COMMAND]");
        examples("  tokenledger help summary", "  tokenledger help prices check");
    }

    @Override
    public int run(Session session) {
        List<String> names = words.or(List.of());
        CommandLine shown = spec().parent().commandLine();
        for (String name : names) {
            CommandLine next = shown.getSubcommands().get(name);
            if (next == null) {
                throw new UsageException("there is no command \"" + String.join(" ", names) + "\"");
            }
            shown = next;
        }
        session.out().text(shown.getUsageMessage());
        return DONE;
    }
}
