package dev.tokenledger.sqlite;

import dev.tokenledger.LedgerEntry;
import dev.tokenledger.sql.engine.NameReader.ThreadIds;
import dev.tokenledger.sql.engine.StoredEntry;
import dev.tokenledger.sql.questions.EntryReader;
import dev.tokenledger.sql.records.Combination;
import dev.tokenledger.sql.records.RareFields;
import dev.tokenledger.sql.records.RowKind;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.usage.RecordId;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * A row of {@code records}, which looks up what it refers to when it is asked for that. Used by one thread, in one transaction.
 */
final class StoredRow implements StoredEntry {

    private enum Column {
        SEQ,
        KIND,
        OCCURRED,
        RECORDED,
        COMBINATION,
        THREAD,
        ATTRIBUTES,
        CIRCUMSTANCES,
        PRICE,
        INPUT,
        OUTPUT,
        CACHE_READ,
        CACHE_CREATION,
        CACHE_CREATION_5M,
        CACHE_CREATION_1H,
        REASONING,
        COST,
        DURATION,
        REPORTED_COST,
        EXTRA,
        ID,
        REQUEST_ID,
        UPSTREAM_REQUEST_ID;

        /** The column's place, by which it is found three times as fast as by its name. */
        final int place = ordinal() + 1;
    }

    /** Where it stands whether the record was reversed. */
    private static final int REVERSED = Column.values().length + 1;

    private static final int REVALUED = REVERSED + 1;

    /** What a revaluation {@code x} is, and what its row {@code n} says of the cost. */
    private static final String REVALUATION =
            "SELECT n.id, x.number, u.run, u.reason, n.cost, c.pricing_status, p.price_id, coalesce(f.cost_notes, ''), n.extra"
                    + " FROM revaluations x JOIN revaluation_runs u ON u.id = x.run JOIN records n ON n.seq = x.revaluation"
                    + " JOIN combinations c ON c.id = n.combination LEFT JOIN prices p ON p.id = n.price"
                    + " LEFT JOIN circumstances f ON f.id = n.circumstances WHERE ";

    /** The columns of records {@code r}. */
    static final String OWN = Arrays.stream(Column.values())
            .map(column -> "r." + column.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", "));

    /** What a row is made of; of records {@code r}. Of {@link #OWN} alone all can be read but what was done to a record. */
    static final String COLUMNS = OWN + ", EXISTS (SELECT 1 FROM reversals WHERE reversed = r.seq)"
            + ", EXISTS (SELECT 1 FROM revaluations WHERE revalued = r.seq)";

    /** Makes something of the one row that was asked for. */
    private interface Reading<T> {
        T of(ResultSet row) throws SQLException;
    }

    private final Handle handle;
    private final ResultSet row;

    /** @param row of {@link #COLUMNS}, or of {@link #OWN} alone; it may go on to the next one */
    StoredRow(Handle handle, ResultSet row) {
        this.handle = handle;
        this.row = row;
    }

    /** The entry with this id; null if there is none. */
    static @Nullable LedgerEntry byId(Handle handle, RecordId id) throws SQLException {
        PreparedStatement select = handle.statement(
                "SELECT " + COLUMNS + " FROM records r WHERE r.id = ? AND r.kind <> " + RowKind.WITHDRAWAL);
        Handle.bind(select, 1, Values.id(id.value()));
        try (ResultSet row = select.executeQuery()) {
            return row.next() ? new EntryReader(StoredRow::damaged).read(new StoredRow(handle, row)) : null;
        }
    }

    static SQLException damaged(String what, RuntimeException cause) {
        SQLException damaged = new SQLiteException(what, SQLiteErrorCode.SQLITE_CORRUPT);
        damaged.initCause(cause);
        return damaged;
    }

    @Override
    public long number(Number number) throws SQLException {
        return switch (number) {
            case SEQUENCE -> row.getLong(Column.SEQ.place);
            case OCCURRED -> row.getLong(Column.OCCURRED.place);
            case RECORDED -> row.getLong(Column.OCCURRED.place) + row.getLong(Column.RECORDED.place);
            case COMBINATION -> row.getLong(Column.COMBINATION.place);
            case THREAD -> row.getLong(Column.THREAD.place);
            case ATTRIBUTES -> row.getLong(Column.ATTRIBUTES.place);
            case RARE_FIELDS -> row.getLong(Column.CIRCUMSTANCES.place);
            case PRICE -> row.getLong(Column.PRICE.place);
            case INPUT -> row.getLong(Column.INPUT.place);
            case OUTPUT -> row.getLong(Column.OUTPUT.place);
            case CACHE_READ -> row.getLong(Column.CACHE_READ.place);
            case CACHE_CREATION -> row.getLong(Column.CACHE_CREATION.place);
            case CACHE_CREATION_5M -> row.getLong(Column.CACHE_CREATION_5M.place);
            case CACHE_CREATION_1H -> row.getLong(Column.CACHE_CREATION_1H.place);
            case REASONING -> row.getLong(Column.REASONING.place);
            case COST -> row.getLong(Column.COST.place);
        };
    }

    @Override
    public @Nullable Long duration() throws SQLException {
        return numberIfAny(Column.DURATION);
    }

    @Override
    public @Nullable Long reportedCost() throws SQLException {
        return numberIfAny(Column.REPORTED_COST);
    }

    private @Nullable Long numberIfAny(Column column) throws SQLException {
        long number = row.getLong(column.place);
        return number == 0 && row.wasNull() ? null : (Long) number;
    }

    @Override
    public int kind() throws SQLException {
        return row.getInt(Column.KIND.place);
    }

    @Override
    public String id() throws SQLException {
        return id(Column.ID);
    }

    @Override
    public String requestId() throws SQLException {
        return id(Column.REQUEST_ID);
    }

    @Override
    public String upstreamRequestId() throws SQLException {
        return id(Column.UPSTREAM_REQUEST_ID);
    }

    private String id(Column column) throws SQLException {
        return Values.idText(row.getObject(column.place));
    }

    @Override
    public @Nullable String extra() throws SQLException {
        return row.getString(Column.EXTRA.place);
    }

    @Override
    public Combination combination() throws SQLException {
        return one(
                "SELECT " + Combination.COLUMNS + " FROM combinations WHERE id = ?",
                number(Number.COMBINATION),
                found -> Combination.read(found, 1));
    }

    @Override
    public ThreadIds thread() throws SQLException {
        return one(
                "SELECT session, conversation FROM threads WHERE id = ?",
                number(Number.THREAD),
                found -> new ThreadIds(Values.idText(found.getObject(1)), Values.idText(found.getObject(2))));
    }

    @Override
    public @Nullable String attributes() throws SQLException {
        return AttributeSets.text(handle, number(Number.ATTRIBUTES));
    }

    @Override
    public RareFields rareFields() throws SQLException {
        return one(
                "SELECT " + RareFields.COLUMNS + " FROM circumstances WHERE id = ?",
                number(Number.RARE_FIELDS),
                found -> RareFields.read(found, 1));
    }

    @Override
    public String priceId() throws SQLException {
        return one("SELECT price_id FROM prices WHERE id = ?", number(Number.PRICE), found -> found.getString(1));
    }

    @Override
    public @Nullable Reversed reversed() throws SQLException {
        return row.getInt(REVERSED) == 0
                ? null
                : one(
                        "SELECT n.id, v.reason FROM reversals v JOIN records n ON n.seq = v.reversal"
                                + " WHERE v.reversed = ?",
                        number(Number.SEQUENCE),
                        found -> new Reversed(Values.idText(found.getObject(1)), found.getString(2)));
    }

    @Override
    public @Nullable Revalued revalued() throws SQLException {
        if (kind() == RowKind.REVALUATION) {
            return one(REVALUATION + "x.revaluation = ?", number(Number.SEQUENCE), StoredRow::revalued);
        }
        return row.getInt(REVALUED) == 0
                ? null
                : one(
                        REVALUATION + "x.revalued = ? ORDER BY x.number DESC LIMIT 1",
                        number(Number.SEQUENCE),
                        StoredRow::revalued);
    }

    @Override
    public String adjusted() throws SQLException {
        return one(
                "SELECT reason FROM adjustments WHERE adjustment = ?",
                number(Number.SEQUENCE),
                found -> found.getString(1));
    }

    private static Revalued revalued(ResultSet found) throws SQLException {
        return new Revalued(
                Values.idText(found.getObject(1)),
                found.getInt(2),
                found.getString(3),
                found.getString(4),
                found.getLong(5),
                found.getString(6),
                found.getString(7),
                found.getString(8),
                found.getString(9));
    }

    @Override
    public <T> T concerned(Concerned<T> reading) throws SQLException {
        return one(
                "SELECT " + COLUMNS + " FROM records r WHERE r.seq = "
                        + (kind() == RowKind.REVALUATION
                                ? "(SELECT revalued FROM revaluations WHERE revaluation = ?)"
                                : "(SELECT reversed FROM reversals WHERE reversal = ?)"),
                number(Number.SEQUENCE),
                found -> reading.of(new StoredRow(handle, found)));
    }

    private <T> T one(String sql, long number, Reading<T> reading) throws SQLException {
        PreparedStatement select = handle.statement(sql);
        select.setLong(1, number);
        try (ResultSet found = select.executeQuery()) {
            if (!found.next()) {
                throw new IllegalArgumentException("there is no row " + number + " for: " + sql);
            }
            return reading.of(found);
        }
    }
}
