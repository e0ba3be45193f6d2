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
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is done to records that are there already, inside the writer's transaction. */
final class Corrections {

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
        if (EntryReader.byId(handle, replacement.id()) != null) {
            LedgerEntry replaced = EntryReader.byId(handle, id);
            if (replaced != null && replaced.inForce()) {
                return new ReversalResult.ReplacementTaken(replacement.id());
            }
        }
        ReversalResult result = reverse(transaction, handle, id, reason);
        if (result instanceof ReversalResult.Reversed reversed) {
            transaction.append(handle, replacement);
            return new ReversalResult.Reversed(id, reversed.reversal(), Optional.of(replacement.id()));
        }
        return result;
    }

    static WriteResult reconcile(WriteTransaction transaction, Handle handle, Batch.Step.Reconcile step)
            throws SQLException {
        transaction.flush(handle);
        int number = 0;
        LedgerEntry latest = null;
        for (LedgerEntry next = revision(handle, step, 1); next != null; next = revision(handle, step, number + 1)) {
            latest = next;
            number++;
            if (latest.kind() == Kind.USAGE
                    && latest.record().firstDifference(step.record()).isEmpty()) {
                // The copy of a revision that is or was in force; what counts now is named by the newest.
                return new AppendResult.Duplicate(newest(handle, step, number));
            }
        }
        if (latest == null) {
            return transaction.append(
                    handle,
                    step.record().toBuilder().id(Revision.id(step.key(), 1)).build());
        }
        if (!latest.inForce()) {
            return new AppendResult.Duplicate(latest.id());
        }
        UsageRecord merged = step.merge().merge(latest.record(), step.record());
        if (latest.record().firstDifference(merged).isEmpty()) {
            return new AppendResult.Duplicate(latest.id());
        }
        UsageRecord next = merged.toBuilder()
                .id(Revision.id(step.key(), number + 1))
                .timestamp(merged.timestamp().orElse(latest.occurred()))
                .build();
        transaction.negate(handle, latest, "corrected by its source");
        transaction.append(handle, next);
        return new WriteResult.Corrected(next.id(), latest.id());
    }

    private static @Nullable LedgerEntry revision(Handle handle, Batch.Step.Reconcile step, int number)
            throws SQLException {
        return EntryReader.byId(handle, Revision.id(step.key(), number));
    }

    private static RecordId newest(Handle handle, Batch.Step.Reconcile step, int known) throws SQLException {
        int number = known;
        while (revision(handle, step, number + 1) != null) {
            number++;
        }
        return Revision.id(step.key(), number);
    }
}
