package dev.tokenledger.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.TimeWindow;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BucketsTest {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final LocalDate FIRST = LocalDate.parse("2026-01-01");

    private static Buckets of(int days, CalendarBucket asked) {
        return Buckets.of(
                Range.days(FIRST, FIRST.plusDays(days), ZoneOffset.UTC), Optional.ofNullable(asked), ZoneOffset.UTC);
    }

    @ParameterizedTest
    @CsvSource({"1, HOUR, 24", "4, HOUR, 96", "7, DAY, 7", "90, DAY, 90", "365, WEEK, 53", "1460, MONTH, 48"})
    void size_suitsTheWindow(int days, CalendarBucket size, int bars) {
        Buckets buckets = of(days, null);
        assertThat(buckets.size()).isEqualTo(size);
        assertThat(buckets.starts()).hasSize(bars);
        assertThat(buckets.coarser()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "1, QUARTER_HOUR, QUARTER_HOUR, 96, false",
        "4, QUARTER_HOUR, QUARTER_HOUR, 384, false",
        "5, QUARTER_HOUR, HOUR, 120, true",
        "16, HOUR, HOUR, 384, false",
        "90, HOUR, DAY, 90, true",
        "90, QUARTER_HOUR, DAY, 90, true",
        "365, DAY, DAY, 365, false",
        "730, DAY, WEEK, 105, true",
        "90, MONTH, MONTH, 3, false"
    })
    void askedSize_isKeptWhereItFits(int days, CalendarBucket asked, CalendarBucket size, int bars, boolean coarser) {
        Buckets buckets = of(days, asked);
        assertThat(buckets.size()).isEqualTo(size);
        assertThat(buckets.starts()).hasSize(bars);
        assertThat(buckets.coarser()).isEqualTo(coarser);
    }

    @Test
    void tooManyMonths_areTheLatest() {
        TimeWindow centuries =
                TimeWindow.of(Instant.parse("1980-01-01T00:00:00Z"), Instant.parse("2026-01-01T00:00:00Z"));
        Buckets buckets = Buckets.of(centuries, Optional.empty(), ZoneOffset.UTC);
        assertThat(buckets.size()).isEqualTo(CalendarBucket.MONTH);
        assertThat(buckets.starts()).hasSize(Buckets.MAX_BUCKETS);
        assertThat(buckets.starts().get(Buckets.MAX_BUCKETS - 1))
                .isEqualTo(OffsetDateTime.parse("2025-12-01T00:00:00Z"));
        assertThat(buckets.window())
                .isEqualTo(TimeWindow.of(buckets.starts().get(0).toInstant(), centuries.end()));
        assertThat(buckets.coarser()).isTrue();
    }

    @Test
    void days_haveTheHoursThatTheClockHas() {
        LocalDate forward = LocalDate.parse("2026-03-29");
        Buckets hours =
                Buckets.of(Range.days(forward, forward.plusDays(1), BERLIN), Optional.of(CalendarBucket.HOUR), BERLIN);
        assertThat(hours.starts()).hasSize(23).contains(OffsetDateTime.parse("2026-03-29T03:00:00+02:00"));
        LocalDate back = LocalDate.parse("2026-10-25");
        assertThat(Buckets.of(Range.days(back, back.plusDays(1), BERLIN), Optional.of(CalendarBucket.HOUR), BERLIN)
                        .starts())
                .hasSize(25)
                .doesNotHaveDuplicates()
                .isSorted();
    }

    @Test
    void emptyWindow_hasNoBars() {
        Instant now = Instant.parse("2026-11-22T12:34:56Z");
        assertThat(Buckets.of(TimeWindow.of(now, now), Optional.empty(), BERLIN).starts())
                .isEmpty();
    }

    @Test
    void firstBar_holdsTheWindowsStart() {
        TimeWindow ragged = TimeWindow.of(Instant.parse("2026-11-22T07:17:05Z"), Instant.parse("2026-11-22T09:00:00Z"));
        assertThat(Buckets.of(ragged, Optional.empty(), ZoneOffset.UTC).starts())
                .containsExactly(
                        OffsetDateTime.parse("2026-11-22T07:00:00Z"), OffsetDateTime.parse("2026-11-22T08:00:00Z"));
    }
}
