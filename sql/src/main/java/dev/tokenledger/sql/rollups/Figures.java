package dev.tokenledger.sql.rollups;

import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.Doubts;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.usage.Doubt;
import java.util.Arrays;
import java.util.Set;

/**
 * The summed figures of some records, as an array of {@link #SIZE} numbers.
 *
 * <p>Money is kept in two parts, {@code COST_HIGH × 2³² + COST_LOW} picodollars (10⁻¹² USD), so that no sum of it
 * overflows. How many records are partial or unpriced follows from the combination they belong to.
 */
public final class Figures {

    public static final int RECORDS = 0;
    public static final int INPUT = 1;
    public static final int OUTPUT = 2;
    public static final int CACHE_READ = 3;
    public static final int CACHE_CREATION = 4;
    public static final int CACHE_CREATION_5M = 5;
    public static final int CACHE_CREATION_1H = 6;
    public static final int REASONING = 7;
    public static final int COST_HIGH = 8;
    public static final int COST_LOW = 9;

    /** Records with any doubt, see {@link dev.tokenledger.usage.Doubt}, and those of two kinds of it; mostly 0. */
    public static final int DOUBTFUL = 10;

    public static final int OUTPUT_INCOMPLETE = 11;
    public static final int CACHE_SPLIT_MISSING = 12;
    public static final int SIZE = 13;

    private static final long LOW_BITS = 0xffff_ffffL;

    private Figures() {}

    /** Sets the two parts of one record's cost. */
    public static void setCost(long[] figures, long picos) {
        figures[COST_HIGH] = picos >> 32;
        figures[COST_LOW] = picos & LOW_BITS;
    }

    /**
     * Sets how many records have doubts.
     *
     * @param doubts those of all of the records
     * @param records how many they are, negative for reversals
     */
    public static void setDoubts(long[] figures, Set<Doubt> doubts, long records) {
        figures[DOUBTFUL] = doubts.isEmpty() ? 0 : records;
        figures[OUTPUT_INCOMPLETE] = doubts.contains(Doubt.OUTPUT_INCOMPLETE) ? records : 0;
        figures[CACHE_SPLIT_MISSING] = doubts.contains(Doubt.CACHE_SPLIT_MISSING) ? records : 0;
    }

    /** Clears everything but how many records have doubts. */
    public static void keepDoubts(long[] figures) {
        Arrays.fill(figures, 0, DOUBTFUL, 0);
    }

    /** Clears how many records have doubts. */
    public static void dropDoubts(long[] figures) {
        Arrays.fill(figures, DOUBTFUL, SIZE, 0);
    }

    /**
     * Adds figures to others.
     *
     * @throws ArithmeticException if a sum leaves a {@code long}
     */
    public static void add(long[] sums, long[] figures) {
        for (int i = 0; i < SIZE; i++) {
            sums[i] = Math.addExact(sums[i], figures[i]);
        }
    }

    /** Brings the two parts of the cost to their one form, in which the lower part has 32 bits. */
    public static void normalize(long[] figures) {
        figures[COST_HIGH] = Math.addExact(figures[COST_HIGH], figures[COST_LOW] >> 32);
        figures[COST_LOW] &= LOW_BITS;
    }

    public static boolean areZero(long[] figures) {
        long any = 0;
        for (long figure : figures) {
            any |= figure;
        }
        return any == 0;
    }

    /** Whether the sums at a place count nothing, as {@link Summary#isNothing} has it. */
    public static boolean countNothing(long[] sums, int at) {
        return sums[at + RECORDS] == 0
                && sums[at + COST_HIGH] + (sums[at + COST_LOW] >> 32) == 0
                && (sums[at + COST_LOW] & LOW_BITS) == 0;
    }

    public static Summary summary(long[] sums, int at, long partial, long unpriced) {
        return Summary.builder()
                .totalRecords(sums[at + RECORDS])
                .totalInputTokens(sums[at + INPUT])
                .totalOutputTokens(sums[at + OUTPUT])
                .totalCacheCreationInputTokens(sums[at + CACHE_CREATION])
                .totalCacheCreation5mInputTokens(sums[at + CACHE_CREATION_5M])
                .totalCacheCreation1hInputTokens(sums[at + CACHE_CREATION_1H])
                .totalCacheReadInputTokens(sums[at + CACHE_READ])
                .totalReasoningTokens(sums[at + REASONING])
                .totalCost(Usd.ofParts(sums[at + COST_HIGH], sums[at + COST_LOW]))
                .partialRecords(partial)
                .unpricedRecords(unpriced)
                .doubts(doubts(sums, at))
                .build();
    }

    private static Doubts doubts(long[] sums, int at) {
        return sums[at + DOUBTFUL] == 0
                ? Doubts.NONE
                : new Doubts(sums[at + DOUBTFUL], sums[at + OUTPUT_INCOMPLETE], sums[at + CACHE_SPLIT_MISSING]);
    }
}
