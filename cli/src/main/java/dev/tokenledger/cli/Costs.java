package dev.tokenledger.cli;

import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.UsageRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A cost in words. */
final class Costs {

    private Costs() {}

    /** The amount with all of its digits, marked where it is a lower bound; "cost unknown" where there is none. */
    static String amount(Cost cost) {
        return switch (cost.status()) {
            case PRICED -> Figures.exactUsd(cost.amount());
            case PARTIAL -> "at least " + Figures.exactUsd(cost.amount());
            case UNPRICED -> "cost unknown";
        };
    }

    /** What the cost does not cover, and what to do about it; empty when it covers everything or was given. */
    static Optional<String> gap(UsageRecord record, Cost cost, Session session) {
        if (cost instanceof Cost.Given || cost.status() == PricingStatus.PRICED) {
            return Optional.empty();
        }
        String model = model(record.identity());
        String remedy = " to " + session.places().userPrices()
                + " or a --prices file: it counts for calls recorded from then on; what to write shows\n"
                + "  tokenledger explain " + Display.shellWord(record.id().value());
        return Optional.of(
                cost.status() == PricingStatus.UNPRICED
                        ? "no price for " + model + " at that time, so the cost is not known (it is not zero).\nAdd one"
                                + remedy
                        : "the price of " + model + " has no rate for " + String.join(", ", missing(cost))
                                + ", so the cost covers the rest alone.\nAdd the rate" + remedy);
    }

    /** What had no rate, with how many: {@code cache_read (5,000 tokens)}. */
    static List<String> missing(Cost cost) {
        List<String> missing = new ArrayList<>();
        cost.unpricedTokens()
                .forEach((tokenClass, count) ->
                        missing.add(tokenClass.text() + " (" + Figures.count(count, "token", "tokens") + ")"));
        cost.unpricedCalls()
                .forEach((name, count) -> missing.add(name + " (" + Figures.count(count, "call", "calls") + ")"));
        return missing;
    }

    static String model(ModelIdentity identity) {
        String model = Converters.quoted(identity.model().isEmpty() ? identity.upstreamModel() : identity.model());
        return identity.provider().isEmpty() ? model : model + " of " + identity.provider();
    }
}
