package dev.tokenledger.cli;

import java.util.List;
import picocli.CommandLine;

/** The price book. */
final class PricesCommand extends Subcommand {

    PricesCommand() {
        super("prices", "Shows, checks, compares, imports and updates prices.", "prices COMMAND [OPTION]...");
        for (Subcommand command : List.of(
                new PricesListCommand(),
                new PricesShowCommand(),
                new PricesCheckCommand(),
                new PricesDiffCommand(),
                new PricesImportCommand(),
                new PricesUpdateCommand())) {
            spec().addSubcommand(command.spec().name(), new CommandLine(command.spec()));
        }
        examples(
                "  tokenledger prices list sonnet",
                "  tokenledger prices show claude-sonnet-4-5",
                "  tokenledger prices check examples/prices.yaml",
                "  tokenledger prices diff bundled examples/prices.yaml");
    }
}
