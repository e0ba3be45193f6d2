package dev.tokenledger.imports;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerEntry.Revaluation;
import dev.tokenledger.WriteResult;
import dev.tokenledger.backend.Revision;
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
    public List<WriteResult> write(List<Batch.Step> steps, Map<String, String> states) {
        List<WriteResult> results = new ArrayList<>(steps.size());
        for (Batch.Step step : steps) {
            if (step instanceof Batch.Step.Revise revise) {
                results.add(revise(revise));
            } else if (step instanceof Batch.Step.Restore restore) {
                results.add(restore(restore));
            } else {
                results.add(append(step.record()));
            }
        }
        return results;
    }

    /** What the ledger would answer after all steps before; of a record that it would reject nothing is kept. */
    private WriteResult revise(Batch.Step.Revise step) {
        Revision revision = Revision.of(step, new Copies());
        UsageRecord stored = null;
        if (revision instanceof Revision.First first) {
            stored = first.record();
        } else if (revision instanceof Revision.Next next) {
            stored = next.record();
        }
        Optional<WriteResult> rejected = stored == null ? Optional.empty() : rejected(stored);
        return rejected.orElseGet(
                () -> copy.write(Batch.builder().step(step).build()).get(0));
    }

    /** What the ledger has, copied as it is asked for; calls are looked for by their requests in the copy alone. */
    private final class Copies implements Revision.Lookup {

        @Override
        public List<LedgerEntry> revisions(String key) {
            ledger.revisions(key).forEach(DryRun.this::keep);
            return copy.revisions(key);
        }

        @Override
        public List<LedgerEntry> ofRequest(String sessionId, String upstreamRequestId) {
            return List.of();
        }
    }

    private WriteResult append(UsageRecord record) {
        Optional<LedgerEntry> stored = touch(record.id());
        if (stored.isPresent() && stored.get().kind() != LedgerEntry.Kind.USAGE) {
            String kind = switch (stored.get().kind()) {
                case REVERSAL -> "a reversal";
                case REVALUATION -> "a revaluation";
                case USAGE, ADJUSTMENT -> "an adjustment";
            };
            return new AppendResult.Conflict(record.id(), "id", kind, "a record");
        }
        Optional<WriteResult> rejected = stored.isPresent() ? Optional.empty() : rejected(record);
        return rejected.orElseGet(() -> copy.append(record));
    }

    private WriteResult restore(Batch.Step.Restore step) {
        touch(step.record().id());
        touch(step.entry().id());
        return copy.write(Batch.builder().step(step).build()).get(0);
    }

    /** Rejects what the ledger would reject: only a record that would be stored is priced. */
    private Optional<WriteResult> rejected(UsageRecord record) {
        try {
            prices.price(record, Instant.now());
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(new AppendResult.Rejected(record.id(), "cost_usd", String.valueOf(e.getMessage())));
        }
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
            keepRevaluations(stored);
            stored.reversal().ifPresent(reversal -> copy.reverse(stored.id(), reversal.reason()));
        } else if (stored.kind() == LedgerEntry.Kind.ADJUSTMENT
                && copy.find(stored.id()).isEmpty()) {
            copy.write(Batch.builder().restore(stored, Optional.empty()).build());
            stored.reversal().ifPresent(reversal -> copy.reverse(stored.id(), reversal.reason()));
        }
    }

    /** Revaluations of a stored record: as many as it has, the last one being what it is. */
    private void keepRevaluations(LedgerEntry stored) {
        stored.revaluation().ifPresent(last -> {
            for (int number = 1; number <= last.number(); number++) {
                RecordId id = number == last.number() ? last.id() : RecordId.generate();
                Revaluation one = new Revaluation(id, last.revalues(), number, last.run(), last.reason(), last.cost());
                copy.write(Batch.builder()
                        .restore(
                                LedgerEntry.ofRevaluation(1, stored.record(), one, stored.recorded()), Optional.empty())
                        .build());
            }
        });
    }
}
