package dev.tokenledger.postgres;

import dev.tokenledger.sql.questions.DayCells;
import dev.tokenledger.sql.records.KnownDoubts;
import dev.tokenledger.sql.records.RareFields;
import dev.tokenledger.sql.writing.Folding;
import java.sql.Connection;
import java.sql.SQLException;

/** Which records have doubts, and how roll-ups of an older version come to count them. */
final class DoubtCounts {

    private DoubtCounts() {}

    /**
     * Adds the counts of doubts to roll-ups that were kept without them, in the transaction of a migration, whose tables nobody
     * else writes to. Nothing else of them changes: cells without doubts stay as they are. A ledger without doubts is not read.
     */
    static void addTo(Connection connection, PostgresSchema schema, String place) throws SQLException {
        Database database = new Database(connection, schema);
        try {
            if (!hasDoubts(database)) {
                return;
            }
            PostgresReads reads = new PostgresReads(database, new KnownCombinations());
            PostgresWrites pages = new PostgresWrites(() -> database, place, delta -> {});
            DayCells cells = new DayCells(reads);
            for (long day : reads.days()) {
                Folding.merge(pages, cells.of(day).doubts());
            }
        } finally {
            database.closeStatements();
        }
    }

    /** Whether the ledger has ever kept a record with a doubt. */
    private static boolean hasDoubts(Database database) throws SQLException {
        return database.query("SELECT DISTINCT notes FROM {rare_fields} WHERE notes <> ''", statement -> {}, row -> {
            boolean found = false;
            while (row.next()) {
                found |= !RareFields.doubts(row.getString(1)).isEmpty();
            }
            return found;
        });
    }

    /** The doubts of rare fields by their number, in the transaction under way. */
    static KnownDoubts known(Database database) {
        return new KnownDoubts(number -> database.query(
                "SELECT notes FROM {rare_fields} WHERE id = ?",
                statement -> statement.setInt(1, Math.toIntExact(number)),
                row -> row.next() ? row.getString(1) : ""));
    }
}
