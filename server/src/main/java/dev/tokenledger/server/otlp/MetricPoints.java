package dev.tokenledger.server.otlp;

import dev.tokenledger.payloads.telemetry.MetricPoint;
import dev.tokenledger.payloads.telemetry.MetricPoint.Temporality;
import dev.tokenledger.payloads.telemetry.MetricProgram;
import dev.tokenledger.payloads.telemetry.MetricUsage;
import dev.tokenledger.server.http.Problem;
import dev.tokenledger.server.otlp.Signals.Kept;
import dev.tokenledger.server.otlp.Signals.Surroundings;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of one request: how many data points each program sent and, where records are made of metrics, the points that
 * count tokens. The resource and the scope may stand after what they hold, and a metric's name after its points, so whose they
 * are is found at the end of each; nothing else is kept of points that are only counted.
 */
final class MetricPoints implements Sink {

    private static final String SERVICE = "service.name";

    private final int most;
    private final boolean kept;
    private final Map<MetricProgram, Long> counts = new EnumMap<>(MetricProgram.class);
    private final List<Read> points = new ArrayList<>();

    /** Points of the scope and of the resource that are being read, whose programs their metrics' names do not tell. */
    private long unknownOfScope;

    private long unknownOfResource;

    /**
     * Collects points.
     *
     * @param most how many at most that count tokens
     * @param kept whether those are kept; else they are only counted
     */
    MetricPoints(int most, boolean kept) {
        this.most = most;
        this.kept = kept;
    }

    /** A point that is being read. */
    static final class Draft {
        final Kept attributes = Kept.ofPoint();
        long time;

        @Nullable
        Object value;
    }

    /** A point with what it is of. */
    private record Read(Draft draft, Object value, Metric metric, Surroundings surroundings) {

        MetricPoint point() {
            return new MetricPoint(
                    metric.name,
                    surroundings.scope,
                    metric.temporality,
                    Signals.instant(draft.time),
                    value,
                    draft.attributes.values(),
                    surroundings.resource.values());
        }
    }

    /** A metric that is being read. */
    final class Metric {
        String name = "";
        Temporality temporality = Temporality.NONE;
        private long count;
        private final List<Draft> points = new ArrayList<>();

        /** Whether a point is to be read and not only counted: its metric counts tokens, or its name is yet to come. */
        boolean reads() {
            return kept
                    && (name.isEmpty() || MetricUsage.reads(name))
                    && MetricPoints.this.points.size() + points.size() <= most;
        }

        /** A point that was not read. */
        void count() {
            count++;
        }

        /** A point that was read to its end. */
        void add(Draft point) {
            count++;
            points.add(point);
        }
    }

    Metric metric() {
        return new Metric();
    }

    /**
     * Takes a metric that was read to its end.
     *
     * @throws Problem of 413 if it has too many points that count tokens
     */
    void add(Metric metric, Surroundings surroundings) {
        MetricProgram program = MetricProgram.of(metric.name, "", "");
        if (program == MetricProgram.OTHER) {
            unknownOfScope += metric.count;
        } else {
            count(program, metric.count);
        }
        if (!kept || !MetricUsage.reads(metric.name)) {
            return;
        }
        for (Draft draft : metric.points) {
            if (points.size() == most) {
                throw Problem.of(413, "more than " + most + " data points that count tokens; export smaller batches");
            }
            Object value = draft.value;
            // A point may say that it has none.
            if (value != null) {
                points.add(new Read(draft, value, metric, surroundings));
            }
        }
    }

    @Override
    public Surroundings resource() {
        return new Surroundings(kept ? Kept.ofPoint() : Kept.ofResource());
    }

    @Override
    public void scopeRead(Surroundings scope) {
        MetricProgram program = MetricProgram.of("", scope.scope, "");
        if (program == MetricProgram.OTHER) {
            unknownOfResource += unknownOfScope;
        } else {
            count(program, unknownOfScope);
        }
        unknownOfScope = 0;
    }

    @Override
    public void resourceRead(Surroundings resource) {
        Object service = resource.resource.values().get(SERVICE);
        count(MetricProgram.of("", "", service == null ? "" : service.toString()), unknownOfResource);
        unknownOfResource = 0;
    }

    private void count(MetricProgram program, long more) {
        if (more > 0) {
            counts.merge(program, more, Long::sum);
        }
    }

    /** By the protocol's number. */
    static Temporality temporality(int number) {
        return switch (number) {
            case AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA_VALUE -> Temporality.DELTA;
            case AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE_VALUE -> Temporality.CUMULATIVE;
            default -> Temporality.NONE;
        };
    }

    /** How many points each program sent. */
    Map<MetricProgram, Long> counts() {
        return counts;
    }

    /** The points that count tokens. */
    List<MetricPoint> points() {
        return points.stream().map(Read::point).toList();
    }
}
