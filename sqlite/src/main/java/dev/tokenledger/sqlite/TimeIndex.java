package dev.tokenledger.sqlite;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which entries of a <i>busy</i> quarter hour happened when: the table {@code entries_by_time}, in which a page of a listing
 * is found by a seek.
 *
 * <p>{@link Runs} lead to the entries of a quarter hour, all of which a page then reads and sorts: a millisecond or two for
 * some thousands, seconds for millions. So a quarter hour that gets more than {@link #BUSY} entries becomes busy, and its
 * entries stand in the index from then on. One of them costs 19 bytes when they come in order, up to 30 in none; a ledger
 * whose quarter hours hold fewer has no index at all, and imports scattered over years write none of its pages.
 *
 * <p>This class is the writer's: it counts what each quarter hour holds and extends the index in the transaction of the
 * entries. The counts are kept from one transaction to the next, and {@linkplain #forget forgotten} when another process wrote
 * or a transaction was rolled back. Used by one thread.
 */
final class TimeIndex {

    /** Entries of a quarter hour up to which sorting them all takes about as long as the rest of a page. */
    static final int BUSY = 4_096;

    /** Joins the indexed entries to be followed by conditions on {@code m.occurred} and the records. */
    static final String JOIN = "entries_by_time m CROSS JOIN records r ON r.seq = m.seq";

    /** Quarter hours of nearly two years, 6 MB. */
    private static final int MAX_KNOWN = 1 << 16;

    private static final long IN_INDEX = -1;

    private record Span(long quarter, long first, long last) {}

    private final Map<Long, Long> counts = new HashMap<>();
    private final List<Span> added = new ArrayList<>();

    /** Whether a quarter hour's entries stand in the index. */
    static boolean isBusy(Handle handle, long quarter) throws SQLException {
        return handle.number("SELECT count(*) FROM busy_quarters WHERE quarter = ?", quarter) > 0;
    }

    /** The last busy quarter hour of {@code [first, last]}; -1 if there is none. */
    static long lastBusy(Handle handle, long first, long last) throws SQLException {
        return handle.number(
                "SELECT coalesce(max(quarter), -1) FROM busy_quarters WHERE quarter >= ? AND quarter <= ?",
                first,
                last);
    }

    /** Fills the empty index from runs and records. */
    static void fill(Handle handle) throws SQLException {
        handle.executeScript(Schema.FILL_TIME_INDEX);
    }

    /** Forgets what was counted and added. */
    void forget() {
        counts.clear();
        added.clear();
    }

    /** Takes entries that {@link #write} is to look at; their run is not written yet. */
    void add(Handle handle, long quarter, long first, long last) throws SQLException {
        Long known = counts.get(quarter);
        if (known == null) {
            if (counts.size() >= MAX_KNOWN && added.isEmpty()) {
                counts.clear();
            }
            known = count(handle, quarter);
        }
        counts.put(quarter, known == IN_INDEX ? IN_INDEX : known + last - first + 1);
        added.add(new Span(quarter, first, last));
    }

    private static long count(Handle handle, long quarter) throws SQLException {
        PreparedStatement select =
                handle.statement("SELECT CASE WHEN EXISTS (SELECT 1 FROM busy_quarters WHERE quarter = ?1)"
                        + " THEN -1 ELSE (SELECT coalesce(sum(last - first + 1), 0) FROM runs WHERE quarter = ?1) END");
        select.setLong(1, quarter);
        try (ResultSet row = select.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Indexes what was added to busy quarter hours, and all of those that have become busy. Runs and records are written. */
    void write(Handle handle) throws SQLException {
        for (Span span : added) {
            long count = counts.getOrDefault(span.quarter, IN_INDEX);
            if (count == IN_INDEX) {
                insert(
                        handle,
                        "INSERT OR IGNORE INTO entries_by_time (occurred, seq)"
                                + " SELECT occurred, seq FROM records WHERE seq BETWEEN ? AND ?",
                        span.first,
                        span.last);
            } else if (count > BUSY) {
                insert(handle, "INSERT INTO busy_quarters (quarter) VALUES (?)", span.quarter);
                insert(
                        handle,
                        "INSERT INTO entries_by_time (occurred, seq) SELECT r.occurred, r.seq FROM " + Runs.JOIN
                                + " WHERE runs.quarter = ?",
                        span.quarter);
                counts.put(span.quarter, IN_INDEX);
            }
        }
        added.clear();
    }

    private static void insert(Handle handle, String sql, long... parameters) throws SQLException {
        PreparedStatement insert = handle.statement(sql);
        for (int i = 0; i < parameters.length; i++) {
            insert.setLong(i + 1, parameters[i]);
        }
        insert.executeUpdate();
    }
}
