package dev.tokenledger.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Prints the script that teaches a shell the commands and options. */
@Command(
        name = "completion",
        header = "Prints a script that teaches bash or zsh to complete commands.",
        customSynopsis = "tokenledger completion [SHELL]",
        footerHeading = "%nExamples:%n",
        footer = {
            "  source <(tokenledger completion bash)",
            "  tokenledger completion bash > ~/.local/share/bash-completion/completions/tokenledger"
        })
final class CompletionCommand implements Action {

    @Parameters(
            paramLabel = "SHELL",
            arity = "0..1",
            description = "bash (the default) or zsh: one script serves both.")
    String shell = "bash";

    @Override
    public int run(Session session) {
        if (!shell.equals("bash") && !shell.equals("zsh")) {
            throw new UsageException("unknown shell \"" + shell + "\"; expected bash or zsh");
        }
        session.out().text(AutoComplete.bash("tokenledger", Commands.complete(new RootCommand(), session.terminal())));
        return DONE;
    }
}
