package dev.tokenledger.formats.budgets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.tokenledger.formats.budgets.Channel.Format;
import dev.tokenledger.formats.budgets.Channel.Login;
import dev.tokenledger.formats.budgets.Channel.MailServer;
import dev.tokenledger.formats.budgets.Channel.Security;
import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.formats.text.DocumentException.Mistake;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetPlanTest {

    private static final String CHANNELS = """
            notify:
              - { name: hook, type: webhook, url: "https://example.org/hook?a=1", secret_file: secrets/hook }
              - { name: chat, type: slack, url_env: CHAT_URL }
              - { name: cards, type: teams, url_file: /run/secrets/cards, insecure: true }
              - { name: mail, type: smtp, host: mail.example.org, user: ledger, password_env: MAIL_PASSWORD,
                  from: ledger@example.org, to: [team@example.org, boss@example.org] }
              - { name: relay, type: smtp, host: "::1", port: 2525, security: none, from: a@b, to: [c@d] }
            """;

    @TempDir
    private Path folder;

    @Test
    void channelsAndPolicies_areReadAsDocumented() {
        Path file = folder.resolve("budgets.yaml");
        BudgetPlan plan = BudgetFile.parsePlan(file.toString(), (CHANNELS + """
                budgets:
                  - { name: a, period: day, usd: 1 }
                  - { name: b, period: day, usd: 1, enforcement: soft, thresholds: [50%, 0.805, "1.5", forecast], notify: [mail, chat] }
                  - { name: c, period: day, usd: 1, enforcement: hard, thresholds: [], notify: [] }
                """).getBytes(StandardCharsets.UTF_8));

        assertThat(plan.channels())
                .containsExactly(
                        new Channel.Webhook(
                                "hook",
                                Format.WEBHOOK,
                                new Secret(Secret.Source.PLAIN, "https://example.org/hook?a=1"),
                                Optional.of(new Secret(
                                        Secret.Source.FILE,
                                        folder.toAbsolutePath()
                                                .resolve("secrets/hook")
                                                .toString())),
                                false),
                        new Channel.Webhook(
                                "chat",
                                Format.SLACK,
                                new Secret(Secret.Source.ENV, "CHAT_URL"),
                                Optional.empty(),
                                false),
                        new Channel.Webhook(
                                "cards",
                                Format.TEAMS,
                                new Secret(Secret.Source.FILE, "/run/secrets/cards"),
                                Optional.empty(),
                                true),
                        new Channel.Mail(
                                "mail",
                                new MailServer(
                                        "mail.example.org",
                                        587,
                                        Security.STARTTLS,
                                        Optional.of(
                                                new Login("ledger", new Secret(Secret.Source.ENV, "MAIL_PASSWORD"))),
                                        false),
                                "ledger@example.org",
                                List.of("team@example.org", "boss@example.org")),
                        new Channel.Mail(
                                "relay",
                                new MailServer("::1", 2525, Security.NONE, Optional.empty(), false),
                                "a@b",
                                List.of("c@d")));
        Budget a = plan.budgets().get(0);
        Budget b = plan.budgets().get(1);
        Budget c = plan.budgets().get(2);
        assertThat(a.policy()).isEqualTo(BudgetPolicy.DEFAULT);
        assertThat(a.policy().thresholds())
                .extracting(Threshold::text)
                .containsExactly("0.5", "0.8", "1", "forecast", "unpriced");
        assertThat(plan.channels(a)).isEqualTo(plan.channels());
        assertThat(b.isHard()).isFalse();
        assertThat(b.policy().thresholds())
                .extracting(Threshold::words)
                .containsExactly("50%", "80.5%", "150%", "forecast");
        assertThat(plan.channels(b)).extracting(Channel::name).containsExactly("chat", "mail");
        assertThat(c.isHard()).isTrue();
        assertThat(c.policy().thresholds()).isEmpty();
        assertThat(plan.channels(c)).isEmpty();
    }

    @Test
    void mistakes_areListedTogether_andTellNoSecret() {
        DocumentException e = catchThrowableOfType(DocumentException.class, () -> parse("""
                budgets:
                  - { name: a, period: day, usd: 1, enforcement: firm }
                  - { name: b, period: day, usd: 1, thresholds: [80, 0.5] }
                  - { name: c, period: day, usd: 1, thresholds: [0.5, 50%] }
                  - { name: d, period: day, usd: 1, notify: [nobody] }
                notify:
                  - { name: a, type: pigeon }
                  - { name: b, type: webhook, url: "https://example.org/x" }
                  - { name: c, type: slack, url: "https://hooks.example.org/s3cret" }
                  - { name: d, type: slack, url_env: "https://hooks.example.org/s3cret" }
                  - { name: e, type: teams, url_file: "https://hooks.example.org/s3cret" }
                  - { name: f, type: webhook, url: "http://user:s3cret@example.org/x", secret_env: S }
                  - { name: g, type: webhook, url: "https://user:s3cret@example.org/x", secret_env: S }
                  - { name: h, type: smtp, host: h, from: a@b, to: [] }
                  - { name: i, type: smtp, host: h, from: "a@b>s3cret\\r\\n", to: [a@b], url_env: U }
                  - { name: j, type: smtp, host: h, from: a@b, to: [a@b], user: u }
                  - { name: k, type: smtp, host: h, from: a@b, to: [a@b], user: u, password_env: P, security: none }
                  - { name: "l m", type: slack, url_env: U }
                  - { name: a, type: slack, url_env: U }
                  - { name: n, type: slack, url_env: U, url_file: V }
                  - { name: o, type: slack, url_env: U, insecure: maybe }
                  - { name: p, type: webhook, url_env: U, secret_file: whsec_s3cret }
                """));

        assertThat(e.mistakes())
                .extracting(Mistake::line, Mistake::path)
                .contains(
                        tuple(2, "budgets[0].enforcement"),
                        tuple(3, "budgets[1].thresholds[0]"),
                        tuple(4, "budgets[2].thresholds"),
                        tuple(5, "budgets[3].notify[0]"),
                        tuple(7, "notify[0].type"),
                        tuple(9, "notify[2].url"),
                        tuple(10, "notify[3].url_env"),
                        tuple(11, "notify[4].url_file"),
                        tuple(12, "notify[5].url"),
                        tuple(13, "notify[6].url"),
                        tuple(14, "notify[7].to"),
                        tuple(15, "notify[8].url_env"),
                        tuple(16, "notify[9].user"),
                        tuple(17, "notify[10].security"),
                        tuple(18, "notify[11].name"),
                        tuple(19, "notify[12].name"),
                        tuple(20, "notify[13].url_file"),
                        tuple(21, "notify[14].insecure"),
                        tuple(22, "notify[15].secret_file"));
        assertThat(e.mistakes()).extracting(Mistake::line).contains(8);
        assertThat(e.mistakes()).hasSize(20);
        assertThat(e.mistakes().toString()).doesNotContain("s3cret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "0", "-1", "10.0001", "80", "0.00001", "0.001%", "NaN", "half", "50 per cent", "%", "1e9"})
    void threshold_thatIsNone_isRefused(String text) {
        assertThatThrownBy(() -> Threshold.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void threshold_sameShare_isTheSame() {
        assertThat(List.of("0.8", "80%", "0.80", " 80 % ", "8e-1"))
                .allSatisfy(text -> assertThat(Threshold.parse(text))
                        .isEqualTo(new Threshold(Threshold.Kind.SHARE, new BigDecimal("0.8"))));
        assertThat(Threshold.parse("1000%").text()).isEqualTo("10");
    }

    @Test
    void secret_isReadWhereItIs_andNeverShown() throws IOException {
        Path file = Files.writeString(folder.resolve("s"), " s3cret \n");
        Secret inFile = new Secret(Secret.Source.FILE, file.toString());
        Secret inVariable = new Secret(Secret.Source.ENV, "NAME");
        Map<String, String> variables = Map.of("NAME", "s3cret\n");

        assertThat(inFile.read(name -> "")).isEqualTo("s3cret");
        assertThat(inVariable.read(name -> variables.getOrDefault(name, ""))).isEqualTo("s3cret");
        assertThat(List.of(inFile, inVariable, new Secret(Secret.Source.PLAIN, "s3cret")))
                .allSatisfy(secret -> assertThat(secret.toString()).doesNotContain("s3cret"));
        assertThatThrownBy(() -> inVariable.read(name -> "")).hasMessage("the environment variable NAME is not set");
        Files.writeString(file, "\n");
        assertThatThrownBy(() -> inFile.read(name -> "")).hasMessage("the file " + file + " is empty");
        Files.write(file, new byte[(16 << 10) + 1]);
        assertThatThrownBy(() -> inFile.read(name -> "")).hasMessageContaining("larger than");
        Files.delete(file);
        assertThatThrownBy(() -> inFile.read(name -> "")).hasMessage("there is no file " + file);
    }

    private static BudgetPlan parse(String yaml) {
        return BudgetFile.parsePlan("budgets.yaml", yaml.getBytes(StandardCharsets.UTF_8));
    }
}
