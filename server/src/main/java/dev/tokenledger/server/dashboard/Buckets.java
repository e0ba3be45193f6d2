package dev.tokenledger.server.dashboard;

import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.TimeWindow;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

/**
 * The bars of a chart.
 *
 * @param size of each
 * @param starts where each begins, without a gap
 * @param window what they cover of what was asked for
 * @param coarser whether smaller bars were asked for than a chart can show
 */
record Buckets(CalendarBucket size, List<OffsetDateTime> starts, TimeWindow window, boolean coarser) {

    static final int MAX_BUCKETS = 400;

    private static final int ENOUGH = 100;
    private static final List<CalendarBucket> SIZES = List.of(
            CalendarBucket.QUARTER_HOUR,
            CalendarBucket.HOUR,
            CalendarBucket.DAY,
            CalendarBucket.WEEK,
            CalendarBucket.MONTH);

    /** The bars of a window: of the asked size if there are few enough of them, else of the next one that fits. */
    static Buckets of(TimeWindow window, Optional<CalendarBucket> asked, ZoneId zone) {
        CalendarBucket least = asked.orElse(CalendarBucket.HOUR);
        int most = asked.isPresent() ? MAX_BUCKETS : ENOUGH;
        CalendarBucket size = SIZES.stream()
                .filter(candidate -> candidate.compareTo(least) >= 0 && count(candidate, window) <= most)
                .findFirst()
                .orElse(CalendarBucket.MONTH);
        List<Instant> starts = size.starts(window, zone);
        // Months alone can be too many: the latest ones are shown.
        List<Instant> shown = starts.subList(Math.max(0, starts.size() - MAX_BUCKETS), starts.size());
        TimeWindow covered = shown.size() == starts.size() ? window : TimeWindow.of(shown.get(0), window.end());
        boolean coarser = (asked.isPresent() && size != least) || shown.size() < starts.size();
        return new Buckets(
                size,
                shown.stream()
                        .map(start -> start.atZone(zone).toOffsetDateTime())
                        .toList(),
                covered,
                coarser);
    }

    private static long count(CalendarBucket size, TimeWindow window) {
        Duration each = switch (size) {
            case QUARTER_HOUR -> Duration.ofMinutes(15);
            case HOUR -> Duration.ofHours(1);
            case DAY -> Duration.ofDays(1);
            case WEEK -> Duration.ofDays(7);
            case MONTH -> Duration.ofDays(30);
        };
        return Duration.between(window.start(), window.end()).dividedBy(each);
    }
}
