package dev.tokenledger.sql.records;

/**
 * What a row of {@code records} is, as its column {@code kind} says: even kinds add to totals, odd ones take away again what a row
 * before them added. So totals are sums over rows, whatever was done to a record.
 *
 * <p>A revaluation is two rows at the instant of the call: one takes away what the record counted until then, the other is the
 * record at its new cost. An adjustment is money without usage: it counts no record.
 */
public final class RowKind {

    /** A record of usage. */
    public static final int USAGE = 0;

    /** Takes away a record. */
    public static final int REVERSAL = 1;

    /** A record at another cost. */
    public static final int REVALUATION = 2;

    /** Takes away a record at the cost before a revaluation; a part of that one, and no entry of its own. */
    public static final int WITHDRAWAL = 3;

    /** An amount that no record stands for. */
    public static final int ADJUSTMENT = 4;

    /** Takes away an adjustment. */
    public static final int ADJUSTMENT_REVERSAL = 5;

    private RowKind() {}

    /** The kind of the row that takes away a record or an adjustment. */
    public static int reversalOf(int kind) {
        return kind == ADJUSTMENT ? ADJUSTMENT_REVERSAL : REVERSAL;
    }

    /** How many records a row adds to totals: 1, -1 or 0. */
    public static long records(int kind) {
        return kind >= ADJUSTMENT ? 0 : 1 - 2L * (kind & 1);
    }
}
