package dev.tokenledger.sqlite;

import dev.tokenledger.sql.questions.DayCells;
import dev.tokenledger.sql.records.KnownDoubts;
import dev.tokenledger.sql.records.RareFields;
import dev.tokenledger.sql.writing.Folding;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Which records have doubts, and how roll-ups of an older version come to count them. */
final class DoubtCounts {

    private DoubtCounts() {}

    /** Whether the ledger has ever kept a record with a doubt. */
    static boolean hasDoubts(Handle handle) throws SQLException {
        try (ResultSet row = handle.statement("SELECT DISTINCT notes FROM circumstances WHERE notes <> ''")
                .executeQuery()) {
            while (row.next()) {
                if (!RareFields.doubts(row.getString(1)).isEmpty()) {
                    return true;
                }
            }
            return false;
        }
    }

    /**
     * Adds the counts of doubts to roll-ups that were kept without them, in the transaction of a migration. Nothing else of them
     * changes: cells without doubts stay as they are. A ledger without doubts is not read.
     */
    static void addTo(Handle handle, Connections connections) throws SQLException {
        if (!hasDoubts(handle)) {
            return;
        }
        SqliteReads reads = new SqliteReads(handle, connections, new Combinations());
        RollUps rollUps = new RollUps(() -> handle);
        DayCells cells = new DayCells(reads);
        for (long day : reads.days()) {
            Folding.merge(rollUps, cells.of(day).doubts());
        }
    }

    /** The doubts of rare fields by their number, in the transaction under way. */
    static KnownDoubts known(Handle handle) {
        return new KnownDoubts(number -> {
            PreparedStatement select = handle.statement("SELECT notes FROM circumstances WHERE id = ?");
            select.setLong(1, number);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getString(1) : "";
            }
        });
    }
}
