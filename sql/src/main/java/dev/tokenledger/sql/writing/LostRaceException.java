package dev.tokenledger.sql.writing;

import java.sql.SQLException;

/** Another process changed what a transaction had decided by, or the transaction lost a deadlock: all of it is done again. */
final class LostRaceException extends SQLException {

    private static final long serialVersionUID = 1L;

    /** @param what was found changed */
    LostRaceException(String what) {
        super(what + " was changed by another process at the same time");
    }

    LostRaceException(SQLException cause) {
        super(cause.getMessage(), cause);
    }
}
