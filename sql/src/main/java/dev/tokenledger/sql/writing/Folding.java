package dev.tokenledger.sql.writing;

import dev.tokenledger.sql.engine.PageWriter;
import dev.tokenledger.sql.rollups.CellTable;
import dev.tokenledger.sql.rollups.Cells;
import dev.tokenledger.sql.rollups.Level;
import java.sql.SQLException;
import java.util.SortedSet;
import java.util.TreeSet;

/** Folds deltas into the pages of all levels. */
public final class Folding {

    private Folding() {}

    /**
     * Folds all deltas that a transaction sees.
     *
     * @param cells cells by quarter hour that are folded with them; the deltas' are added to it
     */
    public static void fold(PageWriter pages, CellTable cells) throws SQLException {
        try {
            pages.takeDeltas(cells::addDelta);
        } catch (IndexOutOfBoundsException | ArithmeticException e) {
            throw pages.damaged(e);
        }
        for (long wide : pages.wideAttributes()) {
            cells.drop(wide);
        }
        merge(pages, cells);
    }

    /** Adds cells by quarter hour to the pages of all levels. */
    public static void merge(PageWriter pages, CellTable quarters) throws SQLException {
        Cells.Output output = new Cells.Output();
        CellTable table = quarters;
        for (Level level : Level.values()) {
            if (level != Level.QUARTER) {
                table = table.above(level);
            }
            SortedSet<Long> keys = new TreeSet<>();
            for (long page : table.pages()) {
                if (level.ordinal() >= Level.first(Level.attributeOfPage(page)).ordinal()) {
                    keys.add(page);
                }
            }
            if (!keys.isEmpty()) {
                CellTable added = table;
                try {
                    pages.merge(
                            keys,
                            (page, before) ->
                                    before == null ? added.packed(page, output) : added.merged(page, before, output));
                } catch (IndexOutOfBoundsException e) {
                    throw pages.damaged(e);
                }
            }
        }
    }
}
