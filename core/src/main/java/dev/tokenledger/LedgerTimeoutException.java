package dev.tokenledger;

import org.jspecify.annotations.Nullable;

/** A query took longer than its limit and was stopped. Ask for less, or raise the limit. */
public final class LedgerTimeoutException extends LedgerException {

    private static final long serialVersionUID = 1L;

    /**
     * Describes a failure.
     *
     * @param message what was attempted, on what, what became of the data, and what to do
     * @param cause what the store said, if it said something
     */
    public LedgerTimeoutException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
