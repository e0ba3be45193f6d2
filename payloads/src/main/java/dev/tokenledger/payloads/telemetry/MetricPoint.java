package dev.tokenledger.payloads.telemetry;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * One data point of a metric. Values of attributes are {@link String}, {@link Long}, {@link Double} or {@link Boolean}; others
 * have no place here.
 *
 * @param metric the metric's name
 * @param scope the name of the instrumentation that made it; empty if it is not known
 * @param temporality what its value covers
 * @param time the end of what it covers
 * @param value a number; of a histogram the sum
 * @param attributes what tells it from the metric's other points
 * @param resource what the program says of itself
 */
public record MetricPoint(
        String metric,
        String scope,
        Temporality temporality,
        Optional<Instant> time,
        Object value,
        Map<String, Object> attributes,
        Map<String, Object> resource) {

    /** What a value covers. */
    public enum Temporality {
        /** What came since the last point. */
        DELTA,
        /** Everything since the program started. */
        CUMULATIVE,
        /** It is no sum. */
        NONE
    }

    /** Copies the attributes. */
    public MetricPoint {
        attributes = Map.copyOf(attributes);
        resource = Map.copyOf(resource);
    }
}
