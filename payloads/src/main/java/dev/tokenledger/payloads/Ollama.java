package dev.tokenledger.payloads;

import dev.tokenledger.formats.text.Node;
import dev.tokenledger.usage.TokenCounts;

/**
 * Ollama's own API, format {@code ollama}: {@code prompt_eval_count} and {@code eval_count}, each left out of the answer
 * when it is 0, so that an object without either is a call without tokens. There is no cache.
 */
public final class Ollama implements UsagePayload {

    Ollama() {}

    @Override
    public String format() {
        return "ollama";
    }

    @Override
    public PayloadUsage read(Node.Mapping usage) {
        Figures figures = Figures.of(usage);
        TokenCounts tokens = TokenCounts.of(figures.count("prompt_eval_count"), figures.count("eval_count"));
        figures.ignore(
                "model", "message", "response", "context", "done", "done_reason", "created_at", "id", "type", "object");
        return new PayloadUsage.Builder().tokens(tokens).build(figures);
    }
}
