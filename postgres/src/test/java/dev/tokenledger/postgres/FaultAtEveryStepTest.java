package dev.tokenledger.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.LedgerException;
import dev.tokenledger.postgres.testing.FaultProxy;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.postgres.testing.PostgresServer.Version;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A fault at step 1, 2, 3 … of opening a schema that is empty and of a write of each kind, until all is written without meeting it.
 * Each time the rest is written, what failed first of all; in the end the ledger stands as one that met no fault. A write of
 * which it was said that nothing was stored must say on its retry what it would have said at first.
 */
@Tag("once")
class FaultAtEveryStepTest {

    /** More than there are, to end a test that does not. */
    private static final int MAX_STEPS = 2_000;

    /** Fewer would mean that the faults do not come where they should. */
    private static final int MIN_STEPS = 100;

    /** Coprime to the steps of a round trip, so that all kinds of them have their turn. */
    private static final int SOME = 29;

    private static final int FEW = 61;

    private static @Nullable PostgresServer killed;

    @BeforeAll
    static void start() {
        // The operating system survives here, so nothing has to be on its disk.
        killed = PostgresServer.start(Version.NEWEST, "fsync = off");
    }

    @AfterAll
    static void stop() {
        Objects.requireNonNull(killed).close();
    }

    @Test
    void lostConnection_losesNothing() throws Exception {
        cutAtEvery(SOME);
    }

    @Tag("long")
    @Test
    void lostConnection_losesNothing_atEveryStep() throws Exception {
        cutAtEvery(1);
    }

    private static void cutAtEvery(int distance) throws Exception {
        PostgresServer server = PostgresServer.shared(Version.NEWEST);
        try (FaultProxy proxy = new FaultProxy(server);
                Story.Expected expected = new Story.Expected()) {
            int step = 1;
            while (cutAt(step, server, proxy, expected)) {
                step += distance;
                assertThat(step).isLessThan(MAX_STEPS);
            }
            assertThat(step).isGreaterThan(MIN_STEPS);
        }
    }

    private static boolean cutAt(int step, PostgresServer server, FaultProxy proxy, Story.Expected expected) {
        String schema = server.newSchemaName();
        proxy.failAt(step, () -> {});
        tell(step, server, proxy, schema, expected, proxy::awaitCut);
        server.dropSchema(schema);
        return proxy.hasFailed();
    }

    private static void tell(
            int step,
            PostgresServer server,
            FaultProxy proxy,
            String schema,
            Story.Expected expected,
            Runnable beforeRetrying) {
        try {
            try (PostgresLedger ledger = open(proxy, schema, beforeRetrying)) {
                for (int chapter = 0; chapter < Story.length(); chapter++) {
                    Story.tellWithRetry(ledger, chapter, expected, false, beforeRetrying);
                }
            }
            beforeRetrying.run();
            try (PostgresLedger ledger = Story.open(server.dataSource(), schema)) {
                expected.check(ledger);
            }
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("with a fault at step " + step + ": " + e.getMessage(), e);
        }
    }

    private static PostgresLedger open(FaultProxy proxy, String schema, Runnable beforeRetrying) {
        try {
            return Story.open(proxy.dataSource(), schema);
        } catch (LedgerException e) {
            beforeRetrying.run();
            return Story.open(proxy.dataSource(), schema);
        }
    }

    @Test
    void killedServer_losesNothing() throws Exception {
        killServerAtEvery(FEW);
    }

    @Tag("long")
    @Test
    void killedServer_losesNothing_atEveryStep() throws Exception {
        killServerAtEvery(1);
    }

    private static void killServerAtEvery(int distance) throws Exception {
        PostgresServer server = Objects.requireNonNull(killed);
        try (FaultProxy proxy = new FaultProxy(server);
                Story.Expected expected = new Story.Expected()) {
            for (int step = 1; step < MAX_STEPS; step += distance) {
                String schema = server.newSchemaName();
                proxy.failAt(step, server::crash);
                tell(step, server, proxy, schema, expected, () -> {
                    proxy.awaitCut();
                    if (!server.isRunning()) {
                        server.restart();
                    }
                });
                if (!proxy.hasFailed()) {
                    assertThat(step).isGreaterThan(MIN_STEPS);
                    return;
                }
                server.dropSchema(schema);
            }
            throw new AssertionError("it did not come to an end");
        }
    }

    /** A request that a write, or what follows it, must send, by what only it holds. */
    enum Request {
        APPEND("1 / (CASE"),
        APPEND_SOME("looked_up"),
        LOCK_KEYS("pg_advisory_xact_lock(k)"),
        REVERSE("reversals (reversed"),
        REMEMBER("reader_states (digest"),
        COMMIT("COMMIT"),
        FOLD("RETURNING totals");

        private final String text;

        Request(String text) {
            this.text = text;
        }
    }

    private static Stream<Arguments> requests() {
        return Stream.of(Request.values())
                .flatMap(request -> Stream.of(FaultProxy.Step.values()).map(step -> Arguments.of(request, step)));
    }

    /** The same requests in every run, unlike steps that are counted, among which those of a fold come when they come. */
    @ParameterizedTest
    @MethodSource("requests")
    void serverKilledAtARequest_losesNothing(Request request, FaultProxy.Step at) throws Exception {
        PostgresServer server = Objects.requireNonNull(killed);
        try (FaultProxy proxy = new FaultProxy(server);
                Story.Expected expected = new Story.Expected()) {
            String schema = server.newSchemaName();
            Story.open(server.dataSource(), schema).close();
            proxy.failAt(request.text, 1, at, server::crash);
            tell(0, server, proxy, schema, expected, () -> {
                proxy.awaitCut();
                if (!server.isRunning()) {
                    server.restart();
                }
            });
            assertThat(proxy.hasFailed()).isTrue();
            server.dropSchema(schema);
        }
    }

    @ParameterizedTest
    @MethodSource("requests")
    void processKilledAtARequest_losesNothing(Request request, FaultProxy.Step at) throws Exception {
        PostgresServer server = PostgresServer.shared(Version.NEWEST);
        try (FaultProxy proxy = new FaultProxy(server);
                Story.Expected expected = new Story.Expected()) {
            String schema = server.newSchemaName();
            Story.open(server.dataSource(), schema).close();
            CompletableFuture<Process> started = new CompletableFuture<>();
            proxy.failAt(request.text, 1, at, () -> kill(started));
            Process child = StoryChild.start(proxy, schema);
            started.complete(child);
            List<String> acknowledged = StoryChild.printed(child);
            child.onExit().get(60, TimeUnit.SECONDS);
            assertThat(proxy.hasFailed()).isTrue();
            goOn(0, server, schema, acknowledged, expected);
            server.dropSchema(schema);
        }
    }

    @Test
    void killedProcess_losesNothing() throws Exception {
        killProcessAtEvery(FEW);
    }

    @Tag("long")
    @Test
    void killedProcess_losesNothing_atEveryStep() throws Exception {
        killProcessAtEvery(1);
    }

    private static void killProcessAtEvery(int distance) throws Exception {
        PostgresServer server = PostgresServer.shared(Version.NEWEST);
        try (FaultProxy proxy = new FaultProxy(server);
                Story.Expected expected = new Story.Expected()) {
            for (int step = 1; step < MAX_STEPS; step += distance) {
                String schema = server.newSchemaName();
                CompletableFuture<Process> started = new CompletableFuture<>();
                proxy.failAt(step, () -> kill(started));
                Process child = StoryChild.start(proxy, schema);
                started.complete(child);
                List<String> acknowledged = StoryChild.printed(child);
                child.onExit().get(60, TimeUnit.SECONDS);
                if (!proxy.hasFailed()) {
                    assertThat(acknowledged).hasSize(Story.length());
                }
                goOn(step, server, schema, acknowledged, expected);
                server.dropSchema(schema);
                if (!proxy.hasFailed()) {
                    assertThat(step).isGreaterThan(MIN_STEPS);
                    return;
                }
            }
            throw new AssertionError("it did not come to an end");
        }
    }

    private static void kill(CompletableFuture<Process> started) {
        started.join().toHandle().destroyForcibly();
        started.join().onExit().join();
    }

    /** What was acknowledged is there; the one after it may be. */
    private static void goOn(
            int step, PostgresServer server, String schema, List<String> acknowledged, Story.Expected expected) {
        try (PostgresLedger ledger = Story.open(server.dataSource(), schema)) {
            for (int chapter = 0; chapter < acknowledged.size(); chapter++) {
                expected.check(chapter, acknowledged.get(chapter), false);
            }
            for (int chapter = acknowledged.size(); chapter < Story.length(); chapter++) {
                Story.tellWithRetry(ledger, chapter, expected, chapter == acknowledged.size(), () -> {});
            }
            expected.check(ledger);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("with a kill at step " + step + ": " + e.getMessage(), e);
        }
    }
}
