package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.alerts.BudgetAlerts;
import dev.tokenledger.alerts.BudgetAlerts.Attempt;
import dev.tokenledger.alerts.BudgetAlerts.Result;
import dev.tokenledger.formats.budgets.BudgetPlan;
import java.time.ZoneId;
import java.util.List;
import java.util.function.Supplier;

/** Tells the channels of the budget file what budgets have reached, once, as by a timer. */
final class BudgetNotifyCommand extends Subcommand implements Action {

    private final Argument<String> file =
            option("--budgets", "FILE", "The budgets and channels; default: budgets.yaml beside your own prices.");
    private final Argument<ZoneId> zone = option(
            "--zone",
            "ZONE",
            new Converters.OfZone(),
            "The time zone of days and months of budgets that name none; the system's unless stated.");

    BudgetNotifyCommand() {
        super("notify", "Tells channels of budgets that have reached a threshold.", "budget notify [OPTION]...");
        description(
                "For a timer, where no server runs: 'tokenledger serve' tells by itself. Each channel is told once for a threshold",
                "and period, whoever tells it. What a receiver did not take is tried again by later runs, for two days. The exit",
                "code is 1 if a channel could not be told.");
        examples("  tokenledger budget notify --budgets examples/budgets.yaml");
    }

    @Override
    public int run(Session session) {
        Supplier<BudgetPlan> plan = BudgetFiles.planInForce(file, session);
        if (plan.get().channels().isEmpty()) {
            session.say("the budget file names no channels to tell; see the list notify in its documentation");
            return DONE;
        }
        try (Ledger ledger = session.existingLedgerForWriting();
                BudgetAlerts alerts =
                        BudgetFiles.alerts(ledger, plan, zone, session).build()) {
            List<Attempt> attempts = alerts.runOnce();
            for (Attempt attempt : attempts) {
                String line = attempt.channel() + ": " + attempt.message();
                if (attempt.result() == Result.SENT) {
                    session.out().line(line);
                } else {
                    session.say(line);
                }
            }
            return attempts.stream().allMatch(attempt -> attempt.result() == Result.SENT) ? DONE : FAILED;
        }
    }
}
