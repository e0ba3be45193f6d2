package dev.tokenledger.formats.pricelists;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** What of a list did not become a price, by reason. Not safe for use by several threads. */
public final class LeftOut {

    private final SortedMap<String, List<String>> models = new TreeMap<>();
    private final SortedMap<String, List<String>> parts = new TreeMap<>();

    LeftOut() {}

    void model(String provider, String id, String reason) {
        models.computeIfAbsent(reason, key -> new ArrayList<>()).add(name(provider, id));
    }

    void part(String provider, String id, String reason) {
        parts.computeIfAbsent(reason, key -> new ArrayList<>()).add(name(provider, id));
    }

    private static String name(String provider, String id) {
        return provider.isEmpty() ? id : provider + "/" + id;
    }

    /** Models that are no entry, by the reason. */
    public SortedMap<String, List<String>> models() {
        return Collections.unmodifiableSortedMap(models);
    }

    /** Models whose entry lacks something that the list states, by what it lacks. */
    public SortedMap<String, List<String>> parts() {
        return Collections.unmodifiableSortedMap(parts);
    }
}
