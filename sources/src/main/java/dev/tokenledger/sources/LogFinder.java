package dev.tokenledger.sources;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Finds a source's files. Symbolic links are followed; a file is found once, and the order is that of their paths. */
final class LogFinder {

    private final LogSource source;
    private final SortedMap<Path, FileState.Look> found = new TreeMap<>();
    private final SortedMap<Path, IOException> failed = new TreeMap<>();

    LogFinder(LogSource source) {
        this.source = source;
    }

    /** Looks through files and folders. */
    void find(List<Path> paths) {
        for (Path path : paths) {
            try {
                Path real = path.toRealPath();
                if (Files.isDirectory(real)) {
                    for (Path folder : source.foldersOf(real)) {
                        walk(folder.toRealPath());
                    }
                } else {
                    found.put(real, FileState.Look.of(Files.readAttributes(real, BasicFileAttributes.class)));
                }
            } catch (IOException e) {
                failed.put(path, e);
            }
        }
    }

    /** The files, by path. */
    SortedMap<Path, FileState.Look> found() {
        return found;
    }

    /** What could not be looked at. */
    SortedMap<Path, IOException> failed() {
        return failed;
    }

    private void walk(Path folder) throws IOException {
        Files.walkFileTree(
                folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        if (attributes.isRegularFile() && source.reads(file)) {
                            found.put(file, FileState.Look.of(attributes));
                        }
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException e) {
                        // A dangling link or a loop of links is nothing to read.
                        if (!Files.isSymbolicLink(file)) {
                            failed.put(file, e);
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
