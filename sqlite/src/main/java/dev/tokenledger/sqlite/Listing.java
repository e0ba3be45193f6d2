package dev.tokenledger.sqlite;

import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.sql.records.Combination;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.sql.rollups.Level;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lists entries, newest call first: goes through the records of one session or conversation; or walks the quarters
 * downwards, a {@linkplain TimeIndex busy} one by its index and others by more of them at a time while few records match,
 * and from some point on through those hours alone in which {@linkplain Summaries#areRolledUp roll-ups} have records that
 * match.
 */
final class Listing {

    /** Records walked past before roll-ups are asked: some 5 ms, about what asking takes. */
    static final int MOST_PASSED = 5_000;

    private static final int MOST_QUARTERS = 4_096;

    private static final List<CalendarBucket> SIZES =
            List.of(CalendarBucket.MONTH, CalendarBucket.DAY, CalendarBucket.HOUR);

    private final Handle handle;
    private final Connections connections;
    private final Combinations combinations;
    private final RecordQuery query;
    private final int mostPassed;
    private final StringBuilder conditions = new StringBuilder();
    private final List<Object> parameters = new ArrayList<>();
    private final EntryReader reader;
    private final List<LedgerEntry> found = new ArrayList<>();

    private Listing(
            Handle handle, Connections connections, Combinations combinations, RecordQuery query, int mostPassed) {
        this.handle = handle;
        this.connections = connections;
        this.combinations = combinations;
        this.query = query;
        this.mostPassed = mostPassed;
        reader = new EntryReader(handle);
    }

    /** @param mostPassed records walked past before roll-ups are asked; {@link #MOST_PASSED} but in tests */
    static RecordPage page(
            Handle handle, Connections connections, Combinations combinations, RecordQuery query, int mostPassed)
            throws SQLException {
        return new Listing(handle, connections, combinations, query, mostPassed).page();
    }

    private RecordPage page() throws SQLException {
        for (Map.Entry<Dimension, String> filter : query.filters().entrySet()) {
            Optional<String> key = filter.getKey().attributeKey();
            if (key.isPresent() && !AttributePairs.mayStand(handle, key.get(), filter.getValue())) {
                return new RecordPage(List.of(), Optional.empty());
            }
        }
        where(combinations.read(handle));
        String session = query.filters().getOrDefault(Dimension.SESSION, "");
        String conversation = query.filters().getOrDefault(Dimension.CONVERSATION, "");
        if (!session.isEmpty()) {
            find(RecordScan.joinByThread("session") + " WHERE t.session = ?", "r", Values.id(session));
        } else if (!conversation.isEmpty()) {
            find(RecordScan.joinByThread("conversation") + " WHERE t.conversation = ?", "r", Values.id(conversation));
        } else {
            walk();
        }
        if (found.size() <= query.limit()) {
            return new RecordPage(found, Optional.empty());
        }
        List<LedgerEntry> entries = found.subList(0, query.limit());
        LedgerEntry last = entries.get(entries.size() - 1);
        return new RecordPage(
                entries, Optional.of(new RecordQuery.Cursor(Values.micros(last.occurred()), last.sequence())));
    }

    private void walk() throws SQLException {
        long first = Level.QUARTER.period(Values.micros(query.window().start()));
        long next = Level.QUARTER.period(Math.max(
                0,
                query.after()
                        .map(RecordQuery.Cursor::micros)
                        .orElse(Values.micros(query.window().end()))));
        int quarters = 1;
        long passed = 0;
        while (found.size() <= query.limit()) {
            handle.checkLimit();
            next = handle.number("SELECT coalesce(max(quarter), -1) FROM runs WHERE quarter <= ?", next);
            if (next < first) {
                return;
            }
            long from = Math.max(first, next - quarters + 1);
            passed += handle.number(
                    "SELECT coalesce(sum(last - first + 1), 0) FROM (SELECT first, last FROM runs"
                            + " WHERE quarter >= ? AND quarter <= ? LIMIT ?)",
                    from,
                    next,
                    mostPassed + 1L);
            if (passed > mostPassed && isRolledUp()) {
                Instant end = Values.instant((next + 1) * Level.QUARTER.micros);
                walkHours(query.window().intersect(TimeWindow.of(TimeWindow.MIN, end)), 0);
                return;
            }
            int before = found.size();
            findIn(from, next);
            next = from - 1;
            quarters = found.size() > before ? quarters : Math.min(MOST_QUARTERS, quarters * 2);
        }
    }

    /** Whether roll-ups tell where the records are that the filters leave in; of reversed ones they tell nothing. */
    private boolean isRolledUp() throws SQLException {
        return !query.filters().isEmpty()
                && !query.history()
                && Summaries.areRolledUp(handle, filtered(query.window()).build());
    }

    private SummaryQuery.Builder filtered(TimeWindow window) {
        SummaryQuery.Builder summary = SummaryQuery.over(window);
        query.filters().forEach(summary::where);
        return summary;
    }

    /** Goes down from months by days to hours, wherever there are records that the filters leave in. */
    private void walkHours(TimeWindow window, int size) throws SQLException {
        CalendarBucket bucket = SIZES.get(size);
        List<GroupedSummary> rows = Summaries.answer(
                handle,
                connections,
                combinations,
                filtered(window).every(bucket, ZoneOffset.UTC).build(),
                CalendarBucket.MAX_BUCKETS);
        for (int i = rows.size() - 1; i >= 0 && found.size() <= query.limit(); i--) {
            Instant start = rows.get(i).bucket().orElseThrow().toInstant();
            TimeWindow part = window.intersect(TimeWindow.of(start, bucket.next(start, ZoneOffset.UTC)));
            if (rows.get(i).summary().totalRecords() == 0) {
                continue;
            }
            if (size + 1 < SIZES.size()) {
                walkHours(part, size + 1);
            } else {
                findIn(
                        Level.QUARTER.period(Values.micros(part.start())),
                        Level.QUARTER.period(Values.micros(part.end()) - 1));
            }
        }
    }

    /** Quarter hours downwards: a busy one by its index, those between them sorted together. */
    private void findIn(long firstQuarter, long lastQuarter) throws SQLException {
        long last = lastQuarter;
        while (last >= firstQuarter && found.size() <= query.limit()) {
            long busy = TimeIndex.lastBusy(handle, firstQuarter, last);
            if (busy == last) {
                findByTime(busy);
                last--;
            } else {
                long first = Math.max(firstQuarter, busy + 1);
                find(Runs.JOIN + " WHERE runs.quarter >= ? AND runs.quarter <= ?", "r", first, last);
                last = first - 1;
            }
        }
    }

    private void findByTime(long quarter) throws SQLException {
        long from = Math.max(Values.micros(query.window().start()), quarter * Level.QUARTER.micros);
        long to = Math.min(Values.micros(query.window().end()), (quarter + 1) * Level.QUARTER.micros);
        RecordQuery.Cursor after =
                query.after().orElse(new RecordQuery.Cursor(Values.micros(TimeWindow.MAX), Long.MAX_VALUE));
        // Stated of the index itself, which is then entered at the cursor and left at the window's start.
        if (after.micros() < to) {
            find(
                    TimeIndex.JOIN + " WHERE m.occurred >= ? AND (m.occurred, m.seq) < (?, ?)",
                    "m",
                    from,
                    after.micros(),
                    after.sequence());
        } else {
            find(TimeIndex.JOIN + " WHERE m.occurred >= ? AND m.occurred < ?", "m", from, to);
        }
    }

    /** @param order the table by whose columns the entries are ordered */
    private void find(String from, String order, Object... bounds) throws SQLException {
        PreparedStatement select = handle.statement("SELECT " + EntryReader.COLUMNS + " FROM " + from + conditions
                + " ORDER BY " + order + ".occurred DESC, " + order + ".seq DESC LIMIT ?");
        int index = 0;
        for (Object bound : bounds) {
            Handle.bind(select, ++index, bound);
        }
        for (Object parameter : parameters) {
            Handle.bind(select, ++index, parameter);
        }
        select.setLong(++index, query.limit() + 1L - found.size());
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                handle.checkLimit();
                found.add(reader.read(row));
            }
        }
    }

    private void where(Combination[] combinations) {
        and("r.occurred >= ?", Values.micros(query.window().start()));
        and("r.occurred < ?", Values.micros(query.window().end()));
        query.after().ifPresent(cursor -> {
            and("(r.occurred, r.seq) < (?, ?)", cursor.micros());
            parameters.add(cursor.sequence());
        });
        if (!query.history()) {
            conditions.append(" AND r.kind = 0 AND NOT EXISTS (SELECT 1 FROM reversals WHERE reversed = r.seq)");
        }
        boolean byCombination = false;
        for (Map.Entry<Dimension, String> filter : query.filters().entrySet()) {
            Dimension dimension = filter.getKey();
            Optional<String> key = dimension.attributeKey();
            if (key.isPresent()) {
                whereAttribute(key.get(), filter.getValue());
            } else if (dimension.equals(Dimension.SESSION) || dimension.equals(Dimension.CONVERSATION)) {
                and(
                        "coalesce((SELECT " + dimension.name() + " FROM threads WHERE id = r.thread), '') = ?",
                        Values.id(filter.getValue()));
            } else {
                byCombination = true;
            }
        }
        if (byCombination) {
            and("r.combination IN (SELECT value FROM json_each(?))", matching(combinations));
        }
    }

    private void whereAttribute(String key, String value) {
        if (value.isEmpty()) {
            and("NOT " + AttributeSets.CONTAIN, Values.member(key));
        } else {
            and(AttributeSets.CONTAIN, Values.member(key, value));
        }
    }

    private void and(String condition, Object parameter) {
        conditions.append(" AND ").append(condition);
        parameters.add(parameter);
    }

    /** The numbers of the combinations that the filters leave in, as a JSON array. */
    private String matching(Combination[] combinations) {
        StringBuilder numbers = new StringBuilder("[");
        for (int i = 1; i < combinations.length; i++) {
            List<String> values = combinations[i].values();
            boolean matches = query.filters().entrySet().stream().allMatch(filter -> {
                int place = Combination.DIMENSIONS.indexOf(filter.getKey());
                return place < 0 || values.get(place).equals(filter.getValue());
            });
            if (matches) {
                numbers.append(numbers.length() == 1 ? "" : ",").append(i);
            }
        }
        return numbers.append(']').toString();
    }
}
