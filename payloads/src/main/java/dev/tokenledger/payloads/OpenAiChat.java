package dev.tokenledger.payloads;

import dev.tokenledger.formats.text.Node;
import dev.tokenledger.money.Usd;
import dev.tokenledger.usage.TokenCounts;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * OpenAI's Chat Completions, format {@code openai-chat}, also spoken by Groq, xAI, OpenRouter, Together, Fireworks and others:
 * {@code prompt_tokens} contains everything that {@code prompt_tokens_details} lists, {@code completion_tokens} everything
 * that {@code completion_tokens_details} lists.
 *
 * <p>Cached and cache-write tokens are taken out of the input. Audio and image tokens are parts of it; where they overlap
 * the cached ones, as much as can be is taken for uncached and noted as {@code input_parts_partly_cached}. Rejected
 * prediction tokens are billed as output, and are inside it already.
 *
 * <p>What the dialects do otherwise:
 *
 * <ul>
 *   <li>xAI states reasoning beside {@code completion_tokens}. The object proves it by a {@code total_tokens} that is the sum
 *       of prompt, completion and reasoning; reasoning is then added to the output, and noted as {@code
 *       reasoning_added_to_output}. A total that is neither sum is noted as {@code total_differs}.
 *   <li>Together and Moonshot state {@code cached_tokens} at the top; they count where the details state none.
 *   <li>OpenRouter's {@code cost} and xAI's {@code cost_in_usd_ticks} are reported costs. A credit of OpenRouter's is a US
 *       dollar; with the caller's own key ({@code is_byok}) what the upstream provider takes comes on top of it.
 *   <li>OpenRouter's {@code server_tool_use.web_search_requests} are paid calls.
 * </ul>
 */
public final class OpenAiChat implements UsagePayload {

    /** Where this API itself states cache reads. */
    static final String CACHED = "prompt_tokens_details.cached_tokens";

    /** xAI counts money in ticks of 10⁻¹⁰ USD. */
    private static final int USD_TICK_DIGITS = 10;

    OpenAiChat() {}

    @Override
    public String format() {
        return "openai-chat";
    }

    @Override
    public PayloadUsage read(Node.Mapping usage) {
        Figures figures = Figures.of(usage);
        SortedSet<String> notes = new TreeSet<>();
        TokenCounts tokens = counts(figures, "cached_tokens", notes);
        figures.requireAny();
        if (figures.has("total_tokens") && figures.total("total_tokens") != tokens.totalInput() + tokens.output()) {
            notes.add("total_differs");
        }
        SortedMap<String, Long> calls = new TreeMap<>();
        long searches = figures.object("server_tool_use").count("web_search_requests");
        if (searches > 0) {
            calls.put("web_search", searches);
        }
        return new PayloadUsage(tokens, calls, "", false, notes, reportedCost(figures));
    }

    private static Optional<Usd> reportedCost(Figures figures) {
        Optional<BigDecimal> ticks = figures.amount("cost_in_usd_ticks");
        if (ticks.isPresent()) {
            return ticks.map(count -> Usd.rounded(count.scaleByPowerOfTen(-USD_TICK_DIGITS)));
        }
        BigDecimal upstream = figures.isTrue("is_byok")
                ? figures.object("cost_details")
                        .amount("upstream_inference_cost")
                        .orElse(BigDecimal.ZERO)
                : BigDecimal.ZERO;
        return figures.amount("cost").map(cost -> Usd.rounded(cost.add(upstream)));
    }

    /**
     * The counts of an object of this shape.
     *
     * @param otherReads the field in which a dialect states cache reads where the details state none
     */
    static TokenCounts counts(Figures figures, String otherReads, SortedSet<String> notes) {
        long prompt = figures.count("prompt_tokens");
        Figures in = figures.object("prompt_tokens_details");
        boolean other = !in.has("cached_tokens") && !otherReads.equals(CACHED);
        long reads = other ? figures.count(otherReads) : in.count("cached_tokens");
        long writes = in.count("cache_write_tokens");
        long uncached = figures.without("prompt_tokens", prompt, other ? otherReads : CACHED, reads);
        uncached = figures.without("prompt_tokens", uncached, "prompt_tokens_details.cache_write_tokens", writes);
        long audioIn = in.count("audio_tokens");
        long imageIn = in.count("image_tokens");
        long rest = figures.without("prompt_tokens", prompt, "prompt_tokens_details.audio_tokens", audioIn);
        figures.without("prompt_tokens", rest, "prompt_tokens_details.image_tokens", imageIn);
        if (audioIn + imageIn > uncached) {
            notes.add("input_parts_partly_cached");
            audioIn = Math.min(audioIn, uncached);
            imageIn = Math.min(imageIn, uncached - audioIn);
        }
        long completion = figures.count("completion_tokens");
        Figures out = figures.object("completion_tokens_details");
        long reasoning = out.count("reasoning_tokens");
        if (reasoning > 0 && figures.total("total_tokens") == prompt + completion + reasoning) {
            completion += reasoning;
            notes.add("reasoning_added_to_output");
        }
        long audioOut = out.count("audio_tokens");
        long imageOut = out.count("image_tokens");
        long left = figures.without(
                "completion_tokens", completion, "completion_tokens_details.reasoning_tokens", reasoning);
        left = figures.without("completion_tokens", left, "completion_tokens_details.audio_tokens", audioOut);
        figures.without("completion_tokens", left, "completion_tokens_details.image_tokens", imageOut);
        return new TokenCounts(
                uncached, completion, writes, 0, 0, reads, reasoning, audioIn, imageIn, audioOut, imageOut);
    }
}
