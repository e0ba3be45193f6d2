package dev.tokenledger.testkit;

import dev.tokenledger.Batch;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.Merge;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.ReversalResult;
import dev.tokenledger.WriteResult;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** One thing that a caller does to a ledger. */
public sealed interface Operation {

    /**
     * Does it.
     *
     * @return what the caller sees, in a form that is equal for ledgers that stand the same: ids of reversals, which
     *     each ledger makes up, are left out, and a refusal is its exception's name
     */
    Object apply(Ledger ledger);

    /** Appends a record. */
    record Append(UsageRecord record) implements Operation {
        @Override
        public Object apply(Ledger ledger) {
            return orRefusal(() -> ledger.append(record));
        }
    }

    /** Writes a batch. */
    record Write(Batch batch) implements Operation {
        @Override
        public Object apply(Ledger ledger) {
            return orRefusal(() -> ledger.write(batch));
        }

        @Override
        public String toString() {
            return "Write" + batch.steps() + batch.readerStates();
        }
    }

    /** Brings a record up to date. */
    record Revise(String key, UsageRecord record, Merge merge) implements Operation {
        @Override
        public Object apply(Ledger ledger) {
            return orRefusal(() -> ledger.revise(key, record, merge));
        }
    }

    /** Reverses a record. */
    record Reverse(RecordId id, String reason) implements Operation {
        @Override
        public Object apply(Ledger ledger) {
            return withoutReversal(ledger.reverse(id, reason));
        }
    }

    /** Tries to reverse the reversal of a record, or the record where it was not reversed. */
    record ReverseReversal(RecordId id) implements Operation {
        @Override
        public Object apply(Ledger ledger) {
            RecordId reversal = ledger.find(id)
                    .flatMap(LedgerEntry::reversal)
                    .map(LedgerEntry.Reversal::id)
                    .orElse(id);
            ReversalResult result = ledger.reverse(reversal, "");
            return result instanceof ReversalResult.NotFound ? "not found" : withoutReversal(result);
        }
    }

    /** Replaces a record. */
    record Replace(RecordId id, UsageRecord replacement, String reason) implements Operation {
        @Override
        public Object apply(Ledger ledger) {
            return orRefusal(() -> withoutReversal(ledger.replace(id, replacement, reason)));
        }
    }

    /**
     * Revalues records by a book, or back to what they cost first without one.
     *
     * @param ids of records, which may come several times; others are left out
     */
    record Revalue(List<RecordId> ids, Optional<PriceBook> book, String run, String reason) implements Operation {
        @Override
        public Object apply(Ledger ledger) {
            Batch.Builder batch = Batch.builder();
            for (RecordId id : ids) {
                ledger.find(id)
                        .filter(entry -> entry.kind() == LedgerEntry.Kind.USAGE)
                        .ifPresent(entry -> batch.step(step(entry)));
            }
            return orRefusal(() -> ledger.write(batch.build()).stream()
                    .map(result -> result instanceof WriteResult.Revalued revalued
                            ? List.of("revalued", revalued.id())
                            : result)
                    .toList());
        }

        private Batch.Step step(LedgerEntry entry) {
            UsageRecord record = entry.record();
            Cost cost =
                    book.map(prices -> prices.price(record, entry.occurred())).orElse(entry.cost());
            Optional<PriceEntry> price = book.flatMap(prices -> prices.find(record, entry.occurred()))
                    .filter(found -> cost.priceId().equals(Optional.of(found.id())));
            return new Batch.Step.Revalue(entry, cost, price, run, reason);
        }

        @Override
        public String toString() {
            return "Revalue[" + ids + " " + (book.isPresent() ? "by a book" : "back") + " in " + run + "]";
        }
    }

    /** Enters an amount that no record stands for. */
    record Adjust(UsageRecord record, Usd amount, String reason) implements Operation {
        @Override
        public Object apply(Ledger ledger) {
            return ledger.write(Batch.builder()
                    .step(new Batch.Step.Adjust(record, amount, reason))
                    .build());
        }
    }

    /** Closes what happened before an instant, or opens everything. */
    record Mark(Optional<Instant> closedBefore, String reason) implements Operation {
        @Override
        public Object apply(Ledger ledger) {
            return ledger.markPeriod(closedBefore, ZoneOffset.UTC, reason);
        }
    }

    /** Asks for totals. */
    record Ask(SummaryQuery query) implements Operation {
        @Override
        public Object apply(Ledger ledger) {
            return ledger.summaries(query);
        }

        @Override
        public String toString() {
            return LedgerComparison.describe(query);
        }
    }

    /** Lists records. */
    record Page(RecordQuery query) implements Operation {
        @Override
        public Object apply(Ledger ledger) {
            return ledger.records(query).entries().stream()
                    .map(entry -> List.of(
                            entry.kind(),
                            entry.record(),
                            entry.cost(),
                            entry.effectiveCost(),
                            entry.recorded(),
                            entry.adjustment()))
                    .toList();
        }

        @Override
        public String toString() {
            return "Page[" + query.window() + " " + query.filters() + " history=" + query.history() + "]";
        }
    }

    /** Computes everything derived anew. */
    record Rebuild() implements Operation {
        @Override
        public Object apply(Ledger ledger) {
            ledger.rebuild();
            return ledger.verify().differences();
        }
    }

    private static Object orRefusal(Supplier<Object> operation) {
        try {
            return operation.get();
        } catch (IllegalArgumentException | ArithmeticException e) {
            return e.getClass().getSimpleName();
        }
    }

    private static Object withoutReversal(ReversalResult result) {
        return result instanceof ReversalResult.Reversed reversed
                ? List.of("reversed", reversed.id(), reversed.replacement())
                : result;
    }
}
