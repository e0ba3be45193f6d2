package dev.tokenledger.imports;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Reads the files that one program keeps writing to. Stateless: several files are read at once, on several threads, by one
 * instance.
 *
 * <p>An {@link Importer} finds the files, remembers how far each was read, and hands over only those with something new. So a
 * source states where its files are, how they grow, and what their lines mean.
 */
public interface LogSource {

    /** How a file changes from one import to the next. */
    enum Growth {
        /**
         * Lines are added at its end. Reading goes on where it ended, unless the file is found to be shorter or another; then it
         * begins anew.
         */
        APPENDED,
        /** The whole file is read again when its size or time has changed. */
        REWRITTEN,
        /**
         * Size and time say nothing, as for a database: it is read at every import, and the reader remembers in {@link
         * LogFile#carry} what it has seen.
         */
        UNSEEN
    }

    /** The source's name on the command line and in reports, such as {@code claude-code}: lower-case letters, digits and -. */
    String name();

    /**
     * The folders that are read when the user names none; they need not exist.
     *
     * @param environment the environment's variables
     * @param home the user's home folder
     */
    List<Path> defaultFolders(Map<String, String> environment, Path home);

    /**
     * What to look through for a folder that was named or is a default one: the folder itself, or those below that matter when
     * it is the program's root.
     */
    default List<Path> foldersOf(Path folder) {
        return List.of(folder);
    }

    /** Whether a file found below a folder is one of this source's. A file that the user names is always read. */
    boolean reads(Path file);

    /** How the file changes. */
    default Growth growth(Path file) {
        return Growth.APPENDED;
    }

    /**
     * Reads a file from where it was left off, and tells of each line what became of it.
     *
     * @throws IOException if the file cannot be read; what was told before counts
     */
    void read(LogFile file, LogSink sink) throws IOException;
}
