package dev.tokenledger.imports;

import java.nio.file.Path;
import java.util.List;

/** What an import would look at, without reading it. */
public final class LogFiles {

    private LogFiles() {}

    /**
     * Files of a log.
     *
     * @param files how many they are
     * @param bytes how much they hold together
     */
    public record Size(int files, long bytes) {}

    /** How many files of a log there are in files and folders; what cannot be looked at counts for nothing. */
    public static int count(LogSource source, List<Path> paths) {
        return size(source, paths).files();
    }

    /** How large the files of a log are in files and folders; what cannot be looked at counts for nothing. */
    public static Size size(LogSource source, List<Path> paths) {
        FileFinder finder = new FileFinder(source);
        finder.find(paths);
        return new Size(
                finder.found().size(),
                finder.found().values().stream().mapToLong(FileState.Look::size).sum());
    }
}
