package dev.tokenledger.imports.agents;

import dev.tokenledger.usage.TokenCounts;
import java.time.Instant;

/**
 * The figures of a response, as far as its rows go. Writes that live 5 minutes or 1 hour may contradict the total once the
 * largest of each are taken from different rows; then the split is not believed.
 *
 * @param writes all tokens written to the cache
 * @param several whether passes over the input were added up
 */
record ClaudeFigures(
        long input,
        long output,
        long thinking,
        long reads,
        long writes,
        long writes5m,
        long writes1h,
        long searches,
        boolean several) {

    /** The largest of each. */
    ClaudeFigures max(ClaudeFigures other) {
        return new ClaudeFigures(
                Math.max(input, other.input),
                Math.max(output, other.output),
                Math.max(thinking, other.thinking),
                Math.max(reads, other.reads),
                Math.max(writes, other.writes),
                Math.max(writes5m, other.writes5m),
                Math.max(writes1h, other.writes1h),
                Math.max(searches, other.searches),
                several || other.several);
    }

    static ClaudeFigures of(TokenCounts tokens, long searches, boolean several) {
        return new ClaudeFigures(
                tokens.input(),
                tokens.output(),
                tokens.reasoning(),
                tokens.cacheRead(),
                tokens.cacheCreation(),
                tokens.cacheCreation5m(),
                tokens.cacheCreation1h(),
                searches,
                several);
    }

    TokenCounts tokens() {
        boolean split = writes5m + writes1h <= writes;
        return new TokenCounts(
                input, output, writes, split ? writes5m : 0, split ? writes1h : 0, reads, thinking, 0, 0, 0, 0);
    }

    /**
     * Whether these and other figures can be told of one response: the earlier of two copies, by time and then by output, has
     * the same input or none yet, and no more output; and if the response had ended then, the same.
     */
    boolean mayGrowInto(ClaudeFigures other, Instant time, Instant otherTime, boolean ended, boolean otherEnded) {
        int order = time.compareTo(otherTime);
        if (order > 0 || (order == 0 && output > other.output)) {
            return other.mayGrowInto(this, otherTime, time, otherEnded, ended);
        }
        boolean sameInput = input == other.input && reads == other.reads && writes == other.writes;
        boolean noInput = input == 0 && reads == 0 && writes == 0;
        return (sameInput || noInput) && (ended ? output == other.output : output <= other.output);
    }

    boolean none() {
        return input == 0 && output == 0 && reads == 0 && writes == 0 && searches == 0;
    }
}
