package dev.tokenledger.sql.records;

import dev.tokenledger.pricing.Cost;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.usage.UsageRecord;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** The values of all rolled-up dimensions of a record together, in the order of the table's columns. */
public record Combination(
        String model,
        String upstreamModel,
        String provider,
        String resource,
        String role,
        String task,
        String source,
        String pricingStatus,
        String outcome,
        String serviceTier) {

    public static final String COLUMNS =
            "model, upstream_model, provider, resource, role, task, source, pricing_status, outcome, service_tier";

    /** Of a number that none has. */
    public static final Combination NONE = new Combination("", "", "", "", "", "", "", "", "", "");

    /** In the order of {@link #values}. */
    public static final List<Dimension> DIMENSIONS = List.of(
            Dimension.MODEL,
            Dimension.UPSTREAM_MODEL,
            Dimension.PROVIDER,
            Dimension.RESOURCE,
            Dimension.ROLE,
            Dimension.TASK,
            Dimension.SOURCE,
            Dimension.PRICING_STATUS,
            Dimension.OUTCOME,
            Dimension.SERVICE_TIER);

    /** What a record's combination is looked up by: its values, in the order of {@link #COLUMNS}. */
    public static Tuple of(UsageRecord record, Cost cost) {
        return Tuple.of(
                record.identity().model(),
                record.identity().upstreamModel(),
                record.identity().provider(),
                record.identity().resource(),
                record.role(),
                record.taskName(),
                record.source(),
                cost.status().text(),
                record.outcome().text(),
                record.serviceTier());
    }

    /** That of a row whose {@link #COLUMNS} begin at a place. */
    public static Combination read(ResultSet row, int first) throws SQLException {
        return new Combination(
                row.getString(first),
                row.getString(first + 1),
                row.getString(first + 2),
                row.getString(first + 3),
                row.getString(first + 4),
                row.getString(first + 5),
                row.getString(first + 6),
                row.getString(first + 7),
                row.getString(first + 8),
                row.getString(first + 9));
    }

    public List<String> values() {
        return List.of(
                model, upstreamModel, provider, resource, role, task, source, pricingStatus, outcome, serviceTier);
    }
}
