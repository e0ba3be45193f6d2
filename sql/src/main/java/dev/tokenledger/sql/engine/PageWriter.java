package dev.tokenledger.sql.engine;

import java.sql.SQLException;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Packed roll-ups: a page holds all cells of one period and level, see {@link dev.tokenledger.sql.rollups.Cells}; deltas hold
 * what was committed and not folded into pages yet. A total is the sum of its pages and of the deltas' quarters in its window,
 * in one snapshot. Within the transaction of its {@link WriteSession}.
 */
public interface PageWriter {

    /** Stores a transaction's cells as they are. */
    void addDelta(PackedDelta delta) throws SQLException;

    /**
     * How many deltas wait to be folded, and how many cells they have; others' deltas may be left out. Transactions fold them
     * once these are many. Null from an engine where that would make writers wait for each other, and which therefore
     * {@linkplain dev.tokenledger.sql.writing.Folding folds} beside them, one at a time.
     */
    @Nullable
    Waiting waiting() throws SQLException;

    /**
     * Removes all deltas that the transaction sees and gives their cells. Called by one transaction at a time.
     *
     * @param sink takes each one's {@linkplain PackedDelta#cells packed cells}
     */
    void takeDeltas(Consumer<byte[]> sink) throws SQLException;

    /** The attribute keys that have too many values to be rolled up. */
    Set<Long> wideAttributes() throws SQLException;

    /** Replaces pages, or makes them. */
    void merge(SortedSet<Long> pages, PageMerge merge) throws SQLException;

    /** A page is not what was written: the exception that {@link WriteSession#failure} takes for damage. */
    SQLException damaged(RuntimeException cause);

    /** What waits to be folded. */
    record Waiting(long deltas, long cells) {}

    /** Works out a page's new cells. */
    @FunctionalInterface
    interface PageMerge {
        /**
         * The cells of a page.
         *
         * @param before those that it has; null if there is no such page
         * @throws IndexOutOfBoundsException if they are not what was written
         */
        byte[] merged(long page, byte @Nullable [] before);
    }
}
