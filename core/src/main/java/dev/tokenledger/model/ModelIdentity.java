package dev.tokenledger.model;

import dev.tokenledger.text.ModelNames;
import dev.tokenledger.text.Providers;
import dev.tokenledger.text.Texts;
import dev.tokenledger.text.Texts.Bound;

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
        if (ModelNames.isLongForm(trimmed)) {
            return new ModelIdentity(
                    trimmed, ModelNames.bare(trimmed), ModelNames.region(trimmed), rule.infer(trimmed));
        }
        int slash = trimmed.indexOf('/');
        boolean split = slash > 0 && slash < trimmed.length() - 1;
        String resource = split ? trimmed.substring(0, slash).strip() : "";
        String upstream = split ? trimmed.substring(slash + 1).strip() : trimmed;
        if (split && (resource.isEmpty() || upstream.isEmpty())) {
            resource = "";
            upstream = trimmed;
        }
        // The declared rule looks for hosts in the resource too.
        String provider = upstream.isEmpty() ? "" : rule.infer(rule == ProviderRule.DECLARED ? trimmed : upstream);
        return new ModelIdentity(trimmed, upstream, resource, provider);
    }

    /** The identity that a bare reference states, its provider inferred by {@link ProviderRule#DECLARED}. */
    public static ModelIdentity ofReference(String reference) {
        return ofReference(reference, ProviderRule.DECLARED);
    }

    /**
     * Whether two identities are of one model, seen over all versions: names of providers have got better forms, and a model of
     * a host that earlier versions did not know was taken for a local one.
     */
    public boolean isSameOverVersions(ModelIdentity other) {
        return equals(other) || (sameModel(other) && (sameProvider(other) || other.sameProvider(this)));
    }

    private boolean sameModel(ModelIdentity other) {
        if (!model.equals(other.model)) {
            return false;
        }
        boolean same = upstreamModel.equals(other.upstreamModel) && resource.equals(other.resource);
        // Slashes in a cloud's long form once parted a resource from a model.
        return same || ModelNames.isLongForm(model);
    }

    private boolean sameProvider(ModelIdentity now) {
        if (Providers.same(provider, now.provider)) {
            return true;
        }
        String name = upstreamModel.isEmpty() ? model : upstreamModel;
        String before = ProviderRule.inferredBefore(name);
        return provider.equals(before)
                && (now.provider.equals(ProviderRule.DECLARED.infer(name))
                        || now.provider.equals(ProviderRule.DECLARED.infer(model)));
    }
}
