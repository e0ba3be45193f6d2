package dev.tokenledger;

import org.jspecify.annotations.Nullable;

/**
 * The calling thread was interrupted while it waited. The message says whether anything was stored; the thread's interrupt flag
 * is set again.
 */
public final class LedgerInterruptedException extends LedgerException {

    private static final long serialVersionUID = 1L;

    /**
     * Describes a failure.
     *
     * @param message what was attempted, on what, what became of the data, and what to do
     * @param cause what the store said, if it said something
     */
    public LedgerInterruptedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
