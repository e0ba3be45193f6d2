package dev.tokenledger.formats.budgets;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * What follows from how a budget stands.
 *
 * @param enforcement what a {@link BudgetGuard} does where there is no room
 * @param thresholds what is told, at most 10, none twice; none to tell nothing
 * @param channels the names of the channels that are told; empty for all channels of the file
 */
public record BudgetPolicy(Enforcement enforcement, List<Threshold> thresholds, Optional<List<String>> channels) {

    /** The most thresholds of a budget. */
    public static final int MAX_THRESHOLDS = 10;

    /** A hard budget that tells all channels of the default thresholds. */
    public static final BudgetPolicy DEFAULT = new BudgetPolicy(Enforcement.HARD, Threshold.DEFAULTS, Optional.empty());

    /** What a guard does where there is no room. */
    public enum Enforcement {
        /** It refuses the call. */
        HARD,
        /** It warns, and the call may be made. */
        SOFT
    }

    /** @throws IllegalArgumentException if there are too many thresholds, or one is a duplicate; the message names the part */
    public BudgetPolicy {
        thresholds = List.copyOf(thresholds);
        channels = channels.map(List::copyOf);
        if (thresholds.size() > MAX_THRESHOLDS) {
            throw new IllegalArgumentException(
                    "thresholds: at most " + MAX_THRESHOLDS + ", found " + thresholds.size());
        }
        if (new HashSet<>(thresholds).size() < thresholds.size()) {
            throw new IllegalArgumentException("thresholds: one is a duplicate; each is told once");
        }
        if (channels.isPresent()
                && new HashSet<>(channels.get()).size() < channels.get().size()) {
            throw new IllegalArgumentException("notify: a channel is a duplicate");
        }
    }
}
