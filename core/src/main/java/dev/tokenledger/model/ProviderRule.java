package dev.tokenledger.model;

import java.util.List;

/**
 * How the provider of a model is inferred from its name alone.
 *
 * <p>A name's own provider, where the caller states one, always goes before a rule.
 */
public enum ProviderRule {

    /**
     * A name that begins like one of the declared families belongs to that provider ({@code claude-} → anthropic,
     * {@code gpt-} → openai, {@code gemini-} → google, …), unless it is an open-weights name or carries a local tag
     * ({@code gpt-oss:20b}); everything else is local, {@code ollama}.
     */
    DECLARED {
        @Override
        String inferUpstream(String upstream) {
            String name = upstream.startsWith(FINE_TUNED) ? upstream.substring(FINE_TUNED.length()) : upstream;
            for (Family family : FAMILIES) {
                if (family.has(name)) {
                    // A tag such as ":14b" is how local servers name open weights of a hosted family.
                    boolean local = upstream.indexOf(':') > 0 && name.equals(upstream) && !name.startsWith(CLAUDE);
                    return local ? LOCAL : family.provider;
                }
            }
            return LOCAL;
        }
    },

    /** {@code claude-…} is anthropic; everything else is local, {@code ollama}. */
    CLAUDE_OR_LOCAL {
        @Override
        String inferUpstream(String upstream) {
            return upstream.startsWith(CLAUDE) ? "anthropic" : LOCAL;
        }
    };

    private static final String LOCAL = "ollama";
    private static final String CLAUDE = "claude-";
    private static final String FINE_TUNED = "ft:";

    /** Longer prefixes that make an exception stand before the ones they are taken from. */
    private static final List<Family> FAMILIES = List.of(
            new Family(CLAUDE, "anthropic"),
            new Family("gpt-oss", LOCAL),
            new Family("gpt-", "openai"),
            new Family("chatgpt-", "openai"),
            new Family("codex-", "openai"),
            new Family("o1", "openai"),
            new Family("o3", "openai"),
            new Family("o4", "openai"),
            new Family("text-embedding-3", "openai"),
            new Family("text-embedding-ada", "openai"),
            new Family("gemini-", "google"),
            new Family("grok-", "xai"),
            new Family("mistral-", "mistral"),
            new Family("ministral-", "mistral"),
            new Family("magistral-", "mistral"),
            new Family("codestral-", "mistral"),
            new Family("devstral-", "mistral"),
            new Family("pixtral-", "mistral"),
            new Family("command-", "cohere"),
            new Family("sonar", "perplexity"),
            new Family("deepseek-", "deepseek"),
            new Family("kimi-", "moonshotai"),
            new Family("glm-", "zai"),
            new Family("MiniMax-", "minimax"),
            new Family("qwen-", "alibaba"));

    /**
     * The provider of a model reference.
     *
     * @param reference a model name, with or without a {@code resource/} prefix
     */
    public String infer(String reference) {
        String trimmed = reference.strip();
        int slash = trimmed.indexOf('/');
        boolean prefixed = slash > 0 && slash < trimmed.length() - 1;
        return inferUpstream(prefixed ? trimmed.substring(slash + 1).strip() : trimmed);
    }

    abstract String inferUpstream(String upstream);

    /** A prefix that ends in no "-" is a name of its own, or goes on with one. */
    private record Family(String prefix, String provider) {
        boolean has(String name) {
            return name.startsWith(prefix)
                    && (prefix.endsWith("-")
                            || name.length() == prefix.length()
                            || "-:".indexOf(name.charAt(prefix.length())) >= 0);
        }
    }
}
