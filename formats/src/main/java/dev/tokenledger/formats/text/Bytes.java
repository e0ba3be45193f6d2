package dev.tokenledger.formats.text;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Searches in bytes and compares them, eight or sixteen at a time, for logs of gigabytes.
 *
 * <p>The JVM searches strings with vector instructions, but only in code that its slow compiler has made; an import is over
 * before that has paid. These searches are several times as fast as those of strings in what its fast compiler makes. The tests
 * for a byte in a word are those of Warren, "Hacker's Delight", chapter 6; words are read with their first byte lowest, so
 * that a borrow can only spoil what stands behind the first hit.
 */
public final class Bytes {

    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGHS = 0x8080_8080_8080_8080L;
    private static final int TWO_WORDS = 2 * Long.BYTES;
    private static final byte LINE_FEED = '\n';

    private Bytes() {}

    /** The first place of a byte from {@code from} up to {@code to}, not included; -1 if it is not there. */
    public static int indexOf(byte[] bytes, byte sought, int from, int to) {
        long pattern = (sought & 0xff) * ONES;
        int at = from;
        for (; at + TWO_WORDS <= to; at += TWO_WORDS) {
            long one = (long) WORDS.get(bytes, at) ^ pattern;
            long two = (long) WORDS.get(bytes, at + Long.BYTES) ^ pattern;
            if (((((one - ONES) & ~one) | ((two - ONES) & ~two)) & HIGHS) != 0) {
                break;
            }
        }
        for (; at < to; at++) {
            if (bytes[at] == sought) {
                return at;
            }
        }
        return -1;
    }

    /**
     * The first place from {@code from} on of a byte that does not stand for itself in a JSON text: a quote, a backslash, a
     * control character, or anything beyond ASCII; {@code to} if all do.
     */
    public static int endOfPlainText(byte[] bytes, int from, int to) {
        int at = from;
        for (; at + Long.BYTES <= to; at += Long.BYTES) {
            long word = (long) WORDS.get(bytes, at);
            long quotes = (word ^ '"' * ONES) - ONES;
            long backslashes = (word ^ '\\' * ONES) - ONES;
            long controls = word - ' ' * ONES;
            long hits = (quotes | backslashes | controls | word) & HIGHS;
            if (hits != 0) {
                return at + firstOf(hits);
            }
        }
        while (at < to && bytes[at] >= ' ' && bytes[at] != '"' && bytes[at] != '\\') {
            at++;
        }
        return at;
    }

    /**
     * In which byte the lowest bit stands, of the highest bits of bytes: counts the bytes below it. Not by {@link
     * Long#numberOfTrailingZeros}, which the fast compiler has no instruction for.
     */
    private static int firstOf(long hits) {
        long lowest = hits >>> 7;
        long below = (lowest - 1) & ~lowest;
        return (int) (((below & ONES) * ONES) >>> 56);
    }

    /** Whether these bytes stand at a place, from {@code at} up to {@code to} at most. */
    public static boolean standAt(byte[] bytes, int at, int to, byte[] sought) {
        int length = sought.length;
        if (length > to - at) {
            return false;
        }
        int i = 0;
        for (; i + Long.BYTES <= length; i += Long.BYTES) {
            if ((long) WORDS.get(bytes, at + i) != (long) WORDS.get(sought, i)) {
                return false;
            }
        }
        for (; i < length; i++) {
            if (bytes[at + i] != sought[i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * The first place from {@code from} up to {@code to}, not included, where a line feed stands or a text begins that ends before
     * {@code to}; -1 if there is neither. Both are looked for at once, the text by its first two bytes, which together are rare
     * in most texts where one of them is not.
     *
     * @param sought of two bytes or more, without a line feed
     */
    static int indexOfLineFeedOr(byte[] sought, byte[] bytes, int from, int to) {
        long lineFeed = LINE_FEED * ONES;
        long first = (sought[0] & 0xff) * ONES;
        long second = (sought[1] & 0xff) * ONES;
        int at = from;
        for (; at + TWO_WORDS + 1 <= to; at += TWO_WORDS) {
            long one = (long) WORDS.get(bytes, at);
            long two = (long) WORDS.get(bytes, at + Long.BYTES);
            long onePair = (one ^ first) | ((long) WORDS.get(bytes, at + 1) ^ second);
            long twoPair = (two ^ first) | ((long) WORDS.get(bytes, at + Long.BYTES + 1) ^ second);
            one ^= lineFeed;
            two ^= lineFeed;
            long ends = ((one - ONES) & ~one) | ((two - ONES) & ~two);
            long pairs = ((onePair - ONES) & ~onePair) | ((twoPair - ONES) & ~twoPair);
            if (((ends | pairs) & HIGHS) != 0) {
                int found = indexByByte(sought, bytes, at, at + TWO_WORDS, to);
                if (found >= 0) {
                    return found;
                }
            }
        }
        return indexByByte(sought, bytes, at, to, to);
    }

    /** The first place before another one, of a line feed or of a text that ends before {@code to}. */
    private static int indexByByte(byte[] sought, byte[] bytes, int from, int before, int to) {
        byte first = sought[0];
        byte second = sought[1];
        for (int at = from; at < before; at++) {
            byte here = bytes[at];
            if (here == LINE_FEED
                    || (here == first && at + 1 < to && bytes[at + 1] == second && standAt(bytes, at, to, sought))) {
                return at;
            }
        }
        return -1;
    }
}
