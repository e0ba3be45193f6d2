package dev.tokenledger.formats.budgets;

import dev.tokenledger.Ledger;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Report;
import dev.tokenledger.summary.ReportQuery;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Asks what was spent of each budget. Those of one period that filter by the same dimensions (a limit for each team, say) are
 * one question, grouped by these: a ledger reads as much for it as for one filtered question. All are answered
 * from one moment.
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
        List<Asked> asked = new ArrayList<>();
        questions.forEach((question, together) -> {
            boolean alone = together.size() == 1
                    || question.dimensions.isEmpty()
                    || question.dimensions.stream().anyMatch(INDEXED::contains);
            if (alone) {
                together.forEach(budget -> asked.add(new Asked(filtered(question.window, budget), List.of(budget))));
            } else {
                asked.add(new Asked(grouped(question), together));
            }
        });
        if (asked.isEmpty()) {
            return Map.of();
        }
        // One report, so that a call counts towards all of its budgets or none yet.
        ReportQuery query = ReportQuery.of(asked.get(0).query);
        for (Asked further : asked.subList(1, asked.size())) {
            query = query.with(further.query);
        }
        Report report = ledger.report(query);
        Map<Budget, Summary> spent = new HashMap<>();
        for (int i = 0; i < asked.size(); i++) {
            List<GroupedSummary> rows =
                    i == 0 ? report.rows() : report.further().get(i - 1);
            asked.get(i).read(rows, spent);
        }
        return spent;
    }

    /** A question, and the budgets that it is about. */
    private record Asked(SummaryQuery query, List<Budget> budgets) {

        void read(List<GroupedSummary> rows, Map<Budget, Summary> spent) {
            if (query.dimensions().isEmpty()) {
                budgets.forEach(budget -> spent.put(budget, rows.get(0).summary()));
                return;
            }
            Map<Map<Dimension, String>, Summary> groups =
                    rows.stream().collect(Collectors.toMap(GroupedSummary::keys, GroupedSummary::summary));
            budgets.forEach(budget -> spent.put(budget, groups.getOrDefault(budget.filters(), Summary.ZERO)));
        }
    }

    private static SummaryQuery filtered(TimeWindow window, Budget budget) {
        SummaryQuery.Builder query = SummaryQuery.over(window);
        budget.filters().forEach(query::where);
        return query.build();
    }

    private static SummaryQuery grouped(Question question) {
        return SummaryQuery.over(question.window)
                .by(question.dimensions.toArray(new Dimension[0]))
                .build();
    }
}
