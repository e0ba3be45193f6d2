package dev.tokenledger.sql.engine;

import dev.tokenledger.sql.rollups.CellTable;
import dev.tokenledger.sql.rollups.Cells;
import dev.tokenledger.sql.rollups.Level;
import org.jspecify.annotations.Nullable;

/**
 * The cells that one transaction adds to the roll-ups, packed, until they are folded into the pages of all levels.
 *
 * @param count how many cells there are
 * @param first the first quarter hour that any is of
 * @param last the last one
 * @param whole the sum of the cells over time, for windows that they lie in as a whole; null where they are few
 * @param cells by quarter hour, see {@link CellTable#packedDelta}
 */
// Never changed, compared by nobody.
@SuppressWarnings("ArrayRecordComponent")
public record PackedDelta(int count, long first, long last, byte @Nullable [] whole, byte[] cells) {

    /** From so many cells on a delta holds their sum over its quarters too. */
    private static final int LARGE = 64;

    /**
     * Packs cells.
     *
     * @param quarters by quarter hour, at least one
     */
    public static PackedDelta of(CellTable quarters) {
        Cells.Output page = new Cells.Output();
        Cells.Output delta = new Cells.Output();
        int count = quarters.count();
        return new PackedDelta(
                count,
                quarters.firstPeriod(),
                quarters.lastPeriod(),
                count < LARGE ? null : quarters.above(Level.DAYS_32).packedDelta(page, delta),
                quarters.packedDelta(page, delta));
    }
}
