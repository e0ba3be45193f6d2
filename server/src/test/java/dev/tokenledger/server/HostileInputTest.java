package dev.tokenledger.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.server.http.Limits;
import dev.tokenledger.summary.TimeWindow;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What no good client sends. Afterwards nothing is stored, the operator is not bothered, and a good client is served. */
class HostileInputTest {

    private static final String JSON = "application/json";
    private static final String POST =
            "POST /v1/records HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    private static final String GET = "GET /healthz HTTP/1.1\r\n";

    private static RunningServer server;

    @BeforeAll
    static void start() {
        server = RunningServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void goodClient_isServed() {
        assertThat(server.get("/healthz").statusCode()).isEqualTo(200);
        assertThat(server.ledger().summary(TimeWindow.all()).totalRecords()).isZero();
        assertThat(server.failures()).isEmpty();
    }

    static Stream<Arguments> malformedRequests() {
        String chunked = "2\r\n{}\r\n0\r\n\r\n";
        StringBuilder tenThousand = new StringBuilder(GET + "Host: localhost\r\n");
        for (int i = 0; i < 10_000; i++) {
            tenThousand.append("x").append(i).append(": y\r\n");
        }
        return Stream.of(
                Arguments.of(
                        "length and transfer coding",
                        POST + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked),
                Arguments.of("two lengths", POST + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} "),
                Arguments.of("a signed length", POST + "Content-Length: +2\r\n\r\n{}"),
                Arguments.of("a negative length", POST + "Content-Length: -2\r\n\r\n{}"),
                Arguments.of("a length beyond 64 bits", POST + "Content-Length: 99999999999999999999\r\n\r\n{}"),
                Arguments.of("NUL in a header", GET + "Host: localhost\r\nX: a\0b\r\n\r\n"),
                Arguments.of("no host", GET + "\r\n"),
                Arguments.of("two hosts", GET + "Host: localhost\r\nHost: localhost\r\n\r\n"),
                Arguments.of("a blank before the colon", GET + "Host : localhost\r\n\r\n"),
                Arguments.of("a header of 1 MB", GET + "Host: localhost\r\nX: " + "y".repeat(1 << 20) + "\r\n\r\n"),
                Arguments.of("10,000 headers", tenThousand + "\r\n"),
                Arguments.of("an unknown transfer coding", POST + "Transfer-Encoding: xchunked\r\n\r\n" + chunked),
                Arguments.of("chunked twice", POST + "Transfer-Encoding: chunked, chunked\r\n\r\n" + chunked),
                Arguments.of("a bad chunk length", POST + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"),
                Arguments.of("bare line feeds", "GET /healthz HTTP/1.1\nHost: localhost\n\n"),
                Arguments.of("a folded header", GET + "Host: localhost\r\nX: a\r\n b\r\n\r\n"),
                Arguments.of("TRACE", "TRACE /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                Arguments.of("CONNECT", "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                Arguments.of("HTTP/0.9", "GET /healthz\r\n\r\n"),
                Arguments.of("HTTP/3.7", "GET /healthz HTTP/3.7\r\nHost: localhost\r\n\r\n"),
                Arguments.of(
                        "a request line of 1 MB",
                        "GET /" + "a".repeat(1 << 20) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                Arguments.of("TLS", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformedRequests")
    void malformedRequest_isRefused(String what, String request) throws IOException {
        try (RawClient client = new RawClient(server.server().port())) {
            client.send(request);
            String headers = client.readHeaders();
            if (!headers.isEmpty()) {
                assertThat(headers).as(what).matches("(?s)HTTP/1\\.1 [45].*");
                assertThat(headers.toLowerCase(Locale.ROOT))
                        .doesNotContain("server:")
                        .doesNotContain("jetty");
            }
        } catch (SocketException e) {
            // Closed while we were still sending: refused as well.
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/summary;a=1",
                "/v1;a=1/summary",
                "/v1/../v1/summary",
                "/v1/./summary",
                "/v1//summary",
                "//v1/summary",
                "/v1%2fsummary",
                "/v1/%2e%2e/summary",
                "/v1/summary/",
                "/v1/%00",
                "/v1/%zz",
                "/v1/summary%",
                "/v1\\summary",
                "/v1/summary?where.role=%zz",
                "/v1/records/%252e"
            })
    void pathThatCanBeReadInTwoWays_isRefused(String path) throws IOException {
        try (RawClient client = new RawClient(server.server().port())) {
            int status = client.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    .status();
            assertThat(status).isIn(400, 404);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "127.0.0.2", "[::2]:80"})
    void otherHost_isRefused(String host) throws IOException {
        try (RawClient client = new RawClient(server.server().port())) {
            assertThat(client.send(GET + "Host: " + host + "\r\n\r\n").status()).isEqualTo(403);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LOCALHOST:99", "127.0.0.1:8080", "[::1]:8080"})
    void ownHost_isServed(String host) throws IOException {
        try (RawClient client = new RawClient(server.server().port())) {
            assertThat(client.send(GET + "Host: " + host + "\r\n\r\n").status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Origin: https://evil.example",
                "Origin: null",
                "Sec-Fetch-Site: cross-site",
                "Sec-Fetch-Site: same-site"
            })
    void postFromAnotherSite_isRefused(String header) throws IOException {
        try (RawClient client = new RawClient(server.server().port())) {
            assertThat(client.send(POST + header + "\r\nContent-Length: 2\r\n\r\n{}")
                            .status())
                    .isEqualTo(403);
        }
    }

    @Test
    void postFromOwnPage_isServed() throws IOException {
        try (RawClient client = new RawClient(server.server().port())) {
            client.send(
                    POST + "Origin: http://localhost\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 2\r\n\r\n[]");
            assertThat(client.status()).isEqualTo(200);
        }
    }

    @Test
    void everyAnswer_hasTheSecurityHeaders() {
        for (String path : List.of("/healthz", "/nothing", "/v1/summary?x=y")) {
            assertThat(server.get(path).headers().map())
                    .containsKeys(
                            "content-security-policy",
                            "x-content-type-options",
                            "x-frame-options",
                            "referrer-policy",
                            "cache-control")
                    .doesNotContainKey("server");
        }
    }

    @Test
    void gzipBomb_is413() throws IOException {
        byte[] bomb = gzip(new byte[1 << 20], 1_000);
        assertThat(bomb.length).isLessThan(2 << 20);
        assertThat(send(bomb, "gzip").statusCode()).isEqualTo(413);
    }

    @Test
    void bodyBeyondTheLimit_is413() {
        int most = Limits.usual().bodyBytes();
        assertThat(send(new byte[most + 1], "").statusCode()).isEqualTo(413);
        HttpResponse<String> chunked = server.send(server.request("/v1/records")
                .header("Content-Type", JSON)
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[most + 1])))
                .build());
        assertThat(chunked.statusCode()).isEqualTo(413);
    }

    @Test
    void wrongGzipAndOtherEncodings_areRefused() {
        assertThat(send("{}".getBytes(StandardCharsets.UTF_8), "gzip").statusCode())
                .isEqualTo(400);
        assertThat(send(new byte[0], "gzip").statusCode()).isEqualTo(400);
        assertThat(send("{}".getBytes(StandardCharsets.UTF_8), "br").statusCode())
                .isEqualTo(415);
        assertThat(send("{}".getBytes(StandardCharsets.UTF_8), "gzip, gzip").statusCode())
                .isEqualTo(415);
    }

    @Test
    void moreRecordsThanTheLimit_is413() {
        String many = "{}\n".repeat(Limits.usual().batchRecords() + 1);
        assertThat(server.post("/v1/records", "application/x-ndjson", many).statusCode())
                .isEqualTo(413);
        String array = "[" + "{},".repeat(Limits.usual().batchRecords()) + "{}]";
        assertThat(server.post("/v1/records", JSON, array).statusCode()).isEqualTo(413);
    }

    @Test
    void otherMediaTypes_areRefused() {
        for (String type : List.of("text/plain", "application/x-www-form-urlencoded", "multipart/form-data")) {
            assertThat(server.post("/v1/records", type, "{}").statusCode()).isEqualTo(415);
        }
    }

    /** What Jackson would let pass, each refused as a record or as the whole body. */
    static Stream<Arguments> lenientJson() {
        return Stream.of(
                Arguments.of("a name twice", "{\"model\":\"a\",\"model\":\"b\"}"),
                Arguments.of("a number that overflows", "{\"model\":\"m\",\"cost_usd\":1e400}"),
                Arguments.of("a count with a fraction", "{\"model\":\"m\",\"input_tokens\":1.9}"),
                Arguments.of("a count in exponent form", "{\"model\":\"m\",\"input_tokens\":1e3}"),
                Arguments.of("a count in quotes", "{\"model\":\"m\",\"input_tokens\":\"12\"}"),
                Arguments.of("a count beyond 64 bits", "{\"model\":\"m\",\"input_tokens\":99999999999999999999}"),
                Arguments.of("unpaired surrogate", "{\"model\":\"\\ud800\"}"),
                Arguments.of("NUL", "{\"model\":\"a\\u0000b\"}"),
                Arguments.of("a text of 21 MB", "{\"model\":\"" + "x".repeat(5 << 20) + "\"}"),
                Arguments.of("an unknown name", "{\"model\":\"m\",\"inputTokens\":1}"),
                Arguments.of("NaN", "{\"model\":\"m\",\"cost_usd\":NaN}"),
                Arguments.of("a comma too many", "{\"model\":\"m\",}"),
                Arguments.of("a comment", "{/* */\"model\":\"m\"}"),
                Arguments.of("single quotes", "{'model':'m'}"),
                Arguments.of("a second document", "{\"model\":\"m\"}{}"),
                Arguments.of("a number with a million digits", "{\"input_tokens\":" + "9".repeat(1_000_000) + "}"),
                Arguments.of("deep objects", "{\"a\":".repeat(100_000) + "1" + "}".repeat(100_000)),
                Arguments.of("deep arrays", "[".repeat(1_000_000)),
                Arguments.of("no object", "17"),
                Arguments.of("null", "null"),
                Arguments.of("an array of numbers", "[1,2]"),
                Arguments.of("an array that ends early", "[{\"model\":\"m\"}"),
                Arguments.of("an array that goes on", "[{\"model\":\"m\"}]]"),
                Arguments.of("two arrays", "[{\"model\":\"m\"}][]"),
                Arguments.of("nothing", ""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lenientJson")
    void leniencyOfParsers_isNotOurs(String what, String json) {
        HttpResponse<String> answer = server.post("/v1/records", JSON, json);
        boolean rejected = answer.statusCode() == 200
                && answer.body().startsWith("{\"results\":[{\"index\":0,\"result\":\"rejected\",");
        assertThat(rejected || answer.statusCode() == 400)
                .as("%s: %s %s", what, answer.statusCode(), answer.body())
                .isTrue();
        assertThat(answer.body().length()).isLessThan(1_000);
    }

    @Test
    void badUtf8_isRefused() {
        byte[] overlong = "{\"model\":\"?\"}".getBytes(StandardCharsets.ISO_8859_1);
        overlong[10] = (byte) 0xc0;
        assertThat(send(overlong, "").statusCode()).isEqualTo(400);
    }

    @Test
    void problem_namesTheFieldAndTheIndex() {
        HttpResponse<String> answer =
                server.post("/v1/records", "application/x-ndjson", "{\"model\":\"m\"}\n{\"model\":\"m\",\n");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("\"index\":1").contains("\"detail\":\"record 1: ");
    }

    @Test
    void slowHeadersAndBodies_areCutOffWhileOthersAreServed() throws IOException {
        // Long enough for a good client on a machine that stands still for a moment.
        Duration patience = Duration.ofSeconds(6);
        Limits quick = Limits.builder().headerTime(patience).bodyTime(patience).build();
        try (RunningServer slow = RunningServer.start(settings -> settings.limits(quick))) {
            List<RawClient> clients = new ArrayList<>();
            long start = System.nanoTime();
            for (int i = 0; i < 150; i++) {
                clients.add(new RawClient(slow.server().port()));
                clients.add(new RawClient(slow.server().port()).send("GET /healthz HTTP/1.1\r\nHost: loc"));
                clients.add(new RawClient(slow.server().port()).send(POST + "Content-Length: 1000\r\n\r\n{"));
                RawClient again = new RawClient(slow.server().port()).send(GET + "Host: localhost\r\n\r\n");
                assertThat(again.status()).isEqualTo(200);
                clients.add(again.send("GET /hea"));
            }
            assertThat(slow.get("/healthz").statusCode()).isEqualTo(200);
            // A drip on each, which Jetty's own timers would take for a sign of life.
            boolean dripping = true;
            while (dripping && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(120)) {
                dripping = false;
                for (RawClient client : clients) {
                    dripping |= client.drip();
                }
                assertThat(slow.get("/healthz").statusCode()).isEqualTo(200);
            }
            assertThat(dripping).as("connections still open after 120 s").isFalse();
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    private static HttpResponse<String> send(byte[] body, String encoding) {
        HttpRequest.Builder request =
                server.request("/v1/records").header("Content-Type", JSON).POST(BodyPublishers.ofByteArray(body));
        if (!encoding.isEmpty()) {
            request.header("Content-Encoding", encoding);
        }
        return server.send(request.build());
    }

    private static byte[] gzip(byte[] block, int times) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            for (int i = 0; i < times; i++) {
                gzip.write(block);
            }
        }
        return bytes.toByteArray();
    }
}
