package dev.tokenledger.recorder;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One file of a spool. Lines are written behind one another; those before {@link #forwarded} are in the ledger. A write that
 * fails leaves no trace: the next one goes over it. Reads and writes are plain ones, which an interrupt does not end by closing
 * the file, as it would a channel's. Guarded by its own monitor.
 */
final class Segment implements AutoCloseable {

    private final Path path;
    private final RandomAccessFile file;

    /** The place of the file's first byte. Places go on from segment to segment, and when a file is emptied. */
    private long base;

    private long end;
    private long synced;
    private long forwarded;
    private boolean closed;

    private Segment(Path path, RandomAccessFile file, long base) throws IOException {
        this.path = path;
        this.file = file;
        this.base = base;
        end = base + file.length();
        synced = base;
        forwarded = base;
    }

    /** Opens a segment, a new one if there is none of that name. */
    static Segment open(Path path, long base) throws IOException {
        RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
        try {
            return new Segment(path, file, base);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /** Writes lines behind the last; on return the process may die. */
    synchronized long append(byte[] lines, int length) throws IOException {
        file.seek(end - base);
        file.write(lines, 0, length);
        end += length;
        return end;
    }

    /** Has the disk take what was written; on return the machine may die. */
    long sync() throws IOException {
        long written;
        synchronized (this) {
            if (closed || synced >= end) {
                return end;
            }
            written = end;
        }
        try {
            // Not under the monitor: writers go on while the disk works.
            file.getFD().sync();
        } catch (IOException e) {
            synchronized (this) {
                if (closed) {
                    return end;
                }
            }
            throw e;
        }
        synchronized (this) {
            synced = Math.max(synced, written);
            return synced;
        }
    }

    synchronized long end() {
        return end;
    }

    /** What is before this place is in the ledger. */
    synchronized long forwarded() {
        return forwarded;
    }

    /** How large the file is. */
    synchronized long size() {
        return end - base;
    }

    synchronized boolean isForwarded() {
        return forwarded >= end;
    }

    /** A whole line, without its end, and where the next begins. */
    static final class Line {

        private final byte[] bytes;
        private final int from;
        private final int to;
        private final long next;

        private Line(byte[] bytes, int from, int to, long next) {
            this.bytes = bytes;
            this.from = from;
            this.to = to;
            this.next = next;
        }

        /** The record of the line; empty if it is damaged. */
        Optional<Outgoing> call() {
            return SpoolLine.read(bytes, from, to);
        }

        long next() {
            return next;
        }
    }

    /** Lines that are not in the ledger yet, as many as fit so many bytes, at least one. */
    synchronized List<Line> read(int maxBytes, int maxLines) throws IOException {
        int size = (int) Math.min(maxBytes, end - forwarded);
        byte[] bytes = new byte[size];
        file.seek(forwarded - base);
        file.readFully(bytes);
        List<Line> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < size && lines.size() < maxLines; i++) {
            if (bytes[i] == '\n') {
                lines.add(new Line(bytes, from, i, forwarded + i + 1));
                from = i + 1;
            }
        }
        if (lines.isEmpty() && size > 0 && size < end - forwarded) {
            // A line longer than a read is none of ours; pass over what was read of it.
            lines.add(new Line(bytes, 0, size, forwarded + size));
        } else if (lines.isEmpty() && size > 0) {
            // The last line of a process that died while it wrote: nobody was told that it is kept.
            lines.add(new Line(bytes, 0, size, end));
        }
        return lines;
    }

    /** Everything before this place is in the ledger. */
    synchronized void forwarded(long place) {
        forwarded = Math.max(forwarded, place);
    }

    /** Empties the file if all of it is in the ledger. */
    synchronized void clear() throws IOException {
        if (forwarded >= end) {
            file.setLength(0);
            base = end;
            synced = end;
        }
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        file.close();
    }

    void delete() throws IOException {
        close();
        Files.deleteIfExists(path);
    }
}
