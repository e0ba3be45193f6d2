package dev.tokenledger.cli;

import picocli.CommandLine.Command;

/** The price book. */
@Command(
        name = "prices",
        header = "Shows the prices that calls are recorded with, and checks price files.",
        customSynopsis = "tokenledger prices COMMAND [OPTION]...",
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        subcommands = {PricesListCommand.class, PricesShowCommand.class, PricesCheckCommand.class},
        footerHeading = "%nExamples:%n",
        footer = {
            "  tokenledger prices list sonnet",
            "  tokenledger prices show claude-sonnet-4-5",
            "  tokenledger prices check examples/prices.yaml"
        })
final class PricesCommand {}
