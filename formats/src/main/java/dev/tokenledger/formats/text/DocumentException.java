package dev.tokenledger.formats.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A file cannot be used. The message names the file and, line by line, what is wrong and what was expected. */
public final class DocumentException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private static final int MAX_SHOWN = 20;

    private final transient List<Mistake> mistakes;
    private final String problem;

    /**
     * One mistake.
     *
     * @param line from 1
     * @param column from 1
     * @param path where it is inside the file, such as {@code prices[2].usd_per_million.input}; empty for the file as a
     *     whole
     * @param problem what is wrong and what was expected
     */
    public record Mistake(int line, int column, String path, String problem) {
        /** {@code line:column: path: problem}. */
        @Override
        public String toString() {
            return line + ":" + column + ": " + (path.isEmpty() ? "" : path + ": ") + problem;
        }
    }

    DocumentException(String file, List<Mistake> mistakes) {
        this(file, sorted(mistakes), null);
    }

    private DocumentException(String file, List<Mistake> mistakes, @Nullable Throwable cause) {
        super(message(file, mistakes), cause);
        this.problem = "it has mistakes";
        this.mistakes = mistakes;
    }

    /**
     * A file that cannot be read at all.
     *
     * @param kind what kind of file it is, such as {@code price file}
     */
    DocumentException(String kind, String file, String problem, @Nullable Throwable cause) {
        super("cannot read the " + kind + " " + file + ": " + problem, cause);
        this.mistakes = List.of();
        this.problem = problem;
    }

    /** What is wrong, in the order of lines; empty if the file could not be read at all. */
    public List<Mistake> mistakes() {
        return mistakes;
    }

    /** Why the file cannot be used, without its name: {@code there is no such file}. */
    public String problem() {
        return problem;
    }

    /**
     * What is wrong, without the file's name, for those who need not know where it lies: its mistakes, the first so many of them and
     * how many there are more; of a file that could not be read, why.
     *
     * @param most how many mistakes are told, at least 1
     */
    public List<String> problems(int most) {
        if (mistakes.isEmpty()) {
            return List.of(problem);
        }
        List<String> told = new ArrayList<>();
        mistakes.stream()
                .limit(most)
                .forEach(mistake -> told.add("line " + mistake.line + ": "
                        + (mistake.path.isEmpty() ? "" : mistake.path + ": ") + mistake.problem));
        if (mistakes.size() > most) {
            told.add("and " + (mistakes.size() - most) + " more");
        }
        return told;
    }

    private static List<Mistake> sorted(List<Mistake> mistakes) {
        return mistakes.stream()
                .sorted(Comparator.comparingInt(Mistake::line).thenComparingInt(Mistake::column))
                .toList();
    }

    private static String message(String file, List<Mistake> mistakes) {
        String shown = mistakes.stream()
                .limit(MAX_SHOWN)
                .map(mistake -> file + ":" + mistake)
                .collect(Collectors.joining("\n"));
        int more = mistakes.size() - MAX_SHOWN;
        return more > 0 ? shown + "\n" + file + ": and " + more + " more mistakes" : shown;
    }
}
