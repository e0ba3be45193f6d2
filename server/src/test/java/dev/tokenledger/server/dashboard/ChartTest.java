package dev.tokenledger.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.TimeWindow;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ChartTest {

    private static final String DAY = "2026-11-22T";

    private static Summary calls(long calls) {
        return Summary.builder().totalRecords(calls).build();
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
                List.of(Map.of(Dimension.MODEL, "a"), Map.of(Dimension.MODEL, "b")),
                Measure.CALLS,
                List.of());
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
        Chart chart = chart(row(DAY + "00:00Z", "a", 19));
        assertThat(chart.ticks()).extracting(Chart.Tick::label).containsExactly("20", "15", "10", "5", "0");
        assertThat(chart.ticks())
                .extracting(Chart.Tick::y)
                .containsExactly("0.00", "55.00", "110.00", "165.00", "220.00");
    }

    /** On the day that the clock is set back, an hour comes twice. */
    @Test
    void hourThatComesTwice_isToldApartByItsOffset() {
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        TimeWindow window = TimeWindow.of(Instant.parse("2026-10-24T23:00:00Z"), Instant.parse("2026-10-25T03:00:00Z"));
        for (CalendarBucket size : List.of(CalendarBucket.HOUR, CalendarBucket.QUARTER_HOUR)) {
            Chart chart = Chart.of(
                    Buckets.of(window, Optional.of(size), berlin),
                    List.of(),
                    List.of(),
                    List.of(),
                    Measure.CALLS,
                    List.of());
            assertThat(chart.bars()).extracting(Chart.Bar::title).doesNotHaveDuplicates();
            assertThat(chart.bars())
                    .extracting(Chart.Bar::title)
                    .contains("25 Oct 02:00 +02:00", "25 Oct 02:00 +01:00", "25 Oct 01:00", "25 Oct 03:00");
        }
    }

    @Test
    void periodBefore_standsBehind_andCountsForTheHeight() {
        Buckets buckets = Buckets.of(
                TimeWindow.of(Instant.parse(DAY + "00:00:00Z"), Instant.parse(DAY + "02:00:00Z")),
                Optional.of(CalendarBucket.HOUR),
                ZoneOffset.UTC);
        Chart chart = Chart.of(
                buckets,
                List.of(row(DAY + "00:00Z", "a", 5)),
                List.of(new Chart.Series("a", "s0", "", "")),
                List.of(Map.of(Dimension.MODEL, "a")),
                Measure.CALLS,
                List.of(calls(10), Summary.ZERO));
        assertThat(chart.compared()).isTrue();
        Chart.Bar first = chart.bars().get(0);
        assertThat(first.before()).isEqualTo("10");
        assertThat(first.behind())
                .singleElement()
                .extracting(Chart.Segment::height)
                .isEqualTo("220.00");
        assertThat(first.segments())
                .singleElement()
                .extracting(Chart.Segment::height)
                .isEqualTo("110.00");
        assertThat(first.tip()).endsWith("10\tthe period before");
        assertThat(chart.bars().get(1).behind()).isEmpty();
        assertThat(chart.bars().get(1).before()).isEmpty();
    }
}
