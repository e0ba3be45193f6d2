package dev.tokenledger;

/**
 * A ledger that tells listeners what was written through it. Writes of other programs, and through the ledger beneath, are not
 * seen. A listener that throws is counted, and neither the writer nor the other listeners notice; nor does a writer fail whose
 * entries cannot be read back, which counts as well.
 *
 * <p>Each write reads its entries again for the listeners; without listeners it does not. Closing it closes the ledger beneath.
 * Safe for use by many threads.
 */
public sealed interface ObservedLedger extends Ledger permits ObservingLedger {

    /** A ledger that stands for this one. */
    static ObservedLedger of(Ledger ledger) {
        return ledger instanceof ObservedLedger observed ? observed : new ObservingLedger(ledger);
    }

    /** Tells this listener of every commit from now on. */
    void addListener(LedgerListener listener);

    /** Tells this listener no longer. */
    void removeListener(LedgerListener listener);

    /** How often a listener threw, or could not be told because entries could not be read. */
    long failures();
}
