package dev.tokenledger.cli;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.alerts.BudgetAlerts;
import dev.tokenledger.alerts.BudgetAlerts.Attempt;
import dev.tokenledger.alerts.BudgetAlerts.Result;
import dev.tokenledger.formats.budgets.BudgetPlan;
import dev.tokenledger.pricing.PriceBook;
import java.util.function.Supplier;

/** Sends a test to a channel of the budget file. */
final class BudgetTestChannelCommand extends Subcommand implements Action {

    private final Argument<String> name = parameter(0, "CHANNEL", "The name of a channel in the budget file.");
    private final Argument<String> file =
            option("--budgets", "FILE", "The budgets and channels; default: budgets.yaml beside your own prices.");

    BudgetTestChannelCommand() {
        super("test-channel", "Sends a test to a channel.", "budget test-channel CHANNEL [OPTION]...");
        description(
                "Sends one message that says it is a test, signed and encrypted as others are. The exit code is 1 if the receiver",
                "did not take it.");
        examples("  tokenledger budget test-channel ops --budgets examples/budgets.yaml");
    }

    @Override
    public int run(Session session) {
        Supplier<BudgetPlan> plan = BudgetFiles.planInForce(file, session);
        // No ledger is asked for a test.
        try (Ledger none = InMemoryLedger.open(
                        PriceBook.empty(), session.environment().clock());
                BudgetAlerts alerts = BudgetAlerts.builder(none, plan)
                        .clock(session.environment().clock())
                        .variables(session.environment()::variable)
                        .build()) {
            Attempt attempt = alerts.test(name.or(""));
            String line = attempt.channel() + ": " + attempt.message();
            if (attempt.result() == Result.SENT) {
                session.out().line(line);
                return DONE;
            }
            session.say(line);
            return FAILED;
        } catch (IllegalArgumentException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
    }
}
