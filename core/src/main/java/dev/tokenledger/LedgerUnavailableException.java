package dev.tokenledger;

import org.jspecify.annotations.Nullable;

/** Reading or writing the store failed. What was not acknowledged may or may not be there: retry with the same ids. */
public final class LedgerUnavailableException extends LedgerException {

    private static final long serialVersionUID = 1L;

    /**
     * Describes a failure.
     *
     * @param message what was attempted, on what, what became of the data, and what to do
     * @param cause what the store said, if it said something
     */
    public LedgerUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
