package dev.tokenledger.imports;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Finds a log's files. Symbolic links are followed; a file is found once, however many ways lead to it, and the order is that
 * of their paths.
 */
final class FileFinder {

    private final LogSource source;
    private final SortedMap<Path, FileState.Look> found = new TreeMap<>();
    private final SortedMap<Path, Linked> linked = new TreeMap<>();
    private final SortedMap<Path, IOException> failed = new TreeMap<>();

    /** A file that was come to by a symbolic link. */
    private record Linked(Path real, FileState.Look look) {}

    FileFinder(LogSource source) {
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
        addLinked();
    }

    /** The files, by path. */
    SortedMap<Path, FileState.Look> found() {
        return found;
    }

    /** What could not be looked at. */
    SortedMap<Path, IOException> failed() {
        return failed;
    }

    /** Looks through a folder whose path has no links in it, so that nor have those of what it holds. */
    private void walk(Path folder) throws IOException {
        List<Path> links = new ArrayList<>();
        Files.walkFileTree(folder, new Visitor() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (attributes.isSymbolicLink()) {
                    links.add(file);
                } else if (isRead(file, attributes)) {
                    found.put(file, FileState.Look.of(attributes));
                }
                return FileVisitResult.CONTINUE;
            }
        });
        for (Path link : links) {
            Files.walkFileTree(link, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new Visitor() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (!isRead(file, attributes)) {
                        return FileVisitResult.CONTINUE;
                    }
                    try {
                        linked.put(file, new Linked(file.toRealPath(), FileState.Look.of(attributes)));
                        return FileVisitResult.CONTINUE;
                    } catch (IOException e) {
                        return visitFileFailed(file, e);
                    }
                }
            });
        }
    }

    /** Of several ways to a file its own path is taken, else the first in the order of paths: the same one each time. */
    private void addLinked() {
        Set<Path> files = new HashSet<>(found.keySet());
        linked.forEach((path, file) -> {
            if (files.add(file.real)) {
                found.put(path, file.look);
            }
        });
    }

    private boolean isRead(Path file, BasicFileAttributes attributes) {
        return attributes.isRegularFile() && source.reads(file);
    }

    private abstract class Visitor extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
            // A dangling link or a loop of links is nothing to read.
            if (!Files.isSymbolicLink(file)) {
                failed.put(file, e);
            }
            return FileVisitResult.CONTINUE;
        }
    }
}
