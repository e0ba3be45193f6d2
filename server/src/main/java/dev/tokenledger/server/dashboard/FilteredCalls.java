package dev.tokenledger.server.dashboard;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A page of the calls that filters leave in. A ledger walks from the newest call to the oldest until it has found enough, past
 * every other call; where few match, or none, that is all of them. Roll-ups say in which hours the matching ones are, and only
 * those hours are walked.
 */
final class FilteredCalls {

    private static final List<CalendarBucket> SIZES =
            List.of(CalendarBucket.MONTH, CalendarBucket.DAY, CalendarBucket.HOUR);

    private final Ledger ledger;
    private final View view;
    private final int wanted;
    private final List<TimeWindow> spans = new ArrayList<>();
    private long counted;

    private FilteredCalls(Ledger ledger, View view, int wanted) {
        this.ledger = ledger;
        this.view = view;
        this.wanted = wanted;
    }

    /** The next calls of a view's window and filters, newest first. */
    static RecordPage page(Ledger ledger, View view, int rows) {
        if (!rolledUp(view.filters())) {
            return listed(ledger, view, view.window(), rows);
        }
        return new FilteredCalls(ledger, view, rows + 1).page(rows);
    }

    /** Sessions and conversations have an index; attributes with very many values have neither. */
    private static boolean rolledUp(Map<Dimension, String> filters) {
        return !filters.isEmpty()
                && filters.keySet().stream()
                        .noneMatch(dimension -> dimension.attributeKey().isPresent()
                                || dimension.equals(Dimension.SESSION)
                                || dimension.equals(Dimension.CONVERSATION));
    }

    private static RecordPage listed(Ledger ledger, View view, TimeWindow span, int rows) {
        RecordQuery.Builder query = RecordQuery.over(span).limit(rows);
        view.filters().forEach(query::where);
        view.after().ifPresent(query::after);
        return ledger.records(query.build());
    }

    private RecordPage page(int rows) {
        TimeWindow left = view.window();
        if (view.after().isPresent()) {
            // Of the moment at which the last page ended some calls may be left; how many no roll-up says.
            Instant moment = Instant.EPOCH.plus(view.after().get().micros(), ChronoUnit.MICROS);
            spans.add(left.intersect(TimeWindow.of(moment, moment.plus(1, ChronoUnit.MICROS))));
            left = left.intersect(TimeWindow.of(TimeWindow.MIN, moment));
        }
        collect(left, 0);
        List<LedgerEntry> entries = new ArrayList<>();
        for (TimeWindow span : spans) {
            entries.addAll(listed(ledger, view, span, wanted - entries.size()).entries());
            if (entries.size() == wanted) {
                LedgerEntry last = entries.get(rows - 1);
                long micros = ChronoUnit.MICROS.between(Instant.EPOCH, last.occurred());
                return new RecordPage(
                        entries.subList(0, rows), Optional.of(new RecordQuery.Cursor(micros, last.sequence())));
            }
        }
        // Fewer than were counted: some were reversed in between.
        return counted < wanted ? new RecordPage(entries, Optional.empty()) : listed(ledger, view, view.window(), rows);
    }

    /** Notes the hours of a span that have matching calls, newest first, until they have enough. */
    private void collect(TimeWindow span, int size) {
        SummaryQuery.Builder query = SummaryQuery.over(span).every(SIZES.get(size), view.zone());
        view.filters().forEach(query::where);
        List<GroupedSummary> buckets = ledger.query(query.build());
        for (int i = buckets.size() - 1; i >= 0 && counted < wanted; i--) {
            long calls = buckets.get(i).summary().totalRecords();
            TimeWindow bucket = RecentCalls.bucket(buckets.get(i), SIZES.get(size), view.zone())
                    .intersect(span);
            if (calls > 0 && size + 1 < SIZES.size()) {
                collect(bucket, size + 1);
            } else if (calls > 0) {
                spans.add(bucket);
                counted += calls;
            }
        }
    }
}
