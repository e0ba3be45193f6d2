package dev.tokenledger.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.Batch;
import dev.tokenledger.FederatedLedger;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.Report;
import dev.tokenledger.summary.ReportQuery;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What a sum of several ledgers promises: entries that are dealt over one to four of them are answered about as by one that has
 * them all. A subclass says over which stores.
 */
public abstract class FederationContract {

    private static final int MAX_LEDGERS = 4;

    /** For subclasses, which JUnit makes one of for each test. */
    protected FederationContract() {}

    /**
     * A new, empty store; closed when it is not needed any more.
     *
     * @param place of the ledger in the sum, from 0
     */
    protected abstract TestStore newStore(int place) throws Exception;

    /** How many times the usual test draws; fewer where a store takes long to make. */
    protected int runs() {
        return 30;
    }

    @Test
    void dealtEntries_areAnsweredAboutAsByOneLedger() {
        Seeds.run(runs(), random -> compare(random, 40));
    }

    @Test
    @Tag("long")
    void dealtEntries_areAnsweredAboutAsByOneLedger_manyTimes() {
        Seeds.run(1_000, random -> compare(random, 80));
    }

    private void compare(RandomGenerator random, int operations) throws Exception {
        SettableClock clock = new SettableClock(Samples.NOW);
        List<TestStore> stores = new ArrayList<>();
        FederatedLedger.Builder builder = FederatedLedger.builder();
        List<Ledger> parts = new ArrayList<>();
        try (Ledger whole = InMemoryLedger.open(Samples.prices(), clock)) {
            OperationGenerator operationsOf = new OperationGenerator(random);
            for (int i = 0; i < operations; i++) {
                clock.advance(Duration.ofNanos(2_000 + random.nextLong(40_000_000_000_000L)));
                operationsOf.nextOfRecords().apply(whole);
            }
            for (int i = 1 + random.nextInt(MAX_LEDGERS); i > 0; i--) {
                TestStore store = newStore(parts.size());
                stores.add(store);
                Ledger part = store.open(PriceBook.empty(), clock);
                builder.ledger("part-" + parts.size(), part);
                parts.add(part);
            }
            deal(whole, parts, random);
            try (FederatedLedger sum = builder.build()) {
                compare(random, whole, sum);
                assertThat(LedgerComparison.entries(sum))
                        .allSatisfy(entry -> assertThat(parts.get(sum.ledgers()
                                                .indexOf(sum.ledgerOf(entry).orElseThrow()))
                                        .find(entry.id()))
                                .isPresent());
            }
        } finally {
            for (TestStore store : stores) {
                store.close();
            }
        }
    }

    /** All entries of one instant go to one ledger: of others nothing tells in which order they were written. */
    private static void deal(Ledger whole, List<Ledger> parts, RandomGenerator random) {
        int salt = random.nextInt();
        for (LedgerEntry entry : LedgerComparison.entries(whole)) {
            Ledger part = parts.get(Math.floorMod(entry.occurred().hashCode() * 31 + salt, parts.size()));
            part.write(Batch.builder()
                    .step(new Batch.Step.Restore(
                            entry,
                            entry.cost().priceId().isEmpty()
                                    ? Optional.empty()
                                    : whole.explain(entry.id()).orElseThrow().entry()))
                    .build());
        }
        whole.readerStates("")
                .forEach((key, state) -> parts.get(Math.floorMod(key.hashCode() + salt, parts.size()))
                        .write(Batch.builder().readerState(key, state).build()));
    }

    private static void compare(RandomGenerator random, Ledger whole, FederatedLedger sum) {
        assertThat(LedgerComparison.firstDifferenceOfCopy(whole, sum)).isEmpty();
        assertThat(sum.readerStates("")).isEqualTo(whole.readerStates(""));
        assertThat(sum.attributeKeys()).containsAll(whole.attributeKeys());
        assertThat(sum.verify().entries()).isEqualTo(whole.verify().entries());
        assertThat(sum.verify().differences()).isEmpty();
        QueryGenerator queries = new QueryGenerator(random);
        for (int i = 0; i < 10; i++) {
            SummaryQuery query = queries.summaries();
            LedgerComparison.assertSame(whole, sum, query);
            LedgerComparison.assertSame(whole, sum, asOf(query, moment(whole, random)));
            assertSameReport(whole, sum, reportOf(query, queries, random));
            assertSamePages(whole, sum, queries.records());
        }
        assertEveryLimit(whole, sum, queries);
    }

    private static Instant moment(Ledger whole, RandomGenerator random) {
        List<LedgerEntry> entries = LedgerComparison.entries(whole);
        return entries.isEmpty()
                ? Samples.NOW
                : entries.get(random.nextInt(entries.size())).recorded();
    }

    private static SummaryQuery asOf(SummaryQuery query, Instant moment) {
        SummaryQuery.Builder then = SummaryQuery.over(query.window())
                .by(query.dimensions())
                .order(query.order())
                .asOf(moment);
        query.bucket().ifPresent(bucket -> then.every(bucket, query.zone()));
        query.filters().forEach(then::where);
        query.limit().ifPresent(then::limit);
        return then.build();
    }

    private static ReportQuery reportOf(SummaryQuery query, QueryGenerator queries, RandomGenerator random) {
        ReportQuery report = ReportQuery.of(query);
        if (random.nextBoolean()) {
            report = report.before(queries.summaries().window());
        }
        if (random.nextBoolean()) {
            report = report.countingGroups();
        }
        if (random.nextBoolean()) {
            report = report.namingUnpricedModels();
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            report = report.with(queries.summaries());
        }
        return report;
    }

    private static void assertSameReport(Ledger whole, Ledger sum, ReportQuery query) {
        Report expected = whole.report(query);
        Report actual = sum.report(query);
        assertThat(actual.rows()).isEqualTo(expected.rows());
        assertThat(actual.total()).isEqualTo(expected.total());
        assertThat(actual.leftOut()).isEqualTo(expected.leftOut());
        assertThat(actual.groups()).isEqualTo(expected.groups());
        assertThat(actual.before()).isEqualTo(expected.before());
        assertThat(actual.unpricedModels()).isEqualTo(expected.unpricedModels());
        assertThat(List.copyOf(actual.unpricedModels().values())).isSortedAccordingTo(Comparator.reverseOrder());
        assertThat(actual.further()).isEqualTo(expected.further());
    }

    /** Page by page; each page has as many entries as the one ledger's, and the next goes on behind it. */
    private static void assertSamePages(Ledger whole, Ledger sum, RecordQuery first) {
        Optional<RecordQuery.Cursor> next = Optional.empty();
        Optional<RecordQuery.Cursor> nextOfSum = Optional.empty();
        int pages = 0;
        do {
            RecordPage expected = whole.records(after(first, next));
            RecordPage actual = sum.records(after(first, nextOfSum));
            assertThat(actual.entries().stream().map(FederationContract::withoutSequence))
                    .isEqualTo(expected.entries().stream()
                            .map(FederationContract::withoutSequence)
                            .toList());
            assertThat(actual.next().isPresent()).isEqualTo(expected.next().isPresent());
            next = expected.next();
            nextOfSum = actual.next().map(cursor -> RecordQuery.Cursor.parse(cursor.toString()));
            pages++;
        } while (next.isPresent() && pages < 50);
    }

    private static RecordQuery after(RecordQuery query, Optional<RecordQuery.Cursor> cursor) {
        RecordQuery.Builder page =
                RecordQuery.over(query.window()).history(query.history()).limit(query.limit());
        query.filters().forEach(page::where);
        cursor.ifPresent(page::after);
        return page.build();
    }

    private static LedgerEntry withoutSequence(LedgerEntry entry) {
        return new LedgerEntry(
                0,
                entry.id(),
                entry.kind(),
                entry.record(),
                entry.cost(),
                entry.recorded(),
                entry.reversal(),
                entry.revaluation(),
                entry.adjustment());
    }

    /** From one group to more than there are, so that each group is the last one shown, and the first of the others, once. */
    private static void assertEveryLimit(Ledger whole, Ledger sum, QueryGenerator queries) {
        SummaryQuery drawn = queries.summaries(TimeWindow.all(), Optional.empty());
        int groups = whole.summaries(SummaryQuery.over(TimeWindow.all())
                        .by(drawn.dimensions())
                        .build())
                .size();
        for (int limit = 1; limit <= groups + 1; limit++) {
            SummaryQuery.Builder limited = SummaryQuery.over(TimeWindow.all())
                    .by(drawn.dimensions())
                    .order(drawn.order())
                    .limit(limit);
            drawn.bucket().ifPresent(bucket -> limited.every(bucket, drawn.zone()));
            LedgerComparison.assertSame(whole, sum, limited.build());
        }
    }
}
