package dev.tokenledger.sql.writing;

import java.sql.SQLException;

/**
 * Something to be written, for one caller. It may be applied several times, in one transaction after another was rolled back,
 * by whichever thread leads then.
 *
 * @param <T> what its caller is told
 */
public interface Work<T> {

    /** How many rows it writes, about. */
    int size();

    /** Does it, or stages it to be done with others. */
    void apply(WriteKernel kernel) throws SQLException;

    /** Called once everything staged is done, before the commit. */
    default void check() throws SQLException {
        // Most have nothing to check.
    }

    /** What its caller is told, once the commit is durable. */
    T result();
}
