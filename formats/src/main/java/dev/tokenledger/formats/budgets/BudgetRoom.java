package dev.tokenledger.formats.budgets;

import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.TimeWindow;
import java.math.BigDecimal;

/**
 * What a budget has room for, as an {@link Admission} found it.
 *
 * @param window the period that the call falls into
 * @param spent the ledger's totals of the period; a lower bound unless all calls are {@linkplain Summary#fullyPriced priced}
 * @param reserved what other calls have reserved that are under way
 * @param asked what this call asks for
 */
public record BudgetRoom(Budget budget, TimeWindow window, Summary spent, Usd reserved, Usd asked) {

    /** What is spent, reserved and asked for. */
    public Usd used() {
        return spent.totalCost().plus(reserved).plus(asked);
    }

    /** Whether the limit has no room for the call; one that is reached to the digit has. */
    public boolean isExceeded() {
        return used().compareTo(budget.limit()) > 0;
    }

    /** Whether the call is refused: there is no room, and the budget is hard. */
    public boolean isRefusing() {
        return isExceeded() && budget.isHard();
    }

    /** Whether calls of the period have no price, or not for all of them, so that more is spent than is known. */
    public boolean isUncertain() {
        return !spent.fullyPriced();
    }

    /** Whether what is spent, reserved and asked for has reached this share of the limit. */
    public boolean reaches(BigDecimal share) {
        return used().toBigDecimal().compareTo(budget.limit().toBigDecimal().multiply(share)) >= 0;
    }
}
