package dev.tokenledger.server.dashboard;

import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.formats.budgets.BudgetStatus;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.formats.query.TimeText;
import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.money.Usd;
import dev.tokenledger.server.http.Services;
import dev.tokenledger.summary.Summary;
import io.javalin.http.Context;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How much of each budget is used up, as text ready to be shown. All bars have one scale, so that the limits stand below each
 * other; what is beyond {@value #MAX_PERCENT} % of a limit is cut off the bar, never off the figures.
 *
 * @param bars those that are seen at once: all of few, of many those that are exceeded first
 * @param folded the others
 * @param note how many are exceeded
 * @param problems why the budgets cannot be read; empty if they can
 */
record BudgetsPart(List<Bar> bars, List<Bar> folded, String note, List<String> problems) {

    /** So many stand on the page however many there are: the rest is folded away, what is exceeded last. */
    private static final int MAX_BARS = 3;

    /** Where a bar ends, in percent of the limit. */
    private static final int MAX_PERCENT = 125;

    private static final int MAX_PROBLEMS = 5;

    private static final BudgetsPart NONE = new BudgetsPart(List.of(), List.of(), "", List.of());

    /**
     * One budget. Figures and states are words; {@code style} only repeats the state.
     *
     * @param link the view of its calls
     * @param period which day or month
     * @param used the share of the limit; empty where nothing has a price
     * @param projected what the period comes to; empty where it is too early to say
     * @param filled what is spent, in percent of the bar
     * @param ahead where the pace so far leads to, in percent of the bar; as {@code filled} where it is too early to say
     */
    record Bar(
            String name,
            String link,
            String period,
            String spent,
            String limit,
            String used,
            String projected,
            String state,
            String style,
            BigDecimal filled,
            BigDecimal ahead) {

        /** How much of the bar is between what is spent and where that leads to. */
        BigDecimal between() {
            return ahead.subtract(filled).max(BigDecimal.ZERO);
        }
    }

    /** What leads to those that are folded away. */
    String further() {
        return Figures.count(folded.size(), "more budget", "more budgets");
    }

    /** Where the limit stands on every bar, in percent. */
    int limit() {
        return 100 * 100 / MAX_PERCENT;
    }

    /** Asks for the budgets and what was spent of them. They are of all calls, so a view of some has none. */
    static BudgetsPart of(Services services, Context context, View view) {
        if (!view.filters().isEmpty()) {
            return NONE;
        }
        List<Budget> budgets;
        try {
            budgets = services.budgets(context);
        } catch (DocumentException e) {
            return new BudgetsPart(List.of(), List.of(), "", e.problems(MAX_PROBLEMS));
        }
        List<BudgetStatus> all = BudgetStatus.of(budgets, services.ledger(context), view.now(), services.zone());
        long exceeded = all.stream().filter(BudgetStatus::exceeded).count();
        List<Bar> bars = Stream.concat(
                        all.stream().filter(BudgetStatus::exceeded),
                        all.stream().filter(status -> !status.exceeded()))
                .map(status -> bar(status, services.zone()))
                .toList();
        boolean few = bars.size() <= MAX_BARS;
        return new BudgetsPart(
                few ? all.stream().map(status -> bar(status, services.zone())).toList() : bars.subList(0, MAX_BARS),
                few ? List.of() : bars.subList(MAX_BARS, bars.size()),
                (exceeded == 0 ? "none" : Figures.count(exceeded)) + " of " + all.size() + " exceeded",
                List.of());
    }

    private static Bar bar(BudgetStatus status, ZoneId usualZone) {
        Budget budget = status.budget();
        Summary spent = status.spent();
        Usd cost = spent.totalCost();
        boolean unpriced = spent.whollyUnpriced();
        String atLeast = spent.fullyPriced() ? "" : "≥\u202f";
        BigDecimal filled = width(status, cost);
        return new Bar(
                Units.name(budget.name()),
                link(status, usualZone),
                Units.bucket(
                                status.window().start().atZone(status.zone()).toOffsetDateTime(),
                                budget.period().bucket())
                        + ", " + TimeText.name(status.zone()),
                Units.cost(spent),
                Figures.usd(budget.limit(), 2),
                unpriced
                        ? ""
                        : atLeast
                                + Units.percent(
                                        cost.toBigDecimal(), budget.limit().toBigDecimal()),
                status.projected()
                        .filter(usd -> !unpriced)
                        .map(usd -> atLeast + Figures.usd(usd, 2))
                        .orElse(""),
                status.state().words(),
                status.state().text(),
                filled,
                status.projected().map(usd -> width(status, usd)).orElse(filled));
    }

    private static BigDecimal width(BudgetStatus status, Usd amount) {
        BigDecimal percent = status.share(amount)
                .movePointRight(4)
                .divide(BigDecimal.valueOf(MAX_PERCENT), 2, RoundingMode.HALF_EVEN);
        return percent.max(BigDecimal.ZERO).min(BigDecimal.valueOf(100));
    }

    /** The overview of the budget's calls in its period and zone. */
    private static String link(BudgetStatus status, ZoneId usualZone) {
        Map<String, String> parameters = new HashMap<>();
        Range range = status.budget().period() == Budget.Period.DAY ? Range.TODAY : Range.MONTH;
        parameters.put("period", range.text());
        if (!TimeText.name(status.zone()).equals(TimeText.name(usualZone))) {
            parameters.put("zone", TimeText.name(status.zone()));
        }
        status.budget().filters().forEach((dimension, value) -> parameters.put(View.where(dimension), value));
        return new Address("/", parameters).toString();
    }
}
