package dev.tokenledger.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows the help of a command, or the overview. */
@Command(
        name = "help",
        header = "Shows the help of a command.",
        customSynopsis = "tokenledger help [COMMAND]",
        footerHeading = "%nExamples:%n",
        footer = {"  tokenledger help summary", "  tokenledger help prices check"})
final class HelpCommand implements Action {

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "COMMAND", arity = "0..2", description = "The command; none for the overview.")
    List<String> names = new ArrayList<>();

    @Override
    public int run(Session session) {
        CommandLine shown = spec.parent().commandLine();
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
