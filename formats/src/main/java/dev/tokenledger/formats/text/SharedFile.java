package dev.tokenledger.formats.text;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A small file that several processes read, change and write. Changes are made one after the other, whichever process makes
 * them, so none undoes another; readers see the file before or after a change, never half of it.
 *
 * <p>A change holds an exclusive lock on the file {@code NAME.lock} beside it, which stays there: were it removed, two
 * processes could hold locks on two files of that name. The new content is written to a file of its own, synced, renamed over
 * the old one, and read back.
 *
 * <p>Safe for use by many threads and processes. Network file systems without locks are refused by an {@link IOException}.
 */
public final class SharedFile {

    private static final Duration MAX_WAIT = Duration.ofSeconds(10);
    private static final long POLL_MILLIS = 10;

    private final Path file;
    private final Duration maxWait;

    /** This file, which need not exist yet. */
    public SharedFile(Path file) {
        this(file, MAX_WAIT);
    }

    SharedFile(Path file, Duration maxWait) {
        this.file = file;
        this.maxWait = maxWait;
    }

    /** What becomes of the content. */
    @FunctionalInterface
    public interface Change {
        /**
         * The new content, given the present one. What it throws ends the update, and leaves the file as it was.
         *
         * @param current the content; empty if there is no file
         */
        byte[] apply(Optional<byte[]> current) throws IOException;
    }

    /**
     * The content; empty if there is no file.
     *
     * @throws IOException if the file cannot be read
     */
    public Optional<byte[]> read() throws IOException {
        try {
            return Optional.of(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /**
     * Changes the file while no other update of it runs, and returns the new content. On return it is on disk, and has been
     * read back; only the owner may read or write it. A symbolic link stays one: the file it leads to is replaced.
     *
     * @throws IOException if the file cannot be read or written, if another process holds the lock for more than ten seconds,
     *     or if somebody who does not take the lock wrote to the file meanwhile; the file is then as it was, unless the message
     *     says otherwise
     */
    public byte[] update(Change change) throws IOException {
        Path target = target();
        Path folder = Objects.requireNonNull(target.getParent(), "an absolute path has a parent");
        OwnerOnly.createFolders(folder);
        Path lock = target.resolveSibling(target.getFileName() + ".lock");
        try (FileChannel channel = FileChannel.open(
                        lock, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), OwnerOnly.file(folder));
                FileLock held = lock(channel, lock)) {
            Objects.requireNonNull(held);
            Optional<FileStamp> before = FileStamp.of(target);
            Optional<byte[]> current = read();
            byte[] content = change.apply(current);
            if (current.isEmpty() || !Arrays.equals(current.get(), content)) {
                replace(target, folder, content, before);
            }
            return content;
        }
    }

    private Path target() throws IOException {
        return Files.isSymbolicLink(file) && Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
    }

    private FileLock lock(FileChannel channel, Path lock) throws IOException {
        long start = System.nanoTime();
        while (true) {
            try {
                FileLock held = channel.tryLock();
                if (held != null) {
                    return held;
                }
            } catch (OverlappingFileLockException e) {
                // Another thread of this process holds it: to wait for as for another process.
            }
            if (System.nanoTime() - start > maxWait.toNanos()) {
                throw new FileSystemException(
                        file.toString(),
                        null,
                        "another process has held " + lock + " for " + maxWait.toSeconds()
                                + " s; nothing was changed, try again");
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new FileSystemException(
                        file.toString(), null, "interrupted while waiting for " + lock + "; nothing was changed");
            }
        }
    }

    private void replace(Path target, Path folder, byte[] content, Optional<FileStamp> before) throws IOException {
        Path written =
                Files.createTempFile(folder, String.valueOf(target.getFileName()), ".new", OwnerOnly.file(folder));
        try {
            Files.write(written, content);
            force(written, StandardOpenOption.WRITE);
            if (!before.equals(FileStamp.of(target))) {
                throw new FileSystemException(
                        file.toString(),
                        null,
                        "changed by a program that takes no lock while it was being updated; nothing was written, try"
                                + " again");
            }
            Files.move(written, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(written);
        }
        if (OwnerOnly.isPosix(folder)) {
            // Elsewhere a folder cannot be opened.
            force(folder, StandardOpenOption.READ);
        }
        if (!Arrays.equals(read().orElse(null), content)) {
            throw new FileSystemException(
                    file.toString(), null, "the file does not hold what was just written to it; check it");
        }
    }

    private static void force(Path path, OpenOption how) throws IOException {
        try (FileChannel channel = FileChannel.open(path, how)) {
            channel.force(true);
        }
    }
}
