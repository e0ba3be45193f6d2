package dev.tokenledger.payloads.telemetry;

import dev.tokenledger.Batch;
import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.formats.text.LabelText;
import dev.tokenledger.payloads.SameCall;
import dev.tokenledger.payloads.UnknownMembers;
import dev.tokenledger.text.Providers;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** A span, or an event, that tells of a model call in OpenTelemetry's conventions for generative AI. */
final class GenAiCall {

    /** The event that may stand beside the span, or in its place. */
    static final String EVENT = "gen_ai.client.inference.operation.details";

    /** Not {@code invoke_agent} and its like, which add up calls that are counted already. */
    private static final Set<String> OPERATIONS = Set.of(
            "chat",
            "generate_content",
            "text_completion",
            "embeddings",
            // Spring AI's
            "embedding",
            // LiteLLM's own types of calls, each also with an "a" before it
            "completion",
            "responses",
            "anthropic_messages",
            "generate_content_stream",
            "image_generation",
            "image_edit",
            "transcription",
            "speech",
            "rerank",
            "moderation",
            "realtime");

    /** Of agents, tools and stores: what they add up is counted already. */
    private static final Set<String> NO_CALLS = Set.of(
            "invoke_agent",
            "create_agent",
            "execute_tool",
            "invoke_workflow",
            "workflow",
            "agent",
            "task",
            "tool",
            "chain",
            "plan",
            "retrieval",
            "vectordb",
            "framework",
            "search_memory",
            "create_memory_store");

    /** Whose totals contain what was thought, and whose answers do not. */
    private static final Set<String> GOOGLES = Set.of("google", "gcp.vertex_ai");

    private static final Set<String> OPENINFERENCE_CALLS = Set.of("LLM", "EMBEDDING");

    private static final Set<String> REQUEST_TYPES = Set.of("chat", "completion", "embedding");
    private static final Set<String> CANCELLATIONS = Set.of(
            "canceled",
            "cancelled",
            "aborterror",
            "cancellederror",
            "asyncio.cancellederror",
            "asyncio.exceptions.cancellederror",
            "java.util.concurrent.cancellationexception");

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

    /**
     * Why a signal that counts tokens is no call that was read; empty for all others, such as agents' and tools', which add up
     * calls that are counted already.
     */
    static Optional<String> ignored(Signal signal) {
        GenAiCall call = new GenAiCall(signal);
        if (!call.attributes.hasAnyUsage() || call.isSumOfCalls()) {
            return Optional.empty();
        }
        if (call.isCall()) {
            return Optional.of(call.hasUsage() ? "unknown_event" : "unknown_usage");
        }
        return Optional.of("unknown_operation");
    }

    private boolean isSumOfCalls() {
        String kind = attributes.text(Names.OPENINFERENCE_KIND).toUpperCase(Locale.ROOT);
        String step = attributes.text(Names.AI_OPERATION);
        return NO_CALLS.contains(attributes.text(Names.OPERATION).toLowerCase(Locale.ROOT))
                || attributes.has(Names.TRACELOOP_KIND, Names.TOOL)
                || (!kind.isEmpty() && !OPENINFERENCE_CALLS.contains(kind))
                || (!step.isEmpty() && !isCallOfStep(step));
    }

    /** A step of the Vercel AI SDK is a span too, which adds up its calls. */
    private static boolean isCallOfStep(String operation) {
        return operation.endsWith(".doGenerate") || operation.endsWith(".doStream") || operation.endsWith(".doEmbed");
    }

    private boolean isCall() {
        if (isSumOfCalls()) {
            return false;
        }
        String operation = attributes.text(Names.OPERATION).toLowerCase(Locale.ROOT);
        if (!operation.isEmpty()) {
            return OPERATIONS.contains(operation)
                    || (operation.startsWith("a") && OPERATIONS.contains(operation.substring(1)));
        }
        // The oldest generation has no operation.
        return attributes.has(Names.REQUEST_TYPE)
                ? REQUEST_TYPES.contains(attributes.text(Names.REQUEST_TYPE))
                : attributes.has(Names.REQUEST_MODEL) || attributes.has(Names.RESPONSE_MODEL);
    }

    private boolean hasUsage() {
        return attributes.has(Names.INPUT)
                || attributes.has(Names.OUTPUT)
                || attributes.has(Names.CACHE_READ)
                || attributes.has(Names.CACHE_WRITE);
    }

    private TelemetryCall read() {
        TokenCounts tokens = tokens();
        String requested = attributes.model(Names.REQUEST_MODEL);
        String served = attributes.model(Names.RESPONSE_MODEL);
        String model = served.isEmpty() ? requested : served;
        builder.tokens(tokens)
                .upstreamModel(model)
                .requestedModel(requested.equals(model) ? "" : LabelText.sanitize(requested, Bound.TEXT, builder))
                .resource(LabelText.sanitize(attributes.text(Names.SERVER), Bound.TEXT, builder))
                .conversationId(id(Names.CONVERSATION))
                .sessionId(id(Names.SESSION))
                .upstreamRequestId(id(Names.RESPONSE_ID))
                .serviceTier(attributes.text(Names.SERVED_TIER))
                .requestedServiceTier(attributes.text(Names.REQUESTED_TIER))
                .outcome(outcome())
                .source(TelemetryReader.SOURCE);
        builder.provider(attributes.text(Names.PROVIDER));
        attributes.usd(Names.COST).ifPresent(builder::reportedCost);
        UnknownMembers unknown = new UnknownMembers();
        attributes.unknown(unknown);
        unknown.applyTo(builder);
        signal.start().ifPresent(builder::timestamp);
        signal.start()
                .flatMap(start -> signal.end().map(end -> Duration.between(start, end)))
                .filter(duration -> !duration.isNegative())
                .ifPresent(builder::duration);
        Labels.set(builder, signal, attributes);
        return call(tokens, builder.build());
    }

    private String id(String... name) {
        return LabelText.sanitize(attributes.text(name), Bound.ID, builder);
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
        long write5m = attributes.count(Names.WRITE_5M);
        long write1h = attributes.count(Names.WRITE_1H);
        if (write5m + write1h > writes) {
            builder.note("cache_split_above_total");
            write5m = 0;
            write1h = 0;
        }
        if (writes > 0 && write5m + write1h == 0) {
            builder.note("cache_split_missing");
        }
        long output = output(input + reads + writes);
        long reasoning = Math.min(attributes.count(Names.REASONING), output);
        // Some count audio that was read from the cache among this.
        long audioInput = Math.min(attributes.count(Names.AUDIO_INPUT), input);
        long audioOutput = Math.min(attributes.count(Names.AUDIO_OUTPUT), output - reasoning);
        return TokenCounts.builder()
                .input(input)
                .output(output)
                .cacheCreation(writes)
                .cacheCreation5m(write5m)
                .cacheCreation1h(write1h)
                .cacheRead(reads)
                .reasoning(reasoning)
                .audioInput(audioInput)
                .audioOutput(audioOutput)
                .build();
    }

    /** The output with what was thought, which some count beside the answer, and some in the total alone. */
    private long output(long input) {
        long output = attributes.count(Names.OUTPUT);
        long reasoning = attributes.count(Names.REASONING);
        long total = attributes.count(Names.TOTAL);
        boolean google = GOOGLES.contains(Providers.canonical(attributes.text(Names.PROVIDER)));
        if (reasoning > output || (google && reasoning > 0 && total == input + output + reasoning)) {
            // A part is not more than its whole: this instrumentation counts it beside the answer.
            builder.note("reasoning_added_to_output");
            return output + reasoning;
        }
        if (total > input + output && attributes.has(Names.OUTPUT)) {
            if (google && reasoning == 0) {
                builder.note("output_from_total");
                return total - input;
            }
            builder.note("total_differs");
        }
        return output;
    }

    private InputConvention convention(long input, long cached) {
        if (input < cached) {
            // Proven, whatever is declared.
            return InputConvention.EXCLUSIVE;
        }
        if (signal.attributes().keySet().stream().anyMatch(name -> name.startsWith("ai.usage.inputTokenDetails."))) {
            // The Vercel AI SDK has its own whole, of which it tells the parts; before, it handed on the provider's
            // figure.
            return InputConvention.INCLUSIVE;
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

    private TelemetryCall call(TokenCounts tokens, UsageRecord record) {
        String response = attributes.text(Names.RESPONSE_ID);
        String key = key(tokens);
        boolean litellm = signal.scope().startsWith("litellm");
        if (response.isEmpty() || (!litellm && response.length() < SameCall.MIN_UNIQUE_ID_LENGTH)) {
            return new TelemetryCall(key, Batch.Elsewhere.NOWHERE, record);
        }
        // An answer with an id of its own may be known from a gateway's ledger, or have been recorded as it came. What
        // LiteLLM writes down has such an id, however short.
        String own = SameCall.telemetryKey(response);
        List<String> keys = new ArrayList<>();
        keys.add(SameCall.liteLlmKey(response));
        SameCall.answerKey(attributes.text(Names.PROVIDER), response).ifPresent(keys::add);
        if (!key.equals(own)) {
            keys.add(key);
        }
        return new TelemetryCall(own, new Batch.Elsewhere(keys, true, List.of()), record);
    }

    /** A response's id goes before the span's, because a framework and a client library may each make a span of one call. */
    private String key(TokenCounts tokens) {
        String response = attributes.text(Names.RESPONSE_ID);
        String trace = signal.traceId();
        if (response.length() >= SameCall.MIN_UNIQUE_ID_LENGTH) {
            return SameCall.telemetryKey(response);
        }
        if (!response.isEmpty() && !trace.isEmpty()) {
            return Keys.of(
                    TelemetryReader.SOURCE, trace, response, Long.toString(inputInKey()), Long.toString(outputInKey()));
        }
        if (!signal.spanId().isEmpty()) {
            return Keys.of(TelemetryReader.SOURCE, trace.isEmpty() ? "-" : trace, signal.spanId());
        }
        return Keys.digest(
                TelemetryReader.SOURCE,
                signal.scope(),
                signal.start().map(Object::toString).orElse(""),
                response,
                attributes.text("gen_ai.response.model", "gen_ai.request.model", "llm.model_name", "ai.model.id"),
                TelemetryCall.inKey(tokens));
    }

    /** All input as the first version read it: keys stay what they were, whatever more is read of a call since. */
    private long inputInKey() {
        long stated = attributes.count("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens");
        long cached = attributes.count("gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens")
                + attributes.count(
                        "gen_ai.usage.cache_write.input_tokens",
                        "gen_ai.usage.cache_creation.input_tokens",
                        "gen_ai.usage.cache_creation_input_tokens");
        InputConvention convention = stated < cached
                ? InputConvention.EXCLUSIVE
                : InputConvention.ofFirstVersion(
                        signal.scope(), attributes.text("gen_ai.provider.name", "gen_ai.system"));
        return convention == InputConvention.EXCLUSIVE ? stated + cached : stated;
    }

    private long outputInKey() {
        long output = attributes.count("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens");
        long reasoning = attributes.count("gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens");
        return reasoning > output ? output + reasoning : output;
    }
}
