package dev.tokenledger.imports.agents;

import dev.tokenledger.imports.ImportedCall;
import dev.tokenledger.money.Usd;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A call of which several copies may be written down. One copy is right as a whole: the highest by {@code rank}. Copies that
 * are of equal rank differ in labels alone; of those read at once the one of the first session by name stays, and the ledger
 * keeps the one it has.
 */
record CopiedCall(String key, UsageRecord record, Comparator<UsageRecord> rank) implements ImportedCall {

    /** For programs that write a call down again as it grows: more tokens, then more cost, then the earlier time. */
    static final Comparator<UsageRecord> LARGEST = Comparator.comparingLong(CopiedCall::tokens)
            .thenComparing(record -> record.reportedCost().orElse(Usd.ZERO))
            .thenComparing(CopiedCall::time, Comparator.reverseOrder())
            .thenComparingLong(CopiedCall::known);

    /** For programs that write copies down at the time of copying: the earliest. */
    static final Comparator<UsageRecord> EARLIEST = Comparator.comparing(CopiedCall::time, Comparator.reverseOrder())
            .thenComparingLong(CopiedCall::tokens)
            .thenComparingLong(CopiedCall::known);

    /** For programs that write a call down anew: the latest. */
    static final Comparator<UsageRecord> LATEST =
            Comparator.comparing(CopiedCall::time).thenComparing(LARGEST);

    private static final Comparator<UsageRecord> LABELS = Comparator.comparing(UsageRecord::sessionId)
            .thenComparing(UsageRecord::conversationId)
            .thenComparing(UsageRecord::requestId)
            .thenComparing(record -> record.identity().toString())
            .thenComparing(record -> record.attributes().toString())
            .thenComparing(record -> record.notes().toString());

    @Override
    public ImportedCall merge(ImportedCall other) {
        return new CopiedCall(key, best(rank, record, ((CopiedCall) other).record), rank);
    }

    @Override
    public Instant occurred() {
        return time(record);
    }

    @Override
    public List<Offer> offers() {
        return List.of(new Offer.Revise(
                key, OtherKeys.NONE, record, (inForce, offered) -> Optional.of(later(rank, inForce, offered))));
    }

    /** The copy that is right, of two read at once. */
    static UsageRecord best(Comparator<UsageRecord> rank, UsageRecord one, UsageRecord other) {
        int order = rank.reversed().thenComparing(LABELS).compare(one, other);
        return order <= 0 ? one : other;
    }

    /** The copy that is right, of the ledger's and one read later. */
    static UsageRecord later(Comparator<UsageRecord> rank, UsageRecord inForce, UsageRecord offered) {
        return rank.compare(offered, inForce) > 0 ? offered : inForce;
    }

    private static Instant time(UsageRecord record) {
        return record.timestamp().orElse(Instant.EPOCH);
    }

    /**
     * How much of the price a copy states beyond its tokens: an earlier version of a reader knew less of the same copy, and is
     * corrected by what a later one reads.
     */
    private static long known(UsageRecord record) {
        return record.tokens().cacheCreation()
                + (record.serviceTier().isEmpty() ? 0 : 1)
                + (record.region().isEmpty() ? 0 : 1)
                + (record.upstreamRequestId().isEmpty() ? 0 : 1);
    }

    private static long tokens(UsageRecord record) {
        TokenCounts tokens = record.tokens();
        return tokens.totalInput() + tokens.output();
    }
}
