package dev.tokenledger.cli;

import dev.tokenledger.server.TokenledgerServer;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** How a server is run, and for how long. */
interface Serving {

    /**
     * Starts a server, and stops it when it is to end.
     *
     * @param started told once it answers
     */
    void serve(TokenledgerServer.Builder builder, Consumer<TokenledgerServer> started);

    /**
     * Until the process is told to end, which then waits for this thread, so that all is closed in order. After a SIGTERM, which
     * is how services are stopped, the process ends by itself and with 0; a second one ends it at once.
     */
    static Serving untilTheProcessEnds() {
        return (builder, started) -> {
            CountDownLatch end = new CountDownLatch(1);
            Thread caller = Thread.currentThread();
            TermSignal.handle(end);
            try (TokenledgerServer server = builder.start()) {
                Runtime.getRuntime()
                        .addShutdownHook(new Thread(
                                () -> {
                                    end.countDown();
                                    join(caller);
                                },
                                "stop"));
                started.accept(server);
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
