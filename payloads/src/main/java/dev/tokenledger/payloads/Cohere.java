package dev.tokenledger.payloads;

import dev.tokenledger.formats.text.Node;
import dev.tokenledger.usage.TokenCounts;

/**
 * Cohere's chat, format {@code cohere}: {@code billed_units.input_tokens} and {@code billed_units.output_tokens}, in the
 * {@code usage} of version 2 as in the {@code meta} of version 1. There is no cache. Tokens that are not billed are not
 * counted. Search units are paid calls {@code rerank}; classifications and images are paid units by those names.
 */
public final class Cohere implements UsagePayload {

    Cohere() {}

    @Override
    public String format() {
        return "cohere";
    }

    @Override
    public PayloadUsage read(Node.Mapping usage) {
        Figures figures = Figures.of(usage);
        Figures billed = figures.object("billed_units");
        TokenCounts tokens = TokenCounts.of(billed.count("input_tokens"), billed.count("output_tokens"));
        long searches = billed.count("search_units");
        long classifications = billed.count("classifications");
        long images = billed.count("images");
        billed.requireAny();
        figures.ignore("tokens", "cached_tokens", "api_version", "warnings");
        return new PayloadUsage.Builder()
                .tokens(tokens)
                .calls("rerank", searches)
                .calls("classification", classifications)
                .calls("image", images)
                .build(figures);
    }
}
