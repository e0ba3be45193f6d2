package dev.tokenledger.imports.agents;

import dev.tokenledger.usage.TokenCounts;

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

    boolean none() {
        return input == 0 && output == 0 && reads == 0 && writes == 0 && searches == 0;
    }
}
