package dev.tokenledger.server.mcp;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.budgets.Budget;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.function.Supplier;

/**
 * What the tools answer from.
 *
 * @param ledger is asked for with each question; a {@link dev.tokenledger.LedgerException} that it throws is the answer
 * @param budgets the budgets that are in force; a {@link dev.tokenledger.formats.text.DocumentException} that it throws is the
 *     answer
 * @param clock the time
 * @param zone of calendar periods, where a question names none
 */
public record Questions(Supplier<Ledger> ledger, Supplier<List<Budget>> budgets, InstantSource clock, ZoneId zone) {

    /** All tools. */
    List<LedgerTool> tools() {
        return List.of(
                new CostSummary(this),
                new ComparePeriods(this),
                new ListDimensions(this),
                new ExplainCall(this),
                new ModelPrices(this),
                new BudgetsTool(this));
    }
}
