package dev.tokenledger.imports;

/**
 * Something in a file that was not taken in.
 *
 * @param file the file's path or the stream's name
 * @param line from 1; 0 for the file as a whole
 * @param reason a word to count by: why a line was skipped, or {@code conflict}, or {@code unreadable_file}
 * @param message what is wrong
 */
public record ImportProblem(String file, long line, String reason, String message) {

    /** A record of this id is there already, with other content; the line counts as a conflict. */
    public static final String CONFLICT = "conflict";

    /** The ledger refuses the record, such as one whose cost is above the limit; the line is skipped. */
    public static final String REFUSED = "refused";

    /** The file cannot be read, or not to its end. */
    public static final String UNREADABLE_FILE = "unreadable_file";

    /**
     * The last line of a log has no end and is no whole object: an agent is writing it, or was stopped at it. It is skipped
     * for now, read again by the next import, and nothing that is wrong.
     */
    public static final String INCOMPLETE_LINE = "incomplete_line";

    /** {@code file:line: message}. */
    @Override
    public String toString() {
        return file + ":" + (line == 0 ? "" : line + ":") + " " + message;
    }
}
