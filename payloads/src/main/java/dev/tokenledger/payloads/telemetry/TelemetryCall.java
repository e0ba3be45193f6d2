package dev.tokenledger.payloads.telemetry;

import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.util.Comparator;
import java.util.stream.LongStream;

/**
 * A model call that telemetry tells of. Several instrumentations may tell of one call, each what it knows, and exporters send
 * again what was not acknowledged; so calls are revised under their key ({@code Ledger.revise}) with {@link #merge}.
 *
 * @param key names the call: by the provider's id of the response, else by its span
 * @param record what this telling says of it; its own id is of no account
 */
public record TelemetryCall(String key, UsageRecord record) {

    /** Whoever tells more classes of tokens apart knows more; then whoever counts more. */
    private static final Comparator<UsageRecord> KNOWLEDGE =
            Comparator.comparingLong(TelemetryCall::details).thenComparingLong(TelemetryCall::tokens);

    /** Of two tellings of one call the one that knows more; the one in force if neither does. */
    public static UsageRecord merge(UsageRecord inForce, UsageRecord offered) {
        return KNOWLEDGE.compare(offered, inForce) > 0 ? offered : inForce;
    }

    private static long details(UsageRecord record) {
        TokenCounts tokens = record.tokens();
        return LongStream.of(tokens.cacheRead(), tokens.cacheCreation(), tokens.reasoning(), tokens.output())
                .filter(count -> count > 0)
                .count();
    }

    private static long tokens(UsageRecord record) {
        return record.tokens().totalInput() + record.tokens().output();
    }
}
