package dev.tokenledger.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.benchmarks.BaselineStore.Writers;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.UsageRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The baseline answers the same questions with the same figures, so that comparing their times is honest. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BaselineStoreTest {

    private static final TimeWindow ALL = TimeWindow.of(Workload.START, Workload.END);
    private static final Instant ODD = Instant.parse("2026-02-11T07:17:05Z");
    private static final TimeWindow ODD_DAY = TimeWindow.of(ODD, ODD.plus(Duration.ofDays(1)));

    private final Workload workload = new Workload(7, 8_000, Workload.Labels.NONE);
    private final Ledger memory = InMemoryLedger.open(PriceBook.bundled());
    private Ledger ledger;
    private BaselineStore baseline;

    BaselineStoreTest(@TempDir Path folder) {
        ledger = Stores.openLedger(folder.resolve("ledger.db"));
        baseline = BaselineStore.open(folder.resolve("baseline.db"), Writers.FIRST_COME);
    }

    @BeforeAll
    void fill() {
        List<UsageRecord> records = workload.records(0, (int) workload.size());
        ledger.appendAll(records);
        memory.appendAll(records);
        // Most in one go; the last ones as the measured program appends them.
        baseline.fill(records.subList(0, 7_900), PriceBook.bundled());
        for (UsageRecord record : records.subList(7_900, 8_000)) {
            baseline.append(record, PriceBook.bundled().price(record, Workload.START));
        }
    }

    @AfterAll
    void close() {
        ledger.close();
        baseline.close();
    }

    @ParameterizedTest
    @EnumSource(Writers.class)
    void manyThreads_storeEachRecordOnce(Writers writers, @TempDir Path other) throws Exception {
        List<UsageRecord> records = workload.records(0, 400);
        ExecutorService executor = Executors.newFixedThreadPool(4);
        try (BaselineStore store = BaselineStore.open(other.resolve("baseline.db"), writers)) {
            List<Future<?>> running = new ArrayList<>();
            for (UsageRecord record : records) {
                running.add(executor.submit(
                        () -> store.append(record, PriceBook.bundled().price(record, Workload.START))));
            }
            for (Future<?> one : running) {
                one.get();
            }
            assertThat(store.total(Workload.START, Workload.END).records()).isEqualTo(records.size());
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void total_agrees() {
        for (TimeWindow window : List.of(ALL, ODD_DAY)) {
            Summary expected = memory.summary(window);
            assertThat(expected.totalRecords()).isPositive();
            assertThat(ledger.summary(window)).isEqualTo(expected);
            assertSame(expected, baseline.total(window.start(), window.end()));
        }
    }

    static Stream<Map.Entry<Dimension, String>> columns() {
        return QueryBench.COLUMNS.entrySet().stream();
    }

    @ParameterizedTest
    @MethodSource("columns")
    void totalsByDimension_agree(Map.Entry<Dimension, String> column) {
        List<GroupedSummary> expected = memory.summaryBy(column.getKey(), ODD_DAY);
        assertThat(ledger.summaryBy(column.getKey(), ODD_DAY)).isEqualTo(expected);
        assertSame(expected, GroupedSummary::key, baseline.totalsBy(column.getValue(), ODD_DAY.start(), ODD_DAY.end()));
    }

    @Test
    void hoursAndModels_agree() {
        SummaryQuery query = SummaryQuery.over(ODD_DAY)
                .by(Dimension.MODEL)
                .every(CalendarBucket.HOUR, ZoneOffset.UTC)
                .build();
        assertThat(ledger.summaries(query)).isEqualTo(memory.summaries(query));
        assertSame(
                memory.summaries(query),
                row -> row.bucket().orElseThrow().toString().substring(0, 13) + " " + row.key(),
                baseline.hourlyByModel(ODD_DAY.start(), ODD_DAY.end()));
    }

    @Test
    void daysInKathmanduAndModels_agree() {
        SummaryQuery query = SummaryQuery.over(ALL)
                .by(Dimension.MODEL)
                .every(CalendarBucket.DAY, ZoneId.of("Asia/Kathmandu"))
                .build();
        assertThat(ledger.summaries(query)).isEqualTo(memory.summaries(query));
        assertSame(
                memory.summaries(query),
                row -> row.bucket().orElseThrow().toLocalDate() + " " + row.key(),
                baseline.dailyByModel(ALL.start(), ALL.end(), Duration.ofMinutes(345)));
    }

    @Test
    void sessions_agree() {
        String session = workload.session(70);
        Summary expected = memory.sessionTotal(session);
        assertThat(expected.totalRecords()).isPositive();
        assertThat(ledger.sessionTotal(session)).isEqualTo(expected);
        assertSame(expected, baseline.session(session));
    }

    @Test
    void topSessions_agree() {
        SummaryQuery query =
                SummaryQuery.over(ODD_DAY).by(Dimension.SESSION).limit(5).build();
        List<GroupedSummary> expected = memory.summaries(query);
        assertThat(ledger.summaries(query)).isEqualTo(expected);
        assertSame(
                expected.stream().filter(row -> !row.other()).toList(),
                GroupedSummary::key,
                baseline.topSessions(ODD_DAY.start(), ODD_DAY.end(), 5));
    }

    private static void assertSame(
            List<GroupedSummary> expected, Function<GroupedSummary, String> key, List<BaselineStore.Row> found) {
        Map<String, BaselineStore.Row> byKey = new HashMap<>();
        found.forEach(row -> byKey.put(row.key(), row));
        assertThat(byKey).hasSize(found.size()).hasSize(expected.size());
        for (GroupedSummary row : expected) {
            assertThat(byKey).containsKey(key.apply(row));
            assertSame(row.summary(), byKey.get(key.apply(row)));
        }
    }

    private static void assertSame(Summary expected, BaselineStore.Row found) {
        assertThat(found.records()).isEqualTo(expected.totalRecords());
        assertThat(found.input()).isEqualTo(expected.totalInputTokens());
        assertThat(found.output()).isEqualTo(expected.totalOutputTokens());
        assertThat(found.cacheCreation()).isEqualTo(expected.totalCacheCreationInputTokens());
        assertThat(found.cacheRead()).isEqualTo(expected.totalCacheReadInputTokens());
        double cost = expected.totalCost().toBigDecimal().doubleValue();
        assertThat(found.costUsd()).isCloseTo(cost, within(1e-9 * Math.max(1, cost)));
    }
}
