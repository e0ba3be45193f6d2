package dev.tokenledger.sqlite;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerEntry.Kind;
import dev.tokenledger.ReversalResult;
import dev.tokenledger.Revision;
import dev.tokenledger.WriteResult;
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
            transaction.append(
                    handle, replacement.timestamp().isPresent() ? replacement : replacement.at(replaced.occurred()));
            return new ReversalResult.Reversed(id, reversed.reversal(), Optional.of(replacement.id()));
        }
        return result;
    }

    /** The ids of those first revisions that are there, of the keys that a batch reconciles. */
    static Set<String> taken(WriteTransaction transaction, Handle handle, Batch batch) throws SQLException {
        Set<String> taken = new HashSet<>();
        List<String> asked = new ArrayList<>();
        for (Batch.Step step : batch.steps()) {
            if (step instanceof Batch.Step.Reconcile reconcile) {
                asked.add(Revision.firstId(reconcile).value());
            }
        }
        transaction.flush(handle);
        PreparedStatement probe = handle.statement(PROBE);
        for (int from = 0; from < asked.size(); from += PROBES) {
            for (int i = 0; i < PROBES; i++) {
                boolean more = from + i < asked.size();
                Handle.bind(probe, i + 1, more ? Values.id(asked.get(from + i)) : null);
            }
            try (ResultSet found = probe.executeQuery()) {
                while (found.next()) {
                    taken.add(Values.idText(found.getObject(1)));
                }
            }
        }
        return taken;
    }

    static WriteResult reconcile(WriteTransaction transaction, Handle handle, Batch.Step.Reconcile step)
            throws SQLException {
        transaction.flush(handle);
        Revision revision = Revision.of(step, id -> EntryReader.byId(handle, id));
        if (revision instanceof Revision.First first) {
            return transaction.append(handle, first.record());
        }
        if (revision instanceof Revision.Next next) {
            transaction.negate(handle, next.replaced(), "corrected by its source");
            transaction.append(handle, next.record());
            return new WriteResult.Corrected(next.record().id(), next.replaced().id());
        }
        return new AppendResult.Duplicate(((Revision.Known) revision).id());
    }
}
