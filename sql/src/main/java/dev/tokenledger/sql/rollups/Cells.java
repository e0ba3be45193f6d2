package dev.tokenledger.sql.rollups;

import java.util.Arrays;

/**
 * The packed form of roll-up cells.
 *
 * <p>A cell holds the {@linkplain Figures figures} of one combination, in roll-ups by attribute of one combination and
 * one key/value pair. All cells of one period lie in one BLOB, in the order of pair and combination: for each, the
 * difference to the pair before (in roll-ups by attribute only) and to the combination before (from 0 after a new pair),
 * then the figures, all as variable-length integers of 7 bits a byte; figures are zigzag-coded because reversals can
 * make them negative, and cache writes are stored as 5 minutes, 1 hour and the unattributed rest. The last one, the lower part
 * of the cost, has 32 bits; the bits above say which of the counts of records with doubts follow, because few cells outside
 * agents' logs have any. A cell without doubts is thus what it was before these were counted.
 *
 * <p>One BLOB a period takes a third of the space of one row a cell and is summed some thirty times as fast, because the
 * way from SQLite to Java costs as much per column as decoding a whole cell.
 */
public final class Cells {

    private static final long LOW_BITS = 0xffff_ffffL;

    /** How many counts of records with doubts there are. */
    private static final int DOUBTS = Figures.SIZE - Figures.DOUBTFUL;

    /** Takes decoded cells. */
    public interface Sink {
        /**
         * One cell.
         *
         * @param pair the key/value pair; 0 in roll-ups that are not by attribute
         * @param figures its figures, overwritten after the call
         */
        void cell(int pair, int combination, long[] figures);
    }

    private Cells() {}

    public static long key(int pair, int combination) {
        return ((long) pair << 32) | combination;
    }

    /**
     * Decodes cells.
     *
     * @param pairs whether they are of a roll-up by attribute
     * @throws IndexOutOfBoundsException if the bytes are not what was written
     */
    public static void decode(byte[] bytes, int from, int to, boolean pairs, Sink sink) {
        long[] figures = new long[Figures.SIZE];
        Input input = new Input(bytes, from);
        int pair = 0;
        int combination = 0;
        while (input.at < to) {
            if (pairs) {
                int step = (int) input.next();
                pair += step;
                combination = step == 0 ? combination : 0;
            }
            combination += (int) input.next();
            input.figures(figures);
            sink.cell(pair, combination, figures);
        }
        if (input.at != to) {
            throw new IndexOutOfBoundsException("cells end in the middle of a number");
        }
    }

    /** Reads variable-length integers. */
    public static final class Input {

        private final byte[] bytes;
        int at;

        Input(byte[] bytes, int at) {
            this.bytes = bytes;
            this.at = at;
        }

        long next() {
            long value = bytes[at++];
            if (value < 0) {
                value &= 0x7f;
                int shift = 7;
                byte more;
                do {
                    more = bytes[at++];
                    value |= (long) (more & 0x7f) << shift;
                    shift += 7;
                } while (more < 0);
            }
            return value;
        }

        private long signed() {
            long value = next();
            return (value >>> 1) ^ -(value & 1);
        }

        private void figures(long[] figures) {
            figures[Figures.RECORDS] = signed();
            figures[Figures.INPUT] = signed();
            figures[Figures.OUTPUT] = signed();
            figures[Figures.CACHE_READ] = signed();
            long minutes = signed();
            long hour = signed();
            figures[Figures.CACHE_CREATION] = signed() + minutes + hour;
            figures[Figures.CACHE_CREATION_5M] = minutes;
            figures[Figures.CACHE_CREATION_1H] = hour;
            figures[Figures.REASONING] = signed();
            figures[Figures.COST_HIGH] = signed();
            long low = next();
            figures[Figures.COST_LOW] = low & LOW_BITS;
            long doubts = low >>> Integer.SIZE;
            for (int i = 0; i < DOUBTS; i++) {
                figures[Figures.DOUBTFUL + i] = (doubts & (1L << i)) == 0 ? 0 : signed();
            }
            if (doubts >>> DOUBTS != 0) {
                throw new IndexOutOfBoundsException("cells have counts that are not known");
            }
        }
    }

    /** Writes cells, which must come in order. */
    public static final class Output {

        private static final int MAX_CELL_BYTES = (12 + DOUBTS) * 10;

        private byte[] bytes = new byte[1_024];
        private int length;
        private boolean pairs;
        private int lastPair;
        private int lastCombination;

        /** Starts anew with the cells of one period. */
        void start(boolean withPairs) {
            pairs = withPairs;
            lastPair = 0;
            lastCombination = 0;
        }

        /** Appends a cell; its figures are {@linkplain Figures#normalize normalized}. Cells of zeros are left out. */
        void cell(int pair, int combination, long[] figures) {
            Figures.normalize(figures);
            if (Figures.areZero(figures)) {
                return;
            }
            ensure(MAX_CELL_BYTES);
            if (pairs) {
                number(pair - lastPair);
                lastCombination = pair == lastPair ? lastCombination : 0;
                lastPair = pair;
            }
            number(combination - lastCombination);
            lastCombination = combination;
            signed(figures[Figures.RECORDS]);
            signed(figures[Figures.INPUT]);
            signed(figures[Figures.OUTPUT]);
            signed(figures[Figures.CACHE_READ]);
            long minutes = figures[Figures.CACHE_CREATION_5M];
            long hour = figures[Figures.CACHE_CREATION_1H];
            signed(minutes);
            signed(hour);
            signed(figures[Figures.CACHE_CREATION] - minutes - hour);
            signed(figures[Figures.REASONING]);
            signed(figures[Figures.COST_HIGH]);
            long doubts = 0;
            for (int i = 0; i < DOUBTS; i++) {
                doubts |= figures[Figures.DOUBTFUL + i] == 0 ? 0 : 1L << i;
            }
            number(figures[Figures.COST_LOW] | doubts << Integer.SIZE);
            for (int i = 0; doubts != 0 && i < DOUBTS; i++) {
                if (figures[Figures.DOUBTFUL + i] != 0) {
                    signed(figures[Figures.DOUBTFUL + i]);
                }
            }
        }

        /** Appends a plain number, 0 or more. */
        void header(long value) {
            ensure(10);
            number(value);
        }

        /** Appends bytes as they are. */
        void append(byte[] more) {
            ensure(more.length);
            System.arraycopy(more, 0, bytes, length, more.length);
            length += more.length;
        }

        /** Everything since the last call. */
        byte[] take() {
            byte[] taken = Arrays.copyOf(bytes, length);
            length = 0;
            return taken;
        }

        private void ensure(int more) {
            if (bytes.length - length < more) {
                bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
            }
        }

        private void signed(long value) {
            number((value << 1) ^ (value >> 63));
        }

        private void number(long value) {
            long rest = value;
            while ((rest & ~0x7fL) != 0) {
                bytes[length++] = (byte) (rest | 0x80);
                rest >>>= 7;
            }
            bytes[length++] = (byte) rest;
        }
    }
}
