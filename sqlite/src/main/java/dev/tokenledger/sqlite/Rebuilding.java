package dev.tokenledger.sqlite;

import dev.tokenledger.sql.questions.DayCells;
import dev.tokenledger.sql.writing.Folding;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Computes everything derived anew from the records, inside the writer's transaction. */
final class Rebuilding {

    private Rebuilding() {}

    static void run(Handle handle, Connections connections, RollUps rollUps) throws SQLException {
        handle.execute("REINDEX");
        handle.execute("DELETE FROM runs");
        handle.execute("DELETE FROM busy_quarters");
        handle.execute("DELETE FROM entries_by_time");
        handle.execute("DELETE FROM pages");
        handle.execute("DELETE FROM deltas");
        Runs runs = new Runs(null);
        try (ResultSet record = handle.statement("SELECT seq, occurred FROM records ORDER BY seq")
                .executeQuery()) {
            while (record.next()) {
                runs.add(handle, record.getLong(2), record.getLong(1));
            }
        }
        runs.write(handle);
        TimeIndex.fill(handle);
        addMissingPairs(handle);
        SqliteReads reads = new SqliteReads(handle, connections, new Combinations());
        DayCells cells = new DayCells(reads);
        for (long day : reads.days()) {
            Folding.merge(rollUps, cells.of(day));
        }
    }

    /** Gives numbers to pairs that sets name and the table of pairs has lost. */
    private static void addMissingPairs(Handle handle) throws SQLException {
        handle.execute("INSERT OR IGNORE INTO attribute_pairs (attribute, value)"
                + " SELECT k.id, j.value FROM attribute_sets s, json_each(s.attributes) j"
                + " JOIN attribute_keys k ON k.name = j.key WHERE NOT k.wide");
    }
}
