package dev.tokenledger.sql.engine;

import dev.tokenledger.sql.records.Combination;
import dev.tokenledger.sql.records.RareFields;
import java.sql.SQLException;

/** A row of records as a copy elsewhere gets it, with its names. Read while the row is the current one. */
public interface CopiedRecord extends StoredRecord {

    /** The number of the transaction that wrote it. */
    long written() throws SQLException;

    /** What its number of a combination stands for. */
    Combination combination() throws SQLException;

    /** The session and conversation; empty texts for none. */
    NameReader.ThreadIds thread() throws SQLException;

    /** The set of attributes as a JSON object; empty for none. */
    String attributes() throws SQLException;

    /** The rare fields; {@link RareFields#NONE} for none. */
    RareFields rareFields() throws SQLException;

    /** The id of the price that the cost came from; empty for none. */
    String priceId() throws SQLException;

    /** The id of what a reversal or revaluation concerns; empty for all else. */
    String concerned() throws SQLException;
}
