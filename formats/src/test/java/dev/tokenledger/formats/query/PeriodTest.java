package dev.tokenledger.formats.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.summary.TimeWindow;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeriodTest {

    @ParameterizedTest
    @CsvSource({
        "TODAY, UTC, 2026-11-22T12:00:00Z, 2026-11-22T00:00:00Z, 2026-11-23T00:00:00Z",
        "TODAY, Europe/Berlin, 2026-11-22T23:30:00Z, 2026-11-22T23:00:00Z, 2026-11-23T23:00:00Z",
        "TODAY, Asia/Kathmandu, 2026-11-22T12:00:00Z, 2026-11-21T18:15:00Z, 2026-11-22T18:15:00Z",
        // Summer time ends: a day of 25 hours, and yesterday before it.
        "TODAY, Europe/Berlin, 2026-10-25T12:00:00Z, 2026-10-24T22:00:00Z, 2026-10-25T23:00:00Z",
        "YESTERDAY, Europe/Berlin, 2026-10-26T12:00:00Z, 2026-10-24T22:00:00Z, 2026-10-25T23:00:00Z",
        // Summer time begins: a day of 23 hours.
        "TODAY, Europe/Berlin, 2026-03-29T12:00:00Z, 2026-03-28T23:00:00Z, 2026-03-29T22:00:00Z",
        "WEEK, UTC, 2026-11-22T12:00:00Z, 2026-11-16T00:00:00Z, 2026-11-23T00:00:00Z",
        "WEEK, UTC, 2026-11-16T00:00:00Z, 2026-11-16T00:00:00Z, 2026-11-23T00:00:00Z",
        "MONTH, UTC, 2026-11-22T12:00:00Z, 2026-11-01T00:00:00Z, 2026-12-01T00:00:00Z",
        "LAST_MONTH, UTC, 2026-11-22T12:00:00Z, 2026-10-01T00:00:00Z, 2026-11-01T00:00:00Z",
        "LAST_MONTH, Europe/Berlin, 2026-11-22T12:00:00Z, 2026-09-30T22:00:00Z, 2026-10-31T23:00:00Z",
        "LAST_MONTH, UTC, 2027-01-01T00:00:00Z, 2026-12-01T00:00:00Z, 2027-01-01T00:00:00Z",
        "MONTH, America/Los_Angeles, 2026-11-01T03:00:00Z, 2026-10-01T07:00:00Z, 2026-11-01T07:00:00Z"
    })
    void window_isTheWholePeriodOfTheZone(Period period, String zone, Instant now, Instant start, Instant end) {
        assertThat(period.window(now, ZoneId.of(zone))).isEqualTo(TimeWindow.of(start, end));
    }

    @Test
    void window_ofAll_leavesNothingOut() {
        assertThat(Period.ALL.window(Instant.parse("2026-11-22T12:00:00Z"), ZoneId.of("UTC")))
                .isEqualTo(TimeWindow.all());
    }
}
