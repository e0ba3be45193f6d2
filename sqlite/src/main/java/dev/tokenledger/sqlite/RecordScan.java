package dev.tokenledger.sqlite;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Reads the figures of single records: at the ragged edges of a window, and where no roll-up serves. */
final class RecordScan {

    /** Takes records. */
    interface Sink {
        /**
         * One record.
         *
         * @param thread its session and conversation; 0 for none
         * @param attributes its set of attributes; 0 for none
         * @param figures overwritten after the call
         */
        void record(long occurred, int combination, long thread, long attributes, long[] figures) throws SQLException;
    }

    private static final String COLUMNS = """
            SELECT r.kind, r.input, r.output, r.cache_read, r.cache_creation, r.cache_creation_5m,
                r.cache_creation_1h, r.reasoning, r.cost, r.combination, r.occurred, r.thread, r.attributes
            FROM\s""";

    private static final String BY_TIME = COLUMNS + Runs.JOIN
            + " WHERE runs.quarter >= ? AND runs.quarter <= ? AND r.occurred >= ? AND r.occurred < ?";

    private static final int CHECK_EVERY = 1_024;

    /** How many columns of each record a query needs: reading one costs about as much as reading its page. */
    enum Width {
        COMBINATION,
        INSTANT,
        THREAD,
        ATTRIBUTES
    }

    private final Handle handle;
    private final Width width;
    private final Sink sink;

    RecordScan(Handle handle, Width width, Sink sink) {
        this.handle = handle;
        this.width = width;
        this.sink = sink;
    }

    /** Reads the records of {@code [from, to)}, in microseconds, about in the order of time. */
    void between(long from, long to) throws SQLException {
        if (from >= to) {
            return;
        }
        PreparedStatement select = handle.statement(BY_TIME);
        select.setLong(1, Level.QUARTER.period(from));
        select.setLong(2, Level.QUARTER.period(to - 1));
        select.setLong(3, from);
        select.setLong(4, to);
        read(select);
    }

    /**
     * Reads the records of a session or conversation between two instants.
     *
     * @param column {@code session} or {@code conversation}
     */
    void ofThreads(String column, String value, long from, long to) throws SQLException {
        PreparedStatement select = handle.statement(
                COLUMNS + joinByThread(column) + " WHERE t." + column + " = ? AND r.occurred >= ? AND r.occurred < ?");
        Handle.bind(select, 1, Values.id(value));
        select.setLong(2, from);
        select.setLong(3, to);
        read(select);
    }

    /** Joins the records of threads {@code t}: one look-up for each thread and part of the index. */
    static String joinByThread(String column) {
        return """
                (WITH RECURSIVE part(number) AS (
                    SELECT 0 UNION ALL SELECT number + 1 FROM part WHERE number < (SELECT max(seq) >> %1$d FROM records)
                ) SELECT number FROM part) part
                CROSS JOIN threads t
                CROSS JOIN records r ON r.seq >> %1$d = part.number AND r.thread = t.id
                """.formatted(Schema.PART_BITS);
    }

    private void read(PreparedStatement select) throws SQLException {
        long[] figures = new long[Figures.SIZE];
        int until = CHECK_EVERY;
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                if (--until == 0) {
                    handle.checkLimit();
                    until = CHECK_EVERY;
                }
                figures[Figures.RECORDS] = row.getInt(1) == 0 ? 1 : -1;
                figures[Figures.INPUT] = row.getLong(2);
                figures[Figures.OUTPUT] = row.getLong(3);
                figures[Figures.CACHE_READ] = row.getLong(4);
                figures[Figures.CACHE_CREATION] = row.getLong(5);
                figures[Figures.CACHE_CREATION_5M] = row.getLong(6);
                figures[Figures.CACHE_CREATION_1H] = row.getLong(7);
                figures[Figures.REASONING] = row.getLong(8);
                Figures.setCost(figures, row.getLong(9));
                sink.record(
                        width == Width.COMBINATION ? 0 : row.getLong(11),
                        row.getInt(10),
                        width.compareTo(Width.THREAD) < 0 ? 0 : row.getLong(12),
                        width == Width.ATTRIBUTES ? row.getLong(13) : 0,
                        figures);
            }
        }
    }
}
