package dev.tokenledger.usage;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * What the source of a record could not know of the call's tokens, so that its figures may not be what was used. A record states
 * it by its {@linkplain UsageRecord#notes() notes}; totals count the records that do. Notes that say how figures were read, and
 * leave no doubt about them, are none.
 *
 * <p>Which notes are doubts is part of what ledgers store as roll-ups: a change needs a new version of their schema.
 */
public enum Doubt {
    /** The answer's end was not seen, so that it may have more output than is counted: {@code output_incomplete}. */
    OUTPUT_INCOMPLETE,
    /** How long the cache keeps what was written was not stated; 5 minutes are assumed: {@code cache_split_missing}. */
    CACHE_SPLIT_MISSING,
    /**
     * Something else is missing, assumed or contradictory: the model, calls, a pass or an adviser that is not in the counts, parts
     * or reasoning that do not fit their whole, a total that is not the sum, a convention, a member of the usage that is not known.
     */
    OTHER;

    private static final String UNKNOWN_MEMBER = "unknown_member_";
    private static final String UNPRICED_MEMBER = "unpriced_member_";

    private static final Map<String, Doubt> BY_NOTE = Map.ofEntries(
            Map.entry("output_incomplete", OUTPUT_INCOMPLETE),
            Map.entry("cache_split_missing", CACHE_SPLIT_MISSING),
            Map.entry("advisor_not_included", OTHER),
            Map.entry("cache_share_missing", OTHER),
            Map.entry("cache_split_above_total", OTHER),
            Map.entry("calls_missing", OTHER),
            Map.entry("input_convention_assumed", OTHER),
            Map.entry("input_parts_partly_cached", OTHER),
            Map.entry("model_inferred", OTHER),
            Map.entry("model_missing", OTHER),
            Map.entry("output_taken_for_images", OTHER),
            Map.entry("pass_of_another_model", OTHER),
            Map.entry("reasoning_above_output", OTHER),
            Map.entry("total_differs", OTHER),
            Map.entry("usage_empty", OTHER));

    /** The doubts that a record's notes state, in the order of the constants; empty for none. */
    public static Set<Doubt> of(Collection<String> notes) {
        if (notes.isEmpty()) {
            return Set.of();
        }
        EnumSet<Doubt> doubts = EnumSet.noneOf(Doubt.class);
        for (String note : notes) {
            if (note.startsWith(UNKNOWN_MEMBER) || note.startsWith(UNPRICED_MEMBER)) {
                doubts.add(OTHER);
            } else if (BY_NOTE.containsKey(note)) {
                doubts.add(BY_NOTE.get(note));
            }
        }
        return Collections.unmodifiableSet(doubts);
    }
}
