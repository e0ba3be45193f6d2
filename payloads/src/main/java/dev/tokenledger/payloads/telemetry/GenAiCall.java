package dev.tokenledger.payloads.telemetry;

import dev.tokenledger.formats.text.Kept;
import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.model.Providers;
import dev.tokenledger.model.Texts.Bound;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** A span, or an event, that tells of a model call in OpenTelemetry's conventions for generative AI. */
final class GenAiCall {

    /** The event that may stand beside the span, or in its place. */
    static final String EVENT = "gen_ai.client.inference.operation.details";

    /** Not {@code invoke_agent} and its like, which add up calls that are counted already. */
    private static final Set<String> OPERATIONS = Set.of("chat", "generate_content", "text_completion", "embeddings");

    private static final Set<String> REQUEST_TYPES = Set.of("chat", "completion", "embedding");
    private static final Set<String> CANCELLATIONS = Set.of(
            "canceled",
            "cancelled",
            "aborterror",
            "cancellederror",
            "asyncio.cancellederror",
            "asyncio.exceptions.cancellederror",
            "java.util.concurrent.cancellationexception");

    /** Long enough to be drawn at random. Shorter ones, such as Ollama's {@code chatcmpl-417}, come again. */
    private static final int SHORTEST_UNIQUE_ID = 20;

    private final Signal signal;
    private final Attributes attributes;
    private final UsageRecord.Builder builder = UsageRecord.builder();

    private GenAiCall(Signal signal) {
        this.signal = signal;
        attributes = new Attributes(signal.attributes());
    }

    /** The call; empty if there is none, or nothing was counted. */
    static Optional<TelemetryCall> read(Signal signal) {
        GenAiCall call = new GenAiCall(signal);
        return call.isCall() && call.hasUsage() ? Optional.of(call.read()) : Optional.empty();
    }

    private boolean isCall() {
        String operation = attributes.text(Names.OPERATION);
        if (!operation.isEmpty()) {
            return OPERATIONS.contains(operation);
        }
        // The oldest generation has no operation. What its other spans have, such as agents' and tools', says so.
        if (attributes.has(Names.TRACELOOP_KIND, Names.TOOL)) {
            return false;
        }
        return attributes.has(Names.REQUEST_TYPE)
                ? REQUEST_TYPES.contains(attributes.text(Names.REQUEST_TYPE))
                : attributes.has(Names.REQUEST_MODEL, Names.RESPONSE_MODEL);
    }

    private boolean hasUsage() {
        return attributes.has(Names.INPUT)
                || attributes.has(Names.OUTPUT)
                || attributes.has(Names.CACHE_READ)
                || attributes.has(Names.CACHE_WRITE);
    }

    private TelemetryCall read() {
        TokenCounts tokens = tokens();
        String requested = attributes.text(Names.REQUEST_MODEL);
        String served = attributes.text(Names.RESPONSE_MODEL);
        String model = served.isEmpty() ? requested : served;
        builder.tokens(tokens)
                .upstreamModel(model)
                .requestedModel(requested.equals(model) ? "" : Kept.label(requested, Bound.TEXT, builder))
                .resource(Kept.label(attributes.text(Names.SERVER), Bound.TEXT, builder))
                .conversationId(id(Names.CONVERSATION))
                .sessionId(id(Names.SESSION))
                .upstreamRequestId(id(Names.RESPONSE_ID))
                .serviceTier(attributes.text(Names.SERVED_TIER))
                .requestedServiceTier(attributes.text(Names.REQUESTED_TIER))
                .outcome(outcome())
                .source(TelemetryReader.SOURCE);
        String provider = attributes.text(Names.PROVIDER);
        if (!provider.isEmpty()) {
            builder.provider(Providers.canonical(provider));
        }
        signal.start().ifPresent(builder::timestamp);
        signal.start()
                .flatMap(start -> signal.end().map(end -> Duration.between(start, end)))
                .filter(duration -> !duration.isNegative())
                .ifPresent(builder::duration);
        Labels.set(builder, signal, attributes);
        return new TelemetryCall(key(tokens), builder.build());
    }

    private String id(String name) {
        return Kept.label(attributes.text(name), Bound.ID, builder);
    }

    private TokenCounts tokens() {
        long stated = attributes.count(Names.INPUT);
        long reads = attributes.count(Names.CACHE_READ);
        long writes = attributes.count(Names.CACHE_WRITE);
        long input = stated;
        if (reads + writes > 0) {
            InputConvention convention = convention(stated, reads + writes);
            builder.note(convention.note());
            input = convention == InputConvention.INCLUSIVE ? stated - reads - writes : stated;
        }
        if (writes > 0) {
            builder.note("cache_split_missing");
        }
        long output = attributes.count(Names.OUTPUT);
        long reasoning = attributes.count(Names.REASONING);
        if (reasoning > output) {
            // A part is not more than its whole: this instrumentation counts it beside the answer.
            output += reasoning;
            builder.note("reasoning_added_to_output");
        }
        return new TokenCounts(input, output, writes, 0, 0, reads, reasoning, 0, 0, 0, 0);
    }

    private InputConvention convention(long input, long cached) {
        if (input < cached) {
            // Proven, whatever is declared.
            return InputConvention.EXCLUSIVE;
        }
        Optional<InputConvention> declared = InputConvention.of(signal.scope(), attributes.text(Names.PROVIDER));
        if (declared.isEmpty()) {
            builder.note(InputConvention.ASSUMED);
        }
        return declared.orElse(InputConvention.INCLUSIVE);
    }

    private Outcome outcome() {
        String error = attributes.text(Names.ERROR);
        if (CANCELLATIONS.contains(error.toLowerCase(Locale.ROOT))) {
            return Outcome.CANCELED;
        }
        return signal.failed() || !error.isEmpty() ? Outcome.ERROR : Outcome.SUCCESS;
    }

    /** A response's id goes before the span's, because a framework and a client library may each make a span of one call. */
    private String key(TokenCounts tokens) {
        String response = attributes.text(Names.RESPONSE_ID);
        String trace = signal.traceId();
        if (response.length() >= SHORTEST_UNIQUE_ID) {
            return Keys.of(TelemetryReader.SOURCE, "response", response);
        }
        if (!response.isEmpty() && !trace.isEmpty()) {
            return Keys.of(
                    TelemetryReader.SOURCE,
                    trace,
                    response,
                    Long.toString(tokens.totalInput()),
                    Long.toString(tokens.output()));
        }
        if (!signal.spanId().isEmpty()) {
            return Keys.of(TelemetryReader.SOURCE, trace.isEmpty() ? "-" : trace, signal.spanId());
        }
        return Keys.digest(
                TelemetryReader.SOURCE,
                signal.scope(),
                signal.start().map(Object::toString).orElse(""),
                response,
                attributes.text(Names.RESPONSE_MODEL, Names.REQUEST_MODEL),
                tokens.toString());
    }
}
