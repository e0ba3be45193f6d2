package dev.tokenledger.server.keys;

import dev.tokenledger.usage.Attribution;
import dev.tokenledger.usage.UsageRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a key puts on every record that is sent with it, over what the record says itself: the key's own attributes, and its name.
 * They are marked as {@linkplain UsageRecord#stampedAttributes stamped}, so that a record may be sent again with another key.
 * Immutable.
 *
 * @param attributes by their keys; none for a record that came without a key
 */
public record Stamp(SortedMap<String, String> attributes) {

    /** The attribute that holds the name of the key. */
    public static final String KEY_NAME = "tokenledger.key";

    /** Nothing: a server that asks for no keys knows of no sender. */
    public static final Stamp NONE = new Stamp(Collections.emptySortedMap());

    /** Instrumentation's own, by which records of one telling are known. */
    private static final String OF_TELEMETRY = "otel.";

    /** Copies its map. */
    public Stamp {
        attributes = Collections.unmodifiableSortedMap(new TreeMap<>(attributes));
    }

    /**
     * The record as it is stored.
     *
     * @throws IllegalArgumentException if it has no room for the attributes
     */
    public UsageRecord on(UsageRecord record) {
        if (attributes.isEmpty()) {
            return record;
        }
        int most = UsageRecord.MAX_ENTRIES - attributes.size();
        if (total(record).size() > UsageRecord.MAX_ENTRIES) {
            throw new IllegalArgumentException("attributes: the API key adds "
                    + String.join(", ", attributes.keySet()) + ", which leaves room for " + most
                    + " more; send fewer");
        }
        return record.toBuilder()
                .attributes(attributes)
                .stampedAttributes(attributes.keySet())
                .build();
    }

    /**
     * What telemetry tells of a call, as it is stored. Of its labels those are left out, last ones first, that there is no room for,
     * which the record notes: a program's labels are not chosen for a ledger, and left out where there are too many anyway.
     */
    public UsageRecord onTelemetry(UsageRecord record) {
        List<String> own = new ArrayList<>(total(record));
        if (own.size() <= UsageRecord.MAX_ENTRIES) {
            return on(record);
        }
        own.removeAll(attributes.keySet());
        own.removeIf(key -> key.startsWith(OF_TELEMETRY));
        UsageRecord.Builder builder = record.toBuilder();
        for (int over = total(record).size() - UsageRecord.MAX_ENTRIES; over > 0 && !own.isEmpty(); over--) {
            builder.attribute(own.remove(own.size() - 1), "");
        }
        if (record.notes().size() < UsageRecord.MAX_ENTRIES) {
            builder.note(Attribution.INCOMPLETE);
        }
        return on(builder.build());
    }

    private SortedSet<String> total(UsageRecord record) {
        SortedSet<String> keys = new TreeSet<>(record.attributes().keySet());
        keys.addAll(attributes.keySet());
        return keys;
    }
}
