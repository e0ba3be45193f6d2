package dev.tokenledger.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.SummaryQuery.Order;
import dev.tokenledger.summary.TimeWindow;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SummaryRowsTest {

    private static final Instant MONDAY = Instant.parse("2026-03-09T00:00:00Z");
    private static final Instant TUESDAY = Instant.parse("2026-03-10T00:00:00Z");

    @Test
    void noDimensionsAndNoBuckets_giveOneRow_evenWithoutRecords() {
        SummaryQuery query = all().build();
        assertThat(new SummaryRows(query).rows()).containsExactly(row(Summary.ZERO));
        SummaryRows rows = new SummaryRows(query);
        rows.add(TimeWindow.MIN, List.of(), total(1, "2"));
        rows.add(TimeWindow.MIN, List.of(), total(3, "4"));
        assertThat(rows.rows()).containsExactly(row(total(4, "6")));
        assertThat(rows.rows().get(0).key()).isEmpty();
    }

    private static GroupedSummary row(Summary summary) {
        return new GroupedSummary(Optional.empty(), Map.of(), summary, false);
    }

    @Test
    void cellsWithoutRecordsInForce_areLeftOut() {
        SummaryRows rows = new SummaryRows(all().by(Dimension.TASK).build());
        rows.add(TimeWindow.MIN, List.of("a"), total(1, "2"));
        rows.add(TimeWindow.MIN, List.of("a"), total(1, "2").negated());
        rows.add(TimeWindow.MIN, List.of("b"), total(1, "0"));
        assertThat(rows.rows()).extracting(GroupedSummary::key).containsExactly("b");
    }

    @Test
    void rows_areOrderedWithinTheirBucket_andBucketsByTime() {
        SummaryRows rows = new SummaryRows(all().by(Dimension.TASK)
                .every(CalendarBucket.DAY, ZoneOffset.UTC)
                .build());
        rows.add(TUESDAY, List.of("a"), total(1, "1"));
        rows.add(MONDAY, List.of("a"), total(1, "1"));
        rows.add(TUESDAY, List.of("b"), total(1, "5"));
        rows.add(MONDAY, List.of("b"), total(1, "0"));
        assertThat(rows.rows())
                .extracting(row -> row.bucket().orElseThrow() + row.key())
                .containsExactly(
                        "2026-03-09T00:00Za", "2026-03-09T00:00Zb", "2026-03-10T00:00Zb", "2026-03-10T00:00Za");
    }

    @Test
    void bucket_isShownInTheAskedZone() {
        SummaryRows rows = new SummaryRows(
                all().every(CalendarBucket.DAY, ZoneId.of("Asia/Kathmandu")).build());
        rows.add(Instant.parse("2026-03-09T18:15:00Z"), List.of(), total(1, "1"));
        assertThat(rows.rows().get(0).bucket().orElseThrow()).hasToString("2026-03-10T00:00+05:45");
    }

    @Test
    void ties_goByKey_inTheOrderOfCodePoints_partByPart() {
        SummaryRows rows =
                new SummaryRows(all().by(Dimension.TASK, Dimension.ROLE).build());
        List<List<String>> keys = List.of(
                List.of("", "z"),
                List.of("B", ""),
                List.of("a", "b"),
                List.of("a", "ba"),
                List.of("aa", "a"),
                List.of("\uFF5E", ""),
                List.of("\uD83D\uDCB8", "a"),
                List.of("\uD83D\uDCB8", "b"),
                List.of("\uD83D\uDCB9", "a"));
        List<List<String>> shuffled = new ArrayList<>(keys);
        Collections.shuffle(shuffled, new Random(7));
        shuffled.forEach(key -> rows.add(TimeWindow.MIN, key, total(1, "1")));
        assertThat(rows.rows())
                .extracting(row -> List.copyOf(row.keys().values()))
                .isEqualTo(keys);
    }

    @Test
    void orders_goByTheirFigure_thenByKey() {
        assertThat(ordered(Order.COST)).containsExactly("dear", "a", "b", "many");
        assertThat(ordered(Order.TOKENS)).containsExactly("b", "a", "dear", "many");
        assertThat(ordered(Order.RECORDS)).containsExactly("many", "a", "b", "dear");
        assertThat(ordered(Order.KEY)).containsExactly("a", "b", "dear", "many");
    }

    private static List<String> ordered(Order order) {
        SummaryRows rows = new SummaryRows(all().by(Dimension.TASK).order(order).build());
        rows.add(TimeWindow.MIN, List.of("many"), total(9, "0"));
        rows.add(TimeWindow.MIN, List.of("dear"), total(1, "9000000"));
        // More tokens than a long can count together.
        long huge = Long.MAX_VALUE - 1;
        rows.add(
                TimeWindow.MIN,
                List.of("b"),
                Summary.builder()
                        .totalRecords(1)
                        .totalInputTokens(huge)
                        .totalOutputTokens(huge)
                        .totalCacheCreationInputTokens(huge)
                        .totalCacheReadInputTokens(huge)
                        .totalCost(Usd.parse("1"))
                        .build());
        rows.add(
                TimeWindow.MIN,
                List.of("a"),
                Summary.builder()
                        .totalRecords(1)
                        .totalInputTokens(huge)
                        .totalCost(Usd.parse("1"))
                        .build());
        return rows.rows().stream().map(GroupedSummary::key).toList();
    }

    @Test
    void limit_choosesGroupsOverAllBuckets_andEachBucketHasItsOther() {
        SummaryRows rows = new SummaryRows(all().by(Dimension.TASK)
                .every(CalendarBucket.DAY, ZoneOffset.UTC)
                .limit(2)
                .build());
        rows.add(MONDAY, List.of("a"), total(1, "5"));
        rows.add(MONDAY, List.of("b"), total(1, "1"));
        rows.add(MONDAY, List.of("c"), total(1, "2"));
        rows.add(MONDAY, List.of("d"), total(1, "2"));
        rows.add(TUESDAY, List.of("b"), total(1, "6"));
        assertThat(rows.rows())
                .extracting(row -> row.bucket().orElseThrow().getDayOfMonth()
                        + row.key()
                        + row.summary().totalCost()
                        + (row.other() ? " other" : ""))
                .containsExactly("9a5", "9b1", "94 other", "10b6");
        assertThat(rows.rows()).filteredOn(GroupedSummary::other).allSatisfy(other -> {
            assertThat(other.keys()).isEmpty();
            assertThat(other.key()).isEmpty();
            assertThat(other.summary()).isEqualTo(total(2, "4"));
        });
    }

    @Test
    void limit_asLargeAsTheGroups_leavesNoOther() {
        SummaryRows rows = new SummaryRows(all().by(Dimension.TASK).limit(2).build());
        rows.add(TimeWindow.MIN, List.of("a"), total(1, "5"));
        rows.add(TimeWindow.MIN, List.of(""), total(1, "1"));
        assertThat(rows.rows()).hasSize(2).noneMatch(GroupedSummary::other);
    }

    @Test
    void limit_withoutDimensions_leavesTheOneRow() {
        SummaryRows rows = new SummaryRows(all().limit(1).build());
        rows.add(TimeWindow.MIN, List.of(), total(1, "5"));
        assertThat(rows.rows()).containsExactly(row(total(1, "5")));
        assertThat(new SummaryRows(all().limit(1).build()).rows()).containsExactly(row(Summary.ZERO));
    }

    @Test
    void query_refusesContradictions() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> all().by(Dimension.TASK, Dimension.TASK))
                .withMessage("dimension task is named twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> all().where(Dimension.TASK, "a").where(Dimension.TASK, "b"))
                .withMessage("dimension task is filtered twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> all().limit(0))
                .withMessage("limit: expected 1 or more, found 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> all().by(Dimension.all().subList(0, 9).toArray(new Dimension[0])));
        assertThatIllegalArgumentException().isThrownBy(() -> {
            SummaryQuery.Builder query = all();
            Dimension.all().subList(0, 9).forEach(dimension -> query.where(dimension, ""));
        });
    }

    private static SummaryQuery.Builder all() {
        return SummaryQuery.over(TimeWindow.all());
    }

    private static Summary total(long records, String usd) {
        return Summary.builder().totalRecords(records).totalCost(Usd.parse(usd)).build();
    }
}
