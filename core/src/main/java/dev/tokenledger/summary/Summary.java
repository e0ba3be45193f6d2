package dev.tokenledger.summary;

import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Totals over records and adjustments in force; reversals are netted. Everything is zero for none, never absent. Immutable.
 */
public final class Summary {

    /** No records. */
    public static final Summary ZERO = builder().build();

    private static final int RATE_DIGITS = 4;

    private final long totalRecords;
    private final long totalInputTokens;
    private final long totalOutputTokens;
    private final long totalCacheCreationInputTokens;
    private final long totalCacheCreation5mInputTokens;
    private final long totalCacheCreation1hInputTokens;
    private final long totalCacheReadInputTokens;
    private final long totalReasoningTokens;
    private final Usd totalCost;
    private final long partialRecords;
    private final long unpricedRecords;
    private final Doubts doubts;

    private Summary(Builder builder) {
        totalRecords = builder.totalRecords;
        totalInputTokens = builder.totalInputTokens;
        totalOutputTokens = builder.totalOutputTokens;
        totalCacheCreationInputTokens = builder.totalCacheCreationInputTokens;
        totalCacheCreation5mInputTokens = builder.totalCacheCreation5mInputTokens;
        totalCacheCreation1hInputTokens = builder.totalCacheCreation1hInputTokens;
        totalCacheReadInputTokens = builder.totalCacheReadInputTokens;
        totalReasoningTokens = builder.totalReasoningTokens;
        totalCost = builder.totalCost;
        partialRecords = builder.partialRecords;
        unpricedRecords = builder.unpricedRecords;
        doubts = builder.doubts;
    }

    /** Starts totals that are all zero. */
    public static Builder builder() {
        return new Builder();
    }

    /** The total of one record. */
    public static Summary of(UsageRecord record, Cost cost) {
        TokenCounts tokens = record.tokens();
        return builder()
                .totalRecords(1)
                .totalInputTokens(tokens.input())
                .totalOutputTokens(tokens.output())
                .totalCacheCreationInputTokens(tokens.cacheCreation())
                .totalCacheCreation5mInputTokens(tokens.cacheCreation5m())
                .totalCacheCreation1hInputTokens(tokens.cacheCreation1h())
                .totalCacheReadInputTokens(tokens.cacheRead())
                .totalReasoningTokens(tokens.reasoning())
                .totalCost(cost.amount())
                .partialRecords(cost.status() == PricingStatus.PARTIAL ? 1 : 0)
                .unpricedRecords(cost.status() == PricingStatus.UNPRICED ? 1 : 0)
                .doubts(Doubts.of(record))
                .build();
    }

    /** Records in force. */
    public long totalRecords() {
        return totalRecords;
    }

    /** Uncached input tokens. */
    public long totalInputTokens() {
        return totalInputTokens;
    }

    /** Generated tokens. */
    public long totalOutputTokens() {
        return totalOutputTokens;
    }

    /** Tokens written to the prompt cache. */
    public long totalCacheCreationInputTokens() {
        return totalCacheCreationInputTokens;
    }

    /** The part of cache writes that lives 5 minutes. */
    public long totalCacheCreation5mInputTokens() {
        return totalCacheCreation5mInputTokens;
    }

    /** The part of cache writes that lives 1 hour. */
    public long totalCacheCreation1hInputTokens() {
        return totalCacheCreation1hInputTokens;
    }

    /** Tokens served from the prompt cache. */
    public long totalCacheReadInputTokens() {
        return totalCacheReadInputTokens;
    }

    /** The part of the output spent on reasoning. */
    public long totalReasoningTokens() {
        return totalReasoningTokens;
    }

    /** The exact sum of costs and adjustments, which can be negative; a lower bound unless every record is priced. */
    public Usd totalCost() {
        return totalCost;
    }

    /** Records whose cost covers some of their usage. */
    public long partialRecords() {
        return partialRecords;
    }

    /** Records whose cost is not known at all. */
    public long unpricedRecords() {
        return unpricedRecords;
    }

    /** Records whose figures may not be what was used. */
    public Doubts doubts() {
        return doubts;
    }

    /** The total of one adjustment: an amount, and no record. */
    public static Summary ofAmount(Usd amount) {
        return builder().totalCost(amount).build();
    }

    /** Whether nothing counts: there is no record, and adjustments, if any, come to nothing. */
    public boolean isNothing() {
        return totalRecords == 0 && totalCost.signum() == 0;
    }

    /** Records whose cost covers all of their usage. */
    public long pricedRecords() {
        return totalRecords - partialRecords - unpricedRecords;
    }

    /** Whether the cost covers every record in full; otherwise it is a lower bound. */
    public boolean fullyPriced() {
        return partialRecords == 0 && unpricedRecords == 0;
    }

    /** Whether there are records and none of them has a price, so that the cost of 0 says nothing. */
    public boolean whollyUnpriced() {
        return totalRecords > 0 && unpricedRecords == totalRecords && totalCost.signum() == 0;
    }

    /**
     * Cache reads ÷ (cache reads + cache writes), in [0, 1] with four digits, half-even; 0 when there were neither. It says how
     * much of what was written was used again. Providers that do not count writes have 1 for any reads: see {@link
     * #cacheReadShare}.
     */
    public BigDecimal cacheHitRate() {
        return cacheReadsOf(BigDecimal.valueOf(totalCacheCreationInputTokens));
    }

    /**
     * Cache reads ÷ all input (uncached input + cache writes + cache reads), in [0, 1] with four digits, half-even; 0 when there
     * was no input. It compares providers that count writes with those that do not.
     */
    public BigDecimal cacheReadShare() {
        return cacheReadsOf(
                BigDecimal.valueOf(totalCacheCreationInputTokens).add(BigDecimal.valueOf(totalInputTokens)));
    }

    private BigDecimal cacheReadsOf(BigDecimal others) {
        BigDecimal reads = BigDecimal.valueOf(totalCacheReadInputTokens);
        BigDecimal all = reads.add(others);
        return all.signum() == 0 ? BigDecimal.ZERO : reads.divide(all, RATE_DIGITS, RoundingMode.HALF_EVEN);
    }

    /**
     * Both totals together.
     *
     * @throws ArithmeticException if a count of tokens leaves a {@code long} (9.2 × 10¹⁸)
     */
    public Summary plus(Summary other) {
        return builder()
                .totalRecords(Math.addExact(totalRecords, other.totalRecords))
                .totalInputTokens(Math.addExact(totalInputTokens, other.totalInputTokens))
                .totalOutputTokens(Math.addExact(totalOutputTokens, other.totalOutputTokens))
                .totalCacheCreationInputTokens(
                        Math.addExact(totalCacheCreationInputTokens, other.totalCacheCreationInputTokens))
                .totalCacheCreation5mInputTokens(
                        Math.addExact(totalCacheCreation5mInputTokens, other.totalCacheCreation5mInputTokens))
                .totalCacheCreation1hInputTokens(
                        Math.addExact(totalCacheCreation1hInputTokens, other.totalCacheCreation1hInputTokens))
                .totalCacheReadInputTokens(Math.addExact(totalCacheReadInputTokens, other.totalCacheReadInputTokens))
                .totalReasoningTokens(Math.addExact(totalReasoningTokens, other.totalReasoningTokens))
                .totalCost(totalCost.plus(other.totalCost))
                .partialRecords(Math.addExact(partialRecords, other.partialRecords))
                .unpricedRecords(Math.addExact(unpricedRecords, other.unpricedRecords))
                .doubts(doubts.plus(other.doubts))
                .build();
    }

    /** The totals with opposite signs, as a reversal adds them. */
    public Summary negated() {
        return builder()
                .totalRecords(-totalRecords)
                .totalInputTokens(-totalInputTokens)
                .totalOutputTokens(-totalOutputTokens)
                .totalCacheCreationInputTokens(-totalCacheCreationInputTokens)
                .totalCacheCreation5mInputTokens(-totalCacheCreation5mInputTokens)
                .totalCacheCreation1hInputTokens(-totalCacheCreation1hInputTokens)
                .totalCacheReadInputTokens(-totalCacheReadInputTokens)
                .totalReasoningTokens(-totalReasoningTokens)
                .totalCost(totalCost.negated())
                .partialRecords(-partialRecords)
                .unpricedRecords(-unpricedRecords)
                .doubts(doubts.negated())
                .build();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Summary summary
                && totalRecords == summary.totalRecords
                && totalInputTokens == summary.totalInputTokens
                && totalOutputTokens == summary.totalOutputTokens
                && totalCacheCreationInputTokens == summary.totalCacheCreationInputTokens
                && totalCacheCreation5mInputTokens == summary.totalCacheCreation5mInputTokens
                && totalCacheCreation1hInputTokens == summary.totalCacheCreation1hInputTokens
                && totalCacheReadInputTokens == summary.totalCacheReadInputTokens
                && totalReasoningTokens == summary.totalReasoningTokens
                && totalCost.equals(summary.totalCost)
                && partialRecords == summary.partialRecords
                && unpricedRecords == summary.unpricedRecords
                && doubts.equals(summary.doubts);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                totalRecords,
                totalInputTokens,
                totalOutputTokens,
                totalCacheCreationInputTokens,
                totalCacheCreation5mInputTokens,
                totalCacheCreation1hInputTokens,
                totalCacheReadInputTokens,
                totalReasoningTokens,
                totalCost,
                partialRecords,
                unpricedRecords,
                doubts);
    }

    @Override
    public String toString() {
        return "Summary[totalRecords=" + totalRecords + ", totalInputTokens=" + totalInputTokens
                + ", totalOutputTokens=" + totalOutputTokens + ", totalCacheCreationInputTokens="
                + totalCacheCreationInputTokens + ", totalCacheCreation5mInputTokens=" + totalCacheCreation5mInputTokens
                + ", totalCacheCreation1hInputTokens=" + totalCacheCreation1hInputTokens
                + ", totalCacheReadInputTokens=" + totalCacheReadInputTokens + ", totalReasoningTokens="
                + totalReasoningTokens + ", totalCost=" + totalCost + ", partialRecords=" + partialRecords
                + ", unpricedRecords=" + unpricedRecords + ", doubts=" + doubts + "]";
    }

    /** Builds totals; what is not set is zero. Not safe for use by several threads. */
    public static final class Builder {

        private long totalRecords;
        private long totalInputTokens;
        private long totalOutputTokens;
        private long totalCacheCreationInputTokens;
        private long totalCacheCreation5mInputTokens;
        private long totalCacheCreation1hInputTokens;
        private long totalCacheReadInputTokens;
        private long totalReasoningTokens;
        private Usd totalCost = Usd.ZERO;
        private long partialRecords;
        private long unpricedRecords;
        private Doubts doubts = Doubts.NONE;

        private Builder() {}

        /** Records in force. */
        public Builder totalRecords(long records) {
            totalRecords = records;
            return this;
        }

        /** Uncached input tokens. */
        public Builder totalInputTokens(long tokens) {
            totalInputTokens = tokens;
            return this;
        }

        /** Generated tokens. */
        public Builder totalOutputTokens(long tokens) {
            totalOutputTokens = tokens;
            return this;
        }

        /** Tokens written to the prompt cache. */
        public Builder totalCacheCreationInputTokens(long tokens) {
            totalCacheCreationInputTokens = tokens;
            return this;
        }

        /** The part of cache writes that lives 5 minutes. */
        public Builder totalCacheCreation5mInputTokens(long tokens) {
            totalCacheCreation5mInputTokens = tokens;
            return this;
        }

        /** The part of cache writes that lives 1 hour. */
        public Builder totalCacheCreation1hInputTokens(long tokens) {
            totalCacheCreation1hInputTokens = tokens;
            return this;
        }

        /** Tokens served from the prompt cache. */
        public Builder totalCacheReadInputTokens(long tokens) {
            totalCacheReadInputTokens = tokens;
            return this;
        }

        /** The part of the output spent on reasoning. */
        public Builder totalReasoningTokens(long tokens) {
            totalReasoningTokens = tokens;
            return this;
        }

        /** The exact sum of costs; a lower bound unless every record is priced. */
        public Builder totalCost(Usd cost) {
            totalCost = Objects.requireNonNull(cost, "totalCost");
            return this;
        }

        /** Records whose cost covers some of their usage. */
        public Builder partialRecords(long records) {
            partialRecords = records;
            return this;
        }

        /** Records whose cost is not known at all. */
        public Builder unpricedRecords(long records) {
            unpricedRecords = records;
            return this;
        }

        /** Records whose figures may not be what was used. */
        public Builder doubts(Doubts counts) {
            doubts = Objects.requireNonNull(counts, "doubts");
            return this;
        }

        /** The totals. */
        public Summary build() {
            return new Summary(this);
        }
    }
}
