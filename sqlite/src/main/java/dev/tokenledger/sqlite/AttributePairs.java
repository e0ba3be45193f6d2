package dev.tokenledger.sqlite;

import dev.tokenledger.sql.records.AttributeSet;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which key/value pairs stand in a set of attributes, as the file says; for computing roll-ups anew, and for listing. */
final class AttributePairs {

    private final Handle handle;
    private final Map<String, Long> keys = new HashMap<>();
    private final Map<Long, String> names = new HashMap<>();
    private final Map<Long, AttributeSet> sets = new HashMap<>();

    AttributePairs(Handle handle) throws SQLException {
        this.handle = handle;
        try (ResultSet row = handle.statement("SELECT id, name FROM attribute_keys WHERE NOT wide")
                .executeQuery()) {
            while (row.next()) {
                keys.put(row.getString(2), row.getLong(1));
                names.put(row.getLong(1), row.getString(2));
            }
        }
    }

    /**
     * Whether some record may have the value; always for an empty one, which stands for none, and for a key with too many
     * values to be rolled up, of which no pairs are kept.
     */
    static boolean mayStand(Handle handle, String name, String value) throws SQLException {
        if (value.isEmpty()) {
            return true;
        }
        PreparedStatement select =
                handle.statement("SELECT 1 FROM attribute_keys k WHERE k.name = ? AND (k.wide OR EXISTS"
                        + " (SELECT 1 FROM attribute_pairs WHERE attribute = k.id AND value = ?))");
        select.setString(1, name);
        select.setString(2, value);
        try (ResultSet row = select.executeQuery()) {
            return row.next();
        }
    }

    /** The numbers of the keys that are rolled up. */
    Set<Long> attributes() {
        return names.keySet();
    }

    String name(long attribute) {
        return names.getOrDefault(attribute, "");
    }

    @Nullable
    AttributeSet of(long set) throws SQLException {
        if (set == 0) {
            return null;
        }
        AttributeSet known = sets.get(set);
        if (known == null) {
            List<AttributeSet.Pair> found = new ArrayList<>();
            for (Map.Entry<String, String> attribute :
                    AttributeSets.read(handle, set).entrySet()) {
                Long key = keys.get(attribute.getKey());
                if (key != null) {
                    found.add(new AttributeSet.Pair(key, pair(key, attribute.getValue())));
                }
            }
            known = new AttributeSet(set, found);
            sets.put(set, known);
        }
        return known;
    }

    private int pair(long key, String value) throws SQLException {
        PreparedStatement select = handle.statement("SELECT id FROM attribute_pairs WHERE attribute = ? AND value = ?");
        select.setLong(1, key);
        select.setString(2, value);
        try (ResultSet row = select.executeQuery()) {
            return row.next() ? row.getInt(1) : 0;
        }
    }
}
