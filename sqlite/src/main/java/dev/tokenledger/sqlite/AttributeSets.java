package dev.tokenledger.sqlite;

import dev.tokenledger.sql.records.Values;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Looks up what stands in a set of attributes. */
final class AttributeSets {

    /** SQL for whether the text of a record's set contains a parameter, see {@link Values#member}. */
    static final String CONTAIN =
            "EXISTS (SELECT 1 FROM attribute_sets WHERE id = r.attributes AND instr(attributes, ?) > 0)";

    private AttributeSets() {}

    /** What a set says, as {@link Values#json} writes it; null if there is no such set. */
    static @Nullable String text(Handle handle, long set) throws SQLException {
        PreparedStatement select = handle.statement("SELECT attributes FROM attribute_sets WHERE id = ?");
        select.setLong(1, set);
        try (ResultSet row = select.executeQuery()) {
            return row.next() ? row.getString(1) : null;
        }
    }
}
