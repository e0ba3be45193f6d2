package dev.tokenledger.sql.questions;

import dev.tokenledger.sql.engine.PageReader;
import dev.tokenledger.sql.engine.ReadSession;
import dev.tokenledger.sql.engine.Scan;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.sql.rollups.Cells;
import dev.tokenledger.sql.rollups.Cover;
import dev.tokenledger.sql.rollups.Level;
import dev.tokenledger.summary.Dimension;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Totals of spans of time from roll-ups, by rolled-up dimensions and at most one attribute key.
 *
 * <p>A span is cut at whole periods of the first level. What is between them is the sum of the pages of its
 * {@link Cover} and of the deltas' quarters that lie in it; the ragged ends are read from the records. The pages of
 * several spans are read in the order of their keys, each once, and neighbouring calendar days of an odd zone share what
 * they take from the day between them.
 *
 * <p>Records without the attribute are all records less those of its pairs, which are therefore added up apart and taken
 * away group by group: cell by cell, that took a fifth of a chart's time. Used by one thread, in one transaction.
 */
final class RollUpTotals {

    /** Periods beside each other are read by one statement, also over gaps of up to so many. */
    private static final long GAP = 8;

    /**
     * The attribute that a query names.
     *
     * @param number its number; 0 if no record has it
     * @param wanted the value that the query filters by, empty for records without the attribute; null for no filter
     */
    record Attribute(String key, long number, @Nullable String wanted) {}

    /**
     * A span of time and its sums.
     *
     * @param totals of all records, in the groups of those without the attribute; in the end what was asked for
     * @param paired of the records with the attribute
     */
    private record Span(long from, long to, long innerFrom, long innerTo, Totals totals, Totals paired) {}

    private record PageRange(long first, long end, int sign, Totals totals) {}

    /** A value of the attribute and the groups of the records that have it, by combination. */
    private static final class ValueGroups {
        final String value;
        final int[] groups;

        ValueGroups(Grouping grouping, String value) {
            this.value = value;
            groups = grouping.groups(value);
        }
    }

    private final ReadSession session;
    private final Grouping grouping;
    private final long attribute;
    private final Level lowest;
    private final Map<Integer, String> pairValues;
    private final PendingDeltas deltas;
    private final ValueGroups none;
    private final boolean wantsNone;
    private final boolean wantsPairs;
    private final Map<Integer, ValueGroups> groupsOfPairs = new HashMap<>();
    private final Map<Long, String> attributeOfSet = new HashMap<>();
    private final @Nullable String attributeKey;

    /**
     * Prepares to answer.
     *
     * @param by the attribute that the query names, if any
     */
    RollUpTotals(ReadSession session, Grouping grouping, @Nullable Attribute by) throws SQLException {
        this.session = session;
        this.grouping = grouping;
        attributeKey = by == null ? null : by.key;
        attribute = by == null ? 0 : by.number;
        String wanted = by == null ? null : by.wanted;
        wantsNone = attribute == 0 || wanted == null || wanted.isEmpty();
        wantsPairs = wanted == null || !wanted.isEmpty();
        lowest = Level.first(attribute);
        none = new ValueGroups(grouping, "");
        pairValues = attribute == 0 ? Map.of() : session.names().pairs(attribute);
        deltas = new PendingDeltas(session, attribute);
    }

    /** The totals of spans {@code [bounds[i], bounds[i + 1])}, in microseconds. */
    List<Totals> totals(long[] bounds) throws SQLException {
        List<Span> spans = new ArrayList<>();
        List<PageRange> ranges = new ArrayList<>();
        Cover cover = new Cover(lowest);
        List<Cover.Term> terms = new ArrayList<>();
        for (int i = 0; i + 1 < bounds.length; i++) {
            Span span = span(bounds[i], bounds[i + 1]);
            spans.add(span);
            terms.clear();
            cover.plan(span.innerFrom, span.innerTo, terms);
            for (Cover.Term term : terms) {
                if (wantsNone) {
                    ranges.add(range(term, 0, span.totals));
                }
                if (attribute != 0) {
                    ranges.add(range(term, attribute, span.paired));
                }
            }
        }
        try {
            readPages(ranges);
            for (Span span : spans) {
                addDeltas(span);
                settle(span);
            }
        } catch (IndexOutOfBoundsException e) {
            throw session.corrupt(PendingDeltas.DAMAGED, e);
        }
        for (Span span : spans) {
            readEdges(span);
        }
        return spans.stream().map(Span::totals).toList();
    }

    private Span span(long from, long to) {
        long innerFrom = (from + lowest.micros - 1) / lowest.micros * lowest.micros;
        long innerTo = to / lowest.micros * lowest.micros;
        return innerFrom <= innerTo
                ? new Span(from, to, innerFrom, innerTo, new Totals(), new Totals())
                : new Span(from, to, to, to, new Totals(), new Totals());
    }

    private static PageRange range(Cover.Term term, long by, Totals totals) {
        return new PageRange(
                term.level().page(by, term.first()), term.level().page(by, term.end()), term.sign(), totals);
    }

    /** Reads the pages of all ranges at once, over gaps of some, and adds each to all spans that it belongs to. */
    private void readPages(List<PageRange> ranges) throws SQLException {
        ranges.sort((one, other) -> Long.compare(one.first(), other.first()));
        List<PageReader.KeyRange> keys = new ArrayList<>();
        int next = 0;
        while (next < ranges.size()) {
            long first = ranges.get(next).first;
            long end = ranges.get(next).end;
            for (next++; next < ranges.size() && ranges.get(next).first <= end + GAP; next++) {
                end = Math.max(end, ranges.get(next).end);
            }
            keys.add(new PageReader.KeyRange(first, end));
        }
        if (keys.isEmpty()) {
            return;
        }
        List<PageRange> open = new ArrayList<>();
        session.pages().read(keys, new PageReader.Sink() {
            private int begun;

            @Override
            public void page(long page, byte[] cells) throws SQLException {
                session.checkLimit();
                while (begun < ranges.size() && ranges.get(begun).first <= page) {
                    open.add(ranges.get(begun++));
                }
                open.removeIf(range -> range.end <= page);
                if (!open.isEmpty()) {
                    addCells(page, cells, 0, cells.length, open);
                }
            }
        });
    }

    private void addDeltas(Span span) throws SQLException {
        long first = Level.QUARTER.period(span.innerFrom);
        long end = Level.QUARTER.period(span.innerTo);
        List<PageRange> all = List.of(new PageRange(first, end, 1, span.totals));
        List<PageRange> paired = List.of(new PageRange(first, end, 1, span.paired));
        for (PendingDeltas.Page page : deltas.between(first, end)) {
            if (Level.attributeOfPage(page.page) != 0) {
                addCells(page.page, page.bytes, page.from, page.to, paired);
            } else if (wantsNone) {
                addCells(page.page, page.bytes, page.from, page.to, all);
            }
        }
    }

    /** Adds a page's cells to the totals of some ranges. */
    private void addCells(long page, byte[] bytes, int from, int to, List<PageRange> ranges) {
        boolean pairs = Level.attributeOfPage(page) != 0;
        Cells.decode(bytes, from, to, pairs, new Cells.Sink() {
            private int pair;
            private ValueGroups known = none;

            @Override
            public void cell(int itsPair, int combination, long[] figures) {
                // The cells of a pair follow each other; a look-up for each took a seventh of a chart's time.
                if (itsPair != pair) {
                    pair = itsPair;
                    known = groupsOf(itsPair);
                }
                int group = grouping.group(known.groups, known.value, combination);
                if (group >= 0) {
                    Totals.Status status = grouping.status(combination);
                    for (int i = 0; i < ranges.size(); i++) {
                        PageRange range = ranges.get(i);
                        range.totals.add(group, figures, range.sign, status);
                    }
                }
            }
        });
    }

    /** The groups of a pair's records; those of records without the attribute, if they are wanted only to be taken away. */
    private ValueGroups groupsOf(int pair) {
        return groupsOfPairs.computeIfAbsent(
                pair, unknown -> new ValueGroups(grouping, wantsPairs ? pairValues.getOrDefault(pair, "") : ""));
    }

    /** Makes of the sums of all records those that were asked for. */
    private void settle(Span span) {
        if (wantsNone && attributeKey != null) {
            Dimension attributed = Dimension.attribute(attributeKey);
            span.totals.addAll(span.paired, -1, group -> grouping.without(group, attributed));
        }
        if (wantsPairs) {
            span.totals.addAll(span.paired, 1, group -> group);
        }
    }

    private void readEdges(Span span) throws SQLException {
        Totals totals = span.totals;
        Scan.Wanted wanted =
                new Scan.Wanted(attributeKey == null ? Set.of() : Set.of(Scan.Column.ATTRIBUTES), List.of(), 1);
        Scan.Sink sink = (occurred, combination, thread, attributes, figures) -> {
            String value = attributeKey == null || attributes == 0 ? "" : attributeValue(attributes);
            int group = grouping.group(grouping.groups(value), value, combination);
            if (group >= 0) {
                totals.add(group, figures, 1, grouping.status(combination));
            }
        };
        session.scan().between(wanted, span.from, span.innerFrom, sink);
        session.scan().between(wanted, span.innerTo, span.to, sink);
    }

    private String attributeValue(long set) throws SQLException {
        String value = attributeOfSet.get(set);
        if (value == null) {
            value = attributeKey == null
                    ? ""
                    : Values.valueOf(session.names().attributeSets(set, 1).getOrDefault(set, ""), attributeKey);
            attributeOfSet.put(set, value);
        }
        return value;
    }
}
