package dev.tokenledger.sqlite;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerEntry.Reversal;
import dev.tokenledger.Revision;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceId;
import dev.tokenledger.sql.records.PreparedRecord;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.sql.rollups.Figures;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is written in one transaction. Used by whoever holds the writer's lock; its memory serves the next transaction
 * too.
 *
 * <p>Records are {@linkplain #stage staged} first and {@linkplain #flush inserted} together, in the order offered, by JDBC's
 * batches (which halve the cost of a row), leaving to the unique index to say which ids are taken. Those are then
 * compared with what is stored. When most of a batch was there already, the next one is looked up before it is inserted,
 * which is cheaper for repeated imports. The figures of what was inserted become runs and roll-ups just before the
 * commit.
 */
final class WriteTransaction {

    private static final String INSERT = """
            INSERT INTO records (seq, occurred, combination, thread, kind, input, output, cache_read, cache_creation,
                cache_creation_5m, cache_creation_1h, reasoning, cost, attributes, circumstances, price, recorded,
                duration, reported_cost, extra, id, request_id, upstream_request_id, checksum)
            VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO NOTHING
            """;

    private static final String NEGATE = """
            INSERT INTO records (seq, occurred, combination, thread, kind, input, output, cache_read, cache_creation,
                cache_creation_5m, cache_creation_1h, reasoning, cost, attributes, circumstances, price, recorded, id)
            SELECT ?, occurred, combination, thread, 1, -input, -output, -cache_read, -cache_creation,
                -cache_creation_5m, -cache_creation_1h, -reasoning, -cost, attributes, circumstances, price, ?, ?
            FROM records WHERE seq = ?
            """;

    private final PriceBook prices;
    private final InstantSource clock;
    private final Interner interner = new Interner(this::entryText);
    private final Runs runs = new Runs(new TimeIndex());
    private final RollUps rollUps;
    private final Duplicates duplicates = new Duplicates(this::intern);
    private final RecordChecksum checksum = new RecordChecksum();
    private final long[] figures = new long[Figures.SIZE];
    private List<PreparedRecord> staged = new ArrayList<>();
    private long lastSequence;

    /** Says, of one connection, whether others have written since. */
    private long dataVersion;

    private boolean loaded;
    private boolean mostlyThere;

    WriteTransaction(PriceBook prices, InstantSource clock, RollUps rollUps) {
        this.prices = prices;
        this.clock = clock;
        this.rollUps = rollUps;
    }

    void begin(Handle handle) throws SQLException {
        handle.run("BEGIN IMMEDIATE");
        if (!loaded) {
            rollUps.load(handle);
            loaded = true;
        }
        long version = handle.number("PRAGMA data_version");
        if (version != dataVersion) {
            // Somebody else committed something, which may have been runs computed anew.
            runs.forget();
            dataVersion = version;
        }
        lastSequence = handle.number("SELECT max(seq) FROM records");
        runs.load(handle, lastSequence);
    }

    /** Inserts what is staged, and writes everything derived; the commit is the caller's. */
    void finish(Handle handle) throws SQLException {
        flush(handle);
        runs.write(handle);
        rollUps.write(handle);
    }

    /** Forgets whatever the rolled-back transaction did: the database gives numbers anew. */
    void forget() {
        interner.forget();
        runs.forget();
        rollUps.forget();
        staged = new ArrayList<>();
        loaded = false;
    }

    /**
     * Prepares a record, on any thread. One that is too expensive may yet be a retry of one that is stored at another cost,
     * so it is rejected only where it would be inserted.
     */
    static PreparedRecord row(UsageRecord offered, PriceBook prices, Instant now) {
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

    /** Prepares a record of another ledger, which keeps the cost that it has there. */
    static PreparedRecord row(Batch.Step.Restore step) {
        LedgerEntry entry = step.entry();
        PreparedRecord row =
                new PreparedRecord(entry.record(), entry.record(), entry.cost(), null, Values.micros(entry.recorded()));
        row.restoredPrice = step.price().orElse(null);
        return row;
    }

    /** Prepares the first revision of a key that is free. */
    PreparedRecord firstRevision(Batch.Step.Revise step) {
        return row(Revision.first(step).record());
    }

    /** Takes a record to be inserted with the next {@link #flush}, which sets its result. */
    void stage(PreparedRecord row) {
        row.result = null;
        staged.add(row);
    }

    /** Inserts the staged records. */
    void flush(Handle handle) throws SQLException {
        if (staged.isEmpty()) {
            return;
        }
        List<PreparedRecord> rows = staged;
        staged = new ArrayList<>();
        List<PreparedRecord> repeated = List.of();
        if (rows.stream().anyMatch(row -> row.rejected != null)) {
            repeated = reject(handle, rows);
        }
        int offered = rows.size();
        if (mostlyThere) {
            rows = duplicates.settle(handle, rows);
        }
        List<PreparedRecord> taken = insert(handle, rows);
        mostlyThere = (offered - rows.size() + taken.size()) * 2 > offered && offered > 1;
        taken.addAll(repeated);
        if (!duplicates.settle(handle, taken).isEmpty()) {
            throw new IllegalStateException("an id is neither free nor taken");
        }
    }

    /**
     * Takes out the records that cannot be stored, and answers them unless their id is taken. Of those whose id is that of a
     * record before them, which is stored first, it gives a list.
     */
    private List<PreparedRecord> reject(Handle handle, List<PreparedRecord> rows) throws SQLException {
        List<PreparedRecord> repeated = new ArrayList<>();
        List<PreparedRecord> first = new ArrayList<>();
        Set<RecordId> storable = new HashSet<>(rows.size() * 2);
        rows.removeIf(row -> {
            if (row.rejected == null) {
                storable.add(row.record.id());
                return false;
            }
            (storable.contains(row.record.id()) ? repeated : first).add(row);
            return true;
        });
        for (PreparedRecord row : duplicates.settle(handle, first)) {
            row.result = row.rejected;
        }
        return repeated;
    }

    /** Inserts records, sets the results of those whose id was free, and gives the others. */
    private List<PreparedRecord> insert(Handle handle, List<PreparedRecord> rows) throws SQLException {
        List<PreparedRecord> taken = new ArrayList<>();
        if (rows.isEmpty()) {
            return taken;
        }
        PreparedStatement insert = handle.statement(INSERT);
        long sequence = lastSequence;
        try {
            for (PreparedRecord row : rows) {
                intern(handle, row);
                row.seq = ++sequence;
                bind(insert, row);
                insert.addBatch();
            }
        } catch (SQLException | RuntimeException e) {
            insert.clearBatch();
            throw e;
        }
        int[] inserted = insert.executeBatch();
        for (int i = 0; i < inserted.length; i++) {
            PreparedRecord row = rows.get(i);
            if (inserted[i] == 0) {
                taken.add(row);
                continue;
            }
            lastSequence = row.seq;
            runs.add(handle, row.occurred, row.seq);
            row.figures(figures);
            rollUps.add(row.occurred, row.combinationRef, row.attributeSet, figures);
            row.result = new AppendResult.Appended(row.record.id());
        }
        return taken;
    }

    private void intern(Handle handle, PreparedRecord row) throws SQLException {
        row.combinationRef = interner.combination(handle, row.combination);
        row.threadRef = interner.thread(handle, row.thread);
        row.attributeSet = interner.attributes(handle, row.attributes, row.record.attributes());
        row.circumstancesRef = interner.circumstances(handle, row.circumstances);
        row.priceRef = interner.price(handle, row);
    }

    private @Nullable String entryText(PreparedRecord row, PriceId price) {
        if (row.restoredPrice != null) {
            return row.restoredPrice.toText();
        }
        return prices.find(row.record, Values.instant(row.occurred))
                .filter(entry -> entry.id().equals(price))
                .map(PriceEntry::toText)
                .orElse(null);
    }

    private void bind(PreparedStatement insert, PreparedRecord row) throws SQLException {
        TokenCounts tokens = row.record.tokens();
        insert.setLong(1, row.seq);
        insert.setLong(2, row.occurred);
        insert.setLong(3, row.combinationRef);
        Handle.bind(insert, 4, row.threadRef);
        insert.setLong(5, tokens.input());
        insert.setLong(6, tokens.output());
        insert.setLong(7, tokens.cacheRead());
        insert.setLong(8, tokens.cacheCreation());
        insert.setLong(9, tokens.cacheCreation5m());
        insert.setLong(10, tokens.cacheCreation1h());
        insert.setLong(11, tokens.reasoning());
        insert.setLong(12, row.costPicos);
        Handle.bind(insert, 13, row.attributesRef());
        Handle.bind(insert, 14, row.circumstancesRef);
        Handle.bind(insert, 15, row.priceRef);
        insert.setLong(16, row.recorded - row.occurred);
        Handle.bind(insert, 17, row.duration());
        Handle.bind(insert, 18, row.reportedCost());
        Handle.bind(insert, 19, row.extra);
        Handle.bind(insert, 20, row.id);
        Handle.bind(insert, 21, row.requestId);
        Handle.bind(insert, 22, row.upstreamRequestId);
        insert.setInt(23, checksum.of(row));
    }

    /** Writes the entry that negates a record; its id is new. */
    RecordId negate(Handle handle, LedgerEntry entry, String reason) throws SQLException {
        RecordId id = RecordId.generate();
        negate(handle, entry, new Reversal(id, entry.id(), reason), now());
        return id;
    }

    /** Writes the entry that negates a record, under an id that is free. */
    void negate(Handle handle, LedgerEntry entry, Reversal reversal, Instant recorded) throws SQLException {
        flush(handle);
        long occurred = Values.micros(entry.occurred());
        long sequence = lastSequence + 1;
        PreparedStatement insert = handle.statement(NEGATE);
        insert.setLong(1, sequence);
        insert.setLong(2, Values.micros(recorded) - occurred);
        Handle.bind(insert, 3, Values.id(reversal.id().value()));
        insert.setLong(4, entry.sequence());
        insert.executeUpdate();
        lastSequence = sequence;
        PreparedStatement link =
                handle.statement("INSERT INTO reversals (reversed, reversal, reason) VALUES (?, ?, ?)");
        link.setLong(1, entry.sequence());
        link.setLong(2, sequence);
        link.setString(3, reversal.reason());
        link.executeUpdate();
        checksum.store(handle, sequence);
        PreparedRecord row = new PreparedRecord(entry.record(), entry.record(), entry.cost(), null, 0);
        intern(handle, row);
        row.figures(figures);
        for (int i = 0; i < Figures.SIZE; i++) {
            figures[i] = -figures[i];
        }
        Figures.setCost(figures, -row.costPicos);
        runs.add(handle, occurred, sequence);
        rollUps.add(occurred, row.combinationRef, row.attributeSet, figures);
    }

    /** Prepares a record to be appended now. */
    PreparedRecord row(UsageRecord offered) {
        return row(offered, prices, now());
    }

    /** Appends one record at once. */
    AppendResult append(Handle handle, PreparedRecord row) throws SQLException {
        stage(row);
        flush(handle);
        return row.result();
    }

    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    /** Computes everything derived anew. */
    void rebuild(Handle handle) throws SQLException {
        finish(handle);
        Rebuilding.run(handle, rollUps);
        runs.forget();
        runs.load(handle, lastSequence);
        rollUps.load(handle);
    }

    /** Remembers or forgets what a reader asked for. */
    static void putReaderStates(Handle handle, Map<String, String> states) throws SQLException {
        for (Map.Entry<String, String> state : states.entrySet()) {
            boolean forgotten = state.getValue().isEmpty();
            PreparedStatement put = handle.statement(
                    forgotten
                            ? "DELETE FROM reader_states WHERE key = ?"
                            : "INSERT INTO reader_states (key, state) VALUES (?, ?)"
                                    + " ON CONFLICT DO UPDATE SET state = excluded.state");
            put.setString(1, state.getKey());
            if (!forgotten) {
                put.setString(2, state.getValue());
            }
            put.executeUpdate();
        }
    }
}
