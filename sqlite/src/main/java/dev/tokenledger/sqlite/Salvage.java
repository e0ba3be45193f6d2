package dev.tokenledger.sqlite;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.sqlite.SQLiteErrorCode;

/**
 * Copies what can still be read of a damaged ledger into a new one, row by row, and names what cannot.
 *
 * <p>Each table is read in the order of its row numbers. Where that fails, the next number from which it can be read again is
 * searched by doubling the distance and halving it again. Records are numbered without gaps, so missing numbers are lost
 * records, and the index by id, which lies in other pages, often still knows their ids. What is derived from records is not
 * copied; it is rebuilt.
 */
final class Salvage {

    /** Beyond any row number. */
    private static final long END = 1L << 42;

    /** How many lost records are named one by one. */
    private static final int MAX_NAMED = 1_000;

    private final Handle from;
    private final Handle to;
    private final List<String> lost = new ArrayList<>();

    private Salvage(Handle from, Handle to) {
        this.from = from;
        this.to = to;
    }

    /**
     * Copies everything.
     *
     * @param from a damaged ledger
     * @param to an empty one of the same schema
     * @return a sentence for each thing that is lost
     */
    static List<String> run(Handle from, Handle to) throws SQLException {
        Salvage salvage = new Salvage(from, to);
        to.execute("BEGIN IMMEDIATE");
        for (String table : salvage.tables()) {
            salvage.copy(table);
        }
        salvage.dropWhatIsNotWhatWasStored();
        salvage.nameLostRecords();
        salvage.dropWhatIsHalf();
        to.execute("COMMIT");
        return salvage.lost;
    }

    private List<String> tables() throws SQLException {
        return texts(
                        to,
                        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")
                .stream()
                .filter(table -> !Schema.DERIVED.contains(table))
                .toList();
    }

    private static List<String> texts(Handle handle, String query) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (ResultSet row = handle.statement(query).executeQuery()) {
            while (row.next()) {
                texts.add(row.getString(1));
            }
        }
        return texts;
    }

    private void copy(String table) throws SQLException {
        String ofTable = "SELECT name FROM pragma_table_info('" + table + "')";
        List<String> columns = new ArrayList<>(texts(to, ofTable));
        columns.retainAll(texts(from, ofTable));
        String names = String.join(", ", columns);
        PreparedStatement select = from.statement(
                "SELECT rowid, " + names + " FROM " + table + " NOT INDEXED WHERE rowid >= ? ORDER BY rowid");
        PreparedStatement insert = to.statement("INSERT INTO " + table + " (" + names + ") VALUES ("
                + columns.stream().map(column -> "?").collect(Collectors.joining(", ")) + ")");
        long next = 1;
        int unreadable = 0;
        while (next < END) {
            long[] reached = {next};
            try {
                select.setLong(1, next);
                unreadable += copyRows(select, insert, columns.size(), reached);
                next = END;
            } catch (SQLException e) {
                if (!isDamage(e)) {
                    throw e;
                }
                unreadable++;
                next = nextReadable(select, columns.size(), reached[0]);
            }
        }
        if (unreadable > 0 && !table.equals("records")) {
            lost.add("rows of the table " + table + " in " + unreadable + (unreadable == 1 ? " place" : " places"));
        }
    }

    /** Copies rows until the end, or until one cannot be read; returns how many hold what no such row can hold. */
    private static int copyRows(PreparedStatement select, PreparedStatement insert, int columns, long[] reached)
            throws SQLException {
        int refused = 0;
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                for (int column = 1; column <= columns; column++) {
                    insert.setObject(column, row.getObject(column + 1));
                }
                try {
                    insert.executeUpdate();
                } catch (SQLException e) {
                    if (Errors.primary(e) != SQLiteErrorCode.SQLITE_CONSTRAINT
                            && Errors.primary(e) != SQLiteErrorCode.SQLITE_MISMATCH) {
                        throw e;
                    }
                    refused++;
                }
                reached[0] = row.getLong(1) + 1;
            }
        }
        return refused;
    }

    private static long nextReadable(PreparedStatement select, int columns, long unreadable) throws SQLException {
        long low = unreadable;
        long high = low;
        for (long step = 1; ; step *= 2) {
            high = unreadable + step;
            if (high >= END) {
                return END;
            }
            if (isReadable(select, columns, high)) {
                break;
            }
            low = high;
        }
        while (high - low > 1) {
            long middle = low + (high - low) / 2;
            if (isReadable(select, columns, middle)) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return high;
    }

    private static boolean isReadable(PreparedStatement select, int columns, long number) throws SQLException {
        select.setLong(1, number);
        try (ResultSet row = select.executeQuery()) {
            if (row.next()) {
                for (int column = 1; column <= columns; column++) {
                    row.getObject(column + 1);
                }
            }
            return true;
        } catch (SQLException e) {
            if (isDamage(e)) {
                return false;
            }
            throw e;
        }
    }

    private static boolean isDamage(SQLException failure) {
        return switch (Errors.primary(failure)) {
            case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT, SQLITE_IOERR -> true;
            default -> false;
        };
    }

    private void dropWhatIsNotWhatWasStored() throws SQLException {
        List<Long> damaged = new ArrayList<>();
        new RecordChecksum().check(to, damaged::add);
        PreparedStatement delete = to.statement("DELETE FROM records WHERE seq = ?");
        for (long seq : damaged) {
            delete.setLong(1, seq);
            delete.executeUpdate();
        }
        for (String id : texts(to, "SELECT price_id FROM prices WHERE entry IS NOT NULL")) {
            dropEntryUnlessItsOwn(id);
        }
    }

    /** An explanation by another price than the one that was used would be wrong. */
    private void dropEntryUnlessItsOwn(String id) throws SQLException {
        PreparedStatement select = to.statement("SELECT entry FROM prices WHERE price_id = ?");
        select.setString(1, id);
        String entry;
        try (ResultSet row = select.executeQuery()) {
            row.next();
            entry = row.getString(1);
        }
        if (!Verification.isEntryOf(id, entry)) {
            PreparedStatement update = to.statement("UPDATE prices SET entry = NULL WHERE price_id = ?");
            update.setString(1, id);
            update.executeUpdate();
            lost.add("the rates of the price " + id);
        }
    }

    /** By their numbers, and by their ids where the index still knows them. */
    private void nameLostRecords() throws SQLException {
        to.execute("CREATE TEMP TABLE known (seq INTEGER PRIMARY KEY, id ANY)");
        PreparedStatement known = to.statement("INSERT OR IGNORE INTO known VALUES (?, ?)");
        try (ResultSet row = from.statement("SELECT seq, id FROM records INDEXED BY records_by_id")
                .executeQuery()) {
            while (row.next()) {
                known.setLong(1, row.getLong(1));
                known.setObject(2, row.getObject(2));
                known.executeUpdate();
            }
        } catch (SQLException e) {
            if (!isDamage(e)) {
                throw e;
            }
        }
        long last = Math.max(to.number("SELECT max(seq) FROM records"), to.number("SELECT max(seq) FROM known"));
        long missing = last - to.number("SELECT count(*) FROM records");
        if (missing > 0) {
            lost.add(missing + " of " + last + " entries");
            List<String> ids = texts(
                    to,
                    "SELECT CASE WHEN typeof(id) = 'blob' THEN lower(substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4)"
                            + " || '-' || substr(hex(id), 13, 4) || '-' || substr(hex(id), 17, 4) || '-' ||"
                            + " substr(hex(id), 21)) ELSE id END FROM known WHERE seq NOT IN (SELECT seq FROM records)"
                            + " ORDER BY seq LIMIT " + MAX_NAMED);
            ids.forEach(id -> lost.add("the entry " + id));
            if (ids.size() < missing) {
                lost.add((missing - ids.size()) + " entries whose ids are not known");
            }
        }
        to.execute("DROP TABLE known");
    }

    /** Takes out what cannot be shown without something that was lost, and names it. */
    private void dropWhatIsHalf() throws SQLException {
        drop(
                "entries whose model was lost",
                "DELETE FROM records WHERE combination NOT IN (SELECT id FROM combinations)");
        dropHalfRevaluations();
        to.execute("DELETE FROM adjustments WHERE adjustment NOT IN (SELECT seq FROM records)");
        drop(
                "adjustments whose reason was lost",
                "DELETE FROM records WHERE kind = 4 AND seq NOT IN (SELECT adjustment FROM adjustments)");
        drop(
                "links from reversals to what they reverse",
                "DELETE FROM reversals WHERE reversed NOT IN (SELECT seq FROM records)"
                        + " OR reversal NOT IN (SELECT seq FROM records)");
        drop(
                "reversals: what they reversed is in force again",
                "DELETE FROM records WHERE kind IN (1, 5) AND seq NOT IN (SELECT reversal FROM reversals)");
        to.execute("DELETE FROM reversals WHERE reversal NOT IN (SELECT seq FROM records)");
        drop(
                "entries' session and conversation",
                "UPDATE records SET checksum = NULL, thread = NULL WHERE thread IS NOT NULL AND thread NOT IN (SELECT id FROM threads)");
        drop(
                "entries' attributes",
                "UPDATE records SET checksum = NULL, attributes = NULL WHERE attributes IS NOT NULL AND attributes NOT IN (SELECT id FROM attribute_sets)");
        drop(
                "entries' notes",
                "UPDATE records SET checksum = NULL, circumstances = NULL WHERE circumstances IS NOT NULL AND circumstances NOT IN (SELECT id FROM circumstances)");
        drop(
                "entries' price",
                "UPDATE records SET checksum = NULL, price = NULL WHERE price IS NOT NULL AND price NOT IN (SELECT id FROM prices)");
        to.execute("INSERT OR IGNORE INTO attribute_keys (name)"
                + " SELECT DISTINCT j.key FROM attribute_sets s, json_each(s.attributes) j");
    }

    /** Of a record whose revaluations are not all there, none is kept; nor is a reversal that takes away another cost than is left. */
    private void dropHalfRevaluations() throws SQLException {
        drop(
                "revaluations: the records count at their first cost again",
                "DELETE FROM revaluations WHERE revalued IN (SELECT x.revalued FROM revaluations x"
                        + " WHERE x.revalued NOT IN (SELECT seq FROM records)"
                        + " OR x.revaluation NOT IN (SELECT seq FROM records)"
                        + " OR x.withdrawal NOT IN (SELECT seq FROM records)"
                        + " OR x.run NOT IN (SELECT id FROM revaluation_runs)"
                        + " OR x.number > 1 AND NOT EXISTS (SELECT 1 FROM revaluations b"
                        + " WHERE b.revalued = x.revalued AND b.number = x.number - 1))");
        drop(
                "entries of lost revaluations",
                "DELETE FROM records WHERE kind = 2 AND seq NOT IN (SELECT revaluation FROM revaluations)"
                        + " OR kind = 3 AND seq NOT IN (SELECT withdrawal FROM revaluations)");
        drop(
                "reversals at a lost cost: what they reversed is in force again",
                "DELETE FROM records WHERE kind = 1 AND seq IN (SELECT v.reversal FROM reversals v"
                        + " JOIN records n ON n.seq = v.reversal JOIN records e ON e.seq = coalesce("
                        + "(SELECT x.revaluation FROM revaluations x WHERE x.revalued = v.reversed"
                        + " ORDER BY x.number DESC LIMIT 1), v.reversed)"
                        + " WHERE n.combination <> e.combination OR n.cost <> -e.cost)");
    }

    private void drop(String what, String statement) throws SQLException {
        int count = to.statement(statement).executeUpdate();
        if (count > 0) {
            lost.add(count + " " + what);
        }
    }
}
