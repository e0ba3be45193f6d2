package dev.tokenledger.sqlite;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerEntry.Kind;
import dev.tokenledger.ReversalResult;
import dev.tokenledger.Revision;
import dev.tokenledger.WriteResult;
import dev.tokenledger.sql.records.PreparedRecord;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is done to records that are there already, inside the writer's transaction. */
final class Corrections {

    /** How many ids are looked up by one statement. */
    private static final int PROBES = 64;

    private static final String PROBE = "SELECT id FROM records WHERE id IN (?" + ", ?".repeat(PROBES - 1) + ")";

    /** The join's order is stated, because ranges that the planner knows nothing of would have it read all ids. */
    private static final String PROBE_LATER = "SELECT r.id FROM (VALUES (?, ?)" + ", (?, ?)".repeat(PROBES - 1)
            + ") k CROSS JOIN records r ON r.id > k.column1 AND r.id < k.column2";

    private static final String OF_REQUEST = "SELECT r.id FROM " + RecordScan.joinByThread("session")
            + " WHERE t.session = ? AND r.upstream_request_id = ? AND r.kind = 0";

    private Corrections() {}

    static ReversalResult reverse(WriteTransaction transaction, Handle handle, RecordId id, String reason)
            throws SQLException {
        transaction.flush(handle);
        LedgerEntry entry = EntryReader.byId(handle, id);
        if (entry == null || entry.kind() == Kind.REVERSAL) {
            return new ReversalResult.NotFound(id);
        }
        if (!entry.inForce()) {
            return new ReversalResult.AlreadyReversed(id);
        }
        return new ReversalResult.Reversed(id, transaction.negate(handle, entry, reason), Optional.empty());
    }

    /** Takes over a reversal of another ledger, see {@link Batch.Step.Restore}. */
    static AppendResult restoreReversal(WriteTransaction transaction, Handle handle, LedgerEntry entry)
            throws SQLException {
        transaction.flush(handle);
        RecordId id = entry.id();
        UsageRecord record = entry.record();
        LedgerEntry reversed = EntryReader.byId(handle, record.id());
        if (reversed == null) {
            return new AppendResult.Rejected(
                    id, "reversal", "reversal: the ledger has no record " + record.id() + " to be reversed");
        }
        AppendResult known = Duplicates.compare(reversed, record);
        if (known instanceof AppendResult.Conflict) {
            return known;
        }
        if (!reversed.inForce()) {
            return new AppendResult.Duplicate(id);
        }
        LedgerEntry taken = EntryReader.byId(handle, id);
        if (taken != null) {
            String stored = taken.kind() == Kind.REVERSAL ? "a reversal of another record" : "a record";
            return new AppendResult.Conflict(id, "id", stored, "a reversal of " + record.id());
        }
        transaction.negate(handle, reversed, entry.reversal().orElseThrow(), entry.recorded());
        return new AppendResult.Appended(id);
    }

    static ReversalResult replace(
            WriteTransaction transaction, Handle handle, RecordId id, UsageRecord replacement, String reason)
            throws SQLException {
        transaction.flush(handle);
        LedgerEntry replaced = EntryReader.byId(handle, id);
        if (replaced != null && replaced.inForce() && EntryReader.byId(handle, replacement.id()) != null) {
            return new ReversalResult.ReplacementTaken(replacement.id());
        }
        ReversalResult result = reverse(transaction, handle, id, reason);
        if (result instanceof ReversalResult.Reversed reversed && replaced != null) {
            // A correction is of the same call, so it counts where the call did.
            UsageRecord dated = replacement.timestamp().isPresent() ? replacement : replacement.at(replaced.occurred());
            if (transaction.append(handle, transaction.row(dated)) instanceof AppendResult.Rejected rejected) {
                throw new IllegalArgumentException(rejected.reason());
            }
            return new ReversalResult.Reversed(id, reversed.reversal(), Optional.of(replacement.id()));
        }
        return result;
    }

    /** Those keys by which a batch may know calls of which there is a revision. */
    static Set<String> taken(WriteTransaction transaction, Handle handle, Batch batch) throws SQLException {
        List<String> asked = new ArrayList<>();
        for (Batch.Step step : batch.steps()) {
            if (step instanceof Batch.Step.Revise revise) {
                asked.add(revise.key());
                asked.addAll(revise.elsewhere().revised());
                asked.addAll(revise.elsewhere().replaced());
            }
        }
        transaction.flush(handle);
        Set<String> taken = new HashSet<>();
        for (int from = 0; from < asked.size(); from += PROBES) {
            List<String> some = asked.subList(from, Math.min(asked.size(), from + PROBES));
            addFirst(handle, some, taken);
            addLater(handle, some, taken);
        }
        return taken;
    }

    private static void addFirst(Handle handle, List<String> keys, Set<String> taken) throws SQLException {
        PreparedStatement probe = handle.statement(PROBE);
        for (int i = 0; i < PROBES; i++) {
            Handle.bind(probe, i + 1, i < keys.size() ? Values.id(keys.get(i)) : null);
        }
        try (ResultSet found = probe.executeQuery()) {
            while (found.next()) {
                taken.add(Values.idText(found.getObject(1)));
            }
        }
    }

    /** Adds keys of which there is a revision beyond the first, which need not be there. */
    private static void addLater(Handle handle, List<String> keys, Set<String> taken) throws SQLException {
        PreparedStatement probe = handle.statement(PROBE_LATER);
        for (int i = 0; i < PROBES; i++) {
            probe.setString(2 * i + 1, i < keys.size() ? Revision.laterFrom(keys.get(i)) : null);
            probe.setString(2 * i + 2, i < keys.size() ? Revision.laterTo(keys.get(i)) : null);
        }
        try (ResultSet found = probe.executeQuery()) {
            while (found.next()) {
                taken.add(Revision.key(RecordId.of(Values.idText(found.getObject(1)))));
            }
        }
    }

    /** As {@link dev.tokenledger.Ledger#revisions} has them. */
    static List<LedgerEntry> revisions(Handle handle, String key) throws SQLException {
        List<RecordId> ids = new ArrayList<>(1);
        ids.add(RecordId.of(key));
        PreparedStatement select = handle.statement("SELECT id FROM records WHERE id > ? AND id < ?");
        select.setString(1, Revision.laterFrom(key));
        select.setString(2, Revision.laterTo(key));
        try (ResultSet later = select.executeQuery()) {
            while (later.next()) {
                ids.add(RecordId.of(Values.idText(later.getObject(1))));
            }
        }
        List<LedgerEntry> entries = new ArrayList<>(ids.size());
        for (RecordId id : ids) {
            LedgerEntry entry = EntryReader.byId(handle, id);
            if (entry != null) {
                entries.add(entry);
            }
        }
        return Revision.inOrder(key, entries);
    }

    /** Entries of one request of one session, see {@link Revision.Lookup#ofRequest}. */
    private static List<LedgerEntry> ofRequest(Handle handle, String sessionId, String upstreamRequestId)
            throws SQLException {
        PreparedStatement select = handle.statement(OF_REQUEST);
        Handle.bind(select, 1, Values.id(sessionId));
        Handle.bind(select, 2, Values.id(upstreamRequestId));
        List<RecordId> ids = new ArrayList<>();
        try (ResultSet found = select.executeQuery()) {
            while (found.next()) {
                ids.add(RecordId.of(Values.idText(found.getObject(1))));
            }
        }
        List<LedgerEntry> entries = new ArrayList<>(ids.size());
        for (RecordId id : ids) {
            LedgerEntry entry = EntryReader.byId(handle, id);
            if (entry != null) {
                entries.add(entry);
            }
        }
        return entries;
    }

    /** What {@link Revision} asks of a ledger's file, whose failures come through it unchecked. */
    private record FileLookup(Handle handle) implements Revision.Lookup {

        @Override
        public List<LedgerEntry> revisions(String key) {
            try {
                return Corrections.revisions(handle, key);
            } catch (SQLException e) {
                throw new LookupFailedException(e);
            }
        }

        @Override
        public List<LedgerEntry> ofRequest(String sessionId, String upstreamRequestId) {
            try {
                return Corrections.ofRequest(handle, sessionId, upstreamRequestId);
            } catch (SQLException e) {
                throw new LookupFailedException(e);
            }
        }
    }

    /** Carries a failure of the file through code that knows of no files. */
    private static final class LookupFailedException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final SQLException failure;

        LookupFailedException(SQLException failure) {
            super(failure);
            this.failure = failure;
        }
    }

    private static Revision decided(Handle handle, Batch.Step.Revise step) throws SQLException {
        try {
            return Revision.of(step, new FileLookup(handle));
        } catch (LookupFailedException e) {
            throw e.failure;
        }
    }

    static WriteResult revise(WriteTransaction transaction, Handle handle, Batch.Step.Revise step) throws SQLException {
        transaction.flush(handle);
        Revision revision = decided(handle, step);
        if (revision instanceof Revision.First first) {
            return transaction.append(handle, transaction.row(first.record()));
        }
        if (revision instanceof Revision.Next next) {
            PreparedRecord row = transaction.row(next.record());
            if (row.rejected != null) {
                return row.rejected;
            }
            for (LedgerEntry replaced : next.replaced()) {
                transaction.negate(handle, replaced, "corrected by its source");
            }
            transaction.append(handle, row);
            return new WriteResult.Corrected(
                    next.record().id(), next.replaced().get(0).id());
        }
        return new AppendResult.Duplicate(((Revision.Known) revision).id());
    }
}
