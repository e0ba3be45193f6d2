package dev.tokenledger.sql.questions;

import dev.tokenledger.sql.records.Combination;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.SummaryQuery;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Gives a number to each group that a query asks for, and says which records its filters leave out. Used by one thread,
 * for one query.
 */
public final class Grouping {

    /** The group of what a filter leaves out. */
    public static final int NONE = -1;

    private static final int NOT_YET = -2;

    private final SummaryQuery query;
    private final Combination[] combinations;
    private final Totals.Status[] statuses;
    private final Map<List<String>, Integer> numbers = new HashMap<>();
    private final List<List<String>> keys = new ArrayList<>();
    private final Map<String, int[]> groups = new HashMap<>();

    public Grouping(SummaryQuery query, Combination[] combinations) {
        this.query = query;
        this.combinations = combinations;
        statuses = new Totals.Status[combinations.length];
        for (int i = 0; i < combinations.length; i++) {
            statuses[i] = Totals.Status.of(combinations[i]);
        }
    }

    /** What the query names besides rolled-up dimensions: attributes, session, conversation. */
    public static Set<Dimension> others(SummaryQuery query) {
        Set<Dimension> others = new HashSet<>(query.dimensions());
        others.addAll(query.filters().keySet());
        Combination.DIMENSIONS.forEach(others::remove);
        return others;
    }

    /**
     * The groups of all combinations, for records with a value in the one other dimension that the query names.
     *
     * @param other the value; ignored if the query names none
     * @return by combination a group's number, {@link #NONE}, or one that {@link #group} replaces
     */
    public int[] groups(String other) {
        return groups.computeIfAbsent(other, value -> {
            int[] unknown = new int[combinations.length];
            Arrays.fill(unknown, NOT_YET);
            return unknown;
        });
    }

    /** The group of a combination, looked up in what {@link #groups} gave for this value. */
    public int group(int[] known, String other, int combination) {
        int group = known[combination];
        if (group == NOT_YET) {
            group = number(combination, dimension -> other);
            known[combination] = group;
        }
        return group;
    }

    /** The group of records with this combination and these values in the other dimensions that the query names. */
    public int number(int combination, Function<Dimension, String> others) {
        List<String> values = combinations[combination].values();
        for (Map.Entry<Dimension, String> filter : query.filters().entrySet()) {
            if (!value(filter.getKey(), values, others).equals(filter.getValue())) {
                return NONE;
            }
        }
        List<String> key = new ArrayList<>(query.dimensions().size());
        for (Dimension dimension : query.dimensions()) {
            key.add(value(dimension, values, others));
        }
        return number(key);
    }

    private int number(List<String> key) {
        Integer number = numbers.get(key);
        if (number == null) {
            number = keys.size();
            List<String> kept = List.copyOf(key);
            keys.add(kept);
            numbers.put(kept, number);
        }
        return number;
    }

    private static String value(Dimension dimension, List<String> values, Function<Dimension, String> others) {
        int place = Combination.DIMENSIONS.indexOf(dimension);
        return place >= 0 ? values.get(place) : others.apply(dimension);
    }

    /** For each combination the first one that the query does not tell apart from it. */
    public int[] alike() {
        Map<List<String>, Integer> first = new HashMap<>();
        int[] alike = new int[combinations.length];
        for (int i = 0; i < combinations.length; i++) {
            List<String> values = combinations[i].values();
            List<String> named = new ArrayList<>();
            for (int place = 0; place < Combination.DIMENSIONS.size(); place++) {
                Dimension dimension = Combination.DIMENSIONS.get(place);
                if (query.dimensions().contains(dimension) || query.filters().containsKey(dimension)) {
                    named.add(values.get(place));
                }
            }
            Integer same = first.putIfAbsent(named, i);
            alike[i] = same == null ? i : same;
        }
        return alike;
    }

    /**
     * For each combination one whose records are in the same groups and are counted as priced, partial or unpriced as its own are;
     * {@link #NONE} for one that a filter leaves out.
     */
    public int[] counted() {
        int[] alike = alike();
        int[] counted = new int[combinations.length];
        int[][] first = new int[Totals.Status.values().length][combinations.length];
        for (int[] ofStatus : first) {
            Arrays.fill(ofStatus, NONE);
        }
        for (int i = 0; i < combinations.length; i++) {
            int[] ofStatus = first[statuses[i].ordinal()];
            if (isLeftOut(combinations[i].values())) {
                counted[i] = NONE;
            } else {
                if (ofStatus[alike[i]] == NONE) {
                    ofStatus[alike[i]] = i;
                }
                counted[i] = ofStatus[alike[i]];
            }
        }
        return counted;
    }

    /** Whether a filter by a rolled-up dimension leaves a combination out. */
    private boolean isLeftOut(List<String> values) {
        for (Map.Entry<Dimension, String> filter : query.filters().entrySet()) {
            int place = Combination.DIMENSIONS.indexOf(filter.getKey());
            if (place >= 0 && !values.get(place).equals(filter.getValue())) {
                return true;
            }
        }
        return false;
    }

    /** The group that a group's records would be in if they had no value in a dimension. */
    public int without(int group, Dimension dimension) {
        int place = query.dimensions().indexOf(dimension);
        if (place < 0) {
            return group;
        }
        List<String> key = new ArrayList<>(key(group));
        key.set(place, "");
        return number(key);
    }

    /** How many groups there are so far. */
    public int size() {
        return keys.size();
    }

    /** A group's values in the dimensions asked for. */
    public List<String> key(int group) {
        return keys.get(group);
    }

    public Totals.Status status(int combination) {
        return statuses[combination];
    }
}
