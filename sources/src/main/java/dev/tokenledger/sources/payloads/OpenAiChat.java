package dev.tokenledger.sources.payloads;

import dev.tokenledger.sources.text.Node;
import dev.tokenledger.usage.TokenCounts;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * OpenAI's Chat Completions, format {@code openai-chat}, also spoken by Groq, OpenRouter, Together, Fireworks and others:
 * {@code prompt_tokens} contains everything that {@code prompt_tokens_details} lists, {@code completion_tokens} everything
 * that {@code completion_tokens_details} lists.
 *
 * <p>Cached and cache-write tokens are taken out of the input. Audio and image tokens are parts of it; where they overlap
 * the cached ones, as much as can be is taken for uncached and noted as {@code input_parts_partly_cached}. Rejected
 * prediction tokens are billed as output, and are inside it already.
 */
public final class OpenAiChat implements UsagePayload {

    /** Where this API itself states cache reads. */
    static final String CACHED = "prompt_tokens_details.cached_tokens";

    OpenAiChat() {}

    @Override
    public String format() {
        return "openai-chat";
    }

    @Override
    public PayloadUsage read(Node.Mapping usage) {
        Figures figures = Figures.of(usage);
        SortedSet<String> notes = new TreeSet<>();
        TokenCounts tokens = counts(figures, CACHED, notes);
        figures.requireAny();
        return PayloadUsage.of(tokens, notes);
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
        long audioOut = out.count("audio_tokens");
        long left = figures.without(
                "completion_tokens", completion, "completion_tokens_details.reasoning_tokens", reasoning);
        figures.without("completion_tokens", left, "completion_tokens_details.audio_tokens", audioOut);
        return new TokenCounts(uncached, completion, writes, 0, 0, reads, reasoning, audioIn, imageIn, audioOut, 0);
    }
}
