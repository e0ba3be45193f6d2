package dev.tokenledger.server.dashboard;

import dev.tokenledger.RecordQuery;
import dev.tokenledger.formats.query.ParameterException;
import dev.tokenledger.formats.query.QueryParameters;
import dev.tokenledger.formats.query.TimeText;
import dev.tokenledger.formats.query.Words;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a page shows, as its address says it; every view of the dashboard is an address. Where a name of {@code /v1/summary}
 * fits it is used: {@code zone}, {@code every}, {@code group_by}, {@code limit}, {@code where.<dimension>}. Dates are {@code
 * from} and {@code through}, both inclusive, as people mean them. {@code filter} and {@code value}, and {@code attribute}, are
 * what forms send; {@link #isCanonical} says that an address is better written without. {@code whole=yes} adds up single calls,
 * however many they are. Immutable.
 */
final class View {

    static final int USUAL_LIMIT = 25;
    static final int MAX_ROWS = 500;

    private static final String WHERE = "where.";
    private static final String YES = "yes";

    /** The last of four digits. */
    private static final int LAST_YEAR = 9999;

    /** The names that an address may have, {@code where.} for all filters. */
    static final Set<String> KNOWN = Collections.unmodifiableSet(new LinkedHashSet<>(List.of(
            "period",
            "from",
            "through",
            "zone",
            "group_by",
            "attribute",
            "then_by",
            "measure",
            "order",
            "every",
            "compare",
            "limit",
            "whole",
            "filter",
            "value",
            "after",
            WHERE)));

    private final Instant now;
    private final ZoneId zone;
    private final Optional<Range> range;
    private final Optional<LocalDate> from;
    private final Optional<LocalDate> through;
    private final TimeWindow window;
    private final Dimension by;
    private final Optional<Dimension> then;
    private final Measure measure;
    private final Optional<Sort> order;
    private final boolean compared;
    private final Optional<CalendarBucket> every;
    private final int limit;
    private final boolean whole;
    private final Map<Dimension, String> filters;
    private final Optional<RecordQuery.Cursor> after;
    private final Map<String, String> stated;
    private final boolean canonical;

    /**
     * Reads an address's parameters. Dates the wrong way round are read as they are: whoever changes one of them first and
     * then the other must find the form as it was.
     *
     * @throws ParameterException if they cannot be understood
     */
    View(Map<String, List<String>> parameters, Instant now, ZoneId usualZone) {
        this.now = now;
        QueryParameters read = new QueryParameters(parameters, KNOWN, now, usualZone);
        zone = read.zone();
        from = read.get("from", View::date);
        through = read.get("through", View::date);
        boolean bounded = from.isPresent() || through.isPresent();
        Optional<Range> named = read.get("period", text -> Words.parse("period", Range.values(), text));
        range = bounded ? Optional.empty() : Optional.of(named.orElse(Range.USUAL));
        window = bounded ? between(from, through, zone) : range.orElseThrow().window(now, zone);
        by = read.get("attribute", View::attribute)
                .or(() -> read.get("group_by", Dimension::parse))
                .orElse(Dimension.MODEL);
        then = read.get("then_by", Dimension::parse).filter(second -> !second.equals(by));
        order = read.get("order", text -> Words.parse("order", Sort.values(), text));
        compared = read.get("compare", View::yes).isPresent();
        measure = read.get("measure", text -> Words.parse("measure", Measure.values(), text))
                .orElse(Measure.COST);
        every = read.get("every", CalendarBucket::parse);
        limit = read.number("limit", 1, MAX_ROWS).orElse(USUAL_LIMIT);
        after = read.get("after", RecordQuery.Cursor::parse);
        Map<Dimension, String> all = new LinkedHashMap<>(read.filters());
        read.get("filter", Dimension::parse)
                .ifPresent(dimension ->
                        all.put(dimension, read.get("value", text -> text).orElse("")));
        if (all.size() > SummaryQuery.MAX_DIMENSIONS) {
            throw new ParameterException("filter", "at most " + SummaryQuery.MAX_DIMENSIONS + " filters");
        }
        filters = Collections.unmodifiableMap(all);
        whole = read.get("whole", View::yes).isPresent()
                && (order.isPresent() || dimensions().stream().anyMatch(View::mayNeedCalls));
        stated = Collections.unmodifiableMap(stated(usualZone));
        Set<String> best = new HashSet<>(stated.keySet());
        if (whole) {
            best.add("whole");
        }
        canonical = parameters.keySet().equals(best);
    }

    private Map<String, String> stated(ZoneId usualZone) {
        Map<String, String> all = new LinkedHashMap<>();
        range.filter(named -> named != Range.USUAL).ifPresent(named -> all.put("period", named.text()));
        from.ifPresent(date -> all.put("from", date.toString()));
        through.ifPresent(date -> all.put("through", date.toString()));
        put(all, "zone", TimeText.name(zone), TimeText.name(usualZone));
        put(all, "group_by", by.name(), Dimension.MODEL.name());
        then.ifPresent(second -> all.put("then_by", second.name()));
        order.ifPresent(sort -> all.put("order", sort.text()));
        if (compared) {
            all.put("compare", YES);
        }
        put(all, "measure", measure.text(), Measure.COST.text());
        every.ifPresent(bucket -> all.put("every", bucket.text()));
        put(all, "limit", Integer.toString(limit), Integer.toString(USUAL_LIMIT));
        filters.forEach((dimension, value) -> all.put(WHERE + dimension.name(), value));
        after.ifPresent(cursor -> all.put("after", cursor.toString()));
        return all;
    }

    private static void put(Map<String, String> all, String name, String value, String usual) {
        if (!value.equals(usual)) {
            all.put(name, value);
        }
    }

    private static LocalDate date(String text) {
        try {
            LocalDate date = LocalDate.parse(text);
            if (date.getYear() >= 0 && date.getYear() <= LAST_YEAR) {
                return date;
            }
        } catch (DateTimeException e) {
            // The one message below says it.
        }
        throw new IllegalArgumentException("expected a date such as 2026-11-01, found " + Words.quoted(text));
    }

    private static String yes(String text) {
        if (!text.equals(YES)) {
            throw new IllegalArgumentException("expected " + YES + " or nothing, found " + Words.quoted(text));
        }
        return text;
    }

    private static Dimension attribute(String key) {
        return Dimension.attribute(key.strip());
    }

    private static TimeWindow between(Optional<LocalDate> from, Optional<LocalDate> through, ZoneId zone) {
        Instant start = from.map(date -> date.atStartOfDay(zone).toInstant()).orElse(TimeWindow.MIN);
        Instant end = through.map(date -> date.plusDays(1).atStartOfDay(zone).toInstant())
                .orElse(TimeWindow.MAX);
        return TimeWindow.of(start, end.isBefore(start) ? start : end);
    }

    /** Whether the address says what it says in its one best form. */
    boolean isCanonical() {
        return canonical;
    }

    Instant now() {
        return now;
    }

    ZoneId zone() {
        return zone;
    }

    /** The named span; empty where dates bound it. */
    Optional<Range> range() {
        return range;
    }

    Optional<LocalDate> from() {
        return from;
    }

    Optional<LocalDate> through() {
        return through;
    }

    /** Whether its first day is after its last, so that its window is empty. */
    boolean isBackwards() {
        return from.isPresent() && through.isPresent() && from.get().isAfter(through.get());
    }

    TimeWindow window() {
        return window;
    }

    /** The window for people, with its zone. */
    String span() {
        String dates = window.equals(TimeWindow.all()) ? "all time" : Units.dates(window, zone);
        return dates + ", " + TimeText.name(zone);
    }

    Dimension by() {
        return by;
    }

    /** The second dimension that groups are told apart by. */
    Optional<Dimension> then() {
        return then;
    }

    /** What groups are told apart by: one dimension, or two. */
    List<Dimension> dimensions() {
        return then.map(second -> List.of(by, second)).orElseGet(() -> List.of(by));
    }

    /** What a table is ordered by; empty for its usual order. */
    Optional<Sort> order() {
        return order;
    }

    /** Whether the period before is shown beside. */
    boolean compared() {
        return compared;
    }

    Measure measure() {
        return measure;
    }

    /** The asked bucket; empty for one that suits the window. */
    Optional<CalendarBucket> every() {
        return every;
    }

    int limit() {
        return limit;
    }

    /** Whether every call of the window is added up, however long that takes. */
    boolean whole() {
        return whole;
    }

    /** Sessions, conversations and attributes with very many values are not rolled up. */
    private static boolean mayNeedCalls(Dimension by) {
        return by.equals(Dimension.SESSION)
                || by.equals(Dimension.CONVERSATION)
                || by.attributeKey().isPresent();
    }

    Map<Dimension, String> filters() {
        return filters;
    }

    /** Where a page of calls goes on. */
    Optional<RecordQuery.Cursor> after() {
        return after;
    }

    /** The part of the window that has begun. */
    TimeWindow elapsed() {
        return window.intersect(TimeWindow.of(TimeWindow.MIN, now));
    }

    /** As much of the span before this one as has passed of this one; empty for all time. */
    Optional<TimeWindow> before() {
        return length().map(length -> before(elapsed(), length, window, zone));
    }

    private Optional<Period> length() {
        if (range.isPresent()) {
            return range.map(Range::length).filter(length -> !length.isZero());
        }
        return from.map(first -> {
            // Of dates in years of four digits, so that the days between them are few enough for an int.
            LocalDate end = through.orElse(LocalDate.ofInstant(now, zone)).plusDays(1);
            return Period.ofDays((int) Math.max(1, ChronoUnit.DAYS.between(first, end)));
        });
    }

    /** A window moved back by a length of the calendar, and cut where the whole window begins. */
    static TimeWindow before(TimeWindow elapsed, Period length, TimeWindow whole, ZoneId zone) {
        Instant start = minus(elapsed.start(), length, zone);
        Instant end = minus(elapsed.end(), length, zone);
        Instant cut = end.isAfter(whole.start()) ? whole.start() : end;
        return TimeWindow.of(start, cut.isBefore(start) ? start : cut);
    }

    private static Instant minus(Instant instant, Period length, ZoneId zone) {
        ZonedDateTime local = instant.atZone(zone);
        return local.minus(length).toInstant();
    }

    /** All of the span before this one, to its end; empty for all time. */
    Optional<TimeWindow> previous() {
        return length().map(length -> before(window, length, window, zone)).filter(span -> !span.isEmpty());
    }

    /** A query of this view's window and filters. */
    SummaryQuery.Builder query(TimeWindow span) {
        SummaryQuery.Builder query =
                SummaryQuery.over(span).order(order.map(Sort::order).orElse(measure.order()));
        filters.forEach(query::where);
        return query;
    }

    /** The calls of this view's window and filters. */
    RecordQuery.Builder calls() {
        RecordQuery.Builder query = RecordQuery.over(window);
        filters.forEach(query::where);
        return query;
    }

    /** The address of this view on a page; that all its calls be added up no link says of itself. */
    Address on(String path) {
        return new Address(path, stated);
    }

    /** An address that filters by the values of a group too. */
    static Address narrowed(Address address, Map<Dimension, String> keys) {
        Address narrowed = address;
        for (Map.Entry<Dimension, String> key : keys.entrySet()) {
            narrowed = narrowed.with(where(key.getKey()), key.getValue());
        }
        return narrowed;
    }

    /** The parameter that filters by a dimension. */
    static String where(Dimension dimension) {
        return WHERE + dimension.name();
    }
}
