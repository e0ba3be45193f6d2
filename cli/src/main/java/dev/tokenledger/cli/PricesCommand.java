package dev.tokenledger.cli;

import java.util.List;
import picocli.CommandLine;

/** The price book. */
final class PricesCommand extends Subcommand {

    PricesCommand() {
        super(
                "prices",
                "Shows the prices that calls are recorded with, and checks price files.",
                "prices COMMAND [OPTION]...");
        for (Subcommand command : List.of(new PricesListCommand(), new PricesShowCommand(), new PricesCheckCommand())) {
            spec().addSubcommand(command.spec().name(), new CommandLine(command.spec()));
        }
        examples(
                "  tokenledger prices list sonnet",
                "  tokenledger prices show claude-sonnet-4-5",
                "  tokenledger prices check examples/prices.yaml");
    }
}
