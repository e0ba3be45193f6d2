package dev.tokenledger.sqlite;

import dev.tokenledger.pricing.Cost;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.usage.UsageRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The values of all rolled-up dimensions of a record together, in the order of the table's columns. Every record that is
 * written is looked up by them, so they are compared by hand: a record class's own methods are slow until the JVM's slow
 * compiler has come to them, which is after most imports have ended.
 */
record Combination(
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

    static final String COLUMNS =
            "model, upstream_model, provider, resource, role, task, source, pricing_status, outcome, service_tier";

    /** In the order of {@link #values}. */
    static final List<Dimension> DIMENSIONS = List.of(
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

    static Combination of(UsageRecord record, Cost cost) {
        return new Combination(
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

    List<String> values() {
        return List.of(
                model, upstreamModel, provider, resource, role, task, source, pricingStatus, outcome, serviceTier);
    }

    @Override
    public boolean equals(@Nullable Object object) {
        return object instanceof Combination other
                && model.equals(other.model)
                && upstreamModel.equals(other.upstreamModel)
                && provider.equals(other.provider)
                && resource.equals(other.resource)
                && role.equals(other.role)
                && task.equals(other.task)
                && source.equals(other.source)
                && pricingStatus.equals(other.pricingStatus)
                && outcome.equals(other.outcome)
                && serviceTier.equals(other.serviceTier);
    }

    @Override
    public int hashCode() {
        int hash = model.hashCode();
        hash = 31 * hash + upstreamModel.hashCode();
        hash = 31 * hash + provider.hashCode();
        hash = 31 * hash + resource.hashCode();
        hash = 31 * hash + role.hashCode();
        hash = 31 * hash + task.hashCode();
        hash = 31 * hash + source.hashCode();
        hash = 31 * hash + pricingStatus.hashCode();
        hash = 31 * hash + outcome.hashCode();
        return 31 * hash + serviceTier.hashCode();
    }
}
