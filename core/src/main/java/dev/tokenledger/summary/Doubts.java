package dev.tokenledger.summary;

import dev.tokenledger.usage.Doubt;
import dev.tokenledger.usage.UsageRecord;
import java.util.Set;

/**
 * How many records in force have figures that their source could not know, see {@link Doubt}. A record of several doubts counts
 * once in each and once in {@code records}. Corrections that take the doubt away, reversals and copies count like every figure.
 *
 * @param records records with any doubt
 * @param outputIncomplete those whose output may be more than is counted
 * @param cacheSplitMissing those whose cache writes are assumed to live 5 minutes
 */
public record Doubts(long records, long outputIncomplete, long cacheSplitMissing) {

    /** No doubt. */
    public static final Doubts NONE = new Doubts(0, 0, 0);

    /** Those of one record. */
    static Doubts of(UsageRecord record) {
        Set<Doubt> doubts = Doubt.of(record.notes());
        return doubts.isEmpty()
                ? NONE
                : new Doubts(
                        1,
                        doubts.contains(Doubt.OUTPUT_INCOMPLETE) ? 1 : 0,
                        doubts.contains(Doubt.CACHE_SPLIT_MISSING) ? 1 : 0);
    }

    /**
     * Both together.
     *
     * @throws ArithmeticException if a count leaves a {@code long}
     */
    Doubts plus(Doubts other) {
        return new Doubts(
                Math.addExact(records, other.records),
                Math.addExact(outputIncomplete, other.outputIncomplete),
                Math.addExact(cacheSplitMissing, other.cacheSplitMissing));
    }

    /** With opposite signs, as a reversal adds them. */
    Doubts negated() {
        return new Doubts(-records, -outputIncomplete, -cacheSplitMissing);
    }
}
