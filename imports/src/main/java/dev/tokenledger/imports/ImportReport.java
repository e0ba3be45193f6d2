package dev.tokenledger.imports;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an import did. {@code lines = used + ignored + skipped} and {@code calls = appended + duplicates + corrected +
 * conflicts}, always. Immutable.
 */
public final class ImportReport {

    /** How many problems a report keeps; a listener hears of all. */
    public static final int MAX_PROBLEMS = 1_000;

    private final String source;
    private final boolean dryRun;
    private final long files;
    private final long newFiles;
    private final long unchangedFiles;
    private final long unreadableFiles;
    private final long lines;
    private final long used;
    private final long ignored;
    private final long skipped;
    private final SortedMap<String, Long> skippedReasons;
    private final long calls;
    private final long appended;
    private final long duplicates;
    private final long corrected;
    private final long conflicts;
    private final SortedMap<String, Long> notes;
    private final long doubtful;
    private final List<ImportProblem> problems;
    private final Duration elapsed;

    ImportReport(Tally tally, String source, boolean dryRun, Duration elapsed) {
        this.source = source;
        this.dryRun = dryRun;
        this.elapsed = elapsed;
        files = tally.files;
        newFiles = tally.newFiles;
        unchangedFiles = tally.unchangedFiles;
        unreadableFiles = tally.unreadableFiles;
        lines = tally.lines();
        used = tally.used;
        ignored = tally.ignored;
        skipped = tally.skipped;
        skippedReasons = Collections.unmodifiableSortedMap(new TreeMap<>(tally.skippedReasons));
        calls = tally.calls();
        appended = tally.appended;
        duplicates = tally.duplicates;
        corrected = tally.corrected;
        conflicts = tally.conflicts;
        notes = Collections.unmodifiableSortedMap(new TreeMap<>(tally.notes));
        doubtful = tally.doubtful;
        problems = List.copyOf(tally.problems);
    }

    /** The source's name. */
    public String source() {
        return source;
    }

    /** Whether nothing was stored, and the figures say what would have been. */
    public boolean dryRun() {
        return dryRun;
    }

    /** Files found or named, unreadable and unchanged ones included. */
    public long files() {
        return files;
    }

    /** Logs of which nothing was remembered from an earlier import; files of other sources are not remembered at all. */
    public long newFiles() {
        return newFiles;
    }

    /** Files that were not opened, because nothing has changed in them since the last import. */
    public long unchangedFiles() {
        return unchangedFiles;
    }

    /** Files that could not be read, or not to their end. */
    public long unreadableFiles() {
        return unreadableFiles;
    }

    /** Lines read; in a log, those that were not read by an earlier import. */
    public long lines() {
        return lines;
    }

    /** Lines that hold or belong to a record that the ledger answered. */
    public long used() {
        return used;
    }

    /** Blank lines, and lines about something else. */
    public long ignored() {
        return ignored;
    }

    /** Lines that could not be used. */
    public long skipped() {
        return skipped;
    }

    /** How many of them for which reason. */
    public SortedMap<String, Long> skippedReasons() {
        return skippedReasons;
    }

    /** Records that the ledger answered; copies of a call in a log are merged before, and are one. */
    public long calls() {
        return calls;
    }

    /** Records that are new. */
    public long appended() {
        return appended;
    }

    /** Records that had been there. */
    public long duplicates() {
        return duplicates;
    }

    /** Records that replaced an earlier copy of the same call. */
    public long corrected() {
        return corrected;
    }

    /** Records whose id is taken by another. */
    public long conflicts() {
        return conflicts;
    }

    /** What is noted of the quality of the records that are new or corrected, by note with how many have it. */
    public SortedMap<String, Long> notes() {
        return notes;
    }

    /** How many of these records have figures in doubt by their notes, see {@link dev.tokenledger.usage.Doubt}. */
    public long doubtful() {
        return doubtful;
    }

    /** What was skipped, in conflict or unreadable, the first {@value #MAX_PROBLEMS} of it. */
    public List<ImportProblem> problems() {
        return problems;
    }

    /** How long it took. */
    public Duration elapsed() {
        return elapsed;
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
