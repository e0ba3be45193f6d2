package dev.tokenledger.server.keys;

import dev.tokenledger.Batch;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerMissingException;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.ReversalResult;
import dev.tokenledger.VerifyReport;
import dev.tokenledger.WriteResult;
import dev.tokenledger.formats.query.ParameterException;
import dev.tokenledger.pricing.Explanation;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Report;
import dev.tokenledger.summary.ReportQuery;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * As much of a ledger as a key may read: every question is asked with the key's values among its filters, so that it is answered
 * from roll-ups as such a question is. A question that filters by another value of the same dimension finds nothing, as if there
 * were no such calls. It is for reading: writing, and what is done to a ledger as a whole, is refused.
 */
final class LimitedLedger implements Ledger {

    /** So many of the latest calls tell which keys of attributes there are. */
    private static final int MAX_LOOKED_AT = 2_000;

    private final Ledger whole;
    private final ReadLimit limit;

    LimitedLedger(Ledger whole, ReadLimit limit) {
        this.whole = whole;
        this.limit = limit;
    }

    @Override
    public List<GroupedSummary> summaries(SummaryQuery query) {
        return whole.summaries(narrowed(query));
    }

    @Override
    public Report report(ReportQuery query) {
        return whole.report(query.map(this::narrowed));
    }

    @Override
    public boolean readsRecords(SummaryQuery query) {
        return whole.readsRecords(narrowed(query));
    }

    @Override
    public RecordPage records(RecordQuery query) {
        return whole.records(query.about(window(query.window(), query.filters()), filters(query.filters())));
    }

    private SummaryQuery narrowed(SummaryQuery query) {
        return query.about(window(query.window(), query.filters()), filters(query.filters()));
    }

    /** An empty window for filters that no call which may be read passes. */
    private TimeWindow window(TimeWindow asked, Map<Dimension, String> filters) {
        boolean contradicted = limit.values().entrySet().stream()
                .anyMatch(own ->
                        !filters.getOrDefault(own.getKey(), own.getValue()).equals(own.getValue()));
        return contradicted ? TimeWindow.of(asked.start(), asked.start()) : asked;
    }

    private Map<Dimension, String> filters(Map<Dimension, String> asked) {
        Map<Dimension, String> filters = new LinkedHashMap<>(asked);
        filters.putAll(limit.values());
        if (filters.size() > SummaryQuery.MAX_DIMENSIONS) {
            throw new ParameterException(
                    "where",
                    "this key is limited to values of " + limit.values().size() + " dimensions, which leaves "
                            + (SummaryQuery.MAX_DIMENSIONS - limit.values().size()) + " for others");
        }
        return filters;
    }

    @Override
    public Optional<LedgerEntry> find(RecordId id) {
        return whole.find(id).filter(limit::allows);
    }

    @Override
    public List<LedgerEntry> revisions(String key) {
        return whole.revisions(key).stream().filter(limit::allows).toList();
    }

    @Override
    public Optional<Explanation> explain(RecordId id) {
        return find(id).flatMap(entry -> whole.explain(id));
    }

    /** The keys that the latest of these calls have: which ones all of them have nothing but reading each would tell. */
    @Override
    public SortedSet<String> attributeKeys() {
        SortedSet<String> keys = new TreeSet<>();
        records(RecordQuery.over(TimeWindow.all()).limit(MAX_LOOKED_AT).build())
                .entries()
                .forEach(entry -> keys.addAll(entry.record().attributes().keySet()));
        return keys;
    }

    @Override
    public List<LedgerMissingException> missing() {
        return whole.missing();
    }

    @Override
    public List<String> ledgers() {
        return whole.ledgers();
    }

    @Override
    public Optional<String> ledgerOf(LedgerEntry entry) {
        return whole.ledgerOf(entry);
    }

    @Override
    public PriceBook prices() {
        return whole.prices();
    }

    @Override
    public List<WriteResult> write(Batch batch) {
        throw refused();
    }

    @Override
    public ReversalResult reverse(RecordId id, String reason) {
        throw refused();
    }

    @Override
    public ReversalResult replace(RecordId id, UsageRecord replacement, String reason) {
        throw refused();
    }

    @Override
    public Optional<String> readerState(String key) {
        throw refused();
    }

    @Override
    public Map<String, String> readerStates(String prefix) {
        throw refused();
    }

    @Override
    public VerifyReport verify() {
        throw refused();
    }

    @Override
    public void rebuild() {
        throw refused();
    }

    private static UnsupportedOperationException refused() {
        return new UnsupportedOperationException("a key that is limited to some calls only reads them");
    }

    /** The ledger is whoever's opened it. */
    @Override
    public void close() {}
}
