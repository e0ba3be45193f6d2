package dev.tokenledger.sql.questions;

import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.sql.engine.ReadSession;
import dev.tokenledger.sql.engine.RecordReader;
import dev.tokenledger.sql.records.Combination;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.sql.rollups.Level;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Lists entries, newest call first: goes through the records of one session or conversation; or walks the quarters
 * downwards, more of them at a time while few records match, and from some point on through those hours alone in which {@linkplain SummaryPlan#areRolledUp roll-ups} have records that
 * match.
 */
public final class Listing {

    /** Records walked past before roll-ups are asked: some 5 ms, about what asking takes. */
    public static final int MAX_PASSED = 5_000;

    private static final int MAX_QUARTERS = 4_096;

    private static final List<CalendarBucket> SIZES =
            List.of(CalendarBucket.MONTH, CalendarBucket.DAY, CalendarBucket.HOUR);

    private final ReadSession session;
    private final RecordQuery query;
    private final int mostPassed;
    private int @Nullable [] combinations;
    private final List<LedgerEntry> found = new ArrayList<>();

    private Listing(ReadSession session, RecordQuery query, int mostPassed) {
        this.session = session;
        this.query = query;
        this.mostPassed = mostPassed;
    }

    /** @param mostPassed records walked past before roll-ups are asked; {@link #MAX_PASSED} but in tests */
    public static RecordPage page(ReadSession session, RecordQuery query, int mostPassed) throws SQLException {
        return new Listing(session, query, mostPassed).page();
    }

    private RecordPage page() throws SQLException {
        for (Map.Entry<Dimension, String> filter : query.filters().entrySet()) {
            Optional<String> key = filter.getKey().attributeKey();
            if (key.isPresent() && !session.names().mayStand(key.get(), filter.getValue())) {
                return new RecordPage(List.of(), Optional.empty());
            }
        }
        combinations = matching();
        String chosen = query.filters().getOrDefault(Dimension.SESSION, "");
        String conversation = query.filters().getOrDefault(Dimension.CONVERSATION, "");
        if (!chosen.isEmpty()) {
            found.addAll(session.records().ofSession(selection(), chosen));
        } else if (!conversation.isEmpty()) {
            found.addAll(session.records().ofConversation(selection(), conversation));
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
            session.checkLimit();
            next = session.records().lastQuarterUpTo(next);
            if (next < first) {
                return;
            }
            long from = Math.max(first, next - quarters + 1);
            passed += session.records().count(from, next, mostPassed + 1L);
            if (passed > mostPassed && isRolledUp()) {
                Instant end = Values.instant((next + 1) * Level.QUARTER.micros);
                walkHours(query.window().intersect(TimeWindow.of(TimeWindow.MIN, end)), 0);
                return;
            }
            int before = found.size();
            findIn(from, next);
            next = from - 1;
            quarters = found.size() > before ? quarters : Math.min(MAX_QUARTERS, quarters * 2);
        }
    }

    /** Whether roll-ups tell where the records are that the filters leave in; of reversed ones they tell nothing. */
    private boolean isRolledUp() throws SQLException {
        return !query.filters().isEmpty()
                && !query.history()
                && SummaryPlan.areRolledUp(session, filtered(query.window()).build());
    }

    private SummaryQuery.Builder filtered(TimeWindow window) {
        SummaryQuery.Builder summary = SummaryQuery.over(window);
        query.filters().forEach(summary::where);
        return summary;
    }

    /** Goes down from months by days to hours, wherever there are records that the filters leave in. */
    private void walkHours(TimeWindow window, int size) throws SQLException {
        CalendarBucket bucket = SIZES.get(size);
        NavigableSet<Instant> starts = new TreeSet<>();
        for (GroupedSummary row : SummaryPlan.answer(
                session, filtered(window).every(bucket, ZoneOffset.UTC).build(), CalendarBucket.MAX_BUCKETS)) {
            if (!row.summary().isNothing()) {
                starts.add(row.bucket().orElseThrow().toInstant());
            }
        }
        // Adjustments that come to nothing together are in no row.
        for (long micros : session.records().adjustments(Values.micros(window.start()), Values.micros(window.end()))) {
            starts.add(bucket.startOf(Values.instant(micros), ZoneOffset.UTC));
        }
        for (Instant start : starts.descendingSet()) {
            if (found.size() > query.limit()) {
                return;
            }
            TimeWindow part = window.intersect(TimeWindow.of(start, bucket.next(start, ZoneOffset.UTC)));
            if (size + 1 < SIZES.size()) {
                walkHours(part, size + 1);
            } else {
                findIn(
                        Level.QUARTER.period(Values.micros(part.start())),
                        Level.QUARTER.period(Values.micros(part.end()) - 1));
            }
        }
    }

    private void findIn(long firstQuarter, long lastQuarter) throws SQLException {
        found.addAll(session.records().between(selection(), firstQuarter, lastQuarter));
    }

    /** What is still to be found. */
    private RecordReader.Selection selection() {
        return new RecordReader.Selection(query, combinations, query.limit() + 1 - found.size());
    }

    /** The numbers of the combinations that the filters leave in; null if no filter is about them. */
    private int @Nullable [] matching() throws SQLException {
        Map<Integer, String> wanted = new HashMap<>();
        query.filters().forEach((dimension, value) -> {
            int place = Combination.DIMENSIONS.indexOf(dimension);
            if (place >= 0) {
                wanted.put(place, value);
            }
        });
        if (wanted.isEmpty()) {
            return null;
        }
        Combination[] all = session.names().combinations();
        return IntStream.range(1, all.length)
                .filter(number -> {
                    List<String> values = all[number].values();
                    return wanted.entrySet().stream()
                            .allMatch(filter -> values.get(filter.getKey()).equals(filter.getValue()));
                })
                .toArray();
    }
}
