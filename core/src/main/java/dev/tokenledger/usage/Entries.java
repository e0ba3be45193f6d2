package dev.tokenledger.usage;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a builder gathers under names. Records and builders share one map until a builder changes its own, because most records
 * of a program say the same there.
 */
final class Entries<V> {

    private SortedMap<String, V> map = Collections.emptySortedMap();

    /** Whether a record may hold the map too. */
    private boolean shared = true;

    void put(String name, V value) {
        unshare();
        map.put(name, value);
    }

    void remove(String name) {
        if (map.containsKey(name)) {
            unshare();
            map.remove(name);
        }
    }

    int size() {
        return map.size();
    }

    private void unshare() {
        if (shared) {
            map = new TreeMap<>(map);
            shared = false;
        }
    }

    /** Begins with those of a record. */
    void share(SortedMap<String, V> ofRecord) {
        map = ofRecord;
        shared = true;
    }

    /** All of them, never to change again. */
    SortedMap<String, V> share() {
        if (!shared) {
            map = map.isEmpty() ? Collections.emptySortedMap() : Collections.unmodifiableSortedMap(map);
            shared = true;
        }
        return map;
    }
}
