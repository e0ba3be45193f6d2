package dev.tokenledger;

import org.jspecify.annotations.Nullable;

/** The file is not a ledger, or one of a newer version. Choose another file, or upgrade this program. */
public final class LedgerIncompatibleException extends LedgerException {

    private static final long serialVersionUID = 1L;

    /**
     * Describes a failure.
     *
     * @param message what was attempted, on what, what became of the data, and what to do
     * @param cause what the store said, if it said something
     */
    public LedgerIncompatibleException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
