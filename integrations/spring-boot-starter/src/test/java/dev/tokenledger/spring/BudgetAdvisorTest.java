package dev.tokenledger.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.budgets.BudgetExceededException;
import dev.tokenledger.recorder.CallGuard;
import dev.tokenledger.recorder.Recorder;
import dev.tokenledger.summary.TimeWindow;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.ChatClientBuilderCustomizer;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.function.FunctionToolCallback;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** A whole Spring Boot program that names a file of budgets, with the real Spring AI, against providers on loopback. */
@Timeout(120)
class BudgetAdvisorTest {

    /** Budgets of conversations, so that each test has its own. */
    private static final String BUDGETS = """
            budgets:
              - name: poor
                period: month
                usd: 0.000001
                where: { conversation: poor }
              - name: rich
                period: month
                usd: 1000
                where: { conversation: rich }
              - name: one-call
                period: month
                usd: 0.004
                where: { conversation: one-round }
              - name: one-stream
                period: month
                usd: 0.004
                where: { conversation: one-streamed-round }
              - name: whole-team
                period: month
                usd: 0.000001
                where: { attribute.team: broke }
              - name: unused-opus
                period: month
                usd: 0.000001
                where: { model: claude-opus-4-1 }
            """;

    @TempDir
    static Path folder;

    private static FakeProviders providers;
    private static ConfigurableApplicationContext program;

    private int before;

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Program {}

    @BeforeAll
    static void start() throws IOException {
        providers = new FakeProviders();
        Path budgets = folder.resolve("budgets.yaml");
        Files.writeString(budgets, BUDGETS);
        program = new SpringApplicationBuilder(Program.class)
                .web(WebApplicationType.NONE)
                .bannerMode(org.springframework.boot.Banner.Mode.OFF)
                .properties(
                        "logging.level.root=off",
                        "tokenledger.ledger=" + folder.resolve("usage.db"),
                        "tokenledger.budgets=" + budgets,
                        "tokenledger.guard.max-delay=1m",
                        "tokenledger.attributes.service=shop",
                        "spring.ai.model.chat=anthropic",
                        "spring.ai.anthropic.api-key=k",
                        "spring.ai.openai.api-key=k",
                        "spring.ai.anthropic.base-url=" + providers.address(),
                        "spring.ai.anthropic.max-retries=0",
                        "spring.ai.anthropic.chat.model=claude-sonnet-4-5",
                        "spring.ai.anthropic.chat.max-tokens=100",
                        "spring.ai.retry.max-attempts=1")
                .run();
    }

    @AfterAll
    static void stop() {
        program.close();
        providers.close();
    }

    @BeforeEach
    void count() {
        before = providers.requests();
    }

    private record City(String city) {}

    private static String ask(String conversation, String team, String model, boolean stream, boolean tools) {
        ChatClient.ChatClientRequestSpec request = program.getBean(ChatClient.Builder.class)
                .build()
                .prompt("How are you?")
                .advisors(a -> a.param(ChatMemory.CONVERSATION_ID, conversation).param("tokenledger.team", team));
        if (!model.isEmpty()) {
            request = request.options(ChatOptions.builder().model(model));
        }
        if (tools) {
            ToolCallback weather = FunctionToolCallback.builder("weather", (City city) -> "sunny in " + city.city())
                    .description("The weather of a city")
                    .inputType(City.class)
                    .build();
            request = request.tools(weather);
        }
        return stream
                ? String.join("", request.stream().content().collectList().block(Duration.ofMinutes(1)))
                : request.call().content();
    }

    private static Ledger ledger() {
        return program.getBean(Ledger.class);
    }

    private static long records() throws InterruptedException {
        assertThat(program.getBean(Recorder.class).flush(Duration.ofMinutes(1))).isTrue();
        return ledger().summary(TimeWindow.all()).totalRecords();
    }

    /** A stream's observation ends after its reader has everything; nobody tells when. */
    private static void assertNothingReserved() {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!ledger().readerStates("budget-guard/open/").isEmpty() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(1_000_000);
        }
        assertThat(ledger().readerStates("budget-guard/open/")).isEmpty();
    }

    private void assertAsked(int requests) {
        assertThat(providers.requests() - before).isEqualTo(requests);
    }

    private static int turn() {
        return Integer.parseInt(ledger().readerState("budget-guard/turn").orElse("0"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void callWithRoom_isMade_andItsRecordEndsItsReservation(boolean stream) throws InterruptedException {
        long known = records();
        int turn = turn();
        assertThat(ask("rich", "search", "", stream, false)).contains("Fine");
        assertNothingReserved();
        assertThat(turn()).isEqualTo(turn + 1);
        assertThat(records()).isEqualTo(known + 1);
        assertAsked(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void callWithoutRoom_isRefused_andNotMade(boolean stream) throws InterruptedException {
        long known = records();
        assertThatThrownBy(() -> ask("poor", "search", "", stream, false))
                .isInstanceOf(BudgetExceededException.class)
                .hasMessageContaining("budget \"poor\" has no room");
        assertThatThrownBy(() -> ask("rich", "broke", "", stream, false))
                .isInstanceOf(BudgetExceededException.class)
                .hasMessageContaining("budget \"whole-team\" has no room");
        assertAsked(0);
        assertThat(records()).isEqualTo(known);
        assertNothingReserved();
    }

    /** Each round is asked for by itself; the one for which nothing is left is refused, and the first is recorded. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void toolLoop_isRefusedInTheRoundThatPassesTheLimit(boolean stream) throws InterruptedException {
        long known = records();
        // Of each round 100 × 15 / 10⁶ USD are reserved and some for its input; what the first has cost is more.
        assertThatThrownBy(() -> ask(stream ? "one-streamed-round" : "one-round", "search", "", stream, true))
                .isInstanceOf(BudgetExceededException.class)
                .hasMessageContaining("budget \"one-" + (stream ? "stream" : "call") + "\" has no room");
        assertAsked(1);
        assertNothingReserved();
        assertThat(records()).isEqualTo(known + 1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void toolLoop_withRoom_reservesEachRound(boolean stream) throws InterruptedException {
        int turn = turn();
        assertThat(ask("rich", "search", "", stream, true)).contains("Fine");
        assertAsked(2);
        assertNothingReserved();
        assertThat(turn()).isEqualTo(turn + 2);
    }

    /** The provider refused it, so that it costs nothing. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void callThatTheProviderRefuses_givesItsRoomBack(boolean stream) {
        assertThat(catchThrowable(() -> ask("rich", "search", "busy", stream, false)))
                .isNotNull()
                .isNotInstanceOf(BudgetExceededException.class);
        assertAsked(1);
        assertNothingReserved();
    }

    @Test
    void brokenStream_endsItsReservationWithWhatCameOfIt() throws InterruptedException {
        long known = records();
        assertThat(catchThrowable(() -> ask("rich", "search", "broken", true, false)))
                .isNotNull();
        assertNothingReserved();
        assertThat(records()).isEqualTo(known + 1);
    }

    @Test
    void meters_tellWhatBudgetsAnswered() {
        CallGuard.Decisions decisions = program.getBean(CallGuard.class).decisions();
        assertThat(catchThrowable(() -> ask("poor", "search", "", false, false)))
                .isInstanceOf(BudgetExceededException.class);
        assertThat(program.getBean(MeterRegistry.class)
                        .get("tokenledger.budget.decisions")
                        .tag("decision", "refused")
                        .functionCounter()
                        .count())
                .isEqualTo(decisions.refused() + 1.0);
    }

    @Test
    void clientsOfTheProgramsOwn_takeTheAdvisorByHand() {
        ChatModel model = program.getBean(AnthropicChatModel.class);
        ChatClient own = ChatClient.builder(model)
                .defaultAdvisors(program.getBean(BudgetAdvisor.class))
                .build();
        assertThatThrownBy(() -> own.prompt("How are you?")
                        .advisors(a -> a.param(ChatMemory.CONVERSATION_ID, "poor"))
                        .call()
                        .content())
                .isInstanceOf(BudgetExceededException.class);
    }

    /** Without a file, or where it is only to be told of, nobody asks. */
    @ParameterizedTest
    @ValueSource(strings = {"", "tell"})
    void withoutBudgetsToAsk_thereIsNoAdvisor(String onExceeded) {
        List<String> settings = onExceeded.isEmpty()
                ? List.of()
                : List.of(
                        "tokenledger.budgets=" + folder.resolve("budgets.yaml"),
                        "tokenledger.guard.on-exceeded=" + onExceeded);
        new org.springframework.boot.test.context.runner.ApplicationContextRunner()
                .withConfiguration(org.springframework.boot.autoconfigure.AutoConfigurations.of(
                        TokenledgerAutoConfiguration.class))
                .withPropertyValues("tokenledger.ledger=" + folder.resolve("other.db"))
                .withPropertyValues(settings.toArray(String[]::new))
                .run(context -> {
                    assertThat(context).hasNotFailed().hasSingleBean(CallGuard.class);
                    assertThat(context).doesNotHaveBean(BudgetAdvisor.class);
                    assertThat(context).doesNotHaveBean(ChatClientBuilderCustomizer.class);
                });
    }
}
