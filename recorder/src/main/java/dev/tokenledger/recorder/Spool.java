package dev.tokenledger.recorder;

import dev.tokenledger.formats.text.OwnerOnly;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The files of one recorder in a folder that it may share with others, of this process and of other ones. Its segments are
 * named after it, and so is a file that it locks while it lives: whoever gets that lock knows that the owner is gone, and
 * carries on what it left. A lock goes with its process, however that ends.
 *
 * <p>A process must not open its own lock files again, for closing any of them would give up the lock (POSIX), so names begin
 * with the process's number and start; a recorder that closes says so in the name.
 */
final class Spool implements AutoCloseable {

    private static final String LOCK = ".lock";

    /** Ends the lock file's name of a recorder that was closed, so that others of its process may open it. */
    private static final String CLOSED = ".closed.lock";

    private static final String SEGMENT = ".spool";
    private static final long MAX_SEGMENT_BYTES = 8L << 20;
    private static final long CLEARED_FROM_BYTES = 256L << 10;

    private final Path folder;
    private final long maxBytes;
    private final String name;
    private final FileChannel lockChannel;
    private final Path lockFile;

    /** Oldest first; the last is written to. Guarded by this. */
    private final Deque<Segment> segments = new ArrayDeque<>();

    private int number;
    private boolean folderChanged = true;

    private Spool(Path folder, long maxBytes, String name, Path lockFile, FileChannel lockChannel) {
        this.folder = folder;
        this.maxBytes = maxBytes;
        this.name = name;
        this.lockFile = lockFile;
        this.lockChannel = lockChannel;
    }

    static Spool open(Path folder, long maxBytes) throws IOException {
        OwnerOnly.createFolders(folder);
        String name = ownPrefix() + UUID.randomUUID();
        Path lockFile = folder.resolve(name + LOCK);
        FileChannel channel = FileChannel.open(
                lockFile, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OwnerOnly.file(folder));
        try {
            if (channel.tryLock() == null) {
                throw new FileSystemException(lockFile.toString(), null, "somebody else locked a new file");
            }
            return new Spool(folder, maxBytes, name, lockFile, channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static String ownPrefix() {
        ProcessHandle process = ProcessHandle.current();
        long start = process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        return process.pid() + "-" + start + "-";
    }

    /**
     * Writes lines behind the last.
     *
     * @return the place behind them
     * @throws IOException if they cannot be written, or there would be too many; nothing of them is kept then
     */
    long append(byte[] lines, int length) throws IOException {
        Segment active = active(length);
        return active.append(lines, length);
    }

    private synchronized Segment active(int length) throws IOException {
        long size = segments.stream().mapToLong(Segment::size).sum();
        if (size + length > maxBytes) {
            throw new FileSystemException(folder.toString(), null, "the spool has reached its " + maxBytes + " bytes");
        }
        Segment last = segments.peekLast();
        if (last == null || last.size() + length > MAX_SEGMENT_BYTES) {
            Path path = folder.resolve(name + "-" + number + SEGMENT);
            if (!Files.exists(path)) {
                Files.createFile(path, OwnerOnly.file(folder));
            }
            last = Segment.open(path, last == null ? 0 : last.end());
            number++;
            segments.addLast(last);
            folderChanged = true;
        }
        return last;
    }

    /**
     * Has the disk take all that was written.
     *
     * @return the place behind it
     */
    long sync() throws IOException {
        List<Segment> all;
        boolean folderToo;
        synchronized (this) {
            all = new ArrayList<>(segments);
            folderToo = folderChanged;
            folderChanged = false;
        }
        long place = 0;
        for (Segment segment : all) {
            place = segment.sync();
        }
        if (folderToo && folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            // Elsewhere a folder cannot be opened.
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
        return place;
    }

    /** The oldest segment with lines that are not in the ledger; those before it are removed. */
    synchronized Optional<Segment> oldest() throws IOException {
        while (segments.size() > 1 && segments.getFirst().isForwarded()) {
            segments.removeFirst().delete();
        }
        Segment first = segments.peekFirst();
        return first == null || first.isForwarded() ? Optional.empty() : Optional.of(first);
    }

    /** Gives room back once everything is in the ledger, if there is much of it. */
    synchronized void clear() throws IOException {
        Segment last = segments.peekLast();
        if (segments.size() == 1 && last != null && last.size() >= CLEARED_FROM_BYTES) {
            last.clear();
        }
    }

    synchronized boolean isForwarded() {
        return segments.stream().allMatch(Segment::isForwarded);
    }

    /** What another recorder left that is gone. */
    record Left(Path lockFile, FileChannel lock, List<Segment> segments) implements AutoCloseable {

        /** Removes what is now in the ledger. */
        void delete() throws IOException {
            for (Segment segment : segments) {
                segment.delete();
            }
            Files.deleteIfExists(lockFile);
            lock.close();
        }

        @Override
        public void close() throws IOException {
            for (Segment segment : segments) {
                segment.close();
            }
            lock.close();
        }
    }

    /** What one of those left that are gone; empty if there is nothing. */
    Optional<Left> adopt() throws IOException {
        List<Path> locks = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + LOCK)) {
            for (Path file : files) {
                String owner = String.valueOf(file.getFileName());
                if (!owner.startsWith(ownPrefix()) || owner.endsWith(CLOSED)) {
                    locks.add(file);
                }
            }
        }
        Collections.sort(locks);
        for (Path file : locks) {
            Left left = adopt(file);
            if (left != null) {
                return Optional.of(left);
            }
        }
        return Optional.empty();
    }

    private @Nullable Left adopt(Path file) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(file, StandardOpenOption.WRITE);
        } catch (NoSuchFileException e) {
            return null;
        }
        List<Segment> left = new ArrayList<>();
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                String owner = String.valueOf(file.getFileName());
                String suffix = owner.endsWith(CLOSED) ? CLOSED : LOCK;
                for (Path path : segmentsOf(owner.substring(0, owner.length() - suffix.length()))) {
                    left.add(Segment.open(path, 0));
                }
                return new Left(file, channel, left);
            }
        } catch (OverlappingFileLockException e) {
            // Another recorder of this process carries it on.
        } catch (IOException e) {
            for (Segment segment : left) {
                segment.close();
            }
            channel.close();
            throw e;
        }
        channel.close();
        return null;
    }

    private List<Path> segmentsOf(String owner) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, owner + "-*" + SEGMENT)) {
            files.forEach(found::add);
        }
        found.sort((one, other) -> Integer.compare(number(one, owner), number(other, owner)));
        return found;
    }

    private static int number(Path segment, String owner) {
        String file = String.valueOf(segment.getFileName());
        String digits = file.substring(owner.length() + 1, file.length() - SEGMENT.length());
        return digits.matches("[0-9]{1,9}") ? Integer.parseInt(digits) : Integer.MAX_VALUE;
    }

    /** Keeps the text of a record that the ledger will never take, for people to look at. */
    void setAside(byte[] line) throws IOException {
        Path file = folder.resolve("rejected.ndjson");
        if (!Files.exists(file)) {
            try {
                Files.createFile(file, OwnerOnly.file(folder));
            } catch (FileAlreadyExistsException e) {
                // Another recorder was quicker.
            }
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.APPEND)) {
            channel.write(ByteBuffer.wrap(line));
            channel.force(true);
        }
    }

    /** Ends; what is all in the ledger leaves no files behind. */
    @Override
    public synchronized void close() throws IOException {
        boolean empty = isForwarded();
        for (Segment segment : segments) {
            if (empty) {
                segment.delete();
            } else {
                segment.close();
            }
        }
        if (empty) {
            Files.deleteIfExists(lockFile);
        }
        lockChannel.close();
        if (!empty) {
            try {
                Files.move(lockFile, folder.resolve(name + CLOSED));
            } catch (NoSuchFileException e) {
                // Another process was quick to carry on what was left.
            }
        }
    }
}
