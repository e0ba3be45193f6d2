package dev.tokenledger;

import org.jspecify.annotations.Nullable;

/** The store cannot be written to. Change its permissions, or open it for reading alone. */
public final class LedgerReadOnlyException extends LedgerException {

    private static final long serialVersionUID = 1L;

    /**
     * Describes a failure.
     *
     * @param message what was attempted, on what, what became of the data, and what to do
     * @param cause what the store said, if it said something
     */
    public LedgerReadOnlyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
