package dev.tokenledger.sql.engine;

import java.sql.SQLException;
import java.util.List;
import java.util.function.LongConsumer;

/** The packed roll-ups: pages by {@link dev.tokenledger.sql.rollups.Level#page}, and what was not folded into them yet. */
public interface PageReader {

    /** Keys from one to before another. */
    record KeyRange(long first, long end) {}

    /** Takes pages. */
    @FunctionalInterface
    interface Sink {
        /** One page, packed as {@link dev.tokenledger.sql.rollups.Cells} does. */
        void page(long key, byte[] cells) throws SQLException;
    }

    /**
     * Reads pages in the order of their keys, each once.
     *
     * @param ranges in order, without overlaps
     */
    void read(List<KeyRange> ranges, Sink sink) throws SQLException;

    /** What one commit added, packed as {@link dev.tokenledger.sql.rollups.CellTable#packedDelta} does. */
    interface Delta {
        /** Its number. */
        long id();

        /** The first quarter hour that it has cells of. */
        long first();

        /** The last one. */
        long last();

        /** Whether it holds its sum over time. */
        boolean large();

        /** Its sum over time, if it is large. */
        byte[] whole() throws SQLException;

        /** Its cells by quarter hour. */
        byte[] cells() throws SQLException;
    }

    /** The keys of all pages. */
    void keys(LongConsumer sink) throws SQLException;

    /** All deltas. */
    List<Delta> deltas() throws SQLException;

    /**
     * How many bytes the pages of a range are, no further than some hundred pages; 0 if the engine need not know because it reads
     * in one part anyway.
     */
    long bytes(KeyRange range, int maxPages) throws SQLException;
}
