package dev.tokenledger.cli;

import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.imports.ImportListener;
import dev.tokenledger.imports.ImportProblem;
import java.io.File;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Tells people how an import goes: a bar that is drawn over on a terminal, and what was not taken in. It moves the cursor to the
 * line's beginning and does nothing else that steers a terminal.
 */
final class ImportProgress implements ImportListener {

    private static final int CELLS = 20;
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final Duration WAITING_TOLD_EVERY = Duration.ofSeconds(30);

    /** Before that a rate says little. */
    private static final Duration FIRST_RATE = Duration.ofSeconds(1);

    private final Session session;
    private final int mostProblems;
    private final Instant begun;
    private long problems;
    private int shown;
    private Instant next = Instant.MIN;
    private Duration nextWaiting = Duration.ZERO;

    ImportProgress(Session session, int mostProblems) {
        this.session = session;
        this.mostProblems = mostProblems;
        begun = session.now();
    }

    // Where there is no room, the part with the highest number is left out first.
    private static final int LEFT = 0;
    private static final int NAME = 1;
    private static final int BYTES = 2;
    private static final int CALLS = 3;
    private static final int PACE = 4;

    private record Part(int rank, String text) {}

    @Override
    public void progress(Progress progress) {
        if (!isTime()) {
            return;
        }
        String bar = "";
        List<Part> parts = new ArrayList<>();
        parts.add(new Part(NAME, what(progress)));
        if (progress.ofBytes() > 0) {
            // A file that grows meanwhile has more bytes than it was found with.
            long bytes = Math.min(progress.bytes(), progress.ofBytes());
            bar = bar(bytes, progress.ofBytes());
            parts.add(new Part(BYTES, Figures.bytes(bytes) + " of " + Figures.bytes(progress.ofBytes())));
            addPace(bytes, progress.ofBytes(), parts);
        }
        if (progress.calls() > 0) {
            parts.add(new Part(CALLS, Figures.count(progress.calls(), "call", "calls")));
        }
        show(fitted(bar, parts, session.terminal().columns() - 1));
    }

    private static String what(Progress progress) {
        boolean several = progress.files() > 1;
        String number = several ? Figures.count(progress.number()) + " of " : "";
        String files = number + Figures.count(progress.files(), "file", "files");
        if (progress.file().isEmpty()) {
            return files;
        }
        String name = progress.file().substring(progress.file().lastIndexOf(File.separatorChar) + 1);
        return Display.safe(name, false) + (several ? " (" + files + ")" : "");
    }

    private String bar(long bytes, long ofBytes) {
        BigDecimal whole = BigDecimal.valueOf(ofBytes);
        BigDecimal part = BigDecimal.valueOf(bytes);
        String bar = Bars.bar(part, whole, CELLS, session.terminal().unicode());
        String percent = part.movePointRight(2).divideToIntegralValue(whole).toPlainString();
        return "[" + bar + " ".repeat(CELLS - bar.length()) + "] " + " ".repeat(3 - percent.length()) + percent + "%";
    }

    /** How fast it is read, and how long that will take yet. */
    private void addPace(long bytes, long ofBytes, List<Part> parts) {
        Duration past = Duration.between(begun, session.now());
        if (past.compareTo(FIRST_RATE) < 0 || bytes == 0) {
            return;
        }
        BigDecimal millis = BigDecimal.valueOf(past.toMillis());
        BigDecimal done = BigDecimal.valueOf(bytes);
        parts.add(new Part(
                PACE,
                Figures.bytes(done.movePointRight(3)
                                .divideToIntegralValue(millis)
                                .longValue())
                        + "/s"));
        if (bytes < ofBytes) {
            long seconds = BigDecimal.valueOf(ofBytes - bytes)
                    .multiply(millis)
                    .divideToIntegralValue(done.movePointRight(3))
                    .longValue();
            parts.add(new Part(LEFT, left(seconds + 1)));
        }
    }

    private static String left(long seconds) {
        return seconds < 120 ? seconds + " s left" : Figures.count(seconds / 60) + " min left";
    }

    /** The bar, and those parts behind it that there is room for. */
    private static String fitted(String bar, List<Part> parts, int columns) {
        String line = "";
        for (int rank = PACE; rank >= (bar.isEmpty() ? NAME : LEFT); rank--) {
            int most = rank;
            line = parts.stream()
                    .filter(part -> part.rank <= most)
                    .map(Part::text)
                    .collect(Collectors.joining(", "));
            line = bar.isEmpty() ? line : (bar + "  " + line).stripTrailing();
            if (Display.width(line) <= columns) {
                return line;
            }
        }
        return Display.cut(bar.isEmpty() ? line : bar, columns, false);
    }

    private boolean isTime() {
        if (!session.terminal().err() || session.now().isBefore(next)) {
            return false;
        }
        next = session.now().plus(PAUSE);
        return true;
    }

    /** Draws over what is shown, by one write. */
    private void show(String line) {
        int width = Display.width(line);
        session.notices().raw((shown > 0 ? "\r" : "") + line + " ".repeat(Math.max(0, shown - width)));
        shown = Math.max(width, shown);
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
