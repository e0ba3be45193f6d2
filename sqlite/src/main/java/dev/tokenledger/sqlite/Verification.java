package dev.tokenledger.sqlite;

import dev.tokenledger.VerifyReport;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.sql.rollups.CellTable;
import dev.tokenledger.sql.rollups.Cells;
import dev.tokenledger.sql.rollups.Level;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.sqlite.SQLiteErrorCode;

/**
 * Recomputes everything that is derived from the records, day by day, and compares it with what is stored, byte by byte:
 * equal cells have one packed form. {@link Rebuilding} mends.
 */
final class Verification {

    private static final String NO_SUCH = """
            SELECT count(*) FROM records
            WHERE combination NOT IN (SELECT id FROM combinations)
                OR thread IS NOT NULL AND thread NOT IN (SELECT id FROM threads)
                OR attributes IS NOT NULL AND attributes NOT IN (SELECT id FROM attribute_sets)
                OR circumstances IS NOT NULL AND circumstances NOT IN (SELECT id FROM circumstances)
                OR price IS NOT NULL AND price NOT IN (SELECT id FROM prices)
            """;

    private static final String WRONG_REVERSALS = """
            SELECT count(*) FROM reversals v
            LEFT JOIN records r ON r.seq = v.reversed
            LEFT JOIN records n ON n.seq = v.reversal
            WHERE coalesce(r.kind, 1) <> 0 OR coalesce(n.kind, 0) <> 1
                OR (n.occurred, n.combination, n.thread, n.attributes, n.circumstances, n.price, n.input, n.output,
                        n.cache_read, n.cache_creation, n.cache_creation_5m, n.cache_creation_1h, n.reasoning, n.cost)
                    IS NOT (r.occurred, r.combination, r.thread, r.attributes, r.circumstances, r.price, -r.input, -r.output,
                        -r.cache_read, -r.cache_creation, -r.cache_creation_5m, -r.cache_creation_1h, -r.reasoning, -r.cost)
            """;

    private final Handle handle;
    private final List<String> differences = new ArrayList<>();
    private final Cells.Output output = new Cells.Output();
    private final Set<Long> wide = new HashSet<>();
    private final AttributePairs pairs;

    private Verification(Handle handle) throws SQLException {
        this.handle = handle;
        pairs = new AttributePairs(handle);
    }

    static VerifyReport report(Handle handle) throws SQLException {
        Verification verification = new Verification(handle);
        long entries = handle.number("SELECT count(*) FROM records");
        verification.checkFile();
        verification.checkRecords();
        verification.checkPrices();
        verification.checkRuns(entries);
        verification.checkTimeIndex();
        try {
            verification.checkRollUps();
        } catch (IndexOutOfBoundsException
                | ArithmeticException
                | NullPointerException
                | IllegalArgumentException
                | IllegalStateException e) {
            // What a damaged page gives for a value may be of any kind, or none.
            verification.differ("a roll-up cannot be read: " + e.getMessage());
        }
        return new VerifyReport(entries, verification.differences);
    }

    private void differ(String sentence) {
        if (differences.size() < VerifyReport.MAX_DIFFERENCES) {
            differences.add(sentence);
        }
    }

    private void checkFile() throws SQLException {
        try (ResultSet row = handle.statement("PRAGMA integrity_check(10)").executeQuery()) {
            while (row.next()) {
                if (!"ok".equals(row.getString(1))) {
                    differ("the file: " + row.getString(1));
                }
            }
        }
        long dangling = handle.number(NO_SUCH);
        if (dangling > 0) {
            differ(dangling + " records refer to texts that are not there");
        }
        long wrong = handle.number(WRONG_REVERSALS);
        long links = handle.number("SELECT count(*) FROM reversals");
        long reversals = handle.number("SELECT count(*) FROM records WHERE kind = 1");
        if (wrong > 0 || links != reversals) {
            differ(reversals + " reversals, " + links + " links to what they reverse, " + wrong + " of them wrong");
        }
    }

    private void checkRecords() throws SQLException {
        try {
            new RecordChecksum().check(handle, seq -> differ("record number " + seq + " is not what was stored"));
        } catch (SQLException e) {
            if (Errors.primary(e) != SQLiteErrorCode.SQLITE_CORRUPT) {
                throw e;
            }
            differ("records cannot be read: " + e.getMessage());
        }
    }

    /** A price's id ends with a digest of its entry. */
    private void checkPrices() throws SQLException {
        try (ResultSet row = handle.statement("SELECT price_id, entry FROM prices WHERE entry IS NOT NULL")
                .executeQuery()) {
            while (row.next()) {
                String id = row.getString(1);
                if (!isEntryOf(id, row.getString(2))) {
                    differ("the price " + id + " is not what was stored");
                }
            }
        }
    }

    /** Whether a text is that of the entry with this id. */
    static boolean isEntryOf(String id, String entry) {
        try {
            return PriceEntry.ofText(entry).id().text().equals(id);
        } catch (RuntimeException e) {
            return false;
        }
    }

    private void checkRuns(long entries) throws SQLException {
        long last = 0;
        try (ResultSet run = handle.statement("SELECT first, last, quarter FROM runs ORDER BY first")
                .executeQuery()) {
            while (run.next()) {
                if (run.getLong(1) <= last || run.getLong(2) < run.getLong(1)) {
                    differ("the run from record " + run.getLong(1) + " overlaps the one before");
                }
                last = run.getLong(2);
            }
        }
        long misplaced =
                handle.number("SELECT count(*) FROM " + Runs.JOIN + " WHERE r.occurred / 900000000 <> runs.quarter");
        long found = handle.number("SELECT count(*) FROM " + Runs.JOIN);
        if (found != entries) {
            differ("runs lead to " + found + " records, but there are " + entries);
        }
        if (misplaced > 0) {
            differ(misplaced + " records lie in a run of another quarter of an hour");
        }
    }

    private void checkTimeIndex() throws SQLException {
        long expected = handle.number(
                "SELECT count(*) FROM busy_quarters b CROSS JOIN " + Runs.JOIN + " AND runs.quarter = b.quarter");
        long found = handle.number("SELECT count(*) FROM busy_quarters b CROSS JOIN " + TimeIndex.JOIN
                + " AND r.occurred = m.occurred WHERE m.occurred >= b.quarter * 900000000"
                + " AND m.occurred < (b.quarter + 1) * 900000000");
        long all = handle.number("SELECT count(*) FROM entries_by_time");
        if (found != expected || all != expected) {
            differ("the index by time leads to " + found + " records by " + all + " entries, but there are " + expected
                    + " in its quarter hours");
        }
    }

    private void checkRollUps() throws SQLException {
        try (ResultSet row =
                handle.statement("SELECT id FROM attribute_keys WHERE wide").executeQuery()) {
            while (row.next()) {
                wide.add(row.getLong(1));
            }
        }
        checkDeltas();
        CellTable deltas = new CellTable();
        RollUps.addDeltas(handle, deltas);
        wide.forEach(deltas::drop);
        Map<Long, CellTable> deltasByDay = byDay(deltas);
        TreeSet<Long> days = new TreeSet<>(deltasByDay.keySet());
        addDays(days, "SELECT DISTINCT quarter / 96 FROM runs");
        addPageDays(days);
        long block = -1;
        CellTable expectedBlock = new CellTable();
        CellTable blockDeltas = new CellTable();
        for (long day : days) {
            handle.checkLimit();
            long itsBlock = day * Level.DAY.micros / Level.DAYS_32.micros;
            if (itsBlock != block && block >= 0) {
                compare(Level.DAYS_32, block, block + 1, expectedBlock, blockDeltas);
                expectedBlock = new CellTable();
                blockDeltas = new CellTable();
            }
            block = itsBlock;
            CellTable expected = DayCells.read(handle, day, pairs);
            wide.forEach(expected::drop);
            CellTable pending = deltasByDay.getOrDefault(day, new CellTable());
            for (Level level = Level.QUARTER; level != Level.DAYS_32; level = level.above()) {
                long first = day * (Level.DAY.micros / level.micros);
                compare(level, first, first + Level.DAY.micros / level.micros, expected, pending);
                expected = expected.above(level.above());
                pending = pending.above(level.above());
            }
            expectedBlock.addAll(expected);
            blockDeltas.addAll(pending);
        }
        if (block >= 0) {
            compare(Level.DAYS_32, block, block + 1, expectedBlock, blockDeltas);
        }
    }

    /** Compares what deltas say of themselves with their cells. */
    private void checkDeltas() throws SQLException {
        try (ResultSet row = handle.statement("SELECT id, first, last, whole, cells FROM deltas")
                .executeQuery()) {
            while (row.next()) {
                CellTable cells = new CellTable();
                cells.addDelta(row.getBytes(5));
                byte[] whole = row.getBytes(4);
                // What was taken back in the same commit leaves no cells.
                boolean spans = cells.isEmpty()
                        || (row.getLong(2) <= cells.firstPeriod() && row.getLong(3) >= cells.lastPeriod());
                boolean sum = whole == null
                        || Arrays.equals(whole, cells.above(Level.DAYS_32).packedDelta(new Cells.Output(), output));
                if (!spans || !sum) {
                    differ("delta " + row.getLong(1) + " is not the sum of its cells");
                }
            }
        }
    }

    /** Compares the stored pages of a level and some periods, deltas added, with what the records say. */
    private void compare(Level level, long first, long end, CellTable expected, CellTable deltas) throws SQLException {
        Set<Long> attributes = new TreeSet<>();
        attributes.add(0L);
        attributes.addAll(pairs.attributes());
        PreparedStatement select = handle.statement("SELECT key, cells FROM pages WHERE key >= ? AND key < ?");
        for (long attribute : attributes) {
            if (wide.contains(attribute)
                    || level.ordinal() < Level.first(attribute).ordinal()) {
                continue;
            }
            TreeMap<Long, byte[]> stored = new TreeMap<>();
            select.setLong(1, level.page(attribute, first));
            select.setLong(2, level.page(attribute, end));
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    stored.put(row.getLong(1), row.getBytes(2));
                }
            }
            TreeSet<Long> all = new TreeSet<>(stored.keySet());
            for (long page : expected.pages()) {
                if (Level.attributeOfPage(page) == attribute) {
                    all.add(page);
                }
            }
            for (long page : all) {
                byte[] is = deltas.merged(page, stored.getOrDefault(page, new byte[0]), output);
                if (!Arrays.equals(is, expected.packed(page, output))) {
                    differ("the roll-up of " + (attribute == 0 ? "" : "attribute " + pairs.name(attribute) + " and ")
                            + level.name().toLowerCase(Locale.ROOT).replace('_', ' ') + " from "
                            + Values.instant(Level.periodOfPage(page) * level.micros)
                            + " differs from its records");
                }
            }
        }
    }

    private static Map<Long, CellTable> byDay(CellTable quarters) {
        Map<Long, CellTable> byDay = new HashMap<>();
        for (long page : quarters.pages()) {
            byDay.computeIfAbsent(Level.periodOfPage(page) / 96, day -> new CellTable())
                    .copyPage(page, quarters);
        }
        return byDay;
    }

    private void addDays(Set<Long> days, String sql) throws SQLException {
        try (ResultSet row = handle.statement(sql).executeQuery()) {
            while (row.next()) {
                days.add(row.getLong(1));
            }
        }
    }

    private void addPageDays(Set<Long> days) throws SQLException {
        try (ResultSet row = handle.statement("SELECT key FROM pages").executeQuery()) {
            while (row.next()) {
                long page = row.getLong(1);
                int level = (int) (page >> 32) & 15;
                if (level >= Level.values().length) {
                    differ("a roll-up of no known level");
                    continue;
                }
                days.add(Level.periodOfPage(page) * Level.ofPage(page).micros / Level.DAY.micros);
            }
        }
    }
}
