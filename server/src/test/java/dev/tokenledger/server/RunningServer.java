package dev.tokenledger.server;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** A server on a free port, with a ledger in memory, and a client. What the server could not do is kept. */
final class RunningServer implements AutoCloseable {

    /** A Sunday. */
    static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    private final Ledger ledger;
    private final TokenledgerServer server;
    private final HttpClient client = HttpClient.newHttpClient();
    private final List<String> failures = new ArrayList<>();

    RunningServer(Ledger ledger, UnaryOperator<TokenledgerServer.Builder> settings) {
        this.ledger = ledger;
        server = settings.apply(TokenledgerServer.of(ledger)
                        .port(0)
                        .clock(InstantSource.fixed(NOW))
                        .failures((attempted, failure) -> {
                            synchronized (failures) {
                                failures.add(attempted + ": " + failure);
                            }
                        }))
                .start();
    }

    static RunningServer start() {
        return start(settings -> settings);
    }

    static RunningServer start(UnaryOperator<TokenledgerServer.Builder> settings) {
        return new RunningServer(InMemoryLedger.open(PriceBook.bundled(), InstantSource.fixed(NOW)), settings);
    }

    Ledger ledger() {
        return ledger;
    }

    TokenledgerServer server() {
        return server;
    }

    List<String> failures() {
        synchronized (failures) {
            return List.copyOf(failures);
        }
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(server.address() + path));
    }

    HttpResponse<String> get(String path) {
        return send(request(path).build());
    }

    HttpResponse<String> post(String path, String mediaType, String body) {
        return send(request(path)
                .header("Content-Type", mediaType)
                .POST(BodyPublishers.ofString(body))
                .build());
    }

    HttpResponse<String> send(HttpRequest request) {
        return send(request, BodyHandlers.ofString());
    }

    HttpResponse<byte[]> sendForBytes(HttpRequest request) {
        return send(request, BodyHandlers.ofByteArray());
    }

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> body) {
        try {
            return client.send(request, body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.close();
        ledger.close();
    }
}
