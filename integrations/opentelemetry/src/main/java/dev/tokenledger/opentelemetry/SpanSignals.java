package dev.tokenledger.opentelemetry;

import dev.tokenledger.payloads.telemetry.Signal;
import dev.tokenledger.payloads.telemetry.TelemetryReader;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The SDK's spans as signals: the same ones that the server makes of them when they come by OTLP. */
final class SpanSignals {

    /** The most attributes of one resource that are kept, as the server does. */
    private static final int MAX_OF_RESOURCE = 64;

    private static final long NANOS = 1_000_000_000;

    private SpanSignals() {}

    /** The signal of a span; empty if no attribute of it is one that calls have. */
    static Optional<Signal> of(SpanData span) {
        Map<String, Object> attributes = scalars(span.getAttributes(), TelemetryReader::reads, Integer.MAX_VALUE);
        if (attributes.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Signal(
                "",
                span.getInstrumentationScopeInfo().getName(),
                span.getTraceId(),
                span.getSpanId(),
                instant(span.getStartEpochNanos()),
                instant(span.getEndEpochNanos()),
                span.getStatus().getStatusCode() == StatusCode.ERROR,
                attributes,
                scalars(span.getResource().getAttributes(), TelemetryReader::readsOfResource, MAX_OF_RESOURCE)));
    }

    private static Map<String, Object> scalars(Attributes attributes, Predicate<String> wanted, int most) {
        Map<String, Object> kept = new HashMap<>();
        attributes.forEach((key, value) -> {
            boolean scalar = value instanceof String
                    || value instanceof Long
                    || value instanceof Double
                    || value instanceof Boolean;
            if (scalar && kept.size() < most && wanted.test(key.getKey())) {
                kept.putIfAbsent(key.getKey(), value);
            }
        });
        return kept;
    }

    /** From nanoseconds since 1970; 0 says that the time is not known. */
    private static Optional<Instant> instant(long nanos) {
        return nanos == 0
                ? Optional.empty()
                : Optional.of(Instant.ofEpochSecond(Math.floorDiv(nanos, NANOS), Math.floorMod(nanos, NANOS)));
    }
}
