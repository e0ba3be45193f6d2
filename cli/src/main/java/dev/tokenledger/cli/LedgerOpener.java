package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import java.nio.file.Path;

/** Opens ledgers: the one place where the program and an engine meet. */
interface LedgerOpener {

    /**
     * Opens a ledger for writing; makes it, and the folders it lies in, when it is not there.
     *
     * @param prices what records are priced with as they arrive
     */
    Ledger open(Path file, PriceBook prices);

    /** Opens a ledger that is there, without writing to it. */
    Ledger openReadOnly(Path file);
}
