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

    /**
     * For a query without a limit.
     *
     * @param most the groups that one answer holds, those of all buckets together
     */
    public static TooManyGroupsException withoutLimit(int most) {
        return new TooManyGroupsException(
                "more than " + most + " groups; set a limit, which adds up the others in one row,"
                        + " or ask for fewer dimensions, larger buckets or a shorter window");
    }

    /**
     * For a query with a limit.
     *
     * @param most the groups that one answer holds, those of all buckets together
     */
    public static TooManyGroupsException withLimit(int most) {
        return new TooManyGroupsException(
                "more than " + most
                        + " groups in all buckets together; set a smaller limit, or ask for larger buckets or a shorter window");
    }
}
