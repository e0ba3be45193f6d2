package dev.tokenledger.imports;

import java.nio.file.Path;
import java.util.List;

/** What an import would look at, without reading it. */
public final class LogFiles {

    private LogFiles() {}

    /** How many files of a log there are in files and folders; what cannot be looked at counts for nothing. */
    public static int count(LogSource source, List<Path> paths) {
        FileFinder finder = new FileFinder(source);
        finder.find(paths);
        return finder.found().size();
    }
}
