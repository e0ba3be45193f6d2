package dev.tokenledger.sqlite;

import dev.tokenledger.sql.records.AttributeSet;
import dev.tokenledger.sql.rollups.CellTable;
import dev.tokenledger.sql.rollups.Cells;
import dev.tokenledger.sql.rollups.Level;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Keeps the roll-ups: the writer's side of {@code pages} and {@code deltas}.
 *
 * <p>A page holds all cells of one period, see {@link Cells}; there are pages for each {@link Level}, and for each
 * attribute key that is not too wide. Rewriting them in every commit would cost a lone append more than its record, and a
 * batch whose rows are scattered over months some thousand pages; so a commit writes its cells, by quarter of an hour, as
 * one packed delta, and every {@link #MOST_DELTAS} commits or {@link #MOST_CELLS} cells the deltas are folded into the
 * pages of all levels. A total is the sum of its pages and of the deltas' quarters in its window, in one snapshot: exact
 * at any moment. A large delta holds its cells by combination as well, for windows that it lies in as a whole: a fifth
 * of the cells for rows in the order of time, and less for scattered ones.
 *
 * <p>Tried and dropped: one row a cell, upserted (3.9 µs each; 60 bytes instead of 23; 45,000 of them take 94 ms to sum
 * by hour and model, packed 2.3 ms); six-hour and ten-day levels (gained nothing measurable once cells were packed).
 */
final class RollUps {

    static final int MOST_DELTAS = 256;
    static final int MOST_CELLS = 48_000;

    /** From so many cells on a delta holds their sum over its quarters too. */
    private static final int LARGE = 64;

    private final Cells.Output pageOutput = new Cells.Output();
    private final Cells.Output deltaOutput = new Cells.Output();
    private final int mostDeltas;
    private CellTable cells = new CellTable();
    private long deltas;
    private long deltaCells;

    /** @param mostDeltas how many deltas there may be; {@link #MOST_DELTAS} but in tests of folding */
    RollUps(int mostDeltas) {
        this.mostDeltas = mostDeltas;
    }

    /** Learns how much waits to be folded. Other processes' deltas count with whoever opens the file next. */
    void load(Handle handle) throws SQLException {
        deltas = handle.number("SELECT count(*) FROM deltas");
        deltaCells = handle.number("SELECT coalesce(sum(count), 0) FROM deltas");
    }

    /** Adds a record's figures to the transaction's cells. */
    void add(long occurred, int combination, @Nullable AttributeSet attributes, long[] figures) {
        long quarter = Level.QUARTER.period(occurred);
        cells.add(Level.QUARTER.page(0, quarter), 0, combination, figures);
        if (attributes != null) {
            for (AttributeSet.Pair pair : attributes.pairs) {
                cells.add(Level.QUARTER.page(pair.key(), quarter), pair.pair(), combination, figures);
            }
        }
    }

    /** Writes what was added since the last call, into the transaction under way. */
    void write(Handle handle) throws SQLException {
        if (cells.isEmpty()) {
            return;
        }
        int count = cells.count();
        if (deltas + 1 >= mostDeltas || deltaCells + count >= MOST_CELLS) {
            fold(handle);
        } else {
            PreparedStatement insert =
                    handle.statement("INSERT INTO deltas (count, first, last, whole, cells) VALUES (?, ?, ?, ?, ?)");
            insert.setLong(1, count);
            insert.setLong(2, cells.firstPeriod());
            insert.setLong(3, cells.lastPeriod());
            Handle.bind(
                    insert, 4, count < LARGE ? null : cells.above(Level.DAYS_32).packedDelta(pageOutput, deltaOutput));
            insert.setBytes(5, cells.packedDelta(pageOutput, deltaOutput));
            insert.executeUpdate();
            deltas++;
            deltaCells += count;
        }
        cells = new CellTable();
    }

    /** Forgets what was added, after a rollback. */
    void forget() {
        cells = new CellTable();
    }

    private void fold(Handle handle) throws SQLException {
        addDeltas(handle, cells);
        handle.run("DELETE FROM deltas");
        try (ResultSet wide =
                handle.statement("SELECT id FROM attribute_keys WHERE wide").executeQuery()) {
            while (wide.next()) {
                cells.drop(wide.getLong(1));
            }
        }
        merge(handle, cells);
        deltas = 0;
        deltaCells = 0;
    }

    /** Adds the cells of all deltas in the file. */
    static void addDeltas(Handle handle, CellTable cells) throws SQLException {
        try (ResultSet rows = handle.statement("SELECT cells FROM deltas").executeQuery()) {
            while (rows.next()) {
                cells.addDelta(rows.getBytes(1));
            }
        } catch (IndexOutOfBoundsException | ArithmeticException e) {
            throw damaged(e);
        }
    }

    /** Adds cells by quarter to the pages of all levels. */
    void merge(Handle handle, CellTable quarters) throws SQLException {
        CellTable table = quarters;
        for (Level level : Level.values()) {
            if (level != Level.QUARTER) {
                table = table.above(level);
            }
            mergeLevel(handle, level, table);
        }
    }

    private void mergeLevel(Handle handle, Level level, CellTable table) throws SQLException {
        PreparedStatement select = handle.statement("SELECT cells FROM pages WHERE key = ?");
        PreparedStatement replace = handle.statement("INSERT OR REPLACE INTO pages (key, cells) VALUES (?, ?)");
        try {
            int batched = 0;
            for (long page : table.pages()) {
                if (level.ordinal() < Level.first(Level.attributeOfPage(page)).ordinal()) {
                    continue;
                }
                select.setLong(1, page);
                byte[] before;
                try (ResultSet row = select.executeQuery()) {
                    before = row.next() ? row.getBytes(1) : null;
                }
                replace.setLong(1, page);
                replace.setBytes(
                        2, before == null ? table.packed(page, pageOutput) : table.merged(page, before, pageOutput));
                replace.addBatch();
                if (++batched % 256 == 0) {
                    replace.executeBatch();
                }
            }
            replace.executeBatch();
        } catch (IndexOutOfBoundsException e) {
            replace.clearBatch();
            throw damaged(e);
        }
    }

    static SQLException damaged(RuntimeException cause) {
        SQLException damaged =
                new SQLiteException("a roll-up cannot be read; rebuilding mends it", SQLiteErrorCode.SQLITE_CORRUPT);
        damaged.initCause(cause);
        return damaged;
    }

    /** Marks an attribute key as having too many values to be rolled up, and drops its roll-ups. */
    static void widen(Handle handle, long attribute) throws SQLException {
        handle.number("UPDATE attribute_keys SET wide = 1 WHERE id = ? RETURNING id", attribute);
        PreparedStatement delete = handle.statement("DELETE FROM pages WHERE key >= ? AND key < ?");
        delete.setLong(1, Level.QUARTER.page(attribute, 0));
        delete.setLong(2, Level.QUARTER.page(attribute + 1, 0));
        delete.executeUpdate();
        PreparedStatement pairs = handle.statement("DELETE FROM attribute_pairs WHERE attribute = ?");
        pairs.setLong(1, attribute);
        pairs.executeUpdate();
    }
}
