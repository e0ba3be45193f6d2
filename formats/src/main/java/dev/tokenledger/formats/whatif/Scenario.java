package dev.tokenledger.formats.whatif;

import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceLayer;
import dev.tokenledger.text.Providers;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is supposed of calls: that other models answered them, in another service tier, or without a prompt cache. A scenario that
 * supposes nothing leaves every call as it was. Immutable, but for what it remembers of the models that it met; not safe for
 * use by several threads.
 */
public final class Scenario {

    private final Map<String, String> models;
    private final Map<List<String>, List<ModelIdentity>> candidates = new HashMap<>();
    private final Optional<String> tier;
    private final boolean withoutCache;
    private final Set<String> met = new HashSet<>();

    /**
     * A scenario.
     *
     * @param models by a deployment's or upstream model's name, the model that is supposed in its place, as {@code MODEL},
     *     {@code PROVIDER/MODEL} or a deployment's id; without a provider, the one that the name is known to be of, else that of
     *     the call, else one that the price book has a price of it from
     * @param tier the service tier of all calls; empty leaves each its own
     * @param withoutCache whether all cache reads and writes are taken for plain input
     * @throws IllegalArgumentException if a name is empty or no name
     */
    public Scenario(Map<String, String> models, Optional<String> tier, boolean withoutCache) {
        this.models = Collections.unmodifiableMap(new LinkedHashMap<>(models));
        this.tier = tier;
        this.withoutCache = withoutCache;
        models.forEach((from, to) -> {
            if (from.isBlank() || ModelIdentity.ofReference(to).model().isEmpty()) {
                throw new IllegalArgumentException("expected two models, MODEL=MODEL; one of them is empty");
            }
        });
        tier.ifPresent(name -> UsageRecord.builder().serviceTier(name));
    }

    /** The models supposed in place of others. */
    public Map<String, String> models() {
        return models;
    }

    /** The service tier of all calls; empty if each keeps its own. */
    public Optional<String> tier() {
        return tier;
    }

    /** Whether all cache reads and writes are taken for plain input. */
    public boolean withoutCache() {
        return withoutCache;
    }

    /** The models of {@link #models} that no call had which this was {@linkplain #of asked} about. */
    public Set<String> unmet() {
        Set<String> unmet = new LinkedHashSet<>(models.keySet());
        unmet.removeAll(met);
        return unmet;
    }

    /**
     * The call as it is supposed; the very same record if nothing changes. A cost that the record brought along stays with one
     * that does not change, and says nothing of one that does.
     *
     * @throws IllegalArgumentException if the tokens of one class become more than a record can carry
     */
    UsageRecord of(UsageRecord record, Instant at, PriceBook prices) {
        ModelIdentity other = other(record, at, prices);
        boolean otherTier = tier.isPresent()
                && !(record.serviceTier().equals(tier.get())
                        && record.requestedServiceTier().isEmpty());
        boolean cached = withoutCache
                && (record.tokens().cacheRead() > 0 || record.tokens().cacheCreation() > 0);
        if (other == null && !otherTier && !cached) {
            return record;
        }
        UsageRecord.Builder changed = record.toBuilder().withoutCost();
        if (other != null) {
            changed.identity(other).requestedModel("");
        }
        if (otherTier) {
            changed.serviceTier(tier.get()).requestedServiceTier("");
        }
        if (cached) {
            changed.tokens(uncached(record.tokens()))
                    .passes(record.passes().stream().map(Scenario::uncached).toList());
        }
        return changed.build();
    }

    private @Nullable ModelIdentity other(UsageRecord record, Instant at, PriceBook prices) {
        if (models.isEmpty()) {
            return null;
        }
        ModelIdentity identity = record.identity();
        for (String name : new String[] {identity.model(), identity.upstreamModel()}) {
            String other = models.get(name);
            if (other != null) {
                met.add(name);
                return candidates
                        .computeIfAbsent(
                                List.of(other, identity.provider()), key -> candidates(key.get(0), key.get(1), prices))
                        .stream()
                        .filter(candidate -> prices.find(candidate, at).isPresent())
                        .findFirst()
                        .orElseGet(() -> ModelIdentity.ofReference(other));
            }
        }
        return null;
    }

    /**
     * Which model a reference may mean, the likeliest first: as it reads by itself; with what stands before its first slash for the
     * provider, else that of the call; by a provider that the book has a price of it from.
     */
    private static List<ModelIdentity> candidates(String reference, String provider, PriceBook prices) {
        Set<ModelIdentity> candidates = new LinkedHashSet<>();
        candidates.add(ModelIdentity.ofReference(reference));
        int slash = reference.indexOf('/');
        String upstream = slash > 0 && slash < reference.length() - 1 ? reference.substring(slash + 1) : reference;
        candidates.add(new ModelIdentity(
                reference,
                upstream,
                "",
                upstream.equals(reference) ? provider : Providers.canonical(reference.substring(0, slash))));
        for (PriceLayer layer : prices.layers()) {
            for (PriceEntry entry : layer.entries()) {
                if (entry.model().equals(reference) || entry.aliases().contains(reference)) {
                    candidates.add(new ModelIdentity(reference, reference, "", entry.provider()));
                }
            }
        }
        return List.copyOf(candidates);
    }

    private static TokenCounts uncached(TokenCounts tokens) {
        return TokenCounts.builder()
                .input(tokens.totalInput())
                .output(tokens.output())
                .reasoning(tokens.reasoning())
                .audioInput(tokens.audioInput() + tokens.cachedAudioRead())
                .imageInput(tokens.imageInput())
                .audioOutput(tokens.audioOutput())
                .imageOutput(tokens.imageOutput())
                .build();
    }
}
