package dev.tokenledger.sources.logs;

/** What is noted on records about the quality of a log's figures. */
final class Notes {

    /** The log was read while the answer was being written, or never saw its end. */
    static final String OUTPUT_INCOMPLETE = "output_incomplete";

    /** The log does not say for how long the cache keeps what was written. */
    static final String CACHE_SPLIT_MISSING = "cache_split_missing";

    /** The log does not say which model it was. */
    static final String MODEL_MISSING = "model_missing";

    /** The figures contain calls of which the log has nothing else. */
    static final String CALLS_MISSING = "calls_missing";

    /** The program's own total is not the sum of its parts. */
    static final String TOTAL_DIFFERS = "total_differs";

    private Notes() {}
}
