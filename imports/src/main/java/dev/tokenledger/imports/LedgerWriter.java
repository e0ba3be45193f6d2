package dev.tokenledger.imports;

import dev.tokenledger.Batch;
import dev.tokenledger.Batch.Step;
import dev.tokenledger.WriteResult;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Writes into a ledger. */
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
    public List<WriteResult> write(List<Step> steps, Map<String, String> states) {
        if (steps.isEmpty() && states.isEmpty()) {
            return List.of();
        }
        Batch.Builder batch = Batch.builder();
        steps.forEach(batch::step);
        states.forEach(batch::readerState);
        return ledger.apply(batch.build());
    }
}
