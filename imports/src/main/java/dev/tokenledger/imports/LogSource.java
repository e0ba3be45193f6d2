package dev.tokenledger.imports;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Reads the files that one program keeps writing to. A log says besides where its files are, so that users need not: an {@link
 * Importer} looks for them, and reads only what is new.
 */
public interface LogSource extends UsageSource {

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

    @Override
    default Growth growth(Path file) {
        return Growth.APPENDED;
    }

    /** No: a log's files are found by their paths. */
    @Override
    default boolean readsStreams() {
        return false;
    }
}
