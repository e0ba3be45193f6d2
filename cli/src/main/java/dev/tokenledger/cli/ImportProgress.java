package dev.tokenledger.cli;

import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.imports.ImportListener;
import dev.tokenledger.imports.ImportProblem;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;

/** Tells people how an import goes: a bar that is drawn over on a terminal, and what was not taken in. */
final class ImportProgress implements ImportListener {

    private static final int CELLS = 20;
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final Duration WAITING_TOLD_EVERY = Duration.ofSeconds(30);

    private final Session session;
    private final int mostProblems;
    private long problems;
    private int shown;
    private Instant next = Instant.MIN;
    private Duration nextWaiting = Duration.ZERO;

    ImportProgress(Session session, int mostProblems) {
        this.session = session;
        this.mostProblems = mostProblems;
    }

    @Override
    public void progress(Progress progress) {
        if (isTime()) {
            String what = progress.file().isEmpty()
                    ? Figures.count(progress.files(), "file", "files")
                    : Display.safe(progress.file(), false)
                            + (progress.files() > 1
                                    ? " (" + progress.number() + " of " + progress.files() + " files)"
                                    : "");
            show((progress.ofBytes() > 0 ? bar(progress.bytes(), progress.ofBytes()) : "")
                    + what
                    + done(progress.lines(), progress.calls()));
        }
    }

    /** How much is read. A file that grows meanwhile has more bytes than it was found with. */
    private String bar(long bytes, long ofBytes) {
        BigDecimal whole = BigDecimal.valueOf(Math.max(1, ofBytes));
        BigDecimal part = ofBytes == 0 ? whole : BigDecimal.valueOf(bytes).min(whole);
        String bar = Bars.bar(part, whole, CELLS, session.terminal().unicode());
        String percent = part.movePointRight(2).divideToIntegralValue(whole).toPlainString();
        return "[" + bar + " ".repeat(CELLS - bar.length()) + "] " + " ".repeat(3 - percent.length()) + percent + "%  ";
    }

    /** A large file is told of in parts; nothing is said before the first. */
    private static String done(long lines, long calls) {
        return lines == 0 ? "" : ": " + Figures.count(lines) + " lines, " + Figures.count(calls) + " calls";
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
    public void waiting(Duration waited) {
        if (waited.compareTo(nextWaiting) >= 0) {
            clear();
            session.say("waiting: another process is writing to the ledger, and at work (for " + waited.toSeconds()
                    + " s now)");
            nextWaiting = waited.plus(WAITING_TOLD_EVERY);
        }
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
