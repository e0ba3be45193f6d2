package dev.tokenledger.backend;

import dev.tokenledger.usage.Attribution;
import dev.tokenledger.usage.UsageRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What becomes of {@linkplain UsageRecord#stampedAttributes stamped attributes} where two tell of one call: those of the record in
 * force stay, so that nobody takes a call away from whoever told of it first by telling of it too. Where it has none, those of
 * the other are taken over. What merges records need not know of it.
 */
final class Stamps {

    private Stamps() {}

    /** An offered copy with the stamped attributes of the record in force in the place of its own. */
    static UsageRecord replaced(UsageRecord offered, UsageRecord inForce) {
        if (inForce.stampedAttributes().isEmpty()
                || (inForce.stampedAttributes().equals(offered.stampedAttributes())
                        && inForce.attributes()
                                .entrySet()
                                .containsAll(stamped(offered).entrySet()))) {
            return offered;
        }
        SortedMap<String, String> attributes = new TreeMap<>(offered.attributes());
        attributes.keySet().removeAll(offered.stampedAttributes());
        return with(offered, attributes, stamped(inForce), inForce.stampedAttributes());
    }

    /** What two records were merged into, with the stamped attributes of the first, else those of the second. */
    static UsageRecord kept(UsageRecord first, UsageRecord second, UsageRecord merged) {
        SortedMap<String, String> values = stamped(first);
        if (values.isEmpty()) {
            values = stamped(second);
            values.keySet().retainAll(merged.attributes().keySet());
        }
        SortedSet<String> keys = new TreeSet<>(second.stampedAttributes());
        keys.retainAll(merged.attributes().keySet());
        keys.addAll(values.keySet());
        boolean right = merged.stampedAttributes().equals(keys)
                && merged.attributes().entrySet().containsAll(values.entrySet());
        return right ? merged : with(merged, new TreeMap<>(merged.attributes()), values, keys);
    }

    private static SortedMap<String, String> stamped(UsageRecord record) {
        SortedMap<String, String> stamped = new TreeMap<>(record.attributes());
        stamped.keySet().retainAll(record.stampedAttributes());
        return stamped;
    }

    /** Of attributes that leave no room for what is stamped, the last ones are left out, which the record notes. */
    private static UsageRecord with(
            UsageRecord record,
            SortedMap<String, String> attributes,
            SortedMap<String, String> values,
            Set<String> keys) {
        attributes.putAll(values);
        List<String> others = new ArrayList<>(attributes.keySet());
        others.removeAll(values.keySet());
        UsageRecord.Builder builder = record.toBuilder();
        while (attributes.size() > UsageRecord.MAX_ENTRIES) {
            attributes.remove(others.remove(others.size() - 1));
            if (record.notes().size() < UsageRecord.MAX_ENTRIES) {
                builder.note(Attribution.INCOMPLETE);
            }
        }
        record.attributes().keySet().forEach(key -> builder.attribute(key, ""));
        return builder.attributes(attributes).stampedAttributes(keys).build();
    }
}
