package dev.tokenledger.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.formats.query.ParameterException;
import dev.tokenledger.summary.TimeWindow;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ViewTest {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private static View view(String now, ZoneId zone, String... parameters) {
        Map<String, List<String>> all = new LinkedHashMap<>();
        for (int i = 0; i < parameters.length; i += 2) {
            all.put(parameters[i], List.of(parameters[i + 1]));
        }
        return new View(all, LocalDateTime.parse(now).atZone(zone).toInstant(), zone);
    }

    private static String local(TimeWindow window, ZoneId zone) {
        return LocalDateTime.ofInstant(window.start(), zone) + " " + LocalDateTime.ofInstant(window.end(), zone);
    }

    @ParameterizedTest
    @CsvSource({
        // As far into the span before as now is into this one.
        "today,        2026-11-22T12:00, 2026-11-21T00:00 2026-11-21T12:00",
        "yesterday,    2026-11-22T12:00, 2026-11-20T00:00 2026-11-21T00:00",
        "last_7_days,  2026-11-22T12:00, 2026-11-09T00:00 2026-11-15T12:00",
        "last_30_days, 2026-11-22T12:00, 2026-09-24T00:00 2026-10-23T12:00",
        "week,         2026-11-25T12:00, 2026-11-16T00:00 2026-11-18T12:00",
        "month,        2026-11-22T12:00, 2026-10-01T00:00 2026-10-22T12:00",
        "last_month,   2026-11-22T12:00, 2026-09-01T00:00 2026-10-01T00:00",
        "year,         2026-11-22T12:00, 2025-01-01T00:00 2025-11-22T12:00",
        // A month of 31 days after one of 28: it never reaches into the month that it is compared with.
        "month,        2026-03-31T12:00, 2026-02-01T00:00 2026-02-28T12:00",
        "month,        2026-03-29T23:00, 2026-02-01T00:00 2026-02-28T23:00",
        // The clocks go forward on 29 March and back on 25 October 2026: it is noon by the clock all the same.
        "today,        2026-03-29T12:00, 2026-03-28T00:00 2026-03-28T12:00",
        "today,        2026-03-30T02:30, 2026-03-29T00:00 2026-03-29T03:30",
        "today,        2026-10-26T12:00, 2026-10-25T00:00 2026-10-25T12:00"
    })
    void before_isTheSamePartOfTheSpanBefore(String period, String now, String expected) {
        assertThat(local(view(now, BERLIN, "period", period).before().orElseThrow(), BERLIN))
                .isEqualTo(expected);
    }

    @Test
    void before_neverReachesIntoItsOwnWindow() {
        Instant start = Instant.parse("2026-03-01T00:00:00Z");
        TimeWindow march = TimeWindow.of(start, Instant.parse("2026-04-01T00:00:00Z"));
        TimeWindow before = View.before(march, Range.MONTH.length(), march, ZoneOffset.UTC);
        assertThat(before).isEqualTo(TimeWindow.of(Instant.parse("2026-02-01T00:00:00Z"), start));
        TimeWindow later = TimeWindow.of(start, Instant.parse("2026-05-01T00:00:00Z"));
        assertThat(View.before(later, Range.MONTH.length(), later, ZoneOffset.UTC)
                        .end())
                .isEqualTo(start);
    }

    @Test
    void before_ofDatesIsAsManyDays() {
        View view = view("2026-11-22T12:00", ZoneOffset.UTC, "from", "2026-11-02", "through", "2026-11-04");
        assertThat(local(view.before().orElseThrow(), ZoneOffset.UTC)).isEqualTo("2026-10-30T00:00 2026-11-02T00:00");
        View open = view("2026-11-22T12:00", ZoneOffset.UTC, "from", "2026-11-20");
        assertThat(local(open.before().orElseThrow(), ZoneOffset.UTC)).isEqualTo("2026-11-17T00:00 2026-11-19T12:00");
        assertThat(view("2026-11-22T12:00", ZoneOffset.UTC, "through", "2026-11-20")
                        .before())
                .isEmpty();
        assertThat(view("2026-11-22T12:00", ZoneOffset.UTC, "period", "all").before())
                .isEmpty();
    }

    @Test
    void window_isWholeDaysOfTheZone() {
        assertThat(local(view("2026-03-29T12:00", BERLIN, "period", "today").window(), BERLIN))
                .isEqualTo("2026-03-29T00:00 2026-03-30T00:00");
        View kathmandu = view("2026-11-22T20:00", ZoneOffset.UTC, "period", "today", "zone", "Asia/Kathmandu");
        assertThat(kathmandu.window().start()).isEqualTo(Instant.parse("2026-11-22T18:15:00Z"));
        assertThat(kathmandu.elapsed().end()).isEqualTo(Instant.parse("2026-11-22T20:00:00Z"));
    }

    @Test
    void whole_isSaidByYesAlone() {
        View view = view("2026-11-22T12:00", BERLIN, "group_by", "session", "whole", "yes");
        assertThat(view.whole()).isTrue();
        assertThat(view.isCanonical()).isTrue();
        assertThat(view.on("/")).hasToString("/?group_by=session");
        assertThat(view("2026-11-22T12:00", BERLIN, "whole", "yes").isCanonical())
                .isFalse();
        assertThatThrownBy(() -> view("2026-11-22T12:00", BERLIN, "whole", "no"))
                .isInstanceOfSatisfying(
                        ParameterException.class, e -> assertThat(e.parameter()).isEqualTo("whole"));
    }
}
