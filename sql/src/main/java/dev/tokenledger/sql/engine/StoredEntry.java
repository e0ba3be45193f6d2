package dev.tokenledger.sql.engine;

import dev.tokenledger.sql.records.Combination;
import dev.tokenledger.sql.records.RareFields;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** A row of records with what it refers to. Read while the row is the current one. */
public interface StoredEntry extends StoredRecord {

    /** Why and by which entry a record was reversed. */
    record Reversed(String by, String reason) {}

    /**
     * A revaluation, and the cost that it gave.
     *
     * @param by the entry's id
     * @param number which of the record's revaluations it is
     * @param cost in 10⁻¹² USD
     * @param status the pricing status, as text
     * @param priceId the price that the cost came from; null for none
     * @param costNotes as {@link RareFields} has them
     * @param extra as {@link #extra} of the revaluation's row
     */
    record Revalued(
            String by,
            int number,
            String run,
            String reason,
            long cost,
            String status,
            @Nullable String priceId,
            String costNotes,
            @Nullable String extra) {}

    /** The combination of the number, which is asked once for each. */
    Combination combination() throws SQLException;

    /** The session and conversation of the number, which is not 0 and asked once for each. */
    NameReader.ThreadIds thread() throws SQLException;

    /** The set of attributes of the number, which is not 0 and asked once for each. */
    @Nullable
    String attributes() throws SQLException;

    /** The rare fields of the number, which is not 0 and asked once for each. */
    RareFields rareFields() throws SQLException;

    /** The id of the price of the number, which is not 0 and asked once for each. */
    String priceId() throws SQLException;

    /** What reversed it; null if nothing did. */
    @Nullable
    Reversed reversed() throws SQLException;

    /** The last revaluation of a record, or what a row says that is one; null if there is none. */
    @Nullable
    Revalued revalued() throws SQLException;

    /** Makes something of a row. */
    @FunctionalInterface
    interface Concerned<T> {
        /** What comes of it, read before the call returns. */
        T of(StoredEntry record) throws SQLException;
    }

    /** What an adjustment is for. */
    String adjusted() throws SQLException;

    /** What comes of the record or adjustment that this one, a reversal or revaluation, concerns. */
    <T> T concerned(Concerned<T> reading) throws SQLException;
}
