package dev.tokenledger.formats.text;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Walks through the lines of a stream of bytes without making an object of each. Lines end with LF or CRLF; a byte order mark
 * at the beginning belongs to no line. A line longer than the limit is passed over as it is read, never held as a whole. What
 * is sought in lines is looked for along with their ends. Not safe for use by several threads.
 */
public final class Lines implements Closeable {

    private static final int FIRST_BUFFER = 1 << 18;

    /** What is read at once: it is copied twice on its way, and should still be in the processor's cache then. */
    private static final int READ = 1 << 17;

    /** What is moved to the front rather than read behind. */
    private static final int MOVED = 1 << 14;

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    private final InputStream in;
    private final int longest;
    private final @Nullable LineSearch search;
    private final Buffers buffers;
    private byte[] buffer;

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
    private boolean holdsSought;

    /**
     * Memory that streams read one after another use again, by any number of threads. A long line makes it grow, and making it
     * anew for each of many files costs more than reading them.
     */
    public static final class Buffers {

        private static final int MAX_KEPT = 8;
        private static final int MAX_LENGTH = 1 << 22;

        private final BlockingQueue<byte[]> spare = new ArrayBlockingQueue<>(MAX_KEPT);

        /** None yet; each is made when it is needed. */
        public Buffers() {}

        private byte[] take() {
            byte[] buffer = spare.poll();
            return buffer == null ? new byte[FIRST_BUFFER] : buffer;
        }

        private void giveBack(byte[] buffer) {
            if (buffer.length > 0 && buffer.length <= MAX_LENGTH) {
                spare.offer(buffer);
            }
        }
    }

    /**
     * Lines of a stream, from its beginning.
     *
     * @param longest the most bytes of a line, its end not counted
     */
    public Lines(InputStream in, int longest) {
        this(in, longest, new byte[0], new Buffers());
    }

    /**
     * Lines of a stream, from its beginning, of which some bytes are of interest.
     *
     * @param longest the most bytes of a line, its end not counted
     * @param sought what {@link #holdsSought} tells of: two bytes or more without a line's end, or none; not copied
     * @param buffers give the memory, which {@link #close} gives back
     */
    public Lines(InputStream in, int longest, byte[] sought, Buffers buffers) {
        if (sought.length == 1) {
            throw new IllegalArgumentException("sought: expected none or two bytes or more, found 1");
        }
        this.in = in;
        this.longest = longest;
        search = sought.length == 0 ? null : new LineSearch(sought);
        this.buffers = buffers;
        buffer = buffers.take();
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
        holdsSought = search == null;
        int scanned = start;
        while (true) {
            int end = endOfLine(scanned);
            if (end >= 0) {
                terminated = true;
                return line(end, end + 1);
            }
            // Of what is sought all but the last byte may stand before the place that was read to.
            scanned = holdsSought || search == null ? limit : Math.max(start, limit - search.length() + 1);
            if (ended) {
                terminated = false;
                return (limit > start || tooLong) && line(limit, limit);
            }
            if (limit - start > longest + 1) {
                // Beyond any line that could be read; only its end is still of interest.
                tooLong = true;
                position += limit - start;
                start = limit;
                scanned = limit;
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

    private int endOfLine(int from) {
        int at = from;
        if (!holdsSought && search != null) {
            at = search.next(buffer, from, limit);
            if (at < 0 || buffer[at] == '\n') {
                return at;
            }
            holdsSought = true;
            at += search.length();
        }
        return Bytes.indexOf(buffer, (byte) '\n', at, limit);
    }

    /** Whether what is sought stands in the line; true if nothing is. */
    public boolean holdsSought() {
        return holdsSought;
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
        boolean full = limit == buffer.length;
        if (full || (start > 0 && limit - start <= MOVED)) {
            moved = start;
            if (start > 0) {
                System.arraycopy(buffer, start, buffer, 0, limit - start);
                limit -= start;
                start = 0;
            } else {
                buffer = Arrays.copyOf(buffer, buffer.length * 2);
            }
        }
        int read = in.read(buffer, limit, Math.min(READ, buffer.length - limit));
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

    /** Closes the stream; {@link #bytes} are no longer this one's. */
    @Override
    public void close() throws IOException {
        buffers.giveBack(buffer);
        buffer = new byte[0];
        start = 0;
        limit = 0;
        in.close();
    }
}
