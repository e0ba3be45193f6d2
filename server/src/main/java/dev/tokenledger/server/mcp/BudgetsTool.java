package dev.tokenledger.server.mcp;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.budgets.BudgetJson;
import dev.tokenledger.formats.budgets.BudgetStatus;
import dev.tokenledger.formats.query.QueryParameters;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The tool {@code budget_status}: how much of each budget is used up. */
final class BudgetsTool extends LedgerTool {

    BudgetsTool(Questions questions) {
        super(
                questions,
                "budget_status",
                "Budgets",
                "How much of each budget is spent in its current day or month, and what it comes to at this pace.",
                Set.of());
    }

    @Override
    Map<String, Object> arguments() {
        return Map.of();
    }

    @Override
    CallToolResult answer(
            Questions asked, Ledger ledger, Map<String, List<String>> stated, QueryParameters parameters) {
        Instant now = asked.clock().instant();
        List<BudgetStatus> budgets = BudgetStatus.of(asked.budgets().get(), ledger, now, asked.zone());
        String words = budgets.isEmpty()
                ? "There are no budgets."
                : budgets.stream()
                        .map(status -> "- " + status.budget().name() + ": "
                                + CostSummary.words(status.spent()) + " of $"
                                + CostSummary.plain(status.budget().limit()) + " this "
                                + status.budget().period().text() + ", "
                                + status.state().words())
                        .collect(Collectors.joining("\n", "Budgets:\n", ""));
        return told(words, BudgetJson.write(now, budgets));
    }
}
