package dev.tokenledger.formats.query;

import dev.tokenledger.RecordQuery;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A question in named parameters, as in the query of an address:
 *
 * <ul>
 *   <li>{@code period}: {@code today}, {@code yesterday}, {@code week}, {@code month}, {@code last_month} or {@code all}, the default; or
 *       {@code from} and {@code to}, either of which may be left out; or {@code hours}, so many before now
 *   <li>{@code zone}: of days, weeks and months, and of times without an offset
 *   <li>{@code group_by}: dimensions with commas between them
 *   <li>{@code every}: a calendar period, a row for each
 *   <li>{@code where.<dimension>}: only calls with this value; empty for calls without any
 *   <li>{@code order}: {@code cost}, {@code tokens}, {@code records} or {@code key}
 *   <li>{@code limit}: so many rows, the others in one
 *   <li>{@code as_of}: what the ledger told at this date or time
 * </ul>
 *
 * <p>Every parameter occurs once, and none is unknown. A parameter without a value counts as absent, save for filters.
 * Not safe for use by several threads.
 */
public final class QueryParameters {

    private static final String WHERE = "where.";
    private static final int MAX_HOURS = 24 * 366 * 100;

    private final Map<String, String> values = new LinkedHashMap<>();
    private final Instant now;
    private final ZoneId usualZone;

    /**
     * Takes the parameters.
     *
     * @param parameters every name with its values, decoded
     * @param known the names that the question understands, {@code where.} for all filters
     * @param now what periods lie around
     * @param usualZone the zone where none is named
     * @throws ParameterException if a name is unknown or occurs twice
     */
    public QueryParameters(Map<String, List<String>> parameters, Set<String> known, Instant now, ZoneId usualZone) {
        this.now = now;
        this.usualZone = usualZone;
        parameters.forEach((name, all) -> {
            boolean filter = name.startsWith(WHERE) && known.contains(WHERE);
            if (!filter && !known.contains(name)) {
                throw new ParameterException(
                        Words.cut(name),
                        "unknown parameter " + Words.quoted(name)
                                + (known.isEmpty() ? "; none is expected" : "; expected " + String.join(", ", known)));
            }
            if (all.size() != 1) {
                throw new ParameterException(Words.cut(name), "stands here " + all.size() + " times; once is expected");
            }
            if (filter || !all.get(0).isEmpty()) {
                values.put(name, all.get(0));
            }
        });
    }

    /** A parameter's value, read by a function; empty if it is absent. */
    public <T> Optional<T> get(String name, Function<String, T> reader) {
        String value = values.get(name);
        if (value == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(reader.apply(value));
        } catch (ParameterException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(Words.cut(name), String.valueOf(e.getMessage()));
        }
    }

    /** A parameter that is a whole number. */
    public Optional<Integer> number(String name, int least, int most) {
        return get(name, text -> {
            try {
                int number = Integer.parseInt(text);
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // The one message below says it.
            }
            throw new IllegalArgumentException(
                    "expected a whole number from " + least + " to " + most + ", found " + Words.quoted(text));
        });
    }

    /** The zone of days and times. */
    public ZoneId zone() {
        return get("zone", TimeText::zone).orElse(usualZone);
    }

    /** Which calls, by when they happened. */
    public TimeWindow window() {
        ZoneId zone = zone();
        Optional<Period> period = get("period", text -> Words.parse("period", Period.values(), text));
        Optional<Integer> hours = number("hours", 1, MAX_HOURS);
        Optional<Instant> from = get("from", text -> TimeText.parse(text, zone));
        Optional<Instant> to = get("to", text -> TimeText.parse(text, zone));
        boolean bounded = from.isPresent() || to.isPresent();
        if (period.isPresent() && (hours.isPresent() || bounded)) {
            throw new ParameterException("period", "goes without from, to and hours");
        }
        if (hours.isPresent()) {
            if (bounded) {
                throw new ParameterException("hours", "goes without from and to");
            }
            return TimeWindow.of(now.minus(Duration.ofHours(hours.get())), now);
        }
        if (!bounded) {
            return period.orElse(Period.ALL).window(now, zone);
        }
        if (from.isPresent() && to.isPresent() && to.get().isBefore(from.get())) {
            throw new ParameterException("from", "is after to");
        }
        return TimeWindow.of(from.orElse(TimeWindow.MIN), to.orElse(TimeWindow.MAX));
    }

    /** Which calls, by what is known of them. */
    public Map<Dimension, String> filters() {
        Map<Dimension, String> filters = new LinkedHashMap<>();
        for (String name : values.keySet()) {
            if (name.startsWith(WHERE)) {
                get(name, value -> Dimension.parse(name.substring(WHERE.length())))
                        .ifPresent(dimension -> {
                            String value = values.getOrDefault(name, "").strip();
                            if (filters.putIfAbsent(dimension, value) != null) {
                                throw new ParameterException(
                                        Words.cut(name), "another filter is by " + dimension + " too; one is expected");
                            }
                        });
            }
        }
        if (filters.size() > SummaryQuery.MAX_DIMENSIONS) {
            throw new ParameterException(WHERE, "at most " + SummaryQuery.MAX_DIMENSIONS + " filters");
        }
        return filters;
    }

    /** The names that {@link #summary} understands. */
    public static final Set<String> OF_SUMMARY =
            names("period", "from", "to", "hours", "zone", "group_by", "every", "order", "limit", "as_of", WHERE);

    /** The names that {@link #records} understands. */
    public static final Set<String> OF_RECORDS =
            names("period", "from", "to", "hours", "zone", "history", "limit", "after", WHERE);

    /** The names that {@link #values} understands. */
    public static final Set<String> OF_VALUES =
            names("values_of", "period", "from", "to", "hours", "zone", "limit", WHERE);

    private static Set<String> names(String... names) {
        return Collections.unmodifiableSet(new LinkedHashSet<>(List.of(names)));
    }

    /** The question for totals. */
    public SummaryQuery summary() {
        SummaryQuery.Builder query = SummaryQuery.over(window());
        List<Dimension> by = get("group_by", QueryParameters::dimensions).orElse(List.of());
        get("group_by", text -> query.by(by.toArray(new Dimension[0])));
        filters().forEach(query::where);
        get("every", CalendarBucket::parse).ifPresent(bucket -> query.every(bucket, zone()));
        get("order", text -> Words.parse("order", SummaryQuery.Order.values(), text))
                .ifPresent(query::order);
        Optional<Integer> limit = number("limit", 1, Integer.MAX_VALUE);
        if (limit.isPresent() && by.isEmpty()) {
            throw new ParameterException("limit", "goes with group_by: it limits the groups");
        }
        limit.ifPresent(query::limit);
        get("as_of", text -> query.asOf(TimeText.parse(text, zone())));
        return query.build();
    }

    /**
     * The question for the values of a dimension, dearest first; empty where none is named.
     *
     * @param usual how many, where that is not stated
     * @param most the most that can be asked for
     */
    public Optional<SummaryQuery> values(int usual, int most) {
        Optional<Dimension> dimension = get("values_of", Dimension::parse);
        Optional<Integer> limit = number("limit", 1, most);
        if (limit.isPresent() && dimension.isEmpty()) {
            throw new ParameterException("limit", "goes with values_of: it limits the values");
        }
        SummaryQuery.Builder query = SummaryQuery.over(window());
        filters().forEach(query::where);
        return dimension.map(of -> query.by(of).limit(limit.orElse(usual)).build());
    }

    /** The question for records. */
    public RecordQuery records(int mostOnAPage) {
        RecordQuery.Builder query = RecordQuery.over(window());
        filters().forEach(query::where);
        get("history", text -> Words.parse("history", Truth.values(), text))
                .ifPresent(truth -> query.history(truth == Truth.TRUE));
        get("after", RecordQuery.Cursor::parse).ifPresent(query::after);
        number("limit", 1, mostOnAPage).ifPresent(query::limit);
        return query.build();
    }

    private enum Truth {
        TRUE,
        FALSE
    }

    private static List<Dimension> dimensions(String text) {
        List<Dimension> dimensions = new ArrayList<>();
        for (String name : text.split(",", -1)) {
            dimensions.add(Dimension.parse(name.strip()));
        }
        return dimensions;
    }
}
