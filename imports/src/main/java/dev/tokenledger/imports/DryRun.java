package dev.tokenledger.imports;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.WriteResult;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Answers as a ledger would, and stores nothing in it: new records go to a ledger in memory, and an old one is copied there
 * when a new one touches it.
 */
final class DryRun implements StepWriter {

    private final Ledger ledger;
    private final PriceBook prices;

    /** Without prices, so that no copy of an old record is refused at today's. */
    private final InMemoryLedger copy = InMemoryLedger.open(PriceBook.empty());

    DryRun(Ledger ledger, PriceBook prices) {
        this.ledger = ledger;
        this.prices = prices;
    }

    @Override
    public boolean dry() {
        return true;
    }

    @Override
    public List<Answer> write(List<Batch.Step> steps, Map<String, String> states) {
        List<Answer> answers = new ArrayList<>(steps.size());
        for (Batch.Step step : steps) {
            try {
                answers.add(Answer.of(write(step)));
            } catch (IllegalArgumentException e) {
                answers.add(Answer.refused(e));
            }
        }
        return answers;
    }

    /**
     * What the ledger would answer to a step after all steps before.
     *
     * @throws IllegalArgumentException if it would refuse the record; nothing is kept of it
     */
    private WriteResult write(Batch.Step step) {
        Batch.Builder one = Batch.builder();
        if (step instanceof Batch.Step.Revise revise) {
            ledger.revisions(revise.key()).forEach(this::keep);
            if (copy.revisions(revise.key()).isEmpty()) {
                price(step.record());
            }
            one.revise(revise.key(), revise.record(), (inForce, offered) -> {
                UsageRecord merged = revise.merge().merge(inForce, offered);
                price(merged);
                return merged;
            });
        } else {
            RecordId id = step.record().id();
            Optional<LedgerEntry> stored = touch(id);
            if (stored.isEmpty()) {
                price(step.record());
            } else if (stored.get().kind() == LedgerEntry.Kind.REVERSAL) {
                return new AppendResult.Conflict(id, "id", "a reversal", "a record");
            }
            one.append(step.record());
        }
        return copy.write(one.build()).get(0);
    }

    /** Refuses what the ledger would refuse: only a record that would be stored is priced. */
    private void price(UsageRecord record) {
        prices.price(record, Instant.now());
    }

    /** The entry of this id, copied before it is touched. */
    private Optional<LedgerEntry> touch(RecordId id) {
        Optional<LedgerEntry> known = copy.find(id);
        if (known.isPresent()) {
            return known;
        }
        Optional<LedgerEntry> stored = ledger.find(id);
        stored.ifPresent(this::keep);
        return stored;
    }

    /** Copies a stored record, unless it was copied before. */
    private void keep(LedgerEntry stored) {
        if (stored.kind() == LedgerEntry.Kind.USAGE && copy.find(stored.id()).isEmpty()) {
            copy.append(stored.record());
            stored.reversal().ifPresent(reversal -> copy.reverse(stored.id(), reversal.reason()));
        }
    }
}
