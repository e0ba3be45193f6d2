package dev.tokenledger;

import java.util.Objects;

/**
 * One of several ledgers that are added up did not answer. Ask again later, or ask for an answer without it, see {@link
 * FederatedLedger#partial}.
 */
public final class LedgerMissingException extends LedgerException {

    private static final long serialVersionUID = 1L;

    private final String ledger;

    /**
     * Describes a failure.
     *
     * @param ledger the name of the ledger
     * @param cause what it failed with; its message is shown to whoever runs this program
     */
    LedgerMissingException(String ledger, RuntimeException cause) {
        super(
                "the ledger " + ledger + " did not answer: "
                        + (cause.getMessage() == null ? cause.toString() : cause.getMessage()),
                cause);
        this.ledger = Objects.requireNonNull(ledger, "ledger");
    }

    /** The name of the ledger. */
    public String ledger() {
        return ledger;
    }

    /** Why, in a few words without paths and addresses, for those who ask a server. */
    public String reason() {
        Throwable cause = getCause();
        if (cause instanceof LedgerTimeoutException) {
            return "took too long";
        }
        if (cause instanceof LedgerBusyException || cause instanceof LedgerOverloadedException) {
            return "is busy";
        }
        if (cause instanceof LedgerCorruptException) {
            return "is damaged";
        }
        return cause instanceof LedgerIncompatibleException ? "is of another version" : "cannot be read";
    }
}
