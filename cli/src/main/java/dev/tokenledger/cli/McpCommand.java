package dev.tokenledger.cli;

import dev.tokenledger.FederatedLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerUnavailableException;
import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.server.mcp.McpStdio;
import dev.tokenledger.server.mcp.Questions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Answers agents over standard input and output. */
final class McpCommand extends Subcommand implements Action {

    private final Argument<String> budgetFile = option(
            "--budgets",
            "FILE",
            "The budgets that 'budget_status' tells of; default: budgets.yaml beside your own prices, if it is there.");

    private final PartialOption partial = new PartialOption(this);

    McpCommand() {
        super("mcp", "Answers an agent's questions over standard input and output.", "mcp [OPTION]...");
        description(
                "For programs that speak the Model Context Protocol and start their tools themselves. Its tools",
                "say what a period cost, what there is to group by, how a call's cost came about, what a model's prices",
                "are, and how budgets stand. It reads the ledger, never writes, and ends with its input.",
                "It may be started before there is a ledger: until then each answer says so.");
        examples("  tokenledger mcp < /dev/null");
    }

    @Override
    public boolean readsSeveral() {
        return true;
    }

    @Override
    public int run(Session session) {
        Environment environment = session.environment();
        Supplier<List<Budget>> budgets = BudgetFiles.inForce(budgetFile, session);
        try (Awaited ledger = new Awaited(session, partial.timeLimit(session))) {
            McpStdio.serve(
                    new Questions(
                            ledger,
                            budgets,
                            environment.clock(),
                            environment.zone().get()),
                    Main.version(),
                    environment.in(),
                    environment.out());
        }
        return DONE;
    }

    /** The ledger from the first question on that finds it there: editors start their tools before anything was recorded. */
    private static final class Awaited implements Supplier<Ledger>, AutoCloseable {

        private final Session session;
        private final Optional<Duration> partialAfter;
        private @Nullable Ledger ledger;

        /** Opens a ledger that is there, so that what is wrong with it is said at once. */
        Awaited(Session session, Optional<Duration> partialAfter) {
            this.session = session;
            this.partialAfter = partialAfter;
            if (session.hasLedger()) {
                ledger = session.existingLedger(partialAfter);
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
            // Each question asks anew for what was missing before.
            return partialAfter.isPresent() && opened instanceof FederatedLedger several ? several.partial() : opened;
        }

        @Override
        public void close() {
            if (ledger != null) {
                ledger.close();
            }
        }
    }
}
