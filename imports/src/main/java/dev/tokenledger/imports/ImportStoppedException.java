package dev.tokenledger.imports;

import dev.tokenledger.LedgerException;

/**
 * The ledger failed, or the thread was interrupted, before an import was at its end. What the report counts is stored; importing
 * again takes up the rest and adds nothing twice. The cause is the ledger's own exception.
 */
public final class ImportStoppedException extends LedgerException {

    private static final long serialVersionUID = 1L;

    private final transient ImportReport report;

    ImportStoppedException(ImportReport report, LedgerException cause) {
        super(
                "the import stopped: " + cause.getMessage()
                        + ". What was counted until then is stored; import again to take up" + " the rest",
                cause);
        this.report = report;
    }

    /** What was stored until then. */
    public ImportReport report() {
        return report;
    }
}
