package dev.tokenledger.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What must hold for any records, windows, zones and sequences of operations: drawn from seeds, see {@link Seeds}. */
abstract class RandomContract extends CalendarContract {

    @Test
    void everyGroupingAndBucketing_addsUpToTheSameTotal() {
        Seeds.run(15, random -> onFreshStore(store -> addUp(random, store, 60, 6)));
    }

    @Test
    @Tag("long")
    void everyGroupingAndBucketing_addsUpToTheSameTotal_manyTimes() {
        Seeds.run(500, random -> onFreshStore(store -> addUp(random, store, 150, 20)));
    }

    @Test
    void randomOperations_leaveTheLedgerAsThePlainListHasIt() {
        Seeds.run(40, random -> onFreshStore(store -> compareWithPlainList(random, store, 30)));
    }

    @Test
    @Tag("long")
    void randomOperations_leaveTheLedgerAsThePlainListHasIt_thousandsOfTimes() {
        Seeds.run(4_000, random -> onFreshStore(store -> compareWithPlainList(random, store, 60)));
    }

    private interface StoreCheck {
        void run(TestStore store) throws Exception;
    }

    private void onFreshStore(StoreCheck check) throws Exception {
        try (TestStore store = newStore()) {
            check.run(store);
        }
    }

    private void addUp(RandomGenerator random, TestStore store, int size, int windows) throws Exception {
        RecordGenerator records = new RecordGenerator(random);
        QueryGenerator queries = new QueryGenerator(random);
        List<UsageRecord> delivered = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            delivered.add(records.next());
        }
        try (Ledger filled = store.open(Samples.prices(), clock)) {
            filled.appendAll(delivered);
            for (int i = 0; i < size / 8; i++) {
                filled.reverse(records.pick(delivered).id(), "");
            }
            for (int i = 0; i < windows; i++) {
                TimeWindow window = records.window();
                Summary total = filled.summary(window);
                dimensions()
                        .forEach(dimension -> assertAddsUp(
                                filled, SummaryQuery.over(window).by(dimension).build(), total));
                for (CalendarBucket bucket : CalendarBucket.values()) {
                    assertAddsUp(
                            filled,
                            SummaryQuery.over(window)
                                    .every(bucket, records.zone())
                                    .build(),
                            total);
                }
                for (int j = 0; j < 4; j++) {
                    assertAddsUp(filled, queries.summaries(window, Optional.empty()), total);
                }
                assertCutAddsUp(filled, window, records.instant(), total);
            }
        }
    }

    private static void assertAddsUp(Ledger filled, SummaryQuery query, Summary total) {
        List<GroupedSummary> rows = filled.summaries(query);
        assertThat(rows.stream().map(GroupedSummary::summary).reduce(Summary.ZERO, Summary::plus))
                .as(() -> LedgerComparison.describe(query))
                .isEqualTo(total);
        assertThat(rows.stream().map(row -> List.of(row.bucket(), row.keys(), row.other())))
                .as(() -> LedgerComparison.describe(query))
                .doesNotHaveDuplicates();
    }

    private static void assertCutAddsUp(Ledger filled, TimeWindow window, Instant cut, Summary total) {
        if (window.contains(cut)) {
            assertThat(filled.summary(TimeWindow.of(window.start(), cut))
                            .plus(filled.summary(TimeWindow.of(cut, window.end()))))
                    .as(() -> window + " cut at " + cut)
                    .isEqualTo(total);
        }
    }

    private void compareWithPlainList(RandomGenerator random, TestStore store, int operations) throws Exception {
        SettableClock time = new SettableClock(Samples.NOW);
        OperationGenerator generator = new OperationGenerator(random);
        QueryGenerator queries = new QueryGenerator(random);
        List<Told> told = new ArrayList<>();
        List<String> done = new ArrayList<>();
        Ledger opened = store.open(Samples.prices(), time);
        try (Ledger plain = InMemoryLedger.open(Samples.prices(), time)) {
            for (int i = 0; i < operations; i++) {
                time.advance(Duration.ofNanos(2_000 + random.nextLong(40_000_000_000_000L)));
                if (store.persistent() && random.nextInt(20) == 0) {
                    done.add("reopen");
                    opened.close();
                    opened = store.open(Samples.prices(), time);
                }
                Operation operation = generator.next();
                done.add(operation.toString());
                if (random.nextInt(8) == 0) {
                    SummaryQuery query = queries.summaries();
                    told.add(new Told(query, time.instant(), opened.summaries(query)));
                }
                Object expected = operation.apply(plain);
                Object actual = operation.apply(opened);
                assertThat(actual).as(() -> story(done)).isEqualTo(expected);
            }
            for (Told then : told) {
                // What was recorded in that very moment was recorded after the question.
                SummaryQuery query = then.asked();
                assertThat(opened.summaries(query))
                        .as(() -> LedgerComparison.describe(query) + " as of " + then.at() + story(done))
                        .isEqualTo(then.rows());
            }
            TimeWindow window = random.nextBoolean() ? TimeWindow.all() : new RecordGenerator(random).window();
            Ledger whole = opened;
            Summary total = whole.summary(window);
            dimensions()
                    .forEach(dimension -> assertAddsUp(
                            whole, SummaryQuery.over(window).by(dimension).build(), total));
            assertAddsUp(whole, queries.summaries(window, Optional.empty()), total);
            Optional<String> difference = LedgerComparison.firstDifference(plain, opened);
            assertThat(difference).as(() -> story(done)).isEmpty();
            assertThat(opened.verify().differences()).as(() -> story(done)).isEmpty();
        } finally {
            opened.close();
        }
    }

    /** What a ledger answered at an instant, just before something else was done. */
    private record Told(SummaryQuery query, Instant at, List<GroupedSummary> rows) {

        /** Asks for the same, long after, as of the moment before that. */
        SummaryQuery asked() {
            SummaryQuery.Builder again = SummaryQuery.over(query.window()).by(query.dimensions());
            query.bucket().ifPresent(bucket -> again.every(bucket, query.zone()));
            query.filters().forEach(again::where);
            query.limit().ifPresent(again::limit);
            return again.order(query.order()).asOf(at.minusNanos(1_000)).build();
        }
    }

    private static String story(List<String> done) {
        StringBuilder story = new StringBuilder("after");
        for (int i = 0; i < done.size(); i++) {
            story.append("\n  ").append(i + 1).append(". ").append(done.get(i));
        }
        return story.append('\n').toString();
    }
}
