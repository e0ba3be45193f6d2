package dev.tokenledger.imports.agents;

import dev.tokenledger.usage.TokenCounts;
import java.time.Instant;
import java.util.List;

/**
 * The figures of a response, as far as its rows go. Writes that live 5 minutes or 1 hour may contradict the total once the
 * largest of each are taken from different rows; then the split is not believed.
 *
 * @param writes all tokens written to the cache
 * @param passes what each of several passes used, where the rows say so; they add up to the counts
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
        List<TokenCounts> passes,
        boolean several) {

    /** The largest of each; the passes of whichever has these counts. */
    ClaudeFigures max(ClaudeFigures other) {
        ClaudeFigures largest = largest(other);
        if (passes.isEmpty() && other.passes.isEmpty()) {
            return largest;
        }
        TokenCounts tokens = largest.tokens();
        List<TokenCounts> fitting = !passes.isEmpty() && tokens.equals(tokens())
                ? passes
                : tokens.equals(other.tokens()) ? other.passes : List.of();
        return new ClaudeFigures(
                largest.input,
                largest.output,
                largest.thinking,
                largest.reads,
                largest.writes,
                largest.writes5m,
                largest.writes1h,
                largest.searches,
                fitting,
                largest.several);
    }

    private ClaudeFigures largest(ClaudeFigures other) {
        return new ClaudeFigures(
                Math.max(input, other.input),
                Math.max(output, other.output),
                Math.max(thinking, other.thinking),
                Math.max(reads, other.reads),
                Math.max(writes, other.writes),
                Math.max(writes5m, other.writes5m),
                Math.max(writes1h, other.writes1h),
                Math.max(searches, other.searches),
                List.of(),
                several || other.several);
    }

    static ClaudeFigures of(TokenCounts tokens, List<TokenCounts> passes, long searches, boolean several) {
        return new ClaudeFigures(
                tokens.input(),
                tokens.output(),
                tokens.reasoning(),
                tokens.cacheRead(),
                tokens.cacheCreation(),
                tokens.cacheCreation5m(),
                tokens.cacheCreation1h(),
                searches,
                passes,
                several);
    }

    TokenCounts tokens() {
        boolean split = writes5m + writes1h <= writes;
        return TokenCounts.builder()
                .input(input)
                .output(output)
                .cacheCreation(writes)
                .cacheCreation5m(split ? writes5m : 0)
                .cacheCreation1h(split ? writes1h : 0)
                .cacheRead(reads)
                .reasoning(thinking)
                .build();
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

    /** Counts as the first version wrote them into keys. */
    String inKey() {
        return "ClaudeFigures[input=" + input + ", output=" + output + ", thinking=" + thinking + ", reads=" + reads
                + ", writes=" + writes + ", writes5m=" + writes5m + ", writes1h=" + writes1h + ", searches=" + searches
                + ", several=" + several + "]";
    }

    boolean none() {
        return input == 0 && output == 0 && reads == 0 && writes == 0 && searches == 0;
    }
}
