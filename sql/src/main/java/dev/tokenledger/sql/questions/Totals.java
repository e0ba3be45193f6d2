package dev.tokenledger.sql.questions;

import dev.tokenledger.sql.records.Combination;
import dev.tokenledger.sql.rollups.Figures;
import dev.tokenledger.summary.Summary;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/** Figures being added up by group, a group being any small number. Used by one thread. */
public final class Totals {

    private static final int PARTIAL = Figures.SIZE;
    private static final int UNPRICED = Figures.SIZE + 1;

    /** How many sums each group has. */
    public static final int WIDTH = Figures.SIZE + 2;

    /** Where the records of a combination are counted besides, see {@link #add}. */
    public enum Status {
        PRICED(-1),
        PARTIAL(Totals.PARTIAL),
        UNPRICED(Totals.UNPRICED);

        private final int column;

        Status(int column) {
            this.column = column;
        }

        static Status of(Combination combination) {
            return switch (combination.pricingStatus()) {
                case "partial" -> PARTIAL;
                case "unpriced" -> UNPRICED;
                default -> PRICED;
            };
        }
    }

    /** Takes each group's total. */
    public interface Sink {
        void total(int group, Summary summary);
    }

    /** For each group its place among the sums, from 1; 0 for none yet. */
    private int[] places = new int[64];

    private int[] groups = new int[16];
    private long[] sums = new long[16 * WIDTH];
    private int count;

    /**
     * Adds figures to a group, or takes them away.
     *
     * @param sign 1 or -1
     * @throws ArithmeticException if a sum leaves a {@code long}
     */
    public void add(int group, long[] figures, int sign, Status status) {
        int at = place(group);
        if (sign > 0) {
            for (int i = 0; i < Figures.SIZE; i++) {
                sums[at + i] = Math.addExact(sums[at + i], figures[i]);
            }
        } else {
            for (int i = 0; i < Figures.SIZE; i++) {
                sums[at + i] = Math.subtractExact(sums[at + i], figures[i]);
            }
        }
        if (status.column >= 0) {
            sums[at + status.column] += sign * figures[Figures.RECORDS];
        }
    }

    /** Adds another's sums of a group to one of these. */
    public void add(int group, Totals other, int othersGroup) {
        int at = place(group);
        int from = other.place(othersGroup);
        for (int i = 0; i < WIDTH; i++) {
            sums[at + i] = Math.addExact(sums[at + i], other.sums[from + i]);
        }
    }

    /**
     * Adds all of another's sums, or takes them away.
     *
     * @param sign 1 or -1
     * @param target for each group of the other's the one of these that it belongs to
     */
    public void addAll(Totals other, int sign, IntUnaryOperator target) {
        for (int group = 0; group < other.count; group++) {
            int at = place(target.applyAsInt(other.groups[group]));
            for (int i = 0; i < WIDTH; i++) {
                sums[at + i] = Math.addExact(sums[at + i], sign * other.sums[group * WIDTH + i]);
            }
        }
    }

    private int place(int group) {
        if (group >= places.length) {
            places = Arrays.copyOf(places, Math.max(group + 1, places.length * 2));
        }
        int place = places[group];
        if (place == 0) {
            place = ++count;
            places[group] = place;
            if (count > groups.length) {
                groups = Arrays.copyOf(groups, groups.length * 2);
                sums = Arrays.copyOf(sums, sums.length * 2);
            }
            groups[count - 1] = group;
        }
        return (place - 1) * WIDTH;
    }

    /** A group's sums, in a form that {@link #summary} reads; zeros if it has none. */
    public long[] sums(int group) {
        int place = group < places.length ? places[group] : 0;
        return place == 0 ? new long[WIDTH] : Arrays.copyOfRange(sums, (place - 1) * WIDTH, place * WIDTH);
    }

    /** The total that a group's sums are. */
    public static Summary summary(long[] sums) {
        return Figures.summary(sums, 0, sums[PARTIAL], sums[UNPRICED]);
    }

    /** Gives the totals of groups in which something counts. */
    public void forEach(Sink sink) {
        for (int i = 0; i < count; i++) {
            int at = i * WIDTH;
            if (!Figures.countNothing(sums, at)) {
                sink.total(groups[i], Figures.summary(sums, at, sums[at + PARTIAL], sums[at + UNPRICED]));
            }
        }
    }
}
