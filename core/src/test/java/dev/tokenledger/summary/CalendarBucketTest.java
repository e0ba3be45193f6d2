package dev.tokenledger.summary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CalendarBucketTest {

    /** Half and quarter hours, changes by 20 and 30 minutes and by a day, at midnight, at 00:01, at odd seconds. */
    private static final List<String> ZONES = List.of(
            "UTC",
            "Europe/Berlin",
            "America/New_York",
            "America/Sao_Paulo",
            "America/St_Johns",
            "America/Havana",
            "Africa/Cairo",
            "Africa/Casablanca",
            "Africa/Monrovia",
            "Asia/Kathmandu",
            "Asia/Gaza",
            "Asia/Beirut",
            "Asia/Pyongyang",
            "Antarctica/Troll",
            "Atlantic/Azores",
            "Australia/Lord_Howe",
            "Pacific/Apia",
            "Pacific/Chatham",
            "Pacific/Kwajalein",
            "Pacific/Kiritimati",
            "-03:30",
            "+14:00");

    @ParameterizedTest
    @EnumSource
    void buckets_partitionTime_inEveryZone(CalendarBucket bucket) {
        for (String name : ZONES) {
            ZoneId zone = ZoneId.of(name);
            Random random = new Random(name.hashCode());
            for (Instant instant : instants(zone, random)) {
                Supplier<String> what = () -> bucket + " of " + instant + " in " + zone;
                Instant start = bucket.startOf(instant, zone);
                Instant next = bucket.next(instant, zone);
                assertThat(start).as(what).isBeforeOrEqualTo(instant);
                assertThat(next).as(what).isAfter(instant);
                assertThat(bucket.startOf(start, zone)).as(what).isEqualTo(start);
                assertThat(bucket.next(start, zone)).as(what).isEqualTo(next);
                assertThat(bucket.startOf(next, zone)).as(what).isEqualTo(next);
                assertThat(bucket.startOf(next.minusNanos(1), zone)).as(what).isEqualTo(start);
                assertThat(bucket.next(start.minusNanos(1), zone)).as(what).isEqualTo(start);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"QUARTER_HOUR, HOUR", "HOUR, DAY", "DAY, WEEK", "DAY, MONTH"})
    void smallerBuckets_lieWholeInLargerOnes(CalendarBucket smaller, CalendarBucket larger) {
        for (String name : ZONES) {
            ZoneId zone = ZoneId.of(name);
            for (Instant instant : instants(zone, new Random(1))) {
                Instant last = smaller.next(instant, zone).minusNanos(1);
                assertThat(larger.startOf(last, zone))
                        .as(() -> smaller + " of " + instant + " in " + zone)
                        .isEqualTo(larger.startOf(smaller.startOf(instant, zone), zone));
            }
        }
    }

    /** Instants around the zone's changes of the clock, which is where a mistake would be, and anywhere. */
    private static List<Instant> instants(ZoneId zone, Random random) {
        List<Instant> instants = new ArrayList<>();
        List<Instant> changes = new ArrayList<>();
        ZoneOffsetTransition change = zone.getRules().nextTransition(Instant.EPOCH);
        while (change != null && change.getInstant().isBefore(Instant.parse("2040-01-01T00:00:00Z"))) {
            changes.add(change.getInstant());
            change = zone.getRules().nextTransition(change.getInstant());
        }
        for (Instant at : changes) {
            instants.add(at);
            instants.add(at.minusNanos(1));
            for (int i = 0; i < 3; i++) {
                instants.add(at.plusSeconds(random.nextInt(20_000) - 10_000L));
            }
            instants.add(at.plusSeconds(random.nextInt(400_000) - 200_000L));
        }
        for (int i = 0; i < 300; i++) {
            instants.add(Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000)));
        }
        instants.add(TimeWindow.MIN);
        instants.add(TimeWindow.MAX);
        return instants;
    }

    @ParameterizedTest
    @CsvSource({
        "QUARTER_HOUR, UTC, 2026-03-10T12:44:59.999999Z, 2026-03-10T12:30:00Z, 2026-03-10T12:45:00Z",
        "QUARTER_HOUR, Asia/Kathmandu, 2026-03-10T12:10:00Z, 2026-03-10T12:00:00Z, 2026-03-10T12:15:00Z",
        "HOUR, Asia/Kathmandu, 2026-03-10T12:10:00Z, 2026-03-10T11:15:00Z, 2026-03-10T12:15:00Z",
        "HOUR, Europe/Berlin, 2026-10-25T01:30:00Z, 2026-10-25T01:00:00Z, 2026-10-25T02:00:00Z",
        "DAY, Europe/Berlin, 2026-03-29T12:00:00Z, 2026-03-28T23:00:00Z, 2026-03-29T22:00:00Z",
        "DAY, Europe/Berlin, 2026-10-25T12:00:00Z, 2026-10-24T22:00:00Z, 2026-10-25T23:00:00Z",
        "DAY, Asia/Kathmandu, 2026-03-10T18:14:59Z, 2026-03-09T18:15:00Z, 2026-03-10T18:15:00Z",
        // Midnight does not exist on 4 November 2018 in São Paulo; the day begins at 01:00.
        "DAY, America/Sao_Paulo, 2018-11-04T12:00:00Z, 2018-11-04T03:00:00Z, 2018-11-05T02:00:00Z",
        // 18 February 2018 begins after the hour before midnight came twice.
        "DAY, America/Sao_Paulo, 2018-02-18T02:30:00Z, 2018-02-17T02:00:00Z, 2018-02-18T03:00:00Z",
        // Samoa had no 30 December 2011.
        "DAY, Pacific/Apia, 2011-12-30T09:59:59Z, 2011-12-29T10:00:00Z, 2011-12-30T10:00:00Z",
        "DAY, Pacific/Apia, 2011-12-30T10:00:00Z, 2011-12-30T10:00:00Z, 2011-12-31T10:00:00Z",
        // In St. John's the 7th began, went back to 23:01 on the 6th after a minute, and went on.
        "DAY, America/St_Johns, 2010-11-07T02:30:30Z, 2010-11-07T02:30:00Z, 2010-11-08T03:30:00Z",
        "DAY, America/St_Johns, 2010-11-07T03:00:00Z, 2010-11-07T02:30:00Z, 2010-11-08T03:30:00Z",
        "HOUR, America/St_Johns, 2010-11-07T03:00:00Z, 2010-11-07T02:31:00Z, 2010-11-07T03:30:00Z",
        "HOUR, Australia/Lord_Howe, 2026-04-04T15:10:00Z, 2026-04-04T15:00:00Z, 2026-04-04T15:30:00Z",
        "QUARTER_HOUR, Australia/Lord_Howe, 2026-10-03T15:50:00Z, 2026-10-03T15:45:00Z, 2026-10-03T16:00:00Z",
        "WEEK, UTC, 2026-03-01T23:59:59Z, 2026-02-23T00:00:00Z, 2026-03-02T00:00:00Z",
        "WEEK, UTC, 2026-01-01T00:00:00Z, 2025-12-29T00:00:00Z, 2026-01-05T00:00:00Z",
        "WEEK, Europe/Berlin, 2026-03-29T12:00:00Z, 2026-03-22T23:00:00Z, 2026-03-29T22:00:00Z",
        "MONTH, UTC, 2028-02-29T12:00:00Z, 2028-02-01T00:00:00Z, 2028-03-01T00:00:00Z",
        "MONTH, Asia/Kathmandu, 2026-02-28T18:15:00Z, 2026-02-28T18:15:00Z, 2026-03-31T18:15:00Z",
        // A month 24 hours short: it began at -10:00, and the new year at +14:00.
        "MONTH, Pacific/Apia, 2011-12-31T09:59:59Z, 2011-12-01T10:00:00Z, 2011-12-31T10:00:00Z"
    })
    void bucket_isAPeriodOfTheCalendar(
            CalendarBucket bucket, String zone, Instant instant, Instant start, Instant next) {
        assertThat(bucket.startOf(instant, ZoneId.of(zone))).isEqualTo(start);
        assertThat(bucket.next(instant, ZoneId.of(zone))).isEqualTo(next);
    }

    @Test
    void starts_cutAWindow_fromTheBucketItBeginsIn() {
        ZoneId zone = ZoneId.of("Europe/Berlin");
        Instant start = Instant.parse("2026-03-28T12:00:00Z");
        assertThat(CalendarBucket.DAY.starts(TimeWindow.of(start, Instant.parse("2026-03-30T22:00:00Z")), zone))
                .containsExactly(
                        Instant.parse("2026-03-27T23:00:00Z"),
                        Instant.parse("2026-03-28T23:00:00Z"),
                        Instant.parse("2026-03-29T22:00:00Z"));
        assertThat(CalendarBucket.DAY.starts(TimeWindow.of(start, start), zone)).isEmpty();
    }

    @Test
    void starts_ofTooManyBuckets_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CalendarBucket.HOUR.starts(TimeWindow.all(), ZoneOffset.UTC))
                .withMessageContaining("more than 100000 buckets of an hour")
                .withMessageContaining("ask for a larger bucket");
        assertThat(CalendarBucket.MONTH.starts(TimeWindow.all(), ZoneOffset.UTC))
                .hasSize(8_030 * 12);
    }

    @Test
    void days_areAsManyAsTheCalendarHas() {
        for (String name : ZONES) {
            ZoneId zone = ZoneId.of(name);
            Instant start = LocalDate.of(1990, 1, 1).atStartOfDay(zone).toInstant();
            Instant end = LocalDate.of(2030, 1, 1).atStartOfDay(zone).toInstant();
            int skipped =
                    name.equals("Pacific/Apia") || name.equals("Pacific/Kwajalein") || name.equals("Pacific/Kiritimati")
                            ? 1
                            : 0;
            assertThat(CalendarBucket.DAY.starts(TimeWindow.of(start, end), zone))
                    .as(name)
                    .hasSize(14_610 - skipped);
        }
    }

    @Test
    void names_areReadBack() {
        for (CalendarBucket bucket : CalendarBucket.values()) {
            assertThat(CalendarBucket.parse(" " + bucket.text())).isEqualTo(bucket);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CalendarBucket.parse("year"))
                .withMessage("unknown bucket \"year\"; expected quarter_hour, hour, day, week or month");
    }
}
