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
}
