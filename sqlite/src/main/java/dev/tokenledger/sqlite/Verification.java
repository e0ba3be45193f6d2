package dev.tokenledger.sqlite;

import dev.tokenledger.VerifyReport;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.sql.questions.RollUpAudit;
import dev.tokenledger.sql.records.RowKind;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
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
            LEFT JOIN records u ON u.seq = v.reversed
            LEFT JOIN records r ON r.seq = coalesce((SELECT x.revaluation FROM revaluations x WHERE x.revalued = v.reversed
                ORDER BY x.number DESC LIMIT 1), v.reversed)
            LEFT JOIN records n ON n.seq = v.reversal
            WHERE coalesce(u.kind, 1) NOT IN (0, 4) OR coalesce(n.kind, 0) <> u.kind + 1
                OR (n.occurred, n.combination, n.thread, n.attributes, n.circumstances, n.price, n.input, n.output,
                        n.cache_read, n.cache_creation, n.cache_creation_5m, n.cache_creation_1h, n.reasoning, n.cost)
                    IS NOT (r.occurred, r.combination, r.thread, r.attributes, r.circumstances, r.price, -r.input, -r.output,
                        -r.cache_read, -r.cache_creation, -r.cache_creation_5m, -r.cache_creation_1h, -r.reasoning, -r.cost)
            """;

    /** Each takes away what the one before it, or the record, counted, and counts the record's tokens at another cost. */
    private static final String WRONG_REVALUATIONS = """
            SELECT count(*) FROM revaluations x
            LEFT JOIN revaluation_runs u ON u.id = x.run
            LEFT JOIN records r ON r.seq = x.revalued
            LEFT JOIN revaluations b ON b.revalued = x.revalued AND b.number = x.number - 1
            LEFT JOIN records p ON p.seq = coalesce(b.revaluation, x.revalued)
            LEFT JOIN records w ON w.seq = x.withdrawal
            LEFT JOIN records n ON n.seq = x.revaluation
            WHERE coalesce(r.kind, 1) <> 0 OR coalesce(w.kind, 0) <> 3 OR coalesce(n.kind, 0) <> 2 OR u.id IS NULL
                OR (b.number IS NULL) <> (x.number = 1)
                OR (w.occurred, w.combination, w.thread, w.attributes, w.circumstances, w.price, w.input, w.output,
                        w.cache_read, w.cache_creation, w.cache_creation_5m, w.cache_creation_1h, w.reasoning, w.cost)
                    IS NOT (p.occurred, p.combination, p.thread, p.attributes, p.circumstances, p.price, -p.input, -p.output,
                        -p.cache_read, -p.cache_creation, -p.cache_creation_5m, -p.cache_creation_1h, -p.reasoning, -p.cost)
                OR (n.occurred, n.thread, n.attributes, n.input, n.output, n.cache_read, n.cache_creation,
                        n.cache_creation_5m, n.cache_creation_1h, n.reasoning)
                    IS NOT (r.occurred, r.thread, r.attributes, r.input, r.output, r.cache_read, r.cache_creation,
                        r.cache_creation_5m, r.cache_creation_1h, r.reasoning)
            """;

    private static final String WRONG_ADJUSTMENTS = """
            SELECT count(*) FROM adjustments a LEFT JOIN records r ON r.seq = a.adjustment
            WHERE coalesce(r.kind, 0) <> 4 OR r.input <> 0 OR r.output <> 0 OR r.cache_read <> 0 OR r.cache_creation <> 0
            """;

    private final Handle handle;
    private final List<String> differences = new ArrayList<>();

    private Verification(Handle handle) {
        this.handle = handle;
    }

    static VerifyReport report(Handle handle, Connections connections) throws SQLException {
        Verification verification = new Verification(handle);
        long entries = handle.number("SELECT count(*) FROM records");
        verification.checkFile();
        verification.checkRecords();
        verification.checkPrices();
        verification.checkRuns(entries);
        verification.checkTimeIndex();
        RollUpAudit.run(new SqliteReads(handle, connections, new Combinations()), verification::differ);
        return new VerifyReport(entries - handle.number("SELECT count(*) FROM revaluations"), verification.differences);
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
        long reversals = handle.number("SELECT count(*) FROM records WHERE kind IN (1, 5)");
        if (wrong > 0 || links != reversals) {
            differ(reversals + " reversals, " + links + " links to what they reverse, " + wrong + " of them wrong");
        }
        checkRevaluations();
        checkAdjustments();
    }

    private void checkAdjustments() throws SQLException {
        long wrong = handle.number(WRONG_ADJUSTMENTS);
        long reasons = handle.number("SELECT count(*) FROM adjustments");
        long adjustments = handle.number("SELECT count(*) FROM records WHERE kind = " + RowKind.ADJUSTMENT);
        if (wrong > 0 || reasons != adjustments) {
            differ(adjustments + " adjustments, " + reasons + " reasons of them, " + wrong + " of them wrong");
        }
    }

    private void checkRevaluations() throws SQLException {
        long wrong = handle.number(WRONG_REVALUATIONS);
        long links = handle.number("SELECT count(*) FROM revaluations");
        long revaluations = handle.number("SELECT count(*) FROM records WHERE kind = " + RowKind.REVALUATION);
        long withdrawals = handle.number("SELECT count(*) FROM records WHERE kind = " + RowKind.WITHDRAWAL);
        if (wrong > 0 || links != revaluations || links != withdrawals) {
            differ(revaluations + " revaluations of " + withdrawals + " costs, " + links
                    + " links to what they revalue, " + wrong + " of them wrong");
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
}
