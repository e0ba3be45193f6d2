package dev.tokenledger.payloads.telemetry;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A span or a log event, as far as model calls are concerned. Values of attributes are {@link String}, {@link Long}, {@link
 * Double} or {@link Boolean}; others have no place here. Attributes that {@link TelemetryReader#reads} and {@link
 * TelemetryReader#readsOfResource} do not ask for may be left out.
 *
 * @param name the span's or the event's name; empty if it has none
 * @param scope the name of the instrumentation that made it; empty if it is not known
 * @param traceId in lower-case hex; empty outside a trace
 * @param spanId in lower-case hex; empty outside a span
 * @param start when the span began, or the event happened
 * @param end when the span ended; empty for events
 * @param failed whether the span's status is an error
 * @param attributes what the span or event says
 * @param resource what the program says of itself
 */
public record Signal(
        String name,
        String scope,
        String traceId,
        String spanId,
        Optional<Instant> start,
        Optional<Instant> end,
        boolean failed,
        Map<String, Object> attributes,
        Map<String, Object> resource) {

    /** Copies the attributes. */
    public Signal {
        attributes = Map.copyOf(attributes);
        resource = Map.copyOf(resource);
    }

    /** This signal with an attribute more. */
    Signal with(String attribute, String value) {
        Map<String, Object> more = new HashMap<>(attributes);
        more.put(attribute, value);
        return new Signal(name, scope, traceId, spanId, start, end, failed, more, resource);
    }
}
