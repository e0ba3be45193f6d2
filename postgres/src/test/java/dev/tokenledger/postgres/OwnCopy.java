package dev.tokenledger.postgres;

import dev.tokenledger.sql.engine.RecordCopy;
import dev.tokenledger.sql.engine.Scan.Column;
import dev.tokenledger.sql.records.RowKind;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.sql.rollups.Figures;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import javax.sql.DataSource;

/**
 * A copy that is the ledger's own table, read row by row and put together here: what a copy may answer, without a second database.
 * It claims to go as far as {@link #move} has it.
 */
final class OwnCopy implements RecordCopy {

    static final String NAME = "own";

    /** What is done to an answer, or in place of one. */
    @FunctionalInterface
    interface Fault {
        List<Row> of(List<Row> rows) throws Failure, InterruptedException;
    }

    private final DataSource source;
    private final PostgresSchema schema;
    private final long minRecords;
    volatile Fault fault = rows -> rows;
    final AtomicInteger asked = new AtomicInteger();
    volatile long lastLimitNanos;
    volatile Duration minWait = Duration.ofSeconds(2);

    OwnCopy(DataSource source, String schema, long minRecords) {
        this.source = source;
        this.schema = new PostgresSchema(schema);
        this.minRecords = minRecords;
    }

    /** Has the copy go as far as a transaction of which all before are over, further than before or not at all. */
    void move(RandomGenerator random) throws SQLException {
        try (Connection connection = source.getConnection()) {
            Database database = new Database(connection, schema);
            try {
                long from = database.number("SELECT written FROM {copies} WHERE name = ?", NAME);
                long end = database.number("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint");
                if (from == 0) {
                    // Not from the first transaction of the server on: the tests have used many.
                    from = Math.max(1, end - 50);
                }
                set(database, from + random.nextLong(Math.max(1, end - from) + 1));
            } finally {
                database.closeStatements();
            }
        }
    }

    static void set(Database database, long written) throws SQLException {
        database.update(
                "INSERT INTO {copies} (name, relation, former, origin, written, term, term_from, entries, checksum, updated)"
                        + " VALUES (?, 'records', '', '', 0, 1, 0, 0, 0, now()) ON CONFLICT DO NOTHING",
                statement -> statement.setString(1, NAME));
        database.update("UPDATE {copies} SET written = ?, origin = " + Copies.ORIGIN + " WHERE name = ?", statement -> {
            statement.setLong(1, written);
            statement.setString(2, database.schema().sql("{copies}"));
            statement.setString(3, NAME);
        });
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public long minRecords() {
        return minRecords;
    }

    @Override
    public Duration minWait() {
        return minWait;
    }

    @Override
    public Answer ask(Question question) throws Failure, InterruptedException {
        asked.incrementAndGet();
        lastLimitNanos = question.limit().toNanos();
        List<Row> rows;
        try {
            rows = rows(question);
        } catch (SQLException e) {
            throw new Failure(Failure.Reason.AWAY, "it cannot be read", e);
        }
        List<Row> given = fault.of(rows);
        return new Answer() {
            @Override
            public void forEach(RowSink sink) throws SQLException, Failure {
                for (Row row : given) {
                    sink.row(row);
                }
            }

            @Override
            public void close() {}
        };
    }

    private List<Row> rows(Question question) throws SQLException {
        String sql = "SELECT r.occurred, r.recorded, r.combination, coalesce(r.thread, 0), coalesce(s.attributes, ''),"
                + " coalesce(r.rare_fields, 0), r.kind, r.input, r.output, coalesce(r.cache_read, 0),"
                + " coalesce(r.cache_creation, 0), coalesce(r.cache_creation_5m, 0), coalesce(r.cache_creation_1h, 0),"
                + " coalesce(r.reasoning, 0), r.cost FROM {records} r LEFT JOIN {attribute_sets} s ON s.id = r.attributes"
                + " WHERE r.written < ? AND r.occurred >= ? AND r.occurred < ?";
        List<Row> rows = new ArrayList<>();
        try (Connection connection = source.getConnection();
                PreparedStatement statement = connection.prepareStatement(schema.sql(sql))) {
            statement.setLong(1, question.state().written());
            statement.setLong(2, question.from());
            statement.setLong(3, question.to());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    rows.add(row(question, row));
                }
            }
        }
        return rows;
    }

    private static Row row(Question question, ResultSet row) throws SQLException {
        String attributes = row.getString(5);
        boolean counts = row.getLong(2) <= question.wanted().until()
                && question.wanted().contained().stream().allMatch(attributes::contains);
        long[] figures = new long[Figures.SIZE];
        figures[Figures.RECORDS] = RowKind.records(row.getInt(7));
        for (int i = Figures.INPUT; i <= Figures.REASONING; i++) {
            figures[i] = row.getLong(7 + i);
        }
        Figures.setCost(figures, row.getLong(15));
        long precision = question.wanted().precision();
        List<String> values = new ArrayList<>();
        if (question.wanted().wanted().contains(Column.ATTRIBUTES)) {
            question.alike().keys().forEach(key -> values.add(Values.valueOf(attributes, key)));
        }
        return new Row(
                question.wanted().wanted().contains(Column.OCCURRED) ? row.getLong(1) / precision * precision : 0,
                counts ? question.alike().combinations()[row.getInt(3)] : -1,
                question.wanted().wanted().contains(Column.THREAD) ? row.getLong(4) : 0,
                values,
                row.getLong(6),
                figures);
    }

    @Override
    public void close() {}
}
