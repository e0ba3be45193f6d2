package dev.tokenledger.formats.budgets;

import dev.tokenledger.Ledger;
import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.TimeWindow;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * How much of a budget is used up in the period that now lies in.
 *
 * @param zone whose days and months these are
 * @param window the whole period
 * @param spent the totals of all calls that count, those stamped ahead of the clock too
 * @param projected what the period will have cost at its end at the pace so far; empty where it is too early to say
 */
public record BudgetStatus(Budget budget, ZoneId zone, TimeWindow window, Summary spent, Optional<Usd> projected) {

    private static final int SHARE_DIGITS = 4;

    /** What there is to say of a budget, the worst first. */
    public enum State {
        /** The known cost is above the limit. */
        EXCEEDED("exceeded"),
        /** It is not yet, but will be at the period's end at the pace so far. */
        OVER_PACE("on course to exceed"),
        /** The known cost is within the limit, but some calls' cost is not, or not wholly, known. */
        UNCERTAIN("not known"),
        /** Neither the cost nor what it comes to is above the limit. */
        WITHIN("within");

        private final String words;
        private final String text = name().toLowerCase(Locale.ROOT);

        State(String words) {
            this.words = words;
        }

        /** For people. */
        public String words() {
            return words;
        }

        /** The name in JSON. */
        public String text() {
            return text;
        }
    }

    /** How budgets stand at an instant, in the order given. */
    public static List<BudgetStatus> of(List<Budget> budgets, Ledger ledger, Instant now, ZoneId usualZone) {
        Map<Budget, Summary> spending = Spending.of(budgets, ledger, now, usualZone);
        return budgets.stream()
                .map(budget -> of(budget, spending.getOrDefault(budget, Summary.ZERO), now, usualZone))
                .toList();
    }

    private static BudgetStatus of(Budget budget, Summary spent, Instant now, ZoneId usualZone) {
        TimeWindow window = budget.window(now, usualZone);
        Optional<Usd> projected = Projection.of(spent.totalCost(), window, now);
        return new BudgetStatus(budget, budget.zoneOr(usualZone), window, spent, projected);
    }

    /** Whether the known cost is above the limit. */
    public boolean exceeded() {
        return spent.totalCost().compareTo(budget.limit()) > 0;
    }

    /** What there is to say. */
    public State state() {
        if (exceeded()) {
            return State.EXCEEDED;
        }
        if (projected.filter(usd -> usd.compareTo(budget.limit()) > 0).isPresent()) {
            return State.OVER_PACE;
        }
        return spent.fullyPriced() ? State.WITHIN : State.UNCERTAIN;
    }

    /** The known cost as a share of the limit: 1 where all is used up. Four digits, half-even. */
    public BigDecimal used() {
        return share(spent.totalCost());
    }

    /** An amount as a share of the limit. Four digits, half-even. */
    public BigDecimal share(Usd amount) {
        return amount.toBigDecimal().divide(budget.limit().toBigDecimal(), SHARE_DIGITS, RoundingMode.HALF_EVEN);
    }
}
