package dev.tokenledger.recorder;

import dev.tokenledger.Ledger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The ledger that records go to: the host's own, or one that is opened when it is first needed, and opened again after it was
 * closed. Used by one thread.
 */
final class LedgerSource implements AutoCloseable {

    private final Supplier<? extends Ledger> opener;
    private final boolean owned;
    private @Nullable Ledger ledger;

    private LedgerSource(Supplier<? extends Ledger> opener, boolean owned) {
        this.opener = opener;
        this.owned = owned;
    }

    /** The host's ledger, which stays open. */
    static LedgerSource of(Ledger ledger) {
        return new LedgerSource(() -> ledger, false);
    }

    /** A ledger to be opened, and closed in the end. */
    static LedgerSource opening(Supplier<? extends Ledger> opener) {
        return new LedgerSource(opener, true);
    }

    /** The ledger. What its opener throws says that it is away. */
    Ledger get() {
        Ledger open = ledger;
        if (open == null) {
            try {
                open = opener.get();
            } catch (RuntimeException e) {
                throw new IllegalStateException("cannot open the ledger: " + e.getMessage(), e);
            }
            ledger = open;
        }
        return open;
    }

    /** A ledger that somebody closed is opened again. */
    void failed(Throwable cause) {
        if (cause instanceof IllegalStateException) {
            close();
        }
    }

    @Override
    public void close() {
        Ledger open = ledger;
        ledger = null;
        if (owned && open != null) {
            open.close();
        }
    }
}
