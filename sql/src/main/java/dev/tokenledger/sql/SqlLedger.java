package dev.tokenledger.sql;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.ConditionalResult;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerReadOnlyException;
import dev.tokenledger.PeriodMark;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.ReversalResult;
import dev.tokenledger.VerifyReport;
import dev.tokenledger.WriteResult;
import dev.tokenledger.backend.Revision;
import dev.tokenledger.pricing.Explanation;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceId;
import dev.tokenledger.sql.engine.ReadSession;
import dev.tokenledger.sql.questions.Listing;
import dev.tokenledger.sql.questions.SummaryPlan;
import dev.tokenledger.sql.writing.BatchRefusedException;
import dev.tokenledger.sql.writing.GroupCommit;
import dev.tokenledger.sql.writing.Work;
import dev.tokenledger.sql.writing.Works;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Report;
import dev.tokenledger.summary.ReportQuery;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.text.Texts;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The rules of a ledger over the sessions of a database: what is priced and when, what is one transaction, what a question is
 * answered from. Safe for use by many threads; a write is durable when its method returns.
 */
public final class SqlLedger implements Ledger {

    /**
     * Bounds of answers.
     *
     * @param maxPassed how many records a list walks past before it asks roll-ups where to look
     * @param maxGroups how many groups an answer holds, those of all buckets together
     */
    public record Limits(int maxPassed, int maxGroups) {}

    private final SqlBackend backend;
    private final PriceBook prices;
    private final InstantSource clock;
    private final Limits limits;
    private volatile boolean closed;

    /**
     * A ledger over a database.
     *
     * @param backend closed with the ledger
     * @param prices prices what arrives without a cost
     * @param clock tells when records are written, and when calls happened that do not say
     */
    public SqlLedger(SqlBackend backend, PriceBook prices, InstantSource clock, Limits limits) {
        this.backend = backend;
        this.prices = prices;
        this.clock = clock;
        this.limits = limits;
    }

    // ---- Writing

    @Override
    public AppendResult append(UsageRecord record) {
        return write("append to", Works.append(record, prices, now()));
    }

    @Override
    public List<WriteResult> write(Batch batch) {
        Work<List<WriteResult>> work = Works.write(batch, prices, now());
        if (batch.steps().isEmpty() && batch.readerStates().isEmpty()) {
            checkOpen();
            return List.of();
        }
        return write("append to", work);
    }

    @Override
    public boolean compareAndSetReaderState(String key, String expected, Map<String, String> states) {
        Batch.Builder builder = Batch.builder();
        states.forEach(builder::readerState);
        return writeIf("write to", key, expected, builder.build()) instanceof ConditionalResult.Written;
    }

    @Override
    public ConditionalResult writeIf(String key, String expected, Batch batch) {
        return writeIf("append to", key, expected, batch);
    }

    private ConditionalResult writeIf(String action, String key, String expected, Batch batch) {
        String next = batch.readerStates().getOrDefault(key, "");
        if (next.isEmpty() || next.equals(expected)) {
            throw new IllegalArgumentException(
                    "states: expected one under " + key + " that is neither empty nor the expected one");
        }
        try {
            return write(action, Works.writeIf(key, expected, batch, prices, now()));
        } catch (BatchRefusedException e) {
            return e.refused();
        }
    }

    @Override
    public ReversalResult reverse(RecordId id, String reason) {
        Objects.requireNonNull(id, "id");
        String why = Texts.checked("reason", reason, Bound.TEXT);
        return write("reverse a record in", Works.reverse(id, why));
    }

    @Override
    public ReversalResult replace(RecordId id, UsageRecord replacement, String reason) {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(replacement, "replacement");
        String why = Texts.checked("reason", reason, Bound.TEXT);
        return write("replace a record in", Works.replace(id, replacement, why));
    }

    @Override
    public PeriodMark markPeriod(Optional<Instant> closedBefore, ZoneId zone, String reason) {
        PeriodMark mark = new PeriodMark(closedBefore, zone.getId(), reason, now());
        return write("close a period of", Works.mark(mark));
    }

    @Override
    public List<PeriodMark> periodMarks() {
        return read("read", session -> session.records().periodMarks());
    }

    @Override
    public void rebuild() {
        write("rebuild", Works.rebuild());
    }

    @Override
    public void checkWritable() {
        checkOpen();
        if (backend.writer() != null) {
            backend.checkWritable();
        }
    }

    private <T> T write(String action, Work<T> work) {
        checkOpen();
        GroupCommit writer = backend.writer();
        if (writer == null) {
            throw new LedgerReadOnlyException(
                    "cannot " + action + " " + backend.place()
                            + ": the ledger was opened for reading alone; nothing was stored, open it for writing",
                    null);
        }
        return writer.write(action, work);
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    // ---- Reading

    @Override
    public Optional<LedgerEntry> find(RecordId id) {
        Objects.requireNonNull(id, "id");
        return read("read", session -> Optional.ofNullable(session.records().find(id)));
    }

    @Override
    public List<LedgerEntry> revisions(String key) {
        String checked = Revision.checkedKey(key);
        return read(
                "read", session -> Revision.inOrder(checked, session.records().revisions(checked)));
    }

    @Override
    public RecordPage records(RecordQuery query) {
        return read("list records of", session -> Listing.page(session, query, limits.maxPassed));
    }

    @Override
    public List<GroupedSummary> summaries(SummaryQuery query) {
        return read("summarize", session -> SummaryPlan.answer(session, query, limits.maxGroups));
    }

    @Override
    public Report report(ReportQuery query) {
        return read(
                "summarize", session -> Report.of(query, each -> SummaryPlan.answer(session, each, limits.maxGroups)));
    }

    /** Records are read also for queries that name two attributes, or one with more than 1,000 values. */
    @Override
    public boolean readsRecords(SummaryQuery query) {
        return read("read", session -> SummaryPlan.readsRecords(session, query));
    }

    @Override
    public Optional<Explanation> explain(RecordId id) {
        Objects.requireNonNull(id, "id");
        return read("read", session -> {
            LedgerEntry entry = session.records().find(id);
            return entry == null ? Optional.empty() : Optional.of(explain(session, entry));
        });
    }

    private static Explanation explain(ReadSession session, LedgerEntry entry) throws SQLException {
        Optional<PriceId> price = entry.cost().priceId();
        String text =
                price.isEmpty() ? null : session.names().priceEntry(price.get().text());
        return text == null
                ? new Explanation(entry.cost(), List.of(), Optional.empty())
                : PriceEntry.ofText(text).explain(entry.record());
    }

    @Override
    public Optional<String> readerState(String key) {
        return Optional.ofNullable(read("read", session -> session.records().readerStates(key, false))
                .get(key));
    }

    @Override
    public SortedSet<String> attributeKeys() {
        return read(
                "read", session -> new TreeSet<>(session.names().attributeKeys().keySet()));
    }

    @Override
    public Map<String, String> readerStates(String prefix) {
        return read("read", session -> session.records().readerStates(prefix, true));
    }

    @Override
    public VerifyReport verify() {
        checkOpen();
        return backend.verify();
    }

    private <T> T read(String action, SqlBackend.Question<T> question) {
        checkOpen();
        return backend.read(action, question);
    }

    /**
     * Passes if it is open.
     *
     * @throws IllegalStateException if it is not
     */
    public void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the ledger is closed");
        }
    }

    @Override
    public PriceBook prices() {
        return prices;
    }

    @Override
    public void close() {
        closed = true;
        backend.close();
    }

    @Override
    public String toString() {
        return "SqlLedger[" + backend.place() + "]";
    }
}
