package dev.tokenledger.imports;

import dev.tokenledger.Batch;
import dev.tokenledger.Batch.Step;
import dev.tokenledger.WriteResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Writes into a ledger, in one commit unless it refuses a step. */
final class LedgerWriter implements StepWriter {

    private final Function<Batch, List<WriteResult>> ledger;

    LedgerWriter(Function<Batch, List<WriteResult>> ledger) {
        this.ledger = ledger;
    }

    @Override
    public boolean dry() {
        return false;
    }

    @Override
    public List<Answer> write(List<Step> steps, Map<String, String> states) {
        List<Answer> answers = new ArrayList<>(steps.size());
        if (!steps.isEmpty() || !states.isEmpty()) {
            write(steps, states, answers);
        }
        return answers;
    }

    /** Where the ledger refuses a step, the others are written in halves, until that one stands alone. */
    private void write(List<Step> steps, Map<String, String> states, List<Answer> answers) {
        try {
            ledger.apply(batch(steps, states)).forEach(result -> answers.add(Answer.of(result)));
        } catch (IllegalArgumentException e) {
            if (steps.isEmpty()) {
                throw e;
            }
            if (steps.size() == 1) {
                answers.add(Answer.refused(e));
                if (!states.isEmpty()) {
                    write(List.of(), states, answers);
                }
                return;
            }
            int half = steps.size() / 2;
            write(steps.subList(0, half), Map.of(), answers);
            write(steps.subList(half, steps.size()), states, answers);
        }
    }

    private static Batch batch(List<Step> steps, Map<String, String> states) {
        Batch.Builder builder = Batch.builder();
        steps.forEach(builder::step);
        states.forEach(builder::readerState);
        return builder.build();
    }
}
