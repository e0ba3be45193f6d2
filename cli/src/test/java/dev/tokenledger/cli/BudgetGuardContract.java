package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.Ledger;
import dev.tokenledger.formats.budgets.Admission;
import dev.tokenledger.formats.budgets.Admission.Outcome;
import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.formats.budgets.BudgetExceededException;
import dev.tokenledger.formats.budgets.BudgetGuard;
import dev.tokenledger.formats.budgets.BudgetPolicy;
import dev.tokenledger.formats.budgets.CallEstimate;
import dev.tokenledger.formats.budgets.Threshold;
import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.Attribution;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.UsageRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a budget guard promises over every ledger. */
abstract class BudgetGuardContract {

    private static final long PATIENCE_SECONDS = 120;

    private final AtomicReference<Instant> now = new AtomicReference<>(GuardChild.NOW);
    private final InstantSource clock = now::get;
    private Ledger ledger;

    /** The first ledger over an empty store. */
    abstract Ledger open(InstantSource by) throws Exception;

    /** Where other processes find it; empty if they cannot. */
    abstract String place();

    @BeforeEach
    final void openLedger() throws Exception {
        ledger = open(clock);
    }

    @AfterEach
    final void closeLedger() {
        ledger.close();
    }

    private BudgetGuard guard(Budget... budgets) {
        return guard(ledger, budgets);
    }

    private BudgetGuard guard(Ledger over, Budget... budgets) {
        return BudgetGuard.builder(over, () -> List.of(budgets)).clock(clock).build();
    }

    private static Admission ask(BudgetGuard guard, String name, String usd) {
        return guard.admit(name, Attribution.NONE, GuardChild.estimate(usd));
    }

    private static Budget of(Dimension dimension, String value, String usd) {
        return new Budget(
                dimension + " " + value, Map.of(dimension, value), Budget.Period.DAY, Usd.parse(usd), Optional.empty());
    }

    @Test
    void admit_allowsWarnsAndRefuses_toTheDigit() {
        BudgetGuard guard = guard(GuardChild.budget("1"));
        assertThat(ask(guard, "a", "0.799999999999").outcome()).isEqualTo(Outcome.ALLOWED);
        assertThat(ask(guard, "b", "0.000000000001").outcome()).isEqualTo(Outcome.WARNED);
        assertThat(ask(guard, "c", "0.200000000001").outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(ask(guard, "d", "0.2").outcome()).isEqualTo(Outcome.WARNED);
        Admission refused = ask(guard, "e", "0.000000000001");
        assertThat(refused.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(refused.exceeded()).singleElement().satisfies(room -> {
            assertThat(room.reserved()).isEqualTo(Usd.parse("1"));
            assertThat(room.spent().totalCost()).isEqualTo(Usd.ZERO);
            assertThat(room.window().end()).isEqualTo(Instant.parse("2026-03-11T00:00:00Z"));
        });
        assertThatThrownBy(refused::orThrow)
                .isInstanceOf(BudgetExceededException.class)
                .hasMessageContaining("budget \"all\" has no room for 0.000000000001 USD");
        assertThat(ask(guard, "free", "0").outcome()).isEqualTo(Outcome.WARNED);
    }

    @Test
    void softBudget_warnsAndLetsCallsPass_besideAHardOneThatRefuses() {
        BudgetPolicy soft = new BudgetPolicy(BudgetPolicy.Enforcement.SOFT, Threshold.DEFAULTS, Optional.empty());
        BudgetGuard guard = guard(
                GuardChild.budget("1").withPolicy(soft),
                new Budget("hard", Map.of(), Budget.Period.DAY, Usd.parse("2"), Optional.empty()));
        assertThat(ask(guard, "a", "0.5").outcome()).isEqualTo(Outcome.ALLOWED);
        Admission over = ask(guard, "b", "0.6");
        assertThat(over.outcome()).isEqualTo(Outcome.WARNED);
        assertThat(over.orThrow().reason())
                .contains("budget \"all\" has no room for 0.6 USD")
                .contains("it is soft, so the call may be made");
        Admission refused = ask(guard, "c", "1");
        assertThat(refused.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(refused.reason()).contains("budget \"hard\" has no room").doesNotContain("soft");
    }

    @Test
    void softBudget_isNoReasonToRefuseACallWithoutAPrice() {
        BudgetPolicy soft = new BudgetPolicy(BudgetPolicy.Enforcement.SOFT, List.of(), Optional.empty());
        CallEstimate unpriced = CallEstimate.of(GuardChild.record("x", 5), PriceBook.empty(), now.get());
        assertThat(guardThatRefusesUnpriced(GuardChild.budget("1").withPolicy(soft))
                        .admit("a", Attribution.NONE, unpriced)
                        .outcome())
                .isEqualTo(Outcome.WARNED);
        assertThat(guardThatRefusesUnpriced(GuardChild.budget("1"))
                        .admit("b", Attribution.NONE, unpriced)
                        .outcome())
                .isEqualTo(Outcome.REFUSED);
    }

    private BudgetGuard guardThatRefusesUnpriced(Budget budget) {
        return BudgetGuard.builder(ledger, () -> List.of(budget))
                .clock(clock)
                .refuseUnpriced(true)
                .build();
    }

    @Test
    void admit_isAboutWhatTheLedgerHolds_whoeverRecordedIt() {
        BudgetGuard guard = guard(GuardChild.budget("1"));
        ledger.append(GuardChild.record("elsewhere", 999_999));
        assertThat(ask(guard, "a", "0.000002").outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(ask(guard, "b", "0.000001").outcome()).isEqualTo(Outcome.WARNED);
        guard.release("b");
        ledger.append(GuardChild.record("more", 2));
        assertThat(ask(guard, "c", "0").outcome()).as("the limit is passed").isEqualTo(Outcome.REFUSED);
        ledger.reverse(GuardChild.record("elsewhere", 1).id(), "a mistake");
        assertThat(ask(guard, "d", "0.9").isAdmitted()).isTrue();
        now.set(Instant.parse("2026-03-11T00:00:00Z"));
        assertThat(ask(guard, "e", "1").isAdmitted()).as("another day").isTrue();
    }

    @Test
    void release_andExpiry_giveTheRoomBack() {
        BudgetGuard guard = guard(GuardChild.budget("1"));
        ask(guard, "a", "1").orThrow();
        guard.release("a");
        guard.release("a");
        Admission second = ask(guard, "b", "1").orThrow();
        assertThat(second.expires()).isEqualTo(GuardChild.NOW.plus(BudgetGuard.DEFAULT_TTL));
        now.set(second.expires().minusMillis(1));
        assertThat(ask(guard, "c", "1").isAdmitted()).isFalse();
        now.set(second.expires());
        assertThat(guard.check(Attribution.NONE, GuardChild.estimate("1")).isAdmitted())
                .isTrue();
        assertThat(ask(guard, "c", "1").isAdmitted()).isTrue();
        assertThat(ledger.readerStates("budget-guard/open/"))
                .as("what expired is cleared away")
                .hasSize(1);
    }

    @Test
    void append_settlesInTheRecordsCommit() {
        BudgetGuard guard = guard(GuardChild.budget("1"));
        ask(guard, "a", "0.9").orThrow();
        ledger.append(GuardChild.record("grows", 1));
        Batch failing = BudgetGuard.settle(Batch.builder(), "a")
                .append(GuardChild.record("a", 500_000))
                .revise("grows", GuardChild.record("any", 2), (inForce, offered) -> {
                    throw new IllegalStateException("a merge that fails");
                })
                .build();
        assertThatThrownBy(() -> ledger.write(failing)).hasMessage("a merge that fails");
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
        assertThat(ask(guard, "b", "0.2").isAdmitted())
                .as("neither recorded nor settled")
                .isFalse();
        assertThat(guard.append("a", GuardChild.record("a", 500_000))).isInstanceOf(AppendResult.Appended.class);
        Admission next = ask(guard, "b", "0.499999").orThrow();
        assertThat(next.rooms()).singleElement().satisfies(room -> {
            assertThat(room.spent().totalCost()).isEqualTo(Usd.parse("0.500001"));
            assertThat(room.reserved()).isEqualTo(Usd.ZERO);
        });
    }

    @Test
    void append_settlesOnADuplicateToo_andRecordsBeyondTheLimitAndAfterExpiry() {
        BudgetGuard guard = guard(GuardChild.budget("1"));
        ledger.append(GuardChild.record("call", 100_000));
        ask(guard, "a", "0.9").orThrow();
        assertThat(guard.append("a", GuardChild.record("call", 100_000))).isInstanceOf(AppendResult.Duplicate.class);
        Admission late = ask(guard, "b", "0.9").orThrow();
        now.set(late.expires().plusSeconds(1));
        assertThat(guard.append("b", GuardChild.record("late", 2_000_000))).isInstanceOf(AppendResult.Appended.class);
        assertThat(guard.append("never reserved", GuardChild.record("stray", 1)))
                .isInstanceOf(AppendResult.Appended.class);
        assertThat(ledger.summary(TimeWindow.all()).totalCost()).isEqualTo(Usd.parse("2.100001"));
        assertThat(ledger.readerStates("budget-guard/open/")).isEmpty();
    }

    @Test
    void admit_again_findsTheSameReservation() {
        BudgetGuard guard = guard(GuardChild.budget("1"));
        Admission first = ask(guard, "a", "0.8").orThrow();
        now.set(GuardChild.NOW.plusSeconds(1));
        Admission again = ask(guard, " a ", "0.8").orThrow();
        assertThat(again.expires()).isEqualTo(first.expires());
        assertThat(again.reservation()).isEqualTo("a");
        assertThat(ask(guard, "b", "0.2").isAdmitted()).as("reserved once").isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ask(guard, "a", "0.7"))
                .withMessageContaining("give each call a name of its own");
        for (String none : List.of("", " ", "x".repeat(129), "a\0")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ask(guard, none, "0.1"))
                    .withMessageContaining("reservation");
        }
    }

    @Test
    void admit_takesAllBudgetsOfTheCall_orNone() {
        Budget search = of(Dimension.attribute("team"), "search", "1");
        Budget anthropic = of(Dimension.PROVIDER, "anthropic", "2");
        BudgetGuard guard = guard(GuardChild.budget("5"), search, anthropic);
        Attribution team = Attribution.builder().attribute("team", "search").build();
        Attribution other = Attribution.builder().attribute("team", "ads").build();
        assertThat(guard.admit("a", team, GuardChild.estimate("1")).rooms()).hasSize(3);
        assertThat(guard.admit("b", team, GuardChild.estimate("0.1")).exceeded())
                .singleElement()
                .satisfies(room -> assertThat(room.budget()).isEqualTo(search));
        assertThat(guard.admit("c", other, GuardChild.estimate("1")).rooms())
                .as("whose provider may be the one")
                .hasSize(2);
        assertThat(guard.admit("d", other, GuardChild.estimate("0.1")).exceeded())
                .singleElement()
                .satisfies(room -> assertThat(room.budget()).isEqualTo(anthropic));
        CallEstimate elsewhere = CallEstimate.of(new ModelIdentity("gpt-x", "gpt-x", "", "openai"), Usd.parse("0.1"));
        assertThat(guard.admit("e", other, elsewhere).rooms()).hasSize(1);
        assertThat(guard(search)
                        .admit("f", Attribution.NONE, GuardChild.estimate("99"))
                        .rooms())
                .as("no budget is about it")
                .isEmpty();
        assertThat(ledger.readerState("budget-guard/open/f")).isEmpty();
    }

    @Test
    void admit_saysWhatCannotBeKnown() {
        BudgetGuard lenient = guard(GuardChild.budget("1"));
        BudgetGuard strict = BudgetGuard.builder(ledger, () -> List.of(GuardChild.budget("1")))
                .clock(clock)
                .refuseUnpriced(true)
                .build();
        ModelIdentity unknown = new ModelIdentity("nobody-knows", "nobody-knows", "", "");
        CallEstimate estimate = lenient.worstCase(unknown, 1_000, 1_000);
        assertThat(estimate.status()).isEqualTo(PricingStatus.UNPRICED);
        Admission warned = lenient.admit("a", Attribution.NONE, estimate);
        assertThat(warned.outcome()).isEqualTo(Outcome.WARNED);
        assertThat(warned.isUncertain()).isTrue();
        Admission refused = strict.admit("b", Attribution.NONE, estimate);
        assertThat(refused.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(refused.exceeded()).isEmpty();
        assertThat(refused.reason()).contains("the call has no price");
        lenient.append(
                "a",
                UsageRecord.builder()
                        .id("a")
                        .timestamp(GuardChild.NOW)
                        .identity(unknown)
                        .inputTokens(1)
                        .build());
        assertThat(ask(lenient, "c", "0.1").outcome()).isEqualTo(Outcome.WARNED);
        assertThat(ask(strict, "d", "0.1").reason()).contains("some calls of the period have no price");
    }

    @Test
    void worstCase_takesTheDearestInput() {
        CallEstimate estimate =
                guard().worstCase(new ModelIdentity(GuardChild.MODEL, GuardChild.MODEL, "", ""), 1_000_000, 100_000);
        assertThat(estimate.amount())
                .as("all of it written to the cache for an hour, at twice the rate, and 100,000 at 10 USD")
                .isEqualTo(Usd.parse("3"));
        assertThat(estimate.isPriced()).isTrue();
    }

    @Test
    void builder_refusesWhatIsOutOfRange() {
        BudgetGuard.Builder builder = BudgetGuard.builder(ledger, List::of);
        for (Duration ttl : List.of(Duration.ofMillis(999), Duration.ofHours(24).plusMillis(1))) {
            assertThatIllegalArgumentException().isThrownBy(() -> builder.ttl(ttl));
        }
    }

    @Test
    void manyThreads_useTheLimitUp_andNeverPassIt() throws Exception {
        BudgetGuard guard = guard(GuardChild.budget("1"));
        int admitted = GuardChild.run(guard, "t", 64, 2, false);
        assertThat(admitted).isEqualTo(100);
        assertThat(ledger.summary(TimeWindow.all()).totalCost()).isEqualTo(Usd.parse("1"));
        assertThat(ledger.readerStates("budget-guard/open/")).isEmpty();
    }

    @Test
    void severalGuards_useTheLimitUp_andNeverPassIt() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(2);
        try (Ledger second = place().isEmpty() ? null : GuardChild.open(place(), clock)) {
            Callable<Integer> one = () -> GuardChild.run(guard(ledger, GuardChild.budget("1")), "one", 4, 13, false);
            Callable<Integer> two = () -> GuardChild.run(
                    guard(second == null ? ledger : second, GuardChild.budget("1")), "two", 4, 13, false);
            int admitted = 0;
            for (Future<Integer> each : executor.invokeAll(List.of(one, two))) {
                admitted += each.get();
            }
            assertThat(admitted).isEqualTo(100);
        } finally {
            executor.shutdownNow();
        }
        assertThat(ledger.summary(TimeWindow.all()).totalCost()).isEqualTo(Usd.parse("1"));
    }

    @Test
    void twoProcesses_useTheLimitUp_andNeverPassIt() throws Exception {
        Assumptions.assumeFalse(place().isEmpty(), "no other process can open this ledger");
        Process one = GuardChild.start(place(), "one", 4, 13, false);
        Process two = GuardChild.start(place(), "two", 4, 13, false);
        assertThat(admitted(one, 0) + admitted(two, 0)).isEqualTo(100);
        assertThat(ledger.summary(TimeWindow.all()).totalCost()).isEqualTo(Usd.parse("1"));
        assertThat(ledger.readerStates("budget-guard/open/")).isEmpty();
    }

    @Test
    void aProcessThatDiesBeforeItRecords_keepsItsRoomUntilItExpires() throws Exception {
        Assumptions.assumeFalse(place().isEmpty(), "no other process can open this ledger");
        assertThat(admitted(GuardChild.start(place(), "dead", 4, 10, true), 9)).isEqualTo(40);
        BudgetGuard guard = guard(GuardChild.budget("1"));
        assertThat(ask(guard, "a", "0.61").isAdmitted()).isFalse();
        assertThat(ask(guard, "b", "0.6").isAdmitted()).isTrue();
        guard.release("b");
        now.set(GuardChild.NOW.plus(BudgetGuard.DEFAULT_TTL));
        assertThat(ask(guard, "c", "1").isAdmitted()).isTrue();
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isZero();
    }

    private static int admitted(Process process, int code) throws Exception {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isEqualTo(code);
        return Integer.parseInt(output.substring(output.indexOf("admitted ") + "admitted ".length())
                .strip());
    }
}
