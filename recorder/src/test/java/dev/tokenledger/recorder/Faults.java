package dev.tokenledger.recorder;

import dev.tokenledger.Batch;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.ReversalResult;
import dev.tokenledger.VerifyReport;
import dev.tokenledger.WriteResult;
import dev.tokenledger.pricing.Explanation;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A ledger in memory whose writes fail as told: before the commit, or after it, so that its answer is lost. For failures that no
 * store can be brought to at a given step.
 */
final class Faults implements Ledger {

    private final Ledger ledger = InMemoryLedger.open(PriceBook.bundled());
    private final AtomicInteger writes = new AtomicInteger();
    volatile Supplier<? extends RuntimeException> before;
    volatile Supplier<? extends RuntimeException> after;

    int writes() {
        return writes.get();
    }

    @Override
    public List<WriteResult> write(Batch batch) {
        writes.incrementAndGet();
        throwIfTold(before);
        List<WriteResult> results = ledger.write(batch);
        throwIfTold(after);
        return results;
    }

    @Override
    public boolean compareAndSetReaderState(String key, String expected, Map<String, String> states) {
        writes.incrementAndGet();
        throwIfTold(before);
        boolean set = ledger.compareAndSetReaderState(key, expected, states);
        throwIfTold(after);
        return set;
    }

    private static void throwIfTold(Supplier<? extends RuntimeException> failure) {
        Supplier<? extends RuntimeException> told = failure;
        if (told != null) {
            throw told.get();
        }
    }

    @Override
    public ReversalResult reverse(RecordId id, String reason) {
        return ledger.reverse(id, reason);
    }

    @Override
    public ReversalResult replace(RecordId id, UsageRecord replacement, String reason) {
        return ledger.replace(id, replacement, reason);
    }

    @Override
    public Optional<LedgerEntry> find(RecordId id) {
        return ledger.find(id);
    }

    @Override
    public List<LedgerEntry> revisions(String key) {
        return ledger.revisions(key);
    }

    @Override
    public RecordPage records(RecordQuery query) {
        return ledger.records(query);
    }

    @Override
    public List<GroupedSummary> summaries(SummaryQuery query) {
        return ledger.summaries(query);
    }

    @Override
    public Optional<Explanation> explain(RecordId id) {
        return ledger.explain(id);
    }

    @Override
    public PriceBook prices() {
        return ledger.prices();
    }

    @Override
    public Optional<String> readerState(String key) {
        return ledger.readerState(key);
    }

    @Override
    public Map<String, String> readerStates(String prefix) {
        return ledger.readerStates(prefix);
    }

    @Override
    public VerifyReport verify() {
        return ledger.verify();
    }

    @Override
    public void rebuild() {
        ledger.rebuild();
    }

    @Override
    public void close() {
        ledger.close();
    }
}
