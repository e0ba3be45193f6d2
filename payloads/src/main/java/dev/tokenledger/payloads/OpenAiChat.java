package dev.tokenledger.payloads;

import dev.tokenledger.formats.text.Node;

/**
 * OpenAI's Chat Completions, format {@code openai-chat}, also spoken by Groq, xAI, OpenRouter, Together, Fireworks, Perplexity,
 * DashScope and gateways: {@code prompt_tokens} contains everything that {@code prompt_tokens_details} lists, {@code
 * completion_tokens} everything that {@code completion_tokens_details} lists.
 *
 * <p>Cached and written tokens are taken out of the input. Audio and image tokens are parts of it; where they overlap the cached
 * ones, as much as can be is taken for uncached and noted as {@code input_parts_partly_cached}. Rejected prediction tokens are
 * billed as output, and are inside it already.
 *
 * <p>What the dialects do otherwise:
 *
 * <ul>
 *   <li>xAI states reasoning beside {@code completion_tokens}. The object proves it by a {@code total_tokens} that is the sum
 *       of prompt, completion and reasoning; reasoning is then added to the output, and noted as {@code
 *       reasoning_added_to_output}. Gateways before Gemini leave thoughts out of {@code completion_tokens} and state none, but
 *       count them in {@code total_tokens}: what the parts leave of the total is added, noted as {@code reasoning_from_total}.
 *       A smaller total is noted as {@code total_differs}.
 *   <li>Together and Moonshot state {@code cached_tokens} at the top; they count where the details state none.
 *   <li>Writes are {@code cache_write_tokens} (OpenAI, OpenRouter), {@code cache_creation_tokens} (LiteLLM) or {@code
 *       cache_creation_input_tokens} (DashScope in the details, gateways at the top), split by time to live where an object beside
 *       them does so. {@code cache_type: ephemeral} is 5 minutes. Counts at the top that the figures prove to be beside the
 *       prompt are noted as {@code input_leaves_cached_out}.
 *   <li>OpenRouter's {@code cost}, xAI's {@code cost_in_usd_ticks} and Perplexity's {@code cost.total_cost} are reported costs. A
 *       credit of OpenRouter's is a US dollar; with the caller's own key ({@code is_byok}) what the upstream provider takes comes
 *       on top of it.
 *   <li>{@code server_tool_use} and xAI's {@code server_side_tool_usage_details} count paid calls by tool.
 *   <li>Perplexity: {@code citation_tokens} are input, {@code reasoning_tokens} at the top are output beside the answer, {@code
 *       num_search_queries} paid searches of deep research, and other models' requests have a fee by {@code search_context_size}.
 *   <li>A finished batch states both dialects, this one as zeros: the other's counts hold, noted as {@code
 *       other_dialect_counted}.
 * </ul>
 */
public final class OpenAiChat implements UsagePayload {

    /** Where a dialect states cache reads beside the details. */
    static final String CACHED = "cached_tokens";

    OpenAiChat() {}

    @Override
    public String format() {
        return "openai-chat";
    }

    @Override
    public PayloadUsage read(Node.Mapping usage) {
        Figures figures = Figures.of(usage);
        PayloadUsage.Builder read = new PayloadUsage.Builder();
        OpenAiUsage.read(figures, OpenAiUsage.Dialect.CHAT, CACHED, read);
        figures.requireAny();
        return read.build(figures);
    }
}
