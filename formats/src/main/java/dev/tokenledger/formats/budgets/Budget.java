package dev.tokenledger.formats.budgets;

import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.text.Texts;
import dev.tokenledger.text.Texts.Bound;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What calls of some kind may cost in a day or a month of the calendar.
 *
 * @param name what people call it; at most 128 characters, not blank
 * @param filters the values that a call has to have to count, at most 8, an empty one meaning calls without any; none for all
 *     calls
 * @param period how long the limit is for
 * @param limit more than 0 and at most 10¹² USD
 * @param zone whose days and months these are; empty for the zone of whoever asks
 * @param policy what follows from how it stands
 */
public record Budget(
        String name,
        Map<Dimension, String> filters,
        Period period,
        Usd limit,
        Optional<ZoneId> zone,
        BudgetPolicy policy) {

    private static final Usd MAX_LIMIT = Usd.of(BigDecimal.valueOf(1_000_000_000_000L));

    /** How long a limit is for. */
    public enum Period {
        /** From midnight to midnight; 23 or 25 hours where a clock is changed. */
        DAY(CalendarBucket.DAY),
        /** From the first of a month to the first of the next. */
        MONTH(CalendarBucket.MONTH);

        private final CalendarBucket bucket;
        private final String text = name().toLowerCase(Locale.ROOT);

        Period(CalendarBucket bucket) {
            this.bucket = bucket;
        }

        /** The same in the calendar. */
        public CalendarBucket bucket() {
            return bucket;
        }

        /** The name in files and JSON. */
        public String text() {
            return text;
        }
    }

    /** @throws IllegalArgumentException if a part is out of its range; the message names the part */
    public Budget {
        name = Texts.checked("name", name, Bound.ID);
        if (name.isEmpty()) {
            throw new IllegalArgumentException("name: must not be blank");
        }
        if (filters.size() > SummaryQuery.MAX_DIMENSIONS) {
            throw new IllegalArgumentException("where: at most " + SummaryQuery.MAX_DIMENSIONS + " dimensions");
        }
        filters = Collections.unmodifiableMap(new LinkedHashMap<>(filters));
        if (limit.signum() <= 0 || limit.compareTo(MAX_LIMIT) > 0) {
            throw new IllegalArgumentException(
                    "usd: expected more than 0 and at most " + MAX_LIMIT + ", found " + limit);
        }
    }

    /**
     * A budget of the {@linkplain BudgetPolicy#DEFAULT default policy}.
     *
     * @throws IllegalArgumentException if a part is out of its range; the message names the part
     */
    public Budget(String name, Map<Dimension, String> filters, Period period, Usd limit, Optional<ZoneId> zone) {
        this(name, filters, period, limit, zone, BudgetPolicy.DEFAULT);
    }

    /** The same budget of another policy. */
    public Budget withPolicy(BudgetPolicy other) {
        return new Budget(name, filters, period, limit, zone, other);
    }

    /** Whether a guard refuses calls that it has no room for. */
    public boolean isHard() {
        return policy.enforcement() == BudgetPolicy.Enforcement.HARD;
    }

    /** The zone whose days and months these are, where whoever asks is in this one. */
    public ZoneId zoneOr(ZoneId usual) {
        return zone.orElse(usual);
    }

    /** The whole period that an instant lies in. */
    TimeWindow window(Instant now, ZoneId usualZone) {
        ZoneId calendar = zoneOr(usualZone);
        return TimeWindow.of(period.bucket.startOf(now, calendar), period.bucket.next(now, calendar));
    }
}
