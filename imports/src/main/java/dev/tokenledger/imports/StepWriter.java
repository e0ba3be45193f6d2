package dev.tokenledger.imports;

import dev.tokenledger.Batch.Step;
import dev.tokenledger.WriteResult;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes steps so that one that the ledger refuses holds up no other. */
interface StepWriter {

    /** What became of a step: the ledger's answer, or why it refused. */
    record Answer(@Nullable WriteResult result, String refusal) {
        static Answer of(WriteResult result) {
            return new Answer(result, "");
        }

        static Answer refused(IllegalArgumentException e) {
            return new Answer(null, String.valueOf(e.getMessage()));
        }
    }

    /**
     * Writes steps and readers' states; the states in the last of the commits, if it takes several.
     *
     * @return an answer for each step, in order
     */
    List<Answer> write(List<Step> steps, Map<String, String> states);

    /** Whether nothing is stored. */
    boolean dry();
}
