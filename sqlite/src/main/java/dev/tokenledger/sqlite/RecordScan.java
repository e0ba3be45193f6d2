package dev.tokenledger.sqlite;

import dev.tokenledger.sql.engine.Scan;
import dev.tokenledger.sql.records.KnownDoubts;
import dev.tokenledger.sql.records.RowKind;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.sql.rollups.Figures;
import dev.tokenledger.sql.rollups.Level;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Reads the figures of single records: at the ragged edges of a window, and where no roll-up serves. */
final class RecordScan {

    private static final String FIGURES =
            "SELECT r.kind, r.input, r.output, r.cache_read, r.cache_creation, r.cache_creation_5m, r.cache_creation_1h,"
                    + " r.reasoning, r.cost, r.combination, r.circumstances";

    /** Where the combination stands among the columns. */
    private static final int COMBINATION = 10;

    /** Where the number of the rare fields stands, of which the notes are. */
    private static final int RARE_FIELDS = 11;

    private static final int CHECK_EVERY = 1_024;

    private final Handle handle;
    private final Set<Scan.Column> wanted;
    private final Scan.Sink sink;
    private final String select;
    private final List<String> contained;
    private final long until;
    private final KnownDoubts doubts;

    RecordScan(Handle handle, Scan.Wanted wanted, Scan.Sink sink) {
        this.handle = handle;
        this.contained = wanted.contained();
        until = wanted.until();
        doubts = DoubtCounts.known(handle);
        this.wanted = wanted.wanted();
        this.sink = sink;
        StringBuilder columns = new StringBuilder(FIGURES);
        for (Scan.Column column : Scan.Column.values()) {
            if (this.wanted.contains(column)) {
                columns.append(", r.").append(column.name().toLowerCase(Locale.ROOT));
            }
        }
        select = columns.append(" FROM ").toString();
    }

    /** Reads the records of {@code [from, to)}, in microseconds, about in the order of time. */
    void between(long from, long to) throws SQLException {
        if (from >= to) {
            return;
        }
        long first = Level.QUARTER.period(from);
        long last = Level.QUARTER.period(to - 1);
        boolean startsWhole = from == first * Level.QUARTER.micros;
        boolean endsWhole = to == (last + 1) * Level.QUARTER.micros;
        if (first == last && !(startsWhole && endsWhole)) {
            partOf(first, from, to);
            return;
        }
        if (!startsWhole) {
            partOf(first, from, to);
        }
        whole(startsWhole ? first : first + 1, endsWhole ? last : last - 1);
        if (!endsWhole) {
            partOf(last, from, to);
        }
    }

    /** Reads quarters as a whole, which needs no look at each record's instant. */
    private void whole(long firstQuarter, long lastQuarter) throws SQLException {
        read(Runs.JOIN + " WHERE runs.quarter >= ? AND runs.quarter <= ?", firstQuarter, lastQuarter);
    }

    private void partOf(long quarter, long from, long to) throws SQLException {
        long start = quarter * Level.QUARTER.micros;
        long first = Math.max(from, start);
        long end = Math.min(to, start + Level.QUARTER.micros);
        // Entries in the order of time lie all over the file, so of most of a quarter hour all are read as they lie.
        if (end - first < Level.QUARTER.micros / 2 && TimeIndex.isBusy(handle, quarter)) {
            read(TimeIndex.JOIN + " WHERE m.occurred >= ? AND m.occurred < ?", first, end);
        } else {
            read(Runs.JOIN + " WHERE runs.quarter = ? AND r.occurred >= ? AND r.occurred < ?", quarter, first, end);
        }
    }

    /**
     * Reads the records of a session or conversation between two instants.
     *
     * @param column {@code session} or {@code conversation}
     */
    void ofThreads(String column, String value, long from, long to) throws SQLException {
        read(
                joinByThread(column) + " WHERE t." + column + " = ? AND r.occurred >= ? AND r.occurred < ?",
                Values.id(value),
                from,
                to);
    }

    /** Joins the records of threads {@code t}: one look-up for each thread and part of the index. */
    static String joinByThread(String column) {
        return String.format(Locale.ROOT, """
                (WITH RECURSIVE part(number) AS (
                    SELECT 0 UNION ALL SELECT number + 1 FROM part WHERE number < (SELECT max(seq) >> %1$d FROM records)
                ) SELECT number FROM part) part
                CROSS JOIN threads t
                CROSS JOIN records r ON r.seq >> %1$d = part.number AND r.thread = t.id
                """, Schema.PART_BITS);
    }

    private void read(String from, Object... bounds) throws SQLException {
        PreparedStatement statement = handle.statement(select
                + from
                + (" AND " + AttributeSets.CONTAIN).repeat(contained.size())
                + (until == Long.MAX_VALUE ? "" : " AND r.occurred + r.recorded <= ?"));
        int index = 0;
        for (Object bound : bounds) {
            Handle.bind(statement, ++index, bound);
        }
        for (String text : contained) {
            statement.setString(++index, text);
        }
        if (until != Long.MAX_VALUE) {
            statement.setLong(++index, until);
        }
        long[] figures = new long[Figures.SIZE];
        int next = RARE_FIELDS + 1;
        int occurred = wanted.contains(Scan.Column.OCCURRED) ? next++ : 0;
        int thread = wanted.contains(Scan.Column.THREAD) ? next++ : 0;
        int attributes = wanted.contains(Scan.Column.ATTRIBUTES) ? next : 0;
        int until = CHECK_EVERY;
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                if (--until == 0) {
                    handle.checkLimit();
                    until = CHECK_EVERY;
                }
                figures[Figures.RECORDS] = RowKind.records(row.getInt(1));
                figures[Figures.INPUT] = row.getLong(2);
                figures[Figures.OUTPUT] = row.getLong(3);
                figures[Figures.CACHE_READ] = row.getLong(4);
                figures[Figures.CACHE_CREATION] = row.getLong(5);
                figures[Figures.CACHE_CREATION_5M] = row.getLong(6);
                figures[Figures.CACHE_CREATION_1H] = row.getLong(7);
                figures[Figures.REASONING] = row.getLong(8);
                Figures.setCost(figures, row.getLong(9));
                Figures.setDoubts(figures, doubts.of(row.getLong(RARE_FIELDS)), figures[Figures.RECORDS]);
                sink.figures(
                        occurred == 0 ? 0 : row.getLong(occurred),
                        row.getInt(COMBINATION),
                        thread == 0 ? 0 : row.getLong(thread),
                        attributes == 0 ? 0 : row.getLong(attributes),
                        figures);
            }
        }
    }
}
