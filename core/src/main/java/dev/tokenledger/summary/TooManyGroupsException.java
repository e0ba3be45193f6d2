package dev.tokenledger.summary;

/**
 * A query has more groups, or more buckets, than one answer holds. The message names the limit and what to ask instead.
 *
 * <p>With {@link SummaryQuery.Builder#limit} any number of groups is added up: those beyond the limit are one row.
 */
public final class TooManyGroupsException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    /** @param message the limit, and what to ask instead */
    public TooManyGroupsException(String message) {
        super(message);
    }
}
