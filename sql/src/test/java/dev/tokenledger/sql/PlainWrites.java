package dev.tokenledger.sql;

import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerEntry.Kind;
import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerUnavailableException;
import dev.tokenledger.PeriodMark;
import dev.tokenledger.backend.Revision;
import dev.tokenledger.sql.PlainStore.Pair;
import dev.tokenledger.sql.PlainStore.Row;
import dev.tokenledger.sql.engine.NameWriter;
import dev.tokenledger.sql.engine.PackedDelta;
import dev.tokenledger.sql.engine.PageWriter;
import dev.tokenledger.sql.engine.RecordWriter;
import dev.tokenledger.sql.engine.RevaluedRecord;
import dev.tokenledger.sql.engine.StoredRecord;
import dev.tokenledger.sql.engine.WriteSession;
import dev.tokenledger.sql.records.AttributeSet;
import dev.tokenledger.sql.records.PreparedRecord;
import dev.tokenledger.sql.records.RowKind;
import dev.tokenledger.sql.records.Tuple;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.TokenCounts;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The writing side of a {@link PlainStore}. */
final class PlainWrites implements WriteSession, RecordWriter, NameWriter, PageWriter {

    private final PlainStore store;
    private boolean inTransaction;

    PlainWrites(PlainStore store) {
        this.store = store;
    }

    // ---- The session

    @Override
    public void begin(String action) {
        store.begin();
        inTransaction = true;
    }

    @Override
    public RecordWriter records() {
        return this;
    }

    @Override
    public NameWriter names() {
        return this;
    }

    @Override
    public PageWriter pages() {
        return this;
    }

    @Override
    public void finish() throws SQLException {
        if (store.losses > 0) {
            store.losses--;
            throw new SQLException("lost against another transaction", "40001");
        }
    }

    @Override
    public boolean isRetryable(SQLException cause) {
        return "40001".equals(cause.getSQLState());
    }

    @Override
    public void commit() {
        inTransaction = false;
        store.end(true);
    }

    @Override
    public void rollback() {
        if (inTransaction) {
            inTransaction = false;
            store.end(false);
        }
    }

    @Override
    public LedgerException failure(String action, Stage stage, SQLException cause) {
        String message = "cannot " + action + " the maps: " + cause.getMessage();
        return isRetryable(cause)
                ? new LedgerBusyException(message + "; nothing was stored, retry with the same ids", cause)
                : new LedgerUnavailableException(message, cause);
    }

    @Override
    public void rebuild() {
        // Nothing is derived.
    }

    @Override
    public void touch() {
        // Nothing changes.
    }

    @Override
    public void close() {
        // Nothing is open.
    }

    // ---- Records

    @Override
    public List<PreparedRecord> insert(List<PreparedRecord> rows) {
        List<PreparedRecord> taken = new ArrayList<>();
        for (PreparedRecord row : rows) {
            if (store.byId.containsKey(row.record().id())) {
                taken.add(row);
            } else {
                store.add(row.record().id(), RowKind.USAGE, row, Values.instant(row.recorded()), null);
                row.number(store.sequence);
            }
        }
        return taken;
    }

    @Override
    public boolean insertsAll() {
        return true;
    }

    /** All or nothing, as a database does it that needs a round trip for each statement. */
    @Override
    public boolean insertAll(List<PreparedRecord> rows, Supplier<@Nullable PackedDelta> delta) {
        Set<RecordId> ids = new HashSet<>();
        for (PreparedRecord row : rows) {
            if (store.byId.containsKey(row.record().id())
                    || !ids.add(row.record().id())) {
                return false;
            }
        }
        return delta.get() != null && insert(rows).isEmpty();
    }

    @Override
    public void lookUp(Collection<Object> ids, Sink sink) throws SQLException {
        Set<String> asked = new HashSet<>();
        ids.forEach(id -> asked.add(Values.idText(id)));
        for (String id : asked) {
            Row row = store.byId.get(RecordId.of(id));
            if (row != null) {
                sink.row(new Stored(row));
            }
        }
    }

    private record Stored(Row row) implements StoredRecord {

        @Override
        public long number(Number number) {
            PreparedRecord record = row.record;
            TokenCounts tokens = record.record().tokens();
            return switch (number) {
                case SEQUENCE -> row.sequence;
                case OCCURRED -> record.occurred();
                case RECORDED -> Values.micros(row.recorded);
                case COMBINATION -> record.references().combination();
                case THREAD -> orZero(record.references().thread());
                case ATTRIBUTES -> orZero(record.references().attributesNumber());
                case RARE_FIELDS -> orZero(record.references().rareFields());
                case PRICE -> orZero(record.references().price());
                case INPUT -> tokens.input();
                case OUTPUT -> tokens.output();
                case CACHE_READ -> tokens.cacheRead();
                case CACHE_CREATION -> tokens.cacheCreation();
                case CACHE_CREATION_5M -> tokens.cacheCreation5m();
                case CACHE_CREATION_1H -> tokens.cacheCreation1h();
                case REASONING -> tokens.reasoning();
                case COST -> record.costPicos();
            };
        }

        private static long orZero(@Nullable Long number) {
            return number == null ? 0 : number;
        }

        @Override
        public @Nullable Long duration() {
            return row.record.duration();
        }

        @Override
        public @Nullable Long reportedCost() {
            return row.record.reportedCost();
        }

        @Override
        public int kind() {
            return row.kind;
        }

        @Override
        public String id() {
            return row.id().value();
        }

        @Override
        public String requestId() {
            return row.record.record().requestId();
        }

        @Override
        public String upstreamRequestId() {
            return row.record.record().upstreamRequestId();
        }

        @Override
        public @Nullable String extra() {
            return row.record.extra();
        }
    }

    @Override
    public @Nullable LedgerEntry find(RecordId id) {
        Row row = store.byId.get(id);
        return row == null || row.kind == RowKind.WITHDRAWAL ? null : store.entry(row);
    }

    @Override
    public List<LedgerEntry> revisions(String key) {
        return Revision.inOrder(key, new PlainReads(store).revisions(key));
    }

    @Override
    public Set<String> revised(Collection<String> keys) {
        Set<String> revised = new HashSet<>();
        for (String key : keys) {
            if (!new PlainReads(store).revisions(key).isEmpty()) {
                revised.add(key);
            }
        }
        return revised;
    }

    @Override
    public List<LedgerEntry> ofRequest(String sessionId, String upstreamRequestId) {
        return store.byId.values().stream()
                .map(store::entry)
                .filter(entry -> entry.kind() == Kind.USAGE
                        && entry.record().sessionId().equals(sessionId)
                        && entry.record().upstreamRequestId().equals(upstreamRequestId))
                .toList();
    }

    @Override
    public boolean adjust(PreparedRecord row, String reason) {
        if (store.byId.containsKey(row.record().id())) {
            return false;
        }
        store.put(store.adjustments, row.record().id(), reason);
        store.add(row.record().id(), RowKind.ADJUSTMENT, row, Values.instant(row.recorded()), null);
        row.number(store.sequence);
        return true;
    }

    @Override
    public boolean negate(LedgerEntry entry, LedgerEntry.Reversal reversal, Instant recorded) {
        if (store.reversals.containsKey(entry.record().id())) {
            return false;
        }
        Row reversed = store.counted(Objects.requireNonNull(store.byId.get(entry.id())));
        store.put(store.reversals, entry.record().id(), reversal);
        int kind = reversed.kind == RowKind.ADJUSTMENT ? RowKind.ADJUSTMENT_REVERSAL : RowKind.REVERSAL;
        store.add(reversal.id(), kind, reversed.record, recorded, null);
        return true;
    }

    @Override
    public List<LedgerEntry> find(Collection<RecordId> ids) {
        List<LedgerEntry> found = new ArrayList<>();
        for (RecordId id : Set.copyOf(ids)) {
            LedgerEntry entry = find(id);
            if (entry != null) {
                found.add(entry);
            }
        }
        return found;
    }

    @Override
    public List<PeriodMark> periodMarks() {
        return List.copyOf(store.marks);
    }

    @Override
    public void mark(PeriodMark mark) {
        store.marks.add(mark);
        store.undo.push(() -> store.marks.remove(store.marks.size() - 1));
    }

    @Override
    public int revalue(List<RevaluedRecord> rows) {
        for (RevaluedRecord row : rows) {
            RecordId of = row.row().record().id();
            Instant recorded = Values.instant(row.row().recorded());
            Row before = store.counted(Objects.requireNonNull(store.byId.get(of)));
            store.add(row.withdrawal(), RowKind.WITHDRAWAL, before.record, recorded, null);
            store.put(
                    store.revaluations,
                    of,
                    store.add(row.revaluation().id(), RowKind.REVALUATION, row.row(), recorded, row.revaluation()));
        }
        return rows.size();
    }

    @Override
    public void putReaderStates(Map<String, String> states) {
        states.forEach((key, state) -> store.put(store.states, key, state.isEmpty() ? null : state));
    }

    @Override
    public boolean compareAndSetReaderState(String key, String expected, String state) {
        if (!store.states.getOrDefault(key, "").equals(expected)) {
            return false;
        }
        store.put(store.states, key, state);
        return true;
    }

    // ---- Names

    @Override
    public boolean survivesRollback() {
        return false;
    }

    @Override
    public Map<Tuple, Integer> combinations(Collection<Tuple> combinations) {
        Map<Tuple, Integer> numbers = new HashMap<>();
        combinations.forEach(combination -> numbers.put(combination, store.combinations.of(combination, store)));
        return numbers;
    }

    @Override
    public Map<Tuple, Long> threads(Collection<Tuple> threads) {
        Map<Tuple, Long> numbers = new HashMap<>();
        threads.forEach(thread -> numbers.put(thread, (long) store.threads.of(thread, store)));
        return numbers;
    }

    @Override
    public Map<Tuple, Long> rareFields(Collection<Tuple> rareFields) {
        Map<Tuple, Long> numbers = new HashMap<>();
        rareFields.forEach(stated -> numbers.put(stated, (long) store.rareFields.of(stated, store)));
        return numbers;
    }

    @Override
    public Map<String, Long> prices(Collection<String> ids, Function<String, @Nullable String> entryText) {
        Map<String, Long> numbers = new HashMap<>();
        for (String id : ids) {
            boolean known = store.prices.numbers.containsKey(id);
            numbers.put(id, (long) store.prices.of(id, store));
            if (!known) {
                store.put(store.priceEntries, id, entryText.apply(id));
            }
        }
        return numbers;
    }

    @Override
    public void completePrices(Map<String, String> entries) {
        entries.forEach((id, entry) -> {
            if (!store.priceEntries.containsKey(id)) {
                store.put(store.priceEntries, id, entry);
            }
        });
    }

    @Override
    public Map<Tuple, AttributeSet> attributeSets(Map<Tuple, Map<String, String>> sets) {
        Map<Tuple, AttributeSet> numbers = new HashMap<>();
        sets.forEach((tuple, attributes) -> {
            int number = store.sets.of(Objects.requireNonNull(Values.json(attributes)), store);
            List<AttributeSet.Pair> pairs = new ArrayList<>();
            attributes.forEach((key, value) -> {
                long attribute = store.keys.of(key, store);
                if (!isWide(attribute, value)) {
                    pairs.add(new AttributeSet.Pair(attribute, store.pairs.of(new Pair(attribute, value), store)));
                }
            });
            numbers.put(tuple, new AttributeSet(number, pairs));
        });
        return numbers;
    }

    /** Whether a key is, or hereby becomes, too wide to be rolled up. */
    private boolean isWide(long attribute, String value) {
        if (store.wide.contains(attribute)) {
            return true;
        }
        long values = store.pairs.texts.stream()
                .filter(pair -> pair.key() == attribute)
                .count();
        if (values < MAX_VALUES || store.pairs.numbers.containsKey(new Pair(attribute, value))) {
            return false;
        }
        store.wide.add(attribute);
        store.undo.push(() -> store.wide.remove(attribute));
        return true;
    }

    // ---- Pages, of which there are none

    @Override
    public void addDelta(PackedDelta delta) {
        // Totals are added up from the records.
    }

    @Override
    public @Nullable Waiting waiting() {
        return null;
    }

    @Override
    public void takeDeltas(Consumer<byte[]> sink) {
        // There are none.
    }

    @Override
    public Set<Long> wideAttributes() {
        return store.wide;
    }

    @Override
    public void merge(SortedSet<Long> pages, PageMerge merge) {
        throw new IllegalStateException("nobody folds what is not there");
    }

    @Override
    public SQLException damaged(RuntimeException cause) {
        return new SQLException(cause);
    }
}
