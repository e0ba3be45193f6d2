package dev.tokenledger.formats.text;

import java.util.Arrays;

/**
 * Looks for the ends of lines and for a text in them in one pass, for logs of gigabytes. The text is looked for by its first two
 * bytes, which together are rare in most texts where one of them is not, and told from what only begins like it by its first
 * eight. Safe for use by many threads.
 */
final class LineSearch {

    private static final int WORD = Long.BYTES;
    private static final int TWO_WORDS = 2 * WORD;
    private static final byte LINE_FEED = '\n';
    private static final long LINE_FEEDS = Bytes.repeated(LINE_FEED);

    private final byte[] sought;
    private final long firsts;
    private final long seconds;

    /** What the text begins with, and which bits of a word that is. */
    private final long prefix;

    private final long mask;

    /** @param sought of two bytes or more, without a line feed; not copied */
    LineSearch(byte[] sought) {
        this.sought = sought;
        firsts = Bytes.repeated(sought[0]);
        seconds = Bytes.repeated(sought[1]);
        mask = sought.length >= WORD ? -1L : (1L << (sought.length * WORD)) - 1;
        prefix = Bytes.word(Arrays.copyOf(sought, Math.max(WORD, sought.length)), 0) & mask;
    }

    /** How long the text is. */
    int length() {
        return sought.length;
    }

    /**
     * The first place from {@code from} up to {@code to}, not included, where a line feed stands or a text begins that ends before
     * {@code to}; -1 if there is neither.
     */
    int next(byte[] bytes, int from, int to) {
        int at = from;
        for (; at + TWO_WORDS + WORD <= to; at += TWO_WORDS) {
            long one = Bytes.word(bytes, at);
            long two = Bytes.word(bytes, at + WORD);
            long onePairs = (one ^ firsts) | (Bytes.word(bytes, at + 1) ^ seconds);
            long twoPairs = (two ^ firsts) | (Bytes.word(bytes, at + WORD + 1) ^ seconds);
            long ones = Bytes.zeros(one ^ LINE_FEEDS) | Bytes.zeros(onePairs);
            long twos = Bytes.zeros(two ^ LINE_FEEDS) | Bytes.zeros(twoPairs);
            if ((ones | twos) != 0) {
                int found = among(bytes, at, ones, to);
                found = found < 0 ? among(bytes, at + WORD, twos, to) : found;
                if (found >= 0) {
                    return found;
                }
            }
        }
        for (; at < to; at++) {
            if (bytes[at] == LINE_FEED || (bytes[at] == sought[0] && Bytes.standAt(bytes, at, to, sought))) {
                return at;
            }
        }
        return -1;
    }

    /** The first of the likely places in a word, behind which there are seven bytes more, that is one; -1 if none is. */
    private int among(byte[] bytes, int word, long likely, int to) {
        for (long left = likely; left != 0; left &= left - 1) {
            int at = word + Bytes.firstOf(left);
            if (bytes[at] == LINE_FEED
                    || ((Bytes.word(bytes, at) & mask) == prefix && Bytes.standAt(bytes, at, to, sought))) {
                return at;
            }
        }
        return -1;
    }
}
