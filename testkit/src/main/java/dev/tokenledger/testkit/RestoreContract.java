package dev.tokenledger.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerEntry.Kind;
import dev.tokenledger.Merge;
import dev.tokenledger.WriteResult;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.Explanation;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.Doubts;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is promised of entries that are taken over from another ledger: they are, count and answer as they did there. */
abstract class RestoreContract extends RandomContract {

    private static final RecordId R1 = RecordId.of("r1");

    /** A record that was priced long before the ledger under test began, by a book that it never had. */
    private LedgerEntry priced(String id) {
        try (Ledger source = source()) {
            source.append(Samples.record(id));
            return source.find(RecordId.of(id)).orElseThrow();
        }
    }

    private static Ledger source() {
        return InMemoryLedger.open(Samples.prices(), new SettableClock(Samples.NOW.minus(Duration.ofDays(100))));
    }

    private static Batch.Step.Restore step(Ledger source, LedgerEntry entry) {
        return new Batch.Step.Restore(entry, source.explain(entry.id()).flatMap(Explanation::entry));
    }

    private WriteResult restore(LedgerEntry entry) {
        return ledger.write(Batch.builder().restore(entry, Optional.empty()).build())
                .get(0);
    }

    @Test
    void restoredRecord_keepsItsCostItsPriceAndItsInstant() throws Exception {
        try (TestStore store = newStore();
                Ledger copy = store.open(PriceBook.empty(), clock);
                Ledger source = source()) {
            source.append(Samples.record("r1"));
            LedgerEntry entry = source.find(R1).orElseThrow();
            assertThat(copy.write(
                            Batch.builder().restore(entry, Optional.empty()).build()))
                    .containsExactly(appended("r1"));
            assertThat(copy.explain(R1).orElseThrow().lines()).isEmpty();
            Batch.Step.Restore complete = step(source, entry);
            assertThat(copy.write(Batch.builder().step(complete).build())).containsExactly(duplicate("r1"));
            LedgerEntry restored = copy.find(R1).orElseThrow();
            assertThat(restored.record()).isEqualTo(entry.record());
            assertThat(restored.record().givenCost()).isEmpty();
            assertThat(restored.cost()).isEqualTo(entry.cost()).isInstanceOf(Cost.Priced.class);
            assertThat(restored.recorded()).isEqualTo(Samples.NOW.minus(Duration.ofDays(100)));
            assertThat(copy.explain(R1)).isEqualTo(source.explain(R1)).isPresent();
            assertThat(copy.summary(TimeWindow.all())).isEqualTo(source.summary(TimeWindow.all()));
        }
    }

    @Test
    void restoredRecord_isTheSameForRetries_whateverPricesThen() {
        LedgerEntry entry = priced("r1");
        restore(entry);
        assertThat(restore(entry)).isEqualTo(duplicate("r1"));
        assertThat(ledger.append(Samples.record("r1"))).isEqualTo(duplicate("r1"));
        assertThat(ledger.append(Samples.builder("r1").inputTokens(1).build()))
                .isInstanceOf(AppendResult.Conflict.class);
        assertThat(ledger.revise("r1", Samples.record("any"), Merge.LATEST)).isEqualTo(duplicate("r1"));
        assertThat(history()).hasSize(1);
    }

    @Test
    void restoredRecord_isADuplicateOrConflict_whereItsIdIsTaken() {
        append(Samples.record("r1"), Samples.builder("r2").role("other").build());
        assertThat(restore(priced("r1"))).isEqualTo(duplicate("r1"));
        assertThat(restore(priced("r2"))).isInstanceOf(AppendResult.Conflict.class);
        assertThat(entry("r1").recorded()).isEqualTo(Samples.NOW);
    }

    @Test
    void restoredEntries_haveTheDoubtsThatTheyHadThere() {
        try (Ledger source = source()) {
            source.append(Samples.builder("r1").note("output_incomplete").build());
            source.append(Samples.builder("r2").note("cache_split_missing").build());
            source.append(Samples.builder("r3").note("total_differs").build());
            source.reverse(RecordId.of("r2"), "counted twice");
            List<LedgerEntry> entries = List.of(
                    source.find(R1).orElseThrow(),
                    source.find(RecordId.of("r2")).orElseThrow(),
                    source.find(RecordId.of("r3")).orElseThrow());
            entries.forEach(this::restore);
            assertThat(ledger.summary(TimeWindow.all()).doubts()).isEqualTo(new Doubts(3, 1, 1));
            restore(source.find(entries.get(1).reversal().orElseThrow().id()).orElseThrow());
            assertThat(ledger.summary(TimeWindow.all()).doubts())
                    .isEqualTo(new Doubts(2, 1, 0))
                    .isEqualTo(source.summary(TimeWindow.all()).doubts());
            assertThat(ledger.verify().differences()).isEmpty();
        }
    }

    @Test
    void restoredReversal_takesItsRecordOutOfTotals() {
        try (Ledger source = source()) {
            source.append(Samples.record("r1"));
            source.reverse(R1, "counted twice");
            LedgerEntry record = source.find(R1).orElseThrow();
            LedgerEntry reversal =
                    source.find(record.reversal().orElseThrow().id()).orElseThrow();

            assertThat(restore(reversal)).isInstanceOfSatisfying(AppendResult.Rejected.class, rejected -> {
                assertThat(rejected.field()).isEqualTo("reversal");
                assertThat(rejected.reason()).startsWith("reversal: ");
            });
            assertThat(restore(record)).isEqualTo(appended("r1"));
            assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
            assertThat(restore(reversal)).isEqualTo(appended(reversal.id().value()));
            assertThat(ledger.summary(TimeWindow.all())).isEqualTo(Summary.ZERO);
            assertThat(entry("r1").reversal()).isEqualTo(record.reversal());
            assertThat(entry(reversal.id().value()).recorded()).isEqualTo(reversal.recorded());

            assertThat(restore(reversal)).isEqualTo(duplicate(reversal.id().value()));
            assertThat(ledger.append(Samples.record("r1"))).isEqualTo(duplicate("r1"));
            assertThat(history()).hasSize(2);
            assertThat(ledger.verify().differences()).isEmpty();
        }
    }

    @Test
    void restoredReversal_findsItsRecordReversedByHand() {
        append(Samples.record("r1"));
        ledger.reverse(R1, "here");
        assertThat(restore(reversalOf(Samples.record("r1"), "elsewhere"))).isEqualTo(duplicate("elsewhere"));
        assertThat(entry("r1").reversal().orElseThrow().reason()).isEqualTo("here");
    }

    /** The reversal is of the record that the other ledger has under this id, not of any that has it here. */
    @Test
    void restoredReversal_ofAnotherRecordUnderTheId_isAConflict() {
        append(Samples.builder("r1").role("other").build(), Samples.record("r2"));
        assertThat(restore(reversalOf(Samples.record("r1"), "v1"))).isInstanceOf(AppendResult.Conflict.class);
        assertThat(entry("r1").inForce()).isTrue();
        assertThat(restore(reversalOf(Samples.record("r2"), "r1")))
                .isInstanceOfSatisfying(
                        AppendResult.Conflict.class,
                        conflict -> assertThat(conflict.field()).isEqualTo("id"));
        assertThat(entry("r2").inForce()).isTrue();
        assertThat(history()).hasSize(2);
    }

    private LedgerEntry reversalOf(UsageRecord record, String id) {
        LedgerEntry reversed = priced(record.id().value());
        return new LedgerEntry(
                7,
                RecordId.of(id),
                Kind.REVERSAL,
                record,
                reversed.cost(),
                Samples.NOW,
                Optional.of(new LedgerEntry.Reversal(RecordId.of(id), record.id(), "there")),
                Optional.empty(),
                Optional.empty());
    }

    @Test
    void entryThatNoLedgerHas_isNoStep() {
        LedgerEntry entry = priced("r1");
        UsageRecord given = entry.record().toBuilder().cost(Usd.parse("1")).build();
        assertRefused("cost_usd", with(entry, given, entry.cost(), Kind.USAGE));
        Cost tooMuch =
                new Cost.Priced(Usd.parse("9000000.01"), entry.cost().priceId().orElseThrow(), List.of());
        assertRefused("cost_usd", with(entry, entry.record(), tooMuch, Kind.USAGE));
        assertRefused("id", with(entry, entry.record(), entry.cost(), Kind.REVERSAL));
        assertRefused(
                "timestamp",
                with(entry, UsageRecord.builder().id("r1").model("m").build(), entry.cost(), Kind.USAGE));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Batch.Step.Restore(
                        with(
                                entry,
                                given,
                                new Cost.Given(Usd.parse("1"), entry.cost().status()),
                                Kind.USAGE),
                        Samples.prices().find(entry.record(), Samples.NOW)))
                .withMessageStartingWith("price_id: ");
    }

    private static LedgerEntry with(LedgerEntry entry, UsageRecord record, Cost cost, Kind kind) {
        return new LedgerEntry(
                1,
                entry.id(),
                kind,
                record,
                cost,
                entry.recorded(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static void assertRefused(String field, LedgerEntry entry) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Batch.Step.Restore(entry, Optional.empty()))
                .withMessageStartingWith(field + ": ");
    }

    @Test
    void copyOfARandomLedger_isAndAnswersAsTheLedger() {
        Seeds.run(30, this::copy);
    }

    @Test
    @Tag("long")
    void copyOfARandomLedger_isAndAnswersAsTheLedger_thousandsOfTimes() {
        Seeds.run(2_000, this::copy);
    }

    private void copy(RandomGenerator random) throws Exception {
        SettableClock time = new SettableClock(Samples.NOW);
        OperationGenerator generator = new OperationGenerator(random);
        try (TestStore store = newStore();
                Ledger source = InMemoryLedger.open(Samples.prices(), time);
                Ledger copy = store.open(Samples.prices(), time)) {
            List<Operation> done = operations(random, generator, time, 40);
            done.forEach(operation -> operation.apply(source));
            List<LedgerEntry> entries = LedgerComparison.entries(source);
            for (int from = 0; from < entries.size(); ) {
                int to = Math.min(entries.size(), from + 1 + random.nextInt(20));
                Batch.Builder batch = Batch.builder();
                entries.subList(from, to).forEach(entry -> batch.step(step(source, entry)));
                assertThat(copy.write(batch.build())).allMatch(AppendResult.Appended.class::isInstance);
                from = to;
            }
            assertThat(LedgerComparison.firstDifferenceOfCopy(source, copy)).isEmpty();
            assertThat(ids(copy)).isEqualTo(ids(source));
            List<Operation> later = new ArrayList<>(done);
            later.addAll(operations(random, generator, time, 20));
            for (Operation operation : later) {
                Object expected = operation.apply(source);
                assertThat(operation.apply(copy)).as(operation::toString).isEqualTo(expected);
            }
            assertThat(LedgerComparison.firstDifferenceOfCopy(source, copy)).isEmpty();
            assertThat(copy.verify().differences()).isEmpty();
        }
    }

    private static List<Operation> operations(
            RandomGenerator random, OperationGenerator generator, SettableClock time, int number) {
        List<Operation> operations = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            Operation operation = generator.nextOfRecords();
            operations.add(operation);
        }
        time.advance(Duration.ofNanos(random.nextLong(40_000_000_000_000L)));
        return operations;
    }

    private static List<RecordId> ids(Ledger ledger) {
        return LedgerComparison.entries(ledger).stream().map(LedgerEntry::id).toList();
    }
}
