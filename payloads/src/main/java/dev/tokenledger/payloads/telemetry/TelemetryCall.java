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
        boolean better = KNOWLEDGE.compare(offered, inForce) > 0
                || isReadBetter(inForce, offered)
                || isNamedBetter(inForce, offered);
        return better ? offered : inForce;
    }

    /** The same figures of the same telling, whose provider an earlier version had another name for. */
    private static boolean isNamedBetter(UsageRecord inForce, UsageRecord offered) {
        return inForce.tokens().equals(offered.tokens())
                && !inForce.identity().equals(offered.identity())
                && inForce.identity().isSameOverVersions(offered.identity())
                && sameScope(inForce, offered);
    }

    private static boolean sameScope(UsageRecord one, UsageRecord other) {
        String scope = "otel.scope.name";
        return one.attributes()
                .getOrDefault(scope, "")
                .equals(other.attributes().getOrDefault(scope, ""));
    }

    /** The same figures, of which the first version took cached tokens for a part beside the input that are in it. */
    private static boolean isReadBetter(UsageRecord inForce, UsageRecord offered) {
        TokenCounts was = inForce.tokens();
        TokenCounts is = offered.tokens();
        return sameScope(inForce, offered)
                && inForce.identity().isSameOverVersions(offered.identity())
                && inForce.notes().contains(InputConvention.EXCLUSIVE.note())
                && offered.notes().contains(InputConvention.INCLUSIVE.note())
                && was.cacheRead() == is.cacheRead()
                && was.cacheCreation() == is.cacheCreation()
                && was.output() == is.output()
                && was.input() == is.totalInput();
    }

    /** Counts as the first version wrote them into keys. */
    static String inKey(TokenCounts tokens) {
        return "TokenCounts[input=" + tokens.input() + ", output=" + tokens.output() + ", cacheCreation="
                + tokens.cacheCreation() + ", cacheCreation5m=" + tokens.cacheCreation5m() + ", cacheCreation1h="
                + tokens.cacheCreation1h() + ", cacheRead=" + tokens.cacheRead() + ", reasoning=" + tokens.reasoning()
                + ", audioInput=" + tokens.audioInput() + ", imageInput=" + tokens.imageInput() + ", audioOutput="
                + tokens.audioOutput() + ", imageOutput=" + tokens.imageOutput() + "]";
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
