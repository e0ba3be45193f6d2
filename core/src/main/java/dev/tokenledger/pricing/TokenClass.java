package dev.tokenledger.pricing;

import java.util.Locale;
import java.util.Optional;

/** The kinds of tokens that a price can name. */
public enum TokenClass {
    /** Uncached input. */
    INPUT,
    /** Generated tokens. */
    OUTPUT,
    /** Input served from the prompt cache. */
    CACHE_READ,
    /** Input written to the prompt cache for 5 minutes, or for a time nobody stated. */
    CACHE_WRITE_5M,
    /** Input written to the prompt cache for 1 hour. */
    CACHE_WRITE_1H,
    /** The part of the output spent on reasoning; charged as output without a rate of its own. */
    REASONING,
    /** The part of the uncached input that is audio; charged as input without a rate of its own. */
    AUDIO_INPUT,
    /** The part of the output that is audio; charged as output without a rate of its own. */
    AUDIO_OUTPUT,
    /** The part of the uncached input that is images; charged as input without a rate of its own. */
    IMAGE_INPUT,
    /** The part of the output that is images; charged as output without a rate of its own. */
    IMAGE_OUTPUT,
    /** The part of the input served from the prompt cache that is audio; charged as cache read without a rate of its own. */
    CACHED_AUDIO_READ;

    private final String text = name().toLowerCase(Locale.ROOT);

    /** The name in price files and JSON. */
    public String text() {
        return text;
    }

    /** The class whose rate serves where this part has none of its own; empty for a class that is no part. */
    Optional<TokenClass> whole() {
        return switch (this) {
            case AUDIO_INPUT, IMAGE_INPUT -> Optional.of(INPUT);
            case CACHED_AUDIO_READ -> Optional.of(CACHE_READ);
            case REASONING, AUDIO_OUTPUT, IMAGE_OUTPUT -> Optional.of(OUTPUT);
            default -> Optional.empty();
        };
    }

    /**
     * The class of this name.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public static TokenClass parse(String text) {
        for (TokenClass tokenClass : values()) {
            if (tokenClass.text.equals(text)) {
                return tokenClass;
            }
        }
        throw new IllegalArgumentException("unknown token class \"" + text + "\"; expected one of " + names());
    }

    private static String names() {
        StringBuilder names = new StringBuilder();
        for (TokenClass tokenClass : values()) {
            names.append(names.isEmpty() ? "" : ", ").append(tokenClass.text);
        }
        return names.toString();
    }
}
