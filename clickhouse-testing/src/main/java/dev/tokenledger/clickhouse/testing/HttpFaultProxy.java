package dev.tokenledger.clickhouse.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a client and a server, counts the client's requests, and has one of them go wrong. Requests that follow that one are
 * cut off before they reach the server, as those of a dead client are. Safe for use by many threads.
 */
public final class HttpFaultProxy implements AutoCloseable {

    /** What becomes of the request. */
    public enum Fault {
        /** It does not reach the server. */
        LOST,
        /** The server has done it, and the answer is lost. */
        UNANSWERED,
        /** The client is told that it was lost, and the server gets it when {@link #deliver} is called. */
        LATE
    }

    private final int port;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "tokenledger-http-proxy");
        thread.setDaemon(true);
        return thread;
    });
    private final HttpClient http = HttpClient.newHttpClient();
    private long requests;
    private long stop;
    private Fault fault = Fault.LOST;
    private @Nullable Request late;

    private record Request(String query, HttpRequest.BodyPublisher body) {}

    /** Listens on a free port of the loopback interface, and passes on all there is until {@link #failAt}. */
    public HttpFaultProxy(int port) {
        this.port = port;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    /** The port on 127.0.0.1. */
    public int port() {
        return server.getAddress().getPort();
    }

    /** Counts requests from 1 again, and has this one go wrong; 0 for none. */
    public synchronized void failAt(long request, Fault how) {
        requests = 0;
        stop = request;
        fault = how;
        late = null;
    }

    /** Whether the request has come. */
    public synchronized boolean hasFailed() {
        return stop > 0 && requests >= stop;
    }

    /** Has the server get what is late, if something is; gives whether it took it. */
    public boolean deliver() {
        Request held;
        synchronized (this) {
            held = late;
            late = null;
        }
        try {
            return held != null && pass(held).statusCode() == 200;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String query = exchange.getRequestURI().getRawQuery();
            Request request = new Request(
                    query == null ? "" : query,
                    HttpRequest.BodyPublishers.ofByteArray(
                            exchange.getRequestBody().readAllBytes()));
            boolean passed = true;
            boolean answered = true;
            synchronized (this) {
                requests++;
                if (stop > 0 && requests >= stop) {
                    answered = false;
                    passed = requests == stop && fault == Fault.UNANSWERED;
                    late = requests == stop && fault == Fault.LATE ? request : late;
                }
            }
            if (passed) {
                HttpResponse<byte[]> answer = pass(request);
                if (answered) {
                    byte[] body = answer.body();
                    exchange.sendResponseHeaders(answer.statusCode(), body.length == 0 ? -1 : body.length);
                    exchange.getResponseBody().write(body);
                }
            }
        }
    }

    private HttpResponse<byte[]> pass(Request request) throws IOException {
        HttpRequest passed = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/?" + request.query()))
                .timeout(Duration.ofMinutes(2))
                .POST(request.body())
                .build();
        try {
            return http.send(passed, HttpResponse.BodyHandlers.ofByteArray());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
