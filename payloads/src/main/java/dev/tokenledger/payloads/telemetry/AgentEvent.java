package dev.tokenledger.payloads.telemetry;

import dev.tokenledger.Batch;
import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.formats.text.LabelText;
import dev.tokenledger.payloads.SameCall;
import dev.tokenledger.payloads.UnknownMembers;
import dev.tokenledger.payloads.telemetry.Names.Agents;
import dev.tokenledger.payloads.telemetry.Names.ClaudeCode;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Log events of Gemini CLI and Codex, one for each answer. Cached tokens are inside the input of both; thoughts are beside the
 * output of Gemini's, reasoning is inside Codex's.
 */
final class AgentEvent {

    private static final String GEMINI = "gemini_cli.api_response";
    private static final String GEMINI_CLI = "gemini-cli";
    private static final String CODEX = "codex.sse_event";
    /** An agent's log may tell of the same answer. */
    static final Batch.Elsewhere BY_REQUEST = new Batch.Elsewhere(List.of(), true, List.of());

    private static final String COMPLETED = "response.completed";

    private AgentEvent() {}

    /** Whether an event is one of these; Codex's other kinds have no counts. */
    static boolean is(Signal event) {
        String name = name(event);
        return name.equals(GEMINI)
                || (name.equals(CODEX) && COMPLETED.equals(event.attributes().get(Agents.KIND)));
    }

    /** Gemini CLI tells of each call twice; this one leaves out what was cached and thought. */
    static boolean isToldAgain(Signal event) {
        return name(event).equals(GenAiCall.EVENT)
                && (event.scope().equals(GEMINI_CLI)
                        || GEMINI_CLI.equals(event.resource().get("service.name")));
    }

    /** Gives each of Gemini CLI's events the id of the answer that the other one of the same call states. */
    static List<Signal> joined(List<Signal> events) {
        Map<List<Object>, String> ids = new HashMap<>();
        for (Signal event : events) {
            if (isToldAgain(event)) {
                String id = new Attributes(event.attributes()).text(Names.RESPONSE_ID);
                // Two calls of one instant cannot be told apart, so neither gets an id.
                ids.merge(call(event, "gen_ai.request.model"), id, (one, other) -> one.equals(other) ? one : "");
            }
        }
        if (ids.isEmpty()) {
            return events;
        }
        List<Signal> joined = new ArrayList<>(events.size());
        for (Signal event : events) {
            String id = name(event).equals(GEMINI) ? ids.getOrDefault(call(event, ClaudeCode.MODEL), "") : "";
            joined.add(id.isEmpty() ? event : event.with(Names.RESPONSE_ID[0], id));
        }
        return joined;
    }

    private static List<Object> call(Signal event, String model) {
        Attributes attributes = new Attributes(event.attributes());
        return List.of(
                event.start().map(Instant::toString).orElse(""),
                attributes.text(Names.SESSION),
                attributes.text(model),
                attributes.count("gen_ai.usage.input_tokens", Agents.INPUT));
    }

    static TelemetryCall read(Signal event) {
        return name(event).equals(GEMINI) ? gemini(event) : codex(event);
    }

    private static TelemetryCall gemini(Signal event) {
        Attributes attributes = new Attributes(event.attributes());
        UsageRecord.Builder builder = UsageRecord.builder();
        long thoughts = attributes.count(Agents.THOUGHTS);
        long output = attributes.count(Agents.OUTPUT) + thoughts;
        long input = attributes.count(Agents.INPUT);
        long tool = attributes.count(Agents.TOOL);
        if (tool > 0 && attributes.count(Agents.TOTAL) == input + output + tool) {
            // What tools put into the prompt is input, and beside the prompt's own count.
            input += tool;
        }
        TokenCounts tokens = tokens(Agents.INPUT, input, output, attributes.count(Agents.CACHED), 0, thoughts);
        common(event, attributes, tokens, builder);
        builder.provider("google").requestId(LabelText.sanitize(attributes.text(Agents.PROMPT), Bound.ID, builder));
        String response = attributes.text(Names.RESPONSE_ID);
        builder.upstreamRequestId(LabelText.sanitize(response, Bound.ID, builder));
        String key = response.isEmpty()
                ? Keys.digest(
                        TelemetryReader.SOURCE,
                        GEMINI,
                        attributes.text(Names.SESSION),
                        attributes.text(Agents.PROMPT),
                        event.start().map(Instant::toString).orElse(""),
                        attributes.text(ClaudeCode.MODEL),
                        TelemetryCall.inKey(tokens))
                : SameCall.telemetryKey(response);
        return new TelemetryCall(key, BY_REQUEST, builder.build());
    }

    private static TelemetryCall codex(Signal event) {
        Attributes attributes = new Attributes(event.attributes());
        UsageRecord.Builder builder = UsageRecord.builder();
        TokenCounts tokens = tokens(
                Agents.INPUT,
                attributes.count(Agents.INPUT),
                attributes.count(Agents.OUTPUT),
                attributes.count(Agents.CODEX_CACHED),
                attributes.count(Agents.CODEX_WRITTEN),
                attributes.count(Agents.REASONING));
        common(event, attributes, tokens, builder);
        builder.provider("openai")
                .conversationId(LabelText.sanitize(attributes.text(Agents.CONVERSATION), Bound.ID, builder))
                .serviceTier(attributes.text(Agents.TIER));
        String response = attributes.text(Names.RESPONSE_ID);
        builder.upstreamRequestId(LabelText.sanitize(response, Bound.ID, builder));
        String key = response.isEmpty()
                ? Keys.digest(
                        TelemetryReader.SOURCE,
                        CODEX,
                        attributes.text(Agents.CONVERSATION),
                        event.start().map(Instant::toString).orElse(""),
                        attributes.text(ClaudeCode.MODEL),
                        TelemetryCall.inKey(tokens))
                : SameCall.telemetryKey(response);
        return new TelemetryCall(key, BY_REQUEST, builder.build());
    }

    private static TokenCounts tokens(String name, long input, long output, long read, long written, long reasoning) {
        if (read + written > input) {
            throw Attributes.refused(name, "cached tokens are inside it, but " + (read + written) + " exceed " + input);
        }
        return TokenCounts.builder()
                .input(input - read - written)
                .output(output)
                .cacheCreation(written)
                .cacheRead(read)
                .reasoning(reasoning)
                .build();
    }

    private static void common(Signal event, Attributes attributes, TokenCounts tokens, UsageRecord.Builder builder) {
        String model = attributes.model(ClaudeCode.MODEL);
        builder.upstreamModel(model.isEmpty() ? "unknown" : model)
                .tokens(tokens)
                .sessionId(LabelText.sanitize(attributes.text(Names.SESSION), Bound.ID, builder))
                .outcome(Outcome.SUCCESS)
                .source(TelemetryReader.SOURCE);
        if (attributes.has(ClaudeCode.DURATION)) {
            builder.duration(Duration.ofMillis(attributes.count(ClaudeCode.DURATION)));
        }
        // The event is written when the answer is there.
        Optional<Instant> ended = event.start();
        ended.map(end -> end.minusMillis(attributes.count(ClaudeCode.DURATION))).ifPresent(builder::timestamp);
        UnknownMembers unknown = new UnknownMembers();
        attributes.unknown(unknown);
        unknown.applyTo(builder);
        Labels.set(builder, event, attributes);
    }

    private static String name(Signal event) {
        String name = new Attributes(event.attributes()).text(Names.EVENT);
        return name.isEmpty() ? event.name() : name;
    }
}
