package dev.tokenledger.server.mcp;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.formats.json.EntryJson;
import dev.tokenledger.formats.query.ParameterException;
import dev.tokenledger.formats.query.QueryParameters;
import dev.tokenledger.pricing.Explanation;
import dev.tokenledger.usage.RecordId;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tool {@code explain_call}: how the cost of a call came about, class by class. */
final class ExplainCall extends LedgerTool {

    private static final String ID = "id";

    ExplainCall(Questions questions) {
        super(
                questions,
                "explain_call",
                "Explain a call",
                "How the cost of a recorded call came about: tokens by class, rates, amounts, and the source of the price.",
                Set.of(ID));
    }

    @Override
    Map<String, Object> arguments() {
        return Map.of(ID, text("The record's id"));
    }

    @Override
    List<String> required() {
        return List.of(ID);
    }

    @Override
    CallToolResult answer(
            Questions asked, Ledger ledger, Map<String, List<String>> stated, QueryParameters parameters) {
        RecordId id = parameters.get(ID, RecordId::of).orElseThrow();
        LedgerEntry entry =
                ledger.find(id).orElseThrow(() -> new ParameterException(ID, "there is no record with this id"));
        Explanation explanation = EntryJson.explanation(ledger, entry);
        StringBuilder words = new StringBuilder("$" + CostSummary.plain(explanation.total()) + " for a call of "
                + entry.record().identity().model() + ":");
        explanation
                .lines()
                .forEach(line -> words.append("\n- ")
                        .append(CostSummary.count(line.count()))
                        .append(' ')
                        .append(line.what())
                        .append(line.amount()
                                .map(amount -> ": $" + amount.toPlainString())
                                .orElse(": no price")));
        explanation
                .entry()
                .map(price -> price.source())
                .filter(source -> !source.isEmpty())
                .ifPresent(source -> words.append("\nPrice: ").append(source));
        return told(words.toString(), EntryJson.write(entry, ledger, explanation));
    }
}
