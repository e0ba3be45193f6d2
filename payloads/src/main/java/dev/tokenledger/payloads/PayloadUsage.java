package dev.tokenledger.payloads;

import dev.tokenledger.money.Usd;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A raw usage object, converted.
 *
 * @param tokens disjoint counts
 * @param calls paid tool calls, by name
 * @param serviceTier the tier that served the call, where the object says so, else empty
 * @param aggregate whether the object sums up several passes over the input, so that no long-context tier applies
 * @param notes what is known to be missing or uncertain
 * @param reportedCost what the provider says that the call cost, where it does
 */
public record PayloadUsage(
        TokenCounts tokens,
        SortedMap<String, Long> calls,
        String serviceTier,
        boolean aggregate,
        SortedSet<String> notes,
        Optional<Usd> reportedCost) {

    /** Copies its collections. */
    public PayloadUsage {
        calls = Collections.unmodifiableSortedMap(new TreeMap<>(calls));
        notes = Collections.unmodifiableSortedSet(new TreeSet<>(notes));
    }

    static PayloadUsage of(TokenCounts tokens, Set<String> notes) {
        return new PayloadUsage(
                tokens, Collections.emptySortedMap(), "", false, new TreeSet<>(notes), Optional.empty());
    }

    /**
     * Sets what the object says in a record that is being built.
     *
     * @param keepServiceTier whether the caller stated the service tier and goes before the object
     */
    public void applyTo(UsageRecord.Builder builder, boolean keepServiceTier) {
        builder.tokens(tokens).notes(notes);
        reportedCost.ifPresent(builder::reportedCost);
        calls.forEach(builder::calls);
        if (!keepServiceTier && !serviceTier.isEmpty()) {
            builder.serviceTier(serviceTier);
        }
        if (aggregate) {
            builder.aggregate(true);
        }
    }
}
