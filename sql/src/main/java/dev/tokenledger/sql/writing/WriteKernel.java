package dev.tokenledger.sql.writing;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerEntry.Revaluation;
import dev.tokenledger.LedgerEntry.Reversal;
import dev.tokenledger.backend.Revision;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.sql.engine.PackedDelta;
import dev.tokenledger.sql.engine.RecordWriter;
import dev.tokenledger.sql.engine.RevaluedRecord;
import dev.tokenledger.sql.engine.WriteSession;
import dev.tokenledger.sql.records.PreparedRecord;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is written in one transaction after another of a session. Used by whoever leads with it; its memory serves the next
 * transaction too.
 *
 * <p>Records are {@linkplain #stage staged} first and {@linkplain #flush inserted} together, in the order offered, leaving to
 * the database to say which ids are taken. Those are then compared with what is stored. When most of a batch was there
 * already, the next one is looked up before it is inserted, which is cheaper for repeated imports. The cells of what was
 * inserted are written just before the commit.
 */
public final class WriteKernel {

    /** After how many commits deltas are folded into pages, unless tests of folding say otherwise. */
    public static final int MAX_DELTAS = PendingCells.MAX_DELTAS;

    private final WriteSession session;
    private final PriceBook prices;
    private final InstantSource clock;
    private final Interner interner;
    private final PendingCells cells;
    private List<PreparedRecord> staged = new ArrayList<>();
    private boolean mostlyThere;

    /** Whether the transaction has done anything but to stage. */
    private boolean touched;

    /**
     * Writes by a session, which it closes with itself.
     *
     * @param prices prices what arrives without a cost
     * @param clock tells when records are written
     * @param maxDeltas after how many commits deltas are folded; {@link #MAX_DELTAS} but in tests
     */
    public WriteKernel(WriteSession session, PriceBook prices, InstantSource clock, int maxDeltas) {
        this.session = session;
        this.prices = prices;
        this.clock = clock;
        interner = new Interner(prices);
        cells = new PendingCells(maxDeltas);
    }

    WriteSession session() {
        return session;
    }

    /** The session's records, for work that does more than to stage. */
    RecordWriter records() {
        touched = true;
        return session.records();
    }

    void begin(String action) throws SQLException {
        touched = false;
        session.begin(action);
    }

    /** Inserts what is staged, and writes everything derived; the commit is the caller's. */
    void finish(List<? extends Work<?>> works) throws SQLException {
        if (!insertAll()) {
            flush();
        }
        for (Work<?> work : works) {
            work.check();
        }
        cells.write(session.pages());
        session.finish();
    }

    /** Leaves the transaction, and forgets whatever it did. */
    void rollback() {
        interner.rolledBack(session.names());
        cells.forget();
        staged = new ArrayList<>();
        session.rollback();
    }

    /**
     * Prepares a record, on any thread. One that is too expensive may yet be a retry of one that is stored at another cost,
     * so it is rejected only where it would be inserted.
     */
    static PreparedRecord prepare(UsageRecord offered, PriceBook prices, Instant now) {
        UsageRecord record = offered.timestamp().isPresent() ? offered : offered.at(now);
        try {
            return new PreparedRecord(offered, record, prices.price(record, now), null, Values.micros(now));
        } catch (IllegalArgumentException e) {
            AppendResult.Rejected rejected =
                    new AppendResult.Rejected(record.id(), "cost_usd", String.valueOf(e.getMessage()));
            return new PreparedRecord(
                    offered, record, PriceBook.empty().price(record, now), rejected, Values.micros(now));
        }
    }

    /** Prepares a record to be appended now. */
    PreparedRecord prepare(UsageRecord offered) {
        return prepare(offered, prices, now());
    }

    /** Prepares the first revision of a key that is free. */
    PreparedRecord firstRevision(Batch.Step.Revise step) {
        return prepare(Revision.first(step).record());
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    /** Takes a record to be inserted with the next {@link #flush}, which sets its result. */
    void stage(PreparedRecord row) {
        row.settle(null);
        staged.add(row);
    }

    /** Inserts what is staged and its cells by one statement, if the engine can and it is all that the transaction does. */
    private boolean insertAll() throws SQLException {
        if (touched || mostlyThere || staged.isEmpty() || !session.records().insertsAll()) {
            return false;
        }
        for (PreparedRecord row : staged) {
            if (row.rejected() != null) {
                return false;
            }
        }
        interner.refer(session.names(), staged);
        if (!session.records().insertAll(staged, this::stagedDelta)) {
            return false;
        }
        for (PreparedRecord row : staged) {
            row.settle(new AppendResult.Appended(row.record().id()));
        }
        staged = new ArrayList<>();
        return true;
    }

    private @Nullable PackedDelta stagedDelta() {
        staged.forEach(cells::add);
        return cells.take();
    }

    /** Inserts the staged records. */
    void flush() throws SQLException {
        if (staged.isEmpty()) {
            return;
        }
        touched = true;
        List<PreparedRecord> rows = staged;
        staged = new ArrayList<>();
        List<PreparedRecord> repeated = List.of();
        if (rows.stream().anyMatch(row -> row.rejected() != null)) {
            repeated = reject(rows);
        }
        int offered = rows.size();
        if (mostlyThere) {
            rows = DuplicateCheck.settle(session, interner, rows);
        }
        List<PreparedRecord> taken = insert(rows);
        mostlyThere = (offered - rows.size() + taken.size()) * 2 > offered && offered > 1;
        taken.addAll(repeated);
        if (!DuplicateCheck.settle(session, interner, taken).isEmpty()) {
            throw new IllegalStateException("an id is neither free nor taken");
        }
    }

    /**
     * Takes out the records that cannot be stored, and answers them unless their id is taken. Of those whose id is that of a
     * record before them, which is stored first, it gives a list.
     */
    private List<PreparedRecord> reject(List<PreparedRecord> rows) throws SQLException {
        List<PreparedRecord> repeated = new ArrayList<>();
        List<PreparedRecord> first = new ArrayList<>();
        Set<RecordId> storable = new HashSet<>(rows.size() * 2);
        rows.removeIf(row -> {
            if (row.rejected() == null) {
                storable.add(row.record().id());
                return false;
            }
            (storable.contains(row.record().id()) ? repeated : first).add(row);
            return true;
        });
        for (PreparedRecord row : DuplicateCheck.settle(session, interner, first)) {
            row.settle(row.rejected());
        }
        return repeated;
    }

    /** Inserts records, sets the results of those whose id was free, and gives the others. */
    private List<PreparedRecord> insert(List<PreparedRecord> rows) throws SQLException {
        if (rows.isEmpty()) {
            return new ArrayList<>();
        }
        interner.refer(session.names(), rows);
        List<PreparedRecord> taken = new ArrayList<>(session.records().insert(rows));
        int next = 0;
        for (PreparedRecord row : rows) {
            if (next < taken.size() && taken.get(next) == row) {
                next++;
                continue;
            }
            cells.add(row);
            row.settle(new AppendResult.Appended(row.record().id()));
        }
        if (next != taken.size()) {
            throw new IllegalStateException(
                    "records that were not inserted are not in the order in which they were given");
        }
        return taken;
    }

    /** Writes the entry that negates a record or an adjustment, and gives its id, which is new; empty if it is reversed already. */
    Optional<RecordId> negate(LedgerEntry entry, String reason) throws SQLException {
        RecordId id = RecordId.generate();
        return negate(entry, new Reversal(id, entry.id(), reason), now()) ? Optional.of(id) : Optional.empty();
    }

    /** Writes the entry that negates a record, under an id that is free; false if it is reversed already. */
    boolean negate(LedgerEntry entry, Reversal reversal, Instant recorded) throws SQLException {
        flush();
        if (!records().negate(entry, reversal, recorded)) {
            return false;
        }
        cells.addNegated(counted(entry));
        return true;
    }

    /** A record or an adjustment in force as totals have it, with its references. */
    private PreparedRecord counted(LedgerEntry entry) throws SQLException {
        PreparedRecord row = entry.kind() == LedgerEntry.Kind.ADJUSTMENT
                ? PreparedRecord.adjustment(entry.record(), entry.cost(), 0)
                : new PreparedRecord(entry.record(), entry.record(), entry.effectiveCost(), null, 0);
        interner.refer(session.names(), row);
        return row;
    }

    /** A revaluation to be written, of a record as it stands now. */
    record Next(
            LedgerEntry record,
            Revaluation revaluation,
            @Nullable PriceEntry price,
            Instant recorded) {}

    /** Writes revaluations of different records in force, each the next one of its record. */
    void revalue(List<Next> revaluations) throws SQLException {
        if (revaluations.isEmpty()) {
            return;
        }
        flush();
        List<PreparedRecord> rows = new ArrayList<>(revaluations.size());
        List<PreparedRecord> before = new ArrayList<>(revaluations.size());
        for (Next next : revaluations) {
            UsageRecord record = next.record.record();
            before.add(new PreparedRecord(record, record, next.record.effectiveCost(), null, 0));
            rows.add(
                    PreparedRecord.revalued(record, next.revaluation.cost(), next.price, Values.micros(next.recorded)));
        }
        touched = true;
        interner.refer(session.names(), before);
        interner.refer(session.names(), rows);
        List<RevaluedRecord> written = new ArrayList<>(rows.size());
        for (int i = 0; i < rows.size(); i++) {
            written.add(new RevaluedRecord(revaluations.get(i).revaluation, rows.get(i), RecordId.generate()));
        }
        if (session.records().revalue(written) != written.size()) {
            throw new LostRaceException("a record");
        }
        before.forEach(cells::addNegated);
        rows.forEach(cells::add);
    }

    /** Prepares a revaluation by this ledger, now. */
    Next next(LedgerEntry record, Batch.Step.Revalue step) {
        Revaluation revaluation = new Revaluation(
                RecordId.generate(), record.id(), record.revaluations() + 1, step.run(), step.reason(), step.cost());
        return new Next(record, revaluation, step.price().orElse(null), now());
    }

    /** An adjustment by this ledger, now, to be written. */
    LedgerEntry adjustment(Batch.Step.Adjust step) {
        return LedgerEntry.ofAdjustment(
                1, step.record(), step.amount(), now(), new LedgerEntry.Adjustment(step.reason()));
    }

    /** Writes an adjustment under an id that is free. */
    void adjust(LedgerEntry entry) throws SQLException {
        flush();
        PreparedRecord row = PreparedRecord.adjustment(entry.record(), entry.cost(), Values.micros(entry.recorded()));
        touched = true;
        interner.refer(session.names(), row);
        if (!session.records().adjust(row, entry.adjustment().orElseThrow().reason())) {
            throw new LostRaceException("the adjustment " + entry.id());
        }
        cells.add(row);
    }

    /** Appends one record at once. */
    AppendResult append(PreparedRecord row) throws SQLException {
        stage(row);
        flush();
        return row.result();
    }

    /** Computes everything derived anew. */
    void rebuild() throws SQLException {
        // More is to come than what is staged, so that is not a statement that commits by itself.
        touched = true;
        finish(List.of());
        session.rebuild();
        cells.forget();
    }

    /** Writes something that changes nothing. */
    void touch() throws SQLException {
        touched = true;
        session.touch();
    }
}
