package dev.tokenledger.sqlite;

import dev.tokenledger.sql.rollups.Level;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Which records happened when: runs of consecutive sequence numbers whose records lie in one quarter of an hour (UTC).
 *
 * <p>Takes the place of an index by time. Records mostly arrive about in the order of time, so a run is mostly long:
 * 8,640 runs for 5 million records over 90 days, where an index takes 19 bytes a record and, for rows scattered over
 * months, a page written for each. Records in no order make a run each, which costs about as much as the index would. A
 * run may span numbers that no record has.
 */
final class Runs {

    /** Joins the records of quarters; to be followed by conditions on {@code runs.quarter} and the records. */
    static final String JOIN = "runs CROSS JOIN records r ON r.seq BETWEEN runs.first AND runs.last";

    private final @Nullable TimeIndex index;
    private long quarter = -1;
    private long first;
    private long last;

    /** The first entry since the run was last put down. */
    private long firstAdded;

    private boolean changed;

    /** @param index takes what is added; null if it is filled otherwise */
    Runs(@Nullable TimeIndex index) {
        this.index = index;
    }

    /** Goes on with the file's last run, if it ends at the last record. */
    void load(Handle handle, long lastSequence) throws SQLException {
        if (last == lastSequence && quarter >= 0) {
            return;
        }
        quarter = -1;
        last = 0;
        PreparedStatement select = handle.statement("SELECT quarter, first FROM runs WHERE quarter ="
                + " (SELECT occurred / 900000000 FROM records WHERE seq = ?) AND last = ?");
        select.setLong(1, lastSequence);
        select.setLong(2, lastSequence);
        try (ResultSet run = select.executeQuery()) {
            if (run.next()) {
                quarter = run.getLong(1);
                first = run.getLong(2);
                last = lastSequence;
            }
        }
    }

    /** Forgets everything, after a rollback. */
    void forget() {
        quarter = -1;
        last = 0;
        changed = false;
        if (index != null) {
            index.forget();
        }
    }

    /** Adds the next record. */
    void add(Handle handle, long occurred, long sequence) throws SQLException {
        long itsQuarter = Level.QUARTER.period(occurred);
        if (itsQuarter != quarter) {
            put(handle);
            quarter = itsQuarter;
            first = sequence;
        }
        last = sequence;
        firstAdded = changed ? firstAdded : sequence;
        changed = true;
    }

    /** Writes what was added. */
    void write(Handle handle) throws SQLException {
        put(handle);
        statement(handle).executeBatch();
        if (index != null) {
            index.write(handle);
        }
    }

    private void put(Handle handle) throws SQLException {
        if (changed) {
            PreparedStatement insert = statement(handle);
            insert.setLong(1, quarter);
            insert.setLong(2, first);
            insert.setLong(3, last);
            insert.addBatch();
            changed = false;
            if (index != null) {
                index.add(handle, quarter, firstAdded, last);
            }
        }
    }

    private static PreparedStatement statement(Handle handle) throws SQLException {
        return handle.statement("INSERT INTO runs (quarter, first, last) VALUES (?, ?, ?)"
                + " ON CONFLICT DO UPDATE SET last = excluded.last");
    }
}
