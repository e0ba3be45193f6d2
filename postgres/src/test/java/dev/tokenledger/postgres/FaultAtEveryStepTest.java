package dev.tokenledger.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.LedgerException;
import dev.tokenledger.postgres.testing.FaultProxy;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.postgres.testing.PostgresServer.Version;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A fault at step 1, 2, 3 … of opening a schema that is empty and of a write of each kind, until all is written without meeting it.
 * Each time the rest is written, what failed first of all; in the end the ledger stands as one that met no fault. A write of
 * which it was said that nothing was stored must say on its retry what it would have said at first.
 */
class FaultAtEveryStepTest {

    /** More than there are, to end a test that does not. */
    private static final int MAX_STEPS = 2_000;

    /** Fewer would mean that the faults do not come where they should. */
    private static final int MIN_STEPS = 100;

    /** Coprime to the steps of a round trip, so that all kinds of them have their turn. */
    private static final int SOME = 29;

    private static final int FEW = 61;

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

    /** The operating system survives here, so nothing has to be on its disk. */
    private static void killServerAtEvery(int distance) throws Exception {
        try (PostgresServer server = PostgresServer.start(Version.NEWEST, "fsync = off");
                FaultProxy proxy = new FaultProxy(server);
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
