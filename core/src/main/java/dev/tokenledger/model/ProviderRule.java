package dev.tokenledger.model;

import dev.tokenledger.text.ModelNames;
import dev.tokenledger.text.Providers;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How the provider of a model is inferred from its name alone.
 *
 * <p>A name's own provider, where the caller states one, always goes before a rule.
 */
public enum ProviderRule {

    /**
     * A name that begins like one of the declared families belongs to that provider ({@code claude-} → anthropic,
     * {@code gpt-} → openai, {@code gemini-} → google, …), unless it is an open-weights name or carries a local tag
     * ({@code gpt-oss:20b}). A sign of a host goes before that: Bedrock's ids and ARNs, Vertex AI's {@code @date}, {@code
     * accounts/…/models/…}, a gateway's prefix such as {@code groq/}. Names of weights that many hosts serve ({@code
     * meta-llama/…}) have no provider; everything else is local, {@code ollama}.
     */
    DECLARED {
        @Override
        String inferReference(String reference) {
            String hosted = hosted(reference);
            if (hosted != null) {
                return hosted;
            }
            String name = last(reference);
            String family = family(name);
            if (family != null) {
                return family;
            }
            boolean weights = name.indexOf(':') < 0
                    && (WEIGHTS.contains(prefix(reference).toLowerCase(Locale.ROOT))
                            || WEIGHTS.contains(prefix(upstream(reference)).toLowerCase(Locale.ROOT)));
            return weights || !ModelNames.isName(name) ? "" : LOCAL;
        }
    },

    /** {@code claude-…} is anthropic; everything else is local, {@code ollama}. */
    CLAUDE_OR_LOCAL {
        @Override
        String inferReference(String reference) {
            return upstream(reference).startsWith(CLAUDE) ? "anthropic" : LOCAL;
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

    /** Whose prefix says where a model runs, as gateways write references: {@code bedrock/…}, {@code groq/…}. */
    private static final Set<String> HOSTS = Set.of(
            Providers.BEDROCK,
            Providers.AZURE,
            Providers.VERTEX,
            "openrouter",
            "groq",
            "together",
            "fireworks",
            "deepinfra",
            "cerebras",
            "nebius",
            "github-copilot",
            "github-models",
            "vercel",
            "cloudflare",
            "baseten",
            "novita",
            "sambanova",
            "huggingface",
            "databricks",
            "hyperbolic",
            "scaleway",
            "ovhcloud",
            "wandb",
            "ibm.watsonx.ai",
            "oci",
            "perplexity",
            "ollama",
            "lmstudio",
            "vllm");

    /** Who publishes weights that many hosts serve: the name before the slash says whose they are, not who served them. */
    private static final Set<String> WEIGHTS = Set.of(
            "meta-llama",
            "mistralai",
            "qwen",
            "deepseek-ai",
            "deepseek",
            "moonshotai",
            "zai-org",
            "z-ai",
            "openai",
            "anthropic",
            "google",
            "microsoft",
            "nvidia",
            "nousresearch",
            "minimaxai",
            "minimax",
            "cohere",
            "x-ai",
            "xai",
            "amazon",
            "ai21",
            "perplexity",
            "ibm-granite",
            "tencent",
            "baidu",
            "bytedance",
            "stepfun-ai",
            "xiaomi");

    /** How Bedrock's ids begin: a geography where a profile has one, the maker, a dot. */
    private static final Pattern BEDROCK_ID =
            Pattern.compile("(?:(?:us|eu|apac|jp|au|ca|in|sa|me|af|us-gov|global)\\.)?"
                    + "(?:anthropic|amazon|meta|mistral|cohere|ai21|deepseek|stability|writer|qwen|openai|google|nvidia|moonshot"
                    + "|moonshotai|minimax|zai|twelvelabs|luma|xai)\\.[a-z0-9].*");

    /** Vertex AI's ids of other makers' models: a version behind {@code @}. */
    private static final Pattern VERTEX_ID = Pattern.compile("[a-z0-9][a-z0-9.-]*@(?:[0-9]+|default|latest)");

    /**
     * The provider of a model reference; empty where the name shows that somebody hosts it, but not who.
     *
     * @param reference a model name, with or without a {@code resource/} prefix
     */
    String infer(String reference) {
        return inferReference(reference.strip());
    }

    /**
     * Whether nothing in a model's name says who hosts it, so that {@link #DECLARED} takes it for a local one.
     *
     * @param reference a model name, with or without a {@code resource/} prefix
     */
    public static boolean isGuess(String reference) {
        String trimmed = reference.strip();
        return DECLARED.infer(trimmed).equals(LOCAL) && hosted(trimmed) == null;
    }

    /** What earlier versions inferred, which did not look for a host, to know again what they stored. */
    static String inferredBefore(String reference) {
        String family = family(last(reference.strip()));
        return family == null ? LOCAL : family;
    }

    abstract String inferReference(String reference);

    private static String upstream(String reference) {
        String prefix = prefix(reference);
        return prefix.isEmpty()
                ? reference
                : reference.substring(reference.indexOf('/') + 1).strip();
    }

    /** Behind a resource and a maker: {@code router/anthropic/claude-…}. */
    private static String last(String reference) {
        return upstream(upstream(reference));
    }

    private static String prefix(String reference) {
        int slash = reference.indexOf('/');
        return slash > 0 && slash < reference.length() - 1
                ? reference.substring(0, slash).strip()
                : "";
    }

    /** By a sign of the host in the name; null if it has none. */
    private static @Nullable String hosted(String reference) {
        String lower = reference.toLowerCase(Locale.ROOT);
        if (lower.startsWith("arn:")) {
            return lower.contains(":bedrock:") ? Providers.BEDROCK : "";
        }
        if (lower.startsWith("publishers/") || lower.startsWith("projects/")) {
            return Providers.VERTEX;
        }
        if (lower.startsWith("models/")) {
            return Providers.GOOGLE;
        }
        if (lower.startsWith("accounts/")) {
            return "fireworks";
        }
        if (lower.startsWith("@cf/") || lower.startsWith("@hf/")) {
            return "cloudflare";
        }
        String host = Providers.declared(prefix(lower));
        if (HOSTS.contains(host)) {
            return host;
        }
        String name = last(lower);
        if (BEDROCK_ID.matcher(name).matches()) {
            return Providers.BEDROCK;
        }
        return VERTEX_ID.matcher(name).matches() ? Providers.VERTEX : null;
    }

    /** By the declared families; null for a name of none. */
    private static @Nullable String family(String upstream) {
        String name = upstream.startsWith(FINE_TUNED) ? upstream.substring(FINE_TUNED.length()) : upstream;
        for (Family family : FAMILIES) {
            if (family.has(name)) {
                // A tag such as ":14b" is how local servers name open weights of a hosted family.
                boolean local = upstream.indexOf(':') > 0 && name.equals(upstream) && !name.startsWith(CLAUDE);
                return local ? LOCAL : family.provider;
            }
        }
        return null;
    }

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
