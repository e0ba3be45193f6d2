package dev.tokenledger.imports;

import dev.tokenledger.AppendResult;
import dev.tokenledger.WriteResult;
import dev.tokenledger.text.Texts;
import dev.tokenledger.usage.Doubt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Counts what an import does. */
final class Tally {

    private static final int MAX_MESSAGE_LENGTH = 500;
    private static final int SHOWN_VALUE = 64;

    private final ImportListener listener;
    private final long started = System.nanoTime();
    final SortedMap<String, Long> skippedReasons = new TreeMap<>();
    final SortedMap<String, Long> notes = new TreeMap<>();
    long doubtful;
    final List<ImportProblem> problems = new ArrayList<>();
    long files;
    long newFiles;
    long unchangedFiles;
    long unreadableFiles;
    long used;
    long ignored;
    long skipped;
    long appended;
    long duplicates;
    long corrected;
    long conflicts;

    Tally(ImportListener listener) {
        this.listener = listener;
    }

    void file() {
        files++;
    }

    /** Counts a log as one of which no earlier import left anything to remember. */
    void newFile() {
        newFiles++;
    }

    void unchangedFile() {
        files++;
        unchangedFiles++;
    }

    void unreadable(String file, String message) {
        unreadableFiles++;
        problem(file, 0, ImportProblem.UNREADABLE_FILE, message);
    }

    void use(long lines) {
        used += lines;
    }

    void ignore(long lines) {
        ignored += lines;
    }

    void skipped(long lines, String reason) {
        skipped += lines;
        skippedReasons.merge(reason, lines, Long::sum);
    }

    /** Counts the ledger's answer to a record with these notes. */
    void answer(WriteResult result, Set<String> noted, String file, long line) {
        if (result instanceof AppendResult.Appended || result instanceof WriteResult.Corrected) {
            noted.forEach(note -> notes.merge(note, 1L, Long::sum));
            doubtful += Doubt.of(noted).isEmpty() ? 0 : 1;
        }
        if (result instanceof AppendResult.Appended) {
            appended++;
        } else if (result instanceof AppendResult.Duplicate) {
            duplicates++;
        } else if (result instanceof WriteResult.Corrected) {
            corrected++;
        } else if (result instanceof AppendResult.Conflict conflict) {
            conflicts++;
            problem(
                    file,
                    line,
                    ImportProblem.CONFLICT,
                    "the id " + conflict.id() + " is taken by a record that differs in " + conflict.field()
                            + ": stored \"" + Texts.cut(conflict.stored(), SHOWN_VALUE) + "\", offered \""
                            + Texts.cut(conflict.offered(), SHOWN_VALUE) + "\"; the stored one stays");
        }
    }

    void problem(String file, long line, String reason, String message) {
        problem(new ImportProblem(file, line, reason, Texts.cut(message, MAX_MESSAGE_LENGTH)));
    }

    void problem(ImportProblem problem) {
        if (problems.size() < ImportReport.MAX_PROBLEMS) {
            problems.add(problem);
        }
        listener.problem(problem);
    }

    int problems() {
        return problems.size();
    }

    /** Sorts those of one file by line. */
    void sortProblems(int from) {
        problems.subList(from, problems.size()).sort(Comparator.comparingLong(ImportProblem::line));
    }

    long files() {
        return files;
    }

    long lines() {
        return used + ignored + skipped;
    }

    long calls() {
        return appended + duplicates + corrected + conflicts;
    }

    ImportReport report(String source, boolean dryRun) {
        return new ImportReport(this, source, dryRun, Duration.ofNanos(System.nanoTime() - started));
    }
}
