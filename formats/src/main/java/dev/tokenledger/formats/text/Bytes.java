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

    private Bytes() {}

    /** Eight times the same byte. */
    static long repeated(byte one) {
        return (one & 0xff) * ONES;
    }

    /** The eight bytes from a place on, the first of them lowest. */
    static long word(byte[] bytes, int at) {
        return (long) WORDS.get(bytes, at);
    }

    /** The highest bits of the bytes that are zero; behind the first of them maybe of others too. */
    static long zeros(long word) {
        return (word - ONES) & ~word & HIGHS;
    }

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
    static int firstOf(long hits) {
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
}
