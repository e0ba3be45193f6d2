package dev.tokenledger;

import org.jspecify.annotations.Nullable;

/** The store has no room left; nothing was stored. Make room and retry with the same ids. */
public final class LedgerFullException extends LedgerException {

    private static final long serialVersionUID = 1L;

    /**
     * Describes a failure.
     *
     * @param message what was attempted, on what, what became of the data, and what to do
     * @param cause what the store said, if it said something
     */
    public LedgerFullException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
