package dev.tokenledger.sqlite;

import java.util.List;

/** Attributes as they stand together on a record: the numbers of those that are rolled up. */
final class AttributeSet {

    /** One attribute: the number of its key, and of the pair of key and value. */
    record Pair(long key, int pair) {}

    final long id;
    final List<Pair> pairs;

    AttributeSet(long id, List<Pair> pairs) {
        this.id = id;
        this.pairs = List.copyOf(pairs);
    }
}
