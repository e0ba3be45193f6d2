package dev.tokenledger;

import dev.tokenledger.pricing.Explanation;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Report;
import dev.tokenledger.summary.ReportQuery;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** {@link ObservedLedger} over any ledger. */
final class ObservingLedger implements ObservedLedger {

    private final Ledger ledger;
    private final List<LedgerListener> listeners = new CopyOnWriteArrayList<>();
    private final AtomicLong failures = new AtomicLong();

    ObservingLedger(Ledger ledger) {
        this.ledger = Objects.requireNonNull(ledger, "ledger");
    }

    @Override
    public void addListener(LedgerListener listener) {
        listeners.add(Objects.requireNonNull(listener, "listener"));
    }

    @Override
    public void removeListener(LedgerListener listener) {
        listeners.remove(listener);
    }

    @Override
    public long failures() {
        return failures.get();
    }

    @Override
    public List<WriteResult> write(Batch batch) {
        List<WriteResult> results = ledger.write(batch);
        tellOf(results);
        return results;
    }

    @Override
    public ConditionalResult writeIf(String key, String expected, Batch batch) {
        ConditionalResult result = ledger.writeIf(key, expected, batch);
        if (result instanceof ConditionalResult.Written written) {
            tellOf(written.results());
        }
        return result;
    }

    private void tellOf(List<WriteResult> results) {
        List<RecordId> written = new ArrayList<>();
        for (WriteResult result : results) {
            if (result instanceof WriteResult.Corrected corrected) {
                written.add(corrected.replaced());
                written.add(corrected.id());
            } else if (result instanceof WriteResult.Revalued revalued) {
                written.add(revalued.revaluation());
            } else if (result instanceof AppendResult.Appended) {
                written.add(result.id());
            }
        }
        tell(written);
    }

    @Override
    public ReversalResult reverse(RecordId id, String reason) {
        ReversalResult result = ledger.reverse(id, reason);
        tellOf(result);
        return result;
    }

    @Override
    public ReversalResult replace(RecordId id, UsageRecord replacement, String reason) {
        ReversalResult result = ledger.replace(id, replacement, reason);
        tellOf(result);
        return result;
    }

    private void tellOf(ReversalResult result) {
        if (result instanceof ReversalResult.Reversed reversed) {
            List<RecordId> written = new ArrayList<>(List.of(reversed.id()));
            reversed.replacement().ifPresent(written::add);
            tell(written);
        }
    }

    /** Tells of the entries with these ids; of a record that is reversed, of its reversal. */
    private void tell(List<RecordId> written) {
        if (written.isEmpty() || listeners.isEmpty()) {
            return;
        }
        List<LedgerEntry> entries = new ArrayList<>(written.size());
        try {
            for (RecordId id : written) {
                Optional<LedgerEntry> entry = ledger.find(id);
                entry.flatMap(LedgerEntry::reversal)
                        .map(LedgerEntry.Reversal::id)
                        .flatMap(ledger::find)
                        .or(() -> entry)
                        .ifPresent(entries::add);
            }
        } catch (LedgerException | IllegalStateException e) {
            failures.incrementAndGet();
            return;
        }
        List<LedgerEntry> told = List.copyOf(entries);
        for (LedgerListener listener : listeners) {
            try {
                listener.written(told);
            } catch (RuntimeException e) {
                failures.incrementAndGet();
            }
        }
    }

    @Override
    public PeriodMark markPeriod(Optional<Instant> closedBefore, ZoneId zone, String reason) {
        return ledger.markPeriod(closedBefore, zone, reason);
    }

    @Override
    public List<PeriodMark> periodMarks() {
        return ledger.periodMarks();
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
    public Report report(ReportQuery query) {
        return ledger.report(query);
    }

    @Override
    public List<GroupedSummary> summaries(SummaryQuery query) {
        return ledger.summaries(query);
    }

    @Override
    public boolean readsRecords(SummaryQuery query) {
        return ledger.readsRecords(query);
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
    public List<LedgerMissingException> missing() {
        return ledger.missing();
    }

    @Override
    public List<String> ledgers() {
        return ledger.ledgers();
    }

    @Override
    public Optional<String> ledgerOf(LedgerEntry entry) {
        return ledger.ledgerOf(entry);
    }

    @Override
    public Optional<String> readerState(String key) {
        return ledger.readerState(key);
    }

    @Override
    public SortedSet<String> attributeKeys() {
        return ledger.attributeKeys();
    }

    @Override
    public Map<String, String> readerStates(String prefix) {
        return ledger.readerStates(prefix);
    }

    @Override
    public boolean compareAndSetReaderState(String key, String expected, Map<String, String> states) {
        return ledger.compareAndSetReaderState(key, expected, states);
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
    public void checkWritable() {
        ledger.checkWritable();
    }

    @Override
    public void close() {
        ledger.close();
    }
}
