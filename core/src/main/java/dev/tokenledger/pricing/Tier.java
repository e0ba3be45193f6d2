package dev.tokenledger.pricing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Rates that replace an entry's own once a call's total input reaches a boundary. Every token of the call moves to the
 * tier: a cliff, not a margin.
 *
 * @param boundary whether the threshold itself still belongs below
 * @param threshold total input tokens (uncached, written and read), 0 to 10¹²
 * @param rates the tier's rates; a class it does not name has none
 */
public record Tier(Boundary boundary, long threshold, Rates rates) {

    /** Which side of the boundary the threshold itself is on: a fact of each price list. */
    public enum Boundary {
        /** The tier begins one token above the threshold. */
        ABOVE {
            @Override
            boolean reached(long tokens, long threshold) {
                return tokens > threshold;
            }
        },
        /** The tier begins at the threshold. */
        AT_LEAST {
            @Override
            boolean reached(long tokens, long threshold) {
                return tokens >= threshold;
            }
        };

        private final String text = name().toLowerCase(Locale.ROOT);

        /** The name in price files. */
        public String text() {
            return text;
        }

        abstract boolean reached(long tokens, long threshold);
    }

    /** @throws IllegalArgumentException if the threshold is out of range */
    public Tier {
        Objects.requireNonNull(boundary, "boundary");
        Objects.requireNonNull(rates, "rates");
        if (threshold < 0 || threshold > 1_000_000_000_000L) {
            throw new IllegalArgumentException("tiers: a threshold is 0 to 10^12 tokens, found " + threshold);
        }
    }

    /** Tiers, lowest first; no two may begin at the same number of tokens. */
    static List<Tier> sorted(Collection<Tier> tiers) {
        List<Tier> sorted = new ArrayList<>(tiers);
        sorted.sort(Comparator.comparingLong(Tier::firstTokens));
        for (int i = 1; i < sorted.size(); i++) {
            if (sorted.get(i).firstTokens() == sorted.get(i - 1).firstTokens()) {
                throw new IllegalArgumentException(
                        "tiers: two begin at " + sorted.get(i).firstTokens() + " tokens");
            }
        }
        return List.copyOf(sorted);
    }

    boolean reached(long totalInput) {
        return boundary.reached(totalInput, threshold);
    }

    /** The first number of total input tokens that the tier applies to. */
    long firstTokens() {
        return boundary == Boundary.ABOVE ? threshold + 1 : threshold;
    }
}
