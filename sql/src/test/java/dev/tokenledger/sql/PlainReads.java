package dev.tokenledger.sql;

import dev.tokenledger.LedgerEntry;
import dev.tokenledger.PeriodMark;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.backend.Revision;
import dev.tokenledger.sql.PlainStore.Row;
import dev.tokenledger.sql.engine.NameReader;
import dev.tokenledger.sql.engine.PageReader;
import dev.tokenledger.sql.engine.ReadSession;
import dev.tokenledger.sql.engine.RecordReader;
import dev.tokenledger.sql.engine.Scan;
import dev.tokenledger.sql.records.AttributeSet;
import dev.tokenledger.sql.records.Combination;
import dev.tokenledger.sql.records.RowKind;
import dev.tokenledger.sql.records.Tuple;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.sql.rollups.CellTable;
import dev.tokenledger.sql.rollups.Cells;
import dev.tokenledger.sql.rollups.Level;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The reading side of a {@link PlainStore}, whose lock the caller holds. */
final class PlainReads implements ReadSession, RecordReader, NameReader, PageReader, Scan {

    private final PlainStore store;

    PlainReads(PlainStore store) {
        this.store = store;
    }

    // ---- The session

    @Override
    public RecordReader records() {
        return this;
    }

    @Override
    public NameReader names() {
        return this;
    }

    @Override
    public PageReader pages() {
        return this;
    }

    @Override
    public Scan scan() {
        return this;
    }

    @Override
    public void checkLimit() throws SQLException {
        if (Thread.currentThread().isInterrupted()) {
            throw new SQLException("the thread was interrupted");
        }
    }

    @Override
    public SQLException corrupt(String what, RuntimeException cause) {
        return new SQLException(what, cause);
    }

    @Override
    public <T> List<T> inParts(long worth, long from, long to, Part<T> part) throws SQLException {
        return List.of(part.read(this, from, to));
    }

    @Override
    public long threadsFor(long from, long to) {
        return 1;
    }

    // ---- Records

    private Stream<Row> rows() {
        return store.byQuarter.values().stream().flatMap(List::stream);
    }

    @Override
    public long firstQuarter() {
        return store.byQuarter.isEmpty() ? 0 : store.byQuarter.firstKey();
    }

    @Override
    public long lastQuarter() {
        return store.byQuarter.isEmpty() ? -1 : store.byQuarter.lastKey();
    }

    @Override
    public long nextQuarter(long from, long otherwise) {
        Long next = store.byQuarter.ceilingKey(from);
        return next == null ? otherwise : next;
    }

    @Override
    public long lastQuarterUpTo(long quarter) {
        Long last = store.byQuarter.floorKey(quarter);
        return last == null ? -1 : last;
    }

    @Override
    public List<Long> days() {
        return store.byQuarter.keySet().stream()
                .map(quarter -> quarter * Level.QUARTER.micros / Level.DAY.micros)
                .distinct()
                .toList();
    }

    @Override
    public long count(long firstQuarter, long lastQuarter, long limit) {
        long count = 0;
        if (firstQuarter <= lastQuarter) {
            for (List<Row> quarter : store.byQuarter
                    .subMap(firstQuarter, true, lastQuarter, true)
                    .values()) {
                count += quarter.size();
            }
        }
        return Math.min(limit, count);
    }

    @Override
    public @Nullable LedgerEntry find(RecordId id) {
        Row row = store.byId.get(id);
        return row == null || row.kind == RowKind.WITHDRAWAL ? null : store.entry(row);
    }

    @Override
    public List<LedgerEntry> revisions(String key) {
        List<LedgerEntry> revisions = new ArrayList<>();
        for (Row row : store.byId.values()) {
            String id = row.id().value();
            boolean later = id.compareTo(Revision.laterFrom(key)) > 0 && id.compareTo(Revision.laterTo(key)) < 0;
            if (id.equals(key) || later) {
                revisions.add(store.entry(row));
            }
        }
        return revisions;
    }

    @Override
    public List<LedgerEntry> ofSession(Selection selection, String session) {
        return list(selection, rows().filter(row -> record(row).sessionId().equals(session)));
    }

    @Override
    public List<LedgerEntry> ofConversation(Selection selection, String conversation) {
        return list(selection, rows().filter(row -> record(row).conversationId().equals(conversation)));
    }

    @Override
    public List<LedgerEntry> between(Selection selection, long firstQuarter, long lastQuarter) {
        return firstQuarter > lastQuarter
                ? List.of()
                : list(
                        selection,
                        store.byQuarter.subMap(firstQuarter, true, lastQuarter, true).values().stream()
                                .flatMap(List::stream));
    }

    private List<LedgerEntry> list(Selection selection, Stream<Row> rows) {
        RecordQuery query = selection.query();
        int[] combinations = selection.combinations();
        return rows.filter(row -> combinations == null
                        || Arrays.stream(combinations)
                                .anyMatch(number -> number
                                        == (query.history() ? row : store.counted(row))
                                                .record
                                                .references()
                                                .combination()))
                .filter(row -> isIn(query, row))
                .sorted(Comparator.comparingLong((Row row) -> row.record.occurred())
                        .thenComparingLong(row -> row.sequence)
                        .reversed())
                .limit(selection.limit())
                .map(store::entry)
                .toList();
    }

    private boolean isIn(RecordQuery query, Row row) {
        long occurred = row.record.occurred();
        if (occurred < Values.micros(query.window().start())
                || occurred >= Values.micros(query.window().end())) {
            return false;
        }
        Optional<RecordQuery.Cursor> after = query.after();
        if (after.isPresent()
                && (occurred > after.get().micros()
                        || (occurred == after.get().micros()
                                && row.sequence >= after.get().sequence()))) {
            return false;
        }
        if (query.history()
                ? row.kind == RowKind.WITHDRAWAL
                : (row.kind != RowKind.USAGE && row.kind != RowKind.ADJUSTMENT)
                        || store.reversals.containsKey(record(row).id())) {
            return false;
        }
        for (Map.Entry<Dimension, String> filter : query.filters().entrySet()) {
            Dimension dimension = filter.getKey();
            String value = null;
            if (dimension.attributeKey().isPresent()) {
                value = record(row)
                        .attributes()
                        .getOrDefault(dimension.attributeKey().get(), "");
            } else if (dimension.equals(Dimension.SESSION)) {
                value = record(row).sessionId();
            } else if (dimension.equals(Dimension.CONVERSATION)) {
                value = record(row).conversationId();
            }
            if (value != null && !value.equals(filter.getValue())) {
                return false;
            }
        }
        return true;
    }

    private static UsageRecord record(Row row) {
        return row.record.record();
    }

    @Override
    public List<Long> adjustments(long from, long to) {
        return store.adjustments.keySet().stream()
                .map(id -> Objects.requireNonNull(store.byId.get(id)))
                .filter(row -> !store.reversals.containsKey(row.id()))
                .map(row -> row.record.occurred())
                .filter(occurred -> occurred >= from && occurred < to)
                .toList();
    }

    @Override
    public List<PeriodMark> periodMarks() {
        return List.copyOf(store.marks);
    }

    @Override
    public Map<String, String> readerStates(String key, boolean asPrefix) {
        Map<String, String> found = new TreeMap<>();
        store.states.forEach((stored, state) -> {
            if (asPrefix ? stored.startsWith(key) : stored.equals(key)) {
                found.put(stored, state);
            }
        });
        return found;
    }

    // ---- Names

    @Override
    public Combination[] combinations() {
        Combination[] all = new Combination[store.combinations.texts.size() + 1];
        all[0] = Combination.NONE;
        for (int i = 1; i < all.length; i++) {
            Tuple texts = store.combinations.text(i);
            all[i] = new Combination(
                    texts.text(0),
                    texts.text(1),
                    texts.text(2),
                    texts.text(3),
                    texts.text(4),
                    texts.text(5),
                    texts.text(6),
                    texts.text(7),
                    texts.text(8),
                    texts.text(9));
        }
        return all;
    }

    @Override
    public @Nullable AttributeKey attributeKey(String name) {
        return attributeKeys().get(name);
    }

    @Override
    public Map<String, AttributeKey> attributeKeys() {
        Map<String, AttributeKey> keys = new HashMap<>();
        store.keys.numbers.forEach(
                (name, number) -> keys.put(name, new AttributeKey(number, store.wide.contains((long) number))));
        return keys;
    }

    @Override
    public Map<Integer, String> pairs(long attribute) {
        Map<Integer, String> pairs = new HashMap<>();
        store.pairs.numbers.forEach((pair, number) -> {
            if (pair.key() == attribute) {
                pairs.put(number, pair.value());
            }
        });
        return pairs;
    }

    /** It may look at all records for nothing. */
    @Override
    public boolean mayStand(String key, String value) {
        return true;
    }

    @Override
    public Map<Long, ThreadIds> threads(Collection<Long> numbers) {
        Map<Long, ThreadIds> threads = new HashMap<>();
        for (long number : numbers) {
            Tuple texts = store.threads.text(number);
            threads.put(number, new ThreadIds(texts.text(0), texts.text(1)));
        }
        return threads;
    }

    @Override
    public Map<Long, String> attributeSets(long first, int count) {
        Map<Long, String> sets = new TreeMap<>();
        for (long number = first; number < first + count && number <= store.sets.texts.size(); number++) {
            sets.put(number, store.sets.text(number));
        }
        return sets;
    }

    @Override
    public @Nullable String priceEntry(String priceId) {
        return store.priceEntries.get(priceId);
    }

    // ---- Pages, worked out from the records

    private NavigableMap<Long, byte[]> allPages() {
        CellTable table = new CellTable();
        rows().forEach(row -> {
            long quarter = Level.QUARTER.period(row.record.occurred());
            int combination = row.record.references().combination();
            table.add(Level.QUARTER.page(0, quarter), 0, combination, row.figures());
            AttributeSet set = row.record.references().attributes();
            if (set != null) {
                for (AttributeSet.Pair pair : set.pairs) {
                    table.add(Level.QUARTER.page(pair.key(), quarter), pair.pair(), combination, row.figures());
                }
            }
        });
        store.wide.forEach(table::drop);
        TreeMap<Long, byte[]> pages = new TreeMap<>();
        Cells.Output output = new Cells.Output();
        CellTable level = table;
        for (Level each : Level.values()) {
            level = each == Level.QUARTER ? table : level.above(each);
            for (long page : level.pages()) {
                if (each.ordinal() >= Level.first(Level.attributeOfPage(page)).ordinal()) {
                    pages.put(page, level.packed(page, output));
                }
            }
        }
        return pages;
    }

    @Override
    public void read(List<KeyRange> ranges, PageReader.Sink sink) throws SQLException {
        NavigableMap<Long, byte[]> pages = allPages();
        for (KeyRange range : ranges) {
            for (Map.Entry<Long, byte[]> page :
                    pages.subMap(range.first(), true, range.end(), false).entrySet()) {
                sink.page(page.getKey(), page.getValue());
            }
        }
    }

    @Override
    public void keys(LongConsumer sink) {
        allPages().keySet().forEach(sink::accept);
    }

    @Override
    public List<Delta> deltas() {
        return List.of();
    }

    @Override
    public long bytes(KeyRange range, int maxPages) {
        return 0;
    }

    // ---- Scan

    @Override
    public void between(Wanted wanted, long from, long to, Scan.Sink sink) throws SQLException {
        add(wanted, from, to, rows().toList(), sink);
    }

    @Override
    public void ofSession(Wanted wanted, String session, long from, long to, Scan.Sink sink) throws SQLException {
        add(
                wanted,
                from,
                to,
                rows().filter(row -> record(row).sessionId().equals(session)).toList(),
                sink);
    }

    @Override
    public void ofConversation(Wanted wanted, String conversation, long from, long to, Scan.Sink sink)
            throws SQLException {
        add(
                wanted,
                from,
                to,
                rows().filter(row -> record(row).conversationId().equals(conversation))
                        .toList(),
                sink);
    }

    private static void add(Wanted wanted, long from, long to, List<Row> rows, Scan.Sink sink) throws SQLException {
        for (Row row : rows) {
            long occurred = row.record.occurred();
            String attributes = PlainStore.json(row.record);
            if (Values.micros(row.recorded) <= wanted.until()
                    && occurred >= from
                    && occurred < to
                    && wanted.contained().stream().allMatch(attributes::contains)) {
                Long thread = row.record.references().thread();
                Long set = row.record.references().attributesNumber();
                sink.figures(
                        wanted.wanted().contains(Column.OCCURRED) ? occurred : 0,
                        row.record.references().combination(),
                        thread == null ? 0 : thread,
                        set == null ? 0 : set,
                        row.figures());
            }
        }
    }
}
