package dev.tokenledger.sql.engine;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The columns of a row of records as the database has them. Read while the row is the current one. */
public interface StoredRecord {

    /** A number that every row has; 0 where the column may be empty and is. */
    enum Number {
        /** The order of arrival. */
        SEQUENCE,
        /** The call, in microseconds. */
        OCCURRED,
        /** When it was recorded, in microseconds. */
        RECORDED,
        /** The number of the combination. */
        COMBINATION,
        /** The number of the session and conversation. */
        THREAD,
        /** The number of the set of attributes. */
        ATTRIBUTES,
        /** The number of the rare fields. */
        RARE_FIELDS,
        /** The number of the price. */
        PRICE,
        /** Tokens. */
        INPUT,
        /** Tokens. */
        OUTPUT,
        /** Tokens. */
        CACHE_READ,
        /** Tokens. */
        CACHE_CREATION,
        /** Tokens. */
        CACHE_CREATION_5M,
        /** Tokens. */
        CACHE_CREATION_1H,
        /** Tokens. */
        REASONING,
        /** 10⁻¹² USD. */
        COST
    }

    /** One of the numbers. */
    long number(Number number) throws SQLException;

    /** How long the call took in milliseconds; null if that was not stated. */
    @Nullable
    Long duration() throws SQLException;

    /** The provider's own figure in 10⁻¹² USD; null if there is none. */
    @Nullable
    Long reportedCost() throws SQLException;

    /** What it is, see {@link dev.tokenledger.sql.records.RowKind}. */
    int kind() throws SQLException;

    /** Its id. */
    String id() throws SQLException;

    /** The request's id; empty for none. */
    String requestId() throws SQLException;

    /** The provider's id of the request; empty for none. */
    String upstreamRequestId() throws SQLException;

    /** What hardly any record has, as {@link dev.tokenledger.sql.records.Values#json} writes it; null for nothing. */
    @Nullable
    String extra() throws SQLException;
}
