package dev.tokenledger.cli;

import java.util.List;
import picocli.CommandLine;

/** Limits to what a day or a month may cost. */
final class BudgetCommand extends Subcommand {

    BudgetCommand() {
        super(
                "budget",
                "Says how much of your budgets is used up, and tells whom you name.",
                "budget COMMAND [OPTION]...");
        for (Subcommand command :
                List.of(new BudgetCheckCommand(), new BudgetNotifyCommand(), new BudgetTestChannelCommand())) {
            spec().addSubcommand(command.spec().name(), new CommandLine(command.spec()));
        }
        examples(
                "  tokenledger budget check --budgets examples/budgets.yaml",
                "  tokenledger budget notify --budgets examples/budgets.yaml");
    }
}
