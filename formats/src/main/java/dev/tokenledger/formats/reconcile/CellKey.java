package dev.tokenledger.formats.reconcile;

/**
 * What figures of a ledger and a bill are compared by.
 *
 * @param calls whether the cell is of paid tool calls, which bills state without model, tier and region
 */
record CellKey(
        String bucket, String model, String tier, String region, boolean longContext, String project, boolean calls) {

    CellKey inBucket(String other) {
        return new CellKey(other, model, tier, region, longContext, project, calls);
    }

    /** The cell of the tool calls of this cell's model calls. */
    CellKey ofCalls() {
        return new CellKey(bucket, "", "", "", false, project, true);
    }

    /** How many of the things other than the bucket differ. */
    int differences(CellKey other) {
        return (model.equals(other.model) ? 0 : 1)
                + (tier.equals(other.tier) ? 0 : 1)
                + (region.equals(other.region) ? 0 : 1)
                + (longContext == other.longContext ? 0 : 1)
                + (project.equals(other.project) ? 0 : 1);
    }

    /** The cause that the one thing is which differs. */
    Cause.Kind difference(CellKey other) {
        if (!bucket.equals(other.bucket)) {
            return Cause.Kind.BUCKET_BOUNDARY;
        }
        if (!tier.equals(other.tier)) {
            return Cause.Kind.TIER;
        }
        if (!region.equals(other.region)) {
            return Cause.Kind.REGION;
        }
        return longContext != other.longContext ? Cause.Kind.LONG_CONTEXT : Cause.Kind.PROJECT;
    }
}
