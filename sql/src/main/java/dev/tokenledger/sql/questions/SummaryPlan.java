package dev.tokenledger.sql.questions;

import dev.tokenledger.backend.SummaryRows;
import dev.tokenledger.sql.engine.NameReader;
import dev.tokenledger.sql.engine.ReadSession;
import dev.tokenledger.sql.engine.Scan;
import dev.tokenledger.sql.records.Combination;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.sql.rollups.Figures;
import dev.tokenledger.sql.rollups.Level;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.summary.TooManyGroupsException;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Answers questions about totals, in one of three ways: from {@linkplain RollUpQuery roll-ups}, when the query names
 * rolled-up dimensions and at most one attribute key that is not too wide; from the records of one session or
 * conversation, by its index; else, and where roll-ups lack a figure, from all records of the window.
 *
 * <p>No answer holds more than a stated number of groups. While records are added up, each thread holds about as many; when
 * there are more, they go to a {@link GroupFile}, from which a query with a limit gets its first groups and the exact rest,
 * and one without is refused.
 */
public final class SummaryPlan {

    private static final int NAMES = 500;

    private static final int QUARTER_SECONDS = 900;

    private final ReadSession session;
    private final SummaryQuery query;
    private final Combination[] combinations;
    private final SummaryRows rows;
    private final int maxGroups;
    private final long from;
    private final long to;

    private SummaryPlan(ReadSession session, SummaryQuery query, int maxGroups) throws SQLException {
        this.maxGroups = maxGroups;
        this.session = session;
        this.query = query;
        if (!isOfOneThread(query)) {
            session.expectRollUps();
        }
        this.combinations = session.names().combinations();
        rows = new SummaryRows(query, maxGroups);
        // Moved in to where there are records, so that "all time" is not eight thousand years of empty periods.
        long first = session.records().firstQuarter();
        long last = session.records().lastQuarter();
        from = Math.max(Values.micros(query.window().start()), first * Level.QUARTER.micros);
        to = Math.min(Values.micros(query.window().end()), (last + 1) * Level.QUARTER.micros);
    }

    /**
     * The answer to a query.
     *
     * @param maxGroups the groups that it holds, those of all buckets together
     * @throws TooManyGroupsException if it has more
     */
    public static List<GroupedSummary> answer(ReadSession session, SummaryQuery query, int maxGroups)
            throws SQLException {
        SummaryPlan summaries = new SummaryPlan(session, query, maxGroups);
        if (summaries.from < summaries.to) {
            summaries.read();
        }
        return summaries.rows.rows();
    }

    /** Whether roll-ups answer a query: it names rolled-up dimensions and at most one attribute key that is not too wide. */
    public static boolean areRolledUp(ReadSession session, SummaryQuery query) throws SQLException {
        Set<Dimension> others = Grouping.others(query);
        return others.isEmpty() || attribute(session, query, others) != null;
    }

    /** Whether neither roll-ups nor the index of sessions and conversations answer a query. */
    public static boolean readsRecords(ReadSession session, SummaryQuery query) throws SQLException {
        return !isOfOneThread(query)
                && (!areRolledUp(session, query) || query.asOf().isPresent() || !session.countsDoubts());
    }

    /** Whether a query is of one session or conversation, whose records are found by their index. */
    private static boolean isOfOneThread(SummaryQuery query) {
        return !query.filters().getOrDefault(Dimension.SESSION, "").isEmpty()
                || !query.filters().getOrDefault(Dimension.CONVERSATION, "").isEmpty();
    }

    private static long asOf(SummaryQuery query) {
        return query.asOf().map(Values::micros).orElse(Long.MAX_VALUE);
    }

    private void read() throws SQLException {
        String chosen = query.filters().getOrDefault(Dimension.SESSION, "");
        String conversation = query.filters().getOrDefault(Dimension.CONVERSATION, "");
        Set<Dimension> others = Grouping.others(query);
        if (!chosen.isEmpty()) {
            readSession(others, chosen);
        } else if (!conversation.isEmpty()) {
            readConversation(others, conversation);
        } else {
            RollUpTotals.Attribute attribute = attribute(session, query, others);
            if ((others.isEmpty() || attribute != null) && query.asOf().isEmpty() && session.countsDoubts()) {
                readRolledUp(attribute);
            } else {
                readRecords(others);
            }
        }
    }

    /** The attribute that a query names, if that is all it names of these and it is rolled up; else null. */
    private static RollUpTotals.@Nullable Attribute attribute(
            ReadSession session, SummaryQuery query, Set<Dimension> others) throws SQLException {
        if (others.size() != 1) {
            return null;
        }
        Dimension dimension = others.iterator().next();
        Optional<String> key = dimension.attributeKey();
        if (key.isEmpty()) {
            return null;
        }
        NameReader.AttributeKey found = session.names().attributeKey(key.get());
        if (found != null && found.wide()) {
            return null;
        }
        long number = found == null ? 0 : found.number();
        return new RollUpTotals.Attribute(key.get(), number, query.filters().get(dimension));
    }

    /**
     * The figures of all records of a window together: from roll-ups, but for its ragged ends.
     *
     * @param from the first instant, in microseconds
     * @param to the instant behind the last one
     */
    public static long[] figures(ReadSession session, long from, long to) throws SQLException {
        Grouping grouping = new Grouping(
                SummaryQuery.over(TimeWindow.all()).build(), session.names().combinations());
        Totals totals = new RollUpTotals(session, grouping, null)
                .totals(new long[] {from, to})
                .get(0);
        return Arrays.copyOf(totals.sums(0), Figures.SIZE);
    }

    /** How many threads there is enough to read for by a question that roll-ups answer. */
    public static long rollUpThreads(ReadSession session, SummaryQuery query) throws SQLException {
        SummaryPlan plan = new SummaryPlan(session, query, Integer.MAX_VALUE);
        Set<Dimension> others = Grouping.others(query);
        return new RollUpQuery(
                        query, plan.combinations, attribute(session, query, others), plan.from, plan.to, plan.maxGroups)
                .threads(session);
    }

    private void readRolledUp(RollUpTotals.@Nullable Attribute attribute) throws SQLException {
        new RollUpQuery(query, combinations, attribute, from, to, maxGroups).addTo(rows, session);
    }

    /**
     * What tells single records' groups apart before their names are known.
     *
     * @param combination one that stands for all that the query does not tell apart
     * @param values the number of those of the attributes
     */
    private record Cell(int combination, long thread, int values) {
        /** Spreads numbers that rise together, which the usual one throws into a few heaps. */
        @Override
        public int hashCode() {
            return Long.hashCode((thread * 31 + values) * 0x9e37_79b9_7f4a_7c15L + combination);
        }
    }

    /** The cells of one bucket. */
    private static final class Bucket {
        final Instant start;
        final Map<Cell, Integer> numbers = new HashMap<>();
        final List<Cell> cells = new ArrayList<>();
        final Totals totals = new Totals();

        Bucket(Instant start) {
            this.start = start;
        }

        /** The number of a cell among the totals. */
        int number(Cell cell) {
            Integer known = numbers.get(cell);
            if (known == null) {
                known = cells.size();
                numbers.put(cell, known);
                cells.add(cell);
            }
            return known;
        }
    }

    private void readSession(Set<Dimension> others, String value) throws SQLException {
        try (GroupFile file = new GroupFile(query.dimensions().size())) {
            Part part = new Part(session, others, file);
            session.scan().ofSession(part.wanted(), value, from, to, part);
            addParts(List.of(part), file);
        }
    }

    private void readConversation(Set<Dimension> others, String value) throws SQLException {
        try (GroupFile file = new GroupFile(query.dimensions().size())) {
            Part part = new Part(session, others, file);
            session.scan().ofConversation(part.wanted(), value, from, to, part);
            addParts(List.of(part), file);
        }
    }

    private void readRecords(Set<Dimension> others) throws SQLException {
        try (GroupFile file = new GroupFile(query.dimensions().size())) {
            List<Part> parts = session.inParts(session.threadsFor(from, to), from, to, (other, start, end) -> {
                Part part = new Part(other, others, file);
                other.scan().between(part.wanted(), start, end, part);
                return part;
            });
            addParts(parts, file);
        }
    }

    private void addParts(List<Part> parts, GroupFile file) throws SQLException {
        if (file.isEmpty()) {
            for (Part part : parts) {
                part.resolve(session, (bucket, key, totals, number) -> {
                    Summary summary = Totals.summary(totals.sums(number));
                    if (!summary.isNothing()) {
                        rows.add(bucket, key, summary);
                    }
                });
            }
            return;
        }
        for (Part part : parts) {
            part.spill(session);
        }
        addMerged(file);
    }

    /** Adds what was in the file, group by group. */
    private void addMerged(GroupFile file) throws SQLException {
        if (query.limit().isEmpty()) {
            file.merge(session, cell -> {
                Summary summary = Totals.summary(cell.sums());
                if (!summary.isNothing()) {
                    rows.add(Values.instant(cell.bucket()), cell.key(), summary);
                }
            });
            return;
        }
        Map<Instant, Summary> group = new HashMap<>();
        List<List<String>> key = new ArrayList<>();
        file.merge(session, cell -> {
            if (key.isEmpty() || !key.get(0).equals(cell.key())) {
                if (!key.isEmpty()) {
                    rows.addWhole(key.get(0), group);
                }
                group.clear();
                key.clear();
                key.add(cell.key());
            }
            group.put(Values.instant(cell.bucket()), Totals.summary(cell.sums()));
        });
        if (!key.isEmpty()) {
            rows.addWhole(key.get(0), group);
        }
    }

    /** Takes the groups of cells; several may be of one bucket and key. */
    private interface Resolved {
        void group(Instant bucket, List<String> key, Totals totals, int number);
    }

    /** What one thread adds up, by the number of the session and by the values of attributes. */
    private final class Part implements Scan.Sink {

        /** What a bucket takes beside its groups, in groups. */
        private static final int GROUPS_OF_A_BUCKET = 8;

        private final ReadSession connection;
        private final Set<Dimension> others;
        private final GroupFile file;
        private final boolean byThread;
        private final boolean byValues;
        private Grouping grouping = new Grouping(query, combinations);
        private final int[] alike = grouping.alike();
        private NamedValues values;
        private NamedValues.Reader sets;
        private Buckets buckets = new Buckets();
        private int held;

        /** By bucket, the groups that were sent to the file at once. */
        private final Map<Long, Long> mostGroups = new HashMap<>();

        Part(ReadSession connection, Set<Dimension> others, GroupFile file) {
            this.connection = connection;
            this.others = others;
            this.file = file;
            byThread = byThread(others);
            values = new NamedValues(others, query.filters());
            sets = values.new Reader(connection);
            byValues = !values.isEmpty();
        }

        /** What it needs of records. */
        Scan.Wanted wanted() {
            Set<Scan.Column> wanted = EnumSet.noneOf(Scan.Column.class);
            if (query.bucket().isPresent()) {
                wanted.add(Scan.Column.OCCURRED);
            }
            if (byThread) {
                wanted.add(Scan.Column.THREAD);
            }
            if (byValues) {
                wanted.add(Scan.Column.ATTRIBUTES);
            }
            return new Scan.Wanted(
                    wanted,
                    values.contained(),
                    precision(),
                    asOf(query),
                    new Scan.Alike(grouping.counted(), values.keys()));
        }

        @Override
        public void figures(long occurred, int combination, long thread, long attributes, long[] figures)
                throws SQLException {
            int named = byValues ? sets.of(attributes) : 0;
            if (named != NamedValues.NONE) {
                add(occurred, new Cell(alike[combination], thread, named), combination, figures);
            }
        }

        @Override
        public void figures(long occurred, int combination, long thread, List<String> named, long[] figures)
                throws SQLException {
            int number = byValues ? values.number(named) : 0;
            if (number != NamedValues.NONE) {
                add(occurred, new Cell(alike[combination], thread, number), combination, figures);
            }
        }

        private void add(long occurred, Cell cell, int combination, long[] figures) throws SQLException {
            int bucketsBefore = buckets.all.size();
            Bucket bucket = buckets.find(occurred);
            int before = bucket.cells.size();
            bucket.totals.add(bucket.number(cell), figures, 1, grouping.status(combination));
            held += bucket.cells.size() - before + GROUPS_OF_A_BUCKET * (buckets.all.size() - bucketsBefore);
            if (held > maxGroups || values.size() > maxGroups) {
                spill(connection);
            }
        }

        /** Sends all groups to the file, and begins again with none. */
        void spill(ReadSession names) throws SQLException {
            List<GroupFile.Cell> cells = new ArrayList<>();
            resolve(
                    names,
                    (bucket, key, totals, number) ->
                            cells.add(new GroupFile.Cell(key, Values.micros(bucket), totals.sums(number))));
            if (query.limit().isEmpty() && countGroups(cells) > maxGroups) {
                throw SummaryRows.tooManyWithoutLimit(maxGroups);
            }
            file.add(cells);
            held = 0;
            buckets = new Buckets();
            grouping = new Grouping(query, combinations);
            values = new NamedValues(others, query.filters());
            sets = values.new Reader(connection);
        }

        /**
         * How many groups there are at least, in all that was sent to the file and these cells: of each bucket, the most that
         * were sent at once with records in force. A question for too many buckets is so refused without reading to its end.
         */
        private long countGroups(List<GroupFile.Cell> cells) {
            Map<Long, Map<List<String>, Long>> records = new HashMap<>();
            cells.forEach(cell -> records.computeIfAbsent(cell.bucket(), bucket -> new HashMap<>())
                    .merge(cell.key(), cell.sums()[Figures.RECORDS], Long::sum));
            records.forEach((bucket, groups) -> mostGroups.merge(
                    bucket, groups.values().stream().filter(count -> count != 0).count(), Math::max));
            return mostGroups.values().stream().mapToLong(most -> most).sum();
        }

        /** Looks up the names of sessions, of which there are fewer than records. */
        void resolve(ReadSession names, Resolved sink) throws SQLException {
            Map<Long, NameReader.ThreadIds> threads = byThread ? threads(names, buckets.all.values()) : Map.of();
            for (Bucket bucket : buckets.all.values()) {
                for (int i = 0; i < bucket.cells.size(); i++) {
                    Cell cell = bucket.cells.get(i);
                    NameReader.ThreadIds thread = threads.getOrDefault(cell.thread, NameReader.ThreadIds.NONE);
                    int group = grouping.number(
                            cell.combination,
                            dimension -> dimension
                                    .attributeKey()
                                    .map(key -> values.value(cell.values, key))
                                    .orElseGet(() -> dimension.equals(Dimension.SESSION)
                                            ? thread.session()
                                            : thread.conversation()));
                    if (group != Grouping.NONE) {
                        sink.group(bucket.start, grouping.key(group), bucket.totals, i);
                    }
                }
            }
        }
    }

    private static boolean byThread(Set<Dimension> others) {
        return others.contains(Dimension.SESSION) || others.contains(Dimension.CONVERSATION);
    }

    /** Finds the bucket of an instant, mostly that of the one before. Used by one thread at a time. */
    private final class Buckets {

        final Map<Instant, Bucket> all = new HashMap<>();
        private @Nullable Bucket last;
        private long lastFrom;
        private long lastTo;

        Bucket find(long occurred) {
            Bucket bucket = last;
            if (bucket == null || occurred < lastFrom || occurred >= lastTo) {
                Instant start = TimeWindow.MIN;
                lastFrom = Long.MIN_VALUE;
                lastTo = Long.MAX_VALUE;
                if (query.bucket().isPresent()) {
                    CalendarBucket calendar = query.bucket().get();
                    start = calendar.startOf(Values.instant(occurred), query.zone());
                    lastFrom = Values.micros(start);
                    lastTo = Values.micros(calendar.next(start, query.zone()));
                }
                bucket = all.computeIfAbsent(start, Bucket::new);
                last = bucket;
            }
            return bucket;
        }
    }

    /** The session and conversation of each thread. */
    private static Map<Long, NameReader.ThreadIds> threads(ReadSession session, Iterable<Bucket> buckets)
            throws SQLException {
        Map<Long, NameReader.ThreadIds> names = new HashMap<>();
        Set<Long> asked = new HashSet<>();
        for (Bucket bucket : buckets) {
            for (Cell cell : bucket.cells) {
                if (cell.thread != 0 && !names.containsKey(cell.thread)) {
                    asked.add(cell.thread);
                }
                if (asked.size() == NAMES) {
                    session.checkLimit();
                    names.putAll(session.names().threads(asked));
                    asked.clear();
                }
            }
        }
        if (!asked.isEmpty()) {
            names.putAll(session.names().threads(asked));
        }
        return names;
    }

    /** Buckets begin at whole quarter hours wherever the zone's offsets are whole ones. */
    private long precision() {
        ZoneRules rules = query.zone().getRules();
        boolean whole = isWhole(rules.getOffset(Values.instant(from)));
        Instant end = Values.instant(to);
        for (ZoneOffsetTransition next = rules.nextTransition(Values.instant(from));
                whole && next != null && next.getInstant().isBefore(end);
                next = rules.nextTransition(next.getInstant())) {
            whole = isWhole(next.getOffsetAfter());
        }
        return whole ? Level.QUARTER.micros : 1;
    }

    private static boolean isWhole(ZoneOffset offset) {
        return offset.getTotalSeconds() % QUARTER_SECONDS == 0;
    }
}
