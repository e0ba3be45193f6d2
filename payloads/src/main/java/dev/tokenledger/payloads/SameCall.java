package dev.tokenledger.payloads;

import dev.tokenledger.Batch;
import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * One call told by several: the provider's answer, telemetry, an agent's log, a gateway's ledger. Each has a key of its own for it,
 * made of an id of the provider's that all of them state, so that whoever comes second finds the record of the first.
 */
public final class SameCall {

    /** The source of records from telemetry. */
    public static final String TELEMETRY = "opentelemetry";

    /** Long enough to be drawn at random. Shorter ones, such as Ollama's {@code chatcmpl-417}, come again. */
    public static final int MIN_UNIQUE_ID_LENGTH = RecordId.MIN_UNIQUE_LENGTH;

    /** The attribute that says which instrumentation made a span or event. */
    private static final String SCOPE = "otel.scope.name";

    /** Whoever tells more classes of tokens apart knows more; then whoever counts more. */
    private static final Comparator<UsageRecord> KNOWLEDGE =
            Comparator.comparingLong(SameCall::details).thenComparingLong(SameCall::tokens);

    private SameCall() {}

    /**
     * The key of a provider's answer: {@code PROVIDER:RESPONSE_ID}, with the provider's canonical name. Empty where there is no name
     * or no id, and for an id that comes again, as Ollama's small numbers do.
     */
    public static Optional<String> answerKey(String provider, String responseId) {
        return RecordId.ofResponse(provider, responseId).map(RecordId::value);
    }

    /**
     * The step by which a ledger keeps a provider's answer as one record, although telemetry or a gateway's ledger tells of the same
     * call, before or after.
     *
     * @param key the answer's, {@link #answerKey}
     * @param responseId the provider's own id of the answer
     */
    public static Batch.Step.Revise answerStep(String key, String responseId, UsageRecord record) {
        return new Batch.Step.Revise(
                key,
                answerElsewhere(responseId),
                record,
                (inForce, offered) ->
                        inForce.source().equals(TELEMETRY) ? completed(offered, inForce) : completed(inForce, offered));
    }

    /**
     * Where telemetry or a gateway's ledger may have told of a provider's answer: by the id alone, without the provider, so
     * nowhere for one that comes again.
     *
     * @param responseId the provider's own id of the answer
     */
    public static Batch.Elsewhere answerElsewhere(String responseId) {
        return responseId.length() >= MIN_UNIQUE_ID_LENGTH
                ? new Batch.Elsewhere(List.of(liteLlmKey(responseId)), false, List.of(telemetryKey(responseId)))
                : Batch.Elsewhere.NOWHERE;
    }

    /** The key of a row of LiteLLM's ledger, whose id is mostly the answer's. */
    public static String liteLlmKey(String responseId) {
        return Keys.of("litellm", responseId);
    }

    /** The key of what telemetry tells of an answer. */
    public static String telemetryKey(String responseId) {
        return Keys.of(TELEMETRY, "response", responseId);
    }

    /** The key of a Claude Code event, by the provider's id of the request. */
    public static String claudeCodeEventKey(String requestId) {
        return Keys.of(TELEMETRY, "claude-code", requestId);
    }

    /** Whether the first of two records of a call tells more of its tokens. */
    public static boolean knowsMore(UsageRecord one, UsageRecord other) {
        return KNOWLEDGE.compare(one, other) > 0;
    }

    /** Whether telemetry has completed a record that another told. */
    public static boolean isCompleted(UsageRecord record) {
        return !record.source().equals(TELEMETRY) && record.attributes().containsKey(SCOPE);
    }

    /**
     * What a log, a gateway's ledger or an answer tells of a call, with what telemetry knows besides: what the program thinks that
     * it cost, how long it took, who asked for it, and the figures if it tells more of them, or the other ones are not final. The
     * same in whatever order the two came, and however often.
     */
    public static UsageRecord completed(UsageRecord told, UsageRecord telemetry) {
        boolean better = knowsMore(telemetry, told);
        TokenCounts tokens = better ? telemetry.tokens() : told.tokens();
        boolean unfinished = told.notes().contains(ResponseReader.OUTPUT_INCOMPLETE);
        if (unfinished) {
            tokens = withOutput(
                    tokens, Math.max(told.tokens().output(), telemetry.tokens().output()));
        }
        UsageRecord.Builder completed = told.toBuilder()
                .tokens(tokens)
                .requestId(orElse(told.requestId(), telemetry.requestId()))
                .sessionId(orElse(told.sessionId(), telemetry.sessionId()))
                .conversationId(orElse(told.conversationId(), telemetry.conversationId()))
                .upstreamRequestId(orElse(told.upstreamRequestId(), telemetry.upstreamRequestId()))
                .serviceTier(orElse(told.serviceTier(), telemetry.serviceTier()))
                .region(orElse(told.region(), telemetry.region()));
        told.reportedCost().or(telemetry::reportedCost).ifPresent(completed::reportedCost);
        told.duration().or(telemetry::duration).ifPresent(completed::duration);
        Stream.of(told, telemetry)
                .flatMap(record -> record.timestamp().stream())
                .min(Comparator.naturalOrder())
                .ifPresent(completed::timestamp);
        if (told.outcome() == Outcome.UNSTATED) {
            completed.outcome(telemetry.outcome());
        }
        int room = UsageRecord.MAX_ENTRIES - told.attributes().size();
        for (Map.Entry<String, String> attribute : telemetry.attributes().entrySet()) {
            if (!told.attributes().containsKey(attribute.getKey()) && room-- > 0) {
                completed.attribute(attribute.getKey(), attribute.getValue());
            }
        }
        for (String note : telemetry.notes()) {
            if (better || note.startsWith(UsageRecord.UNPRICED_MEMBER) || note.startsWith(UnknownMembers.PERHAPS)) {
                completed.note(note);
            }
        }
        if (unfinished && telemetry.outcome() == Outcome.SUCCESS) {
            completed.withoutNote(ResponseReader.OUTPUT_INCOMPLETE);
        }
        if (tokens.cacheCreationUnattributed() == 0) {
            completed.withoutNote("cache_split_missing");
        }
        return completed.build();
    }

    private static TokenCounts withOutput(TokenCounts tokens, long output) {
        return TokenCounts.builder()
                .input(tokens.input())
                .output(output)
                .cacheCreation(tokens.cacheCreation())
                .cacheCreation5m(tokens.cacheCreation5m())
                .cacheCreation1h(tokens.cacheCreation1h())
                .cacheRead(tokens.cacheRead())
                .reasoning(tokens.reasoning())
                .audioInput(tokens.audioInput())
                .imageInput(tokens.imageInput())
                .audioOutput(tokens.audioOutput())
                .imageOutput(tokens.imageOutput())
                .cachedAudioRead(tokens.cachedAudioRead())
                .build();
    }

    private static String orElse(String told, String other) {
        return told.isEmpty() ? other : told;
    }

    private static long details(UsageRecord record) {
        TokenCounts tokens = record.tokens();
        return LongStream.of(
                        tokens.cacheRead(),
                        tokens.cacheCreation(),
                        tokens.cacheCreation5m() + tokens.cacheCreation1h(),
                        tokens.reasoning(),
                        tokens.output(),
                        tokens.audioInput() + tokens.audioOutput())
                .filter(count -> count > 0)
                .count();
    }

    private static long tokens(UsageRecord record) {
        return record.tokens().totalInput() + record.tokens().output();
    }
}
