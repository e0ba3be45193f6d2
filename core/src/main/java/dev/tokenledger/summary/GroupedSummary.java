package dev.tokenledger.summary;

import java.time.OffsetDateTime;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One row of a grouped answer.
 *
 * @param bucket the first moment of the row's calendar bucket in the asked zone; empty for a query without buckets
 * @param keys the row's value in each asked dimension, in the order asked; empty for the row of all others
 * @param summary the row's totals
 * @param other whether the row stands for everything that a limit left out (of its bucket, where there are buckets)
 */
public record GroupedSummary(
        Optional<OffsetDateTime> bucket, Map<Dimension, String> keys, Summary summary, boolean other) {

    /** Between the values of a joined key. */
    public static final String SEPARATOR = " / ";

    /** Copies its map, keeping the order. */
    public GroupedSummary {
        keys = Collections.unmodifiableMap(new LinkedHashMap<>(keys));
    }

    /** The values joined by {@value #SEPARATOR}; {@code keys} is authoritative. Empty for no dimensions. */
    public String key() {
        return String.join(SEPARATOR, keys.values());
    }
}
