package dev.tokenledger.sqlite;

import dev.tokenledger.sql.records.AttributeSet;
import dev.tokenledger.sql.rollups.CellTable;
import dev.tokenledger.sql.rollups.Level;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.Set;

/** Computes a day's cells from its records. */
final class DayCells {

    private static final Set<RecordScan.Column> WANTED =
            EnumSet.of(RecordScan.Column.OCCURRED, RecordScan.Column.ATTRIBUTES);

    private DayCells() {}

    /** The cells of a day (UTC, counted from 1970) by quarter of an hour. */
    static CellTable read(Handle handle, long day, AttributePairs pairs) throws SQLException {
        CellTable cells = new CellTable();
        RecordScan scan = new RecordScan(handle, WANTED, (occurred, combination, thread, attributes, figures) -> {
            long quarter = Level.QUARTER.period(occurred);
            cells.add(Level.QUARTER.page(0, quarter), 0, combination, figures);
            AttributeSet set = pairs.of(attributes);
            if (set != null) {
                for (AttributeSet.Pair pair : set.pairs) {
                    cells.add(Level.QUARTER.page(pair.key(), quarter), pair.pair(), combination, figures);
                }
            }
        });
        scan.between(day * Level.DAY.micros, (day + 1) * Level.DAY.micros);
        return cells;
    }
}
