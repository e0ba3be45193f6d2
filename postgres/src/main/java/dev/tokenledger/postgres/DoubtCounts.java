package dev.tokenledger.postgres;

import dev.tokenledger.sql.questions.DayCells;
import dev.tokenledger.sql.records.RareFields;
import dev.tokenledger.sql.writing.Folding;
import dev.tokenledger.usage.Doubt;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Which records have doubts, and how roll-ups of an older version come to count them. */
final class DoubtCounts {

    private static final int MAX_KNOWN = 1 << 16;

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

    /** The doubts of rare fields by their number, looked up once. Used by one thread, in one transaction. */
    static final class Known {

        private final Database database;
        private final Map<Long, Set<Doubt>> known = new HashMap<>();

        Known(Database database) {
            this.database = database;
        }

        /** The doubts of the rare fields of this number; none for 0. */
        Set<Doubt> of(long number) throws SQLException {
            if (number == 0) {
                return Set.of();
            }
            Set<Doubt> doubts = known.get(number);
            if (doubts == null) {
                if (known.size() >= MAX_KNOWN) {
                    known.clear();
                }
                doubts = database.query(
                        "SELECT notes FROM {rare_fields} WHERE id = ?",
                        statement -> statement.setInt(1, Math.toIntExact(number)),
                        row -> row.next() ? RareFields.doubts(row.getString(1)) : Set.of());
                known.put(number, doubts);
            }
            return doubts;
        }
    }
}
