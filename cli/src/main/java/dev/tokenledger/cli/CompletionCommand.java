package dev.tokenledger.cli;

import picocli.AutoComplete;

/** Prints the script that teaches a shell the commands and options. */
final class CompletionCommand extends Subcommand implements Action {

    private final Argument<String> asked =
            optionalParameter("SHELL", "bash (the default) or zsh: one script serves both.");

    CompletionCommand() {
        super("completion", "Prints a script that teaches bash or zsh to complete commands.", "completion [SHELL]");
        examples(
                "  source <(tokenledger completion bash)",
                "  tokenledger completion bash > ~/.local/share/bash-completion/completions/tokenledger");
    }

    @Override
    public int run(Session session) {
        String shell = asked.or("bash");
        if (!shell.equals("bash") && !shell.equals("zsh")) {
            throw new UsageException("unknown shell \"" + shell + "\"; expected bash or zsh");
        }
        session.out().text(AutoComplete.bash("tokenledger", Commands.complete(new RootCommand(), session.terminal())));
        return DONE;
    }
}
