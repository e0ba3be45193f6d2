package dev.tokenledger.cli;

import dev.tokenledger.formats.text.OwnerOnly;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A file that gets its name once it is complete. Until then it lies beside, under a name of its own that is used once, and
 * locked: one that is not locked is left of a program that was killed, and the next one removes it.
 *
 * <p>The first byte is locked, which SQLite's locks leave out.
 */
final class PartFile implements AutoCloseable {

    private static final String SUFFIX = ".tokenledger-part";

    private final Path path;
    private final FileChannel channel;
    private final Thread cleanUp;

    private PartFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
        cleanUp = new Thread(() -> delete(path), "remove part");
        Runtime.getRuntime().addShutdownHook(cleanUp);
    }

    /** Makes an empty one beside a file, readable by its owner alone, and removes those that were left there. */
    static PartFile beside(Path file) throws IOException {
        Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent(), "an absolute file has a folder");
        removeLeftovers(folder);
        while (true) {
            Path path = folder.resolve(file.getFileName() + "." + UUID.randomUUID() + SUFFIX);
            FileChannel channel = FileChannel.open(
                    path,
                    EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    OwnerOnly.file(folder));
            if (lock(channel) != null && Files.exists(path)) {
                return new PartFile(path, channel);
            }
            // Another program took it for a leftover before it was locked.
            channel.close();
            Files.deleteIfExists(path);
        }
    }

    Path path() {
        return path;
    }

    /** Gives it its name. */
    void moveTo(Path file) throws IOException {
        Files.move(path, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Removes it, unless it has its name. */
    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(path);
        try {
            Runtime.getRuntime().removeShutdownHook(cleanUp);
        } catch (IllegalStateException e) {
            // It is running.
        }
    }

    private static void removeLeftovers(Path folder) throws IOException {
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
            for (Path part : parts) {
                try (FileChannel channel = FileChannel.open(part, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                    if (lock(channel) != null) {
                        Files.deleteIfExists(part);
                    }
                } catch (IOException e) {
                    // Complete by now, or somebody else's.
                }
            }
        }
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock(0, 1, false);
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // The next backup removes it.
        }
    }
}
