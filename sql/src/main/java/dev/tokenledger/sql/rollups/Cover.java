package dev.tokenledger.sql.rollups;

import java.util.List;

/**
 * Which pages make up the total of a span: as few as there can be.
 *
 * <p>A period that the span covers in part is either put together from its children, or taken whole less the children
 * outside the span, whichever reads fewer pages; and so on downwards. Half a day from an odd hour is at most 12 pages
 * instead of 23, and any span of years some dozens.
 */
public final class Cover {

    /**
     * A range of pages to be added or taken away.
     *
     * @param first the first period
     * @param end the one behind the last
     * @param sign 1 or -1
     */
    public record Term(Level level, long first, long end, int sign) {}

    private final Level lowest;

    /** @param lowest the first level there is; spans are whole numbers of its periods */
    public Cover(Level lowest) {
        this.lowest = lowest;
    }

    /** Adds the terms of {@code [from, to)}, in microseconds, to a list. */
    public void plan(long from, long to, List<Term> terms) {
        plan(Level.DAYS_32, from, to, 1, terms);
    }

    private void plan(Level level, long from, long to, int sign, List<Term> terms) {
        if (from >= to) {
            return;
        }
        long first = ceiling(from, level);
        long end = to / level.micros;
        if (first > end) {
            planPart(level, end, from, to, sign, terms);
            return;
        }
        planPart(level, first - 1, from, first * level.micros, sign, terms);
        if (first < end) {
            terms.add(new Term(level, first, end, sign));
        }
        planPart(level, end, end * level.micros, to, sign, terms);
    }

    private void planPart(Level level, long period, long from, long to, int sign, List<Term> terms) {
        if (from >= to) {
            return;
        }
        Level below = level.below();
        long start = period * level.micros;
        long end = start + level.micros;
        if (cost(below, from, to) <= 1 + cost(below, start, from) + cost(below, to, end)) {
            plan(below, from, to, sign, terms);
        } else {
            terms.add(new Term(level, period, period + 1, sign));
            plan(below, start, from, -sign, terms);
            plan(below, to, end, -sign, terms);
        }
    }

    /** How many pages a span takes from a level downwards. */
    private long cost(Level level, long from, long to) {
        if (from >= to) {
            return 0;
        }
        long first = ceiling(from, level);
        long end = to / level.micros;
        if (level == lowest) {
            return end - first;
        }
        if (first > end) {
            return partCost(level, end, from, to);
        }
        return partCost(level, first - 1, from, first * level.micros)
                + (end - first)
                + partCost(level, end, end * level.micros, to);
    }

    private long partCost(Level level, long period, long from, long to) {
        if (from >= to) {
            return 0;
        }
        Level below = level.below();
        long start = period * level.micros;
        return Math.min(cost(below, from, to), 1 + cost(below, start, from) + cost(below, to, start + level.micros));
    }

    private static long ceiling(long instant, Level level) {
        return (instant + level.micros - 1) / level.micros;
    }
}
