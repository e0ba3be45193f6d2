package dev.tokenledger.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.TimeWindow;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ChartTest {

    private static final String DAY = "2026-11-22T";

    @ParameterizedTest
    @CsvSource({
        "COST, 0, 0.25",
        "COST, 1, 0.25",
        "COST, 4, 1",
        "COST, 4.01, 2",
        "COST, 7, 2",
        "COST, 9, 2.5",
        "COST, 11, 5",
        "COST, 0.0003, 0.0001",
        "COST, 8000.5, 2500",
        "TOKENS, 0, 1",
        "TOKENS, 3, 1",
        "TOKENS, 9, 5",
        "TOKENS, 90, 25",
        "TOKENS, 1000001, 500000",
        "CALLS, 1, 1",
        "CALLS, 10, 5",
        "CALLS, 100, 25"
    })
    void step_isRound(Measure measure, BigDecimal highest, BigDecimal step) {
        assertThat(Chart.step(highest, measure)).isEqualByComparingTo(step);
    }

    @ParameterizedTest
    @EnumSource
    void axis_reachesTheHighestBarAndNotMuchFurther(Measure measure) {
        SplittableRandom random = new SplittableRandom(42);
        for (int i = 0; i < 2_000; i++) {
            long value = 1 + (long) Math.pow(10, random.nextDouble(12));
            BigDecimal highest = measure == Measure.COST ? BigDecimal.valueOf(value, 6) : BigDecimal.valueOf(value);
            BigDecimal top = Chart.step(highest, measure).multiply(BigDecimal.valueOf(4));
            assertThat(top).as("%s", highest).isGreaterThanOrEqualTo(highest);
            boolean tiny = measure != Measure.COST && value < 8;
            assertThat(top).as("%s", highest).isLessThanOrEqualTo(highest.multiply(new BigDecimal(tiny ? "4" : "2.5")));
            if (measure != Measure.COST) {
                assertThat(Chart.step(highest, measure).stripTrailingZeros().scale())
                        .as("%s", highest)
                        .isLessThanOrEqualTo(0);
            }
        }
    }

    private static Summary calls(long calls) {
        return new Summary(calls, 0, 0, 0, 0, 0, 0, 0, Usd.ZERO, 0, 0);
    }

    private static GroupedSummary row(String start, String model, long calls) {
        return new GroupedSummary(
                Optional.of(OffsetDateTime.parse(start)),
                model.isEmpty() ? Map.of() : Map.of(Dimension.MODEL, model),
                calls(calls),
                model.isEmpty());
    }

    private static Chart chart(GroupedSummary... rows) {
        TimeWindow window = TimeWindow.of(Instant.parse(DAY + "00:00:00Z"), Instant.parse(DAY + "03:00:00Z"));
        return Chart.of(
                Buckets.of(window, Optional.of(CalendarBucket.HOUR), ZoneOffset.UTC),
                List.of(rows),
                List.of(
                        new Chart.Series("a", "s0", "", ""),
                        new Chart.Series("b", "s1", "", ""),
                        new Chart.Series("Other", "other", "", "")),
                List.of("a", "b"),
                Measure.CALLS);
    }

    @Test
    void bars_areStackedFromTheBottom() {
        Chart chart = chart(row(DAY + "01:00Z", "b", 1), row(DAY + "01:00Z", "a", 2), row(DAY + "01:00Z", "", 1));
        assertThat(chart.bars()).hasSize(3);
        Chart.Bar bar = chart.bars().get(1);
        assertThat(bar.total()).isEqualTo("4");
        assertThat(bar.cells()).containsExactly("2", "1", "1");
        assertThat(bar.segments()).extracting(Chart.Segment::style).containsExactly("s0", "s1", "other");
        assertThat(bar.segments()).extracting(Chart.Segment::y).containsExactly("110.00", "55.00", "0.00");
        assertThat(bar.segments()).extracting(Chart.Segment::height).containsExactly("110.00", "55.00", "55.00");
        assertThat(bar.tip()).endsWith("4\ttotal\n1\tOther\n1\tb\n2\ta");
    }

    @Test
    void barWithoutCalls_saysSo() {
        Chart.Bar bar = chart(row(DAY + "01:00Z", "a", 1)).bars().get(0);
        assertThat(bar.total()).isEmpty();
        assertThat(bar.segments()).isEmpty();
        assertThat(bar.cells()).containsExactly("", "", "");
        assertThat(bar.tip()).endsWith("no calls");
    }

    @Test
    void groupThatIsNoSeries_belongsToTheRest() {
        Chart.Bar bar = chart(row(DAY + "02:00Z", "new", 3), row(DAY + "02:00Z", "", 2))
                .bars()
                .get(2);
        assertThat(bar.cells()).containsExactly("", "", "5");
    }

    @Test
    void smallPart_isStillSeen() {
        Chart.Bar bar = chart(row(DAY + "00:00Z", "a", 1_000_000), row(DAY + "00:00Z", "b", 1))
                .bars()
                .get(0);
        assertThat(bar.segments().get(1).height()).isEqualTo("0.75");
    }

    @Test
    void ticks_areFromTheTopDown() {
        Chart chart = chart(row(DAY + "00:00Z", "a", 10));
        assertThat(chart.ticks()).extracting(Chart.Tick::label).containsExactly("20", "15", "10", "5", "0");
        assertThat(chart.ticks())
                .extracting(Chart.Tick::y)
                .containsExactly("0.00", "55.00", "110.00", "165.00", "220.00");
    }
}
