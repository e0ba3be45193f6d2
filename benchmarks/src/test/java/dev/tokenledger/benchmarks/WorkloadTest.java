package dev.tokenledger.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The workload is the same for everybody, and has the shape that the figures are stated for. */
final class WorkloadTest {

    private static final int SIZE = 60_000;
    private static final Workload WORKLOAD = new Workload(42, SIZE, Workload.Labels.USERS);
    private static final List<UsageRecord> RECORDS = WORKLOAD.records(0, SIZE);

    @Test
    void records_followFromSeedAndIndexAlone() {
        Workload same = new Workload(42, SIZE, Workload.Labels.USERS);
        for (int index : new int[] {SIZE - 1, 17, 0, 31_415}) {
            assertThat(same.record(index)).isEqualTo(RECORDS.get(index));
            assertThat(same.scattered(index)).isEqualTo(WORKLOAD.scattered(index));
        }
        assertThat(new Workload(43, SIZE, Workload.Labels.USERS).record(17)).isNotEqualTo(RECORDS.get(17));
    }

    @Test
    void firstRecord_isTheOneOfEveryRunBefore() {
        // Figures of different days are only comparable while this stays the same.
        UsageRecord first = new Workload(42, 1_000_000, Workload.Labels.NONE).record(0);
        assertThat(first.id().value()).isEqualTo("019b76da-c709-7130-9e7e-fee311803e6b");
        assertThat(first.tokens()).isEqualTo(TokenCounts.of(1_593, 551));
    }

    @Test
    void ids_areUniqueAndOrderedByTime() {
        Set<String> ids = RECORDS.stream().map(record -> record.id().value()).collect(Collectors.toSet());
        for (int i = 0; i < 5_000; i++) {
            ids.add(WORKLOAD.scattered(i).id().value());
            ids.add(WORKLOAD.record(SIZE + i).id().value());
        }
        assertThat(ids).hasSize(SIZE + 10_000).allMatch(id -> id.length() == 36 && id.charAt(14) == '7');
        assertThat(RECORDS.get(10).id()).isLessThan(RECORDS.get(1_000).id());
    }

    @Test
    void requestIds_have24Characters() {
        assertThat(RECORDS).allMatch(record -> record.requestId().length() == 24);
    }

    @Test
    void instants_coverNinetyDaysInOrderAndGoOnBehindThem() {
        List<Instant> instants =
                RECORDS.stream().map(record -> record.timestamp().orElseThrow()).toList();
        assertThat(instants).isSortedAccordingTo(Comparator.naturalOrder());
        assertThat(instants.get(0)).isBetween(Workload.START, Workload.START.plus(Duration.ofHours(1)));
        assertThat(instants.get(SIZE - 1)).isBetween(Workload.END.minus(Duration.ofHours(1)), Workload.END);
        assertThat(Duration.between(Workload.START, Workload.END)).isEqualTo(Duration.ofDays(90));
        assertThat(WORKLOAD.occurred(SIZE)).isEqualTo(Workload.END);
        assertThat(WORKLOAD.occurred(SIZE + 1L)).isAfter(Workload.END);
    }

    @Test
    void scatteredRecords_liveAllOverTheNinetyDays() {
        Set<Long> days = new HashSet<>();
        for (int i = 0; i < 2_000; i++) {
            Instant instant = WORKLOAD.scattered(i).timestamp().orElseThrow();
            days.add(Duration.between(Workload.START, instant).toDays());
        }
        assertThat(days).hasSize(90);
    }

    @Test
    void combinations_areAboutThreeHundred_andAsFrequentAsZipfsLawHasThem() {
        Map<List<String>, Integer> frequencies = new HashMap<>();
        for (UsageRecord record : RECORDS) {
            PricingStatus status =
                    PriceBook.bundled().price(record, Workload.START).status();
            frequencies.merge(DataBench.combination(record, status), 1, Integer::sum);
        }
        assertThat(frequencies.size()).isBetween(290, 310);
        List<Integer> sorted = new ArrayList<>(frequencies.values());
        sorted.sort(Comparator.reverseOrder());
        assertThat(sorted.get(0) / (double) SIZE).isCloseTo(0.16, within(0.04));
        assertThat(sorted.get(99) / (double) SIZE).isCloseTo(0.0016, within(0.0006));
    }

    @Test
    void sessions_haveFiftyRecordsAndAreClusteredInTime() {
        Map<String, List<Instant>> sessions = RECORDS.stream()
                .collect(Collectors.groupingBy(
                        UsageRecord::sessionId,
                        Collectors.mapping(record -> record.timestamp().orElseThrow(), Collectors.toList())));
        assertThat((double) SIZE / sessions.size()).isCloseTo(50, within(3.0));
        assertThat(WORKLOAD.sessions()).isEqualTo(SIZE / 50);
        assertThat(sessions).containsKey(WORKLOAD.session(0)).containsKey(WORKLOAD.session(WORKLOAD.sessions() - 1));
        // 24 of 1,200 sessions at a time: each lasts for a fiftieth of the ninety days, less or more by the time of
        // day.
        assertThat(sessions.values())
                .allMatch(times -> Duration.between(times.get(0), times.get(times.size() - 1))
                                .compareTo(Duration.ofDays(6))
                        < 0);
        assertThat(RECORDS.stream().map(UsageRecord::conversationId).distinct().count())
                .isBetween(SIZE / 50L / 3, SIZE / 50L / 3 + 40);
    }

    @Test
    void fiveMillionRecords_haveAHundredThousandSessions_andSoHaveTwentyMillion() {
        assertThat(new Workload(42, 5_000_000, Workload.Labels.NONE).sessions()).isEqualTo(100_000);
        assertThat(new Workload(42, 20_000_000, Workload.Labels.NONE).sessions())
                .isEqualTo(100_000);
    }

    @Test
    void costs_arePricedPartialAndUnpriced() {
        Map<PricingStatus, Long> statuses = RECORDS.stream()
                .collect(Collectors.groupingBy(
                        record -> PriceBook.bundled()
                                .price(record, Workload.START)
                                .status(),
                        Collectors.counting()));
        assertThat(statuses.get(PricingStatus.PRICED)).isGreaterThan(SIZE / 2);
        assertThat(statuses.get(PricingStatus.PARTIAL)).isGreaterThan(SIZE / 200);
        assertThat(statuses.get(PricingStatus.UNPRICED)).isGreaterThan(SIZE / 20);
    }

    @Test
    void labels_areAsAsked() {
        UsageRecord without = new Workload(42, SIZE, Workload.Labels.NONE).record(5);
        UsageRecord few = new Workload(42, SIZE, Workload.Labels.FEW).record(5);
        assertThat(without.attributes()).isEmpty();
        assertThat(few.attributes()).containsOnlyKeys("team", "project");
        assertThat(RECORDS.get(5).attributes()).containsOnlyKeys("team", "project", "user");
        assertThat(RECORDS.get(5).tokens()).isEqualTo(without.tokens());
        long users = RECORDS.stream()
                .map(record -> record.attributes().get("user"))
                .distinct()
                .count();
        // 60,000 draws from 100,000: 100,000 × (1 − e^−0.6) different ones.
        assertThat((double) users).isCloseTo(45_119, within(1_000.0));
    }
}
