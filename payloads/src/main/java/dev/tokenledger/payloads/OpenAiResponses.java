package dev.tokenledger.payloads;

import dev.tokenledger.formats.text.Node;
import dev.tokenledger.usage.TokenCounts;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * OpenAI's Responses API, format {@code openai-responses}: {@code input_tokens} contains
 * {@code input_tokens_details.cached_tokens}, {@code output_tokens} contains
 * {@code output_tokens_details.reasoning_tokens}.
 *
 * <p>Whether {@code input_tokens_details.cache_write_tokens} are inside {@code input_tokens} is not verified: they are left
 * where they are, charged as input, and noted as {@code cache_writes_not_split}.
 */
public final class OpenAiResponses implements UsagePayload {

    OpenAiResponses() {}

    @Override
    public String format() {
        return "openai-responses";
    }

    @Override
    public PayloadUsage read(Node.Mapping usage) {
        Figures figures = Figures.of(usage);
        long input = figures.count("input_tokens");
        long output = figures.count("output_tokens");
        figures.requireAny();
        Figures details = figures.object("input_tokens_details");
        long reads = details.count("cached_tokens");
        long uncached = figures.without("input_tokens", input, "input_tokens_details.cached_tokens", reads);
        long reasoning = figures.object("output_tokens_details").count("reasoning_tokens");
        figures.without("output_tokens", output, "output_tokens_details.reasoning_tokens", reasoning);
        SortedSet<String> notes = new TreeSet<>();
        if (details.count("cache_write_tokens") > 0) {
            notes.add("cache_writes_not_split");
        }
        return PayloadUsage.of(new TokenCounts(uncached, output, 0, 0, 0, reads, reasoning, 0, 0, 0, 0), notes);
    }
}
