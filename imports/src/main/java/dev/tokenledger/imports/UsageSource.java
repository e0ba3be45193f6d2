package dev.tokenledger.imports;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Reads one kind of file. Stateless: several files are read at once, on several threads, by one instance.
 *
 * <p>A source states what the lines of a file mean and how its files change; an {@link Importer} does everything else: it
 * remembers, merges, writes and counts. One whose files are found in folders is a {@link LogSource}.
 */
public interface UsageSource {

    /** How a file changes from one import to the next. */
    enum Growth {
        /**
         * Lines are added at its end. Reading continues where it ended, unless the file is found to be shorter or another; then it
         * starts over.
         */
        APPENDED,
        /** The whole file is read again when its size or time has changed. */
        REWRITTEN,
        /**
         * Size and time say nothing, as for a database: it is read at every import, and the reader remembers in {@link
         * ImportFile#carry} what it has seen.
         */
        UNDETECTABLE,
        /**
         * Nothing is remembered of it: it is read from beginning to end at every import, and its calls are written in the order of
         * its lines while it is read. A stream is a file that cannot be remembered.
         */
        UNREMEMBERED
    }

    /** The source's name on the command line and in reports, such as {@code claude-code}: lower-case letters, digits and -. */
    String name();

    /** How a file changes. */
    default Growth growth(Path file) {
        return Growth.UNREMEMBERED;
    }

    /** Whether a stream can be read, such as standard input; a database for instance cannot. */
    default boolean readsStreams() {
        return true;
    }

    /**
     * Reads a file from where reading begins, and tells the sink of each line what became of it.
     *
     * @throws IOException if the file cannot be read; what the sink was told before counts
     */
    void read(ImportFile file, ImportSink sink) throws IOException;
}
