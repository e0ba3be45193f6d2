package dev.tokenledger.imports;

import dev.tokenledger.Batch.Step;
import dev.tokenledger.WriteResult;
import java.util.List;
import java.util.Map;

/** Where an import writes: a ledger, or what answers as one. */
interface StepWriter {

    /**
     * Writes steps and readers' states in one commit.
     *
     * @return a result for each step, in order
     */
    List<WriteResult> write(List<Step> steps, Map<String, String> states);

    /** Whether nothing is stored. */
    boolean dry();
}
