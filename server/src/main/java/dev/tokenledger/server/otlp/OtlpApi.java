package dev.tokenledger.server.otlp;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.payloads.telemetry.MetricProgram;
import dev.tokenledger.payloads.telemetry.MetricUsage;
import dev.tokenledger.payloads.telemetry.Signal;
import dev.tokenledger.payloads.telemetry.TelemetryCall;
import dev.tokenledger.payloads.telemetry.TelemetryReader;
import dev.tokenledger.payloads.telemetry.Users;
import dev.tokenledger.server.http.Access;
import dev.tokenledger.server.http.Caller;
import dev.tokenledger.server.http.GrpcMethod;
import dev.tokenledger.server.http.Operation;
import dev.tokenledger.server.http.Part;
import dev.tokenledger.server.http.Problem;
import dev.tokenledger.server.http.RequestBody;
import dev.tokenledger.server.http.Route;
import dev.tokenledger.server.http.Services;
import dev.tokenledger.server.ingest.Ingest.Outcome;
import dev.tokenledger.server.keys.Stamp;
import dev.tokenledger.text.Texts;
import io.javalin.http.Context;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Takes what OpenTelemetry exporters send, and stores the model calls in it, durably, before it answers. Spans and events that
 * are no calls are taken and forgotten. A call that cannot be is refused by itself, as a partial success.
 */
public final class OtlpApi implements Part {

    private static final String ANSWER = "{\"$ref\":\"#/components/schemas/OtlpAnswer\"}";
    private static final String STATUS = "{\"$ref\":\"#/components/schemas/OtlpStatus\"}";
    private static final String BINARY = "{\"type\":\"string\",\"format\":\"binary\"}";
    private static final String REFUSED = "Nothing was stored; the answer says why, in the form of the request.";

    /** What is refused in the protocol's own words. */
    private static final List<Integer> REFUSALS = List.of(400, 413, 415);

    /** {@code INVALID_ARGUMENT} of {@code google.rpc.Code}. */
    private static final int INVALID_ARGUMENT = 3;

    /** So many scopes are told of; a client could send any number. */
    private static final int MAX_SCOPES = 256;

    private static final int MAX_SCOPE_SHOWN = 80;

    private final Services services;
    private final Users users;
    private final boolean metricsAsRecords;
    private final Consumer<String> notices;
    private final Set<String> toldOf = ConcurrentHashMap.newKeySet();

    /** What a request is of. */
    private enum Kind {
        TRACES("trace", "TraceService", "Spans"),
        LOGS("logs", "LogsService", "LogRecords"),
        METRICS("metrics", "MetricsService", "DataPoints");

        private final String service;
        private final String items;

        Kind(String folder, String service, String items) {
            this.service = "opentelemetry.proto.collector." + folder + ".v1." + service;
            this.items = items;
        }
    }

    /**
     * Takes telemetry for these services' ledger.
     *
     * @param users what becomes of the users' names in it
     * @param metricsAsRecords whether records are made of metrics, which may tell of calls that spans and events tell of too
     * @param notices told of what was not understood, once for each scope
     */
    public OtlpApi(Services services, Users users, boolean metricsAsRecords, Consumer<String> notices) {
        this.services = services;
        this.users = users;
        this.metricsAsRecords = metricsAsRecords;
        this.notices = notices;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.post(
                        "/v1/traces",
                        Access.INGEST,
                        operation(
                                "exportTraces", "Stores the model calls among OpenTelemetry's spans", "resourceSpans"),
                        context -> take(Kind.TRACES, context)),
                Route.post(
                        "/v1/logs",
                        Access.INGEST,
                        operation(
                                "exportLogs",
                                "Stores the model calls among OpenTelemetry's log events",
                                "resourceLogs"),
                        context -> take(Kind.LOGS, context)),
                Route.post(
                        "/v1/metrics",
                        Access.INGEST,
                        operation(
                                "exportMetrics",
                                "Counts OpenTelemetry's metrics, and makes records of them if the server was told to",
                                "resourceMetrics"),
                        context -> take(Kind.METRICS, context)));
    }

    @Override
    public List<GrpcMethod> grpcMethods() {
        return Stream.of(Kind.values())
                .map(kind -> new GrpcMethod(kind.service, "Export", Access.INGEST, (caller, message) -> {
                    Taken taken = take(kind, caller.stamp(), message, OtlpAnswer.PROTOBUF);
                    return OtlpAnswer.PROTOBUF.stored(kind.items, taken.refused(), taken.reason());
                }))
                .toList();
    }

    /**
     * What became of a request.
     *
     * @param refused how many of it could not be stored
     * @param reason why, or what else its sender is to know; empty for nothing
     */
    private record Taken(int refused, String reason) {}

    private static Operation operation(String id, String summary, String member) {
        Operation operation = Operation.of(id, summary)
                .describedAs("OTLP/HTTP, in protobuf or JSON. Spans and events that tell of no model call are taken and"
                        + " forgotten, and metrics are counted.")
                .body(OtlpAnswer.JSON.mediaType(), "{\"type\":\"object\"}", "{\"" + member + "\":[]}")
                .body(OtlpAnswer.PROTOBUF.mediaType(), BINARY, "")
                .answer(200, "What was refused, if anything was.", OtlpAnswer.JSON.mediaType(), ANSWER)
                .answer(200, "What was refused, if anything was.", OtlpAnswer.PROTOBUF.mediaType(), BINARY);
        for (int status : REFUSALS) {
            operation = operation
                    .answer(status, REFUSED, OtlpAnswer.JSON.mediaType(), STATUS)
                    .answer(status, REFUSED, OtlpAnswer.PROTOBUF.mediaType(), BINARY);
        }
        // A body that is too large is refused before it is known what it was to be.
        return operation.answer(413, REFUSED, Problem.MEDIA_TYPE, "{\"$ref\":\"#/components/schemas/Problem\"}");
    }

    private void take(Kind kind, Context context) {
        String mediaType = RequestBody.mediaType(context);
        OtlpAnswer answer = OtlpAnswer.of(mediaType);
        try {
            if (!mediaType.equals(answer.mediaType())) {
                throw Problem.of(
                        415,
                        "Content-Type: expected " + OtlpAnswer.PROTOBUF.mediaType() + " or "
                                + OtlpAnswer.JSON.mediaType());
            }
            ByteBuffer body = ByteBuffer.wrap(RequestBody.read(context, services.limits()));
            Taken taken = take(kind, Caller.of(context).stamp(), body, answer);
            context.contentType(answer.mediaType()).result(answer.stored(kind.items, taken.refused(), taken.reason()));
        } catch (Problem problem) {
            // The protocol has answers of its own for bad requests; what is no fault of the request's stays a problem,
            // and is retried.
            if (!REFUSALS.contains(problem.status())) {
                throw problem;
            }
            context.status(problem.status())
                    .contentType(answer.mediaType())
                    .result(answer.failed(INVALID_ARGUMENT, problem.detail()));
        }
    }

    private Taken take(Kind kind, Stamp stamp, ByteBuffer body, OtlpAnswer form) {
        int most = services.limits().batchRecords();
        boolean binary = form == OtlpAnswer.PROTOBUF;
        if (kind == Kind.METRICS) {
            MetricPoints points = new MetricPoints(most, metricsAsRecords);
            if (binary) {
                ProtobufReader.metrics(body, points);
            } else {
                JsonReader.metrics(body, points);
            }
            return count(points, stamp);
        }
        Signals signals = new Signals(most);
        if (kind == Kind.TRACES) {
            if (binary) {
                ProtobufReader.traces(body, signals);
            } else {
                JsonReader.traces(body, signals);
            }
        } else if (binary) {
            ProtobufReader.logs(body, signals);
        } else {
            JsonReader.logs(body, signals);
        }
        return store(kind, stamp, signals);
    }

    /** Metrics are acknowledged, whatever they are: an exporter has no use for hearing that they are not wanted. */
    private Taken count(MetricPoints points, Stamp stamp) {
        points.counts().forEach((program, count) -> {
            services.ingest().metricPoints(program.text(), count);
            if (!metricsAsRecords && program != MetricProgram.OTHER && toldOf.add("metrics " + program.text())) {
                notices.accept(
                        "metrics of " + program.title() + " are acknowledged and not recorded; its log events tell of"
                                + " each call. Send those, or start the server with --metrics-as-records if it sends nothing else");
            }
        });
        if (!metricsAsRecords) {
            return new Taken(0, "");
        }
        MetricUsage.Reading reading =
                MetricUsage.read(points.points().stream().map(users::applied).toList());
        List<String> refusals = new ArrayList<>(reading.refusals());
        int unread = refusals.size();
        revise(stamp, reading.steps(), refusals);
        services.ingest().refused(unread);
        return new Taken(refusals.size(), reason(refusals));
    }

    private static String reason(List<String> refusals) {
        return refusals.isEmpty() ? "" : "not stored, the first because of " + refusals.get(0);
    }

    private Taken store(Kind kind, Stamp stamp, Signals signals) {
        List<Signal> all = signals.all().stream().map(users::applied).toList();
        List<String> ignored = new ArrayList<>();
        List<String> refusals = store(kind == Kind.LOGS ? TelemetryReader.joined(all) : all, kind, stamp, ignored);
        String reason = reason(refusals);
        if (!ignored.isEmpty()) {
            reason += (reason.isEmpty() ? "" : "; ") + ignored.size()
                    + " that count tokens were not understood, the first: " + ignored.get(0);
        }
        return new Taken(refusals.size(), reason);
    }

    private String ignore(Kind kind, Signal signal, String reason) {
        services.ingest().ignored(kind.name().toLowerCase(Locale.ROOT), reason);
        String scope = Texts.cut(signal.scope().replaceAll("\\p{Cntrl}", "?"), MAX_SCOPE_SHOWN);
        String told = reason + " in the instrumentation scope \"" + scope + "\"";
        if (toldOf.size() < MAX_SCOPES && toldOf.add(scope)) {
            notices.accept("telemetry that counts tokens was not understood, and no record made of it: " + told);
        }
        return told;
    }

    /** Stores the calls; returns why those that could not be stored were refused. */
    private List<String> store(List<Signal> signals, Kind kind, Stamp stamp, List<String> ignored) {
        List<String> refusals = new ArrayList<>();
        List<Batch.Step.Revise> calls = new ArrayList<>();
        for (Signal signal : signals) {
            try {
                Optional<TelemetryCall> read =
                        kind == Kind.TRACES ? TelemetryReader.ofSpan(signal) : TelemetryReader.ofEvent(signal);
                read.ifPresent(call -> calls.add(call.step()));
                if (read.isEmpty()) {
                    TelemetryReader.ignored(signal).ifPresent(reason -> ignored.add(ignore(kind, signal, reason)));
                }
            } catch (IllegalArgumentException e) {
                refusals.add(String.valueOf(e.getMessage()));
            }
        }
        int unread = refusals.size();
        revise(stamp, calls, refusals);
        services.ingest().refused(unread);
        return refusals;
    }

    private void revise(Stamp stamp, List<Batch.Step.Revise> calls, List<String> refusals) {
        for (Outcome outcome : services.ingest().revise(stamp, calls)) {
            if (outcome instanceof Outcome.Rejected rejected) {
                refusals.add(rejected.reason());
            } else if (outcome instanceof Outcome.Answered answered
                    && answered.result() instanceof AppendResult.Conflict conflict) {
                refusals.add("id: " + conflict.id() + " is taken by a record that differs in " + conflict.field());
            }
        }
    }
}
