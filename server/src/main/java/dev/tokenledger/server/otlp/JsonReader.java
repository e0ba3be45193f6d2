package dev.tokenledger.server.otlp;

import dev.tokenledger.formats.text.Utf8;
import dev.tokenledger.payloads.telemetry.MetricPoint;
import dev.tokenledger.server.http.Problem;
import dev.tokenledger.server.otlp.Signals.Draft;
import dev.tokenledger.server.otlp.Signals.Kept;
import dev.tokenledger.server.otlp.Signals.Surroundings;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * Walks over OTLP in its JSON form, which is not quite protobuf's own: ids are hexadecimal, and 64-bit integers may be texts.
 * Names that are not known are passed over, as the protocol has it; a name twice in an object is an error.
 */
final class JsonReader {

    private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]*");
    private static final int TRACE_ID_DIGITS = 32;
    private static final int SPAN_ID_DIGITS = 16;
    private static final int MAX_NAME_LENGTH = 128;
    private static final int ERROR = 2;

    /** As deep as protobuf's own limit: bodies and attributes may be trees. */
    private static final int MAX_DEPTH = 100;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(400)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    private final JsonParser parser;
    private final Sink sink;
    private final String items;
    private final Item item;

    private JsonReader(JsonParser parser, Sink sink, String items, Item item) {
        this.parser = parser;
        this.sink = sink;
        this.items = items;
        this.item = item;
    }

    /** Reads one span, event or metric. */
    private interface Item {
        void read(JsonReader reader, Surroundings surroundings);
    }

    /** Reads the value of one name, or leaves it alone. */
    private interface Member {
        /** Returns whether it was read. */
        boolean read(String name);
    }

    /**
     * Reads an {@code ExportTraceServiceRequest}.
     *
     * @throws Problem of 400 if it is malformed
     */
    static void traces(ByteBuffer body, Signals signals) {
        read(body, signals, "resourceSpans", "scopeSpans", "spans", (reader, of) -> reader.signal(signals, of));
    }

    /**
     * Reads an {@code ExportLogsServiceRequest}.
     *
     * @throws Problem of 400 if it is malformed
     */
    static void logs(ByteBuffer body, Signals signals) {
        read(body, signals, "resourceLogs", "scopeLogs", "logRecords", (reader, of) -> reader.signal(signals, of));
    }

    /**
     * Reads an {@code ExportMetricsServiceRequest}.
     *
     * @throws Problem of 400 if it is malformed
     */
    static void metrics(ByteBuffer body, MetricPoints points) {
        read(body, points, "resourceMetrics", "scopeMetrics", "metrics", (reader, of) -> reader.metric(points, of));
    }

    private static void read(ByteBuffer body, Sink sink, String resources, String scopes, String items, Item item) {
        String text;
        try {
            text = Utf8.decode(body.array(), body.arrayOffset() + body.position(), body.remaining());
        } catch (CharacterCodingException e) {
            throw Problem.of(400, "the body is not valid UTF-8");
        }
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            parser.nextToken();
            JsonReader reader = new JsonReader(parser, sink, items, item);
            reader.object("the body", name -> name.equals(resources) && reader.resources(resources, scopes));
            if (parser.nextToken() != null) {
                throw malformed("the body", "goes on after the object");
            }
        } catch (JacksonException e) {
            int line = e.getLocation() == null ? 1 : Math.max(1, e.getLocation().getLineNr());
            throw Problem.of(
                    400,
                    "the body is not valid JSON, has a name twice, or is nested deeper than " + MAX_DEPTH
                            + " levels, near line " + line);
        }
    }

    private boolean resources(String resources, String scopes) {
        return list(resources, () -> {
            Surroundings first = sink.resource();
            object(resources, name -> {
                if (name.equals("resource")) {
                    object(name, member -> member.equals("attributes") && attributes(first.resource));
                } else if (name.equals(scopes)) {
                    list(name, () -> scope(name, first.next()));
                } else {
                    return false;
                }
                return true;
            });
            sink.resourceRead(first);
        });
    }

    private void scope(String scopes, Surroundings surroundings) {
        object(scopes, name -> {
            if (name.equals("scope")) {
                object(name, member -> {
                    if (!member.equals("name")) {
                        return false;
                    }
                    surroundings.scope = text(member);
                    return true;
                });
            } else if (name.equals(items)) {
                list(name, () -> item.read(this, surroundings));
            } else {
                return false;
            }
            return true;
        });
        sink.scopeRead(surroundings);
    }

    private void signal(Signals signals, Surroundings surroundings) {
        Draft draft = new Draft(surroundings);
        object(items, name -> {
            switch (name) {
                case "traceId" -> draft.traceId = id(name, TRACE_ID_DIGITS);
                case "spanId" -> draft.spanId = id(name, SPAN_ID_DIGITS);
                case "startTimeUnixNano", "timeUnixNano" -> draft.start = time(name);
                case "endTimeUnixNano" -> draft.end = time(name);
                case "eventName" -> draft.name = text(name);
                case "body" -> {
                    if (value(name) instanceof String body
                            && draft.name.isEmpty()
                            && body.length() <= MAX_NAME_LENGTH) {
                        draft.name = body;
                    }
                }
                case "status" ->
                    object(name, member -> {
                        if (!member.equals("code")) {
                            return false;
                        }
                        draft.failed = parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                                ? integer(member) == ERROR
                                : text(member).equals("STATUS_CODE_ERROR");
                        return true;
                    });
                case "attributes" -> attributes(draft.attributes);
                default -> {
                    return false;
                }
            }
            return true;
        });
        signals.add(draft);
    }

    /** The name may stand behind what it names. */
    private void metric(MetricPoints points, Surroundings surroundings) {
        MetricPoints.Metric metric = points.metric();
        object(items, name -> {
            switch (name) {
                case "name" -> metric.name = text(name);
                case "sum", "histogram", "exponentialHistogram" -> data(name, true, metric);
                case "gauge", "summary" -> data(name, false, metric);
                default -> {
                    return false;
                }
            }
            return true;
        });
        points.add(metric, surroundings);
    }

    private void data(String kind, boolean isSum, MetricPoints.Metric metric) {
        object(kind, name -> {
            if (name.equals("dataPoints")) {
                list(name, () -> point(name, metric));
            } else if (isSum && name.equals("aggregationTemporality")) {
                metric.temporality = temporality(name);
            } else {
                return false;
            }
            return true;
        });
    }

    private MetricPoint.Temporality temporality(String name) {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            return MetricPoints.temporality((int) integer(name));
        }
        return switch (text(name)) {
            case "AGGREGATION_TEMPORALITY_DELTA" -> MetricPoint.Temporality.DELTA;
            case "AGGREGATION_TEMPORALITY_CUMULATIVE" -> MetricPoint.Temporality.CUMULATIVE;
            default -> MetricPoint.Temporality.NONE;
        };
    }

    private void point(String points, MetricPoints.Metric metric) {
        if (!metric.reads()) {
            object(points, name -> false);
            metric.count();
            return;
        }
        MetricPoints.Draft draft = new MetricPoints.Draft();
        object(points, name -> {
            switch (name) {
                case "attributes" -> attributes(draft.attributes);
                case "timeUnixNano" -> draft.time = time(name);
                case "asInt" -> draft.value = integer(name);
                case "asDouble", "sum" -> draft.value = number(name);
                default -> {
                    return false;
                }
            }
            return true;
        });
        metric.add(draft);
    }

    private boolean attributes(Kept kept) {
        return list("attributes", () -> {
            String[] key = {""};
            @Nullable Object[] value = {null};
            object("attributes", name -> {
                switch (name) {
                    case "key" -> key[0] = text(name);
                    case "value" -> value[0] = value(name);
                    default -> {
                        return false;
                    }
                }
                return true;
            });
            Object stated = value[0];
            if (stated != null && kept.wants(key[0])) {
                kept.put(key[0], stated);
            }
        });
    }

    /** A scalar; null for lists, maps, bytes and nothing. */
    private @Nullable Object value(String of) {
        @Nullable Object[] value = {null};
        object(of, name -> {
            switch (name) {
                case "stringValue" -> value[0] = text(name);
                case "intValue" -> value[0] = integer(name);
                case "doubleValue" -> value[0] = number(name);
                case "boolValue" -> {
                    if (!parser.currentToken().isBoolean()) {
                        throw malformed(name, "expected true or false");
                    }
                    value[0] = parser.currentToken() == JsonToken.VALUE_TRUE;
                }
                default -> {
                    return false;
                }
            }
            return true;
        });
        return value[0];
    }

    private String text(String name) {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw malformed(name, "expected text");
        }
        return parser.getString();
    }

    private long integer(String name) {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_STRING) {
            try {
                return Long.parseLong(parser.getString());
            } catch (NumberFormatException e) {
                // The one message below says it.
            }
        }
        throw malformed(name, "expected a 64-bit integer");
    }

    private long time(String name) {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_STRING) {
            try {
                return Long.parseUnsignedLong(parser.getString());
            } catch (NumberFormatException e) {
                // The one message below says it.
            }
        }
        throw malformed(name, "expected nanoseconds since 1970");
    }

    /** As it is written, so that an amount stays exact. */
    private String number(String name) {
        if (!parser.currentToken().isNumeric() && parser.currentToken() != JsonToken.VALUE_STRING) {
            throw malformed(name, "expected a number");
        }
        return parser.getString();
    }

    private String id(String name, int digits) {
        String id = text(name);
        if (!id.isEmpty() && (id.length() != digits || !HEX.matcher(id).matches())) {
            throw malformed(name, "expected " + digits + " hexadecimal digits");
        }
        return id.toLowerCase(Locale.ROOT);
    }

    /** The members of an object that the parser stands on; null stands for an empty one. */
    private void object(String what, Member member) {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw malformed(what, "expected an object");
        }
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            if (parser.nextToken() != JsonToken.VALUE_NULL && !member.read(name)) {
                parser.skipChildren();
            }
        }
    }

    private boolean list(String what, Runnable each) {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw malformed(what, "expected a list");
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            each.run();
        }
        return true;
    }

    private static Problem malformed(String what, String problem) {
        return Problem.badField(what, what + ": " + problem);
    }
}
