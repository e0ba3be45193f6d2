package dev.tokenledger.imports;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;

/**
 * What is remembered of a file between imports: how far it was read, and enough to notice that it is no longer the file it was.
 *
 * <p>A file of the same size, time and identity is not even opened. One that differs is read on from its offset only if it has
 * the same identity (device and inode), is no shorter, and the bytes at its beginning and before the offset are the same.
 *
 * @param size the file's size when it was read to its end, or {@value #UNFINISHED}
 * @param modified its time of change, in nanoseconds since 1970
 * @param identity the file system's key of the file, or {@code -}
 * @param offset how far it was read, in bytes
 * @param line how many lines stand before the offset
 * @param print a checksum of the bytes that must be the same for reading to go on
 * @param carry what the reader needs to go on
 */
record FileState(long size, long modified, String identity, long offset, long line, long print, String carry) {

    /** Stands for the size of a file that was not read to its end. */
    static final long UNFINISHED = -1;

    private static final String VERSION = "1";
    private static final int FIELDS = 8;
    private static final int HEAD = 4_096;
    private static final int TAIL = 256;

    /** What the file system says of a file now. */
    record Look(long size, long modified, String identity) {
        static Look of(BasicFileAttributes attributes) {
            Object key = attributes.fileKey();
            return new Look(
                    attributes.size(),
                    attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS),
                    key == null ? "-" : key.toString().replace(' ', '_'));
        }
    }

    /** The state that a ledger kept; empty for one that another version wrote. */
    static Optional<FileState> parse(String text) {
        String[] fields = text.split(" ", FIELDS);
        if (fields.length != FIELDS || !fields[0].equals(VERSION)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new FileState(
                    Long.parseLong(fields[1]),
                    Long.parseLong(fields[2]),
                    fields[3],
                    Long.parseLong(fields[4]),
                    Long.parseLong(fields[5]),
                    Long.parseLong(fields[6]),
                    fields[7]));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    String text() {
        return String.join(
                " ",
                VERSION,
                Long.toString(size),
                Long.toString(modified),
                identity,
                Long.toString(offset),
                Long.toString(line),
                Long.toString(print),
                carry);
    }

    boolean unchanged(Look now) {
        return size == now.size && modified == now.modified && identity.equals(now.identity);
    }

    /** Whether reading can go on at the offset. Opens the file. */
    boolean continues(Path file, Look now) throws IOException {
        return identity.equals(now.identity) && now.size >= offset && print == print(file, offset);
    }

    /** A checksum of the first bytes of a file and of the last ones before an offset. */
    static long print(Path file, long offset) throws IOException {
        if (offset == 0) {
            return 0;
        }
        CRC32C head = new CRC32C();
        CRC32C tail = new CRC32C();
        try (FileChannel channel = FileChannel.open(file)) {
            head.update(bytes(channel, 0, (int) Math.min(HEAD, offset)));
            int length = (int) Math.min(TAIL, offset);
            tail.update(bytes(channel, offset - length, length));
        }
        return head.getValue() << 31 ^ tail.getValue();
    }

    private static ByteBuffer bytes(FileChannel channel, long from, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {
            // A file that ends before has another checksum, as it should.
        }
        return bytes.flip();
    }
}
