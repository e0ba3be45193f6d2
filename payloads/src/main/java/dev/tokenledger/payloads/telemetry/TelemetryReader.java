package dev.tokenledger.payloads.telemetry;

import dev.tokenledger.payloads.SameCall;
import java.util.List;
import java.util.Optional;

/**
 * Finds the model calls among spans and log events. Three generations of attribute names are read; input that contains cached
 * tokens is told from input that does not, by proof where there is one, else by the instrumentation, and the record notes which
 * it was. Stateless and safe for use by many threads.
 */
public final class TelemetryReader {

    /** The source of the records. */
    public static final String SOURCE = SameCall.TELEMETRY;

    /** Why signals that count tokens are ignored. */
    public static final List<String> REASONS = List.of("unknown_operation", "unknown_usage", "unknown_event");

    private TelemetryReader() {}

    /** Whether an attribute of spans and events is looked at; all others may be left out of a {@link Signal}. */
    public static boolean reads(String attribute) {
        return Names.isRead(attribute);
    }

    /** Whether an attribute of resources is looked at; all others may be left out of a {@link Signal}. */
    public static boolean readsOfResource(String attribute) {
        return Labels.isRead(attribute);
    }

    /**
     * The model call that a span tells of; empty for other spans, such as agents', tools' and HTTP clients', and for calls
     * without any count of tokens.
     *
     * @throws IllegalArgumentException if the usage is impossible; the message begins with the attribute or field
     */
    public static Optional<TelemetryCall> ofSpan(Signal span) {
        return GenAiCall.read(span);
    }

    /**
     * Why a span or event from which no call was read does count tokens: its operation, its usage or its event is not known,
     * {@link #REASONS}. Empty for all others: what counts nothing, and agents and tools, whose calls are told beside them.
     */
    public static Optional<String> ignored(Signal signal) {
        return AgentEvent.isToldAgain(signal) ? Optional.empty() : GenAiCall.ignored(signal);
    }

    /** The events of one request, those that tell of one call in two parts joined; to be called before {@link #ofEvent}. */
    public static List<Signal> joined(List<Signal> events) {
        return AgentEvent.joined(events);
    }

    /**
     * The model call that a log event tells of: Claude Code's {@code claude_code.api_request}, Gemini CLI's {@code
     * gemini_cli.api_response}, Codex's {@code codex.sse_event} of a completed response, or the conventions' own {@code
     * gen_ai.client.inference.operation.details}; empty for all others.
     *
     * @throws IllegalArgumentException if the usage is impossible; the message begins with the attribute or field
     */
    public static Optional<TelemetryCall> ofEvent(Signal event) {
        if (AgentEvent.is(event)) {
            return Optional.of(AgentEvent.read(event));
        }
        if (AgentEvent.isToldAgain(event)) {
            return Optional.empty();
        }
        if (ClaudeCodeEvent.is(event)) {
            return Optional.of(ClaudeCodeEvent.read(event));
        }
        boolean details = event.name().equals(GenAiCall.EVENT)
                || GenAiCall.EVENT.equals(event.attributes().get(Names.EVENT));
        return details ? GenAiCall.read(event) : Optional.empty();
    }
}
