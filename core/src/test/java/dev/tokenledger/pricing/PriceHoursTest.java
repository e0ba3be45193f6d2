package dev.tokenledger.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.DayOfWeek;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PriceHoursTest {

    /** 2026-06-01 is a Monday. */
    @ParameterizedTest
    @CsvSource({
        "2026-06-01T00:59:59.999999Z, false",
        "2026-06-01T01:00:00Z, true",
        "2026-06-01T03:59:59.999999Z, true",
        "2026-06-01T04:00:00Z, false",
        "2026-06-05T09:59:59Z, true",
        "2026-06-06T02:00:00Z, false",
        "2026-06-07T07:00:00Z, false",
        // Friday's evening runs into Saturday, Sunday's is none.
        "2026-06-05T22:30:00Z, true",
        "2026-06-06T00:29:59Z, true",
        "2026-06-06T00:30:00Z, false",
        "2026-06-06T22:30:00Z, false",
        "2026-06-08T00:10:00Z, false",
        "2026-06-09T00:10:00Z, true"
    })
    void severalSpans_holdOnTheDaysOnWhichTheyBegin(Instant at, boolean inside) {
        PriceHours hours = hours("mon-fri", "22:00-00:30", "01:00-04:00", "06:00-10:00");
        assertThat(hours.contains(at)).isEqualTo(inside);
        assertThat(hours).hasToString("01:00-04:00,06:00-10:00,22:00-00:30 mon-fri");
    }

    @Test
    void daysAlone_areWholeDays() {
        PriceHours weekend = hours("sat,sun");
        assertThat(weekend.contains(Instant.parse("2026-06-05T23:59:59Z"))).isFalse();
        assertThat(weekend.contains(Instant.parse("2026-06-06T00:00:00Z"))).isTrue();
        assertThat(weekend.contains(Instant.parse("2026-06-07T23:59:59Z"))).isTrue();
        assertThat(weekend.contains(Instant.parse("2026-06-08T00:00:00Z"))).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mon-fri | mon-fri",
                "sun | sun",
                "Saturday, SUN | sat-sun",
                "fri-mon | mon,fri-sun",
                "wed,mon-tue | mon-wed",
                "mon,wed,fri | mon,wed,fri",
                "mon-sun | ''"
            })
    void days_areReadInAnyForm_andWrittenInOne(String text, String written) {
        Set<DayOfWeek> days = PriceHours.parseDays(text);
        assertThat(new PriceHours(List.of(DailySpan.parse("01:00-02:00")), days).daysText())
                .isEqualTo(written);
        assertThat(written.isEmpty() ? EnumSet.allOf(DayOfWeek.class) : PriceHours.parseDays(written))
                .isEqualTo(days);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "mo", "mon-", "-fri", "mon-tue-wed", "workday", "1-5", "mon;tue", "pzt"})
    void daysOfAnotherForm_areRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PriceHours.parseDays(text))
                .withMessageStartingWith("days: expected days of the week");
    }

    @Test
    void whatLeavesNothingOut_orOverlapsItself_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> hours("mon-sun"))
                .withMessageStartingWith("hours: the whole of every day");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> hours("mon", "01:00-03:00", "02:59-05:00"))
                .withMessageStartingWith("hours: 01:00-03:00 and 02:59-05:00 overlap");
    }

    @ParameterizedTest
    @CsvSource({
        "mon-fri, 01:00-04:00, sat-sun, 01:00-04:00, false",
        "mon-fri, 01:00-04:00, fri-sun, 03:59-05:00, true",
        "mon-fri, 22:00-02:00, sat, 01:59-03:00, true",
        "mon-fri, 22:00-02:00, sat, 02:00-03:00, false",
        "sun, 22:00-02:00, mon, 00:00-01:00, true"
    })
    void overlaps_countTheDays(String days, String span, String otherDays, String otherSpan, boolean overlap) {
        assertThat(hours(days, span).overlaps(hours(otherDays, otherSpan))).isEqualTo(overlap);
        assertThat(hours(otherDays, otherSpan).overlaps(hours(days, span))).isEqualTo(overlap);
    }

    private static PriceHours hours(String days, String... spans) {
        return new PriceHours(PriceHours.parseSpans(List.of(spans)), PriceHours.parseDays(days));
    }
}
