package dev.tokenledger.sql.writing;

import dev.tokenledger.AppendResult;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerEntry.Kind;
import dev.tokenledger.sql.engine.StoredRecord;
import dev.tokenledger.sql.engine.StoredRecord.Number;
import dev.tokenledger.sql.engine.WriteSession;
import dev.tokenledger.sql.records.PreparedRecord;
import dev.tokenledger.sql.records.RowKind;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tells a retry from a conflict.
 *
 * <p>A retry is mostly recognised by its columns, which are compared as they are stored, many ids at a time. Where a column
 * differs, both records are compared field by field: the difference may be one that does not count, such as a cost at newer
 * prices.
 */
final class DuplicateCheck {

    private DuplicateCheck() {}

    /** Sets the results of those records whose id is taken; gives the others, as a list of its own. */
    static List<PreparedRecord> settle(WriteSession session, Interner interner, List<PreparedRecord> rows)
            throws SQLException {
        List<PreparedRecord> free = new ArrayList<>();
        if (rows.isEmpty()) {
            return free;
        }
        interner.refer(
                session.names(),
                rows.stream().filter(row -> row.rejected() == null).toList());
        for (PreparedRecord row : differing(session, rows)) {
            row.settle(compare(session, row));
        }
        for (PreparedRecord row : rows) {
            if (!row.isSettled()) {
                free.add(row);
            }
        }
        return free;
    }

    /** Sets the results of plain retries; gives the records whose id is taken by a row that looks different. */
    private static List<PreparedRecord> differing(WriteSession session, List<PreparedRecord> rows) throws SQLException {
        Map<String, List<PreparedRecord>> byId = new HashMap<>(rows.size() * 2);
        List<Object> ids = new ArrayList<>(rows.size());
        for (PreparedRecord row : rows) {
            ids.add(row.id());
            byId.computeIfAbsent(row.record().id().value(), id -> new ArrayList<>(1))
                    .add(row);
        }
        List<PreparedRecord> differing = new ArrayList<>();
        session.records().lookUp(ids, stored -> {
            for (PreparedRecord row : byId.getOrDefault(stored.id(), List.of())) {
                if (row.rejected() == null && same(stored, row)) {
                    row.settle(new AppendResult.Duplicate(row.record().id()));
                } else {
                    differing.add(row);
                }
            }
        });
        return differing;
    }

    private static boolean same(StoredRecord stored, PreparedRecord row) throws SQLException {
        TokenCounts tokens = row.record().tokens();
        return stored.kind() == RowKind.USAGE
                && stored.number(Number.COMBINATION) == row.references().combination()
                && stored.number(Number.THREAD) == orZero(row.references().thread())
                && (row.offered().timestamp().isEmpty() || stored.number(Number.OCCURRED) == row.occurred())
                && stored.number(Number.INPUT) == tokens.input()
                && stored.number(Number.OUTPUT) == tokens.output()
                && stored.number(Number.CACHE_READ) == tokens.cacheRead()
                && stored.number(Number.CACHE_CREATION) == tokens.cacheCreation()
                && stored.number(Number.CACHE_CREATION_5M) == tokens.cacheCreation5m()
                && stored.number(Number.CACHE_CREATION_1H) == tokens.cacheCreation1h()
                && stored.number(Number.REASONING) == tokens.reasoning()
                && stored.number(Number.ATTRIBUTES) == orZero(row.references().attributesNumber())
                && stored.number(Number.RARE_FIELDS) == orZero(row.references().rareFields())
                && stored.number(Number.PRICE) == orZero(row.references().price())
                && stored.number(Number.COST) == row.costPicos()
                && Objects.equals(stored.duration(), row.duration())
                && Objects.equals(stored.reportedCost(), row.reportedCost())
                && Objects.equals(stored.extra(), row.extra())
                && stored.requestId().equals(row.record().requestId())
                && stored.upstreamRequestId().equals(row.record().upstreamRequestId());
    }

    /** Numbers are given from 1 on. */
    private static long orZero(@Nullable Long number) {
        return number == null ? 0 : number;
    }

    private static AppendResult compare(WriteSession session, PreparedRecord row) throws SQLException {
        LedgerEntry stored = session.records().find(row.record().id());
        if (stored == null) {
            throw new IllegalStateException("an entry vanished within a transaction");
        }
        return compare(stored, row.offered());
    }

    /** What is answered to a record whose id is taken. */
    static AppendResult compare(LedgerEntry stored, UsageRecord offered) {
        RecordId id = stored.id();
        if (stored.kind() != Kind.USAGE) {
            return new AppendResult.Conflict(id, "id", name(stored.kind()), "a record");
        }
        return stored.record()
                .firstDifference(offered)
                .<AppendResult>map(difference ->
                        new AppendResult.Conflict(id, difference.field(), difference.stored(), difference.offered()))
                .orElseGet(() -> new AppendResult.Duplicate(id));
    }

    /** What is answered to an adjustment whose id is taken, or to the reversal of one. */
    static AppendResult compareAdjustment(LedgerEntry stored, LedgerEntry offered) {
        RecordId id = stored.id();
        if (stored.kind() != Kind.ADJUSTMENT) {
            return new AppendResult.Conflict(id, "id", name(stored.kind()), "an adjustment");
        }
        AppendResult same = stored.record()
                .firstDifference(offered.record())
                .<AppendResult>map(difference ->
                        new AppendResult.Conflict(id, difference.field(), difference.stored(), difference.offered()))
                .orElseGet(() -> new AppendResult.Duplicate(id));
        if (same instanceof AppendResult.Conflict) {
            return same;
        }
        if (!stored.cost().equals(offered.cost())) {
            return new AppendResult.Conflict(
                    id,
                    "cost_usd",
                    stored.cost().amount().toString(),
                    offered.cost().amount().toString());
        }
        String reason = stored.adjustment().orElseThrow().reason();
        String other = offered.adjustment().orElseThrow().reason();
        return reason.equals(other) ? same : new AppendResult.Conflict(id, "reason", reason, other);
    }

    /** What an entry is, as results name it. */
    static String name(Kind kind) {
        return switch (kind) {
            case USAGE -> "a record";
            case REVERSAL -> "a reversal";
            case REVALUATION -> "a revaluation";
            case ADJUSTMENT -> "an adjustment";
        };
    }
}
