package dev.tokenledger.sqlite;

import dev.tokenledger.LedgerEntry;
import dev.tokenledger.PeriodMark;
import dev.tokenledger.backend.Revision;
import dev.tokenledger.sql.engine.RecordWriter;
import dev.tokenledger.sql.engine.RevaluedRecord;
import dev.tokenledger.sql.records.PreparedRecord;
import dev.tokenledger.sql.records.RowKind;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.TokenCounts;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The writer's side of {@code records}, {@code adjustments} and {@code reversals}. Rows are inserted by JDBC's batches, which halve the cost of a
 * row. Entries are numbered by the writer, whose transaction nobody else's can overtake, and their runs written with them.
 */
final class RecordTable implements RecordWriter {

    /** How many ids are looked up by one statement. */
    private static final int PROBES = 64;

    private static final String INSERT = """
            INSERT INTO records (seq, occurred, combination, thread, kind, input, output, cache_read, cache_creation,
                cache_creation_5m, cache_creation_1h, reasoning, cost, attributes, circumstances, price, recorded,
                duration, reported_cost, extra, id, request_id, upstream_request_id, checksum)
            VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO NOTHING
            """;

    private static final String ADJUST = """
            INSERT INTO records (seq, occurred, combination, thread, kind, input, output, cache_read, cache_creation,
                cache_creation_5m, cache_creation_1h, reasoning, cost, attributes, circumstances, price, recorded,
                duration, extra, id, request_id, upstream_request_id)
            VALUES (?1, ?2, ?3, ?4, 4, 0, 0, 0, 0, 0, 0, 0, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
            ON CONFLICT (id) DO NOTHING
            """;

    private static final String NEGATE = """
            INSERT INTO records (seq, occurred, combination, thread, kind, input, output, cache_read, cache_creation,
                cache_creation_5m, cache_creation_1h, reasoning, cost, attributes, circumstances, price, recorded, id)
            SELECT ?1, occurred, combination, thread, ?5, -input, -output, -cache_read, -cache_creation,
                -cache_creation_5m, -cache_creation_1h, -reasoning, -cost, attributes, circumstances, price, ?2, ?3
            FROM records WHERE seq = coalesce(
                (SELECT revaluation FROM revaluations WHERE revalued = ?4 ORDER BY number DESC LIMIT 1), ?4)
            """;

    /** Of a record in force with the number of revaluations before this one. */
    private static final String LINK_REVALUATION = """
            INSERT INTO revaluations (revalued, number, revaluation, withdrawal, run)
            SELECT r.seq, ?2, ?3, ?4, ?5 FROM records r
            WHERE r.id = ?1 AND r.kind = 0 AND NOT EXISTS (SELECT 1 FROM reversals WHERE reversed = r.seq)
                AND (SELECT count(*) FROM revaluations WHERE revalued = r.seq) = ?2 - 1
            """;

    /** Takes away what a revaluation replaces. */
    private static final String WITHDRAW = """
            INSERT INTO records (seq, occurred, combination, thread, kind, input, output, cache_read, cache_creation,
                cache_creation_5m, cache_creation_1h, reasoning, cost, attributes, circumstances, price, recorded, id)
            SELECT ?1, p.occurred, p.combination, p.thread, 3, -p.input, -p.output, -p.cache_read, -p.cache_creation,
                -p.cache_creation_5m, -p.cache_creation_1h, -p.reasoning, -p.cost, p.attributes, p.circumstances, p.price,
                ?2, ?3
            FROM revaluations x JOIN records p ON p.seq = coalesce(
                (SELECT b.revaluation FROM revaluations b WHERE b.revalued = x.revalued AND b.number = x.number - 1), x.revalued)
            WHERE x.revaluation = ?4
            """;

    /** Counts the record at its new cost. */
    private static final String REVALUE = """
            INSERT INTO records (seq, occurred, combination, thread, kind, input, output, cache_read, cache_creation,
                cache_creation_5m, cache_creation_1h, reasoning, cost, attributes, circumstances, price, recorded, extra, id)
            SELECT ?1, p.occurred, ?2, p.thread, 2, p.input, p.output, p.cache_read, p.cache_creation,
                p.cache_creation_5m, p.cache_creation_1h, p.reasoning, ?3, p.attributes, ?4, ?5, ?6, ?7, ?8
            FROM revaluations x JOIN records p ON p.seq = x.revalued WHERE x.revaluation = ?1
            """;

    private static final String LOOK_UP =
            "SELECT " + StoredRow.OWN + " FROM records r WHERE r.id IN (?" + ", ?".repeat(PROBES - 1) + ")";

    private static final String FIND = "SELECT " + StoredRow.COLUMNS + " FROM records r WHERE r.id IN (?"
            + ", ?".repeat(PROBES - 1) + ") AND r.kind <> " + RowKind.WITHDRAWAL;

    private static final String PROBE = "SELECT id FROM records WHERE id IN (?" + ", ?".repeat(PROBES - 1) + ")";

    /** The join's order is stated, because ranges that the planner knows nothing of would have it read all ids. */
    private static final String PROBE_LATER = "SELECT r.id FROM (VALUES (?, ?)" + ", (?, ?)".repeat(PROBES - 1)
            + ") k CROSS JOIN records r ON r.id > k.column1 AND r.id < k.column2";

    private static final String OF_REQUEST = "SELECT " + StoredRow.COLUMNS + " FROM "
            + RecordScan.joinByThread("session") + " WHERE t.session = ? AND r.upstream_request_id = ? AND r.kind = 0";

    private final WriterSession session;
    private final Runs runs = new Runs(new TimeIndex());
    private final RecordChecksum checksum = new RecordChecksum();
    private long lastSequence;

    RecordTable(WriterSession session) {
        this.session = session;
    }

    /** @param changed whether somebody else committed something, which may have been runs computed anew */
    void begin(Handle handle, boolean changed) throws SQLException {
        if (changed) {
            runs.forget();
        }
        lastSequence = handle.number("SELECT max(seq) FROM records");
        runs.load(handle, lastSequence);
    }

    /** Writes the runs of what was inserted. */
    void finish(Handle handle) throws SQLException {
        runs.write(handle);
    }

    /** Goes on after runs were computed anew. */
    void rebuilt(Handle handle) throws SQLException {
        runs.forget();
        runs.load(handle, lastSequence);
    }

    /** Forgets the transaction that was rolled back. */
    void forget() {
        runs.forget();
    }

    @Override
    public List<PreparedRecord> insert(List<PreparedRecord> rows) throws SQLException {
        Handle handle = session.handle();
        PreparedStatement insert = handle.statement(INSERT);
        long sequence = lastSequence;
        try {
            for (PreparedRecord row : rows) {
                row.number(++sequence);
                bind(insert, row);
                insert.addBatch();
            }
        } catch (SQLException | RuntimeException e) {
            insert.clearBatch();
            throw e;
        }
        int[] inserted = insert.executeBatch();
        List<PreparedRecord> taken = new ArrayList<>();
        for (int i = 0; i < inserted.length; i++) {
            PreparedRecord row = rows.get(i);
            if (inserted[i] == 0) {
                taken.add(row);
            } else {
                lastSequence = row.sequence();
                runs.add(handle, row.occurred(), row.sequence());
            }
        }
        return taken;
    }

    /** A statement costs no round trip here. */
    @Override
    public boolean insertsAll() {
        return false;
    }

    private void bind(PreparedStatement insert, PreparedRecord row) throws SQLException {
        TokenCounts tokens = row.record().tokens();
        insert.setLong(1, row.sequence());
        insert.setLong(2, row.occurred());
        insert.setLong(3, row.references().combination());
        Handle.bind(insert, 4, row.references().thread());
        insert.setLong(5, tokens.input());
        insert.setLong(6, tokens.output());
        insert.setLong(7, tokens.cacheRead());
        insert.setLong(8, tokens.cacheCreation());
        insert.setLong(9, tokens.cacheCreation5m());
        insert.setLong(10, tokens.cacheCreation1h());
        insert.setLong(11, tokens.reasoning());
        insert.setLong(12, row.costPicos());
        Handle.bind(insert, 13, row.references().attributesNumber());
        Handle.bind(insert, 14, row.references().rareFields());
        Handle.bind(insert, 15, row.references().price());
        insert.setLong(16, row.recorded() - row.occurred());
        Handle.bind(insert, 17, row.duration());
        Handle.bind(insert, 18, row.reportedCost());
        Handle.bind(insert, 19, row.extra());
        Handle.bind(insert, 20, row.id());
        Handle.bind(insert, 21, row.requestId());
        Handle.bind(insert, 22, row.upstreamRequestId());
        insert.setInt(23, checksum.of(row));
    }

    @Override
    public void lookUp(Collection<Object> ids, Sink sink) throws SQLException {
        List<Object> asked = List.copyOf(new HashSet<>(ids));
        for (int from = 0; from < asked.size(); from += PROBES) {
            PreparedStatement probe = session.handle().statement(LOOK_UP);
            for (int i = 0; i < PROBES; i++) {
                Handle.bind(probe, i + 1, from + i < asked.size() ? asked.get(from + i) : null);
            }
            try (ResultSet row = probe.executeQuery()) {
                StoredRow stored = new StoredRow(session.handle(), row);
                while (row.next()) {
                    sink.row(stored);
                }
            }
        }
    }

    @Override
    public @Nullable LedgerEntry find(RecordId id) throws SQLException {
        return StoredRow.byId(session.handle(), id);
    }

    @Override
    public List<LedgerEntry> find(Collection<RecordId> ids) throws SQLException {
        List<RecordId> asked = List.copyOf(new HashSet<>(ids));
        List<LedgerEntry> found = new ArrayList<>(asked.size());
        for (int from = 0; from < asked.size(); from += PROBES) {
            PreparedStatement select = session.handle().statement(FIND);
            for (int i = 0; i < PROBES; i++) {
                Handle.bind(
                        select,
                        i + 1,
                        from + i < asked.size() ? Values.id(asked.get(from + i).value()) : null);
            }
            found.addAll(SqliteReads.entries(session.handle(), select));
        }
        return found;
    }

    @Override
    public List<PeriodMark> periodMarks() throws SQLException {
        return SqliteReads.periodMarks(session.handle());
    }

    @Override
    public void mark(PeriodMark mark) throws SQLException {
        PreparedStatement insert = session.handle()
                .statement("INSERT INTO period_marks (closed_before, zone, reason, recorded) VALUES (?, ?, ?, ?)");
        Handle.bind(insert, 1, mark.closedBefore().map(Values::micros).orElse(null));
        insert.setString(2, mark.zone());
        insert.setString(3, mark.reason());
        insert.setLong(4, Values.micros(mark.recorded()));
        insert.executeUpdate();
    }

    @Override
    public int revalue(List<RevaluedRecord> rows) throws SQLException {
        int written = 0;
        Map<List<String>, Long> numbers = new HashMap<>();
        for (RevaluedRecord row : rows) {
            LedgerEntry.Revaluation revaluation = row.revaluation();
            List<String> run = List.of(revaluation.run(), revaluation.reason());
            Long number = numbers.get(run);
            if (number == null) {
                number = run(revaluation);
                numbers.put(run, number);
            }
            written += revalue(row, number);
        }
        return written;
    }

    private long run(LedgerEntry.Revaluation revaluation) throws SQLException {
        Handle handle = session.handle();
        PreparedStatement insert = handle.statement(
                "INSERT INTO revaluation_runs (run, reason) VALUES (?, ?) ON CONFLICT (run, reason) DO NOTHING");
        insert.setString(1, revaluation.run());
        insert.setString(2, revaluation.reason());
        insert.executeUpdate();
        PreparedStatement select = handle.statement("SELECT id FROM revaluation_runs WHERE run = ? AND reason = ?");
        select.setString(1, revaluation.run());
        select.setString(2, revaluation.reason());
        try (ResultSet row = select.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    private int revalue(RevaluedRecord revalued, long run) throws SQLException {
        Handle handle = session.handle();
        PreparedRecord row = revalued.row();
        long withdrawal = lastSequence + 1;
        long sequence = lastSequence + 2;
        PreparedStatement link = handle.statement(LINK_REVALUATION);
        Handle.bind(link, 1, row.id());
        link.setInt(2, revalued.revaluation().number());
        link.setLong(3, sequence);
        link.setLong(4, withdrawal);
        link.setLong(5, run);
        if (link.executeUpdate() == 0) {
            return 0;
        }
        long recorded = row.recorded() - row.occurred();
        PreparedStatement withdraw = handle.statement(WITHDRAW);
        withdraw.setLong(1, withdrawal);
        withdraw.setLong(2, recorded);
        Handle.bind(withdraw, 3, Values.id(revalued.withdrawal().value()));
        withdraw.setLong(4, sequence);
        withdraw.executeUpdate();
        PreparedStatement insert = handle.statement(REVALUE);
        insert.setLong(1, sequence);
        insert.setLong(2, row.references().combination());
        insert.setLong(3, row.costPicos());
        Handle.bind(insert, 4, row.references().rareFields());
        Handle.bind(insert, 5, row.references().price());
        insert.setLong(6, recorded);
        Handle.bind(insert, 7, row.extra());
        Handle.bind(insert, 8, Values.id(revalued.revaluation().id().value()));
        insert.executeUpdate();
        lastSequence = sequence;
        row.number(sequence);
        for (long written = withdrawal; written <= sequence; written++) {
            checksum.store(handle, written);
            runs.add(handle, row.occurred(), written);
        }
        return 1;
    }

    @Override
    public boolean adjust(PreparedRecord row, String reason) throws SQLException {
        Handle handle = session.handle();
        long sequence = lastSequence + 1;
        PreparedStatement insert = handle.statement(ADJUST);
        insert.setLong(1, sequence);
        insert.setLong(2, row.occurred());
        insert.setLong(3, row.references().combination());
        Handle.bind(insert, 4, row.references().thread());
        insert.setLong(5, row.costPicos());
        Handle.bind(insert, 6, row.references().attributesNumber());
        Handle.bind(insert, 7, row.references().rareFields());
        Handle.bind(insert, 8, row.references().price());
        insert.setLong(9, row.recorded() - row.occurred());
        Handle.bind(insert, 10, row.duration());
        Handle.bind(insert, 11, row.extra());
        Handle.bind(insert, 12, row.id());
        Handle.bind(insert, 13, row.requestId());
        Handle.bind(insert, 14, row.upstreamRequestId());
        if (insert.executeUpdate() == 0) {
            return false;
        }
        PreparedStatement link = handle.statement("INSERT INTO adjustments (adjustment, reason) VALUES (?, ?)");
        link.setLong(1, sequence);
        link.setString(2, reason);
        link.executeUpdate();
        lastSequence = sequence;
        row.number(sequence);
        checksum.store(handle, sequence);
        runs.add(handle, row.occurred(), sequence);
        return true;
    }

    @Override
    public boolean negate(LedgerEntry entry, LedgerEntry.Reversal reversal, Instant recorded) throws SQLException {
        Handle handle = session.handle();
        long occurred = Values.micros(entry.occurred());
        long sequence = lastSequence + 1;
        PreparedStatement insert = handle.statement(NEGATE);
        insert.setLong(1, sequence);
        insert.setLong(2, Values.micros(recorded) - occurred);
        Handle.bind(insert, 3, Values.id(reversal.id().value()));
        insert.setLong(4, entry.sequence());
        insert.setInt(
                5,
                RowKind.reversalOf(entry.kind() == LedgerEntry.Kind.ADJUSTMENT ? RowKind.ADJUSTMENT : RowKind.USAGE));
        insert.executeUpdate();
        lastSequence = sequence;
        PreparedStatement link =
                handle.statement("INSERT INTO reversals (reversed, reversal, reason) VALUES (?, ?, ?)");
        link.setLong(1, entry.sequence());
        link.setLong(2, sequence);
        link.setString(3, reversal.reason());
        link.executeUpdate();
        checksum.store(handle, sequence);
        runs.add(handle, occurred, sequence);
        return true;
    }

    @Override
    public Set<String> revised(Collection<String> keys) throws SQLException {
        List<String> asked = List.copyOf(keys);
        Set<String> revised = new HashSet<>();
        for (int from = 0; from < asked.size(); from += PROBES) {
            List<String> some = asked.subList(from, Math.min(asked.size(), from + PROBES));
            addFirst(some, revised);
            addLater(some, revised);
        }
        return revised;
    }

    private void addFirst(List<String> keys, Set<String> revised) throws SQLException {
        PreparedStatement probe = session.handle().statement(PROBE);
        for (int i = 0; i < PROBES; i++) {
            Handle.bind(probe, i + 1, i < keys.size() ? Values.id(keys.get(i)) : null);
        }
        try (ResultSet found = probe.executeQuery()) {
            while (found.next()) {
                revised.add(Values.idText(found.getObject(1)));
            }
        }
    }

    /** Adds keys of which there is a revision beyond the first, which need not be there. */
    private void addLater(List<String> keys, Set<String> revised) throws SQLException {
        PreparedStatement probe = session.handle().statement(PROBE_LATER);
        for (int i = 0; i < PROBES; i++) {
            probe.setString(2 * i + 1, i < keys.size() ? Revision.laterFrom(keys.get(i)) : null);
            probe.setString(2 * i + 2, i < keys.size() ? Revision.laterTo(keys.get(i)) : null);
        }
        try (ResultSet found = probe.executeQuery()) {
            while (found.next()) {
                revised.add(Revision.key(RecordId.of(Values.idText(found.getObject(1)))));
            }
        }
    }

    @Override
    public List<LedgerEntry> revisions(String key) throws SQLException {
        return Revision.inOrder(key, SqliteReads.revisions(session.handle(), key));
    }

    @Override
    public List<LedgerEntry> ofRequest(String sessionId, String upstreamRequestId) throws SQLException {
        Handle handle = session.handle();
        PreparedStatement select = handle.statement(OF_REQUEST);
        Handle.bind(select, 1, Values.id(sessionId));
        Handle.bind(select, 2, Values.id(upstreamRequestId));
        return SqliteReads.entries(handle, select);
    }

    @Override
    public void putReaderStates(Map<String, String> states) throws SQLException {
        for (Map.Entry<String, String> state : states.entrySet()) {
            boolean forgotten = state.getValue().isEmpty();
            PreparedStatement put = session.handle()
                    .statement(
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

    @Override
    public boolean compareAndSetReaderState(String key, String expected, String state) throws SQLException {
        PreparedStatement put = session.handle()
                .statement(
                        expected.isEmpty()
                                ? "INSERT INTO reader_states (state, key) VALUES (?, ?) ON CONFLICT DO NOTHING"
                                : "UPDATE reader_states SET state = ? WHERE key = ? AND state = ?");
        put.setString(1, state);
        put.setString(2, key);
        if (!expected.isEmpty()) {
            put.setString(3, expected);
        }
        return put.executeUpdate() == 1;
    }
}
