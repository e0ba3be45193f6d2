package dev.tokenledger.formats.budgets;

import dev.tokenledger.Ledger;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Asks what was spent of each budget. Those of one period that filter by the same dimensions (a limit for each team, say) are
 * one question, grouped by these: a ledger reads as much for it as for one filtered question.
 */
final class Spending {

    /** A value of these is found by an index, and there may be millions of others to group. */
    private static final Set<Dimension> INDEXED = Set.of(Dimension.SESSION, Dimension.CONVERSATION);

    /** What budgets have in common that are asked for together. */
    private record Question(TimeWindow window, Set<Dimension> dimensions) {}

    private Spending() {}

    static Map<Budget, Summary> of(List<Budget> budgets, Ledger ledger, Instant now, ZoneId usualZone) {
        Map<Question, List<Budget>> questions = budgets.stream()
                .collect(Collectors.groupingBy(
                        budget -> new Question(
                                budget.window(now, usualZone), budget.filters().keySet()),
                        LinkedHashMap::new,
                        Collectors.toList()));
        Map<Budget, Summary> spent = new HashMap<>();
        questions.forEach((question, asked) -> {
            boolean alone = asked.size() == 1
                    || question.dimensions.isEmpty()
                    || question.dimensions.stream().anyMatch(INDEXED::contains);
            if (alone) {
                asked.forEach(budget -> spent.put(budget, filtered(question.window, budget, ledger)));
            } else {
                Map<Map<Dimension, String>, Summary> groups = grouped(question, ledger);
                asked.forEach(budget -> spent.put(budget, groups.getOrDefault(budget.filters(), Summary.ZERO)));
            }
        });
        return spent;
    }

    private static Summary filtered(TimeWindow window, Budget budget, Ledger ledger) {
        SummaryQuery.Builder query = SummaryQuery.over(window);
        budget.filters().forEach(query::where);
        return ledger.summaries(query.build()).get(0).summary();
    }

    private static Map<Map<Dimension, String>, Summary> grouped(Question question, Ledger ledger) {
        SummaryQuery query = SummaryQuery.over(question.window)
                .by(question.dimensions.toArray(new Dimension[0]))
                .build();
        return ledger.summaries(query).stream()
                .collect(Collectors.toMap(GroupedSummary::keys, GroupedSummary::summary));
    }
}
