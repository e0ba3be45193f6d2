package dev.tokenledger.cli;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What webhooks are sent to: keeps the requests, and answers them, or holds its answers back. */
final class HookReceiver implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 120;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile int status = 200;

    /** A request, and whether it was answered with success. */
    record Request(String id, String body, boolean taken) {}

    HookReceiver() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                int answer = status;
                requests.add(new Request(exchange.getRequestHeaders().getFirst("webhook-id"), body, answer / 100 == 2));
                if (answer == 0) {
                    end.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
                } else {
                    exchange.sendResponseHeaders(answer, -1);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        server.start();
    }

    /** Answers so from now on; 0 for not at all. */
    void answer(int next) {
        status = next;
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/hook-t0ken";
    }

    /** The next request, which may be still to come. */
    Request await() {
        try {
            Request next = requests.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("nobody was told");
            }
            return next;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The requests that have come and were not awaited. */
    List<Request> rest() {
        List<Request> rest = new ArrayList<>();
        requests.drainTo(rest);
        return rest;
    }

    @Override
    public void close() {
        end.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
