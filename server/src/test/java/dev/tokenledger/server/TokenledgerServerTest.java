package dev.tokenledger.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.server.http.Limits;
import dev.tokenledger.server.keys.ApiKey;
import dev.tokenledger.server.keys.ApiKeys;
import dev.tokenledger.server.keys.Scope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenledgerServerTest {

    private static final String POST =
            "POST /v1/records HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

    @Test
    void otherAddress_withoutKeys_isRefused() {
        try (InMemoryLedger ledger = InMemoryLedger.open(PriceBook.empty())) {
            TokenledgerServer.Builder builder =
                    TokenledgerServer.of(ledger).host("0.0.0.0").port(0);
            assertThatThrownBy(builder::start).isInstanceOf(IllegalStateException.class);
            builder.insecure().start().close();
        }
    }

    /** Whoever states a way to write an address uses it, but no other way makes another name ours. */
    @Test
    void loopbackByAnotherName_isAskedForByThatName() throws IOException {
        try (RunningServer server = RunningServer.start(settings -> settings.host("127.1"))) {
            int port = server.server().port();
            assertThat(server.server().address()).hasToString("http://127.1:" + port);
            for (String host : List.of("127.1:" + port, "127.1", "localhost")) {
                assertThat(statusFor(host, port)).as(host).isEqualTo(200);
            }
            for (String host : List.of("127.2", "127.1.evil.example", "127.10", "127-1", "evil.example")) {
                assertThat(statusFor(host, port)).as(host).isEqualTo(403);
            }
        }
    }

    private static int statusFor(String host, int port) throws IOException {
        try (RawClient client = new RawClient(port)) {
            return client.send("GET /healthz HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                    .status();
        }
    }

    @Test
    void stop_finishesWhatIsUnderWay() throws IOException, InterruptedException {
        try (RunningServer running = RunningServer.start();
                RawClient client = new RawClient(running.server().port())) {
            String body = "{\"id\":\"a\",\"model\":\"m\"}";
            client.send(POST + "Expect: 100-continue\r\nContent-Length: " + body.length() + "\r\n\r\n");
            // Now the server waits for the body.
            assertThat(client.status()).isEqualTo(100);
            client.send(body.substring(0, 5));
            Thread stopping = new Thread(running.server()::close, "stop");
            stopping.start();
            client.send(body.substring(5));
            assertThat(client.status()).isIn(200, 503);
            stopping.join();
            assertThatThrownBy(() -> new RawClient(running.server().port())).isInstanceOf(Exception.class);
        }
    }

    /** What a client may take for its own mistake it does not send again. */
    @Test
    void stop_tellsWhoIsStillSendingToRetry() throws IOException {
        try (RunningServer running = RunningServer.start();
                RawClient client = new RawClient(running.server().port())) {
            client.send("POST /v1/records HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
                    + "Content-Length: 100\r\nExpect: 100-continue\r\n\r\n");
            assertThat(client.status()).isEqualTo(100);
            client.send("{");
            running.server().close();
            assertThat(client.readToEnd()).startsWith("HTTP/1.1 503 ").contains("Retry-After", "nothing was stored");
        }
    }

    @Test
    void stop_cutsOffWhatTakesTooLong_andSaysSo() throws Exception {
        SlowLedger ledger = new SlowLedger();
        Limits quick = Limits.builder().stopTime(Duration.ofMillis(100)).build();
        try (RunningServer running = new RunningServer(ledger, settings -> settings.limits(quick));
                RawClient client = new RawClient(running.server().port())) {
            client.send("GET /v1/summary HTTP/1.1\r\nHost: localhost\r\n\r\n");
            ledger.asked.await();
            running.server().close();
            ledger.end.countDown();
            assertThat(running.failures())
                    .anyMatch(failure -> failure.startsWith("cannot finish the requests under way: "));
        }
    }

    @Test
    void browser_mayAskForTheKeyAsAPassword() {
        ApiKey.Created key = ApiKey.create("k", Set.of(Scope.READ), Instant.EPOCH);
        ApiKeys keys = ApiKeys.of(List.of(key.key()));
        try (RunningServer server = RunningServer.start(settings -> settings.keys(() -> keys))) {
            HttpResponse<String> unknown = server.get("/v1/summary");
            assertThat(unknown.statusCode()).isEqualTo(401);
            assertThat(unknown.headers().firstValue("WWW-Authenticate"))
                    .hasValueSatisfying(challenge -> assertThat(challenge).startsWith("Basic "));
            String pair = Base64.getEncoder().encodeToString(("any:" + key.secret()).getBytes(StandardCharsets.UTF_8));
            assertThat(server.send(server.request("/v1/summary")
                                    .header("Authorization", "Basic " + pair)
                                    .build())
                            .statusCode())
                    .isEqualTo(200);
            assertThat(server.send(server.request("/v1/summary")
                                    .header("Authorization", "Basic %%%")
                                    .build())
                            .statusCode())
                    .isEqualTo(401);
        }
    }

    @Test
    void bodyFromNobodyKnown_isNotRead() throws IOException {
        try (RunningServer server = RunningServer.start(settings -> settings.keys(ApiKeys::none));
                RawClient client = new RawClient(server.server().port())) {
            // No byte of the body is ever sent.
            assertThat(client.send(POST + "Content-Length: 8000000\r\n\r\n").status())
                    .isEqualTo(401);
        }
    }

    /** Whoever is refused before the body has come may send it to its end, and be answered on the same connection. */
    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void refusedWhileItSends_isAnsweredAndServedOn(int status) throws IOException {
        String header = status == 403 ? "Origin: https://evil.example\r\n" : "";
        try (RunningServer server =
                        RunningServer.start(settings -> status == 401 ? settings.keys(ApiKeys::none) : settings);
                RawClient client = new RawClient(server.server().port())) {
            client.send(POST + header + "Content-Length: 200000\r\n\r\n");
            assertThat(client.answer()).isEqualTo(status);
            for (int i = 0; i < 20; i++) {
                client.send(" ".repeat(10_000));
            }
            client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(client.status()).isEqualTo(200);
        }
    }

    @Test
    void bodiesTogether_areBounded() throws Exception {
        Limits small = Limits.builder().pendingBytes(100_000).build();
        String most = POST + "Content-Length: 65536\r\n\r\n" + " ".repeat(65_534);
        try (RunningServer server = RunningServer.start(settings -> settings.limits(small));
                RawClient one = new RawClient(server.server().port());
                RawClient other = new RawClient(server.server().port())) {
            one.send(most);
            other.send(most);

            // There is room for the bytes of one of them: whose come later is refused, ...
            await(() -> one.hasAnswer() || other.hasAnswer());
            RawClient refused = one.hasAnswer() ? one : other;
            assertThat(refused.answer()).isEqualTo(503);
            RawClient held = refused == one ? other : one;
            assertThat(held.send("[]").status()).isEqualTo(200);
            assertThat(refused.send("[]GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                            .status())
                    .isEqualTo(200);
            // ... until the first was answered.
            await(() -> {
                try (RawClient later = new RawClient(server.server().port())) {
                    return later.send(most + "[]").status() == 200;
                }
            });
        }
    }

    /** A few hundred bytes that unpack to many count as many, whichever route they are for. */
    @ParameterizedTest
    @CsvSource({
        "/v1/records, application/x-ndjson",
        "/v1/cost, application/x-ndjson",
        "/v1/traces, application/x-protobuf",
        "/v1/logs, application/json",
        "/mcp, application/json"
    })
    void bodiesUnpacked_areBounded(String path, String mediaType) throws Exception {
        Limits small = Limits.builder().pendingBytes(100_000).build();
        try (RunningServer server = RunningServer.start(settings -> settings.limits(small))) {
            HttpRequest large = gzip(server.request(path), mediaType, 200_000);
            HttpRequest fits = gzip(server.request(path), mediaType, 20_000);
            int usual = server.send(fits).statusCode();
            assertThat(usual).isNotEqualTo(503);

            HttpResponse<String> refused = server.send(large);
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("Retry-After")).contains("1");
            assertThat(refused.body()).contains("too many large requests at once; nothing was stored, retry");
            // Its room is given back, as is that of requests that were answered as usual.
            for (int i = 0; i < 20; i++) {
                await(() -> server.send(fits).statusCode() == usual);
            }
        }
    }

    private static HttpRequest gzip(HttpRequest.Builder request, String mediaType, int blanks) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(" ".repeat(blanks).getBytes(StandardCharsets.UTF_8));
        }
        return request.header("Content-Type", mediaType)
                .header("Content-Encoding", "gzip")
                .POST(BodyPublishers.ofByteArray(packed.toByteArray()))
                .build();
    }

    static void await(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime()).as("waited 30 s").isLessThan(deadline);
        }
    }

    @Test
    void tooManyRequests_are429() {
        Limits slow = Limits.builder()
                .stopTime(Duration.ofSeconds(1))
                .requestsPerSecond(1)
                .build();
        try (RunningServer server = RunningServer.start(settings -> settings.limits(slow))) {
            HttpResponse<String> answer = server.get("/healthz");
            for (int i = 0; i < 100 && answer.statusCode() == 200; i++) {
                answer = server.get("/healthz");
            }
            assertThat(answer.statusCode()).isEqualTo(429);
            assertThat(answer.headers().firstValue("Retry-After")).contains("1");
        }
    }

    @Test
    void failureOfTheLedger_isToldToTheOperatorAlone() {
        try (RunningServer server = new RunningServer(new BrokenLedger(), settings -> settings)) {
            HttpResponse<String> answer = server.post("/v1/records", "application/json", "{\"model\":\"m\"}");
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body()).doesNotContain("secret place");
            assertThat(server.failures()).singleElement().asString().contains("secret place");
            assertThat(server.get("/readyz").statusCode()).isEqualTo(503);
            assertThat(server.get("/healthz").statusCode()).isEqualTo(200);
        }
    }

    /** A store that another process keeps locked. */
    private static final class BrokenLedger extends UnusableLedger {
        @Override
        RuntimeException failure() {
            return new LedgerBusyException("locked in a secret place", null);
        }
    }

    /** Answers nothing before its test allows it. */
    private static final class SlowLedger extends UnusableLedger {

        final CountDownLatch asked = new CountDownLatch(1);
        final CountDownLatch end = new CountDownLatch(1);

        @Override
        RuntimeException failure() {
            asked.countDown();
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return new LedgerBusyException("slow", null);
        }
    }
}
