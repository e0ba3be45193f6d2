package dev.tokenledger.payloads;

import dev.tokenledger.formats.text.Node;
import dev.tokenledger.usage.TokenCounts;
import java.util.Set;

/**
 * Cohere's chat, format {@code cohere}: {@code billed_units.input_tokens} and {@code billed_units.output_tokens}, in the
 * {@code usage} of version 2 as in the {@code meta} of version 1. There is no cache. Tokens that are not billed are not
 * counted.
 */
public final class Cohere implements UsagePayload {

    Cohere() {}

    @Override
    public String format() {
        return "cohere";
    }

    @Override
    public PayloadUsage read(Node.Mapping usage) {
        Figures billed = Figures.of(usage).object("billed_units");
        TokenCounts tokens = TokenCounts.of(billed.count("input_tokens"), billed.count("output_tokens"));
        billed.requireAny();
        return PayloadUsage.of(tokens, Set.of());
    }
}
