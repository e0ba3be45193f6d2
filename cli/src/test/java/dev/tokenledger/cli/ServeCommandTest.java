package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.DURATION;

import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.server.TokenledgerServer;
import dev.tokenledger.server.http.Limits;
import dev.tokenledger.server.keys.ApiKey;
import dev.tokenledger.server.keys.KeyFile;
import dev.tokenledger.summary.Dimension;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServeCommandTest {

    @TempDir
    private Path folder;

    private TestProgram program;

    @BeforeEach
    void prepare() {
        program = new TestProgram(folder);
    }

    @Test
    void loopback_needsNoKeys() {
        TestProgram.Result result = program.run("serve");
        assertThat(result.code()).isZero();
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).matches("listening on http://127\\.0\\.0\\.1:[0-9]+\n");
    }

    /** The connection is closed after a time; the question behind it must not go on. */
    @Test
    void questionThatTakesTooLong_isStopped() {
        List<Duration> stated = new ArrayList<>();
        List<HttpResponse<String>> answers = new ArrayList<>();
        program.ledgers(new Impatient(stated)).serving((builder, started) -> {
            try (TokenledgerServer server = builder.port(0).start()) {
                answers.add(get(server, "/v1/summary"));
                answers.add(get(server, "/"));
                answers.add(get(server, "/healthz"));
            }
        });
        TestProgram.Result result = program.run("serve");
        assertThat(result.code()).isZero();
        assertThat(answers).extracting(HttpResponse::statusCode).containsExactly(503, 503, 200);
        assertThat(answers.get(0).body()).contains("the question takes too long to answer; ask for less");
        assertThat(result.err())
                .contains("cannot answer GET /v1/summary: cannot summarize " + folder.resolve("ledger.db"));
        assertThat(stated)
                .singleElement(as(DURATION))
                .isLessThan(Limits.usual().answerTime())
                .isGreaterThan(Limits.usual().answerTime().dividedBy(2));
    }

    private static HttpResponse<String> get(TokenledgerServer server, String path) {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(server.address() + path)).build();
        try {
            return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Opens ledgers as usual, but those of a server stop every question at once. */
    private static final class Impatient extends OpenerAsUsual {

        private final List<Duration> stated;

        Impatient(List<Duration> stated) {
            this.stated = stated;
        }

        @Override
        public Ledger openForServer(Path file, PriceBook prices, Duration queryTimeLimit, Consumer<String> warnings) {
            stated.add(queryTimeLimit);
            return super.openForServer(file, prices, Duration.ofNanos(1), warnings);
        }
    }

    @Test
    void otherAddress_withoutKeys_doesNotStart() {
        TestProgram.Result result = program.run("serve", "--host", "0.0.0.0");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("asks for keys").contains("keys create");
    }

    @Test
    void otherAddress_withAKey_starts() {
        program.succeed("keys", "create", "x", "--scope", "read");
        assertThat(program.run("serve", "--host", "0.0.0.0").code()).isZero();
    }

    @Test
    void loopback_requiringKeys_doesNotStartWithoutOne() {
        assertThat(program.run("serve", "--require-keys").code()).isEqualTo(1);
        program.succeed("keys", "create", "x", "--scope", "read");
        assertThat(program.run("serve", "--require-keys").code()).isZero();
    }

    @Test
    void insecure_isSaidLoudly() {
        TestProgram.Result result = program.run("serve", "--host", "0.0.0.0", "--insecure");
        assertThat(result.code()).isZero();
        assertThat(result.err()).contains("WARNING").contains("everybody");
        assertThat(program.run("serve", "--insecure", "--require-keys").code()).isEqualTo(2);
    }

    @Test
    void unusableAddress_isSaid() throws IOException {
        assertThat(program.run("serve", "--port", "70000").code()).isEqualTo(2);
        TestProgram.Result result = program.run("serve", "--host", "203.0.113.1", "--insecure");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("cannot listen on 203.0.113.1");
    }

    @Test
    void budgets_thatCannotBeRead_areSaidBeforeTheServerStarts() {
        String bad = program.file("bad.yaml", "budgets: [{ name: a, period: year, usd: 1 }]\n");
        assertThat(program.run("serve", "--budgets", bad))
                .isEqualTo(new TestProgram.Result(
                        1,
                        "",
                        bad + ":1:22: budgets[0].period: unknown period \"year\"; expected one of day, month\n"));
        String missing = program.path("missing.yaml").toString();
        assertThat(program.run("serve", "--budgets", missing))
                .isEqualTo(new TestProgram.Result(
                        1, "", "cannot read the budget file " + missing + ": there is no such file\n"));
        String own = program.file(".config/tokenledger/budgets.yaml", "budgets: 1\n");
        assertThat(program.run("serve"))
                .isEqualTo(new TestProgram.Result(1, "", own + ":1:1: budgets: expected a list, found the number 1\n"));
        String good = program.file("good.yaml", "budgets: [{ name: a, period: day, usd: 1 }]\n");
        assertThat(program.run("serve", "--budgets", good).code()).isZero();
    }

    @Test
    void takenPort_isSaid() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            TestProgram.Result result = program.onItsOwnPort().run("serve", "--port", "" + taken.getLocalPort());
            assertThat(result.code()).isEqualTo(1);
            assertThat(result.err()).startsWith("cannot listen on 127.0.0.1:" + taken.getLocalPort() + ": ");
        }
    }

    @Test
    void grpcPort_isTheOneThatWasAskedFor_orNone() {
        TestProgram.Result asked = program.run("serve", "--grpc-port", "0");
        assertThat(asked.code()).isZero();
        assertThat(asked.err())
                .matches("listening on http://127\\.0\\.0\\.1:[0-9]+\ntaking OTLP over gRPC on port [0-9]+\n");
        assertThat(program.run("serve", "--grpc-port", "off").err()).doesNotContain("gRPC");
        TestProgram.Result wrong = program.run("serve", "--grpc-port", "on");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("expected off or a port from 0 to 65535, found \"on\"");
    }

    @Test
    void takenGrpcPort_keepsTheServerFromStarting_onlyWhereItWasAskedFor() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            TestProgram.Result asked = program.run("serve", "--grpc-port", "" + taken.getLocalPort());
            assertThat(asked.code()).isEqualTo(1);
            assertThat(asked.err()).startsWith("cannot listen on 127.0.0.1:" + taken.getLocalPort() + ": ");
            // Whoever has the usual port, what the server does then is the same as with this one.
            TestProgram.Result usual = program.variable("TOKENLEDGER_GRPC_PORT", "")
                    .serving((builder, started) -> {
                        try (TokenledgerServer server = builder.port(0)
                                .grpcPortIfFree(taken.getLocalPort())
                                .start()) {
                            started.accept(server);
                        }
                    })
                    .run("serve");
            assertThat(usual.code()).isZero();
            assertThat(usual.err())
                    .matches("listening on http://127\\.0\\.0\\.1:[0-9]+\n"
                            + "port 4317 is taken, so OTLP over gRPC is off; choose another port with --grpc-port N, or say"
                            + " --grpc-port off\n");
        }
    }

    @Test
    void metricsAsRecords_areWarnedAbout() {
        assertThat(program.run("serve").err()).doesNotContain("metrics");
        TestProgram.Result result = program.run("serve", "--metrics-as-records");
        assertThat(result.code()).isZero();
        assertThat(result.err()).contains("warning: --metrics-as-records: ").contains("counted twice");
        assertThat(program.variable("TOKENLEDGER_METRICS_AS_RECORDS", "true")
                        .run("serve")
                        .err())
                .contains("counted twice");
    }

    /** A file made by hand: whoever may write it lets himself in. */
    @Test
    void keysThatOthersMayReadOrWrite_areWarnedAbout() throws IOException {
        program.succeed("keys", "create", "x", "--scope", "read");
        assertThat(program.run("serve", "--require-keys").err()).doesNotContain("warning");
        Path file = program.path(".config/tokenledger/keys.yaml");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(program.run("serve", "--require-keys").err())
                .contains("warning: others than its owner may read or write the keys; run 'chmod 600 " + file + "'");
    }

    @Test
    void key_isShownOnceAndKeptAsADigest() throws IOException {
        String key = program.succeed("keys", "create", "collector", "--scope", "ingest,read")
                .strip();
        assertThat(key).matches("tl_[A-Za-z0-9_-]{43}");
        Path file = program.path(".config/tokenledger/keys.yaml");
        assertThat(Files.readString(file)).doesNotContain(key).contains("scopes: [ingest, read]");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        String list = program.succeed("keys", "list");
        assertThat(list)
                .contains("collector")
                .contains("ingest, read")
                .contains("2026-11-22")
                .doesNotContain(key);
        String id = new KeyFile(file).read().all().get(0).id();
        assertThat(list).contains(id);
        program.succeed("keys", "revoke", id);
        assertThat(program.run("keys", "list").err()).contains("there are no keys");
        assertThat(program.run("keys", "revoke", id).code()).isEqualTo(1);
    }

    @Test
    void key_hasAttributesAndALimit_whichTheListShows() throws IOException {
        program.succeed(
                "keys",
                "create",
                "gate",
                "--scope",
                "ingest",
                "--attribute",
                "team=se=arch",
                "--attribute",
                "env=pröd");
        program.succeed(
                "keys", "create", "lead", "--scope", "read", "--limit", "team=search", "--limit", "provider=openai");
        assertThat(program.succeed("keys", "list"))
                .contains("env=pröd, team=se=arch")
                .contains("attribute.team=search, provider=openai");
        List<ApiKey> keys = new KeyFile(program.path(".config/tokenledger/keys.yaml"))
                .read()
                .all();
        assertThat(keys.get(0).attributes()).isEqualTo(Map.of("team", "se=arch", "env", "pröd"));
        assertThat(keys.get(1).limit().values())
                .isEqualTo(Map.of(Dimension.attribute("team"), "search", Dimension.PROVIDER, "openai"));
    }

    @ParameterizedTest
    @CsvSource({
        "2, --scope read --limit team, expected two words joined by =",
        "2, --scope read --limit team=a --limit attribute.team=b, names the dimension attribute.team twice",
        "2, --scope ingest --attribute team=a --attribute team=b, names \"team\" twice",
        "1, --scope admin --limit team=a, limit: a key of the scope admin does everything",
        "1, --scope read --limit pricing_status=priced, may change",
        "1, --scope read --limit a=1 --limit b=1 --limit c=1 --limit d=1 --limit e=1, at most 4 dimensions",
        "1, --scope ingest --attribute tokenledger.key=x, it holds the name of the key itself",
        "1, --scope ingest --attribute 1a=x, a key is a letter",
        "1, --scope ingest --attribute team=, attributes.team: expected 1 to 512 characters"
    })
    void keyThatCannotBe_isRefused_andTheFileStaysAsItWas(int code, String options, String reason) {
        TestProgram.Result result =
                program.run(Stream.concat(Stream.of("keys", "create", "x"), Stream.of(options.split(" ", -1)))
                        .toArray(String[]::new));
        assertThat(result.code()).isEqualTo(code);
        assertThat(result.err()).contains(reason);
        assertThat(program.path(".config/tokenledger/keys.yaml")).doesNotExist();
    }

    @Test
    void spending_isToldByKey() {
        program.succeed("keys", "create", "idle", "--scope", "ingest");
        program.succeed("record", "--model", "m", "--cost-usd", "2.5", "--attribute", "tokenledger.key=gateway");
        program.succeed("record", "--model", "m", "--cost-usd", "1");
        TestProgram.Result table = program.run("keys", "spend");
        assertThat(table.code()).isZero();
        assertThat(table.out()).contains("Usage by key, all time", "gateway", "$2.50", "(none)", "$1.00");
        assertThat(table.err()).contains("no records by \"idle\"");
        assertThat(program.succeed("keys", "spend", "--format", "json"))
                .contains("\"keys\":{\"attribute.tokenledger.key\":\"gateway\"}", "\"total_cost_usd\":2.5");
        assertThat(program.succeed("keys", "spend", "--format", "csv")).contains("gateway");
    }

    @Test
    void key_needsAScopeAndAName() {
        assertThat(program.run("keys", "create", "x").code()).isEqualTo(2);
        assertThat(program.run("keys", "create", "x", "--scope", "everything").code())
                .isEqualTo(2);
        assertThat(program.run("keys", "create", "a\"b", "--scope", "read").code())
                .isEqualTo(1);
    }

    @Test
    void brokenKeyFile_isNamedWithItsLine() {
        program.file(".config/tokenledger/keys.yaml", "keys:\n  - id: 1\n");
        TestProgram.Result result = program.run("keys", "list");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("keys.yaml:2: expected id, name, scopes, created and sha256");
    }
}
