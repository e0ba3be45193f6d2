package dev.tokenledger.sql.records;

import dev.tokenledger.pricing.Cost;
import dev.tokenledger.usage.Doubt;
import dev.tokenledger.usage.UsageRecord;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What few records state and those that do state alike; kept once.
 *
 * @param notes the record's notes, joined by commas (their names have none)
 * @param costNotes the cost's notes, one a line
 */
public record RareFields(
        String requestedModel, String requestedServiceTier, boolean aggregate, String notes, String costNotes) {

    public static final RareFields NONE = new RareFields("", "", false, "", "");

    public static final String COLUMNS = "requested_model, requested_service_tier, aggregate, notes, cost_notes";

    /** Those of a row whose {@link #COLUMNS} begin at a place. */
    public static RareFields read(ResultSet row, int first) throws SQLException {
        return new RareFields(
                row.getString(first),
                row.getString(first + 1),
                row.getString(first + 2).equals("1"),
                row.getString(first + 3),
                row.getString(first + 4));
    }

    /** The doubts that notes state, as {@link #notes} joins them. */
    public static Set<Doubt> doubts(String notes) {
        return notes.isEmpty() ? Set.of() : Doubt.of(List.of(notes.split(",", -1)));
    }

    /** What a record's circumstances are looked up by: their values, in the order of {@link #COLUMNS}; null for none. */
    public static @Nullable Tuple of(UsageRecord record, Cost cost) {
        boolean none = record.requestedModel().isEmpty()
                && record.requestedServiceTier().isEmpty()
                && !record.aggregate()
                && record.notes().isEmpty()
                && cost.notes().isEmpty();
        return none
                ? null
                : Tuple.of(
                        record.requestedModel(),
                        record.requestedServiceTier(),
                        record.aggregate() ? "1" : "0",
                        String.join(",", record.notes()),
                        String.join("\n", cost.notes()));
    }
}
