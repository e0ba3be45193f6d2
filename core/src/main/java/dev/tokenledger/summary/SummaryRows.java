package dev.tokenledger.summary;

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

    private final SummaryQuery query;
    private final Map<Instant, Map<List<String>, Summary>> totals = new TreeMap<>();

    /** Starts an empty answer. */
    public SummaryRows(SummaryQuery query) {
        this.query = query;
    }

    /**
     * Adds totals to a cell.
     *
     * @param bucket the first instant of the calendar bucket; anything fixed for a query without buckets
     * @param key the values of the query's dimensions, in their order
     * @throws IllegalArgumentException if these are more than {@link CalendarBucket#MOST} buckets
     */
    public void add(Instant bucket, List<String> key, Summary summary) {
        totals.computeIfAbsent(bucket, start -> new HashMap<>()).merge(key, summary, Summary::plus);
        query.bucket().ifPresent(calendar -> calendar.checkCount(totals.size()));
    }

    /** The rows: buckets in the order of time, groups in the asked order; cells without records in force are left out. */
    public List<GroupedSummary> rows() {
        totals.values().forEach(cells -> cells.values().removeIf(summary -> summary.totalRecords() == 0));
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
        Summary rest = Summary.ZERO;
        for (Map.Entry<List<String>, Summary> cell : cells.entrySet()) {
            if (query.limit().isEmpty() || shown.contains(cell.getKey())) {
                kept.add(cell);
            } else {
                rest = rest.plus(cell.getValue());
            }
        }
        kept.sort(order());
        kept.forEach(cell -> rows.add(row(bucket, cell.getKey(), cell.getValue())));
        if (rest.totalRecords() > 0) {
            GroupedSummary total = row(bucket, List.of(), rest);
            rows.add(new GroupedSummary(total.bucket(), Map.of(), rest, true));
        }
    }

    /** The groups that a limit leaves, chosen over all buckets together so that a chart keeps its series. */
    private Set<List<String>> shown(int limit) {
        Map<List<String>, Summary> overall = new HashMap<>();
        totals.values().forEach(cells -> cells.forEach((key, summary) -> overall.merge(key, summary, Summary::plus)));
        // Sorting all of a hundred thousand groups takes longer than reading some of their records.
        PriorityQueue<Map.Entry<List<String>, Summary>> first = new PriorityQueue<>(order().reversed());
        for (Map.Entry<List<String>, Summary> cell : overall.entrySet()) {
            first.add(cell);
            if (first.size() > limit) {
                first.poll();
            }
        }
        Set<List<String>> shown = new HashSet<>();
        first.forEach(cell -> shown.add(cell.getKey()));
        return shown;
    }

    /** Written out: the JDK's ready-made comparators are set up anew in each process, which a short command feels. */
    private Comparator<Map.Entry<List<String>, Summary>> order() {
        return (one, other) -> {
            int difference = compareTotals(other.getValue(), one.getValue());
            return difference != 0 ? difference : BY_KEY.compare(one.getKey(), other.getKey());
        };
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
