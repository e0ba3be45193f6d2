package dev.tokenledger.usage;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of one call, in disjoint classes: a token is counted once, as uncached input, cache write, cache read or
 * output.
 *
 * <p>Each count is 0 to 10¹². Parts are already counted in the classes they belong to. Immutable.
 */
public final class TokenCounts {

    /** The most tokens of one class that one record can carry: 10¹². */
    public static final long LIMIT = 1_000_000_000_000L;

    /** No tokens at all. */
    public static final TokenCounts NONE = of(0, 0);

    private final long input;
    private final long output;
    private final long cacheCreation;
    private final long cacheCreation5m;
    private final long cacheCreation1h;
    private final long cacheRead;
    private final long reasoning;
    private final long audioInput;
    private final long imageInput;
    private final long audioOutput;
    private final long imageOutput;
    private final long cachedAudioRead;

    private TokenCounts(Builder builder) {
        input = builder.input;
        output = builder.output;
        cacheCreation = builder.cacheCreation();
        cacheCreation5m = builder.cacheCreation5m;
        cacheCreation1h = builder.cacheCreation1h;
        cacheRead = builder.cacheRead;
        reasoning = builder.reasoning;
        audioInput = builder.audioInput;
        imageInput = builder.imageInput;
        audioOutput = builder.audioOutput;
        imageOutput = builder.imageOutput;
        cachedAudioRead = builder.cachedAudioRead;
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

    /** Starts counts that are all 0. */
    public static Builder builder() {
        return new Builder();
    }

    /** Uncached input and output, nothing else. */
    public static TokenCounts of(long input, long output) {
        return builder().input(input).output(output).build();
    }

    /**
     * These and other counts together, class by class.
     *
     * @throws IllegalArgumentException if a sum is above {@link #LIMIT}
     */
    public TokenCounts plus(TokenCounts other) {
        return builder()
                .input(input + other.input)
                .output(output + other.output)
                .cacheCreation(cacheCreation + other.cacheCreation)
                .cacheCreation5m(cacheCreation5m + other.cacheCreation5m)
                .cacheCreation1h(cacheCreation1h + other.cacheCreation1h)
                .cacheRead(cacheRead + other.cacheRead)
                .reasoning(reasoning + other.reasoning)
                .audioInput(audioInput + other.audioInput)
                .imageInput(imageInput + other.imageInput)
                .audioOutput(audioOutput + other.audioOutput)
                .imageOutput(imageOutput + other.imageOutput)
                .cachedAudioRead(cachedAudioRead + other.cachedAudioRead)
                .build();
    }

    /** Whether these are the sum of parts; a sum that no record can carry is of none. */
    public boolean isSumOf(List<TokenCounts> parts) {
        try {
            return parts.stream().reduce(NONE, TokenCounts::plus).equals(this);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Uncached input. */
    public long input() {
        return input;
    }

    /** Generated tokens, reasoning included. */
    public long output() {
        return output;
    }

    /** All tokens written to the prompt cache. */
    public long cacheCreation() {
        return cacheCreation;
    }

    /** The part of {@link #cacheCreation} stated to live 5 minutes. */
    public long cacheCreation5m() {
        return cacheCreation5m;
    }

    /** The part of {@link #cacheCreation} stated to live 1 hour. */
    public long cacheCreation1h() {
        return cacheCreation1h;
    }

    /** Tokens served from the prompt cache. */
    public long cacheRead() {
        return cacheRead;
    }

    /** The part of {@link #output} spent on reasoning. */
    public long reasoning() {
        return reasoning;
    }

    /** The part of {@link #input} that was audio. */
    public long audioInput() {
        return audioInput;
    }

    /** The part of {@link #input} that was images. */
    public long imageInput() {
        return imageInput;
    }

    /** The part of {@link #output} that was audio. */
    public long audioOutput() {
        return audioOutput;
    }

    /** The part of {@link #output} that was images. */
    public long imageOutput() {
        return imageOutput;
    }

    /** The part of {@link #cacheRead} that was audio. */
    public long cachedAudioRead() {
        return cachedAudioRead;
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

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TokenCounts counts
                && input == counts.input
                && output == counts.output
                && cacheCreation == counts.cacheCreation
                && cacheCreation5m == counts.cacheCreation5m
                && cacheCreation1h == counts.cacheCreation1h
                && cacheRead == counts.cacheRead
                && reasoning == counts.reasoning
                && audioInput == counts.audioInput
                && imageInput == counts.imageInput
                && audioOutput == counts.audioOutput
                && imageOutput == counts.imageOutput
                && cachedAudioRead == counts.cachedAudioRead;
    }

    @Override
    public int hashCode() {
        return Objects.hash(
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
                cachedAudioRead);
    }

    @Override
    public String toString() {
        return "TokenCounts[input=" + input + ", output=" + output + ", cacheCreation=" + cacheCreation
                + ", cacheCreation5m=" + cacheCreation5m + ", cacheCreation1h=" + cacheCreation1h + ", cacheRead="
                + cacheRead + ", reasoning=" + reasoning + ", audioInput=" + audioInput + ", imageInput=" + imageInput
                + ", audioOutput=" + audioOutput + ", imageOutput=" + imageOutput + ", cachedAudioRead="
                + cachedAudioRead + "]";
    }

    /** Builds counts; what is not set is 0. Not safe for use by several threads. */
    public static final class Builder {

        private long input;
        private long output;
        private @Nullable Long cacheCreation;
        private long cacheCreation5m;
        private long cacheCreation1h;
        private long cacheRead;
        private long reasoning;
        private long audioInput;
        private long imageInput;
        private long audioOutput;
        private long imageOutput;
        private long cachedAudioRead;

        Builder() {}

        /** Uncached input. */
        public Builder input(long tokens) {
            input = tokens;
            return this;
        }

        /** Generated tokens, reasoning included. */
        public Builder output(long tokens) {
            output = tokens;
            return this;
        }

        /** All tokens written to the prompt cache; when it is not set, the sum of the 5-minute and 1-hour parts. */
        public Builder cacheCreation(long tokens) {
            cacheCreation = tokens;
            return this;
        }

        /** The part of {@code cacheCreation} stated to live 5 minutes. */
        public Builder cacheCreation5m(long tokens) {
            cacheCreation5m = tokens;
            return this;
        }

        /** The part of {@code cacheCreation} stated to live 1 hour. */
        public Builder cacheCreation1h(long tokens) {
            cacheCreation1h = tokens;
            return this;
        }

        /** Tokens served from the prompt cache. */
        public Builder cacheRead(long tokens) {
            cacheRead = tokens;
            return this;
        }

        /** The part of {@code output} spent on reasoning. */
        public Builder reasoning(long tokens) {
            reasoning = tokens;
            return this;
        }

        /** The part of {@code input} that was audio. */
        public Builder audioInput(long tokens) {
            audioInput = tokens;
            return this;
        }

        /** The part of {@code input} that was images. */
        public Builder imageInput(long tokens) {
            imageInput = tokens;
            return this;
        }

        /** The part of {@code output} that was audio. */
        public Builder audioOutput(long tokens) {
            audioOutput = tokens;
            return this;
        }

        /** The part of {@code output} that was images. */
        public Builder imageOutput(long tokens) {
            imageOutput = tokens;
            return this;
        }

        /** The part of {@code cacheRead} that was audio. */
        public Builder cachedAudioRead(long tokens) {
            cachedAudioRead = tokens;
            return this;
        }

        /** All counts at once. */
        Builder all(TokenCounts counts) {
            input = counts.input;
            output = counts.output;
            cacheCreation = counts.cacheCreation;
            cacheCreation5m = counts.cacheCreation5m;
            cacheCreation1h = counts.cacheCreation1h;
            cacheRead = counts.cacheRead;
            reasoning = counts.reasoning;
            audioInput = counts.audioInput;
            imageInput = counts.imageInput;
            audioOutput = counts.audioOutput;
            imageOutput = counts.imageOutput;
            cachedAudioRead = counts.cachedAudioRead;
            return this;
        }

        /** A part that is out of bounds is not added up, so that it is the one to be named. */
        private long cacheCreation() {
            if (cacheCreation != null) {
                return cacheCreation;
            }
            boolean bounded = cacheCreation5m >= 0
                    && cacheCreation1h >= 0
                    && cacheCreation5m <= LIMIT
                    && cacheCreation1h <= LIMIT;
            return bounded ? cacheCreation5m + cacheCreation1h : 0;
        }

        /**
         * The counts.
         *
         * @throws IllegalArgumentException if a count is negative or above {@link #LIMIT}, or parts exceed their whole; the
         *     message names the field
         */
        public TokenCounts build() {
            return new TokenCounts(this);
        }
    }
}
