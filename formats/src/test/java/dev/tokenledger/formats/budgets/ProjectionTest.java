package dev.tokenledger.formats.budgets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.TimeWindow;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProjectionTest {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final Usd TEN = Usd.parse("10");

    /** Lengths in Berlin: 30 days and an hour in October, 28 days in February, days of 23, 24 and 25 hours. */
    @ParameterizedTest
    @CsvSource({
        "MONTH, 2026-11-16T00:00:00+01:00, 20",
        "MONTH, 2026-11-02T00:00:00+01:00, 300",
        "MONTH, 2026-02-15T00:00:00+01:00, 20",
        "MONTH, 2028-02-15T12:00:00+01:00, 20",
        "MONTH, 2026-10-25T03:30:00+01:00, 12.833763996555", // 745 hours, of which 580.5 have passed
        "DAY, 2026-11-22T12:00:00+01:00, 20",
        "DAY, 2026-11-22T01:00:00+01:00, 240",
        "DAY, 2026-03-29T12:00:00+02:00, 20.909090909091", // 23 hours, of which 11 have passed
        "DAY, 2026-10-25T12:00:00+01:00, 19.230769230769" // 25 hours, of which 13 have passed
    })
    void paceSoFar_goesOn(CalendarBucket period, String now, String expected) {
        assertThat(project(period, now)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"MONTH, 2026-11-01T23:59:59+01:00", "DAY, 2026-11-22T00:59:59+01:00", "DAY, 2026-10-25T00:59:59+02:00"})
    void tooEarly_saysNothing(CalendarBucket period, String now) {
        assertThat(project(period, now)).isEqualTo("none");
    }

    @Test
    void periodThatIsOver_cameToWhatItCost() {
        Instant start = Instant.parse("2026-11-01T00:00:00Z");
        TimeWindow november = TimeWindow.of(start, CalendarBucket.MONTH.next(start, ZoneId.of("UTC")));
        assertThat(Projection.of(TEN, november, november.end())).contains(TEN);
        assertThat(Projection.of(TEN, november, november.end().plusSeconds(86_400 * 30)))
                .contains(TEN);
        assertThat(Projection.of(TEN, november, start.minusSeconds(1))).isEmpty();
    }

    private static String project(CalendarBucket period, String time) {
        Instant now = OffsetDateTime.parse(time).toInstant();
        TimeWindow window = TimeWindow.of(period.startOf(now, BERLIN), period.next(now, BERLIN));
        return Projection.of(TEN, window, now).map(Usd::toString).orElse("none");
    }
}
