package dev.tokenledger.sqlite;

import dev.tokenledger.pricing.Cost;
import dev.tokenledger.usage.UsageRecord;
import org.jspecify.annotations.Nullable;

/**
 * What few records state and those that do state alike; kept once. Compared by hand, as {@link Combination} is.
 *
 * @param notes the record's notes, joined by commas (their names have none)
 * @param costNotes the cost's notes, one a line
 */
record Circumstances(
        String requestedModel, String requestedServiceTier, boolean aggregate, String notes, String costNotes) {

    static final Circumstances NONE = new Circumstances("", "", false, "", "");

    static Circumstances of(UsageRecord record, Cost cost) {
        boolean none = record.requestedModel().isEmpty()
                && record.requestedServiceTier().isEmpty()
                && !record.aggregate()
                && record.notes().isEmpty()
                && cost.notes().isEmpty();
        return none
                ? NONE
                : new Circumstances(
                        record.requestedModel(),
                        record.requestedServiceTier(),
                        record.aggregate(),
                        String.join(",", record.notes()),
                        String.join("\n", cost.notes()));
    }

    @Override
    public boolean equals(@Nullable Object object) {
        return object instanceof Circumstances other
                && aggregate == other.aggregate
                && requestedModel.equals(other.requestedModel)
                && requestedServiceTier.equals(other.requestedServiceTier)
                && notes.equals(other.notes)
                && costNotes.equals(other.costNotes);
    }

    @Override
    public int hashCode() {
        int hash = requestedModel.hashCode();
        hash = 31 * hash + requestedServiceTier.hashCode();
        hash = 31 * hash + Boolean.hashCode(aggregate);
        hash = 31 * hash + notes.hashCode();
        return 31 * hash + costNotes.hashCode();
    }
}
