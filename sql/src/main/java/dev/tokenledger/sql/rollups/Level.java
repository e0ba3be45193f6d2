package dev.tokenledger.sql.rollups;

/**
 * The periods that roll-ups are kept for, each a whole number of the one before, counted from 1970 in UTC.
 *
 * <p>Quarters serve zones whose offset is no whole hour; the longest keeps the total of years small. Periods have fixed
 * lengths and follow no calendar: a calendar's buckets are put together from them.
 */
public enum Level {
    QUARTER(900_000_000L),
    HOUR(4 * QUARTER.micros),
    DAY(24 * HOUR.micros),
    DAYS_32(32 * DAY.micros);

    /** How long a period is, in microseconds. */
    public final long micros;

    private static final Level[] ALL = values();
    private static final int PERIOD_BITS = 32;
    private static final int LEVEL_BITS = 4;

    Level(long micros) {
        this.micros = micros;
    }

    /** The first level of roll-ups by attribute: at quarters their cells are hardly fewer than the records. */
    public static Level first(long attribute) {
        return attribute == 0 ? QUARTER : HOUR;
    }

    /** The period that an instant lies in. */
    public long period(long instant) {
        return instant / micros;
    }

    /** The next longer level, which there is but for the last. */
    public Level above() {
        return ALL[ordinal() + 1];
    }

    /** The next shorter level. */
    public Level below() {
        return ALL[ordinal() - 1];
    }

    /**
     * The page of a period: 27 bits of attribute key, 4 of level, 32 of period.
     *
     * @param attribute the attribute key that the roll-up is by; 0 for none
     */
    public long page(long attribute, long period) {
        return (attribute << (LEVEL_BITS + PERIOD_BITS)) | ((long) ordinal() << PERIOD_BITS) | period;
    }

    public static Level ofPage(long page) {
        return ALL[(int) (page >> PERIOD_BITS) & ((1 << LEVEL_BITS) - 1)];
    }

    public static long attributeOfPage(long page) {
        return page >> (LEVEL_BITS + PERIOD_BITS);
    }

    public static long periodOfPage(long page) {
        return page & 0xffff_ffffL;
    }
}
