package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.LabelText;

/** What is noted on records about the quality of a log's figures. */
final class Notes {

    /** The log was read while the answer was being written, or never saw its end. */
    static final String OUTPUT_INCOMPLETE = "output_incomplete";

    /** The log does not say for how long the cache keeps what was written. */
    static final String CACHE_SPLIT_MISSING = "cache_split_missing";

    /** The log does not say which model it was. */
    static final String MODEL_MISSING = "model_missing";

    /** The log does not say which model it was; it is the one that the program is set to use now. */
    static final String MODEL_INFERRED = "model_inferred";

    /** The log does not say what of the input was read from the cache or written to it; all of it is charged as fresh input. */
    static final String CACHE_SHARE_MISSING = "cache_share_missing";

    /** The figures contain calls of which the log has nothing else. */
    static final String CALLS_MISSING = "calls_missing";

    /** The program's own total is not the sum of its parts. */
    static final String TOTAL_DIFFERS = "total_differs";

    /** The counts contain passes that made the input shorter, which ran beside the call. */
    static final String COMPACTION_INCLUDED = "compaction_included";

    /** Writes by their time to live are more than all writes are said to be; their sum is taken. */
    static final String CACHE_SPLIT_ABOVE_TOTAL = "cache_split_above_total";

    /** More is said to be spent on reasoning than written; what was spent on reasoning is left out. */
    static final String REASONING_ABOVE_OUTPUT = "reasoning_above_output";

    /** A pass of the turn ran on another model, at whose price its tokens are not charged. */
    static final String PASS_OF_ANOTHER_MODEL = "pass_of_another_model";

    /** Another model gave advice, whose tokens are not in the counts. */
    static final String ADVISOR_NOT_INCLUDED = "advisor_not_included";

    /** The log says more of where the call was made than a record can keep. */
    static final String LABELS_INCOMPLETE = LabelText.INCOMPLETE;

    /** Some of the audio must have been read from the cache; what is left of the uncached input is taken for audio. */
    static final String INPUT_PARTS_PARTLY_CACHED = "input_parts_partly_cached";

    /** The total proves that reasoning is counted beside the output, and not in it. */
    static final String REASONING_ADDED_TO_OUTPUT = "reasoning_added_to_output";

    private Notes() {}
}
