package dev.tokenledger;

import dev.tokenledger.usage.RecordId;

/** How the revisions of a reconciled record are named: the key itself, then {@code key~2}, {@code key~3}, … */
public final class Revision {

    /** The longest key, which leaves room for a revision's number in an id. */
    public static final int LONGEST_KEY = 100;

    private Revision() {}

    /**
     * The id of a revision.
     *
     * @param number from 1
     */
    public static RecordId id(String key, int number) {
        return RecordId.of(number == 1 ? key : key + "~" + number);
    }
}
