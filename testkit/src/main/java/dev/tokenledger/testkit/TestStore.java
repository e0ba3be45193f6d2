package dev.tokenledger.testkit;

import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import java.io.IOException;
import java.time.InstantSource;

/**
 * A place to keep one ledger in, empty at first, for one test: a file, a schema, a piece of memory.
 *
 * <p>One ledger at a time is open over it unless a test of the backend says otherwise.
 */
public interface TestStore extends AutoCloseable {

    /**
     * Opens a ledger over what is in the store. The first call finds it empty; a later one finds what earlier ledgers
     * wrote, if the store is {@linkplain #persistent() persistent}.
     *
     * @param prices what the ledger prices records by
     * @param clock what the ledger reads "now" from
     */
    Ledger open(PriceBook prices, InstantSource clock) throws Exception;

    /** Whether a ledger's records are still there after it was closed and opened again. */
    default boolean persistent() {
        return true;
    }

    /** Removes the store; every ledger over it is closed by then. */
    @Override
    void close() throws IOException;
}
