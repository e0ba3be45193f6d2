package dev.tokenledger;

import org.jspecify.annotations.Nullable;

/** Another writer held the store for longer than the busy timeout; nothing was stored. Retry with the same ids. */
public final class LedgerBusyException extends LedgerException {

    private static final long serialVersionUID = 1L;

    /**
     * Describes a failure.
     *
     * @param message what was attempted, on what, what became of the data, and what to do
     * @param cause what the store said, if it said something
     */
    public LedgerBusyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
