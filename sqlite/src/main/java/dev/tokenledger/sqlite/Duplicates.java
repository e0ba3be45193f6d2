package dev.tokenledger.sqlite;

import dev.tokenledger.AppendResult;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerEntry.Kind;
import dev.tokenledger.sql.records.PreparedRecord;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells a retry from a conflict.
 *
 * <p>A retry is mostly recognised by its columns, which are compared as they are stored, some dozens of ids to a
 * statement. Where a column differs, both records are compared field by field: the difference may be one that does not
 * count, such as a cost at newer prices.
 */
final class Duplicates {

    /** How many ids are looked up by one statement. */
    private static final int PROBES = 64;

    private static final String PROBE = """
            SELECT seq, id, kind, combination, thread, occurred, input, output, cache_read, cache_creation,
                cache_creation_5m, cache_creation_1h, reasoning, attributes, circumstances, price, cost, duration,
                reported_cost, extra, request_id, upstream_request_id
            FROM records WHERE id IN (?\
            """ + ", ?".repeat(PROBES - 1) + ")";

    /** Gives a row its references. */
    @FunctionalInterface
    interface Referencing {
        void refer(Handle handle, PreparedRecord row) throws SQLException;
    }

    private final Referencing referencing;

    Duplicates(Referencing referencing) {
        this.referencing = referencing;
    }

    /** Sets the results of those records whose id is taken; gives the others, as a list of its own. */
    List<PreparedRecord> settle(Handle handle, List<PreparedRecord> rows) throws SQLException {
        List<PreparedRecord> free = new ArrayList<>();
        for (int from = 0; from < rows.size(); from += PROBES) {
            List<PreparedRecord> some = rows.subList(from, Math.min(rows.size(), from + PROBES));
            for (PreparedRecord row : differing(handle, some)) {
                row.result = compare(handle, row);
            }
            for (PreparedRecord row : some) {
                if (row.result == null) {
                    free.add(row);
                }
            }
        }
        return free;
    }

    /** Sets the results of plain retries; gives the records whose id is taken by a row that looks different. */
    private List<PreparedRecord> differing(Handle handle, List<PreparedRecord> rows) throws SQLException {
        Map<String, List<PreparedRecord>> byId = new HashMap<>();
        PreparedStatement probe = handle.statement(PROBE);
        for (int i = 0; i < PROBES; i++) {
            Handle.bind(probe, i + 1, i < rows.size() ? rows.get(i).id : null);
        }
        for (PreparedRecord row : rows) {
            byId.computeIfAbsent(row.record.id().value(), id -> new ArrayList<>(1))
                    .add(row);
        }
        List<PreparedRecord> differing = new ArrayList<>();
        try (ResultSet stored = probe.executeQuery()) {
            while (stored.next()) {
                for (PreparedRecord row : byId.getOrDefault(Values.idText(stored.getObject(2)), List.of())) {
                    if (row.rejected != null) {
                        differing.add(row);
                        continue;
                    }
                    referencing.refer(handle, row);
                    if (same(stored, row)) {
                        row.result = new AppendResult.Duplicate(row.record.id());
                    } else {
                        differing.add(row);
                    }
                }
            }
        }
        return differing;
    }

    private static boolean same(ResultSet stored, PreparedRecord row) throws SQLException {
        TokenCounts tokens = row.record.tokens();
        return stored.getLong(3) == 0
                && stored.getLong(4) == row.combinationRef
                && equal(stored, 5, row.threadRef)
                && (row.offered.timestamp().isEmpty() || stored.getLong(6) == row.occurred)
                && stored.getLong(7) == tokens.input()
                && stored.getLong(8) == tokens.output()
                && stored.getLong(9) == tokens.cacheRead()
                && stored.getLong(10) == tokens.cacheCreation()
                && stored.getLong(11) == tokens.cacheCreation5m()
                && stored.getLong(12) == tokens.cacheCreation1h()
                && stored.getLong(13) == tokens.reasoning()
                && equal(stored, 14, row.attributesRef())
                && equal(stored, 15, row.circumstancesRef)
                && equal(stored, 16, row.priceRef)
                && stored.getLong(17) == row.costPicos
                && equal(stored, 18, row.duration())
                && equal(stored, 19, row.reportedCost())
                && Values.sameId(stored.getString(20), row.extra)
                && Values.sameId(stored.getObject(21), row.requestId)
                && Values.sameId(stored.getObject(22), row.upstreamRequestId);
    }

    private static boolean equal(ResultSet stored, int column, @Nullable Long value) throws SQLException {
        long number = stored.getLong(column);
        return stored.wasNull() ? value == null : value != null && value == number;
    }

    private static AppendResult compare(Handle handle, PreparedRecord row) throws SQLException {
        LedgerEntry stored = EntryReader.byId(handle, row.record.id());
        if (stored == null) {
            throw new IllegalStateException("an entry vanished within a transaction");
        }
        return compare(stored, row.offered);
    }

    /** What is answered to a record whose id is taken. */
    static AppendResult compare(LedgerEntry stored, UsageRecord offered) {
        RecordId id = offered.id();
        if (stored.kind() == Kind.REVERSAL) {
            return new AppendResult.Conflict(id, "id", "a reversal", "a record");
        }
        return stored.record()
                .firstDifference(offered)
                .<AppendResult>map(difference ->
                        new AppendResult.Conflict(id, difference.field(), difference.stored(), difference.offered()))
                .orElseGet(() -> new AppendResult.Duplicate(id));
    }
}
