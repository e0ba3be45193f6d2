package dev.tokenledger.pricing;

import dev.tokenledger.money.Usd;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/**
 * How one record's cost came about: one line per class of tokens or kind of paid call, and their sum. A record whose passes are in
 * different long-context tiers has the lines of each tier in turn.
 *
 * @param cost the record's cost
 * @param lines what was multiplied with what; empty for a given or unpriced cost
 * @param entry the price entry that was used, as it was then; empty if there was none
 */
public record Explanation(Cost cost, List<Line> lines, Optional<PriceEntry> entry) {

    /** Copies its list. */
    public Explanation {
        lines = List.copyOf(lines);
    }

    /** What kind of thing a line counts. */
    public enum Unit {
        /** Tokens, at USD per million. */
        TOKENS,
        /** Paid tool calls, at USD per call. */
        CALLS
    }

    /**
     * One class: {@code count × rate = amount}.
     *
     * @param what a price file's class of tokens, or the name of a paid call
     * @param count tokens or calls
     * @param rate USD per million tokens or per call, as applied; empty if there was none
     * @param amount the exact product in USD, not rounded; empty if there was no rate
     */
    public record Line(String what, Unit unit, long count, Optional<BigDecimal> rate, Optional<BigDecimal> amount) {}

    /** The record's cost; where there are lines, their sum rounded once. */
    public Usd total() {
        return cost.amount();
    }
}
