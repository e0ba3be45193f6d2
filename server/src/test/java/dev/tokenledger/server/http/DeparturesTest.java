package dev.tokenledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What is done for a client that has gone is interrupted; for one that is there it is not, and nothing else ever is. */
@EnabledOnOs(OS.LINUX)
class DeparturesTest {

    private static final long LATER = TimeUnit.SECONDS.toNanos(1);
    private static final List<Path> LISTS = List.of(Path.of("/proc/self/net/tcp"), Path.of("/proc/self/net/tcp6"));

    @TempDir
    private Path folder;

    @Test
    void clientThatCloses_interruptsItsAnswerAlone() throws Exception {
        Departures departures = new Departures(new ScheduledExecutorScheduler(), LISTS);
        for (String address : List.of("127.0.0.1", "::1")) {
            try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getByName(address));
                    Answer leaving = new Answer(departures, server);
                    Answer staying = new Answer(departures, server)) {
                departures.look(System.nanoTime() + LATER);
                leaving.client.close();
                // As often as it takes: the kernel sees to the end of a connection by itself.
                while (!leaving.outcome.isDone()) {
                    departures.look(System.nanoTime() + LATER);
                }
                assertThat(leaving.outcome.get()).isEqualTo("interrupted, gone, and not interrupted any more");
                assertThat(staying.outcome).isNotDone();
                staying.end.countDown();
                assertThat(staying.outcome.get(10, TimeUnit.SECONDS)).isEqualTo("answered");
            }
        }
    }

    @Test
    void answerThatHasJustBegun_isNotLookedAt() throws Exception {
        Departures departures = new Departures(new ScheduledExecutorScheduler(), LISTS);
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                Answer answer = new Answer(departures, server)) {
            answer.client.close();
            for (int i = 0; i < 10; i++) {
                departures.look(answer.begun);
            }
            assertThat(answer.outcome).isNotDone();
            answer.end.countDown();
            assertThat(answer.outcome.get(10, TimeUnit.SECONDS)).isEqualTo("answered");
        }
    }

    /** The kernel writes its list in parts, so that a connection may be missing once. */
    @Test
    void clientThatIsMissingOnce_isNotTakenForGone() throws Exception {
        Path list = folder.resolve("tcp");
        Files.writeString(list, "  sl  local_address rem_address   st\n");
        Departures departures = new Departures(new ScheduledExecutorScheduler(), List.of(list));
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                Answer answer = new Answer(departures, server)) {
            String there = String.format(
                    Locale.ROOT,
                    "   0: 0100007F:%04X 0100007F:%04X 01 00000000:00000000\n",
                    server.getLocalPort(),
                    answer.client.getLocalPort());
            for (int i = 0; i < 5; i++) {
                Files.writeString(list, "");
                departures.look(System.nanoTime() + LATER);
                Files.writeString(list, there);
                departures.look(System.nanoTime() + LATER);
            }
            assertThat(answer.outcome).isNotDone();
            Files.writeString(list, there.replace(" 01 ", " 08 "));
            departures.look(System.nanoTime() + LATER);
            departures.look(System.nanoTime() + LATER);
            assertThat(answer.outcome.get(10, TimeUnit.SECONDS)).startsWith("interrupted");
        }
    }

    /** A connection and a thread that is at its answer until it is told to end, or interrupted. */
    private static final class Answer implements AutoCloseable {

        final CountDownLatch end = new CountDownLatch(1);
        final CompletableFuture<String> outcome = new CompletableFuture<>();
        final Socket client;
        final long begun;
        private final Socket accepted;

        Answer(Departures departures, ServerSocket server) throws IOException, InterruptedException {
            client = new Socket(server.getInetAddress(), server.getLocalPort());
            accepted = server.accept();
            CountDownLatch started = new CountDownLatch(1);
            Thread thread = new Thread(() -> outcome.complete(run(departures, started)));
            thread.start();
            started.await();
            begun = System.nanoTime();
        }

        private String run(Departures departures, CountDownLatch started) {
            String[] result = {"answered"};
            try {
                boolean gone =
                        departures.watch(accepted.getLocalSocketAddress(), accepted.getRemoteSocketAddress(), () -> {
                            started.countDown();
                            try {
                                end.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                                result[0] = "interrupted";
                            }
                        });
                return result[0]
                        + (gone ? ", gone" : "")
                        + (gone && !Thread.currentThread().isInterrupted() ? ", and not interrupted any more" : "");
            } catch (Exception e) {
                return e.toString();
            }
        }

        @Override
        public void close() throws IOException {
            end.countDown();
            client.close();
            accepted.close();
        }
    }
}
