package dev.tokenledger.clickhouse;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A statement that a server refused or did not answer. The message holds neither the statement's data nor a password. */
final class ClickHouseException extends IOException {

    private static final long serialVersionUID = 1;

    private final int code;

    /**
     * A failure.
     *
     * @param code ClickHouse's number of the error; 0 if the server did not answer
     */
    ClickHouseException(String message, int code, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** ClickHouse's number of the error; 0 if the server did not answer, so that what was to be done may be done or not. */
    int code() {
        return code;
    }
}
