package dev.tokenledger.recorder;

import java.time.Instant;
import java.util.Optional;

/**
 * What a recorder has done since it was opened.
 *
 * @param offered records that callers handed over
 * @param committed records that the ledger took as new, or as a correction of one that it had
 * @param duplicates records that the ledger had already
 * @param rejected records that the ledger will never take; they are kept in the spool folder, in {@code rejected.ndjson}
 * @param dropped records that are lost
 * @param pending records that are not in the ledger yet
 * @param failedWrites how often the ledger failed to take records, which were tried again
 * @param failedSpoolWrites how often the spool could not be written
 * @param corruptLines lines of a spool that could not be read
 * @param ledgerAwaySince since when the ledger takes nothing; empty while it does
 * @param lastProblem what went wrong last, for people; empty if nothing did
 */
public record RecorderStatistics(
        long offered,
        long committed,
        long duplicates,
        long rejected,
        long dropped,
        long pending,
        long failedWrites,
        long failedSpoolWrites,
        long corruptLines,
        Optional<Instant> ledgerAwaySince,
        String lastProblem) {}
