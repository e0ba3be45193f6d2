package dev.tokenledger;

import java.util.Map;
import java.util.Optional;

/**
 * What readers of files and streams asked a ledger to remember, such as how far they read. It is written with the records it
 * belongs to, in one commit: see {@link Batch.Builder#readerState}. So a reader that begins where its state says neither misses
 * a record nor stores one twice.
 *
 * <p>Safe for use by many threads.
 */
public interface ReaderStates {

    /** What was remembered under this key. */
    Optional<String> readerState(String key);

    /** What was remembered under the keys that begin with this prefix, in the order of their keys. */
    Map<String, String> readerStates(String prefix);

    /**
     * Remembers states in one commit, if nobody changed the one under {@code key} since it was read: what several processes decide
     * on together is decided by one of them at a time.
     *
     * @param expected what was remembered under {@code key}; empty for nothing
     * @param states what to remember, as {@link Batch.Builder#readerState} takes it; one of them, neither empty nor as
     *     expected, under {@code key}
     * @return whether the state was as expected; if not, nothing is stored
     * @throws IllegalArgumentException if a state is none, or there is none under {@code key}
     * @throws UnsupportedOperationException if the ledger does not offer it, as one of another maker may not
     */
    default boolean compareAndSetReaderState(String key, String expected, Map<String, String> states) {
        throw new UnsupportedOperationException(
                getClass().getName() + " does not compare readers' states; use a ledger that does");
    }
}
