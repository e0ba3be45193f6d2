package dev.tokenledger;

import java.util.List;

/**
 * What a check of a ledger found.
 *
 * @param entries how many entries were read
 * @param differences one sentence for each thing that is not as it should be, at most {@link #MAX_DIFFERENCES}; empty when all is
 *     well
 */
public record VerifyReport(long entries, List<String> differences) {

    /** The most differences that are listed. */
    public static final int MAX_DIFFERENCES = 100;

    /** Copies its list. */
    public VerifyReport {
        differences = List.copyOf(differences);
    }

    /** Whether all is as it should be. */
    public boolean clean() {
        return differences.isEmpty();
    }
}
