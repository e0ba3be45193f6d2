package dev.tokenledger.sql.engine;

import dev.tokenledger.sql.records.Combination;
import dev.tokenledger.sql.records.RareFields;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** A row of records with what it refers to. Read while the row is the current one. */
public interface StoredEntry extends StoredRecord {

    /** Why and by which entry a record was reversed. */
    record Reversed(String by, String reason) {}

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

    /** Makes something of a row. */
    @FunctionalInterface
    interface Negated<T> {
        /** What comes of it, read before the call returns. */
        T of(StoredEntry record) throws SQLException;
    }

    /** What comes of the record that this one, a reversal, reverses. */
    <T> T negated(Negated<T> reading) throws SQLException;
}
