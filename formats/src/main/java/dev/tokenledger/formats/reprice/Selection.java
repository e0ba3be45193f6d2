package dev.tokenledger.formats.reprice;

import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.PricingStatus;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which records are priced again.
 *
 * @param statuses the pricing statuses that they count under now, at least one
 * @param given whether those whose cost was given with them are priced too
 * @param window when they happened
 * @param filters values that they have; none of the pricing status
 */
public record Selection(Set<PricingStatus> statuses, boolean given, TimeWindow window, Map<Dimension, String> filters) {

    /**
     * Copies its collections.
     *
     * @throws IllegalArgumentException if there is no status, or one among the filters
     */
    public Selection {
        if (statuses.isEmpty()) {
            throw new IllegalArgumentException("statuses: expected at least one");
        }
        statuses = Collections.unmodifiableSet(EnumSet.copyOf(statuses));
        if (filters.containsKey(Dimension.PRICING_STATUS)) {
            throw new IllegalArgumentException(
                    "pricing_status: which records are repriced by it is said by options of their own");
        }
        filters = Map.copyOf(filters);
    }

    /** The same selection is the same text. */
    String scope() {
        Map<String, String> values = new TreeMap<>();
        filters.forEach((dimension, value) -> values.put(dimension.name(), value));
        StringBuilder text = new StringBuilder();
        statuses.forEach(status -> text.append(text.isEmpty() ? "" : ",").append(status.text()));
        text.append(given ? " and given" : "");
        if (!window.start().equals(TimeWindow.MIN)) {
            text.append(" from ").append(window.start());
        }
        if (!window.end().equals(TimeWindow.MAX)) {
            text.append(" to ").append(window.end());
        }
        values.forEach(
                (name, value) -> text.append(" where ").append(name).append('=').append(value));
        return text.toString();
    }
}
