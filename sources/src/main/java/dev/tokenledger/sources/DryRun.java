package dev.tokenledger.sources;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.Revision;
import dev.tokenledger.WriteResult;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.usage.RecordId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Answers as a ledger would, and stores nothing in it: new records go to a ledger in memory, and an old one is copied there
 * when a new one touches it.
 */
final class DryRun implements Function<Batch, List<WriteResult>> {

    private final Ledger ledger;
    private final PriceBook prices;

    /** Without prices, so that no copy of an old record is refused at today's. */
    private final InMemoryLedger copy = InMemoryLedger.open(PriceBook.empty());

    DryRun(Ledger ledger, PriceBook prices) {
        this.ledger = ledger;
        this.prices = prices;
    }

    @Override
    public List<WriteResult> apply(Batch batch) {
        // As in a ledger, a record that is refused leaves nothing of its batch behind.
        batch.steps().forEach(step -> prices.price(step.record(), Instant.EPOCH));
        List<WriteResult> results = new ArrayList<>(batch.steps().size());
        batch.steps().forEach(step -> results.add(write(step)));
        return results;
    }

    private WriteResult write(Batch.Step step) {
        if (step instanceof Batch.Step.Reconcile reconcile) {
            for (int number = 1; touch(Revision.id(reconcile.key(), number)).isPresent(); number++) {
                // Every revision there is takes part in the answer.
            }
        } else {
            RecordId id = step.record().id();
            if (touch(id)
                    .map(entry -> entry.kind() == LedgerEntry.Kind.REVERSAL)
                    .orElse(false)) {
                return new AppendResult.Conflict(id, "id", "a reversal", "a record");
            }
        }
        Batch.Builder one = Batch.builder();
        if (step instanceof Batch.Step.Reconcile reconcile) {
            one.reconcile(reconcile.key(), reconcile.record(), reconcile.merge());
        } else {
            one.append(step.record());
        }
        return copy.write(one.build()).get(0);
    }

    /** The entry of this id, copied before it is touched. */
    private Optional<LedgerEntry> touch(RecordId id) {
        Optional<LedgerEntry> known = copy.find(id);
        if (known.isPresent()) {
            return known;
        }
        Optional<LedgerEntry> stored = ledger.find(id);
        stored.filter(entry -> entry.kind() == LedgerEntry.Kind.USAGE).ifPresent(entry -> {
            copy.append(entry.record());
            entry.reversal().ifPresent(reversal -> copy.reverse(id, reversal.reason()));
        });
        return stored;
    }
}
