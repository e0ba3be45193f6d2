package dev.tokenledger.summary;

import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Totals over records in force; reversals are netted. Everything is zero for no records, never absent.
 *
 * @param totalRecords records in force
 * @param totalInputTokens uncached input tokens
 * @param totalOutputTokens generated tokens
 * @param totalCacheCreationInputTokens tokens written to the prompt cache
 * @param totalCacheCreation5mInputTokens the part of them that lives 5 minutes
 * @param totalCacheCreation1hInputTokens the part of them that lives 1 hour
 * @param totalCacheReadInputTokens tokens served from the prompt cache
 * @param totalReasoningTokens the part of the output spent on reasoning
 * @param totalCost the exact sum of costs; a lower bound unless every record is priced
 * @param partialRecords records whose cost covers some of their usage
 * @param unpricedRecords records whose cost is not known at all
 * @param doubts records whose figures may not be what was used
 */
public record Summary(
        long totalRecords,
        long totalInputTokens,
        long totalOutputTokens,
        long totalCacheCreationInputTokens,
        long totalCacheCreation5mInputTokens,
        long totalCacheCreation1hInputTokens,
        long totalCacheReadInputTokens,
        long totalReasoningTokens,
        Usd totalCost,
        long partialRecords,
        long unpricedRecords,
        Doubts doubts) {

    /** No records. */
    public static final Summary ZERO = new Summary(0, 0, 0, 0, 0, 0, 0, 0, Usd.ZERO, 0, 0);

    private static final int RATE_DIGITS = 4;

    /** Totals over records that leave no doubt. */
    public Summary(
            long totalRecords,
            long totalInputTokens,
            long totalOutputTokens,
            long totalCacheCreationInputTokens,
            long totalCacheCreation5mInputTokens,
            long totalCacheCreation1hInputTokens,
            long totalCacheReadInputTokens,
            long totalReasoningTokens,
            Usd totalCost,
            long partialRecords,
            long unpricedRecords) {
        this(
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
                Doubts.NONE);
    }

    /** The total of one record. */
    public static Summary of(UsageRecord record, Cost cost) {
        TokenCounts tokens = record.tokens();
        return new Summary(
                1,
                tokens.input(),
                tokens.output(),
                tokens.cacheCreation(),
                tokens.cacheCreation5m(),
                tokens.cacheCreation1h(),
                tokens.cacheRead(),
                tokens.reasoning(),
                cost.amount(),
                cost.status() == PricingStatus.PARTIAL ? 1 : 0,
                cost.status() == PricingStatus.UNPRICED ? 1 : 0,
                Doubts.of(record));
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
        return totalRecords > 0 && unpricedRecords == totalRecords;
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
        return new Summary(
                Math.addExact(totalRecords, other.totalRecords),
                Math.addExact(totalInputTokens, other.totalInputTokens),
                Math.addExact(totalOutputTokens, other.totalOutputTokens),
                Math.addExact(totalCacheCreationInputTokens, other.totalCacheCreationInputTokens),
                Math.addExact(totalCacheCreation5mInputTokens, other.totalCacheCreation5mInputTokens),
                Math.addExact(totalCacheCreation1hInputTokens, other.totalCacheCreation1hInputTokens),
                Math.addExact(totalCacheReadInputTokens, other.totalCacheReadInputTokens),
                Math.addExact(totalReasoningTokens, other.totalReasoningTokens),
                totalCost.plus(other.totalCost),
                Math.addExact(partialRecords, other.partialRecords),
                Math.addExact(unpricedRecords, other.unpricedRecords),
                doubts.plus(other.doubts));
    }

    /** The totals with opposite signs, as a reversal adds them. */
    public Summary negated() {
        return new Summary(
                -totalRecords,
                -totalInputTokens,
                -totalOutputTokens,
                -totalCacheCreationInputTokens,
                -totalCacheCreation5mInputTokens,
                -totalCacheCreation1hInputTokens,
                -totalCacheReadInputTokens,
                -totalReasoningTokens,
                totalCost.negated(),
                -partialRecords,
                -unpricedRecords,
                doubts.negated());
    }
}
