package dev.tokenledger.server.otlp;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.tokenledger.server.http.Problem;
import dev.tokenledger.server.otlp.Signals.Draft;
import dev.tokenledger.server.otlp.Signals.Kept;
import dev.tokenledger.server.otlp.Signals.Surroundings;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Walks over OTLP in its binary form. Of OpenTelemetry's generated classes only the fields' numbers are used, which the compiler
 * copies: a body of empty spans would make a hundred times its size in objects. Fields that are not known, or come in another
 * wire type than they should, are passed over, as the format has it.
 */
final class ProtobufReader {

    private static final int TRACE_ID_BYTES = 16;
    private static final int SPAN_ID_BYTES = 8;

    /** The longest body of a log event that may be its name. */
    private static final int MAX_NAME_LENGTH = 128;

    private final Sink sink;
    private final Item item;

    private ProtobufReader(Sink sink, Item item) {
        this.sink = sink;
        this.item = item;
    }

    /** A message, where it lies in the body. */
    private static final class Message {
        final byte[] bytes;
        final int from;
        final int length;

        Message(byte[] bytes, int from, int length) {
            this.bytes = bytes;
            this.from = from;
            this.length = length;
        }
    }

    /** Sees one field of a message, and reads it or leaves it alone. */
    private interface Field {
        /** Returns whether it was read. */
        boolean read(int tag, CodedInputStream in, Message message) throws IOException;
    }

    /**
     * Reads an {@code ExportTraceServiceRequest}.
     *
     * @throws Problem of 400 if it is malformed
     */
    static void traces(ByteBuffer body, Signals signals) {
        new ProtobufReader(signals, (message, surroundings) -> {
                    Draft draft = new Draft(surroundings);
                    span(message, draft);
                    signals.add(draft);
                })
                .read(
                        body,
                        ExportTraceServiceRequest.RESOURCE_SPANS_FIELD_NUMBER,
                        ResourceSpans.RESOURCE_FIELD_NUMBER,
                        ResourceSpans.SCOPE_SPANS_FIELD_NUMBER,
                        ScopeSpans.SCOPE_FIELD_NUMBER,
                        ScopeSpans.SPANS_FIELD_NUMBER);
    }

    /**
     * Reads an {@code ExportLogsServiceRequest}.
     *
     * @throws Problem of 400 if it is malformed
     */
    static void logs(ByteBuffer body, Signals signals) {
        new ProtobufReader(signals, (message, surroundings) -> {
                    Draft draft = new Draft(surroundings);
                    event(message, draft);
                    signals.add(draft);
                })
                .read(
                        body,
                        ExportLogsServiceRequest.RESOURCE_LOGS_FIELD_NUMBER,
                        ResourceLogs.RESOURCE_FIELD_NUMBER,
                        ResourceLogs.SCOPE_LOGS_FIELD_NUMBER,
                        ScopeLogs.SCOPE_FIELD_NUMBER,
                        ScopeLogs.LOG_RECORDS_FIELD_NUMBER);
    }

    /**
     * Reads an {@code ExportMetricsServiceRequest}.
     *
     * @throws Problem of 400 if it is malformed
     */
    static void metrics(ByteBuffer body, MetricPoints points) {
        new ProtobufReader(points, (message, surroundings) -> metric(message, points, surroundings))
                .read(
                        body,
                        ExportMetricsServiceRequest.RESOURCE_METRICS_FIELD_NUMBER,
                        ResourceMetrics.RESOURCE_FIELD_NUMBER,
                        ResourceMetrics.SCOPE_METRICS_FIELD_NUMBER,
                        ScopeMetrics.SCOPE_FIELD_NUMBER,
                        ScopeMetrics.METRICS_FIELD_NUMBER);
    }

    /** Reads one span, event or metric. */
    private interface Item {
        void read(Message message, Surroundings surroundings) throws IOException;
    }

    /** The requests have the same four levels; only their items differ. */
    private void read(ByteBuffer body, int ofResource, int resource, int ofScope, int scope, int ofItem) {
        try {
            each(
                    new Message(body.array(), body.arrayOffset() + body.position(), body.remaining()),
                    (tag, in, request) -> {
                        if (tag != delimited(ofResource)) {
                            return false;
                        }
                        Surroundings first = sink.resource();
                        each(within(in, request), (level, inside, message) -> {
                            if (level == delimited(resource)) {
                                attributes(within(inside, message), Resource.ATTRIBUTES_FIELD_NUMBER, first.resource);
                            } else if (level == delimited(ofScope)) {
                                items(within(inside, message), scope, ofItem, first.next());
                            } else {
                                return false;
                            }
                            return true;
                        });
                        sink.resourceRead(first);
                        return true;
                    });
        } catch (IOException e) {
            // The parser's own words could be of what was sent.
            throw Problem.of(400, "the body is not the protobuf message that OTLP has for this path");
        }
    }

    private void items(Message message, int scope, int ofItem, Surroundings surroundings) throws IOException {
        each(message, (tag, in, inside) -> {
            if (tag == delimited(scope)) {
                each(within(in, inside), (field, stream, here) -> {
                    if (field != delimited(InstrumentationScope.NAME_FIELD_NUMBER)) {
                        return false;
                    }
                    surroundings.scope = stream.readStringRequireUtf8();
                    return true;
                });
            } else if (tag == delimited(ofItem)) {
                item.read(within(in, inside), surroundings);
            } else {
                return false;
            }
            return true;
        });
        sink.scopeRead(surroundings);
    }

    private static void span(Message message, Draft draft) throws IOException {
        each(message, (tag, in, span) -> {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case Span.TRACE_ID_FIELD_NUMBER -> draft.traceId = id(tag, in, TRACE_ID_BYTES);
                case Span.SPAN_ID_FIELD_NUMBER -> draft.spanId = id(tag, in, SPAN_ID_BYTES);
                case Span.START_TIME_UNIX_NANO_FIELD_NUMBER -> draft.start = time(tag, in);
                case Span.END_TIME_UNIX_NANO_FIELD_NUMBER -> draft.end = time(tag, in);
                case Span.ATTRIBUTES_FIELD_NUMBER -> attribute(tag, in, span, draft.attributes);
                case Span.STATUS_FIELD_NUMBER -> {
                    expect(tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                    draft.failed = failed(within(in, span));
                }
                default -> {
                    return false;
                }
            }
            return true;
        });
    }

    private static boolean failed(Message status) throws IOException {
        boolean[] failed = {false};
        each(status, (tag, in, message) -> {
            if (WireFormat.getTagFieldNumber(tag) != Status.CODE_FIELD_NUMBER) {
                return false;
            }
            expect(tag, WireFormat.WIRETYPE_VARINT);
            failed[0] = in.readEnum() == Status.StatusCode.STATUS_CODE_ERROR_VALUE;
            return true;
        });
        return failed[0];
    }

    private static void event(Message message, Draft draft) throws IOException {
        each(message, (tag, in, event) -> {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case LogRecord.TRACE_ID_FIELD_NUMBER -> draft.traceId = id(tag, in, TRACE_ID_BYTES);
                case LogRecord.SPAN_ID_FIELD_NUMBER -> draft.spanId = id(tag, in, SPAN_ID_BYTES);
                case LogRecord.TIME_UNIX_NANO_FIELD_NUMBER -> draft.start = time(tag, in);
                case LogRecord.ATTRIBUTES_FIELD_NUMBER -> attribute(tag, in, event, draft.attributes);
                case LogRecord.EVENT_NAME_FIELD_NUMBER -> {
                    expect(tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                    draft.name = in.readStringRequireUtf8();
                }
                case LogRecord.BODY_FIELD_NUMBER -> {
                    expect(tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                    Message body = within(in, event);
                    if (draft.name.isEmpty() && body.length <= MAX_NAME_LENGTH && value(body) instanceof String name) {
                        draft.name = name;
                    }
                }
                default -> {
                    return false;
                }
            }
            return true;
        });
    }

    /** The name may stand behind what it names. */
    private static void metric(Message message, MetricPoints points, Surroundings surroundings) throws IOException {
        MetricPoints.Metric metric = points.metric();
        int[] kind = {0};
        @Nullable Message[] data = {null};
        each(message, (tag, in, inside) -> {
            int field = WireFormat.getTagFieldNumber(tag);
            switch (field) {
                case Metric.NAME_FIELD_NUMBER -> {
                    expect(tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                    metric.name = in.readStringRequireUtf8();
                }
                case Metric.GAUGE_FIELD_NUMBER,
                        Metric.SUM_FIELD_NUMBER,
                        Metric.HISTOGRAM_FIELD_NUMBER,
                        Metric.EXPONENTIAL_HISTOGRAM_FIELD_NUMBER,
                        Metric.SUMMARY_FIELD_NUMBER -> {
                    expect(tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                    kind[0] = field;
                    data[0] = within(in, inside);
                }
                default -> {
                    return false;
                }
            }
            return true;
        });
        Message stated = data[0];
        if (stated != null) {
            points(kind[0], stated, metric);
        }
        points.add(metric, surroundings);
    }

    private static void points(int kind, Message data, MetricPoints.Metric metric) throws IOException {
        boolean isSum = kind == Metric.SUM_FIELD_NUMBER
                || kind == Metric.HISTOGRAM_FIELD_NUMBER
                || kind == Metric.EXPONENTIAL_HISTOGRAM_FIELD_NUMBER;
        each(data, (tag, in, inside) -> {
            // The same in all five kinds, as is the temporality in those that have one.
            if (tag == delimited(Sum.DATA_POINTS_FIELD_NUMBER)) {
                Message point = within(in, inside);
                if (metric.reads()) {
                    MetricPoints.Draft draft = new MetricPoints.Draft();
                    point(kind, point, draft);
                    metric.add(draft);
                } else {
                    metric.count();
                }
            } else if (isSum && WireFormat.getTagFieldNumber(tag) == Sum.AGGREGATION_TEMPORALITY_FIELD_NUMBER) {
                expect(tag, WireFormat.WIRETYPE_VARINT);
                metric.temporality = MetricPoints.temporality(in.readEnum());
            } else {
                return false;
            }
            return true;
        });
    }

    private static void point(int kind, Message message, MetricPoints.Draft draft) throws IOException {
        boolean isNumber = kind == Metric.SUM_FIELD_NUMBER || kind == Metric.GAUGE_FIELD_NUMBER;
        int attributes = switch (kind) {
            case Metric.HISTOGRAM_FIELD_NUMBER -> HistogramDataPoint.ATTRIBUTES_FIELD_NUMBER;
            case Metric.EXPONENTIAL_HISTOGRAM_FIELD_NUMBER -> ExponentialHistogramDataPoint.ATTRIBUTES_FIELD_NUMBER;
            default -> NumberDataPoint.ATTRIBUTES_FIELD_NUMBER;
        };
        each(message, (tag, in, point) -> {
            int field = WireFormat.getTagFieldNumber(tag);
            if (field == attributes) {
                attribute(tag, in, point, draft.attributes);
            } else if (field == NumberDataPoint.TIME_UNIX_NANO_FIELD_NUMBER) {
                draft.time = time(tag, in);
            } else if (isNumber && field == NumberDataPoint.AS_INT_FIELD_NUMBER) {
                expect(tag, WireFormat.WIRETYPE_FIXED64);
                draft.value = in.readSFixed64();
            } else if (field
                    == (isNumber ? NumberDataPoint.AS_DOUBLE_FIELD_NUMBER : HistogramDataPoint.SUM_FIELD_NUMBER)) {
                expect(tag, WireFormat.WIRETYPE_FIXED64);
                draft.value = in.readDouble();
            } else {
                return false;
            }
            return true;
        });
    }

    private static void attributes(Message message, int number, Kept kept) throws IOException {
        each(message, (tag, in, inside) -> {
            if (WireFormat.getTagFieldNumber(tag) != number) {
                return false;
            }
            attribute(tag, in, inside, kept);
            return true;
        });
    }

    private static void attribute(int tag, CodedInputStream in, Message message, Kept kept) throws IOException {
        expect(tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        String[] key = {""};
        @Nullable Message[] value = {null};
        each(within(in, message), (field, stream, pair) -> {
            if (field == delimited(KeyValue.KEY_FIELD_NUMBER)) {
                key[0] = stream.readStringRequireUtf8();
            } else if (field == delimited(KeyValue.VALUE_FIELD_NUMBER)) {
                value[0] = within(stream, pair);
            } else {
                return false;
            }
            return true;
        });
        Message stated = value[0];
        if (stated != null && kept.wants(key[0])) {
            Object read = value(stated);
            if (read != null) {
                kept.put(key[0], read);
            }
        }
    }

    /** A scalar; null for lists, maps, bytes and nothing. */
    private static @Nullable Object value(Message message) throws IOException {
        @Nullable Object[] value = {null};
        each(message, (tag, in, any) -> {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case AnyValue.STRING_VALUE_FIELD_NUMBER -> {
                    expect(tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                    value[0] = in.readStringRequireUtf8();
                }
                case AnyValue.BOOL_VALUE_FIELD_NUMBER -> {
                    expect(tag, WireFormat.WIRETYPE_VARINT);
                    value[0] = in.readBool();
                }
                case AnyValue.INT_VALUE_FIELD_NUMBER -> {
                    expect(tag, WireFormat.WIRETYPE_VARINT);
                    value[0] = in.readInt64();
                }
                case AnyValue.DOUBLE_VALUE_FIELD_NUMBER -> {
                    expect(tag, WireFormat.WIRETYPE_FIXED64);
                    value[0] = in.readDouble();
                }
                default -> {
                    return false;
                }
            }
            return true;
        });
        return value[0];
    }

    private static String id(int tag, CodedInputStream in, int length) throws IOException {
        expect(tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        byte[] bytes = in.readByteArray();
        if (bytes.length != 0 && bytes.length != length) {
            throw new IOException("an id of another length");
        }
        return HexFormat.of().formatHex(bytes);
    }

    private static long time(int tag, CodedInputStream in) throws IOException {
        expect(tag, WireFormat.WIRETYPE_FIXED64);
        return in.readFixed64();
    }

    private static void expect(int tag, int wireType) throws IOException {
        if (WireFormat.getTagWireType(tag) != wireType) {
            throw new IOException("a field of another type");
        }
    }

    private static int delimited(int field) {
        return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }

    /** The message that comes next in a stream over {@code message}; the stream is left after it. */
    private static Message within(CodedInputStream in, Message message) throws IOException {
        int length = in.readUInt32();
        int from = message.from + in.getTotalBytesRead();
        in.skipRawBytes(length);
        return new Message(message.bytes, from, length);
    }

    private static void each(Message message, Field field) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(message.bytes, message.from, message.length);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (!field.read(tag, in, message) && !in.skipField(tag)) {
                throw new IOException("a group ends that did not begin");
            }
        }
    }
}
