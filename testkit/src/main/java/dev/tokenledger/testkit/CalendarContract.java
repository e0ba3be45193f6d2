package dev.tokenledger.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is promised of windows cut anywhere, and of totals cut by the calendar of a zone. */
abstract class CalendarContract extends SummaryContract {

    @Test
    void window_isHalfOpen_toTheMicrosecond() {
        Instant micro = Samples.NOW.plusNanos(1_000);
        append(at("r1", 0), Samples.builder("r2").timestamp(micro).build());
        assertThat(ledger.summary(TimeWindow.of(Samples.NOW, micro)).totalRecords())
                .isEqualTo(1);
        assertThat(ledger.summary(TimeWindow.of(micro, micro.plusNanos(1_000))).totalRecords())
                .isEqualTo(1);
        assertThat(ledger.summary(TimeWindow.of(micro, Samples.NOW.plusSeconds(1)))
                        .totalRecords())
                .isEqualTo(1);
        // An end between two microseconds takes in the earlier one.
        assertThat(ledger.summary(TimeWindow.of(Samples.NOW, micro.plusNanos(1)))
                        .totalRecords())
                .isEqualTo(2);
    }

    @Test
    void window_cutInsideHoursAndDays_takesInWhatLiesBetween() {
        Instant start = Instant.parse("2026-03-08T22:59:59.999999Z");
        Instant end = Instant.parse("2026-03-12T01:00:00.000001Z");
        List<Instant> inside = List.of(
                start,
                Instant.parse("2026-03-08T23:00:00Z"),
                Instant.parse("2026-03-08T23:59:59.999999Z"),
                Instant.parse("2026-03-09T00:00:00Z"),
                Instant.parse("2026-03-11T23:59:59.999999Z"),
                Instant.parse("2026-03-12T00:00:00Z"),
                Instant.parse("2026-03-12T01:00:00Z"));
        List<Instant> outside =
                List.of(start.minusNanos(1_000), Instant.parse("2026-03-08T00:00:00Z"), end, end.plusSeconds(3_000));
        inside.forEach(instant -> append(UsageRecord.builder()
                .model(Samples.BETA)
                .timestamp(instant)
                .inputTokens(1)
                .build()));
        outside.forEach(instant -> append(UsageRecord.builder()
                .model(Samples.BETA)
                .timestamp(instant)
                .inputTokens(1_000)
                .build()));
        assertThat(ledger.summary(TimeWindow.of(start, end)).totalInputTokens()).isEqualTo(inside.size());
    }

    @Test
    void limit_choosesTheSameGroupsForEveryBucket() {
        Instant tomorrow = Samples.NOW.plusSeconds(86_400);
        append(
                cost("r1", "a", "5"),
                cost("r2", "b", "1"),
                cost("r3", "c", "2"),
                cost("r4", "b", "5.5").toBuilder().timestamp(tomorrow).build(),
                cost("r5", "c", "1").toBuilder().timestamp(tomorrow).build());
        List<GroupedSummary> rows = ledger.summaries(SummaryQuery.over(TimeWindow.all())
                .by(Dimension.TASK)
                .every(CalendarBucket.DAY, ZoneId.of("UTC"))
                .limit(2)
                .build());
        assertThat(rows)
                .extracting(row -> row.bucket().orElseThrow().getDayOfMonth() + " " + row.key() + " "
                        + row.summary().totalCost() + (row.other() ? " other" : ""))
                .containsExactly("10 a 5", "10 b 1", "10  2 other", "11 b 5.5", "11  1 other");
    }

    @ParameterizedTest
    @CsvSource({
        "Europe/Berlin, 2026-03-29, 23",
        "Europe/Berlin, 2026-10-25, 25",
        "Europe/Berlin, 2026-06-01, 24",
        "Asia/Kathmandu, 2026-03-29, 24"
    })
    void days_have23And25Hours(String zone, String day, int hours) {
        ZoneId calendar = ZoneId.of(zone);
        Instant start = LocalDate.parse(day).atStartOfDay(calendar).toInstant();
        for (int i = -2; i < 28; i++) {
            append(Samples.builder("h" + i)
                    .timestamp(start.plusSeconds(i * 3_600L + 1))
                    .build());
        }
        List<GroupedSummary> rows = ledger.summaries(SummaryQuery.over(TimeWindow.all())
                .every(CalendarBucket.DAY, calendar)
                .build());
        assertThat(rows).hasSize(3);
        GroupedSummary row = rows.get(1);
        assertThat(row.bucket().orElseThrow().toInstant()).isEqualTo(start);
        assertThat(row.bucket().orElseThrow().getOffset())
                .isEqualTo(calendar.getRules().getOffset(start));
        assertThat(row.keys()).isEmpty();
        assertThat(row.summary().totalRecords()).isEqualTo(hours);
        assertThat(ledger.summaries(SummaryQuery.over(TimeWindow.of(start, start.plusSeconds(hours * 3_600L)))
                        .every(CalendarBucket.HOUR, calendar)
                        .build()))
                .hasSize(hours);
    }

    @Test
    void weeksBeginOnMonday_andMonthsOnTheFirst_inTheAskedZone() {
        ZoneId zone = ZoneId.of("Asia/Kathmandu");
        append(
                // Sunday and Monday, the last of February and the first of March, on either side of 18:15 UTC.
                Samples.builder("sunday")
                        .timestamp(Instant.parse("2026-03-01T18:14:59.999999Z"))
                        .build(),
                Samples.builder("monday")
                        .timestamp(Instant.parse("2026-03-01T18:15:00Z"))
                        .build(),
                Samples.builder("february")
                        .timestamp(Instant.parse("2026-02-28T18:14:59.999999Z"))
                        .build());
        assertThat(buckets(CalendarBucket.WEEK, zone))
                .containsExactly("2026-02-23T00:00+05:45 2", "2026-03-02T00:00+05:45 1");
        assertThat(buckets(CalendarBucket.MONTH, zone))
                .containsExactly("2026-02-01T00:00+05:45 1", "2026-03-01T00:00+05:45 2");
        assertThat(buckets(CalendarBucket.HOUR, zone))
                .containsExactly("2026-02-28T23:00+05:45 1", "2026-03-01T23:00+05:45 1", "2026-03-02T00:00+05:45 1");
        assertThat(buckets(CalendarBucket.QUARTER_HOUR, zone))
                .containsExactly("2026-02-28T23:45+05:45 1", "2026-03-01T23:45+05:45 1", "2026-03-02T00:00+05:45 1");
    }

    @Test
    void hoursOfLordHowe_followAChangeOfThirtyMinutes() {
        ZoneId zone = ZoneId.of("Australia/Lord_Howe");
        // At 02:00 on 5 April 2026 the clock goes back to 01:30; on 4 October it goes on from 02:00 to 02:30.
        Instant back = Instant.parse("2026-04-04T15:00:00Z");
        Instant on = Instant.parse("2026-10-03T15:30:00Z");
        for (Instant change : List.of(back, on)) {
            for (int quarter = -4; quarter < 6; quarter++) {
                append(Samples.builder(change + " " + quarter)
                        .timestamp(change.plusSeconds(quarter * 900L))
                        .build());
            }
        }
        assertThat(buckets(CalendarBucket.HOUR, zone))
                .containsExactly(
                        "2026-04-05T01:00+11:00 4",
                        "2026-04-05T01:30+10:30 2",
                        "2026-04-05T02:00+10:30 4",
                        "2026-10-04T01:00+10:30 4",
                        "2026-10-04T02:30+11:00 2",
                        "2026-10-04T03:00+11:00 4");
        assertThat(buckets(CalendarBucket.QUARTER_HOUR, zone)).hasSize(20).allMatch(row -> row.endsWith(" 1"));
    }

    @Test
    void firstAndLastBucket_areCutByTheWindow_andKeepTheirStart() {
        append(at("r1", 0), at("r2", 60), at("r3", 120));
        assertThat(ledger.summaries(
                        SummaryQuery.over(TimeWindow.of(Samples.NOW.plusSeconds(1), Samples.NOW.plusSeconds(61)))
                                .every(CalendarBucket.MONTH, ZoneId.of("UTC"))
                                .build()))
                .extracting(
                        row -> row.bucket().orElseThrow() + " " + row.summary().totalRecords())
                .containsExactly("2026-03-01T00:00Z 1");
    }

    @ParameterizedTest
    @EnumSource
    void allTime_canBeCutByEveryBucket(CalendarBucket bucket) {
        append(
                Samples.builder("first").timestamp(Instant.EPOCH).build(),
                Samples.record("now"),
                Samples.builder("last")
                        .timestamp(Instant.parse("9999-12-31T00:00:00Z"))
                        .build());
        for (ZoneId zone : List.of(ZoneId.of("UTC"), ZoneId.of("Asia/Kathmandu"), ZoneId.of("-03:30"))) {
            List<GroupedSummary> rows = ledger.summaries(
                    SummaryQuery.over(TimeWindow.all()).every(bucket, zone).build());
            assertThat(rows).hasSize(3);
            assertThat(rows)
                    .allSatisfy(row -> assertThat(row.summary().totalRecords()).isEqualTo(1));
        }
    }

    private List<String> buckets(CalendarBucket bucket, ZoneId zone) {
        return ledger
                .summaries(
                        SummaryQuery.over(TimeWindow.all()).every(bucket, zone).build())
                .stream()
                .map(row -> row.bucket().orElseThrow() + " " + row.summary().totalRecords())
                .toList();
    }
}
