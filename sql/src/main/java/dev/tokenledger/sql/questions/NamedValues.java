package dev.tokenledger.sql.questions;

import dev.tokenledger.sql.engine.ReadSession;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.summary.Dimension;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Gives a number to the values that a set of attributes has in those keys that a query names: sets that the query does not
 * tell apart have the same one. There may be as many sets as records, and far fewer such values. Used by one thread.
 */
final class NamedValues {

    /** The number of what a filter leaves out. */
    static final int NONE = -1;

    private final List<String> keys;
    private final Map<String, String> wanted = new HashMap<>();
    private final Map<List<String>, Integer> numbers = new HashMap<>();
    private final List<List<String>> values = new ArrayList<>();

    /**
     * The values in some dimensions, those that are attributes.
     *
     * @param named those of the filters too
     * @param filters values that are left in
     */
    NamedValues(Collection<Dimension> named, Map<Dimension, String> filters) {
        keys = named.stream()
                .map(Dimension::attributeKey)
                .flatMap(Optional::stream)
                .toList();
        filters.forEach((dimension, value) -> dimension.attributeKey().ifPresent(key -> wanted.put(key, value)));
    }

    boolean isEmpty() {
        return keys.isEmpty();
    }

    /** What the text of every set contains that the filters leave in; nothing for values that stand for "none". */
    List<String> contained() {
        return wanted.entrySet().stream()
                .filter(filter -> !filter.getValue().isEmpty())
                .map(filter -> Values.member(filter.getKey(), filter.getValue()))
                .toList();
    }

    /** The attributes whose values are named. */
    List<String> keys() {
        return keys;
    }

    /** How many different values were met. */
    int size() {
        return numbers.size();
    }

    /** The value of a key in what has this number; empty for none. */
    String value(int number, String key) {
        return values.get(number).get(keys.indexOf(key));
    }

    /** The number of a set's values, given what the set says. */
    private int number(String attributes) {
        List<String> named = new ArrayList<>(keys.size());
        for (String key : keys) {
            named.add(Values.valueOf(attributes, key));
        }
        return number(named);
    }

    /** The number of these values of {@link #keys}, or {@link #NONE}. */
    int number(List<String> named) {
        for (int i = 0; i < keys.size(); i++) {
            String value = named.get(i);
            if (!wanted.getOrDefault(keys.get(i), value).equals(value)) {
                return NONE;
            }
        }
        return numbers.computeIfAbsent(named, this::add);
    }

    private int add(List<String> named) {
        values.add(named);
        return values.size() - 1;
    }

    /** Looks up the numbers of sets. Used by one thread. */
    final class Reader {

        /** Sets that follow each other are mostly asked for one after the other: they were numbered as they came. */
        private static final int AHEAD = 64;

        private static final int MAX_KNOWN = 1 << 16;

        private final ReadSession session;
        private final Map<Long, Integer> known = new HashMap<>();
        private long last;

        Reader(ReadSession session) {
            this.session = session;
        }

        /** The number of a set's values, or {@link #NONE}; a record without attributes has the set 0. */
        int of(long set) throws SQLException {
            Integer number = known.get(set);
            return number == null ? read(set) : number;
        }

        private int read(long set) throws SQLException {
            if (known.size() >= MAX_KNOWN) {
                known.clear();
            }
            if (set != 0) {
                readFrom(set);
            }
            return known.computeIfAbsent(set, without -> number(""));
        }

        private void readFrom(long set) throws SQLException {
            boolean follows = set > last && set - last <= AHEAD;
            for (Map.Entry<Long, String> found :
                    session.names().attributeSets(set, follows ? AHEAD : 1).entrySet()) {
                last = Math.max(found.getKey(), follows ? last : set);
                known.put(found.getKey(), number(found.getValue()));
            }
        }
    }
}
