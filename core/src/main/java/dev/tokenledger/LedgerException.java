package dev.tokenledger;

import org.jspecify.annotations.Nullable;

/**
 * The store behind a ledger failed. Each subclass is named for what to do next; expected outcomes such as duplicates are
 * {@linkplain WriteResult values}, and a caller's mistakes are {@link IllegalArgumentException}s.
 */
public abstract class LedgerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** For subclasses: see theirs. */
    protected LedgerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
