package dev.tokenledger.sql.writing;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerEntry.Kind;
import dev.tokenledger.LedgerEntry.Revaluation;
import dev.tokenledger.PeriodMark;
import dev.tokenledger.ReversalResult;
import dev.tokenledger.WriteResult;
import dev.tokenledger.backend.Revision;
import dev.tokenledger.sql.engine.RecordWriter;
import dev.tokenledger.sql.records.PreparedRecord;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is done to records that are there already, inside the writer's transaction. */
final class Corrections {

    private Corrections() {}

    static ReversalResult reverse(WriteKernel kernel, RecordId id, String reason) throws SQLException {
        kernel.flush();
        LedgerEntry entry = kernel.records().find(id);
        if (entry == null || (entry.kind() != Kind.USAGE && entry.kind() != Kind.ADJUSTMENT)) {
            return new ReversalResult.NotFound(id);
        }
        if (!entry.inForce()) {
            return new ReversalResult.AlreadyReversed(id);
        }
        Optional<Instant> before = closedBefore(kernel, false);
        if (before.filter(entry.occurred()::isBefore).isPresent()) {
            return new ReversalResult.PeriodClosed(id, before.get());
        }
        Optional<RecordId> reversal = kernel.negate(entry, reason);
        return reversal.isEmpty()
                ? new ReversalResult.AlreadyReversed(id)
                : new ReversalResult.Reversed(id, reversal.get(), Optional.empty());
    }

    /** Before which instant calls are closed; that stays so until the transaction ends. */
    private static Optional<Instant> closedBefore(WriteKernel kernel, boolean alone) throws SQLException {
        kernel.records().lockCorrections(alone);
        return PeriodMark.closedBefore(kernel.records().periodMarks());
    }

    static PeriodMark mark(WriteKernel kernel, PeriodMark mark) throws SQLException {
        kernel.records().lockCorrections(true);
        List<PeriodMark> marks = kernel.records().periodMarks();
        if (mark.closedBefore().equals(PeriodMark.closedBefore(marks))) {
            kernel.touch();
            return marks.isEmpty() ? mark : marks.get(marks.size() - 1);
        }
        kernel.records().mark(mark);
        return mark;
    }

    /** Takes over a reversal of another ledger, see {@link Batch.Step.Restore}. */
    static AppendResult restoreReversal(WriteKernel kernel, LedgerEntry entry) throws SQLException {
        kernel.flush();
        RecordId id = entry.id();
        UsageRecord record = entry.record();
        LedgerEntry reversed = kernel.records().find(record.id());
        if (reversed == null) {
            return new AppendResult.Rejected(
                    id, "reversal", "reversal: the ledger has no record " + record.id() + " to be reversed");
        }
        AppendResult known = entry.adjustment().isPresent()
                ? DuplicateCheck.compareAdjustment(reversed, entry)
                : DuplicateCheck.compare(reversed, record);
        if (known instanceof AppendResult.Conflict) {
            return known;
        }
        if (!reversed.inForce()) {
            return new AppendResult.Duplicate(id);
        }
        LedgerEntry taken = kernel.records().find(id);
        if (taken != null) {
            String stored =
                    taken.kind() == Kind.REVERSAL ? "a reversal of another record" : DuplicateCheck.name(taken.kind());
            return new AppendResult.Conflict(id, "id", stored, "a reversal of " + record.id());
        }
        if (!kernel.negate(reversed, entry.reversal().orElseThrow(), entry.recorded())) {
            throw new LostRaceException("the record " + record.id());
        }
        return new AppendResult.Appended(id);
    }

    static AppendResult adjust(WriteKernel kernel, Batch.Step.Adjust step) throws SQLException {
        kernel.flush();
        LedgerEntry entry = kernel.adjustment(step);
        LedgerEntry stored = kernel.records().find(entry.id());
        if (stored != null) {
            return DuplicateCheck.compareAdjustment(stored, entry);
        }
        Optional<Instant> closed = closedBefore(kernel, false);
        if (closed.filter(entry.occurred()::isBefore).isPresent()) {
            return new AppendResult.Rejected(
                    entry.id(),
                    "timestamp",
                    "timestamp: the adjustment lies before " + closed.get() + ", and what happened then is closed");
        }
        kernel.adjust(entry);
        return new AppendResult.Appended(entry.id());
    }

    /** Takes over an adjustment of another ledger, see {@link Batch.Step.Restore}. */
    static AppendResult restoreAdjustment(WriteKernel kernel, LedgerEntry entry) throws SQLException {
        kernel.flush();
        LedgerEntry stored = kernel.records().find(entry.id());
        if (stored != null) {
            return DuplicateCheck.compareAdjustment(stored, entry);
        }
        kernel.adjust(entry);
        return new AppendResult.Appended(entry.id());
    }

    /** Takes over a revaluation of another ledger, see {@link Batch.Step.Restore}. */
    static AppendResult restoreRevaluation(WriteKernel kernel, Batch.Step.Restore step) throws SQLException {
        kernel.flush();
        LedgerEntry entry = step.entry();
        Revaluation revaluation = entry.revaluation().orElseThrow();
        RecordId of = entry.record().id();
        LedgerEntry record = kernel.records().find(of);
        if (record == null) {
            return rejected(entry, "the ledger has no record " + of + " to be revalued");
        }
        AppendResult known = DuplicateCheck.compare(record, entry.record());
        if (known instanceof AppendResult.Conflict) {
            return known;
        }
        LedgerEntry taken = kernel.records().find(entry.id());
        if (taken != null) {
            return taken.revaluation().filter(revaluation::equals).isPresent()
                    ? new AppendResult.Duplicate(entry.id())
                    : new AppendResult.Conflict(
                            entry.id(), "id", DuplicateCheck.name(taken.kind()), "a revaluation of " + of);
        }
        if (revaluation.number() <= record.revaluations()) {
            return new AppendResult.Conflict(
                    entry.id(), "revaluation", "another revaluation " + revaluation.number(), "this one");
        }
        if (!record.inForce()) {
            return rejected(entry, "the record " + of + " is reversed");
        }
        if (revaluation.number() > record.revaluations() + 1) {
            return rejected(entry, "the one before it is missing, of the record " + of);
        }
        kernel.revalue(
                List.of(new WriteKernel.Next(record, revaluation, step.price().orElse(null), entry.recorded())));
        return new AppendResult.Appended(entry.id());
    }

    private static AppendResult rejected(LedgerEntry entry, String reason) {
        return new AppendResult.Rejected(entry.id(), "revaluation", "revaluation: " + reason);
    }

    /** Revalues records, those of different ids together. */
    static List<WriteResult> revalue(WriteKernel kernel, List<Batch.Step.Revalue> steps) throws SQLException {
        kernel.flush();
        Optional<Instant> closed = closedBefore(kernel, true);
        Map<RecordId, LedgerEntry> stored = new HashMap<>();
        List<RecordId> ids = steps.stream().map(step -> step.entry().id()).toList();
        kernel.records().find(ids).forEach(entry -> stored.put(entry.id(), entry));
        List<WriteResult> results = new ArrayList<>(steps.size());
        List<WriteKernel.Next> pending = new ArrayList<>();
        Set<RecordId> revalued = new HashSet<>();
        for (Batch.Step.Revalue step : steps) {
            RecordId id = step.entry().id();
            if (revalued.contains(id)) {
                kernel.revalue(pending);
                pending.clear();
                revalued.clear();
                kernel.records().find(ids).forEach(entry -> stored.put(entry.id(), entry));
            }
            LedgerEntry record = stored.get(id);
            WriteResult refused = refused(step, record, closed);
            if (refused != null || record == null) {
                results.add(Objects.requireNonNull(refused));
                continue;
            }
            WriteKernel.Next next = kernel.next(record, step);
            pending.add(next);
            revalued.add(id);
            results.add(new WriteResult.Revalued(id, next.revaluation().id()));
        }
        kernel.revalue(pending);
        return results;
    }

    private static @Nullable WriteResult refused(
            Batch.Step.Revalue step, @Nullable LedgerEntry record, Optional<Instant> closed) {
        RecordId id = step.entry().id();
        if (record == null || record.kind() != Kind.USAGE) {
            return new AppendResult.Rejected(id, "id", "id: the ledger has no record " + id);
        }
        if (!record.inForce()) {
            return new AppendResult.Rejected(id, "id", "id: the record " + id + " is reversed");
        }
        if (record.effectiveCost().equals(step.cost())) {
            return new AppendResult.Duplicate(id);
        }
        if (closed.filter(record.occurred()::isBefore).isPresent()) {
            return new AppendResult.Rejected(
                    id,
                    "timestamp",
                    "timestamp: the call lies before " + closed.get() + ", and what happened then is closed");
        }
        return record.revaluations() == step.entry().revaluations()
                ? null
                : new AppendResult.Rejected(
                        id, "revaluation", "revaluation: the record " + id + " was revalued since it was read");
    }

    static ReversalResult replace(WriteKernel kernel, RecordId id, UsageRecord replacement, String reason)
            throws SQLException {
        kernel.flush();
        LedgerEntry replaced = kernel.records().find(id);
        if (replaced != null && replaced.kind() == Kind.ADJUSTMENT) {
            return new ReversalResult.NotFound(id);
        }
        if (replaced != null && replaced.inForce() && kernel.records().find(replacement.id()) != null) {
            return new ReversalResult.ReplacementTaken(replacement.id());
        }
        ReversalResult result = reverse(kernel, id, reason);
        if (result instanceof ReversalResult.Reversed reversed && replaced != null) {
            // A correction is of the same call, so it counts where the call did.
            UsageRecord dated = replacement.timestamp().isPresent() ? replacement : replacement.at(replaced.occurred());
            AppendResult appended = kernel.append(kernel.prepare(dated));
            if (appended instanceof AppendResult.Rejected rejected) {
                throw new IllegalArgumentException(rejected.reason());
            }
            if (!(appended instanceof AppendResult.Appended)) {
                throw new LostRaceException("the replacement's id");
            }
            return new ReversalResult.Reversed(id, reversed.reversal(), Optional.of(replacement.id()));
        }
        return result;
    }

    /** Those keys by which a batch may know calls of which there is a revision. */
    static Set<String> taken(WriteKernel kernel, Batch batch) throws SQLException {
        List<String> asked = new ArrayList<>();
        for (Batch.Step step : batch.steps()) {
            if (step instanceof Batch.Step.Revise revise) {
                asked.add(revise.key());
                asked.addAll(revise.elsewhere().revised());
                asked.addAll(revise.elsewhere().replaced());
            }
        }
        kernel.flush();
        return new HashSet<>(kernel.records().revised(asked));
    }

    /** What {@link Revision} asks of a ledger, whose failures come through it unchecked. */
    private record StoredLookup(RecordWriter records) implements Revision.Lookup {

        @Override
        public List<LedgerEntry> revisions(String key) {
            try {
                return records.revisions(key);
            } catch (SQLException e) {
                throw new LookupFailedException(e);
            }
        }

        @Override
        public List<LedgerEntry> ofRequest(String sessionId, String upstreamRequestId) {
            try {
                return records.ofRequest(sessionId, upstreamRequestId);
            } catch (SQLException e) {
                throw new LookupFailedException(e);
            }
        }
    }

    /** Carries a failure of the database through code that knows of none. */
    private static final class LookupFailedException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final SQLException failure;

        LookupFailedException(SQLException failure) {
            super(failure);
            this.failure = failure;
        }
    }

    private static Revision decided(WriteKernel kernel, Batch.Step.Revise step) throws SQLException {
        try {
            return Revision.of(step, new StoredLookup(kernel.records()));
        } catch (LookupFailedException e) {
            throw e.failure;
        }
    }

    static WriteResult revise(WriteKernel kernel, Batch.Step.Revise step) throws SQLException {
        kernel.flush();
        Revision revision = decided(kernel, step);
        if (revision instanceof Revision.First first) {
            AppendResult appended = kernel.append(kernel.prepare(first.record()));
            if (appended instanceof AppendResult.Appended || appended instanceof AppendResult.Rejected) {
                return appended;
            }
            throw new LostRaceException("the key " + step.key());
        }
        if (revision instanceof Revision.Next next) {
            PreparedRecord row = kernel.prepare(next.record());
            if (row.rejected() != null) {
                return row.rejected();
            }
            for (LedgerEntry replaced : next.replaced()) {
                if (kernel.negate(replaced, "corrected by its source").isEmpty()) {
                    throw new LostRaceException("the key " + step.key());
                }
            }
            if (!(kernel.append(row) instanceof AppendResult.Appended)) {
                throw new LostRaceException("the key " + step.key());
            }
            return new WriteResult.Corrected(
                    next.record().id(), next.replaced().get(0).id());
        }
        return new AppendResult.Duplicate(((Revision.Known) revision).id());
    }
}
