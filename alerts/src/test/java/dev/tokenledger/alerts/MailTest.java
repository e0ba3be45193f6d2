package dev.tokenledger.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.alerts.BudgetAlerts.Attempt;
import dev.tokenledger.alerts.BudgetAlerts.Result;
import dev.tokenledger.formats.budgets.BudgetFile;
import dev.tokenledger.formats.budgets.BudgetPlan;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.testkit.SettableClock;
import dev.tokenledger.usage.UsageRecord;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mail, as a server on this machine gets it: encrypted, signed in, or not at all. */
class MailTest {

    private static final Instant NOW = Instant.parse("2026-11-10T12:00:00Z");
    private static final String PASSWORD = "pa55 wörd";
    private static final char[] STORE_PASSWORD = "changeit".toCharArray();

    @TempDir
    private static Path folder;

    /** Of a certificate for 127.0.0.1, which is trusted, and one for another host. */
    private static SSLContext right;

    private static SSLContext ofAnotherHost;

    private final SettableClock clock = new SettableClock(NOW);
    private final Ledger ledger = InMemoryLedger.open(PriceBook.empty(), clock);

    @BeforeAll
    static void makeCertificates() throws Exception {
        right = context("right", "san=ip:127.0.0.1");
        ofAnotherHost = context("other", "san=dns:mail.example.org");
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    /** Shows this certificate, and trusts it alone. */
    private static SSLContext context(String name, String names) throws Exception {
        Path store = folder.resolve(name + ".p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        name,
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        names,
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        String.valueOf(STORE_PASSWORD))
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, STORE_PASSWORD);
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(name, keys.getCertificate(name));
        KeyManagerFactory shown = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        shown.init(keys, STORE_PASSWORD);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(shown.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static BudgetPlan plan(FakeMailServer server, String settings) {
        String text = """
                budgets: [{ name: "Suche für alle Zwölf und noch einige mehr, die zählen", period: day, usd: 10, thresholds: [0.5] }]
                notify:
                  - { name: mail, type: smtp, host: 127.0.0.1, port: %s, from: ledger@example.org,
                      to: [team@example.org, boss@example.org], %s }
                """.formatted(Integer.toString(server.port()), settings);
        return BudgetFile.parsePlan("budgets.yaml", text.getBytes(StandardCharsets.UTF_8));
    }

    private Attempt told(FakeMailServer server, SSLSocketFactory tls, String settings) {
        ledger.append(UsageRecord.builder()
                .id("call")
                .timestamp(NOW)
                .model("house-model")
                .cost(Usd.parse("6"))
                .build());
        BudgetPlan plan = plan(server, settings);
        try (BudgetAlerts alerts = BudgetAlerts.builder(ledger, () -> plan)
                .clock(clock)
                .tls(tls)
                .timeout(Duration.ofMinutes(1))
                .variables(Map.of("PASSWORD", PASSWORD)::get)
                .build()) {
            List<Attempt> attempts = alerts.runOnce();
            assertThat(attempts).hasSize(1);
            assertThat(attempts.toString()).doesNotContain(PASSWORD);
            return attempts.get(0);
        }
    }

    private static final String LOGIN = "user: ledger, password_env: PASSWORD";

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void startTls_nothingButTheRequestForItIsInTheOpen() {
        try (FakeMailServer server = new FakeMailServer(right, false, "STARTTLS", "AUTH LOGIN PLAIN")) {
            assertThat(told(server, right.getSocketFactory(), LOGIN).result()).isEqualTo(Result.SENT);

            assertThat(server.commands())
                    .startsWith(
                            "plain: EHLO [127.0.0.1]",
                            "plain: STARTTLS",
                            "EHLO [127.0.0.1]",
                            "AUTH PLAIN " + base64("\0ledger\0" + PASSWORD),
                            "MAIL FROM:<ledger@example.org>",
                            "RCPT TO:<team@example.org>",
                            "RCPT TO:<boss@example.org>",
                            "DATA");
            assertMessage(server.messages());
        }
    }

    @Test
    void tlsFromTheFirstByte_withTheOtherWayToSignIn() {
        try (FakeMailServer server = new FakeMailServer(right, true, "AUTH=LOGIN")) {
            assertThat(told(server, right.getSocketFactory(), LOGIN + ", security: tls")
                            .result())
                    .isEqualTo(Result.SENT);

            assertThat(server.commands()).noneMatch(command -> command.startsWith("plain: "));
            assertThat(server.commands()).contains("AUTH LOGIN", base64("ledger"), base64(PASSWORD));
            assertMessage(server.messages());
        }
    }

    @Test
    void noEncryption_onlyWhereItIsAskedFor() {
        try (FakeMailServer server = new FakeMailServer(null, false)) {
            assertThat(told(server, right.getSocketFactory(), "security: none").result())
                    .isEqualTo(Result.SENT);
            assertThat(server.commands()).noneMatch(command -> command.contains("AUTH"));
            assertMessage(server.messages());
        }
    }

    @Test
    void serverWithoutStartTls_getsNothing() {
        try (FakeMailServer server = new FakeMailServer(null, false, "AUTH PLAIN")) {
            assertThat(told(server, right.getSocketFactory(), LOGIN).message()).contains("offers no STARTTLS");
            assertThat(server.commands()).containsExactly("plain: EHLO [127.0.0.1]");
        }
    }

    /** Whoever sits between may put an answer behind the one to STARTTLS, which would pass for one that was encrypted. */
    @Test
    void answerBehindTheOneToStartTls_isNotTaken() {
        try (FakeMailServer server = new FakeMailServer(null, false, "STARTTLS")
                .answers(Map.of("STARTTLS", "220 go ahead\r\n250 AUTH PLAIN"))) {
            Attempt attempt = told(server, right.getSocketFactory(), LOGIN);
            assertThat(attempt.result()).isEqualTo(Result.RETRY);
            assertThat(server.commands()).hasSize(2);
        }
    }

    @Test
    void certificateOfAnotherHost_orOfNobodyKnown_isRefused() {
        try (FakeMailServer server = new FakeMailServer(ofAnotherHost, false, "STARTTLS", "AUTH PLAIN")) {
            assertThat(told(server, ofAnotherHost.getSocketFactory(), LOGIN).message())
                    .contains("no encrypted connection came about");
            clock.advance(Duration.ofHours(1));
            assertThat(told(server, right.getSocketFactory(), LOGIN).message())
                    .contains("no encrypted connection came about");
            assertThat(server.commands()).noneMatch(command -> command.contains("AUTH"));
        }
    }

    @Test
    void refusals_areToldByTheirCodeAlone() {
        Map<String, String> byCommand = Map.of(
                "AUTH", "535 who is " + PASSWORD,
                "MAIL", "451 later",
                "RCPT TO:<boss", "550 no such user",
                "DATA", "554-no\r\n554 never");
        byCommand.forEach((command, answer) -> {
            try (FakeMailServer server =
                    new FakeMailServer(right, true, "AUTH PLAIN").answers(Map.of(command, answer))) {
                Attempt attempt = told(server, right.getSocketFactory(), LOGIN + ", security: tls");
                assertThat(attempt.result()).isEqualTo(Result.RETRY);
                assertThat(attempt.message()).contains("the mail server answered " + answer.substring(0, 3));
                assertThat(server.messages()).isEmpty();
                clock.advance(Duration.ofMinutes(30));
            }
        });
    }

    @Test
    void whatIsNoMailServer_isSaidToBeNone() {
        for (String greeting :
                List.of("HTTP/1.1 400 Bad Request", "220-x\r\n".repeat(200) + "220 x", "2".repeat(5_000))) {
            try (FakeMailServer server = new FakeMailServer(null, false).answers(Map.of("greeting", greeting))) {
                assertThat(told(server, right.getSocketFactory(), "security: none")
                                .message())
                        .contains("mail server");
                assertThat(server.messages()).isEmpty();
                clock.advance(Duration.ofMinutes(30));
            }
        }
    }

    private static void assertMessage(List<String> messages) {
        assertThat(messages).hasSize(1);
        String message = messages.get(0);
        assertThat(message.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(78));
        int end = message.indexOf("\r\n\r\n");
        String head = message.substring(0, end);
        assertThat(head)
                .contains(
                        "From: ledger@example.org\r\n",
                        "To: team@example.org,\r\n boss@example.org\r\n",
                        "Date: Tue, 10 Nov 2026 12:00:00 GMT\r\n",
                        "@example.org>\r\n",
                        "Auto-Submitted: auto-generated\r\n");
        StringBuilder subject = new StringBuilder();
        Matcher words = Pattern.compile("=\\?UTF-8\\?B\\?([^?]*)\\?=").matcher(head);
        while (words.find()) {
            assertThat(words.group().length()).isLessThanOrEqualTo(75);
            subject.append(new String(Base64.getDecoder().decode(words.group(1)), StandardCharsets.UTF_8));
        }
        assertThat(subject.toString())
                .isEqualTo(
                        "Budget \"Suche für alle Zwölf und noch einige mehr, die zählen\" has reached 50% of its limit");
        assertThat(new String(Base64.getMimeDecoder().decode(message.substring(end)), StandardCharsets.UTF_8))
                .startsWith(subject + "\r\n$6 of $10 spent on 2026-11-10 (Z).\r\n");
    }
}
