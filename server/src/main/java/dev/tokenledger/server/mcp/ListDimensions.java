package dev.tokenledger.server.mcp;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.json.DimensionsJson;
import dev.tokenledger.formats.query.QueryParameters;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.SummaryQuery;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.stream.Collectors;

/** The tool {@code list_dimensions}: what totals can be grouped and filtered by, and the values of one dimension. */
final class ListDimensions extends LedgerTool {

    private static final int MAX_VALUES = 50;

    ListDimensions(Questions questions) {
        super(
                questions,
                "list_dimensions",
                "Dimensions and values",
                "What calls can be grouped and filtered by, the keys of their attributes among it; with values_of also that"
                        + " dimension's values, dearest first.",
                QueryParameters.OF_VALUES);
    }

    @Override
    Map<String, Object> arguments() {
        Map<String, Object> arguments = new LinkedHashMap<>();
        arguments.put("values_of", text("The dimension whose values to list, such as model or attribute.team"));
        arguments.put("period", text("Of calls of today, yesterday, week, month, last_month or all; default: all"));
        arguments.put("from", text("Of calls from this date or time on; goes without period"));
        arguments.put("to", text("Of calls up to, but not including, this date or time; goes without period"));
        arguments.put(WHERE, WHERE_ARGUMENT);
        arguments.put("limit", number(MAX_VALUES, "So many values; goes with values_of; default: " + MAX_VALUES));
        return arguments;
    }

    @Override
    CallToolResult answer(
            Questions asked, Ledger ledger, Map<String, List<String>> stated, QueryParameters parameters) {
        Optional<SummaryQuery> query = parameters.values(MAX_VALUES, MAX_VALUES);
        SortedSet<String> keys = ledger.attributeKeys();
        Optional<List<GroupedSummary>> groups = query.map(ledger::summaries);
        String words = groups.map(values -> values.stream()
                        .map(group -> "- " + CostSummary.key(group) + ": " + CostSummary.words(group.summary()))
                        .collect(Collectors.joining("\n", "Values, dearest first:\n", "")))
                .orElseGet(() -> "Dimensions: "
                        + Dimension.all().stream().map(Dimension::name).collect(Collectors.joining(", "))
                        + (keys.isEmpty()
                                ? ""
                                : "\nAttributes: "
                                        + keys.stream()
                                                .limit(DimensionsJson.MAX_KEYS)
                                                .map(key -> "attribute." + key)
                                                .collect(Collectors.joining(", "))));
        return told(words, DimensionsJson.write(keys, groups));
    }
}
