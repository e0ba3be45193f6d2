package dev.tokenledger.postgres;

import dev.tokenledger.LedgerEntry;
import dev.tokenledger.sql.engine.NameReader.ThreadIds;
import dev.tokenledger.sql.engine.StoredEntry;
import dev.tokenledger.sql.questions.EntryReader;
import dev.tokenledger.sql.records.Combination;
import dev.tokenledger.sql.records.RareFields;
import dev.tokenledger.sql.records.RowKind;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A row of records with all that it refers to: one statement instead of a look-up for each name. */
final class StoredRow implements StoredEntry {

    private static final List<String> OWN = List.of(
            "r.seq",
            "r.kind",
            "r.occurred",
            "r.recorded",
            "r.combination",
            "r.thread",
            "r.attributes",
            "r.rare_fields",
            "r.price",
            "r.input",
            "r.output",
            "r.cache_read",
            "r.cache_creation",
            "r.cache_creation_5m",
            "r.cache_creation_1h",
            "r.reasoning",
            "r.cost",
            "r.duration",
            "r.reported_cost",
            "r.id",
            "r.request_id",
            "r.upstream_request_id",
            "r.extra",
            "t.session",
            "t.conversation",
            "a.attributes",
            "p.price_id",
            "v.reversal",
            "v.reason",
            "n.reversed",
            "x.revaluation",
            "x.number",
            "x.run",
            "x.reason",
            "x.cost",
            "x.status",
            "x.price_id",
            "x.cost_notes",
            "x.extra",
            "y.revalued",
            "j.reason");

    /** The columns of records {@code r} alone. */
    static final String OF_RECORDS =
            OWN.stream().filter(column -> column.startsWith("r.")).collect(Collectors.joining(", "));

    /** The columns with which {@link #COLUMNS} begin: those of records, and what a record refers to by one column each. */
    static final String BEGINNING = String.join(", ", OWN.subList(0, OWN.indexOf("p.price_id") + 1));

    private static final int COMBINATION = OWN.size() + 1;
    private static final int RARE_FIELDS = COMBINATION + 10;

    /** To be followed by the source of records {@code r} and {@link #JOINS}. */
    static final String COLUMNS = String.join(", ", OWN)
            + ", " + qualified("c", Combination.COLUMNS)
            + ", " + qualified("f", RareFields.COLUMNS);

    static final String JOINS = """
             JOIN {combinations} c ON c.id = r.combination
            LEFT JOIN {threads} t ON t.id = r.thread
            LEFT JOIN {attribute_sets} a ON a.id = r.attributes
            LEFT JOIN {rare_fields} f ON f.id = r.rare_fields
            LEFT JOIN {prices} p ON p.id = r.price
            LEFT JOIN {reversals} v ON v.reversed = r.id
            LEFT JOIN {reversals} n ON n.reversal = r.id AND r.kind IN (1, 5)
            LEFT JOIN {adjustments} j ON j.adjustment = r.id AND r.kind = 4
            LEFT JOIN {revaluations} y ON y.revaluation = r.id AND r.kind = 2
            LEFT JOIN LATERAL (
                SELECT x.revaluation, x.number, xu.run, xu.reason, xn.cost, xc.pricing_status AS status, xp.price_id,
                    coalesce(xf.cost_notes, '') AS cost_notes, xn.extra
                FROM {revaluations} x
                JOIN {revaluation_runs} xu ON xu.id = x.run
                JOIN {records} xn ON xn.id = x.revaluation
                JOIN {combinations} xc ON xc.id = xn.combination
                LEFT JOIN {prices} xp ON xp.id = xn.price
                LEFT JOIN {rare_fields} xf ON xf.id = xn.rare_fields
                WHERE x.revalued = coalesce(y.revalued, r.id) AND (y.number IS NULL OR x.number = y.number)
                ORDER BY x.number DESC LIMIT 1
            ) x ON true
            """;

    private static String qualified(String table, String columns) {
        return String.join(
                ", ",
                Arrays.stream(columns.split(", "))
                        .map(column -> table + "." + column)
                        .toList());
    }

    private static final String BY_ID =
            "SELECT " + COLUMNS + " FROM {records} r" + JOINS + " WHERE r.id = ? AND r.kind <> " + RowKind.WITHDRAWAL;

    private final Database database;
    private final ResultSet row;

    /** @param row of {@link #COLUMNS}, or of {@link #BEGINNING} or {@link #OF_RECORDS} alone; it may go on to the next one */
    StoredRow(Database database, ResultSet row) {
        this.database = database;
        this.row = row;
    }

    /** The entries of all rows. */
    static List<LedgerEntry> entries(Database database, String sql, Database.Parameters parameters)
            throws SQLException {
        return database.query(sql, parameters, rows -> {
            EntryReader reader = new EntryReader(StoredRow::damaged);
            StoredRow row = new StoredRow(database, rows);
            List<LedgerEntry> entries = new ArrayList<>();
            while (rows.next()) {
                entries.add(reader.read(row));
            }
            return entries;
        });
    }

    /** The entry with this id; null if there is none. */
    static @Nullable LedgerEntry byId(Database database, byte[] id) throws SQLException {
        List<LedgerEntry> found = entries(database, BY_ID, statement -> statement.setBytes(1, id));
        return found.isEmpty() ? null : found.get(0);
    }

    static SQLException damaged(String what, RuntimeException cause) {
        return new SQLException(what, "XX001", cause);
    }

    private int place(Number number) {
        return switch (number) {
            case SEQUENCE -> 1;
            case OCCURRED -> 3;
            case RECORDED -> 4;
            case COMBINATION -> 5;
            case THREAD -> 6;
            case ATTRIBUTES -> 7;
            case RARE_FIELDS -> 8;
            case PRICE -> 9;
            case INPUT -> 10;
            case OUTPUT -> 11;
            case CACHE_READ -> 12;
            case CACHE_CREATION -> 13;
            case CACHE_CREATION_5M -> 14;
            case CACHE_CREATION_1H -> 15;
            case REASONING -> 16;
            case COST -> 17;
        };
    }

    @Override
    public long number(Number number) throws SQLException {
        return row.getLong(place(number));
    }

    @Override
    public @Nullable Long duration() throws SQLException {
        return numberIfAny(18);
    }

    @Override
    public @Nullable Long reportedCost() throws SQLException {
        return numberIfAny(19);
    }

    private @Nullable Long numberIfAny(int place) throws SQLException {
        long number = row.getLong(place);
        return number == 0 && row.wasNull() ? null : (Long) number;
    }

    @Override
    public int kind() throws SQLException {
        return row.getInt(2);
    }

    @Override
    public String id() throws SQLException {
        return Database.idText(row.getBytes(20));
    }

    @Override
    public String requestId() throws SQLException {
        return Database.idText(row.getBytes(21));
    }

    @Override
    public String upstreamRequestId() throws SQLException {
        return Database.idText(row.getBytes(22));
    }

    @Override
    public @Nullable String extra() throws SQLException {
        return row.getString(23);
    }

    @Override
    public Combination combination() throws SQLException {
        return Combination.read(row, COMBINATION);
    }

    @Override
    public ThreadIds thread() throws SQLException {
        return new ThreadIds(Database.idText(row.getBytes(24)), Database.idText(row.getBytes(25)));
    }

    @Override
    public @Nullable String attributes() throws SQLException {
        return row.getString(26);
    }

    @Override
    public RareFields rareFields() throws SQLException {
        return RareFields.read(row, RARE_FIELDS);
    }

    @Override
    public String priceId() throws SQLException {
        return row.getString(27);
    }

    @Override
    public @Nullable Reversed reversed() throws SQLException {
        byte[] by = row.getBytes(28);
        return by == null ? null : new Reversed(Database.idText(by), row.getString(29));
    }

    @Override
    public @Nullable Revalued revalued() throws SQLException {
        byte[] by = row.getBytes(31);
        return by == null
                ? null
                : new Revalued(
                        Database.idText(by),
                        row.getInt(32),
                        row.getString(33),
                        row.getString(34),
                        row.getLong(35),
                        row.getString(36),
                        row.getString(37),
                        row.getString(38),
                        row.getString(39));
    }

    @Override
    public String adjusted() throws SQLException {
        String reason = row.getString(41);
        if (reason == null) {
            throw new IllegalArgumentException("an adjustment has no reason");
        }
        return reason;
    }

    @Override
    public <T> T concerned(Concerned<T> reading) throws SQLException {
        byte[] of = row.getBytes(kind() == RowKind.REVALUATION ? 40 : 30);
        if (of == null) {
            throw new IllegalArgumentException("an entry has no link to the record that it concerns");
        }
        try (java.sql.PreparedStatement select =
                database.connection().prepareStatement(database.schema().sql(BY_ID))) {
            select.setBytes(1, of);
            try (ResultSet found = select.executeQuery()) {
                if (!found.next()) {
                    throw new IllegalArgumentException("a record that an entry concerns is not there");
                }
                return reading.of(new StoredRow(database, found));
            }
        }
    }
}
