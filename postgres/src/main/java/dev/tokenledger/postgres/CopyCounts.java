package dev.tokenledger.postgres;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * How often a ledger's copy answered, since the ledger was opened. Immutable.
 *
 * @param answered questions that it answered
 * @param failed questions that it was asked and gave no right answer to, by reason: {@code away}, {@code slow}, {@code error}, {@code
 *     unfit}; each reason is there
 * @param paused questions that it was not asked, because it had failed shortly before
 * @param failing whether the last answer was none
 */
public record CopyCounts(long answered, Map<String, Long> failed, long paused, boolean failing) {

    /** Copies the map. */
    public CopyCounts {
        failed = Collections.unmodifiableMap(new TreeMap<>(failed));
    }
}
