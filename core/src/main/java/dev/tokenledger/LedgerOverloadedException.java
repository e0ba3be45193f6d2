package dev.tokenledger;

/** More questions were asked at once than the ledger answers, for longer than one waits. Nothing failed; ask again later. */
public final class LedgerOverloadedException extends LedgerException {

    private static final long serialVersionUID = 1L;

    /**
     * Describes what was asked.
     *
     * @param message what was attempted, on what, and what to do
     */
    public LedgerOverloadedException(String message) {
        super(message, null);
    }
}
