package dev.tokenledger.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerInterruptedException;
import dev.tokenledger.Merge;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.Revision;
import dev.tokenledger.WriteResult;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceId;
import dev.tokenledger.pricing.TokenClass;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is promised of appending, of batches, of the cost a record gets, and of closing. */
abstract class WritingContract extends LedgerTests {

    private static final UsageRecord TOO_EXPENSIVE = Samples.builder("too-expensive")
            .inputTokens(0)
            .outputTokens(1_000_000_000_000L)
            .build();

    @Test
    void append_keepsEveryField() {
        UsageRecord record = Samples.everyField("r1").build();
        append(record);
        LedgerEntry entry = entry("r1");
        assertThat(entry.record()).isEqualTo(record);
        assertThat(entry.record().toBuilder().build()).isEqualTo(record);
        assertThat(entry.id()).isEqualTo(record.id());
        assertThat(entry.kind()).isEqualTo(LedgerEntry.Kind.USAGE);
        assertThat(entry.recorded()).isEqualTo(Samples.NOW);
        assertThat(entry.reversal()).isEmpty();
        assertThat(entry.inForce()).isTrue();
        assertThat(entry.cost()).isEqualTo(new Cost.Given(Usd.parse("0.2"), PricingStatus.PARTIAL));
    }

    @Test
    void append_keepsTheLongestAndOddestTexts() {
        UsageRecord.Builder builder = Samples.builder("i".repeat(128))
                .model("m".repeat(512))
                .taskName("\uD83D\uDCB8".repeat(256))
                .role("' OR 1=1; --")
                .source("%_\\\"İıŞş\u00a0x");
        for (int i = 0; i < UsageRecord.MOST_ENTRIES; i++) {
            builder.attribute("k".repeat(126) + (char) ('a' + i), "v".repeat(511) + i % 10);
            builder.calls("call_" + i, i + 1L);
            builder.note("note_" + i);
        }
        UsageRecord record = builder.build();
        append(record);
        assertThat(entry(record.id().value()).record()).isEqualTo(record);
        assertThat(ledger.append(record)).isEqualTo(new AppendResult.Duplicate(record.id()));
    }

    @Test
    void append_keepsTheEarliestAndTheLatestInstant() {
        Instant latest = Instant.parse("9999-12-31T00:00:00Z");
        append(
                Samples.builder("first").timestamp(Instant.EPOCH).build(),
                Samples.builder("last").timestamp(latest).build());
        assertThat(entry("first").occurred()).isEqualTo(Instant.EPOCH);
        assertThat(entry("last").occurred()).isEqualTo(latest);
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(2);
    }

    @Test
    void append_fillsInAnAbsentTimestamp_fromTheClockInMicroseconds() {
        clock.set(Instant.parse("2026-03-10T12:00:00.123456789Z"));
        append(UsageRecord.builder().id("r1").model(Samples.BETA).inputTokens(1).build());
        Instant micros = Instant.parse("2026-03-10T12:00:00.123456Z");
        assertThat(entry("r1").record().timestamp()).contains(micros);
        assertThat(entry("r1").recorded()).isEqualTo(micros);
    }

    @Test
    void append_generatesIds_thatAreNeverDuplicates() {
        UsageRecord.Builder same = UsageRecord.builder().model(Samples.BETA).timestamp(Samples.NOW);
        append(same.build(), same.build());
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(2);
    }

    @Test
    void sequence_rises() {
        append(Samples.record("r1"), Samples.record("r2"));
        assertThat(entry("r1").sequence()).isPositive();
        assertThat(entry("r2").sequence()).isGreaterThan(entry("r1").sequence());
    }

    @Test
    void sameRecordAgain_isADuplicate() {
        UsageRecord record = Samples.everyField("r1").build();
        append(record);
        clock.advance(Duration.ofDays(400));
        assertThat(ledger.append(record)).isEqualTo(duplicate("r1"));
        assertThat(history()).hasSize(1);
        assertThat(entry("r1").recorded()).isEqualTo(Samples.NOW);
    }

    @ParameterizedTest
    @EnumSource
    void sameIdWithAnotherField_isAConflictThatNamesIt(DeliveredField field) {
        UsageRecord stored = Samples.everyField("r1").build();
        append(stored);
        UsageRecord offered = field.changed("r1");
        assertThat(ledger.append(offered)).isInstanceOfSatisfying(AppendResult.Conflict.class, conflict -> {
            assertThat(conflict.id()).isEqualTo(RecordId.of("r1"));
            assertThat(conflict.field()).isEqualTo(field.json());
            assertThat(conflict.stored()).isNotEqualTo(conflict.offered());
        });
        assertThat(entry("r1").record()).isEqualTo(stored);
        assertThat(history()).hasSize(1);
    }

    @Test
    void conflict_statesBothValues() {
        append(Samples.record("r1"));
        assertThat(ledger.append(Samples.builder("r1").outputTokens(101).build()))
                .isEqualTo(new AppendResult.Conflict(RecordId.of("r1"), "output_tokens", "100", "101"));
    }

    @Test
    void costGivenLater_isAConflict() {
        append(Samples.record("r1"));
        assertThat(ledger.append(Samples.builder("r1").cost(Usd.parse("0.0045")).build()))
                .isInstanceOfSatisfying(
                        AppendResult.Conflict.class,
                        conflict -> assertThat(conflict.field()).isEqualTo("cost_usd"));
    }

    @Test
    void absentTimestamp_matchesAnyStoredOne() {
        UsageRecord absent = UsageRecord.builder()
                .id("r1")
                .model(Samples.ALPHA)
                .inputTokens(1_000)
                .outputTokens(100)
                .build();
        append(Samples.record("r1"));
        clock.advance(Duration.ofHours(1));
        assertThat(ledger.append(absent)).isEqualTo(duplicate("r1"));
        assertThat(entry("r1").occurred()).isEqualTo(Samples.NOW);
    }

    @Test
    void notes_takeNoPartInTheComparison() {
        append(Samples.builder("r1").note("cache_split_missing").build());
        assertThat(ledger.append(Samples.builder("r1").note("output_incomplete").build()))
                .isEqualTo(duplicate("r1"));
        assertThat(entry("r1").record().notes()).containsExactly("cache_split_missing");
    }

    @Test
    void digitsBeyondMicroseconds_takeNoPartInTheComparison() {
        append(Samples.builder("r1").timestamp(Samples.NOW.plusNanos(1_999)).build());
        assertThat(ledger.append(Samples.builder("r1")
                        .timestamp(Samples.NOW.plusNanos(1_000))
                        .build()))
                .isEqualTo(duplicate("r1"));
    }

    @Test
    void retryUnderANewerPriceBook_isADuplicateAtTheOldCost() throws Exception {
        append(Samples.record("r1"));
        reopen(PriceBook.of(
                List.of(PriceEntry.simple(Samples.ALPHA, new BigDecimal("1000000"), new BigDecimal("1000000")))));
        assertThat(ledger.append(Samples.record("r1"))).isEqualTo(duplicate("r1"));
        assertThat(entry("r1").cost().amount()).hasToString("0.0045");
        assertThat(ledger.summary(TimeWindow.all()).totalCost()).hasToString("0.0045");
    }

    @Test
    void retryThatWouldBeTooExpensiveByNow_isADuplicate() throws Exception {
        UsageRecord record = Samples.builder("r1").outputTokens(1_000_000_000).build();
        append(record);
        reopen(PriceBook.of(
                List.of(PriceEntry.simple(Samples.ALPHA, new BigDecimal("1000000"), new BigDecimal("1000000")))));
        assertThat(ledger.append(record)).isEqualTo(duplicate("r1"));
        assertThat(ledger.appendAll(List.of(record))).containsExactly(duplicate("r1"));
    }

    @Test
    void everything_survivesReopen() throws Exception {
        UsageRecord full = Samples.everyField("full").build();
        append(
                full,
                Samples.record("r1"),
                Samples.builder("u").model(Samples.OMEGA).build());
        ledger.reverse(RecordId.of("r1"), "twice");
        ledger.write(Batch.builder().readerState("reader:/a", "17").build());
        List<LedgerEntry> before = history();
        Summary total = ledger.summary(TimeWindow.all());
        reopen(Samples.prices());
        assertThat(history()).isEqualTo(before);
        assertThat(ledger.summary(TimeWindow.all())).isEqualTo(total);
        assertThat(ledger.readerState("reader:/a")).contains("17");
        assertThat(ledger.append(full)).isEqualTo(duplicate("full"));
        assertThat(ledger.verify().differences()).isEmpty();
    }

    @Test
    void batch_answersForEachRecordInOrder() {
        append(Samples.record("old"));
        List<AppendResult> results = ledger.appendAll(List.of(
                Samples.record("new"),
                Samples.record("old"),
                Samples.record("new"),
                Samples.builder("old").role("delegate").build(),
                Samples.builder("new").inputTokens(1).build(),
                Samples.record("newer")));
        assertThat(results)
                .containsExactly(
                        appended("new"),
                        duplicate("old"),
                        duplicate("new"),
                        new AppendResult.Conflict(RecordId.of("old"), "role", "", "delegate"),
                        new AppendResult.Conflict(RecordId.of("new"), "input_tokens", "1000", "1"),
                        appended("newer"));
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(3);
    }

    @Test
    void emptyBatch_doesNothing() {
        assertThat(ledger.appendAll(List.of())).isEmpty();
        assertThat(ledger.write(Batch.builder().build())).isEmpty();
        assertThat(history()).isEmpty();
    }

    @Test
    void recordTheLedgerRefuses_leavesNothingBehind() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ledger.append(TOO_EXPENSIVE))
                .withMessageContaining("cost_usd");
        assertThat(history()).isEmpty();
    }

    @Test
    void batchWithARecordTheLedgerRefuses_leavesNothingBehind() {
        append(Samples.record("old"));
        Batch batch = Batch.builder()
                .append(Samples.record("r1"))
                .reconcile("old", Samples.builder("any").outputTokens(7).build(), Merge.LATEST)
                .reconcile("grows", Samples.record("any"), Merge.LATEST)
                .readerState("reader", "5")
                .append(TOO_EXPENSIVE)
                .build();
        assertRefusedWhole(batch);
    }

    @Test
    void batchWithAMergeThatFails_leavesNothingBehind() {
        append(Samples.record("old"));
        Batch batch = Batch.builder()
                .append(Samples.record("r1"))
                .readerState("reader", "5")
                .reconcile("old", Samples.builder("any").outputTokens(7).build(), (inForce, offered) -> {
                    throw new IllegalArgumentException("cost_usd: this merge fails");
                })
                .build();
        assertRefusedWhole(batch);
    }

    @Test
    void batchWithAMergeThatIsTooExpensive_leavesNothingBehind() {
        append(Samples.record("old"));
        Batch batch = Batch.builder()
                .append(Samples.record("r1"))
                .readerState("reader", "5")
                .reconcile("r1", Samples.builder("any").outputTokens(8).build(), Merge.LATEST)
                .reconcile("old", Samples.builder("any").outputTokens(7).build(), (inForce, offered) -> TOO_EXPENSIVE)
                .build();
        assertRefusedWhole(batch);
    }

    private void assertRefusedWhole(Batch batch) {
        List<LedgerEntry> before = history();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ledger.write(batch))
                .withMessageContaining("cost_usd");
        assertThat(history()).isEqualTo(before);
        assertThat(ledger.find(RecordId.of("r1"))).isEmpty();
        assertThat(ledger.readerState("reader")).isEmpty();
        assertThat(ledger.append(Samples.record("r1"))).isEqualTo(appended("r1"));
        assertThat(ledger.verify().differences()).isEmpty();
    }

    @Test
    void mergeOfAnExpensiveCopyIntoACheapRecord_isJudgedByWhatIsStored() {
        ledger.reconcile("old", Samples.record("any"), Merge.LATEST);
        WriteResult result = ledger.reconcile(
                "old",
                TOO_EXPENSIVE,
                (inForce, offered) -> Samples.builder("any").outputTokens(7).build());
        assertThat(result).isInstanceOf(WriteResult.Corrected.class);
    }

    @Test
    void readerState_isRememberedWithItsRecords_andForgottenWhenEmpty() {
        assertThat(ledger.readerState("reader:/a")).isEmpty();
        ledger.write(Batch.builder()
                .append(Samples.record("r1"))
                .readerState("reader:/a", "{\"offset\":17}")
                .readerState("reader:/b%", "x")
                .readerState("other:/a", " y\n")
                .build());
        assertThat(ledger.readerState("reader:/a")).contains("{\"offset\":17}");
        assertThat(ledger.readerState("other:/a")).contains(" y\n");
        assertThat(ledger.readerStates("reader:")).isEqualTo(Map.of("reader:/a", "{\"offset\":17}", "reader:/b%", "x"));
        assertThat(ledger.readerStates("reader:/b%")).hasSize(1);
        assertThat(ledger.readerStates("reader:_")).isEmpty();
        assertThat(ledger.readerStates("")).hasSize(3);
        ledger.write(Batch.builder()
                .readerState("reader:/a", "")
                .readerState("reader:/b%", "z")
                .readerState("never:/a", "")
                .build());
        assertThat(ledger.readerStates("reader:")).isEqualTo(Map.of("reader:/b%", "z"));
    }

    @Test
    void readerState_isStoredThoughTheRecordsWereThere() {
        append(Samples.record("r1"));
        List<WriteResult> results = ledger.write(Batch.builder()
                .append(Samples.record("r1"))
                .append(Samples.builder("r1").role("delegate").build())
                .readerState("reader", "2")
                .build());
        assertThat(results).hasSize(2).noneMatch(AppendResult.Appended.class::isInstance);
        assertThat(ledger.readerState("reader")).contains("2");
    }

    @Test
    void cost_isThePriceInForceAtTheCall() {
        clock.set(Instant.parse("2027-01-01T00:00:00Z"));
        UsageRecord.Builder beta = Samples.builder("before")
                .model(Samples.BETA)
                .inputTokens(1_000_000)
                .outputTokens(0);
        append(
                beta.timestamp(Samples.BETA_CHANGE.minusNanos(1_000)).build(),
                beta.id("after").timestamp(Samples.BETA_CHANGE).build());
        assertThat(entry("before").cost().amount()).hasToString("2");
        assertThat(entry("after").cost().amount()).hasToString("1");
        assertThat(entry("after").cost().priceId().orElseThrow().text()).startsWith("openai/gpt-beta@2026-02-01#");
    }

    @Test
    void cost_ofARecordWithoutTimestamp_isThePriceInForceNow() {
        clock.set(Samples.BETA_CHANGE.minusNanos(1));
        append(UsageRecord.builder()
                .id("r1")
                .model(Samples.BETA)
                .inputTokens(1_000_000)
                .build());
        assertThat(entry("r1").cost().amount()).hasToString("2");
    }

    @Test
    void unpriced_isToldFromFree() {
        append(
                Samples.builder("unpriced")
                        .model(Samples.OMEGA)
                        .calls("web_search", 2)
                        .build(),
                Samples.builder("free").model(Samples.GAMMA).build());
        assertThat(entry("free").cost()).isInstanceOf(Cost.Priced.class);
        assertThat(entry("unpriced").cost()).isInstanceOfSatisfying(Cost.Unpriced.class, cost -> {
            assertThat(cost.unpricedTokens()).isEqualTo(Map.of(TokenClass.INPUT, 1_000L, TokenClass.OUTPUT, 100L));
            assertThat(cost.unpricedCalls()).isEqualTo(Map.of("web_search", 2L));
        });
        Summary total = ledger.summary(TimeWindow.all());
        assertThat(total.totalCost()).isEqualTo(Usd.ZERO);
        assertThat(total.pricedRecords()).isEqualTo(1);
        assertThat(total.unpricedRecords()).isEqualTo(1);
    }

    @Test
    void partialCost_namesWhatIsMissing() {
        append(Samples.builder("r1")
                .model(Samples.DELTA)
                .cacheReadInputTokens(5)
                .build());
        assertThat(entry("r1").cost()).isInstanceOfSatisfying(Cost.Partial.class, cost -> {
            assertThat(cost.amount()).hasToString("0.001");
            assertThat(cost.unpricedTokens()).isEqualTo(Map.of(TokenClass.OUTPUT, 100L, TokenClass.CACHE_READ, 5L));
        });
        Summary total = ledger.summary(TimeWindow.all());
        assertThat(total.partialRecords()).isEqualTo(1);
        assertThat(total.fullyPriced()).isFalse();
    }

    @Test
    void notesOfACost_areKept() {
        append(Samples.builder("r1")
                .cacheCreationInputTokens(200_000)
                .serviceTier("batch")
                .build());
        assertThat(entry("r1").cost().notes())
                .containsExactly("service_tier:batch", "tier:above:200000", "cache_write_unattributed");
    }

    @Test
    void givenCost_isKeptAsItIs() {
        append(
                Samples.builder("r1").cost(Usd.parse("7.000000000001")).build(),
                Samples.builder("r2")
                        .cost(Usd.ZERO)
                        .pricingStatus(PricingStatus.UNPRICED)
                        .build());
        assertThat(entry("r1").cost()).isEqualTo(new Cost.Given(Usd.parse("7.000000000001"), PricingStatus.PRICED));
        assertThat(entry("r1").cost().priceId()).contains(PriceId.GIVEN);
        assertThat(entry("r2").cost().status()).isEqualTo(PricingStatus.UNPRICED);
        Summary total = ledger.summary(TimeWindow.all());
        assertThat(total.totalCost()).hasToString("7.000000000001");
        assertThat(total.unpricedRecords()).isEqualTo(1);
    }

    @Test
    void reportedCost_isKeptBesideOurs() {
        append(Samples.builder("r1").reportedCost(Usd.parse("9")).build());
        assertThat(entry("r1").record().reportedCost()).contains(Usd.parse("9"));
        assertThat(ledger.summary(TimeWindow.all()).totalCost()).hasToString("0.0045");
    }

    @Test
    void explanation_comesFromThePriceUsedThen() throws Exception {
        append(Samples.builder("r1").calls("web_search", 1).build());
        var before = ledger.explain(RecordId.of("r1"));
        assertThat(before).hasValueSatisfying(explanation -> {
            assertThat(explanation.total()).hasToString("0.0145");
            assertThat(explanation.lines()).extracting("what").containsExactly("input", "output", "web_search");
            assertThat(explanation.entry().orElseThrow().source()).isEqualTo("the test kit");
        });
        reopen(PriceBook.empty());
        assertThat(ledger.explain(RecordId.of("r1"))).isEqualTo(before);
    }

    @Test
    void explanation_ofGivenAndUnpricedCosts_hasNoLines() {
        append(
                Samples.builder("given").cost(Usd.parse("7")).build(),
                Samples.builder("unpriced").model(Samples.OMEGA).build());
        for (String id : List.of("given", "unpriced")) {
            assertThat(ledger.explain(RecordId.of(id))).hasValueSatisfying(explanation -> {
                assertThat(explanation.cost()).isEqualTo(entry(id).cost());
                assertThat(explanation.lines()).isEmpty();
                assertThat(explanation.entry()).isEmpty();
            });
        }
        assertThat(ledger.explain(RecordId.of("nobody"))).isEmpty();
    }

    @Test
    void closedLedger_refusesEverything_andClosesAgain() {
        append(Samples.record("r1"));
        ledger.close();
        ledger.close();
        RecordId id = RecordId.of("r1");
        List<Callable<?>> calls = List.of(
                () -> ledger.append(Samples.record("r2")),
                () -> ledger.appendAll(List.of(Samples.record("r2"))),
                () -> ledger.reconcile("r2", Samples.record("r2"), Merge.LATEST),
                () -> ledger.reverse(id, ""),
                () -> ledger.replace(id, Samples.record("r2"), ""),
                () -> ledger.find(id),
                () -> ledger.explain(id),
                () -> ledger.records(RecordQuery.over(TimeWindow.all()).build()),
                () -> ledger.summary(TimeWindow.all()),
                () -> ledger.readerState("reader"),
                () -> ledger.readerStates(""),
                () -> ledger.verify());
        for (Callable<?> call : calls) {
            assertThatIllegalStateException().isThrownBy(call::call).withMessageContaining("closed");
        }
        assertThatIllegalStateException().isThrownBy(ledger::rebuild).withMessageContaining("closed");
    }

    @Test
    void interruptedThread_isToldSo_andNothingIsStored() {
        append(Samples.record("r1"));
        SummaryQuery query =
                SummaryQuery.over(TimeWindow.all()).by(Dimension.MODEL).build();
        List<Callable<?>> calls = List.of(
                () -> ledger.append(Samples.record("r2")),
                () -> ledger.appendAll(List.of(Samples.record("r2"), Samples.record("r3"))),
                () -> ledger.reconcile("r2", Samples.record("any"), Merge.LATEST),
                () -> ledger.reverse(RecordId.of("r1"), ""),
                () -> ledger.replace(RecordId.of("r1"), Samples.record("r2"), ""),
                () -> ledger.records(RecordQuery.over(TimeWindow.all()).build()),
                () -> ledger.query(query));
        for (Callable<?> call : calls) {
            Thread.currentThread().interrupt();
            try {
                assertThatThrownBy(call::call).isInstanceOf(LedgerInterruptedException.class);
                assertThat(Thread.currentThread().isInterrupted())
                        .as("the flag is set again")
                        .isTrue();
            } finally {
                Thread.interrupted();
            }
        }
        assertThat(history()).hasSize(1);
        assertThat(ledger.append(Samples.record("r2"))).isEqualTo(appended("r2"));
    }

    @Test
    void manyThreads_appendEachRecordOnce() throws Exception {
        int threads = 8;
        int perThread = 50;
        List<List<AppendResult>> results = inParallel(threads, thread -> {
            List<AppendResult> mine = new ArrayList<>();
            for (int i = 0; i < perThread; i++) {
                // Every record is offered by all threads, in orders that meet in the middle.
                mine.add(ledger.append(Samples.record("shared-" + (thread % 2 == 0 ? i : perThread - 1 - i))));
                mine.add(ledger.append(Samples.record("own-" + thread + "-" + i)));
            }
            return mine;
        });
        List<AppendResult> all = results.stream().flatMap(List::stream).toList();
        assertThat(all).noneMatch(AppendResult.Conflict.class::isInstance);
        assertThat(all.stream().filter(AppendResult.Appended.class::isInstance).distinct())
                .hasSize(perThread + threads * perThread);
        assertThat(all.stream().filter(AppendResult.Appended.class::isInstance))
                .hasSize(perThread + threads * perThread);
        Summary total = ledger.summary(TimeWindow.all());
        assertThat(total.totalRecords()).isEqualTo(perThread + threads * perThread);
        assertThat(total.totalCost()).isEqualTo(Usd.parse("2.025"));
        assertThat(ledger.verify().differences()).isEmpty();
    }

    @Test
    void manyThreads_reconcileOneKey_leaveOneRevisionInForce() throws Exception {
        Merge larger = (inForce, offered) ->
                inForce.tokens().output() >= offered.tokens().output() ? inForce : offered;
        inParallel(6, thread -> {
            for (int i = 1; i <= 20; i++) {
                ledger.reconcile("call", Samples.builder("any").outputTokens(i).build(), larger);
            }
            return List.of();
        });
        Summary total = ledger.summary(TimeWindow.all());
        assertThat(total.totalRecords()).isEqualTo(1);
        assertThat(total.totalOutputTokens()).isEqualTo(20);
        assertThat(ledger.find(Revision.id("call", 1))).isPresent();
    }

    private interface Work {
        List<AppendResult> run(int thread);
    }

    private static List<List<AppendResult>> inParallel(int threads, Work work) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            CountDownLatch start = new CountDownLatch(threads);
            List<Future<List<AppendResult>>> futures = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                int number = thread;
                futures.add(executor.submit(() -> {
                    start.countDown();
                    start.await();
                    return work.run(number);
                }));
            }
            List<List<AppendResult>> results = new ArrayList<>();
            for (Future<List<AppendResult>> future : futures) {
                results.add(future.get());
            }
            return results;
        } finally {
            executor.shutdownNow();
        }
    }
}
