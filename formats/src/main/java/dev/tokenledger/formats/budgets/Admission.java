package dev.tokenledger.formats.budgets;

import dev.tokenledger.money.Usd;
import java.time.Instant;
import java.util.List;

/**
 * What a {@link BudgetGuard} says to a call that is about to be made.
 *
 * @param reservation names the reservation, which the record of the call settles
 * @param estimate what was asked for
 * @param expires when the reservation ends that nobody settles; for a refused call, and one that no budget is about, nothing is
 *     reserved
 * @param rooms the budgets that the call falls under, in the order of the file
 */
public record Admission(
        String reservation, Outcome outcome, CallEstimate estimate, Instant expires, List<BudgetRoom> rooms) {

    /** What becomes of the call. */
    public enum Outcome {
        /** There is room. */
        ALLOWED,
        /** There is room, but little of it, or only soft budgets have none, or nobody can know because some calls have no price. */
        WARNED,
        /** There is none; nothing is reserved. */
        REFUSED
    }

    /** Copies the list. */
    public Admission {
        rooms = List.copyOf(rooms);
    }

    /** Whether the call may be made. */
    public boolean isAdmitted() {
        return outcome != Outcome.REFUSED;
    }

    /** The budgets without room for the call, soft ones too; none for one that is refused because its cost cannot be known. */
    public List<BudgetRoom> exceeded() {
        return rooms.stream().filter(BudgetRoom::isExceeded).toList();
    }

    /**
     * Whether the answer rests on a cost that is not wholly known: the call's own, or that of calls which a budget counts. What is
     * known is a lower bound then.
     */
    public boolean isUncertain() {
        return !rooms.isEmpty() && (!estimate.isPriced() || rooms.stream().anyMatch(BudgetRoom::isUncertain));
    }

    /**
     * This, if the call may be made.
     *
     * @throws BudgetExceededException if it is refused
     */
    public Admission orThrow() {
        if (!isAdmitted()) {
            throw new BudgetExceededException(this);
        }
        return this;
    }

    /** Why, for people: names budgets and amounts, no labels. */
    public String reason() {
        List<BudgetRoom> refusing =
                rooms.stream().filter(BudgetRoom::isRefusing).toList();
        List<BudgetRoom> exceeded = refusing.isEmpty() ? exceeded() : refusing;
        if (!exceeded.isEmpty()) {
            BudgetRoom first = exceeded.get(0);
            return "budget \"" + first.budget().name() + "\" has no room for " + first.asked() + " USD: "
                    + first.spent().totalCost() + (first.isUncertain() ? " USD or more" : " USD") + " spent and "
                    + first.reserved() + " USD reserved of " + first.budget().limit() + " USD until "
                    + first.window().end()
                    + (refusing.isEmpty() ? "; it is soft, so the call may be made" : "")
                    + (exceeded.size() > 1 ? ", and " + (exceeded.size() - 1) + " more budgets are exceeded" : "");
        }
        if (isUncertain()) {
            return estimate.isPriced()
                    ? "some calls of the period have no price, so nobody knows what is left; price their models"
                    : "the call has no price, so nobody knows whether there is room; price its model";
        }
        Usd amount = estimate.amount();
        return "there is room for " + amount + " USD";
    }
}
