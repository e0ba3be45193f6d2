package dev.tokenledger.server;

import dev.tokenledger.Batch;
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

/** A ledger whose store fails at everything. */
abstract class UnusableLedger implements Ledger {

    abstract RuntimeException failure();

    @Override
    public List<WriteResult> write(Batch batch) {
        throw failure();
    }

    @Override
    public ReversalResult reverse(RecordId id, String reason) {
        throw failure();
    }

    @Override
    public ReversalResult replace(RecordId id, UsageRecord replacement, String reason) {
        throw failure();
    }

    @Override
    public Optional<LedgerEntry> find(RecordId id) {
        throw failure();
    }

    @Override
    public List<LedgerEntry> revisions(String key) {
        throw failure();
    }

    @Override
    public RecordPage records(RecordQuery query) {
        throw failure();
    }

    @Override
    public List<GroupedSummary> summaries(SummaryQuery query) {
        throw failure();
    }

    @Override
    public Optional<Explanation> explain(RecordId id) {
        throw failure();
    }

    @Override
    public Optional<String> readerState(String key) {
        throw failure();
    }

    @Override
    public Map<String, String> readerStates(String prefix) {
        throw failure();
    }

    @Override
    public PriceBook prices() {
        return PriceBook.empty();
    }

    @Override
    public VerifyReport verify() {
        throw failure();
    }

    @Override
    public void rebuild() {
        throw failure();
    }

    @Override
    public void close() {}
}
