package dev.tokenledger.model;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The deployments a program knows, and how its model references resolve to identities.
 *
 * <p>Immutable and safe for use by many threads.
 */
public final class ModelCatalog {

    private static final ModelCatalog EMPTY = new ModelCatalog(List.of());

    private final Map<String, Deployment> byId = new HashMap<>();
    private final Map<String, Optional<Deployment>> byUpstreamModel = new HashMap<>();

    private ModelCatalog(Collection<Deployment> deployments) {
        for (Deployment deployment : deployments) {
            if (byId.putIfAbsent(deployment.id(), deployment) != null) {
                throw new IllegalArgumentException("two deployments have the id \"" + deployment.id() + "\"");
            }
            // A name that several deployments serve is remembered as ambiguous, and so resolves to none of them.
            byUpstreamModel.merge(
                    deployment.upstreamModel(), Optional.of(deployment), (first, second) -> Optional.empty());
        }
    }

    /** The catalog without deployments: every reference resolves by its own text. */
    public static ModelCatalog empty() {
        return EMPTY;
    }

    /**
     * A catalog of these deployments.
     *
     * @throws IllegalArgumentException if two have the same id
     */
    public static ModelCatalog of(Collection<Deployment> deployments) {
        return deployments.isEmpty() ? EMPTY : new ModelCatalog(deployments);
    }

    /** The deployment with this id, or the only one that serves a model of this name. */
    public Optional<Deployment> find(String reference) {
        String trimmed = reference.strip();
        Deployment exact = byId.get(trimmed);
        return exact != null ? Optional.of(exact) : byUpstreamModel.getOrDefault(trimmed, Optional.empty());
    }

    /**
     * Resolves a model reference: by deployment id, or by a model name that only one deployment serves; a reference
     * that the catalog does not know resolves by {@link ModelIdentity#ofReference(String, ProviderRule)}.
     */
    public ModelIdentity resolve(String reference, ProviderRule rule) {
        return find(reference).map(Deployment::identity).orElseGet(() -> ModelIdentity.ofReference(reference, rule));
    }

    /** Resolves a model reference; providers of unknown references are inferred by {@link ProviderRule#DECLARED}. */
    public ModelIdentity resolve(String reference) {
        return resolve(reference, ProviderRule.DECLARED);
    }
}
