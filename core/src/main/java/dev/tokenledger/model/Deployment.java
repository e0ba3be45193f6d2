package dev.tokenledger.model;

import dev.tokenledger.text.Texts;
import dev.tokenledger.text.Texts.Bound;

/**
 * One way to reach a model: what a router or gateway calls a deployment.
 *
 * @param id its name at the caller, unique in a catalog, such as {@code mirror/gpt-oss:20b}
 * @param upstreamModel the model's name at the provider
 * @param resource the server or endpoint; may be empty
 * @param provider the provider's family; may be empty
 */
public record Deployment(String id, String upstreamModel, String resource, String provider) {

    /** @throws IllegalArgumentException if the id or the upstream model is blank, or a part is too long */
    public Deployment {
        id = Texts.checked("id", id, Bound.TEXT);
        upstreamModel = Texts.checked("upstream_model", upstreamModel, Bound.TEXT);
        resource = Texts.checked("resource", resource, Bound.TEXT);
        provider = Texts.checked("provider", provider, Bound.TEXT);
        if (id.isEmpty() || upstreamModel.isEmpty()) {
            throw new IllegalArgumentException("a deployment has an id and an upstream model");
        }
    }

    /** The identity of calls that this deployment serves. */
    public ModelIdentity identity() {
        return new ModelIdentity(id, upstreamModel, resource, provider);
    }
}
