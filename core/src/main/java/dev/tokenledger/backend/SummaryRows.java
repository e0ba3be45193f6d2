package dev.tokenledger.backend;

import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.summary.TooManyGroupsException;
import java.math.BigInteger;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;

/**
 * Turns a backend's totals by bucket and key into the rows of an answer: the one place that orders, limits and makes the
 * row of all others, so that every backend answers alike. Not safe for use by several threads.
 */
public final class SummaryRows {

    private static final Comparator<List<String>> BY_KEY = (one, other) -> {
        for (int i = 0; i < one.size(); i++) {
            int difference = compareCodePoints(one.get(i), other.get(i));
            if (difference != 0) {
                return difference;
            }
        }
        return 0;
    };

    /** A group that was added whole, with its totals by bucket. */
    private record Whole(List<String> key, Summary overall, Map<Instant, Summary> byBucket) {}

    private final SummaryQuery query;
    private final int most;
    private final Map<Instant, Map<List<String>, Summary>> totals = new TreeMap<>();

    /** What groups that are not shown have, by bucket. */
    private final Map<Instant, Summary> others = new HashMap<>();

    /** The first groups of those that were added whole, the last one in front. */
    private final PriorityQueue<Whole> first =
            new PriorityQueue<>((one, other) -> order(other.key, other.overall, one.key, one.overall));

    private int cells;
    private int wholeCells;

    /** Starts an empty answer of any size. */
    public SummaryRows(SummaryQuery query) {
        this(query, Integer.MAX_VALUE);
    }

    /**
     * Starts an empty answer.
     *
     * @param most the groups that it holds, those of all buckets together
     */
    public SummaryRows(SummaryQuery query, int most) {
        this.query = query;
        this.most = most;
    }

    /**
     * The refusal of a query without a limit.
     *
     * @param most the groups that one answer holds, those of all buckets together
     */
    public static TooManyGroupsException tooManyWithoutLimit(int most) {
        return new TooManyGroupsException(
                "more than " + most + " groups; set a limit, which adds up the others in one row,"
                        + " or ask for fewer dimensions, larger buckets or a shorter window");
    }

    /**
     * The refusal of a query with a limit.
     *
     * @param most the groups that one answer holds, those of all buckets together
     */
    public static TooManyGroupsException tooManyWithLimit(int most) {
        return new TooManyGroupsException(
                "more than " + most
                        + " groups in all buckets together; set a smaller limit, or ask for larger buckets or a shorter window");
    }

    /**
     * Adds totals to a cell.
     *
     * @param bucket the first instant of the calendar bucket; anything fixed for a query without buckets
     * @param key the values of the query's dimensions, in their order
     * @throws TooManyGroupsException if these are more than {@link CalendarBucket#MAX_BUCKETS} buckets, or, without a limit, more
     *     groups than the answer holds
     */
    public void add(Instant bucket, List<String> key, Summary summary) {
        Map<List<String>, Summary> ofBucket = totals.computeIfAbsent(bucket, start -> new HashMap<>());
        int before = ofBucket.size();
        ofBucket.merge(key, summary, Summary::plus);
        cells += ofBucket.size() - before;
        if (cells > most && query.limit().isEmpty()) {
            throw tooManyWithoutLimit(most);
        }
        query.bucket().ifPresent(calendar -> calendar.checkCount(totals.size()));
    }

    /**
     * Adds a group with all that it has, for a query with a limit. Holds no more groups than the limit says, however many are
     * added: what the others have is added up.
     *
     * @param key the values of the query's dimensions; of no cell or group that was or will be added
     * @param byBucket the group's totals by bucket
     * @throws TooManyGroupsException if the groups within the limit have more buckets together than the answer holds
     */
    public void addWhole(List<String> key, Map<Instant, Summary> byBucket) {
        Map<Instant, Summary> inForce = new HashMap<>(byBucket);
        inForce.values().removeIf(Summary::isNothing);
        if (inForce.isEmpty()) {
            return;
        }
        first.add(new Whole(key, inForce.values().stream().reduce(Summary.ZERO, Summary::plus), inForce));
        wholeCells += inForce.size();
        if (first.size() > query.limit().orElse(Integer.MAX_VALUE)) {
            Map<Instant, Summary> last = first.remove().byBucket;
            wholeCells -= last.size();
            last.forEach(this::addOther);
        }
        if (wholeCells > most) {
            throw tooManyWithLimit(most);
        }
    }

    /**
     * Adds what groups have that the limit leaves out.
     *
     * @throws TooManyGroupsException if these are more buckets than the answer holds
     */
    public void addOther(Instant bucket, Summary summary) {
        others.merge(bucket, summary, Summary::plus);
        if (others.size() > most) {
            throw tooManyWithLimit(most);
        }
    }

    /** The keys of the groups that were added whole and are within the limit. */
    public Set<List<String>> wholeKeys() {
        Set<List<String>> keys = new HashSet<>();
        first.forEach(whole -> keys.add(whole.key));
        return keys;
    }

    /** The rows: buckets in the order of time, groups in the asked order; cells in which nothing counts are left out. */
    public List<GroupedSummary> rows() {
        first.forEach(whole -> whole.byBucket.forEach((bucket, summary) ->
                totals.computeIfAbsent(bucket, start -> new HashMap<>()).put(whole.key, summary)));
        first.clear();
        others.keySet().forEach(bucket -> totals.computeIfAbsent(bucket, start -> new HashMap<>()));
        totals.values().forEach(cells -> cells.values().removeIf(Summary::isNothing));
        Set<List<String>> shown =
                query.limit().isPresent() ? shown(query.limit().getAsInt()) : Set.of();
        List<GroupedSummary> rows = new ArrayList<>();
        totals.forEach((bucket, cells) -> addRows(rows, bucket, cells, shown));
        if (rows.isEmpty() && query.dimensions().isEmpty() && query.bucket().isEmpty()) {
            rows.add(row(TimeWindow.MIN, List.of(), Summary.ZERO));
        }
        return rows;
    }

    private void addRows(
            List<GroupedSummary> rows, Instant bucket, Map<List<String>, Summary> cells, Set<List<String>> shown) {
        List<Map.Entry<List<String>, Summary>> kept = new ArrayList<>();
        Summary rest = others.getOrDefault(bucket, Summary.ZERO);
        for (Map.Entry<List<String>, Summary> cell : cells.entrySet()) {
            if (query.limit().isEmpty() || shown.contains(cell.getKey())) {
                kept.add(cell);
            } else {
                rest = rest.plus(cell.getValue());
            }
        }
        kept.sort(order());
        kept.forEach(cell -> rows.add(row(bucket, cell.getKey(), cell.getValue())));
        if (!rest.isNothing()) {
            GroupedSummary total = row(bucket, List.of(), rest);
            rows.add(new GroupedSummary(total.bucket(), Map.of(), rest, true));
        }
    }

    /** The groups that a limit leaves, chosen over all buckets together so that a chart keeps its series. */
    private Set<List<String>> shown(int limit) {
        Map<List<String>, Summary> overall = new HashMap<>();
        totals.values().forEach(cells -> cells.forEach((key, summary) -> overall.merge(key, summary, Summary::plus)));
        // Sorting all of a hundred thousand groups takes longer than reading some of their records.
        PriorityQueue<Map.Entry<List<String>, Summary>> kept = new PriorityQueue<>(order().reversed());
        for (Map.Entry<List<String>, Summary> cell : overall.entrySet()) {
            kept.add(cell);
            if (kept.size() > limit) {
                kept.poll();
            }
        }
        Set<List<String>> shown = new HashSet<>();
        kept.forEach(cell -> shown.add(cell.getKey()));
        return shown;
    }

    /** Written out: the JDK's ready-made comparators are set up anew in each process, which a short command feels. */
    private Comparator<Map.Entry<List<String>, Summary>> order() {
        return (one, other) -> order(one.getKey(), one.getValue(), other.getKey(), other.getValue());
    }

    private int order(List<String> one, Summary ofOne, List<String> other, Summary ofOther) {
        int difference = compareTotals(ofOther, ofOne);
        return difference != 0 ? difference : BY_KEY.compare(one, other);
    }

    private int compareTotals(Summary one, Summary other) {
        return switch (query.order()) {
            case COST -> one.totalCost().compareTo(other.totalCost());
            case TOKENS -> tokens(one).compareTo(tokens(other));
            case RECORDS -> Long.compare(one.totalRecords(), other.totalRecords());
            case KEY -> 0;
        };
    }

    private GroupedSummary row(Instant bucket, List<String> key, Summary summary) {
        Map<Dimension, String> keys = new LinkedHashMap<>();
        for (int i = 0; i < key.size(); i++) {
            keys.put(query.dimensions().get(i), key.get(i));
        }
        return new GroupedSummary(
                query.bucket().map(calendar -> OffsetDateTime.ofInstant(bucket, query.zone())), keys, summary, false);
    }

    /** Each count fits a long, their sum need not. */
    private static BigInteger tokens(Summary summary) {
        return BigInteger.valueOf(summary.totalInputTokens())
                .add(BigInteger.valueOf(summary.totalCacheCreationInputTokens()))
                .add(BigInteger.valueOf(summary.totalCacheReadInputTokens()))
                .add(BigInteger.valueOf(summary.totalOutputTokens()));
    }

    /** Unlike {@link String#compareTo}, agrees with the byte order that databases use for UTF-8. */
    private static int compareCodePoints(String one, String other) {
        int length = Math.min(one.length(), other.length());
        for (int i = 0; i < length; i++) {
            char a = one.charAt(i);
            char b = other.charAt(i);
            if (a != b) {
                boolean bothPlain = !Character.isSurrogate(a) && !Character.isSurrogate(b);
                boolean bothPairs = Character.isSurrogate(a) && Character.isSurrogate(b);
                return bothPlain || bothPairs ? Character.compare(a, b) : Character.isSurrogate(a) ? 1 : -1;
            }
        }
        return Integer.compare(one.length(), other.length());
    }
}
