package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.alerts.BudgetAlerts;
import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.formats.budgets.BudgetFile;
import dev.tokenledger.formats.budgets.BudgetPlan;
import dev.tokenledger.formats.text.DocumentException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import java.util.function.Supplier;

/** The budgets that a command works with. */
final class BudgetFiles {

    private BudgetFiles() {}

    /**
     * The budgets of the option's file or, if it is there, the user's own, as they are whenever they are asked for.
     *
     * @throws CommandException if the file cannot be read or has mistakes now; the message lists them
     */
    static Supplier<List<Budget>> inForce(Argument<String> option, Session session) {
        Supplier<BudgetPlan> plan = planInForce(option, session);
        return () -> plan.get().budgets();
    }

    /**
     * The same with the channels that are told.
     *
     * @throws CommandException if the file cannot be read or has mistakes now; the message lists them
     */
    static Supplier<BudgetPlan> planInForce(Argument<String> option, Session session) {
        Path own = session.places().budgets();
        boolean required = option.stated().isPresent();
        BudgetFile file = new BudgetFile(
                option.stated().map(text -> Places.path("--budgets", text)).orElse(own));
        Supplier<BudgetPlan> plan = () -> required || Files.exists(own) ? file.readPlan() : BudgetPlan.EMPTY;
        checked(plan);
        return plan;
    }

    /**
     * A file's budgets.
     *
     * @throws CommandException if it cannot be read or has mistakes; the message lists them
     */
    static List<Budget> read(BudgetFile file) {
        return checked(file::read);
    }

    /** Who tells what budgets reach, in the log of this ledger. */
    static BudgetAlerts.Builder alerts(
            Ledger ledger, Supplier<BudgetPlan> plan, Argument<ZoneId> zone, Session session) {
        return BudgetAlerts.builder(ledger, plan)
                .zone(zone.stated().orElseGet(session.environment().zone()))
                .clock(session.environment().clock())
                .variables(session.environment()::variable);
    }

    private static <T> T checked(Supplier<T> read) {
        try {
            return read.get();
        } catch (DocumentException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
    }
}
