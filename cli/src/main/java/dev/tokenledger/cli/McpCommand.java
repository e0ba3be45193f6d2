package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.server.mcp.McpStdio;

/** Answers agents over standard input and output. */
final class McpCommand extends Subcommand implements Action {

    McpCommand() {
        super("mcp", "Answers an agent's questions over standard input and output.", "mcp");
        description(
                "For programs that speak the Model Context Protocol and start their tools themselves. The tool",
                "'cost_summary' says what a period cost. It reads the ledger, never writes, and ends with its input.");
        examples("  tokenledger mcp < /dev/null");
    }

    @Override
    public int run(Session session) {
        Environment environment = session.environment();
        try (Ledger ledger = session.readLedger()) {
            McpStdio.serve(
                    ledger,
                    environment.clock(),
                    environment.zone().get(),
                    Main.version(),
                    environment.in(),
                    environment.out());
        }
        return DONE;
    }
}
