package dev.tokenledger.sqlite;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/**
 * The bytes of a write-ahead log: those of <a href="https://www.sqlite.org/fileformat2.html#walformat">SQLite's file
 * format</a>, section 4: a header of 32 bytes, then frames of 24 bytes and a page.
 */
final class WalFormat {

    static final int HEADER = 32;
    static final int FRAME_HEADER = 24;
    static final int SMALLEST_PAGE = 512;
    static final int LARGEST_PAGE = 65_536;

    private static final int MAGIC = 0x377f0682;

    private WalFormat() {}

    /** Whether a header begins as one. */
    static boolean hasMagic(ByteBuffer header) {
        return (header.getInt(0) & ~1) == MAGIC;
    }

    /** The order in which the log's checksums take bytes for numbers, by its header. */
    static ByteOrder order(ByteBuffer header) {
        return (header.getInt(0) & 1) == 0 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    }

    /**
     * The checksum of the bytes from one place to another, a multiple of eight.
     *
     * @param start the checksum that it goes on from; 0 for the log's first bytes
     * @return both of its sums, as a frame has them at its byte 16
     */
    static long sum(ByteBuffer bytes, ByteOrder order, int from, int to, long start) {
        ByteBuffer numbers = bytes.duplicate().order(order);
        int sum1 = (int) (start >>> 32);
        int sum2 = (int) start;
        for (int at = from; at < to; at += 8) {
            sum1 += numbers.getInt(at) + sum2;
            sum2 += numbers.getInt(at + 4) + sum1;
        }
        return ((long) sum1 << 32) | (sum2 & 0xffff_ffffL);
    }

    /** The checksum of a frame, going on from the one before it. */
    static long sumOfFrame(ByteBuffer frame, ByteOrder order, long start) {
        return sum(frame, order, FRAME_HEADER, frame.capacity(), sum(frame, order, 0, 8, start));
    }

    /** Fills a buffer from a place in a log; false if the log ends before. */
    static boolean fill(FileChannel channel, ByteBuffer buffer, long position) throws IOException {
        buffer.clear();
        long at = position;
        while (buffer.hasRemaining()) {
            int read = channel.read(buffer, at);
            if (read < 0) {
                return false;
            }
            at += read;
        }
        return true;
    }
}
