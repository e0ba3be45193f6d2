package dev.tokenledger.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.alerts.BudgetAlerts.Attempt;
import dev.tokenledger.alerts.BudgetAlerts.Count;
import dev.tokenledger.alerts.BudgetAlerts.Result;
import dev.tokenledger.formats.budgets.BudgetFile;
import dev.tokenledger.formats.budgets.BudgetPlan;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.testkit.SettableClock;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BudgetAlertsTest {

    private static final Instant NOON = Instant.parse("2026-11-10T12:00:00Z");
    private static final byte[] KEY = "a secret of thirty-two bytes....".getBytes(StandardCharsets.UTF_8);
    private static final String SECRET = "whsec_" + Base64.getEncoder().encodeToString(KEY);

    private final SettableClock clock = new SettableClock(NOON);
    private final Ledger ledger = InMemoryLedger.open(PriceBook.empty(), clock);
    private final Receiver receiver = new Receiver();
    private final List<String> lines = new ArrayList<>();
    private int records;

    @AfterEach
    void close() {
        receiver.close();
        ledger.close();
        assertThat(lines.toString()).doesNotContain(SECRET).doesNotContain("t0ken");
    }

    private static BudgetPlan plan(String yaml) {
        return BudgetFile.parsePlan("budgets.yaml", yaml.getBytes(StandardCharsets.UTF_8));
    }

    private BudgetPlan oneBudget(String settings) {
        return plan("""
                budgets:
                  - { name: "Search \\"team\\" <a>", where: { role: interactive }, period: day, usd: 10, zone: Europe/Berlin%s }
                notify:
                  - { name: hook, type: webhook, url: "%s/hook", secret_env: SECRET, insecure: true }
                """.formatted(settings, receiver.url()));
    }

    private BudgetAlerts.Builder alerts(BudgetPlan plan) {
        return BudgetAlerts.builder(ledger, () -> plan)
                .clock(clock)
                .variables(Map.of("SECRET", SECRET, "URL", receiver.url() + "/t0ken")::get)
                .notices(this::line)
                .warnings(this::line);
    }

    private synchronized void line(String line) {
        lines.add(line);
    }

    private List<Attempt> run(BudgetPlan plan) {
        try (BudgetAlerts alerts = alerts(plan).build()) {
            return alerts.runOnce();
        }
    }

    private void spend(String usd) {
        ledger.append(call(clock.instant()).cost(Usd.parse(usd)).build());
    }

    private UsageRecord.Builder call(Instant when) {
        return UsageRecord.builder()
                .id("call-" + records++)
                .timestamp(when)
                .model("house-model")
                .role("interactive")
                .inputTokens(1);
    }

    private static String signature(String id, String timestamp, String body) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(KEY, "HmacSHA256"));
        return "v1,"
                + Base64.getEncoder()
                        .encodeToString(
                                mac.doFinal((id + "." + timestamp + "." + body).getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void threshold_isToldOnce_signed_withWhatIsKnown() throws GeneralSecurityException {
        BudgetPlan plan = oneBudget("");
        assertThat(run(plan)).isEmpty();
        spend("4.999999999999");
        assertThat(run(plan)).isEmpty();
        spend("0.000000000001");

        assertThat(run(plan))
                .containsExactly(new Attempt(
                        "hook", Result.SENT, "Budget \"Search \"team\" <a>\" has reached 50% of its limit"));
        assertThat(run(plan)).isEmpty();

        List<Receiver.Request> requests = receiver.take();
        assertThat(requests).hasSize(1);
        Receiver.Request request = requests.get(0);
        assertThat(request.path()).isEqualTo("/hook");
        assertThat(request.header("content-type")).isEqualTo("application/json");
        assertThat(request.header("webhook-timestamp")).isEqualTo(Long.toString(NOON.getEpochSecond()));
        assertThat(request.header("webhook-signature"))
                .isEqualTo(
                        signature(request.header("webhook-id"), request.header("webhook-timestamp"), request.body()));
        assertThat(request.body())
                .isEqualTo("{\"type\":\"budget.threshold_reached\",\"timestamp\":\"2026-11-10T12:00:00Z\",\"data\":{"
                        + "\"event\":\"" + request.header("webhook-id") + "\","
                        + "\"budget\":\"Search \\\"team\\\" <a>\",\"where\":{\"role\":\"interactive\"},\"period\":\"day\","
                        + "\"zone\":\"Europe/Berlin\",\"period_start\":\"2026-11-10T00:00:00+01:00\","
                        + "\"period_end\":\"2026-11-11T00:00:00+01:00\",\"threshold\":\"0.5\",\"enforcement\":\"hard\","
                        + "\"limit_usd\":\"10\",\"spent_usd\":\"5\",\"spent_is_lower_bound\":false,\"exceeded\":false,"
                        + "\"projected_usd\":\"9.230769230769\",\"total_records\":2,\"partial_records\":0,"
                        + "\"unpriced_records\":0,\"late\":false,\"initial\":false,\"message\":"
                        + "\"Budget \\\"Search \\\"team\\\" <a>\\\" has reached 50% of its limit\\n"
                        + "$5 of $10 spent on 2026-11-10 (Europe/Berlin).\\n"
                        + "At this pace the period comes to about $9.23.\"}}");
    }

    @Test
    void severalReachedAtOnce_theHighestIsTold_andLowerOnesNotAfterwards() {
        BudgetPlan plan = oneBudget("");
        run(plan);
        spend("9");

        assertThat(run(plan)).hasSize(2);
        assertThat(receiver.take())
                .extracting(Receiver.Request::body)
                .satisfiesExactlyInAnyOrder(
                        body -> assertThat(body).contains("\"threshold\":\"0.8\""),
                        body -> assertThat(body)
                                .contains("\"type\":\"budget.projected\"", "is on course to exceed its limit"));
        spend("1.5");
        assertThat(run(plan)).hasSize(1);
        assertThat(receiver.take().get(0).body()).contains("\"threshold\":\"1\"", "\"exceeded\":true", "is exceeded");
        spend("100");
        assertThat(run(plan)).isEmpty();
    }

    @Test
    void forecast_isNotToldOfWhatIsExceededAlready() {
        BudgetPlan plan = oneBudget("");
        spend("10.5");

        assertThat(run(plan)).hasSize(1);
        assertThat(receiver.take().get(0).body()).contains("\"threshold\":\"1\"", "\"initial\":true");
        assertThat(run(plan)).isEmpty();
    }

    @Test
    void nextPeriod_isToldAgain_andWhatCameAfterTheLastLookIsToldAsLate() {
        BudgetPlan plan = oneBudget("");
        run(plan);
        // 23:59 in Berlin, and the next look is after midnight.
        clock.set(Instant.parse("2026-11-10T22:59:00Z"));
        spend("6");
        clock.set(Instant.parse("2026-11-11T07:00:00Z"));
        assertThat(run(plan)).hasSize(1);
        assertThat(receiver.take().get(0).body())
                .contains(
                        "\"late\":true",
                        "\"threshold\":\"0.5\"",
                        "2026-11-10T00:00:00+01:00",
                        "The period was over when this was found out.");
        assertThat(run(plan)).isEmpty();

        spend("5");
        assertThat(run(plan)).hasSize(2);
        assertThat(receiver.take())
                .allSatisfy(request -> assertThat(request.body())
                        .contains("\"period_start\":\"2026-11-11T00:00:00+01:00\"", "\"late\":false"));
    }

    @Test
    void anotherLimit_isToldWhereItIsReached() {
        spend("6");
        assertThat(run(oneBudget(", thresholds: [0.5]"))).hasSize(1);
        assertThat(run(oneBudget(", thresholds: [0.5], enforcement: soft"))).isEmpty();
        BudgetPlan raised = plan("""
                budgets: [{ name: b, period: day, usd: 20, thresholds: [25%%, 0.5] }]
                notify: [{ name: hook, type: webhook, url: "%s", secret_env: SECRET, insecure: true }]
                """.formatted(receiver.url()));
        receiver.take();
        assertThat(run(raised)).hasSize(1);
        assertThat(receiver.take().get(0).body()).contains("\"threshold\":\"0.25\"");
    }

    @Test
    void thresholdThatIsAddedBelowOneThatWasTold_isNotTold() {
        spend("6");
        assertThat(run(oneBudget(", thresholds: [0.5]"))).hasSize(1);

        assertThat(run(oneBudget(", thresholds: [0.25, 0.5]"))).isEmpty();
        assertThat(run(oneBudget(", thresholds: [0.25, 0.5, 0.6]"))).hasSize(1);
    }

    @Test
    void reversal_takesNothingBack_andReachingItAgainIsNotTold() {
        BudgetPlan plan = oneBudget(", thresholds: [0.5]");
        spend("6");
        assertThat(run(plan)).hasSize(1);
        ledger.reverse(RecordId.of("call-0"), "a test");
        assertThat(run(plan)).isEmpty();
        spend("6");
        assertThat(run(plan)).isEmpty();
    }

    @Test
    void unpricedCalls_everyFormSaysWhatCannotBeKnown() {
        BudgetPlan plan = plan("""
                budgets: [{ name: b, period: day, usd: 10 }]
                notify:
                  - { name: hook, type: webhook, url: "%1$s/hook", secret_env: SECRET, insecure: true }
                  - { name: chat, type: slack, url_env: URL, insecure: true }
                  - { name: cards, type: teams, url_env: URL, insecure: true }
                """.formatted(receiver.url()));
        ledger.append(call(NOON).build());
        assertThat(run(plan)).extracting(Attempt::result).containsOnly(Result.SENT);
        assertThat(receiver.take())
                .hasSize(3)
                .extracting(Receiver.Request::body)
                .allSatisfy(body -> assertThat(body)
                        .contains(
                                "1 of 1 call has no known cost",
                                "more may have been spent than is told here",
                                "At least $0 of"));
        spend("5");
        assertThat(run(plan)).hasSize(3);
        List<Receiver.Request> requests = receiver.take();
        assertThat(requests)
                .extracting(Receiver.Request::body)
                .allSatisfy(body -> assertThat(body)
                        .contains(
                                "has reached 50% of its limit",
                                "1 of 2 calls have no known cost", "At least $5 of $10 spent"));
        assertThat(requests.get(0).body()).contains("\"spent_is_lower_bound\":true", "\"unpriced_records\":1");
    }

    @Test
    void slackAndTeams_getMessagesOfTheirForm() {
        BudgetPlan plan = plan("""
                budgets: [{ name: "a & <b> *c* [d](e)", period: month, usd: 10, thresholds: [0.5] }]
                notify:
                  - { name: chat, type: slack, url_env: URL, insecure: true }
                  - { name: cards, type: teams, url_env: URL, insecure: true }
                """);
        spend("5");
        run(plan);

        List<Receiver.Request> requests = receiver.take();
        assertThat(requests).extracting(Receiver.Request::path).containsOnly("/t0ken");
        assertThat(requests)
                .allSatisfy(request ->
                        assertThat(request.header("webhook-signature")).isEmpty());
        assertThat(requests.get(0).body())
                .isEqualTo("{\"text\":\"Budget \\\"a &amp; &lt;b&gt; *c* [d](e)\\\" has reached 50% of its limit\\n"
                        + "$5 of $10 spent in 2026-11 (Z).\\nAt this pace the period comes to about $15.79.\"}");
        assertThat(requests.get(1).body())
                .startsWith("{\"type\":\"message\",\"attachments\":[{\"contentType\":"
                        + "\"application/vnd.microsoft.card.adaptive\",\"content\":{")
                .contains("\"type\":\"AdaptiveCard\"", "Budget \\\"a & <b> \\\\*c\\\\* \\\\[d\\\\](e)\\\" has reached");
    }

    @Test
    void receiverThatFails_isToldAgainLater_withTheSameIdAndText() throws GeneralSecurityException {
        BudgetPlan plan = oneBudget(", thresholds: [0.5]");
        spend("6");
        receiver.answer(500);
        assertThat(run(plan)).extracting(Attempt::result).containsExactly(Result.RETRY);
        assertThat(run(plan)).as("too early").isEmpty();
        clock.advance(Duration.ofSeconds(7));
        spend("1");
        receiver.answer(204);
        assertThat(run(plan)).extracting(Attempt::result).containsExactly(Result.SENT);
        clock.advance(Duration.ofHours(4));
        assertThat(run(plan)).isEmpty();

        List<Receiver.Request> requests = receiver.take();
        assertThat(requests).hasSize(2);
        assertThat(requests.get(1).body()).isEqualTo(requests.get(0).body());
        assertThat(requests.get(1).header("webhook-id"))
                .isEqualTo(requests.get(0).header("webhook-id"));
        assertThat(requests.get(1).header("webhook-signature"))
                .isEqualTo(signature(
                        requests.get(1).header("webhook-id"),
                        Long.toString(NOON.getEpochSecond() + 7),
                        requests.get(1).body()));
    }

    @Test
    void receiverThatNeverTakesIt_isGivenUpAfterTwoDays() {
        BudgetPlan plan = oneBudget(", thresholds: [0.5]");
        spend("6");
        receiver.answer(503);
        int tries = 0;
        List<Result> results = new ArrayList<>();
        for (int hour = 0; hour < 24 * 5; hour++) {
            for (Attempt attempt : run(plan)) {
                results.add(attempt.result());
                tries++;
            }
            clock.advance(Duration.ofHours(1));
        }
        assertThat(tries).isEqualTo(AlertLog.DELAYS.size() + 1);
        assertThat(results).endsWith(Result.FAILED).containsOnlyOnce(Result.FAILED);
    }

    @Test
    void receiverThatIsGone_isGivenUpAtOnce() {
        receiver.answer(410);
        spend("6");
        assertThat(run(oneBudget(", thresholds: [0.5]")))
                .extracting(Attempt::result)
                .containsExactly(Result.FAILED);
    }

    @Test
    void receiverThatAsksToWait_isGivenTheTime() {
        BudgetPlan plan = oneBudget(", thresholds: [0.5]");
        receiver.answer(exchange -> {
            exchange.getResponseHeaders().add("Retry-After", "600");
            exchange.sendResponseHeaders(429, -1);
        });
        spend("6");
        assertThat(run(plan)).hasSize(1);
        clock.advance(Duration.ofSeconds(599));
        assertThat(run(plan)).isEmpty();
        clock.advance(Duration.ofSeconds(1));
        assertThat(run(plan)).hasSize(1);
    }

    @Test
    void redirect_isNotFollowed() {
        BudgetPlan plan = oneBudget(", thresholds: [0.5]");
        receiver.answer(exchange -> {
            exchange.getResponseHeaders().add("Location", receiver.url() + "/elsewhere");
            exchange.sendResponseHeaders(307, -1);
        });
        spend("6");
        assertThat(run(plan))
                .extracting(Attempt::message)
                .allSatisfy(message -> assertThat(message).contains("answered 307"));
        assertThat(receiver.take()).extracting(Receiver.Request::path).containsExactly("/hook");
    }

    @Test
    void answerWithoutAnEnd_isAnAnswer() {
        CountDownLatch gone = new CountDownLatch(1);
        receiver.answer(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] block = new byte[1 << 16];
            try {
                while (true) {
                    exchange.getResponseBody().write(block);
                }
            } catch (IOException e) {
                gone.countDown();
            }
        });
        spend("6");
        assertThat(run(oneBudget(", thresholds: [0.5]")))
                .extracting(Attempt::result)
                .containsExactly(Result.SENT);
        assertThat(awaited(gone)).as("it hung up").isTrue();
    }

    @Test
    void receiverThatNeverAnswers_isATimeout() {
        CountDownLatch end = new CountDownLatch(1);
        receiver.answer(exchange -> awaited(end));
        spend("6");
        BudgetPlan plan = oneBudget(", thresholds: [0.5]");
        try (BudgetAlerts alerts = alerts(plan).timeout(Duration.ofMillis(300)).build()) {
            assertThat(alerts.runOnce())
                    .extracting(Attempt::message)
                    .allSatisfy(message -> assertThat(message).contains("did not answer within"));
        }
        end.countDown();
    }

    @Test
    void noReceiver_isRefused_withoutTheAddress() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        BudgetPlan plan = plan("""
                budgets: [{ name: b, period: day, usd: 10 }]
                notify:
                  - { name: chat, type: slack, url_env: GONE, insecure: true }
                  - { name: nowhere, type: slack, url_env: NOWHERE, insecure: true }
                  - { name: none, type: slack, url_env: NONE }
                  - { name: open, type: slack, url_env: OPEN }
                """);
        spend("6");
        try (BudgetAlerts alerts = BudgetAlerts.builder(ledger, () -> plan)
                .clock(clock)
                .variables(Map.of(
                        "GONE",
                        "http://127.0.0.1:" + free + "/t0ken",
                        "NOWHERE",
                        "http://t0ken.invalid/",
                        "NONE",
                        "",
                        "OPEN",
                        "http://example.org/t0ken")::get)
                .build()) {
            assertThat(alerts.problems())
                    .containsExactly(
                            "channel none: the environment variable NONE is not set",
                            "channel open: expected https; http, which everybody on the way can read, needs insecure: true");
            List<Attempt> attempts = alerts.runOnce();
            assertThat(attempts).extracting(Attempt::result).containsOnly(Result.RETRY);
            assertThat(attempts.toString()).doesNotContain("t0ken").doesNotContain("127.0.0.1");
            assertThat(alerts.counts()).containsEntry(new Count("chat", Result.RETRY), 2L);
        }
    }

    @Test
    void secretThatIsNone_isSaidWithoutIt() {
        BudgetPlan plan = oneBudget("");
        spend("6");
        for (String secret : List.of("t0ken", "whsec_t0ken!", "whsec_dDBrZW4=", SECRET + " t0ken")) {
            try (BudgetAlerts alerts = BudgetAlerts.builder(ledger, () -> plan)
                    .clock(clock)
                    .variables(name -> secret)
                    .build()) {
                assertThat(alerts.problems())
                        .hasSize(1)
                        .allSatisfy(problem -> assertThat(problem)
                                .contains("channel hook: the secret is none: expected whsec_")
                                .doesNotContain("t0ken"));
            }
        }
        assertThat(receiver.take()).isEmpty();
    }

    @Test
    void secretsThatAreExchanged_bothSign() throws GeneralSecurityException {
        String other = "whsec_"
                + Base64.getEncoder()
                        .encodeToString("another one, of thirty-two bytes".getBytes(StandardCharsets.UTF_8));
        String both = Signature.of(other + "\n" + SECRET, "evt_1", NOON, "{}");

        assertThat(both.split(" ")).hasSize(2).contains(signature("evt_1", Long.toString(NOON.getEpochSecond()), "{}"));
    }

    @Test
    void manyAtTheSameTime_tellOnce() throws Exception {
        BudgetPlan plan = oneBudget("");
        spend("5");
        List<BudgetAlerts> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            all.add(alerts(plan).build());
        }
        ExecutorService threads = Executors.newFixedThreadPool(all.size());
        try {
            List<Future<List<Attempt>>> futures = new ArrayList<>();
            all.forEach(alerts -> futures.add(threads.submit(alerts::runOnce)));
            List<Attempt> attempts = new ArrayList<>();
            for (Future<List<Attempt>> future : futures) {
                attempts.addAll(future.get());
            }
            assertThat(attempts).extracting(Attempt::result).containsExactly(Result.SENT);
        } finally {
            threads.shutdownNow();
            all.forEach(BudgetAlerts::close);
        }
        assertThat(receiver.take()).hasSize(1);
    }

    /** A process died after it had claimed the telling: nobody else tells while it may be alive, and then once. */
    @Test
    void claimOfAProcessThatIsGone_isTakenOver() {
        BudgetPlan plan = oneBudget(", thresholds: [0.5]");
        spend("6");
        AlertLog dying = new AlertLog(ledger, ZoneOffset.UTC);
        dying.note(plan, clock.instant());
        assertThat(dying.claim(dying.open(plan).get(0), clock.instant())).isPresent();

        assertThat(run(plan)).isEmpty();
        clock.advance(Senders.LEASE.minusSeconds(1));
        assertThat(run(plan)).isEmpty();
        clock.advance(Duration.ofSeconds(1));
        assertThat(run(plan)).extracting(Attempt::result).containsExactly(Result.SENT);
        assertThat(run(plan)).isEmpty();
        assertThat(receiver.take()).hasSize(1);
    }

    @Test
    void inTheBackground_aReceiverThatHangsHoldsUpNobodyElse() throws InterruptedException {
        CountDownLatch end = new CountDownLatch(1);
        try (Receiver hanging = new Receiver().answer(exchange -> awaited(end))) {
            BudgetPlan plan = plan("""
                    budgets: [{ name: b, period: day, usd: 10, thresholds: [0.5, 0.8] }]
                    notify:
                      - { name: hangs, type: webhook, url: "%s", secret_env: SECRET, insecure: true }
                      - { name: hook, type: webhook, url: "%s", secret_env: SECRET, insecure: true }
                    """.formatted(hanging.url(), receiver.url()));
            try (BudgetAlerts alerts = alerts(plan).build()) {
                alerts.start();
                spend("6");
                alerts.recorded();
                assertThat(receiver.await().body()).contains("\"threshold\":\"0.5\"");
                hanging.await();
                spend("3");
                alerts.recorded();
                assertThat(receiver.await().body()).contains("\"threshold\":\"0.8\"");
                assertThat(hanging.take()).isEmpty();
                end.countDown();
                assertThat(hanging.await().body()).contains("\"threshold\":\"0.8\"");
            }
        }
        assertThat(receiver.take()).isEmpty();
    }

    @Test
    void test_isSentAndLeavesNoTrace() {
        BudgetPlan plan = oneBudget("");
        try (BudgetAlerts alerts = alerts(plan).build()) {
            assertThat(alerts.test("hook").result()).isEqualTo(Result.SENT);
            assertThat(receiver.take().get(0).body()).contains("\"type\":\"budget.test\"");
            receiver.answer(404);
            assertThat(alerts.test("hook")).isEqualTo(new Attempt("hook", Result.FAILED, "the receiver answered 404"));
            assertThatThrownBy(() -> alerts.test("hock")).hasMessageContaining("there is hook");
        }
        assertThat(ledger.readerStates("")).isEmpty();
    }

    private static boolean awaited(CountDownLatch latch) {
        try {
            return latch.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
