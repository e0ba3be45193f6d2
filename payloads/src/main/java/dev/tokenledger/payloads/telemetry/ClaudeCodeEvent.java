package dev.tokenledger.payloads.telemetry;

import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.formats.text.LabelText;
import dev.tokenledger.payloads.SameCall;
import dev.tokenledger.payloads.UnknownMembers;
import dev.tokenledger.payloads.telemetry.Names.ClaudeCode;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Claude Code's log event {@code claude_code.api_request}, one for each call. Its input leaves cached tokens out. Its cost is
 * Claude Code's own estimate, and kept as a reported one beside ours.
 */
final class ClaudeCodeEvent {

    private static final String FULL_NAME = "claude_code.api_request";
    private static final String SHORT_NAME = "api_request";
    private static final String SCOPE = "com.anthropic.claude_code";
    private static final String SERVICE = "claude-code";

    private ClaudeCodeEvent() {}

    /** Whether an event is one of these. Its own name leaves the program's out, which its scope or resource has. */
    static boolean is(Signal event) {
        Attributes attributes = new Attributes(event.attributes());
        String name = attributes.text(Names.EVENT);
        if (event.name().equals(FULL_NAME) || name.equals(FULL_NAME)) {
            return true;
        }
        return (name.equals(SHORT_NAME) || event.name().equals(SHORT_NAME))
                && (event.scope().startsWith(SCOPE)
                        || SERVICE.equals(event.resource().get("service.name")));
    }

    static TelemetryCall read(Signal event) {
        Attributes attributes = new Attributes(event.attributes());
        long writes = attributes.count(ClaudeCode.CACHE_WRITE);
        TokenCounts tokens = TokenCounts.builder()
                .input(attributes.count(ClaudeCode.INPUT))
                .output(attributes.count(ClaudeCode.OUTPUT))
                .cacheCreation(writes)
                .cacheRead(attributes.count(ClaudeCode.CACHE_READ))
                .build();
        String model = attributes.text(ClaudeCode.MODEL);
        UsageRecord.Builder builder = UsageRecord.builder();
        builder.model(model)
                .tokens(tokens)
                .sessionId(LabelText.sanitize(attributes.text(Names.SESSION), Bound.ID, builder))
                .requestId(LabelText.sanitize(attributes.text(ClaudeCode.PROMPT), Bound.ID, builder))
                .upstreamRequestId(LabelText.sanitize(attributes.text(ClaudeCode.REQUEST), Bound.ID, builder))
                .serviceTier(attributes.text(ClaudeCode.SPEED).equals("fast") ? "fast" : "")
                .outcome(Outcome.SUCCESS)
                .source(TelemetryReader.SOURCE);
        UnknownMembers unknown = new UnknownMembers();
        attributes.unknown(unknown);
        unknown.applyTo(builder);
        if (writes > 0) {
            builder.note("cache_split_missing");
        }
        if (attributes.has(ClaudeCode.DURATION)) {
            builder.duration(Duration.ofMillis(attributes.count(ClaudeCode.DURATION)));
        }
        attributes.usd(ClaudeCode.COST).ifPresent(builder::reportedCost);
        // The event is written when the answer is there.
        Optional<Instant> ended = event.start();
        ended.map(end -> end.minusMillis(attributes.count(ClaudeCode.DURATION))).ifPresent(builder::timestamp);
        Labels.set(builder, event, attributes);
        return new TelemetryCall(key(event, attributes, tokens), AgentEvent.BY_REQUEST, builder.build());
    }

    private static String key(Signal event, Attributes attributes, TokenCounts tokens) {
        String request = attributes.text(ClaudeCode.REQUEST);
        if (!request.isEmpty()) {
            return SameCall.claudeCodeEventKey(request);
        }
        return Keys.digest(
                TelemetryReader.SOURCE,
                attributes.text(Names.SESSION),
                attributes.text(ClaudeCode.PROMPT),
                attributes.text(ClaudeCode.SEQUENCE),
                event.start().map(Instant::toString).orElse(""),
                attributes.text(ClaudeCode.MODEL),
                TelemetryCall.inKey(tokens));
    }
}
