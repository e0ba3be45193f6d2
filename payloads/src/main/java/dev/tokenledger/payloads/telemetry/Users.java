package dev.tokenledger.payloads.telemetry;

import dev.tokenledger.formats.text.Keys;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** What becomes of the names by which telemetry says who spent something. Organisations and teams are kept always. */
public enum Users {
    /** They stand in the ledger as they were sent. */
    KEEP,
    /** A digest stands for each: calls of one user stay together, and a known name can still be looked for. */
    HASH,
    /** They are left out. */
    LEAVE_OUT;

    private static final Set<String> PERSONAL =
            Set.of("user.id", "enduser.id", "user.email", "user.account_uuid", "user.account_id", "user.name");

    /** A signal with its users' names as they may be kept. */
    public Signal applied(Signal signal) {
        return this == KEEP
                ? signal
                : new Signal(
                        signal.name(),
                        signal.scope(),
                        signal.traceId(),
                        signal.spanId(),
                        signal.start(),
                        signal.end(),
                        signal.failed(),
                        applied(signal.attributes()),
                        applied(signal.resource()));
    }

    /** A point with its users' names as they may be kept. */
    public MetricPoint applied(MetricPoint point) {
        return this == KEEP
                ? point
                : new MetricPoint(
                        point.metric(),
                        point.scope(),
                        point.temporality(),
                        point.time(),
                        point.value(),
                        applied(point.attributes()),
                        applied(point.resource()));
    }

    private Map<String, Object> applied(Map<String, Object> attributes) {
        Map<String, Object> kept = new HashMap<>(attributes);
        for (String name : PERSONAL) {
            Object value = kept.remove(name);
            if (value != null && this == HASH && !value.toString().isBlank()) {
                kept.put(name, Keys.digest("sha256", value.toString().strip()));
            }
        }
        return kept;
    }
}
