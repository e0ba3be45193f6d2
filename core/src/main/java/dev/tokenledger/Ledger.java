package dev.tokenledger;

import dev.tokenledger.pricing.Explanation;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Report;
import dev.tokenledger.summary.ReportQuery;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * An append-only ledger of token usage and its cost.
 *
 * <p>A record is written once and never changed; a mistake is corrected by a reversal and, if wanted, a new record. A
 * record without a cost of its own is priced on arrival, by the ledger's {@link PriceBook}, at the instant of the call,
 * and keeps that cost whatever happens to prices later, unless somebody {@linkplain Batch.Step.Revalue revalues} it.
 *
 * <p>Ledgers are safe for use by many threads. Writes return once they are as durable as the backend promises (for a
 * database: the commit is on disk). An interrupted thread's write or query throws {@link LedgerInterruptedException};
 * every method throws a {@link LedgerException} if the store fails, {@link IllegalStateException} after {@link #close},
 * and {@link IllegalArgumentException} for a caller's mistake.
 */
public interface Ledger extends ReaderStates, Maintenance, AutoCloseable {

    /**
     * Appends one record.
     *
     * @return whether it was appended, had been there, its id is taken by another record, or it was rejected because it
     *     would cost more than 9,000,000 USD
     */
    default AppendResult append(UsageRecord record) {
        return (AppendResult) write(Batch.of(List.of(record))).get(0);
    }

    /**
     * Appends records in one commit, or none of them if the store fails. One that is in conflict or rejected does not
     * hold up the others.
     *
     * @return a result for each record, in order; a repetition within the batch is a duplicate or conflict too
     */
    default List<AppendResult> appendAll(List<UsageRecord> records) {
        List<AppendResult> results = new ArrayList<>(records.size());
        write(Batch.of(records)).forEach(result -> results.add((AppendResult) result));
        return results;
    }

    /**
     * Writes a batch in one commit, or nothing of it if the store fails or a {@link Merge} throws. A step that is in
     * conflict or rejected does not hold up the others, nor the readers' states.
     *
     * @return a result for each step, in order
     */
    List<WriteResult> write(Batch batch);

    /**
     * Writes a batch in one commit, if nobody changed a reader's state since it was read, and if none of its steps is in conflict
     * or rejected; otherwise nothing of it. So of several processes that read the same source each moves on only from where it
     * stands itself, and what the ledger does not take is dealt with before the reader leaves it behind.
     *
     * @param key whose state is compared
     * @param expected what was remembered under {@code key}; empty for nothing
     * @param batch what to write, with a state under {@code key} that is neither empty nor as expected
     * @throws IllegalArgumentException if the batch has no such state
     * @throws UnsupportedOperationException if the ledger does not offer it, as one of another maker may not
     */
    default ConditionalResult writeIf(String key, String expected, Batch batch) {
        throw new UnsupportedOperationException(
                getClass().getName() + " does not write on a condition; use a ledger that does");
    }

    /**
     * Brings a record that grows at its source up to date. Finds the revision of {@code key} in force, merges the
     * offered copy into it, and either does nothing ({@code Duplicate}), appends the first revision ({@code Appended}),
     * or reverses the revision in force and appends the next ({@code Corrected}), in one commit. A revision that
     * somebody reversed by hand stays reversed ({@code Duplicate}). If the merged record would cost more than 9,000,000
     * USD, the revision in force stays ({@code Rejected}).
     *
     * @param key the call's key at its source, 1 to {@link RecordId#MAX_KEY} characters; revisions have the ids {@code key},
     *     {@code key~2}, {@code key~3}, …
     * @param record the copy just read; its own id is ignored
     * @param merge what is right when both are known; called while other writers wait
     * @throws IllegalArgumentException if the key is blank, longer than that, or no text
     */
    default WriteResult revise(String key, UsageRecord record, Merge merge) {
        return write(Batch.builder().revise(key, record, merge).build()).get(0);
    }

    /**
     * Takes a record or an adjustment out of all totals by an entry that negates it, at the instant of the reversed call or
     * adjustment, which stays readable, and its id taken.
     *
     * @param reason why, up to 512 characters
     */
    ReversalResult reverse(RecordId id, String reason);

    /**
     * Reverses a record and appends another in its place, in one commit.
     *
     * @param replacement without a timestamp it gets that of the record it replaces
     * @throws IllegalArgumentException if the replacement would cost more than 9,000,000 USD
     */
    ReversalResult replace(RecordId id, UsageRecord replacement, String reason);

    /**
     * Closes what happened before an instant, or opens again what was closed: revaluations, and reversals and replacements by
     * hand, of what happened before it are refused from then on, and so are adjustments. Records that come late and revisions are stored all the same.
     *
     * @param closedBefore empty to open everything
     * @param zone the time zone that the instant is meant in
     * @param reason why, 1 to 512 characters
     * @return the mark that is in force now: the new one, or the last one if it says the same, and nothing was stored
     */
    default PeriodMark markPeriod(Optional<Instant> closedBefore, ZoneId zone, String reason) {
        throw new UnsupportedOperationException("this ledger closes no periods");
    }

    /** All marks of closed periods, in the order of writing; the last one counts. */
    default List<PeriodMark> periodMarks() {
        return List.of();
    }

    /** The entry with this id, a reversal's too. */
    Optional<LedgerEntry> find(RecordId id);

    /**
     * The revisions of a key that {@link #revise} goes by, by number; the last is in force unless somebody reversed it. They
     * need not begin with the first: an export of another ledger holds none that was corrected.
     *
     * @param key the call's key at its source
     * @throws IllegalArgumentException if it is blank, longer than {@link RecordId#MAX_KEY}, or no text
     */
    List<LedgerEntry> revisions(String key);

    /** Entries by filter, newest call first, page by page: records and adjustments in force, or all entries. */
    RecordPage records(RecordQuery query);

    /** The total of a window; all zero when there are no records. */
    default Summary summary(TimeWindow window) {
        return summaries(SummaryQuery.over(window).build()).get(0).summary();
    }

    /** Totals of a window by one dimension, highest cost first, then by key; an empty key stands for "none". */
    default List<GroupedSummary> summaryBy(Dimension dimension, TimeWindow window) {
        return summaries(SummaryQuery.over(window).by(dimension).build());
    }

    /**
     * Totals of a window by the dimension of this name, see {@link Dimension#parse}.
     *
     * @throws IllegalArgumentException if there is none of that name; the message lists the names
     */
    default List<GroupedSummary> summaryBy(String dimension, TimeWindow window) {
        return summaryBy(Dimension.parse(dimension), window);
    }

    /** Totals as asked; one row, all zero, for a query without dimensions and buckets that finds no records. */
    List<GroupedSummary> summaries(SummaryQuery query);

    /**
     * The totals of a selection of calls, its groups, and what else the query asks for, all of one moment.
     *
     * <p>A ledger of your own that may be written to between two questions overrides this, and asks them of one snapshot by
     * {@link Report#of}.
     */
    default Report report(ReportQuery query) {
        return Report.of(query, this::summaries);
    }

    /**
     * The keys of attributes that records have, in order, for whoever offers them to choose from; those of records that were
     * reversed, or offered and not stored, may be among them. Unless a ledger knows better, all records are read for it.
     */
    default SortedSet<String> attributeKeys() {
        SortedSet<String> keys = new TreeSet<>();
        RecordQuery.Builder query = RecordQuery.over(TimeWindow.all()).history(true);
        Optional<RecordQuery.Cursor> next;
        do {
            RecordPage page = records(query.build());
            page.entries()
                    .forEach(entry -> keys.addAll(entry.record().attributes().keySet()));
            next = page.next();
            next.ifPresent(query::after);
        } while (next.isPresent());
        return keys;
    }

    /**
     * Whether {@link #summaries} adds up the single records of the window, which takes a time in proportion to their number (a
     * second for a million, more or less), because neither roll-ups nor an index have the answer. Whoever shows totals to
     * somebody who waits may ask for a shorter window then.
     *
     * <p>Unless a ledger knows better, that is what names sessions or conversations without choosing one of them.
     */
    default boolean readsRecords(SummaryQuery query) {
        if (query.asOf().isPresent()) {
            return true;
        }
        boolean chosen = !query.filters().getOrDefault(Dimension.SESSION, "").isEmpty()
                || !query.filters().getOrDefault(Dimension.CONVERSATION, "").isEmpty();
        Set<Dimension> named = new HashSet<>(query.dimensions());
        named.addAll(query.filters().keySet());
        return !chosen && (named.contains(Dimension.SESSION) || named.contains(Dimension.CONVERSATION));
    }

    /** The total of one session, over all time. */
    default Summary sessionTotal(String sessionId) {
        return summaries(SummaryQuery.over(TimeWindow.all())
                        .where(Dimension.SESSION, sessionId)
                        .build())
                .get(0)
                .summary();
    }

    /** The total of one conversation, over all time. */
    default Summary conversationTotal(String conversationId) {
        return summaries(SummaryQuery.over(TimeWindow.all())
                        .where(Dimension.CONVERSATION, conversationId)
                        .build())
                .get(0)
                .summary();
    }

    /**
     * How an entry's cost came about, by the price that was used then, not by today's book. Of a record that was revalued,
     * it is its first cost: each revaluation is explained by its own id.
     *
     * @return empty if there is no entry with this id
     */
    Optional<Explanation> explain(RecordId id);

    /**
     * The book that prices what arrives without a cost of its own. What is in the ledger keeps the prices it got, whatever this
     * book says; a ledger that was opened for reading without a book has an empty one.
     */
    PriceBook prices();

    /**
     * The ledgers that are missing from what this one has answered so far: of one that answers {@linkplain FederatedLedger#partial
     * partially}. Whoever shows its answers shows these too. None for any other, which answers wholly or throws.
     */
    default List<LedgerMissingException> missing() {
        return List.of();
    }

    /** The names of the ledgers that are read as this one, in their order: of a {@link FederatedLedger}. None for a ledger that is one. */
    default List<String> ledgers() {
        return List.of();
    }

    /** The name of the ledger that an entry is in which this one has listed or found; empty for a ledger that is one. */
    default Optional<String> ledgerOf(LedgerEntry entry) {
        return Optional.empty();
    }

    /** Releases what the ledger opened itself. Closing again does nothing. */
    @Override
    void close();
}
