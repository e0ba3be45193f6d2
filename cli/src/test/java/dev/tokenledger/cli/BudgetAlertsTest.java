package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.postgres.testing.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers in processes of their own, which are killed, tell a receiver what budgets reach: once. */
@Tag("once")
class BudgetAlertsTest {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String SECRET = "whsec_"
            + Base64.getEncoder().encodeToString("thirty-two bytes and not random.".getBytes(StandardCharsets.UTF_8));

    private static final String TOLD_HALF = "channel hook: Budget \"All\" has reached 50% of its limit";

    @TempDir
    private Path folder;

    private final HookReceiver receiver = new HookReceiver();
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    private final List<String> said = new ArrayList<>();
    private int records;

    @BeforeEach
    void writeBudgets() throws IOException {
        Path settings = Files.createDirectories(folder.resolve(".config/tokenledger"));
        Files.writeString(settings.resolve("secret"), SECRET + "\n");
        Files.writeString(settings.resolve("url"), receiver.url() + "\n");
        // Where it is about noon now, so that no day ends while the test runs.
        ZoneOffset zone =
                ZoneOffset.ofHours(12 - Instant.now().atOffset(ZoneOffset.UTC).getHour());
        Files.writeString(
                settings.resolve("budgets.yaml"), """
                budgets: [{ name: All, period: day, usd: 100, zone: "%s", thresholds: [0.5, 0.8] }]
                notify: [{ name: hook, type: webhook, url_file: url, secret_file: secret, insecure: true }]
                """.formatted(zone.getTotalSeconds() == 0 ? "UTC" : zone.getId()));
    }

    @AfterEach
    void close() {
        receiver.close();
        assertThat(said.toString()).doesNotContain("t0ken").doesNotContain("whsec_");
    }

    private void spend(URI server, int usd) {
        String record = "{\"id\":\"call-" + records++ + "\",\"model\":\"house-model\",\"input_tokens\":1,\"cost_usd\":"
                + usd + "}";
        try {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(server.resolve("/v1/records"))
                            .header("Content-Type", "application/json")
                            .timeout(PATIENCE)
                            .POST(BodyPublishers.ofString(record))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(answer.body()).contains("appended");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Test
    void killWhileTheReceiverHasNotAnswered_isToldByTheNextServer_once() {
        Path ledger = folder.resolve("ledger.db");
        receiver.answer(0);
        HookReceiver.Request first;
        try (ServerChild server = new ServerChild(ledger, folder)) {
            spend(server.address(), 60);
            first = receiver.await();
            server.kill();
            said.addAll(server.messages());
        }
        receiver.answer(200);
        try (ServerChild server = new ServerChild(LaterServer.class, ledger, folder)) {
            assertThat(receiver.await()).isEqualTo(new HookReceiver.Request(first.id(), first.body(), true));
            awaitMessage(TOLD_HALF, server);
            assertThat(server.stop()).isZero();
            said.addAll(server.messages());
        }
        assertToldNothingMore(ledger.toString());
    }

    @Test
    void receiverThatFails_thenKill_isToldByTheNextServer_once() {
        Path ledger = folder.resolve("ledger.db");
        receiver.answer(500);
        HookReceiver.Request first;
        try (ServerChild server = new ServerChild(ledger, folder)) {
            spend(server.address(), 60);
            first = receiver.await();
            awaitMessage("the receiver answered 500", server);
            server.kill();
            said.addAll(server.messages());
        }
        receiver.rest();
        receiver.answer(204);
        try (ServerChild server = new ServerChild(LaterServer.class, ledger, folder)) {
            assertThat(receiver.await()).isEqualTo(new HookReceiver.Request(first.id(), first.body(), true));
            awaitMessage(TOLD_HALF, server);
            assertThat(server.stop()).isZero();
            said.addAll(server.messages());
        }
        assertToldNothingMore(ledger.toString());
    }

    /** Wherever the kill falls between the answer to the record and the telling, the receiver hears of it, under one id. */
    @Test
    void killAtAnyMomentAfterTheCrossing_isTold_underOneId() {
        long seed = Long.getLong("tokenledger.seed", System.nanoTime());
        System.out.println("seed " + seed + ", another with -Dtokenledger.seed=…");
        Random random = new Random(seed);
        for (int run = 0; run < 3; run++) {
            Path ledger = folder.resolve("ledger-" + run + ".db");
            try (ServerChild server = new ServerChild(ledger, folder)) {
                spend(server.address(), 60);
                pause(random.nextInt(400_000));
                server.kill();
                said.addAll(server.messages());
            }
            List<HookReceiver.Request> before = receiver.rest();
            List<HookReceiver.Request> all = new ArrayList<>(before);
            try (ServerChild server = new ServerChild(LaterServer.class, ledger, folder)) {
                if (before.isEmpty()) {
                    all.add(receiver.await());
                }
                assertThat(server.stop()).isZero();
                said.addAll(server.messages());
            }
            all.addAll(receiver.rest());
            assertThat(all)
                    .extracting(HookReceiver.Request::id)
                    .containsOnly(all.get(0).id());
            // Twice where the kill fell between the receiver's answer and the note of it.
            assertThat(all).hasSizeBetween(1, 2);
            assertToldNothingMore(ledger.toString());
        }
    }

    @Test
    void twoServersOnADatabase_tellOnce() {
        PostgresServer database = PostgresServer.shared(PostgresServer.Version.NEWEST);
        String schema = database.newSchemaName();
        String ledger = database.address() + "?schema=" + schema;
        try {
            try (ServerChild one = new ServerChild(ledger, folder);
                    ServerChild other = new ServerChild(ledger, folder)) {
                for (int i = 0; i < 10; i++) {
                    spend((i % 2 == 0 ? one : other).address(), 6);
                }
                List<String> bodies = new ArrayList<>();
                bodies.add(receiver.await().body());
                spend(one.address(), 30);
                spend(other.address(), 1);
                bodies.add(receiver.await().body());
                awaitMessage(TOLD_HALF, one, other);
                awaitMessage("channel hook: Budget \"All\" has reached 80% of its limit", one, other);
                assertThat(one.stop()).isZero();
                assertThat(other.stop()).isZero();
                said.addAll(one.messages());
                said.addAll(other.messages());
                assertThat(bodies.get(0)).contains("\"threshold\":\"0.5\"");
                assertThat(bodies.get(1)).contains("\"threshold\":\"0.8\"");
            }
            assertToldNothingMore(ledger);
        } finally {
            database.dropSchema(schema);
        }
    }

    @Test
    void metrics_countWhatWasTold() throws Exception {
        try (ServerChild server = new ServerChild(folder.resolve("ledger.db"), folder)) {
            spend(server.address(), 60);
            receiver.await();
            awaitMessage(TOLD_HALF, server);
            String metrics = http.send(
                            HttpRequest.newBuilder(server.address().resolve("/metrics"))
                                    .timeout(PATIENCE)
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
            assertThat(metrics).contains("tokenledger_notifications_total{channel=\"hook\",result=\"sent\"} 1.0");
            server.stop();
        }
    }

    /** A run of the command finds nothing that is still to be told, and nobody was told meanwhile. */
    private void assertToldNothingMore(String ledger) {
        assertThat(notified(ledger)).isEmpty();
        assertThat(receiver.rest()).isEmpty();
    }

    /** What a run of the command tells, when nobody else has anything to tell any more. */
    private String notified(String ledger) {
        TestProgram.Result result = new TestProgram(folder)
                .at(Instant.now().plus(Duration.ofMinutes(20)))
                .run("--ledger", ledger, "budget", "notify");
        assertThat(result.code()).as(result.err()).isZero();
        return result.out();
    }

    /** Waits until one of the servers has said so; what was told is noted before that is said. */
    private static void awaitMessage(String text, ServerChild... servers) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (Stream.of(servers)
                .flatMap(server -> server.messages().stream())
                .noneMatch(message -> message.contains(text))) {
            assertThat(System.nanoTime()).as("no message of %s", text).isLessThan(end);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    /** The moment of the kill is the experiment, not a wait for something to happen. */
    private static void pause(int micros) {
        long until = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(micros);
        while (System.nanoTime() < until) {
            LockSupport.parkNanos(until - System.nanoTime());
        }
    }
}
