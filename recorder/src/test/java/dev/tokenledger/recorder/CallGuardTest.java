package dev.tokenledger.recorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerFullException;
import dev.tokenledger.formats.budgets.Admission;
import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.formats.budgets.BudgetExceededException;
import dev.tokenledger.formats.budgets.BudgetGuard;
import dev.tokenledger.formats.budgets.CallEstimate;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.recorder.CallGuard.PlannedCall;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.Attribution;
import dev.tokenledger.usage.UsageRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Asking before a call, with what the recorder does of it afterwards. */
@Timeout(120)
class CallGuardTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    /** 2 USD a million tokens of input, 8 of output. */
    private static PlannedCall ask(Attribution attribution, long input, long most) {
        return new PlannedCall(attribution, "openai", "gpt-4.1", input, most);
    }

    @TempDir
    private Path temp;

    private Path folder;
    private final List<String> problems = Collections.synchronizedList(new ArrayList<>());

    @BeforeEach
    void name() {
        folder = temp.resolve("spool");
    }

    private Recorder recorder(Ledger ledger) throws Exception {
        return Recorder.builder(ledger, folder)
                .problems(problems::add)
                .pauses(Duration.ofMillis(1), Duration.ofMillis(20))
                .maxDelay(LONG)
                .build();
    }

    private static BudgetGuard budget(Ledger ledger, String usd) {
        return BudgetGuard.of(
                ledger, new Budget("all", Map.of(), Budget.Period.MONTH, Usd.parse(usd), Optional.empty()));
    }

    private static CallGuard.Builder guard(Ledger ledger, Recorder recorder, String usd) {
        return CallGuard.builder(budget(ledger, usd), recorder).maxDelay(LONG);
    }

    private static Map<String, String> open(Ledger ledger) {
        return ledger.readerStates("budget-guard/open/");
    }

    private static UsageRecord call(long output) {
        return UsageRecord.builder()
                .upstreamModel("gpt-4.1")
                .provider("openai")
                .inputTokens(1_000)
                .outputTokens(output)
                .build();
    }

    @Test
    void admittedCall_endsItsReservationInItsOwnCommit() throws Exception {
        try (Ledger ledger = SqliteLedger.open(temp.resolve("l.db"), PriceBook.bundled());
                Recorder recorder = recorder(ledger)) {
            CallGuard guard = guard(ledger, recorder, "1").build();
            String reservation = guard.admit(() -> ask(Attribution.NONE, 1_000, 100_000));
            assertThat(open(ledger)).hasSize(1);
            // 0.002 + 0.8 of it are reserved, so that there is no room for another
            assertThatThrownBy(() -> guard.admit(() -> ask(Attribution.NONE, 1_000, 100_000)))
                    .isInstanceOf(BudgetExceededException.class)
                    .hasMessageContaining("0.802 USD reserved of 1 USD");

            recorder.record(() -> call(10), Attribution.NONE, reservation);
            assertThat(recorder.flush(LONG)).isTrue();

            assertThat(open(ledger)).isEmpty();
            assertThat(ledger.summary(TimeWindow.all()).totalCost()).isEqualTo(Usd.parse("0.00208"));
            assertThat(guard.admit(() -> ask(Attribution.NONE, 1_000, 100_000))).isNotEmpty();
            assertThat(guard.decisions()).isEqualTo(new CallGuard.Decisions(0, 2, 1, 0));
        }
    }

    @Test
    void callThatNoBudgetIsAbout_reservesNothing() throws Exception {
        try (Ledger ledger = InMemoryLedger.open(PriceBook.bundled());
                Recorder recorder = recorder(ledger)) {
            Budget team = new Budget(
                    "search",
                    Map.of(Dimension.attribute("team"), "search"),
                    Budget.Period.DAY,
                    Usd.parse("0.001"),
                    Optional.empty());
            CallGuard guard =
                    CallGuard.builder(BudgetGuard.of(ledger, team), recorder).build();
            assertThat(guard.admit(() -> ask(Attribution.NONE, 1_000, 0))).isEmpty();
            Attribution search =
                    Attribution.builder().attribute("team", "search").build();
            assertThatThrownBy(() -> guard.admit(() -> ask(search, 1_000, 0)))
                    .isInstanceOf(BudgetExceededException.class);
            assertThat(open(ledger)).isEmpty();
        }
    }

    /** A budget is written with the name that answers have, which is not the one that is asked for. */
    @Test
    void budgetOfADatedModel_countsCallsThatAskForItWithoutTheDate() throws Exception {
        try (Ledger ledger = InMemoryLedger.open(PriceBook.bundled());
                Recorder recorder = recorder(ledger)) {
            for (Dimension dimension : List.of(Dimension.MODEL, Dimension.UPSTREAM_MODEL)) {
                for (String counted : List.of("gpt-4.1-2025-04-14", "gpt-4.1", "gpt-4.1-mini", "o3")) {
                    Budget one = new Budget(
                            "one",
                            Map.of(dimension, counted),
                            Budget.Period.DAY,
                            Usd.parse("0.000001"),
                            Optional.empty());
                    CallGuard guard = CallGuard.builder(BudgetGuard.of(ledger, one), recorder)
                            .build();
                    if (counted.startsWith("gpt-4.1") && !counted.endsWith("mini")) {
                        assertThatThrownBy(() -> guard.admit(() -> ask(Attribution.NONE, 1, 1)))
                                .isInstanceOf(BudgetExceededException.class);
                    } else {
                        assertThat(guard.admit(() -> ask(Attribution.NONE, 1, 1)))
                                .isEmpty();
                    }
                }
            }
        }
    }

    /** The reservation is in the spool with the record, so that it ends with the record whoever carries it on. */
    @Test
    void ledgerThatIsFullAfterwards_endsTheReservationWhenItHasTheRecord() throws Exception {
        Faults ledger = new Faults();
        try (Recorder recorder = recorder(ledger)) {
            String reservation = guard(ledger, recorder, "1").build().admit(() -> ask(Attribution.NONE, 1_000, 10));
            ledger.before = () -> new LedgerFullException("the disk is full", null);
            assertThat(recorder.record(() -> call(10), Attribution.NONE, reservation)
                            .acknowledged())
                    .isTrue();
        }
        assertThat(open(ledger)).hasSize(1);
        ledger.before = null;
        try (Recorder next = recorder(ledger)) {
            assertThat(next.flush(LONG)).isTrue();
        }
        assertThat(open(ledger)).isEmpty();
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
    }

    @Test
    void ledgerThatTakesNothing_failsNoCall_unlessThatIsWanted() throws Exception {
        Faults ledger = new Faults();
        ledger.before = () -> new LedgerFullException("the disk is full", null);
        try (Recorder recorder = recorder(ledger)) {
            CallGuard open = guard(ledger, recorder, "1").build();
            CallGuard closed = guard(ledger, recorder, "1").refuseUnasked(true).build();
            assertThat(open.admit(() -> ask(Attribution.NONE, 1_000, 10))).isEmpty();
            assertThatThrownBy(() -> closed.admit(() -> ask(Attribution.NONE, 1_000, 10)))
                    .isInstanceOf(LedgerException.class);
            assertThat(problems).anyMatch(problem -> problem.contains("the disk is full"));

            recorder.record(() -> call(10), Attribution.NONE, "");
            awaitAway(recorder);
            int asked = ledger.writes();
            ledger.before = null;
            // What the recorder knows to be away is not asked: the answer does not depend on the ledger.
            assertThat(open.decisions().unasked() + closed.decisions().unasked())
                    .isEqualTo(2);
            assertThat(asked).isPositive();
            assertThat(recorder.flush(LONG)).isTrue();
            assertThat(open.admit(() -> ask(Attribution.NONE, 1_000, 10))).isNotEmpty();
        }
    }

    /** A guest's own fault is no reason to refuse a call either. */
    @Test
    void callThatCannotBeTold_isMade() throws Exception {
        try (Ledger ledger = InMemoryLedger.open(PriceBook.bundled());
                Recorder recorder = recorder(ledger)) {
            CallGuard guard = guard(ledger, recorder, "1").build();
            assertThat(guard.admit(() -> {
                        throw new IllegalStateException("a counter's fault");
                    }))
                    .isEmpty();
            assertThat(guard.admit(() -> new PlannedCall(Attribution.NONE, "", "m".repeat(1_000), 1, 1)))
                    .isEmpty();
            assertThat(guard.admit(() -> new PlannedCall(Attribution.NONE, "", "", 1, 1)))
                    .isNotEmpty();
            assertThat(guard.decisions()).isEqualTo(new CallGuard.Decisions(0, 1, 0, 2));
            assertThat(problems).anyMatch(problem -> problem.contains("a counter's fault"));
        }
    }

    private static void awaitAway(Recorder recorder) {
        await(() -> recorder.statistics().ledgerAwaySince().isPresent());
    }

    @Test
    void ledgerThatHangs_delaysNoCallBeyondTheBound_andWhatItReservesAfterAllIsReleased() throws Exception {
        Faults ledger = new Faults();
        CountDownLatch hanging = new CountDownLatch(1);
        try (Recorder recorder = recorder(ledger)) {
            CallGuard guard =
                    guard(ledger, recorder, "1").maxDelay(Duration.ofMillis(5)).build();
            ledger.after = () -> {
                awaitQuietly(hanging);
                return new LedgerBusyException("the answer is lost", null);
            };
            assertThat(guard.admit(() -> ask(Attribution.NONE, 1_000, 10))).isEmpty();
            assertThat(guard.decisions().unasked()).isEqualTo(1);
            hanging.countDown();
            await(() -> ledger.writes() >= 2 && open(ledger).isEmpty());
        }
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(100_000);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void releasedCall_givesItsRoomBack() throws Exception {
        try (Ledger ledger = InMemoryLedger.open(PriceBook.bundled());
                Recorder recorder = recorder(ledger)) {
            CallGuard guard = guard(ledger, recorder, "0.01").build();
            guard.release(guard.admit(() -> ask(Attribution.NONE, 1_000, 1_000)));
            guard.release("");
            assertThat(guard.admit(() -> ask(Attribution.NONE, 1_000, 1_000))).isNotEmpty();
        }
    }

    /** Of calls that cost 0.01 each, a limit of 0.25 has room for 25, whoever asks. */
    @Test
    void manyThreads_useTheLimitUp_andNeverPassIt() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(64);
        try (Ledger ledger = SqliteLedger.open(temp.resolve("l.db"), PriceBook.bundled());
                Recorder recorder = recorder(ledger)) {
            CallGuard guard = guard(ledger, recorder, "0.25").build();
            AtomicInteger refused = new AtomicInteger();
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                calls.add(threads.submit(() -> {
                    try {
                        String reservation = guard.admit(() -> ask(Attribution.NONE, 1_000, 1_000));
                        recorder.record(() -> call(1_000), Attribution.NONE, reservation);
                    } catch (BudgetExceededException e) {
                        refused.incrementAndGet();
                    }
                }));
            }
            for (Future<?> call : calls) {
                call.get();
            }
            assertThat(recorder.flush(LONG)).isTrue();
            assertThat(ledger.summary(TimeWindow.all()).totalCost()).isEqualTo(Usd.parse("0.25"));
            assertThat(refused).hasValue(39);
            assertThat(open(ledger)).isEmpty();
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void whoIsToldOfDecisions_isToldOfEach_andItsFailureFailsNoCall() throws Exception {
        List<Admission.Outcome> told = new ArrayList<>();
        try (Ledger ledger = InMemoryLedger.open(PriceBook.bundled());
                Recorder recorder = recorder(ledger)) {
            CallGuard guard = guard(ledger, recorder, "0.01")
                    .maxOutputTokens(1_000)
                    .tokens(text -> 1_000)
                    .decisions(admission -> {
                        told.add(admission.outcome());
                        throw new IllegalStateException("a listener's fault");
                    })
                    .build();
            // 0.002 + 0.008: the limit to the digit
            assertThat(guard.admit(() -> ask(Attribution.NONE, guard.tokens("anything"), 0)))
                    .isNotEmpty();
            assertThat(told).containsExactly(Admission.Outcome.WARNED);
            assertThat(problems).anyMatch(problem -> problem.contains("a listener's fault"));
        }
    }

    @Test
    void tokensOfAText_areAThirdOfItsBytes() {
        assertThat(CallEstimate.tokensOf("")).isZero();
        assertThat(CallEstimate.tokensOf("abc")).isEqualTo(1);
        assertThat(CallEstimate.tokensOf("abcd")).isEqualTo(2);
        assertThat(CallEstimate.tokensOf("çéñ")).isEqualTo(2);
        assertThat(CallEstimate.tokensOf("日本語")).isEqualTo(3);
        assertThat(CallEstimate.tokensOf("😀😀😀")).isEqualTo(4);
    }
}
