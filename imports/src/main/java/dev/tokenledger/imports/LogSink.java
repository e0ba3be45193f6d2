package dev.tokenledger.imports;

/**
 * What a {@link LogSource} tells of one file. Every line is told of once, as used, ignored or skipped; lines are numbered from 1
 * in the whole file. In a file that is no text, whatever holds one call (a row, a message) stands for a line. Not safe for use
 * by several threads.
 */
public interface LogSink {

    /** The line is used: it holds a copy of this call. For a further call of the same line see {@link #further}. */
    void call(long line, LogCall call);

    /** A further call of the line that was told of last. */
    void further(long line, LogCall call);

    /** The line was used for something that other lines complete. */
    void use(long line);

    /** The line is blank, or about something other than usage. */
    void ignore(long line);

    /**
     * The line cannot be read.
     *
     * @param reason a word to count by, such as {@code invalid_json}
     * @param message what is wrong, without the line's number and without its content
     */
    void skip(long line, String reason, String message);

    /** Something is wrong with the line, though it was used. */
    void problem(long line, String reason, String message);

    /**
     * Everything before this place was told of. The next import begins here if the file has only grown. To be called after every
     * line or every few hundred, and at the end; may be called often.
     *
     * @param offset in bytes
     * @param line how many lines stand before it
     * @param carry what the reader needs to go on from here, see {@link LogFile#carry}; up to 32,768 characters
     */
    void reached(long offset, long line, String carry);
}
