package dev.tokenledger.cli;

import picocli.CommandLine;

/** Limits to what a day or a month may cost. */
final class BudgetCommand extends Subcommand {

    BudgetCommand() {
        super("budget", "Says how much of your budgets is used up.", "budget COMMAND [OPTION]...");
        Subcommand check = new BudgetCheckCommand();
        spec().addSubcommand(check.spec().name(), new CommandLine(check.spec()));
        examples("  tokenledger budget check --budgets examples/budgets.yaml");
    }
}
