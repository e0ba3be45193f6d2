package dev.tokenledger.testkit;

/**
 * What every {@link dev.tokenledger.Ledger} promises, as tests.
 *
 * <p>A backend extends this class and says how to make an empty store; everything else is here. The tests see a ledger
 * through its interface alone, so what is particular to a backend (files, crashes, migrations) needs tests of its own.
 *
 * <pre>{@code
 * class FileLedgerContractTest extends LedgerContract {
 *     @Override
 *     protected TestStore newStore() {
 *         return new FileStore(folder.resolve("ledger.db"));
 *     }
 * }
 * }</pre>
 */
public abstract class LedgerContract extends ReportContract {

    /** For subclasses, which JUnit makes one of for each test. */
    protected LedgerContract() {}
}
