package dev.tokenledger.usage;

import java.util.List;

/**
 * The tokens of one call, in disjoint classes: a token is counted once, as uncached input, cache write, cache read or
 * output.
 *
 * <p>Each count is 0 to 10¹². The parts at the end are already counted in the classes they belong to.
 *
 * @param input uncached input
 * @param output generated tokens, reasoning included
 * @param cacheCreation all tokens written to the prompt cache
 * @param cacheCreation5m the part of {@code cacheCreation} stated to live 5 minutes
 * @param cacheCreation1h the part of {@code cacheCreation} stated to live 1 hour
 * @param cacheRead tokens served from the prompt cache
 * @param reasoning the part of {@code output} spent on reasoning
 * @param audioInput the part of {@code input} that was audio
 * @param imageInput the part of {@code input} that was images
 * @param audioOutput the part of {@code output} that was audio
 * @param imageOutput the part of {@code output} that was images
 * @param cachedAudioRead the part of {@code cacheRead} that was audio
 */
public record TokenCounts(
        long input,
        long output,
        long cacheCreation,
        long cacheCreation5m,
        long cacheCreation1h,
        long cacheRead,
        long reasoning,
        long audioInput,
        long imageInput,
        long audioOutput,
        long imageOutput,
        long cachedAudioRead) {

    /** The most tokens of one class that one record can carry: 10¹². */
    public static final long LIMIT = 1_000_000_000_000L;

    /** No tokens at all. */
    public static final TokenCounts NONE = of(0, 0);

    /**
     * @throws IllegalArgumentException if a count is negative or above {@link #LIMIT}, or parts exceed their whole; the
     *     message names the field
     */
    public TokenCounts {
        check("input_tokens", input);
        check("output_tokens", output);
        check("cache_creation_input_tokens", cacheCreation);
        check("cache_creation_5m_input_tokens", cacheCreation5m);
        check("cache_creation_1h_input_tokens", cacheCreation1h);
        check("cache_read_input_tokens", cacheRead);
        check("reasoning_tokens", reasoning);
        check("audio_input_tokens", audioInput);
        check("image_input_tokens", imageInput);
        check("audio_output_tokens", audioOutput);
        check("image_output_tokens", imageOutput);
        check("cached_audio_read_tokens", cachedAudioRead);
        if (cacheCreation5m + cacheCreation1h > cacheCreation) {
            throw new IllegalArgumentException("cache_creation_5m_input_tokens + cache_creation_1h_input_tokens = "
                    + (cacheCreation5m + cacheCreation1h) + " exceed cache_creation_input_tokens = " + cacheCreation);
        }
        if (cachedAudioRead > cacheRead) {
            throw new IllegalArgumentException(
                    "cached_audio_read_tokens = " + cachedAudioRead + " exceed cache_read_input_tokens = " + cacheRead);
        }
        if (audioInput + imageInput > input) {
            throw new IllegalArgumentException("audio_input_tokens + image_input_tokens = " + (audioInput + imageInput)
                    + " exceed input_tokens = " + input);
        }
        if (reasoning + audioOutput + imageOutput > output) {
            throw new IllegalArgumentException("reasoning_tokens + audio_output_tokens + image_output_tokens = "
                    + (reasoning + audioOutput + imageOutput) + " exceed output_tokens = " + output);
        }
    }

    /**
     * Counts without audio from a cache.
     *
     * @throws IllegalArgumentException as the constructor with all counts does
     */
    public TokenCounts(
            long input,
            long output,
            long cacheCreation,
            long cacheCreation5m,
            long cacheCreation1h,
            long cacheRead,
            long reasoning,
            long audioInput,
            long imageInput,
            long audioOutput,
            long imageOutput) {
        this(
                input,
                output,
                cacheCreation,
                cacheCreation5m,
                cacheCreation1h,
                cacheRead,
                reasoning,
                audioInput,
                imageInput,
                audioOutput,
                imageOutput,
                0);
    }

    /** Uncached input and output, nothing else. */
    public static TokenCounts of(long input, long output) {
        return new TokenCounts(input, output, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    /**
     * These and other counts together, class by class.
     *
     * @throws IllegalArgumentException if a sum is above {@link #LIMIT}
     */
    public TokenCounts plus(TokenCounts other) {
        return new TokenCounts(
                input + other.input,
                output + other.output,
                cacheCreation + other.cacheCreation,
                cacheCreation5m + other.cacheCreation5m,
                cacheCreation1h + other.cacheCreation1h,
                cacheRead + other.cacheRead,
                reasoning + other.reasoning,
                audioInput + other.audioInput,
                imageInput + other.imageInput,
                audioOutput + other.audioOutput,
                imageOutput + other.imageOutput,
                cachedAudioRead + other.cachedAudioRead);
    }

    /** Whether these are the sum of parts; a sum that no record can carry is of none. */
    public boolean isSumOf(List<TokenCounts> parts) {
        try {
            return parts.stream().reduce(NONE, TokenCounts::plus).equals(this);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Everything the model read: uncached input, cache writes and cache reads. Decides the long-context tier. */
    public long totalInput() {
        return input + cacheCreation + cacheRead;
    }

    /** Cache writes whose time to live nobody stated. */
    public long cacheCreationUnattributed() {
        return cacheCreation - cacheCreation5m - cacheCreation1h;
    }

    private static void check(String field, long count) {
        if (count < 0 || count > LIMIT) {
            throw new IllegalArgumentException(field + ": expected 0 to " + LIMIT + ", found " + count);
        }
    }
}
