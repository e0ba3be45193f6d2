package dev.tokenledger.cli;

import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.TokenClass;
import dev.tokenledger.sources.prices.PriceFile;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What to write into a price file so that a call like a given one is priced. Figures to be filled in are words, so that
 * {@code prices check} points at what was forgotten; a 0 would mean "free".
 */
final class PriceSnippet {

    private static final String WANTED = "USD_PER_MILLION";
    private static final String WANTED_FEE = "USD_PER_CALL";

    private PriceSnippet() {}

    /** A file with an entry for a model that has none. */
    static String forModel(ModelIdentity identity, Cost cost) {
        String model = identity.upstreamModel().isEmpty() ? identity.model() : identity.upstreamModel();
        boolean named = !identity.provider().isEmpty();
        StringBuilder yaml = new StringBuilder("prices:\n");
        if (named) {
            yaml.append("  - provider: ").append(quoted(identity.provider())).append('\n');
        }
        yaml.append(named ? "    " : "  - ")
                .append("model: ")
                .append(quoted(model))
                .append('\n');
        Set<TokenClass> classes = EnumSet.of(TokenClass.INPUT, TokenClass.OUTPUT);
        classes.addAll(cost.unpricedTokens().keySet());
        yaml.append("    usd_per_million:\n");
        classes.forEach(
                tokenClass -> yaml.append("      ").append(tokenClass.text()).append(": " + WANTED + "\n"));
        if (!cost.unpricedCalls().isEmpty()) {
            yaml.append("    usd_per_call:\n");
            cost.unpricedCalls()
                    .keySet()
                    .forEach(name -> yaml.append("      ").append(name).append(": " + WANTED_FEE + "\n"));
        }
        return yaml.append("    source: \"where the figures are from\"\n").toString();
    }

    /** A file with the entry that lacks something, and below it what to add. */
    static String toComplete(PriceEntry entry, Cost cost) {
        StringBuilder yaml = new StringBuilder(PriceFile.format(List.of(entry)));
        if (!cost.unpricedTokens().isEmpty()) {
            yaml.append("    # and among the rates of usd_per_million:\n");
            cost.unpricedTokens()
                    .keySet()
                    .forEach(tokenClass ->
                            yaml.append("    #   ").append(tokenClass.text()).append(": " + WANTED + "\n"));
        }
        if (!cost.unpricedCalls().isEmpty()) {
            yaml.append("    # and among the fees of usd_per_call:\n");
            cost.unpricedCalls()
                    .keySet()
                    .forEach(name -> yaml.append("    #   ").append(name).append(": " + WANTED_FEE + "\n"));
        }
        return yaml.toString();
    }

    private static String quoted(String text) {
        return '"' + Display.safe(text, false).replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
