package dev.tokenledger.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.server.http.PemFiles;
import dev.tokenledger.summary.TimeWindow;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsTest {

    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    private static Path folder;

    private static int made;

    private Path certificate;
    private Path key;

    @BeforeEach
    void name() throws IOException {
        Path own = Files.createTempDirectory(folder, "tls");
        certificate = own.resolve("certificate.pem");
        key = own.resolve("key.pem");
    }

    @ParameterizedTest
    @ValueSource(strings = {"EC", "RSA", "Ed25519"})
    void requestsAreEncrypted_withKeysOfEachKind(String kind) throws Exception {
        Certificate shown = install(kind);
        try (TokenledgerServer server = start()) {
            assertThat(server.address()).hasScheme("https");
            HttpResponse<String> answer = HttpClient.newBuilder()
                    .sslContext(trusting(shown))
                    .build()
                    .send(
                            HttpRequest.newBuilder(URI.create(server.address() + "/healthz"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
        }
    }

    @Test
    void newFiles_areShownToNewConnections_andUnusableOnesToldOnce() throws Exception {
        Certificate first = install("EC");
        List<String> failures = new ArrayList<>();
        try (TokenledgerServer server = TokenledgerServer.of(InMemoryLedger.open(PriceBook.empty()))
                .port(0)
                .tls(new PemFiles(certificate, key))
                .failures((attempted, failure) -> {
                    synchronized (failures) {
                        failures.add(attempted + ": " + failure.getMessage());
                        failures.notifyAll();
                    }
                })
                .start()) {
            assertThat(shown(server, trusting(first))).isEqualTo(first);

            Files.writeString(certificate, "no certificate");
            synchronized (failures) {
                long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
                while (failures.isEmpty() && System.nanoTime() < end) {
                    TimeUnit.NANOSECONDS.timedWait(failures, end - System.nanoTime());
                }
                assertThat(failures)
                        .containsExactly("cannot read the certificate again; the last one stays: " + certificate
                                + ": holds no certificate in PEM; name a file with BEGIN CERTIFICATE");
            }
            assertThat(shown(server, trusting(first))).isEqualTo(first);

            Certificate second = install("EC");
            SSLContext both = trusting(first, second);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            Certificate last = shown(server, both);
            while (!last.equals(second) && System.nanoTime() < end) {
                last = shown(server, both);
            }
            assertThat(last).isEqualTo(second);
        }
    }

    @Test
    void filesThatCannotBeUsed_keepItFromStarting_andAreNamed() throws Exception {
        assertThatThrownBy(this::start)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(certificate + ": there is no such file");
        install("EC");
        Path others = key.resolveSibling("others.pem");
        Files.copy(key, others);
        install("EC");
        Files.copy(others, key, StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(this::start)
                .hasMessageContaining(key + ": not the key of the certificate in " + certificate);
        Files.writeString(key, "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n");
        assertThatThrownBy(this::start)
                .hasMessageContaining(key + ": holds no private key in PKCS #8")
                .hasMessageContaining("openssl pkcs8 -topk8")
                .hasMessageNotContaining("MIIE");
    }

    /** Exporters insist that the protocol was agreed upon with TLS. */
    @ParameterizedTest
    @ValueSource(strings = {"EC", "RSA"})
    void gRpc_isEncryptedToo(String kind) throws Exception {
        install(kind);
        try (Ledger ledger = InMemoryLedger.open(PriceBook.empty());
                TokenledgerServer server = TokenledgerServer.of(ledger)
                        .port(0)
                        .grpcPort(0)
                        .tls(new PemFiles(certificate, key))
                        .start();
                SdkTracerProvider provider = SdkTracerProvider.builder()
                        .addSpanProcessor(SimpleSpanProcessor.create(OtlpGrpcSpanExporter.builder()
                                .setEndpoint(
                                        "https://127.0.0.1:" + server.grpcPort().orElseThrow())
                                .setTrustedCertificates(Files.readAllBytes(certificate))
                                .setTimeout(60, TimeUnit.SECONDS)
                                .build()))
                        .build()) {
            provider.get("test")
                    .spanBuilder("chat")
                    .setAttribute("gen_ai.operation.name", "chat")
                    .setAttribute("gen_ai.request.model", "gpt-4o")
                    .setAttribute("gen_ai.usage.input_tokens", 5)
                    .startSpan()
                    .end();
            assertThat(provider.forceFlush().join(60, TimeUnit.SECONDS).isSuccess())
                    .isTrue();
            assertThat(ledger.summary(TimeWindow.all()).totalInputTokens()).isEqualTo(5);
        }
    }

    private TokenledgerServer start() {
        return TokenledgerServer.of(InMemoryLedger.open(PriceBook.empty()))
                .port(0)
                .tls(new PemFiles(certificate, key))
                .start();
    }

    private static Certificate shown(TokenledgerServer server, SSLContext context) throws IOException {
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", server.port())) {
            socket.startHandshake();
            return socket.getSession().getPeerCertificates()[0];
        }
    }

    private static SSLContext trusting(Certificate... certificates) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        for (int i = 0; i < certificates.length; i++) {
            trusted.setCertificateEntry("c" + i, certificates[i]);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    /** Writes a new certificate and its key to the files, as a certificate authority's client does, and returns it. */
    private Certificate install(String kind) throws Exception {
        Path store = folder.resolve("store-" + made++ + ".p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        kind,
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=ip:127.0.0.1,dns:localhost",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        String.valueOf(PASSWORD))
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        Certificate shown = keys.getCertificate("server");
        replace(key, pem("PRIVATE KEY", keys.getKey("server", PASSWORD).getEncoded()));
        replace(certificate, pem("CERTIFICATE", shown.getEncoded()));
        return shown;
    }

    private static void replace(Path file, String content) throws IOException {
        Path written = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(written, content);
        Files.move(written, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String pem(String what, byte[] content) {
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content) + "\n-----END " + what
                + "-----\n";
    }
}
