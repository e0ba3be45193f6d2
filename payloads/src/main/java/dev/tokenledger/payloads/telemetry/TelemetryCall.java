package dev.tokenledger.payloads.telemetry;

import dev.tokenledger.Batch;
import dev.tokenledger.payloads.SameCall;
import dev.tokenledger.text.ModelNames;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;

/**
 * A model call that telemetry tells of. Several instrumentations may tell of one call, each what it knows, and exporters send
 * again what was not acknowledged; so calls are revised under their key ({@code Ledger.revise}) with {@link #merge}.
 *
 * @param key names the call: by the provider's id of the response, else by its span
 * @param elsewhere where an agent's log, a gateway's ledger or a recorded answer may have told of the call already
 * @param record what this telling says of it; its own id is ignored
 */
public record TelemetryCall(String key, Batch.Elsewhere elsewhere, UsageRecord record) {

    /** What a ledger is to write. */
    public Batch.Step.Revise step() {
        return new Batch.Step.Revise(key, elsewhere, record, TelemetryCall::merge);
    }

    /**
     * Of two tellings of one call the one that knows more; the one in force if neither does. What others told, such as an agent's
     * log, is {@linkplain SameCall#completed completed} instead.
     */
    public static UsageRecord merge(UsageRecord inForce, UsageRecord offered) {
        if (!inForce.source().equals(TelemetryReader.SOURCE)) {
            return SameCall.completed(inForce, offered);
        }
        boolean better = SameCall.knowsMore(offered, inForce)
                || isReadBetter(inForce, offered)
                || isNamedBetter(inForce, offered)
                || isLabelledBetter(inForce, offered);
        return better ? offered : inForce;
    }

    /** The same figures of the same telling, whose provider an earlier version had another name for. */
    private static boolean isNamedBetter(UsageRecord inForce, UsageRecord offered) {
        return inForce.tokens().equals(offered.tokens())
                && !inForce.identity().equals(offered.identity())
                && (inForce.identity().isSameOverVersions(offered.identity()) || isUnnamed(inForce, offered))
                && sameScope(inForce, offered);
    }

    /** The same figures of the same telling, of which an earlier version did not read who spent it. */
    private static boolean isLabelledBetter(UsageRecord inForce, UsageRecord offered) {
        return inForce.tokens().equals(offered.tokens())
                && inForce.identity().equals(offered.identity())
                && sameScope(inForce, offered)
                && offered.attributes().size() > inForce.attributes().size()
                && offered.attributes()
                        .entrySet()
                        .containsAll(inForce.attributes().entrySet());
    }

    /** A word for no model, which the first version took for a model's name. */
    private static boolean isUnnamed(UsageRecord inForce, UsageRecord offered) {
        return !ModelNames.isName(inForce.identity().upstreamModel())
                && inForce.requestedModel().equals(offered.identity().upstreamModel());
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
}
