package dev.tokenledger;

import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which entries to list, newest call first (among equal instants the one written last). Immutable. */
public final class RecordQuery {

    /** The most entries on one page. */
    public static final int MAX_LIMIT = 10_000;

    private final TimeWindow window;
    private final Map<Dimension, String> filters;
    private final boolean history;
    private final int limit;
    private final @Nullable Cursor after;

    private RecordQuery(Builder builder) {
        window = builder.window;
        filters = Collections.unmodifiableMap(new LinkedHashMap<>(builder.filters));
        history = builder.history;
        limit = builder.limit;
        after = builder.after;
    }

    /** Starts a query over a window. */
    public static Builder over(TimeWindow window) {
        return new Builder(window);
    }

    /**
     * The same list of other calls: for whoever stands between those who ask and a ledger.
     *
     * @throws IllegalArgumentException if there are more than {@link SummaryQuery#MAX_DIMENSIONS} values
     */
    public RecordQuery about(TimeWindow other, Map<Dimension, String> values) {
        Builder builder = new Builder(other);
        builder.history = history;
        builder.limit = limit;
        builder.after = after;
        values.forEach(builder::where);
        return builder.build();
    }

    /** Which calls: those that happened in this window. */
    public TimeWindow window() {
        return window;
    }

    /** Values that records must have. */
    public Map<Dimension, String> filters() {
        return filters;
    }

    /** Whether reversed records and reversals are listed too, not just records in force. */
    public boolean history() {
        return history;
    }

    /** How many entries at most. */
    public int limit() {
        return limit;
    }

    /** The last entry of the page before, if any. */
    public Optional<Cursor> after() {
        return Optional.ofNullable(after);
    }

    /**
     * A place in the list. Entries written later do not move it.
     *
     * @param micros the call's instant, in microseconds since 1970
     * @param sequence the entry's place in the order of writing
     */
    public record Cursor(long micros, long sequence) {

        /**
         * Reads what {@link #toString} wrote.
         *
         * @throws IllegalArgumentException if the text is none of it
         */
        public static Cursor parse(String text) {
            int dash = text.indexOf('-', 1);
            try {
                return new Cursor(
                        Long.parseLong(text.substring(0, Math.max(dash, 0)), Character.MAX_RADIX),
                        Long.parseLong(text.substring(dash + 1), Character.MAX_RADIX));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("cursor: not one that this ledger gave", e);
            }
        }

        @Override
        public String toString() {
            return Long.toString(micros, Character.MAX_RADIX) + "-" + Long.toString(sequence, Character.MAX_RADIX);
        }
    }

    /** Builds a query. Not safe for use by several threads. */
    public static final class Builder {

        private final TimeWindow window;
        private final Map<Dimension, String> filters = new LinkedHashMap<>();
        private boolean history;
        private int limit = 100;
        private @Nullable Cursor after;

        private Builder(TimeWindow window) {
            this.window = Objects.requireNonNull(window, "window");
        }

        /**
         * Leaves in only records with this value; the empty value means "none". Blanks around it are left out, as those
         * around a record's texts are.
         *
         * @throws IllegalArgumentException if the dimension is filtered twice or there are too many filters
         */
        public Builder where(Dimension dimension, String value) {
            if (filters.putIfAbsent(dimension, value.strip()) != null) {
                throw new IllegalArgumentException("dimension " + dimension + " is filtered twice");
            }
            if (filters.size() > SummaryQuery.MAX_DIMENSIONS) {
                throw new IllegalArgumentException("at most " + SummaryQuery.MAX_DIMENSIONS + " filters");
            }
            return this;
        }

        /** Lists reversed records and reversals too. */
        public Builder history(boolean history) {
            this.history = history;
            return this;
        }

        /**
         * How many entries at most; default: 100.
         *
         * @throws IllegalArgumentException if it is not 1 to {@link #MAX_LIMIT}
         */
        public Builder limit(int entries) {
            if (entries < 1 || entries > MAX_LIMIT) {
                throw new IllegalArgumentException("limit: expected 1 to " + MAX_LIMIT + ", found " + entries);
            }
            limit = entries;
            return this;
        }

        /** Goes on behind the last entry of a page. */
        public Builder after(Cursor cursor) {
            after = cursor;
            return this;
        }

        /** The query. */
        public RecordQuery build() {
            return new RecordQuery(this);
        }
    }
}
