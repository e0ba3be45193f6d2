package dev.tokenledger;

import org.jspecify.annotations.Nullable;

/** The store's content is damaged. Keep a copy of its files, and restore a backup or rebuild. */
public final class LedgerCorruptException extends LedgerException {

    private static final long serialVersionUID = 1L;

    /**
     * Describes a failure.
     *
     * @param message what was attempted, on what, what became of the data, and what to do
     * @param cause what the store said, if it said something
     */
    public LedgerCorruptException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
