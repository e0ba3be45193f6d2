package dev.tokenledger.cli;

import dev.tokenledger.sources.ImportInput;
import dev.tokenledger.sources.ImportListener;
import dev.tokenledger.sources.ImportProblem;
import dev.tokenledger.sources.LogProgress;
import java.time.Duration;
import java.time.Instant;

/** Tells people how an import goes: one line that is written over on a terminal, and what was not taken in. */
final class ImportProgress implements ImportListener {

    private static final Duration PAUSE = Duration.ofMillis(200);

    private final Session session;
    private final int mostProblems;
    private long problems;
    private int shown;
    private Instant next = Instant.MIN;

    ImportProgress(Session session, int mostProblems) {
        this.session = session;
        this.mostProblems = mostProblems;
    }

    @Override
    public void progress(ImportInput input, int file, int files, long lines, long calls) {
        if (!isTime()) {
            return;
        }
        long size = input.size().orElse(0);
        String part = size > 0 ? Math.min(100, input.bytesRead() * 100 / size) + "% of " : "";
        String of = files > 1 ? " (" + file + " of " + files + " files)" : "";
        show(part + Display.safe(input.name(), false) + of + ": " + Figures.count(lines) + " lines, "
                + Figures.count(calls) + " calls");
    }

    @Override
    public void progress(LogProgress progress) {
        if (!isTime()) {
            return;
        }
        // A file that grows while it is read has more bytes than it was found with.
        long percent = progress.ofBytes() == 0 ? 100 : Math.min(100, progress.bytes() * 100 / progress.ofBytes());
        show(percent + "% of " + Figures.count(progress.ofFiles())
                + (progress.ofFiles() == 1 ? " file: " : " files: ") + Figures.count(progress.lines())
                + " lines, " + Figures.count(progress.calls()) + " calls");
    }

    private boolean isTime() {
        if (!session.terminal().err() || session.now().isBefore(next)) {
            return false;
        }
        next = session.now().plus(PAUSE);
        return true;
    }

    private void show(String line) {
        String cut = Display.cut(line, Terminal.USUAL - 1, false);
        clear();
        session.notices().raw(cut);
        shown = Display.width(cut);
    }

    @Override
    public void problem(ImportProblem problem) {
        problems++;
        if (problems <= mostProblems) {
            clear();
            session.say(problem.toString());
        }
    }

    /** Takes the line away, and says how much was not told. */
    void end() {
        clear();
        if (problems > mostProblems) {
            session.say("and " + Figures.count(problems - mostProblems) + " more; --verbose names them all");
        }
    }

    private void clear() {
        if (shown > 0) {
            session.notices().raw("\r" + " ".repeat(shown) + "\r");
            shown = 0;
        }
    }
}
