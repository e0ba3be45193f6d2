package dev.tokenledger.model;

import dev.tokenledger.model.Texts.Bound;

/**
 * Which model served a call, seen from both sides.
 *
 * <p>Every part may be empty, which stands for "not known". Parts are trimmed, at most 512 characters long and free of
 * control characters.
 *
 * @param model the selected deployment's id when known, such as {@code mirror/gpt-oss:20b}
 * @param upstreamModel the model's name at its provider, such as {@code gpt-oss:20b}
 * @param resource the server or endpoint that served it, such as {@code mirror}
 * @param provider the provider's family, such as {@code anthropic} or {@code ollama}
 */
public record ModelIdentity(String model, String upstreamModel, String resource, String provider) {

    /** @throws IllegalArgumentException if a part is too long or holds a control character */
    public ModelIdentity {
        model = Texts.checked("model", model, Bound.TEXT);
        upstreamModel = Texts.checked("upstream_model", upstreamModel, Bound.TEXT);
        resource = Texts.checked("resource", resource, Bound.TEXT);
        provider = Texts.checked("provider", provider, Bound.TEXT);
    }

    /**
     * The identity that a bare reference states: split at the first {@code /} when text stands on both sides of it
     * ({@code resource/upstream}), else the upstream model alone; the provider is inferred from the upstream part.
     *
     * @param reference a model reference, such as {@code mirror/gpt-oss:20b}
     * @param rule how the provider is inferred
     */
    public static ModelIdentity ofReference(String reference, ProviderRule rule) {
        String trimmed = reference.strip();
        int slash = trimmed.indexOf('/');
        boolean split = slash > 0 && slash < trimmed.length() - 1;
        String resource = split ? trimmed.substring(0, slash).strip() : "";
        String upstream = split ? trimmed.substring(slash + 1).strip() : trimmed;
        if (split && (resource.isEmpty() || upstream.isEmpty())) {
            resource = "";
            upstream = trimmed;
        }
        return new ModelIdentity(trimmed, upstream, resource, upstream.isEmpty() ? "" : rule.infer(upstream));
    }

    /** The identity that a bare reference states, its provider inferred by {@link ProviderRule#DECLARED}. */
    public static ModelIdentity ofReference(String reference) {
        return ofReference(reference, ProviderRule.DECLARED);
    }
}
