package dev.tokenledger.server.otlp;

import dev.tokenledger.payloads.telemetry.Signal;
import dev.tokenledger.payloads.telemetry.TelemetryReader;
import dev.tokenledger.server.http.Problem;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The spans or log events of one request, as a reader meets them. The resource and the scope may stand after what they hold, so
 * signals are put together at the end. Those without any attribute that calls have are dropped at once.
 */
final class Signals implements Sink {

    /** The most attributes of one resource that are kept. */
    private static final int MAX_RESOURCE_ATTRIBUTES = 64;

    /** The most attributes of a data point, or of the resource that tells it from others, that are kept. */
    private static final int MAX_POINT_ATTRIBUTES = 128;

    private static final BigInteger NANOS = BigInteger.valueOf(1_000_000_000);

    private final int most;
    private final List<Draft> drafts = new ArrayList<>();

    /**
     * Collects signals.
     *
     * @param most how many at most
     */
    Signals(int most) {
        this.most = most;
    }

    /** Attributes that are looked at; the first value of a name counts. */
    static final class Kept {
        private final Map<String, Object> values = new HashMap<>();
        private final Predicate<String> wanted;
        private final int most;

        private Kept(Predicate<String> wanted, int most) {
            this.wanted = wanted;
            this.most = most;
        }

        static Kept ofSignal() {
            return new Kept(TelemetryReader::reads, Integer.MAX_VALUE);
        }

        static Kept ofResource() {
            return new Kept(TelemetryReader::readsOfResource, MAX_RESOURCE_ATTRIBUTES);
        }

        /** All of them: they tell series apart. */
        static Kept ofPoint() {
            return new Kept(name -> true, MAX_POINT_ATTRIBUTES);
        }

        Map<String, Object> values() {
            return values;
        }

        boolean wants(String name) {
            return wanted.test(name) && values.size() < most;
        }

        void put(String name, Object value) {
            values.putIfAbsent(name, value);
        }
    }

    /** What spans and events have in common with others of their scope. */
    static final class Surroundings {
        final Kept resource;
        String scope = "";

        Surroundings(Kept resource) {
            this.resource = resource;
        }

        /** Another scope of the same resource. */
        Surroundings next() {
            return new Surroundings(resource);
        }
    }

    /** A signal that is being read. */
    static final class Draft {
        final Surroundings surroundings;
        final Kept attributes = Kept.ofSignal();
        String name = "";
        String traceId = "";
        String spanId = "";
        long start;
        long end;
        boolean failed;

        Draft(Surroundings surroundings) {
            this.surroundings = surroundings;
        }
    }

    /**
     * Takes a signal that was read to its end.
     *
     * @throws Problem of 413 if it is one too many
     */
    void add(Draft draft) {
        if (draft.attributes.values.isEmpty()) {
            return;
        }
        if (drafts.size() == most) {
            throw Problem.of(413, "more than " + most + " spans or events of model calls; export smaller batches");
        }
        drafts.add(draft);
    }

    /** All of them, in order. */
    List<Signal> all() {
        return drafts.stream().map(Signals::signal).toList();
    }

    private static Signal signal(Draft draft) {
        return new Signal(
                draft.name,
                draft.surroundings.scope,
                draft.traceId,
                draft.spanId,
                instant(draft.start),
                instant(draft.end),
                draft.failed,
                draft.attributes.values,
                draft.surroundings.resource.values);
    }

    /** From unsigned nanoseconds since 1970; 0 says that the time is not known. */
    static Optional<Instant> instant(long nanos) {
        if (nanos == 0) {
            return Optional.empty();
        }
        BigInteger[] parts = new BigInteger(Long.toUnsignedString(nanos)).divideAndRemainder(NANOS);
        return Optional.of(Instant.ofEpochSecond(parts[0].longValueExact(), parts[1].longValueExact()));
    }
}
