package dev.tokenledger.imports;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an import did. {@code lines = used + ignored + skipped} and {@code calls = appended + duplicates + corrected +
 * conflicts}, always.
 *
 * @param source the source's name
 * @param dryRun whether nothing was stored, and the figures say what would have been
 * @param files files found or named, unreadable and unchanged ones included
 * @param newFiles logs of which nothing was remembered from an earlier import; files of other sources are not remembered at all
 * @param unchangedFiles files that were not opened, because nothing has changed in them since the last import
 * @param unreadableFiles files that could not be read, or not to their end
 * @param lines lines read; in a log, those that were not read by an earlier import
 * @param used lines that hold or belong to a record that the ledger answered
 * @param ignored blank lines, and lines about something else
 * @param skipped lines that could not be used
 * @param skippedReasons how many of them for which reason
 * @param calls records that the ledger answered; copies of a call in a log are merged before, and are one
 * @param appended records that are new
 * @param duplicates records that had been there
 * @param corrected records that replaced an earlier copy of the same call
 * @param conflicts records whose id is taken by another
 * @param notes what is noted of the quality of the records that are new or corrected, by note with how many have it
 * @param doubtful how many of these records have figures in doubt by their notes, see {@link dev.tokenledger.usage.Doubt}
 * @param problems what was skipped, in conflict or unreadable, the first {@value #MAX_PROBLEMS} of it
 * @param elapsed how long it took
 */
public record ImportReport(
        String source,
        boolean dryRun,
        long files,
        long newFiles,
        long unchangedFiles,
        long unreadableFiles,
        long lines,
        long used,
        long ignored,
        long skipped,
        SortedMap<String, Long> skippedReasons,
        long calls,
        long appended,
        long duplicates,
        long corrected,
        long conflicts,
        SortedMap<String, Long> notes,
        long doubtful,
        List<ImportProblem> problems,
        Duration elapsed) {

    /** How many problems a report keeps; a listener hears of all. */
    public static final int MAX_PROBLEMS = 1_000;

    /** Copies its collections. */
    public ImportReport {
        skippedReasons = Collections.unmodifiableSortedMap(new TreeMap<>(skippedReasons));
        notes = Collections.unmodifiableSortedMap(new TreeMap<>(notes));
        problems = List.copyOf(problems);
    }

    /** Whether all logs were read for the first time, and nothing in them is usage of the source: they may be another's. */
    public boolean nothingRecognized() {
        return clean() && newFiles > 0 && newFiles == files && used == 0;
    }

    /**
     * Whether every line was taken in or rightly ignored, and every file was read. An {@linkplain
     * ImportProblem#INCOMPLETE_LINE incomplete line} of a log is nothing wrong.
     */
    public boolean clean() {
        long incomplete = skippedReasons.getOrDefault(ImportProblem.INCOMPLETE_LINE, 0L);
        return skipped == incomplete && conflicts == 0 && unreadableFiles == 0;
    }
}
