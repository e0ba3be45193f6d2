package dev.tokenledger.sql.records;

import java.util.List;

/** Attributes as they stand together on a record: the numbers of those that are rolled up. */
public final class AttributeSet {

    /** One attribute: the number of its key, and of the pair of key and value. */
    public record Pair(long key, int pair) {}

    public final long id;
    public final List<Pair> pairs;

    public AttributeSet(long id, List<Pair> pairs) {
        this.id = id;
        this.pairs = List.copyOf(pairs);
    }
}
