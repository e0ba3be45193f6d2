package dev.tokenledger.recorder;

import dev.tokenledger.payloads.SameCall;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;

/**
 * What is known of one call when two observers told of it, say a client library's hook and a framework's. The figures are of
 * the copy that knows more of them, whole: never parts of both. What one copy leaves empty is taken from the other; where both
 * state something the first stays. Merging a copy again changes nothing.
 */
final class CallMerge {

    private CallMerge() {}

    static UsageRecord merge(UsageRecord inForce, UsageRecord offered) {
        if (inForce.source().equals(SameCall.TELEMETRY)) {
            return SameCall.completed(offered, inForce);
        }
        boolean better = knowsMore(offered, inForce);
        UsageRecord figures = better ? offered : inForce;
        UsageRecord other = better ? inForce : offered;
        UsageRecord.Builder builder = figures.toBuilder().id(inForce.id());
        inForce.timestamp().or(offered::timestamp).ifPresent(builder::timestamp);
        inForce.duration().or(offered::duration).ifPresent(builder::duration);
        builder.requestId(first(inForce.requestId(), offered.requestId()));
        builder.sessionId(first(inForce.sessionId(), offered.sessionId()));
        builder.conversationId(first(inForce.conversationId(), offered.conversationId()));
        builder.upstreamRequestId(first(inForce.upstreamRequestId(), offered.upstreamRequestId()));
        builder.requestedModel(first(figures.requestedModel(), other.requestedModel()));
        builder.role(first(inForce.role(), offered.role()));
        builder.taskName(first(inForce.taskName(), offered.taskName()));
        builder.serviceTier(first(figures.serviceTier(), other.serviceTier()));
        builder.requestedServiceTier(first(inForce.requestedServiceTier(), offered.requestedServiceTier()));
        builder.region(first(figures.region(), other.region()));
        builder.source(first(inForce.source(), offered.source()));
        if (figures.outcome() == Outcome.UNSTATED) {
            builder.outcome(other.outcome());
        }
        if (figures.reportedCost().isEmpty()) {
            other.reportedCost().ifPresent(builder::reportedCost);
        }
        SortedMap<String, String> labels = new TreeMap<>(inForce.attributes());
        for (Map.Entry<String, String> label : offered.attributes().entrySet()) {
            if (labels.size() < UsageRecord.MAX_ENTRIES) {
                labels.putIfAbsent(label.getKey(), label.getValue());
            }
        }
        figures.attributes().keySet().forEach(key -> builder.attribute(key, ""));
        builder.attributes(labels);
        return builder.build();
    }

    private static String first(String one, String other) {
        return one.isEmpty() ? other : one;
    }

    /** Who tells more classes of tokens and calls apart; of equals who counts more; then who knows of fewer flaws. */
    private static boolean knowsMore(UsageRecord one, UsageRecord other) {
        int byParts = Long.compare(parts(one), parts(other));
        if (byParts != 0) {
            return byParts > 0;
        }
        int byCount = Long.compare(count(one), count(other));
        if (byCount != 0) {
            return byCount > 0;
        }
        Set<String> less = new TreeSet<>(one.notes());
        less.removeAll(other.notes());
        return less.isEmpty() && one.notes().size() < other.notes().size();
    }

    private static long parts(UsageRecord record) {
        TokenCounts tokens = record.tokens();
        return LongStream.of(
                                tokens.input(),
                                tokens.output(),
                                tokens.cacheRead(),
                                tokens.cacheCreation(),
                                tokens.cacheCreation5m(),
                                tokens.cacheCreation1h(),
                                tokens.reasoning(),
                                tokens.audioInput(),
                                tokens.imageInput(),
                                tokens.audioOutput(),
                                tokens.imageOutput(),
                                tokens.cachedAudioRead())
                        .filter(count -> count > 0)
                        .count()
                + record.calls().size();
    }

    private static long count(UsageRecord record) {
        return record.tokens().totalInput() + record.tokens().output();
    }
}
