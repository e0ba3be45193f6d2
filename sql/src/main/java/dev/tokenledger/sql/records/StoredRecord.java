package dev.tokenledger.sql.records;

import org.jspecify.annotations.Nullable;

/**
 * A row of a record or a reversal as the database holds it, in the same form whatever the database. A backend fills one, gives
 * it away, and may fill it again for the next row. Used by one thread.
 */
public final class StoredRecord {

    /** Columns that hold numbers. */
    public enum Number {
        /** The entry's number. */
        SEQUENCE,
        /** 0 for a usage record, 1 for a reversal. */
        KIND,
        /** Microseconds since 1970. */
        OCCURRED,
        /** Microseconds since 1970. */
        RECORDED,
        /** Never none. */
        COMBINATION,
        /** None for no session and no conversation. */
        THREAD,
        /** None for no attributes. */
        ATTRIBUTES,
        /** None for none of them. */
        RARE_FIELDS,
        /** None for an unpriced record. */
        PRICE,
        INPUT,
        OUTPUT,
        CACHE_READ,
        CACHE_CREATION,
        CACHE_CREATION_5M,
        CACHE_CREATION_1H,
        REASONING,
        /** Picodollars. */
        COST,
        /** Milliseconds. */
        DURATION,
        /** Picodollars. */
        REPORTED_COST;

        private static final int COUNT = values().length;
    }

    /** Columns that hold texts. */
    public enum Text {
        /** A UUID in its canonical form, whatever form it is stored in. */
        ID,
        /** As {@link #ID}. */
        REQUEST_ID,
        /** As {@link #ID}. */
        UPSTREAM_REQUEST_ID,
        /** A flat JSON object, see {@link PreparedRecord#extra}. */
        EXTRA;

        private static final int COUNT = values().length;
    }

    private final long[] numbers = new long[Number.COUNT];
    private final @Nullable String[] texts = new @Nullable String[Text.COUNT];
    private int present;

    /** Empties it. */
    public void clear() {
        present = 0;
        java.util.Arrays.fill(numbers, 0);
        java.util.Arrays.fill(texts, null);
    }

    /** Sets a number that the row has. */
    public void set(Number column, long value) {
        numbers[column.ordinal()] = value;
        present |= 1 << column.ordinal();
    }

    /** Sets a text; null for none. */
    public void set(Text column, @Nullable String value) {
        texts[column.ordinal()] = value;
    }

    /** A number; 0 for none. */
    public long number(Number column) {
        return numbers[column.ordinal()];
    }

    /** Whether the row has a number there. */
    public boolean has(Number column) {
        return (present & 1 << column.ordinal()) != 0;
    }

    /** A number; null for none. */
    public @Nullable Long optional(Number column) {
        return has(column) ? (Long) numbers[column.ordinal()] : null;
    }

    /** A text; empty for none. */
    public String text(Text column) {
        String text = texts[column.ordinal()];
        return text == null ? "" : text;
    }
}
