package dev.tokenledger.server.mcp;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.prices.PriceJson;
import dev.tokenledger.formats.prices.PriceListing;
import dev.tokenledger.formats.query.QueryParameters;
import dev.tokenledger.formats.query.TimeText;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The tool {@code model_prices}: what the prices of models are, at a date. */
final class ModelPrices extends LedgerTool {

    /** What an agent can take in. */
    private static final int MAX_ENTRIES = 20;

    private static final String MODEL = "model";
    private static final String AT = "at";
    private static final Set<String> PARAMETERS = new LinkedHashSet<>(List.of(MODEL, AT));

    ModelPrices(Questions questions) {
        super(
                questions,
                "model_prices",
                "Prices of models",
                "The prices that calls of a model are recorded with, in USD per million tokens by class, with tiers and their"
                        + " sources; at most " + MAX_ENTRIES + " entries.",
                PARAMETERS);
    }

    @Override
    Map<String, Object> arguments() {
        Map<String, Object> arguments = new LinkedHashMap<>();
        arguments.put(MODEL, text("Models with this in their name, an alias or their provider, such as sonnet"));
        arguments.put(AT, text("The prices in force at this date or time, in UTC; default: now"));
        return arguments;
    }

    @Override
    List<String> required() {
        return List.of(MODEL);
    }

    @Override
    CallToolResult answer(
            Questions asked, Ledger ledger, Map<String, List<String>> stated, QueryParameters parameters) {
        Instant at = parameters
                .get(AT, text -> TimeText.parse(text, ZoneOffset.UTC))
                .orElseGet(() -> questions().clock().instant());
        String model = parameters.get(MODEL, text -> text).orElseThrow();
        List<PriceListing.Listed> found = PriceListing.find(ledger.prices(), model, Optional.of(at));
        List<PriceListing.Listed> told = found.subList(0, Math.min(found.size(), MAX_ENTRIES));
        String words = found.isEmpty()
                ? "No price: calls of such a model are recorded without a cost."
                : told.stream()
                        .map(listed -> "- "
                                + (listed.entry().provider().isEmpty()
                                        ? ""
                                        : listed.entry().provider() + "/")
                                + listed.entry().model())
                        .collect(Collectors.joining(
                                "\n",
                                found.size() > told.size()
                                        ? told.size() + " of " + found.size() + " entries:\n"
                                        : "Entries:\n",
                                ""));
        return told(words, PriceJson.write(told));
    }
}
