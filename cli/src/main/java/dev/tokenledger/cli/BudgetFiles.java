package dev.tokenledger.cli;

import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.formats.budgets.BudgetFile;
import dev.tokenledger.formats.text.DocumentException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        Path own = session.places().budgets();
        boolean required = option.stated().isPresent();
        BudgetFile file = new BudgetFile(
                option.stated().map(text -> Places.path("--budgets", text)).orElse(own));
        Supplier<List<Budget>> budgets = () -> required || Files.exists(own) ? file.read() : List.of();
        checked(budgets);
        return budgets;
    }

    /**
     * A file's budgets.
     *
     * @throws CommandException if it cannot be read or has mistakes; the message lists them
     */
    static List<Budget> read(BudgetFile file) {
        return checked(file::read);
    }

    private static List<Budget> checked(Supplier<List<Budget>> budgets) {
        try {
            return budgets.get();
        } catch (DocumentException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
    }
}
