package dev.tokenledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.ReportQuery;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.summary.TooManyGroupsException;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.testkit.SettableClock;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FederatedLedgerTest {

    /** For what must happen; a test that works never waits as long. */
    private static final long PATIENCE_SECONDS = 60;

    /** More than a ledger in memory ever takes to answer, and what one waits for a ledger that never does. */
    private static final Duration LIMIT = Duration.ofSeconds(8);

    private final SettableClock clock = new SettableClock(Samples.NOW);
    private final List<Ledger> opened = new ArrayList<>();

    @AfterEach
    void close() {
        opened.forEach(Ledger::close);
    }

    private <L extends Ledger> L closing(L ledger) {
        opened.add(ledger);
        return ledger;
    }

    private Ledger holding(UsageRecord... records) {
        Ledger ledger = InMemoryLedger.open(Samples.prices(), clock);
        for (UsageRecord record : records) {
            assertThat(ledger.append(record)).isInstanceOf(AppendResult.Appended.class);
        }
        return ledger;
    }

    private FederatedLedger sum(Ledger... ledgers) {
        FederatedLedger.Builder builder = FederatedLedger.builder();
        for (int i = 0; i < ledgers.length; i++) {
            builder.ledger("l" + i, ledgers[i]);
        }
        return closing(builder.build());
    }

    private static UsageRecord costing(String id, String model, String usd) {
        return Samples.builder(id).model(model).cost(Usd.parse(usd)).build();
    }

    /** A ledger that nobody can open until its gate opens, as a server that is there and does not answer. */
    private static final class Hanging implements Supplier<Ledger> {

        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch interrupted = new CountDownLatch(1);

        @Override
        public Ledger get() {
            begun.countDown();
            try {
                new CountDownLatch(1).await();
                throw new AssertionError("nobody opens this gate");
            } catch (InterruptedException e) {
                interrupted.countDown();
                Thread.currentThread().interrupt();
                throw new LedgerInterruptedException("cannot open it: the thread was interrupted", e);
            }
        }
    }

    private static Supplier<Ledger> failing(String message) {
        return () -> {
            throw new LedgerUnavailableException(message, null);
        };
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    // ---- Sums

    @Test
    void limit_choosesAmongTheSums_notAmongTheFirstOfEachLedger() {
        Ledger sum = sum(
                holding(costing("1", "only-here", "10"), costing("2", "everywhere", "6")),
                holding(costing("3", "only-there", "9"), costing("4", "everywhere", "6")));
        SummaryQuery first =
                SummaryQuery.over(TimeWindow.all()).by(Dimension.MODEL).limit(1).build();
        assertThat(sum.summaries(first))
                .extracting(row -> row.key() + "=" + row.summary().totalCost() + row.other())
                .containsExactly("everywhere=12false", "=19true");
        assertThat(sum.report(ReportQuery.of(first).countingGroups()).groups()).hasValue(3);
        assertThat(sum.report(ReportQuery.of(first)).groups()).isEmpty();
    }

    @Test
    void recordInTwoLedgers_countsTwice_andIsFoundInTheFirst() {
        UsageRecord here = costing("same", "here", "1");
        Ledger sum = sum(holding(), holding(here), holding(costing("same", "there", "2")));
        assertThat(sum.summary(TimeWindow.all()).totalRecords()).isEqualTo(2);
        assertThat(sum.summary(TimeWindow.all()).totalCost()).isEqualTo(Usd.parse("3"));
        assertThat(sum.find(RecordId.of("same")).orElseThrow().record()).isEqualTo(here);
        assertThat(sum.explain(RecordId.of("same")).orElseThrow().total()).isEqualTo(Usd.parse("1"));
        assertThat(sum.revisions("same")).extracting(LedgerEntry::record).containsExactly(here);
        assertThat(sum.find(RecordId.of("none"))).isEmpty();
        assertThat(sum.revisions("none")).isEmpty();
    }

    @Test
    void pagesOfEqualInstants_haveEachEntryOnce_whateverTheirSize() {
        List<Ledger> ledgers = new ArrayList<>();
        int all = 0;
        for (int i = 0; i < 5; i++) {
            Ledger ledger = holding();
            for (int j = 0; j < 3 * i; j++) {
                ledger.append(Samples.record("r-" + i + "-" + j));
                all++;
            }
            ledgers.add(ledger);
        }
        Ledger sum = sum(ledgers.toArray(new Ledger[0]));
        List<String> listed = ids(sum, RecordQuery.MAX_LIMIT);
        assertThat(listed).hasSize(all).doesNotHaveDuplicates();
        for (int limit = 1; limit <= all + 1; limit++) {
            assertThat(ids(sum, limit)).as("limit " + limit).isEqualTo(listed);
        }
        // Of one ledger, the one written last comes first.
        assertThat(listed.stream().filter(id -> id.startsWith("r-2-"))).isSortedAccordingTo((a, b) -> b.compareTo(a));
    }

    private static List<String> ids(Ledger ledger, int limit) {
        List<String> ids = new ArrayList<>();
        RecordQuery.Builder query = RecordQuery.over(TimeWindow.all()).limit(limit);
        Optional<RecordQuery.Cursor> next;
        do {
            RecordPage page = ledger.records(query.build());
            assertThat(page.entries()).hasSizeBetween(1, limit);
            page.entries().forEach(entry -> ids.add(entry.id().value()));
            next = page.next();
            next.ifPresent(query::after);
        } while (next.isPresent());
        return ids;
    }

    @Test
    void periods_areClosedWhereEveryLedgerHasClosedThem() {
        Ledger one = holding();
        Ledger other = holding();
        Ledger sum = sum(one, other);
        Instant february = Instant.parse("2026-02-01T00:00:00Z");
        Instant march = Instant.parse("2026-03-01T00:00:00Z");
        assertThat(sum.periodMarks()).isEmpty();
        mark(one, Optional.of(march), "closed here");
        assertThat(sum.periodMarks()).isEmpty();
        mark(other, Optional.of(february), "closed there");
        assertThat(sum.periodMarks())
                .containsExactly(new PeriodMark(Optional.of(february), "Z", "closed there", clock.instant()));
        mark(other, Optional.of(march), "closed there too");
        assertThat(PeriodMark.closedBefore(sum.periodMarks())).contains(march);
        mark(one, Optional.empty(), "open again");
        assertThat(PeriodMark.closedBefore(sum.periodMarks())).isEmpty();
        assertThat(sum.periodMarks()).hasSize(3);
    }

    private void mark(Ledger ledger, Optional<Instant> before, String reason) {
        clock.advance(Duration.ofSeconds(1));
        ledger.markPeriod(before, ZoneOffset.UTC, reason);
    }

    @Test
    void ledgers_areAskedAtTheSameTime() {
        int ledgers = 4;
        CyclicBarrier all = new CyclicBarrier(ledgers);
        FederatedLedger.Builder builder = FederatedLedger.builder();
        for (int i = 0; i < ledgers; i++) {
            builder.ledger("l" + i, () -> {
                try {
                    all.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
                } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
                    throw new LedgerUnavailableException("the others did not come", e);
                }
                return holding(Samples.record("r"));
            });
        }
        assertThat(closing(builder.build()).summary(TimeWindow.all()).totalRecords())
                .isEqualTo(ledgers);
    }

    // ---- Ledgers that do not answer

    @Test
    void ledgerThatFails_failsTheQuestion_byItsName() {
        FederatedLedger sum = closing(FederatedLedger.builder()
                .ledger("eu", holding(Samples.record("1")))
                .ledger("us", failing("cannot open us.db: it is away"))
                .build());
        LedgerMissingException failure =
                catchThrowableOfType(LedgerMissingException.class, () -> sum.summary(TimeWindow.all()));
        assertThat(failure).hasMessage("the ledger us did not answer: cannot open us.db: it is away");
        assertThat(failure.ledger()).isEqualTo("us");
        assertThat(failure.reason()).isEqualTo("cannot be read");
        assertThat(sum.missing()).isEmpty();
    }

    @Test
    void partialAnswer_isOfTheOthers_andSaysWhatIsMissing() {
        AtomicInteger asked = new AtomicInteger();
        FederatedLedger sum = closing(FederatedLedger.builder()
                .ledger("eu", holding(Samples.record("1")))
                .ledger("us", () -> {
                    asked.incrementAndGet();
                    throw new LedgerCorruptException("us.db is damaged", null);
                })
                .ledger("asia", holding(Samples.record("2")))
                .build());
        FederatedLedger partial = sum.partial();
        assertThat(partial.missing()).isEmpty();
        assertThat(partial.summary(TimeWindow.all()).totalRecords()).isEqualTo(2);
        assertThat(partial.missing()).extracting(LedgerMissingException::ledger).containsExactly("us");
        assertThat(partial.missing()).extracting(LedgerMissingException::reason).containsExactly("is damaged");
        assertThat(partial.records(RecordQuery.over(TimeWindow.all()).build()).entries())
                .hasSize(2);
        assertThat(partial.find(RecordId.of("2"))).isPresent();
        // It may be in the one that is missing.
        assertThatThrownBy(() -> partial.find(RecordId.of("3"))).isInstanceOf(LedgerMissingException.class);
        assertThat(asked).hasValue(1);
        assertThat(sum.missing()).isEmpty();
    }

    @Test
    void noLedgerThatAnswers_failsAPartialAnswerToo() {
        FederatedLedger partial = closing(FederatedLedger.builder()
                        .ledger("eu", failing("no way"))
                        .ledger("us", failing("nor here"))
                        .build())
                .partial();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> partial.summary(TimeWindow.all()))
                    .isInstanceOf(LedgerUnavailableException.class)
                    .hasMessage(
                            "cannot summarize any of several ledgers: the ledger eu did not answer: no way; the ledger"
                                    + " us did not answer: nor here");
        }
    }

    @Test
    void ledgerThatComesBack_isThereAgain() {
        AtomicReference<@Nullable Ledger> there = new AtomicReference<>();
        FederatedLedger sum = closing(FederatedLedger.builder()
                .ledger("eu", holding(Samples.record("1")))
                .ledger("us", () -> {
                    Ledger ledger = there.get();
                    if (ledger == null) {
                        throw new LedgerUnavailableException("not yet", null);
                    }
                    return ledger;
                })
                .build());
        FederatedLedger before = sum.partial();
        assertThat(before.summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
        there.set(holding(Samples.record("2")));
        assertThat(sum.summary(TimeWindow.all()).totalRecords()).isEqualTo(2);
        assertThat(sum.partial().summary(TimeWindow.all()).totalRecords()).isEqualTo(2);
        // Answers that are shown together lack the same ledgers.
        assertThat(before.summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
    }

    @Test
    void ledgerThatHangs_isNamedAfterTheTimeLimit_andItsThreadInterrupted() {
        Hanging us = new Hanging();
        FederatedLedger sum = closing(FederatedLedger.builder()
                .ledger("us", us)
                .timeLimit(Duration.ofMillis(20))
                .build());
        assertThatThrownBy(() -> sum.summary(TimeWindow.all()))
                .isInstanceOf(LedgerMissingException.class)
                .hasMessageContaining("the ledger us")
                .hasMessageContaining("no answer within PT0.02S")
                .hasCauseInstanceOf(LedgerTimeoutException.class);
        await(us.interrupted);
        assertThatThrownBy(() -> sum.partial().summary(TimeWindow.all()))
                .isInstanceOf(LedgerUnavailableException.class)
                .hasMessageContaining("no answer within PT0.02S");
    }

    @Test
    void ledgerThatHangs_holdsUpNoPartialAnswerForLonger() {
        Hanging us = new Hanging();
        FederatedLedger partial = closing(FederatedLedger.builder()
                        .ledger("eu", holding(Samples.record("1")))
                        .ledger("us", us)
                        .timeLimit(LIMIT)
                        .build())
                .partial();
        assertThat(partial.summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
        assertThat(partial.missing())
                .extracting(missing -> missing.ledger() + " " + missing.reason())
                .containsExactly("us took too long");
        await(us.interrupted);
    }

    @Test
    void failure_endsTheQuestionsToTheOthers() {
        Hanging hanging = new Hanging();
        FederatedLedger sum = closing(FederatedLedger.builder()
                .ledger("hanging", hanging)
                .ledger("failing", () -> {
                    await(hanging.begun);
                    throw new LedgerUnavailableException("away", null);
                })
                .build());
        assertThatThrownBy(() -> sum.summary(TimeWindow.all())).hasMessageContaining("the ledger failing");
        await(hanging.interrupted);
    }

    @Test
    void interrupt_isCarriedThrough() throws Exception {
        Hanging hanging = new Hanging();
        FederatedLedger sum =
                closing(FederatedLedger.builder().ledger("hanging", hanging).build());
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        AtomicReference<Boolean> flag = new AtomicReference<>(false);
        Thread asking = new Thread(() -> {
            try {
                sum.partial().summary(TimeWindow.all());
            } catch (LedgerInterruptedException e) {
                thrown.set(e);
                flag.set(Thread.currentThread().isInterrupted());
            }
        });
        asking.start();
        await(hanging.begun);
        asking.interrupt();
        asking.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        assertThat(thrown.get()).isInstanceOf(LedgerInterruptedException.class);
        assertThat(flag.get()).isTrue();
        await(hanging.interrupted);
    }

    @Test
    void interruptedThread_asksNobody() {
        AtomicInteger openings = new AtomicInteger();
        FederatedLedger sum = closing(FederatedLedger.builder()
                .ledger("eu", () -> {
                    openings.incrementAndGet();
                    return holding();
                })
                .build());
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> sum.summary(TimeWindow.all())).isInstanceOf(LedgerInterruptedException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(openings).hasValue(0);
    }

    @Test
    void mistake_isTheCallers_alsoWhereAnAnswerMayBePartial() {
        Ledger sum = sum(holding(), holding());
        FederatedLedger partial = ((FederatedLedger) sum).partial();
        assertThatIllegalArgumentException().isThrownBy(() -> sum.revisions(" "));
        assertThatIllegalArgumentException().isThrownBy(() -> partial.revisions(" "));
        assertThat(partial.missing()).isEmpty();
    }

    // ---- What it is made of

    @Test
    void everythingThatWrites_isRefused() {
        UsageRecord record = Samples.record("1");
        Ledger ledger = holding(record);
        Ledger sum = sum(ledger);
        List<Runnable> writes = List.of(
                () -> sum.append(Samples.record("2")),
                () -> sum.appendAll(List.of(Samples.record("2"))),
                () -> sum.write(Batch.of(List.of())),
                () -> sum.revise("key", record, (inForce, offered) -> offered),
                () -> sum.reverse(record.id(), ""),
                () -> sum.replace(record.id(), Samples.record("2"), ""),
                () -> sum.markPeriod(Optional.empty(), ZoneId.of("UTC"), "why"),
                () -> sum.writeIf(
                        "key", "", Batch.builder().readerState("key", "state").build()),
                () -> sum.compareAndSetReaderState("key", "", Map.of("key", "state")),
                () -> sum.writeIf(
                        "key", "", Batch.builder().readerState("key", "state").build()),
                sum::rebuild);
        for (Runnable write : writes) {
            assertThatThrownBy(write::run)
                    .isInstanceOf(LedgerReadOnlyException.class)
                    .hasMessageContaining("nothing was stored");
        }
        sum.checkWritable();
        assertThat(ledger.records(RecordQuery.over(TimeWindow.all()).build()).entries())
                .hasSize(1);
    }

    @Test
    void names_areOfDifferentLedgers() {
        Ledger ledger = closing(holding());
        FederatedLedger.Builder builder = FederatedLedger.builder().ledger(" eu ", ledger);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.ledger("eu", InMemoryLedger.open(PriceBook.empty())))
                .withMessageContaining("two ledgers are called eu");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.ledger("us", ledger))
                .withMessageContaining("added already");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.ledger(" ", () -> ledger));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FederatedLedger.builder().build());
        assertThatIllegalArgumentException().isThrownBy(() -> builder.timeLimit(Duration.ZERO));
        IntStream.range(1, FederatedLedger.MAX_LEDGERS).forEach(i -> builder.ledger("l" + i, () -> ledger));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.ledger("one more", () -> ledger))
                .withMessage("at most 32 ledgers are added up");
        FederatedLedger sum = closing(builder.prices(Samples.prices()).build());
        assertThat(sum.ledgers()).startsWith("eu", "l1").hasSize(FederatedLedger.MAX_LEDGERS);
        assertThat(sum.prices().layers()).hasSize(1);
    }

    @Test
    void closing_closesTheLedgers_andEndsItsThreads() throws Exception {
        Ledger ledger = holding(Samples.record("1"));
        List<Thread> threads = new ArrayList<>();
        FederatedLedger sum = FederatedLedger.builder()
                .ledger("closing", () -> {
                    threads.add(Thread.currentThread());
                    return ledger;
                })
                .build();
        FederatedLedger partial = sum.partial();
        assertThat(partial.summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
        assertThat(threads).singleElement().satisfies(thread -> {
            assertThat(thread.isDaemon()).isTrue();
            assertThat(thread.getName()).startsWith("tokenledger-closing-");
        });
        partial.close();
        sum.close();
        threads.get(0).join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        assertThat(threads.get(0).isAlive()).isFalse();
        assertThatIllegalStateException().isThrownBy(() -> ledger.summary(TimeWindow.all()));
        assertThatIllegalStateException().isThrownBy(() -> sum.summary(TimeWindow.all()));
        assertThatIllegalStateException().isThrownBy(() -> partial.find(RecordId.of("1")));
    }

    @Test
    void closing_endsQuestionsUnderWay() {
        Hanging hanging = new Hanging();
        FederatedLedger sum =
                FederatedLedger.builder().ledger("hanging", hanging).build();
        Thread asking = new Thread(() -> {
            try {
                sum.summary(TimeWindow.all());
            } catch (LedgerException e) {
                // As it should be: it was closed meanwhile.
            }
        });
        asking.start();
        await(hanging.begun);
        sum.close();
        await(hanging.interrupted);
    }

    @Test
    void tooManyGroups_areRefusedWithTheLedgersName() {
        FederatedLedger sum = sum(holding(), holding(records(100_001)));
        SummaryQuery sessions =
                SummaryQuery.over(TimeWindow.all()).by(Dimension.SESSION).build();
        assertThatThrownBy(() -> sum.summaries(sessions))
                .isInstanceOf(TooManyGroupsException.class)
                .hasMessageContaining("more than 100000 groups");
    }

    private static UsageRecord[] records(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Samples.builder("r" + i).sessionId("s" + i).build())
                .toArray(UsageRecord[]::new);
    }
}
