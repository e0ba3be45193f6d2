package dev.tokenledger.summary;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** What totals are asked for. Immutable and safe for use by many threads. */
public final class SummaryQuery {

    /** The most dimensions or filters that one query can have. */
    public static final int MAX_DIMENSIONS = 8;

    /** How rows are ordered within a bucket; buckets always come in the order of time. */
    public enum Order {
        /** Highest cost first, then by key. */
        COST,
        /** Most tokens (input, cache writes, cache reads and output) first, then by key. */
        TOKENS,
        /** Most records first, then by key. */
        RECORDS,
        /** By key alone, in the order of code points. */
        KEY
    }

    private final TimeWindow window;
    private final List<Dimension> dimensions;
    private final @Nullable CalendarBucket bucket;
    private final ZoneId zone;
    private final Map<Dimension, String> filters;
    private final Order order;
    private final int limit;
    private final @Nullable Instant asOf;

    private SummaryQuery(Builder builder) {
        window = builder.window;
        dimensions = List.copyOf(builder.dimensions);
        bucket = builder.bucket;
        zone = builder.zone;
        filters = Collections.unmodifiableMap(new LinkedHashMap<>(builder.filters));
        order = builder.order;
        limit = builder.limit;
        asOf = builder.asOf;
    }

    /** Starts a query over a window. */
    public static Builder over(TimeWindow window) {
        return new Builder(window);
    }

    /** Starts a query of the calls that this one is about, by its filters and as of its instant, in another window. */
    public Builder sameCalls(TimeWindow other) {
        Builder builder = new Builder(other);
        builder.filters.putAll(filters);
        builder.asOf = asOf;
        return builder;
    }

    /**
     * The same question about other calls: for whoever stands between those who ask and a ledger.
     *
     * @throws IllegalArgumentException if there are more than {@link #MAX_DIMENSIONS} values
     */
    public SummaryQuery about(TimeWindow other, Map<Dimension, String> values) {
        Builder builder = new Builder(other);
        builder.dimensions.addAll(dimensions);
        builder.bucket = bucket;
        builder.zone = zone;
        builder.order = order;
        builder.limit = limit;
        builder.asOf = asOf;
        values.forEach(builder::where);
        return builder.build();
    }

    /** Which calls: those that happened in this window. */
    public TimeWindow window() {
        return window;
    }

    /** What rows are grouped by, in this order; none gives one row. */
    public List<Dimension> dimensions() {
        return dimensions;
    }

    /** The calendar period that rows are cut by, if any. */
    public Optional<CalendarBucket> bucket() {
        return Optional.ofNullable(bucket);
    }

    /** The zone whose calendar is used; default: UTC. */
    public ZoneId zone() {
        return zone;
    }

    /** Values that records must have. */
    public Map<Dimension, String> filters() {
        return filters;
    }

    /** How rows are ordered within a bucket. */
    public Order order() {
        return order;
    }

    /** How many groups are shown (with buckets: the same groups in every bucket, chosen over the whole window). */
    public OptionalInt limit() {
        return limit == 0 ? OptionalInt.empty() : OptionalInt.of(limit);
    }

    /** Which entries: those that were recorded up to this instant, itself included; all of them if it is empty. */
    public Optional<Instant> asOf() {
        return Optional.ofNullable(asOf);
    }

    /** Builds a query. Not safe for use by several threads. */
    public static final class Builder {

        private final TimeWindow window;
        private final List<Dimension> dimensions = new ArrayList<>();
        private @Nullable CalendarBucket bucket;
        private ZoneId zone = ZoneOffset.UTC;
        private final Map<Dimension, String> filters = new LinkedHashMap<>();
        private Order order = Order.COST;
        private int limit;
        private @Nullable Instant asOf;

        private Builder(TimeWindow window) {
            this.window = Objects.requireNonNull(window, "window");
        }

        /**
         * Groups by these dimensions too.
         *
         * @throws IllegalArgumentException if one is named twice or there are more than {@link #MAX_DIMENSIONS}
         */
        public Builder by(Dimension... more) {
            return by(List.of(more));
        }

        /**
         * Groups by these dimensions too.
         *
         * @throws IllegalArgumentException if one is named twice or there are more than {@link #MAX_DIMENSIONS}
         */
        public Builder by(Collection<Dimension> more) {
            for (Dimension dimension : more) {
                if (dimensions.contains(dimension)) {
                    throw new IllegalArgumentException("dimension " + dimension + " is named twice");
                }
                dimensions.add(dimension);
            }
            if (dimensions.size() > MAX_DIMENSIONS) {
                throw new IllegalArgumentException("at most " + MAX_DIMENSIONS + " dimensions");
            }
            return this;
        }

        /** Cuts rows by a calendar period in a zone. */
        public Builder every(CalendarBucket bucket, ZoneId zone) {
            this.bucket = Objects.requireNonNull(bucket, "bucket");
            this.zone = Objects.requireNonNull(zone, "zone");
            return this;
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
            if (filters.size() > MAX_DIMENSIONS) {
                throw new IllegalArgumentException("at most " + MAX_DIMENSIONS + " filters");
            }
            return this;
        }

        /** Orders rows within a bucket; default: by cost. */
        public Builder order(Order order) {
            this.order = Objects.requireNonNull(order, "order");
            return this;
        }

        /**
         * Shows so many groups; the rest is one row marked as other.
         *
         * @param groups 1 or more
         * @throws IllegalArgumentException if it is less
         */
        public Builder limit(int groups) {
            if (groups < 1) {
                throw new IllegalArgumentException("limit: expected 1 or more, found " + groups);
            }
            limit = groups;
            return this;
        }

        /**
         * Asks what the ledger told at an instant: later entries, be they records, reversals or revaluations, are left out. An entry
         * is recorded shortly before it is committed, so the last moments of a busy ledger may still change. The single records of
         * the window are added up, see {@link dev.tokenledger.Ledger#readsRecords}.
         *
         * @throws IllegalArgumentException if no window reaches there
         */
        public Builder asOf(Instant recorded) {
            if (recorded.isBefore(TimeWindow.MIN) || recorded.isAfter(TimeWindow.MAX)) {
                throw new IllegalArgumentException(
                        "as of: expected an instant from " + TimeWindow.MIN + " to " + TimeWindow.MAX);
            }
            asOf = recorded;
            return this;
        }

        /** The query. */
        public SummaryQuery build() {
            return new SummaryQuery(this);
        }
    }
}
