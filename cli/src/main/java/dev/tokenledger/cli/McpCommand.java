package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerUnavailableException;
import dev.tokenledger.server.mcp.McpStdio;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Answers agents over standard input and output. */
final class McpCommand extends Subcommand implements Action {

    McpCommand() {
        super("mcp", "Answers an agent's questions over standard input and output.", "mcp");
        description(
                "For programs that speak the Model Context Protocol and start their tools themselves. The tool",
                "'cost_summary' says what a period cost. It reads the ledger, never writes, and ends with its input.",
                "It may be started before there is a ledger: until then each answer says so.");
        examples("  tokenledger mcp < /dev/null");
    }

    @Override
    public int run(Session session) {
        Environment environment = session.environment();
        try (Awaited ledger = new Awaited(session)) {
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

    /** The ledger from the first question on that finds it there: editors start their tools before anything was recorded. */
    private static final class Awaited implements Supplier<Ledger>, AutoCloseable {

        private final Session session;
        private @Nullable Ledger ledger;

        /** Opens a ledger that is there, so that what is wrong with it is said at once. */
        Awaited(Session session) {
            this.session = session;
            if (session.hasLedger()) {
                ledger = session.existingLedger();
            }
        }

        /** @throws LedgerUnavailableException if there is none yet */
        @Override
        public Ledger get() {
            Ledger opened = ledger;
            if (opened == null) {
                if (!session.hasLedger()) {
                    throw new LedgerUnavailableException(session.noLedgerYet(), null);
                }
                opened = session.existingLedger();
                ledger = opened;
            }
            return opened;
        }

        @Override
        public void close() {
            if (ledger != null) {
                ledger.close();
            }
        }
    }
}
