package dev.tokenledger.sql.writing;

import dev.tokenledger.ConditionalResult.Refused;

/** Rolls back the transaction of a batch that is to be written as a whole or not at all, and carries why to its caller. */
public final class BatchRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Refused refused;

    BatchRefusedException(Refused refused) {
        super("a step of the batch is in conflict or was rejected", null, false, false);
        this.refused = refused;
    }

    /** What each step would have been. */
    public Refused refused() {
        return refused;
    }
}
