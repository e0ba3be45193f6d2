package dev.tokenledger.formats.text;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Walks through the lines of a stream of bytes without making an object of each. Lines end with LF or CRLF; a byte order mark
 * at the beginning belongs to no line. A line longer than the limit is passed over as it is read, never held as a whole. Not
 * safe for use by several threads.
 */
public final class Lines implements Closeable {

    private static final int FIRST_BUFFER = 1 << 18;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    private final InputStream in;
    private final int longest;
    private byte[] buffer = new byte[FIRST_BUFFER];

    /** What was read and not walked through begins here; {@link #limit} is its end. */
    private int start;

    private int limit;
    private boolean begun;
    private boolean ended;
    private int offset;
    private int length;
    private long number;
    private long position;
    private boolean terminated;
    private boolean tooLong;

    /**
     * Lines of a stream, from its beginning.
     *
     * @param longest the most bytes of a line, its end not counted
     */
    public Lines(InputStream in, int longest) {
        this.in = in;
        this.longest = longest;
    }

    /**
     * Goes to the next line.
     *
     * @return whether there is one
     */
    public boolean next() throws IOException {
        if (!begun) {
            begun = true;
            skipByteOrderMark();
        }
        tooLong = false;
        int scanned = start;
        while (true) {
            int end = indexOfLineFeed(scanned);
            if (end >= 0) {
                terminated = true;
                return line(end, end + 1);
            }
            scanned = limit;
            if (ended) {
                terminated = false;
                return (limit > start || tooLong) && line(limit, limit);
            }
            if (limit - start > longest + 1) {
                // Beyond any line that could be read; only its end is still of interest.
                tooLong = true;
                position += limit - start;
                start = limit;
            }
            scanned -= fill();
        }
    }

    private boolean line(int end, int next) {
        offset = start;
        length = end - start;
        if (terminated && length > 0 && buffer[end - 1] == '\r') {
            length--;
        }
        tooLong |= length > longest;
        if (tooLong) {
            length = 0;
        }
        number++;
        position += next - start;
        start = next;
        return true;
    }

    private int indexOfLineFeed(int from) {
        return Bytes.indexOf(buffer, (byte) '\n', from, limit);
    }

    /**
     * Whether these bytes stand in the line; the faster found, the nearer to its end.
     *
     * @param sought two bytes or more
     */
    public boolean contains(byte[] sought) {
        return Bytes.contains(buffer, offset, offset + length, sought);
    }

    private void skipByteOrderMark() throws IOException {
        while (limit < BYTE_ORDER_MARK.length && !ended) {
            fill();
        }
        if (limit >= BYTE_ORDER_MARK.length
                && Arrays.equals(buffer, 0, BYTE_ORDER_MARK.length, BYTE_ORDER_MARK, 0, BYTE_ORDER_MARK.length)) {
            start = BYTE_ORDER_MARK.length;
            position = start;
        }
    }

    /** Reads more; says by how many bytes what is held moved to the front. */
    private int fill() throws IOException {
        int moved = 0;
        if (limit == buffer.length) {
            moved = start;
            if (start > 0) {
                System.arraycopy(buffer, start, buffer, 0, limit - start);
                limit -= start;
                start = 0;
            } else {
                buffer = Arrays.copyOf(buffer, buffer.length * 2);
            }
        }
        int read = in.read(buffer, limit, buffer.length - limit);
        if (read < 0) {
            ended = true;
        } else {
            limit += read;
        }
        return moved;
    }

    /** The line's number, from 1. */
    public long number() {
        return number;
    }

    /** Holds the line from {@link #offset} on; good until the next line is asked for. */
    public byte[] bytes() {
        return buffer;
    }

    /** Where the line begins in {@link #bytes}. */
    public int offset() {
        return offset;
    }

    /** The line's length in bytes, without its end; 0 for one that is too long. */
    public int length() {
        return length;
    }

    /** Where the next line begins in the stream, in bytes. */
    public long position() {
        return position;
    }

    /** Whether the line has an end; only the last one can be without. */
    public boolean terminated() {
        return terminated;
    }

    /** Whether the line is longer than the limit; its bytes are gone. */
    public boolean tooLong() {
        return tooLong;
    }

    /** Whether the line holds nothing but blanks. */
    public boolean blank() {
        for (int i = offset; i < offset + length; i++) {
            if (buffer[i] != ' ' && buffer[i] != '\t' && buffer[i] != '\r') {
                return false;
            }
        }
        return !tooLong;
    }

    /** Whether the line begins and ends with a brace, blanks at its end aside. */
    public boolean looksLikeObject() {
        int last = offset + length - 1;
        while (last > offset && (buffer[last] == ' ' || buffer[last] == '\t')) {
            last--;
        }
        return last > offset && buffer[offset] == '{' && buffer[last] == '}';
    }

    /** Closes the stream. */
    @Override
    public void close() throws IOException {
        in.close();
    }
}
