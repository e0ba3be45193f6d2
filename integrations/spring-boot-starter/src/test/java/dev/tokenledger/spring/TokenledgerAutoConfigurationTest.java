package dev.tokenledger.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.formats.budgets.Admission;
import dev.tokenledger.formats.budgets.BudgetGuard;
import dev.tokenledger.formats.budgets.CallEstimate;
import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.money.Usd;
import dev.tokenledger.postgres.PostgresLedger;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.recorder.Receipt;
import dev.tokenledger.recorder.Recorder;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.Attribution;
import dev.tokenledger.usage.UsageRecord;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.ai.anthropic.http.okhttp.AnthropicHttpClientBuilderCustomizer;
import org.springframework.ai.openai.http.okhttp.OpenAiHttpClientBuilderCustomizer;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.sqlite.SQLiteDataSource;

/** What is wired, and when it is not. */
class TokenledgerAutoConfigurationTest {

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir
    Path folder;

    private ApplicationContextRunner runner() {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(TokenledgerAutoConfiguration.class))
                .withPropertyValues(
                        "tokenledger.ledger=" + folder.resolve("usage.db"),
                        "management.endpoints.web.exposure.include=tokenledger");
    }

    private static UsageRecord call(String model) {
        return UsageRecord.builder().model(model).inputTokens(100_000).build();
    }

    @Test
    void withoutAnySetting_everythingIsThere() {
        runner().run(context -> {
            assertThat(context)
                    .hasSingleBean(Ledger.class)
                    .hasSingleBean(Recorder.class)
                    .hasSingleBean(SpringAiRecords.class)
                    .hasSingleBean(AnthropicHttpClientBuilderCustomizer.class)
                    .hasSingleBean(OpenAiHttpClientBuilderCustomizer.class)
                    .hasSingleBean(MeterBinder.class)
                    .hasSingleBean(HealthIndicator.class)
                    .hasSingleBean(TokenledgerEndpoint.class);
            // It is opened beside the start; what is asked of it waits for that.
            assertThat(context.getBean(Ledger.class).summary(TimeWindow.all()).totalRecords())
                    .isZero();
            assertThat(folder.resolve("usage.db")).isRegularFile();
            assertThat(context.getBean(Ledger.class).prices().layers()).hasSize(1);
        });
    }

    @Test
    void beansOfTheHost_areUsed() {
        Ledger own = InMemoryLedger.open(PriceBook.bundled());
        runner().withBean(Ledger.class, () -> own).run(context -> {
            assertThat(context.getBean(Ledger.class)).isSameAs(own);
            context.getBean(Recorder.class).record(call("x"));
            assertThat(context.getBean(Recorder.class).flush(PATIENCE)).isTrue();
            assertThat(own.summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
            assertThat(folder.resolve("usage.db")).doesNotExist();
        });
        runner().withBean(PriceBook.class, PriceBook::empty)
                .run(context -> assertThat(
                                context.getBean(Ledger.class).prices().layers())
                        .isEmpty());
    }

    @Test
    void switchedOff_nothingIsThere() {
        runner().withPropertyValues("tokenledger.enabled=false")
                .run(context -> assertThat(context)
                        .doesNotHaveBean(Ledger.class)
                        .doesNotHaveBean(Recorder.class)
                        .doesNotHaveBean(TokenledgerEndpoint.class));
    }

    @Test
    void whatTheHostDoesNotHave_isLeftOut() {
        for (String absent : List.of(
                "org.springframework.ai.anthropic",
                "org.springframework.ai",
                "okhttp3",
                "io.micrometer.core",
                "org.springframework.boot.actuate",
                "org.springframework.boot.health")) {
            runner().withClassLoader(new FilteredClassLoader(absent))
                    .run(context -> assertThat(context)
                            .as(absent)
                            .hasNotFailed()
                            .hasSingleBean(Ledger.class)
                            .hasSingleBean(Recorder.class));
        }
    }

    @Test
    void priceFiles_priceOnTopOfTheBundledPrices() throws IOException {
        Path prices = Files.writeString(
                folder.resolve("ours.yaml"),
                "pricing:\n  house-model:\n    input_per_million: 3.5\n    output_per_million: 1\n");
        runner().withPropertyValues("tokenledger.prices=" + prices).run(context -> {
            context.getBean(Recorder.class).record(call("house-model"));
            assertThat(context.getBean(Recorder.class).flush(PATIENCE)).isTrue();
            assertThat(context.getBean(Ledger.class).summary(TimeWindow.all()).totalCost())
                    .hasToString("0.35");
        });
    }

    @Test
    void badFiles_stopTheStartByTheirNames() throws IOException {
        Path bad = Files.writeString(folder.resolve("bad.yaml"), "prices: none\n");
        for (String setting : List.of("prices", "budgets")) {
            for (Path file : List.of(bad, folder.resolve("absent.yaml"))) {
                runner().withPropertyValues("tokenledger." + setting + "=" + file)
                        .run(context -> {
                            assertThat(context).hasFailed();
                            assertThat(context.getStartupFailure())
                                    .rootCause()
                                    .isInstanceOf(Exception.class)
                                    .satisfies(cause -> assertThat(messages(context.getStartupFailure()))
                                            .contains(file.toString()));
                            FailureAnalysis told = new DocumentFailureAnalyzer().analyze(context.getStartupFailure());
                            assertThat(told).isNotNull();
                            assertThat(told.getDescription()).contains(file.toString());
                            assertThat(told.getCause()).isInstanceOf(DocumentException.class);
                        });
            }
        }
    }

    private static String messages(Throwable failure) {
        StringBuilder all = new StringBuilder();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            all.append(cause.getMessage()).append('\n');
        }
        return all.toString();
    }

    @Test
    void addressOfAnotherEngine_isRefusedByTheSettingsName() {
        for (String address : List.of("mysql://db/usage", "jdbc:postgresql://db/usage", "postgresql://db:none/usage")) {
            runner().withPropertyValues("tokenledger.ledger=" + address).run(context -> {
                assertThat(context).hasFailed();
                assertThat(messages(context.getStartupFailure())).contains("tokenledger.ledger:");
            });
        }
    }

    @Test
    void postgres_holdsTheLedger_byItsAddressOrTheHostsDataSource() {
        PostgresServer server = PostgresServer.shared(PostgresServer.Version.NEWEST);
        String spool = "tokenledger.spool=" + folder.resolve("pg.spool");
        String byAddress = server.newSchemaName();
        String byDataSource = server.newSchemaName();
        String address = server.address() + (server.address().contains("?") ? "&" : "?") + "schema=" + byAddress;
        PGSimpleDataSource source = server.dataSource();
        source.setCurrentSchema(byDataSource);
        server.execute("CREATE SCHEMA " + byDataSource);
        try {
            runner().withPropertyValues("tokenledger.ledger=" + address, spool).run(this::recordsOne);
            runner().withBean(PGSimpleDataSource.class, () -> source)
                    .withPropertyValues("tokenledger.ledger=datasource", spool)
                    .run(this::recordsOne);
            for (String schema : List.of(byAddress, byDataSource)) {
                try (Ledger ledger =
                        PostgresLedger.builder().schema(schema).readOnly(true).open(server.dataSource())) {
                    assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
                }
            }
        } finally {
            server.dropSchema(byAddress);
            server.dropSchema(byDataSource);
        }
    }

    private void recordsOne(AssertableApplicationContext context) throws InterruptedException {
        assertThat(context).hasNotFailed();
        context.getBean(Recorder.class).record(call("x"));
        assertThat(context.getBean(Recorder.class).flush(PATIENCE)).isTrue();
    }

    @Test
    void postgresWithoutItsLibrary_stopsTheStartByTheLibrarysName() {
        runner().withClassLoader(new FilteredClassLoader("dev.tokenledger.postgres"))
                .withPropertyValues("tokenledger.ledger=postgresql://user:secret@127.0.0.1:1/usage")
                .run(context -> {
                    assertThat(context).hasFailed();
                    assertThat(messages(context.getStartupFailure()))
                            .contains("tokenledger.ledger:", "dev.tokenledger:tokenledger-postgres")
                            .doesNotContain("secret");
                });
    }

    /** Nobody listens at that port. */
    @Test
    void postgresThatIsAway_neitherStopsTheStartNorACall() {
        runner().withPropertyValues(
                        "tokenledger.ledger=postgresql://user:secret@127.0.0.1:1/usage",
                        "tokenledger.spool=" + folder.resolve("away.spool"))
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(context.getBean(Recorder.class).record(call("x")))
                            .isEqualTo(Receipt.SPOOLED);
                });
    }

    @Test
    void spoolOfALedgerThatIsNoFile_doesNotNameItsAddress() {
        TokenledgerProperties properties = new TokenledgerProperties(
                true,
                "postgresql://user:secret@db/usage",
                null,
                List.of(),
                null,
                java.time.ZoneOffset.UTC,
                PATIENCE,
                new TokenledgerProperties.Guard(
                        TokenledgerProperties.OnExceeded.REFUSE, 4_096, Duration.ofSeconds(1), false),
                Map.of());
        assertThat(properties.spoolFolder()).isEqualTo(Path.of("tokenledger.spool"));
    }

    @Test
    void dataSourceOfTheHost_holdsTheLedger() {
        Path file = folder.resolve("own.db");
        SQLiteDataSource source = new SQLiteDataSource();
        source.setUrl("jdbc:sqlite:" + file);
        runner().withBean(SQLiteDataSource.class, () -> source)
                .withPropertyValues("tokenledger.ledger=datasource", "tokenledger.spool=" + folder.resolve("own.spool"))
                .run(context -> {
                    context.getBean(Recorder.class).record(call("x"));
                    assertThat(context.getBean(Recorder.class).flush(PATIENCE)).isTrue();
                });
        try (Ledger ledger = SqliteLedger.open(file, PriceBook.bundled())) {
            assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
        }
    }

    /** A file stands where the ledger's folder is to be; it is taken away while the program runs. */
    @Test
    void ledgerThatIsAway_neitherStopsTheStartNorACall() throws IOException {
        Path place = Files.writeString(folder.resolve("place"), "not a folder");
        Path file = place.resolve("usage.db");
        runner().withPropertyValues("tokenledger.ledger=" + file, "tokenledger.spool=" + folder.resolve("spool"))
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    Recorder recorder = context.getBean(Recorder.class);
                    assertThat(recorder.record(call("x"))).isEqualTo(Receipt.SPOOLED);
                    assertThat(recorder.flush(Duration.ofMillis(1))).isFalse();
                    TokenledgerEndpoint endpoint = context.getBean(TokenledgerEndpoint.class);
                    assertThat(endpoint.overview()).containsKey("problem");
                    SimpleMeterRegistry meters = new SimpleMeterRegistry();
                    context.getBean(MeterBinder.class).bindTo(meters);
                    assertThat(meters.get("tokenledger.records")
                                    .functionCounter()
                                    .count())
                            .isZero();
                    Files.delete(place);
                    Files.createDirectory(place);
                    assertThat(recorder.flush(PATIENCE)).isTrue();
                    assertThat(endpoint.overview())
                            .doesNotContainKey("problem")
                            .extractingByKey("health", InstanceOfAssertFactories.MAP)
                            .containsEntry("ledger", "there")
                            .containsEntry("committed", 1L)
                            .containsEntry("dropped", 0L);
                    Health health = context.getBean(HealthIndicator.class).health();
                    assertThat(health.getStatus()).isEqualTo(Status.UP);
                });
        try (Ledger ledger = SqliteLedger.open(file, PriceBook.bundled())) {
            assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
        }
    }

    @Test
    void guard_asksTheFilesBudgets_andBacksOff() throws IOException {
        Path budgets = Files.writeString(
                folder.resolve("budgets.yaml"), "budgets:\n  - name: all\n    period: month\n    usd: 0.2\n");
        ModelIdentity model = ModelIdentity.ofReference("anthropic/claude-sonnet-4-5");
        runner().run(context -> assertThat(context.getBean(BudgetGuard.class)
                        .admit(Attribution.NONE, CallEstimate.of(model, Usd.parse("99")))
                        .outcome())
                .isEqualTo(Admission.Outcome.ALLOWED));
        runner().withPropertyValues("tokenledger.budgets=" + budgets).run(context -> {
            BudgetGuard guard = context.getBean(BudgetGuard.class);
            assertThat(guard.admit(Attribution.NONE, CallEstimate.of(model, Usd.parse("0.15")))
                            .isAdmitted())
                    .isTrue();
            assertThat(guard.admit(Attribution.NONE, CallEstimate.of(model, Usd.parse("0.06")))
                            .isAdmitted())
                    .as("0.15 is reserved, in the ledger of the program")
                    .isFalse();
            assertThat(context.getBean(Ledger.class).readerStates("budget-guard/open/"))
                    .hasSize(1);
        });
        BudgetGuard own = BudgetGuard.of(InMemoryLedger.open(PriceBook.empty()));
        runner().withBean(BudgetGuard.class, () -> own)
                .run(context -> assertThat(context).getBean(BudgetGuard.class).isSameAs(own));
    }

    @Test
    void endpoint_tellsTotalsAndBudgets() throws IOException {
        Path budgets = Files.writeString(
                folder.resolve("budgets.yaml"), "budgets:\n  - name: all\n    period: month\n    usd: 0.2\n");
        runner().withPropertyValues("tokenledger.budgets=" + budgets).run(context -> {
            Recorder recorder = context.getBean(Recorder.class);
            recorder.record(call("claude-sonnet-4-5"));
            recorder.record(call("nobody-knows"));
            assertThat(recorder.flush(PATIENCE)).isTrue();
            TokenledgerEndpoint endpoint = context.getBean(TokenledgerEndpoint.class);
            Map<String, Object> summary = endpoint.part("summary", null, "all");
            assertThat(summary)
                    .extractingByKey("total", InstanceOfAssertFactories.MAP)
                    .containsEntry("records", 2L)
                    .containsEntry("unpriced_records", 1L)
                    .containsEntry("input_tokens", 200_000L);
            assertThat(summary.get("groups"))
                    .asInstanceOf(InstanceOfAssertFactories.LIST)
                    .hasSize(2)
                    .first()
                    .asInstanceOf(InstanceOfAssertFactories.MAP)
                    .containsEntry("model", "claude-sonnet-4-5")
                    .extractingByKey("cost_usd")
                    .hasToString("0.3");
            assertThat(endpoint.part("budgets", null, null).get("budgets"))
                    .asInstanceOf(InstanceOfAssertFactories.LIST)
                    .singleElement()
                    .asInstanceOf(InstanceOfAssertFactories.MAP)
                    .containsEntry("name", "all")
                    .containsEntry("state", "exceeded");
            for (String[] wrong :
                    new String[][] {{"summary", "colour", null}, {"summary", null, "fortnight"}, {"other", null, null}
                    }) {
                assertThat(org.assertj.core.api.Assertions.catchThrowable(
                                () -> endpoint.part(wrong[0], wrong[1], wrong[2])))
                        .isInstanceOf(InvalidEndpointRequestException.class);
            }
        });
    }

    /** An answer whose observation never ends was paid all the same; here the program ends before anybody looks. */
    @Test
    void unclaimedAnswers_areRecordedByThemselves() throws IOException, InterruptedException {
        Ledger ledger = InMemoryLedger.open(PriceBook.bundled());
        Instant[] now = {Instant.parse("2026-11-01T10:00:00Z")};
        try (Recorder recorder =
                Recorder.builder(ledger, folder.resolve("spool")).build()) {
            Answers answers = Answers.unswept(recorder, () -> now[0]);
            for (int i = 0; i < 3; i++) {
                answers.ended(answer("chatcmpl-" + i, now[0]));
            }
            assertThat(answers.claim("chatcmpl-1")).isPresent();
            answers.sweep();
            assertThat(recorder.statistics().offered()).isZero();
            now[0] = now[0].plus(Answers.KEPT).plusSeconds(1);
            answers.sweep();
            assertThat(recorder.statistics().offered()).isEqualTo(2);
            answers.ended(answer("chatcmpl-3", now[0]));
            answers.close();
            for (int i = 0; i <= Answers.MAX_KEPT + 1; i++) {
                answers.ended(answer("chatcmpl-more-" + i, now[0]));
            }
            assertThat(recorder.flush(PATIENCE)).isTrue();
            // Two that were overdue, one at the end, and of the others those that were too many.
            assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isBetween(4L, 5L);
            assertThat(ledger.find(dev.tokenledger.usage.RecordId.of("openai:chatcmpl-3")))
                    .isPresent();
        }
    }

    private static Answers.Answer answer(String id, Instant at) {
        return new Answers.Answer(
                "openai",
                "gpt-4.1",
                dev.tokenledger.payloads.ProviderResponse.of(
                        "openai-chat",
                        "{\"id\":\"" + id + "\",\"object\":\"chat.completion\",\"model\":\"gpt-4.1\",\"usage\":"
                                + "{\"prompt_tokens\":5,\"completion_tokens\":1}}"),
                at,
                at,
                dev.tokenledger.usage.Attribution.NONE);
    }
}
