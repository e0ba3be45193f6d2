package dev.tokenledger.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.recorder.Recorder;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.Attribution;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.anthropic.AnthropicChatOptions;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.ollama.OllamaChatModel;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.function.FunctionToolCallback;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** A whole Spring Boot program with the real Spring AI and the providers' real SDKs, against providers on loopback. */
class SpringAiCallsTest {

    private static final TokenCounts ANTHROPIC = TokenCounts.builder()
            .input(31)
            .output(21)
            .cacheCreation(120)
            .cacheCreation5m(70)
            .cacheCreation1h(50)
            .cacheRead(5_200)
            .build();
    private static final TokenCounts OPENAI = TokenCounts.builder()
            .input(140)
            .output(64)
            .cacheRead(90)
            .reasoning(24)
            .build();
    private static final TokenCounts OLLAMA = TokenCounts.of(17, 6);

    @TempDir
    static Path folder;

    private static FakeProviders providers;
    private static ConfigurableApplicationContext program;

    private int before;

    /** A program that has nothing of ours but the dependency. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Program {}

    @BeforeAll
    static void start() throws IOException {
        providers = new FakeProviders();
        program = new SpringApplicationBuilder(Program.class)
                .web(WebApplicationType.NONE)
                .bannerMode(org.springframework.boot.Banner.Mode.OFF)
                .properties(
                        "logging.level.root=error",
                        "tokenledger.ledger=" + folder.resolve("usage.db"),
                        "tokenledger.attributes.service=shop",
                        "management.endpoints.web.exposure.include=*",
                        "management.endpoint.tokenledger.access=read-only",
                        "spring.ai.anthropic.api-key=k",
                        "spring.ai.anthropic.base-url=" + providers.address(),
                        "spring.ai.anthropic.max-retries=0",
                        "spring.ai.anthropic.chat.options.model=claude-sonnet-4-5",
                        "spring.ai.anthropic.chat.model=claude-sonnet-4-5",
                        "spring.ai.openai.api-key=k",
                        "spring.ai.openai.base-url=" + providers.address(),
                        "spring.ai.openai.max-retries=0",
                        "spring.ai.openai.chat.options.model=gpt-4.1",
                        "spring.ai.openai.chat.model=gpt-4.1",
                        "spring.ai.ollama.base-url=" + providers.address(),
                        "spring.ai.ollama.chat.options.model=gpt-oss:20b",
                        "spring.ai.ollama.chat.model=gpt-oss:20b",
                        "spring.ai.retry.max-attempts=1")
                .run();
    }

    @AfterAll
    static void stop() {
        program.close();
        providers.close();
    }

    @BeforeEach
    void count() throws InterruptedException {
        before = entries().size();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anthropic_everyFieldIsThatOfTheAnswer(boolean stream) throws InterruptedException {
        ask(AnthropicChatModel.class, "", stream, false);
        assertThat(added(1)).singleElement().satisfies(entry -> {
            UsageRecord record = entry.record();
            assertThat(record.tokens()).isEqualTo(ANTHROPIC);
            assertThat(record.identity().provider()).isEqualTo("anthropic");
            assertThat(record.identity().upstreamModel()).isEqualTo("claude-sonnet-4-5-20250929");
            assertThat(record.requestedModel()).isEqualTo("claude-sonnet-4-5");
            assertThat(record.calls()).isEqualTo(Map.of("web_search", 1L));
            assertThat(record.serviceTier()).isIn("", "standard");
            assertThat(record.upstreamRequestId()).startsWith("msg_fake");
            assertThat(record.id().value()).isEqualTo("anthropic:" + record.upstreamRequestId());
            assertAttributed(record);
            assertThat(record.outcome()).isEqualTo(Outcome.SUCCESS);
            assertThat(record.duration().orElseThrow()).isPositive();
            assertThat(record.notes()).isEmpty();
            // (31 × 3 + 70 × 3.75 + 50 × 6 + 5,200 × 0.30 + 21 × 15) USD per million, and one search at 0.01
            assertThat(entry.cost().amount()).hasToString("0.0125305");
        });
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void openAi_everyFieldIsThatOfTheAnswer(boolean stream) throws InterruptedException {
        ask(OpenAiChatModel.class, "", stream, false);
        assertThat(added(1)).singleElement().satisfies(entry -> {
            UsageRecord record = entry.record();
            assertThat(record.tokens()).isEqualTo(OPENAI);
            assertThat(record.identity().provider()).isEqualTo("openai");
            assertThat(record.identity().upstreamModel()).isEqualTo("gpt-4.1-2025-04-14");
            assertThat(record.requestedModel()).isEqualTo("gpt-4.1");
            assertThat(record.id().value()).isEqualTo("openai:" + record.upstreamRequestId());
            assertAttributed(record);
            // (140 × 2 + 90 × 0.50 + 64 × 8) USD per million
            assertThat(entry.cost().amount()).hasToString("0.000837");
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void ollama_hasNoIds_andEachCallIsARecord(boolean stream) throws InterruptedException {
        ask(OllamaChatModel.class, "", stream, false);
        ask(OllamaChatModel.class, "", stream, false);
        assertThat(added(2)).hasSize(2).allSatisfy(entry -> {
            assertThat(entry.record().tokens()).isEqualTo(OLLAMA);
            assertThat(entry.record().identity().upstreamModel()).isEqualTo("gpt-oss:20b");
            assertThat(entry.record().identity().provider()).isEqualTo("ollama");
            assertAttributed(entry.record());
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void toolLoops_areARecordARound(boolean stream) throws InterruptedException {
        ask(AnthropicChatModel.class, "", stream, true);
        assertThat(added(2)).hasSize(2).allSatisfy(entry -> {
            assertThat(entry.record().tokens()).isEqualTo(ANTHROPIC);
            assertAttributed(entry.record());
        });
        before = entries().size();
        ask(OpenAiChatModel.class, "", stream, true);
        assertThat(added(2)).hasSize(2).allSatisfy(entry -> {
            assertThat(entry.record().tokens()).isEqualTo(OPENAI);
            assertAttributed(entry.record());
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void refusedCalls_areRecordedAsErrors_andCostNothing(boolean stream) throws InterruptedException {
        for (Class<? extends ChatModel> model : List.of(AnthropicChatModel.class, OpenAiChatModel.class)) {
            before = entries().size();
            assertThat(catchThrowable(() -> ask(model, "busy", stream, false))).isNotNull();
            assertThat(added(1)).as(model.getSimpleName()).singleElement().satisfies(entry -> {
                assertThat(entry.record().outcome()).isEqualTo(Outcome.ERROR);
                assertThat(entry.record().tokens()).isEqualTo(TokenCounts.of(0, 0));
                assertThat(entry.record().identity().model()).isEqualTo("busy");
                assertAttributed(entry.record());
            });
        }
    }

    /** What was paid until the stream broke off is recorded, once. */
    @Test
    void brokenStream_isRecordedWithWhatCameOfIt() throws InterruptedException {
        assertThat(catchThrowable(() -> ask(AnthropicChatModel.class, "broken", true, false)))
                .isNotNull();
        assertThat(added(1)).singleElement().satisfies(entry -> {
            UsageRecord record = entry.record();
            assertThat(record.tokens())
                    .isEqualTo(TokenCounts.builder()
                            .input(31)
                            .output(2)
                            .cacheCreation(120)
                            .cacheCreation5m(70)
                            .cacheCreation1h(50)
                            .cacheRead(5_200)
                            .build());
            assertThat(record.outcome()).isEqualTo(Outcome.ERROR);
            assertThat(record.notes()).containsExactly("output_incomplete");
            assertThat(record.requestedModel()).isEqualTo("broken");
            assertThat(record.identity().model()).isEqualTo("claude-sonnet-4-5-20250929");
            assertAttributed(record);
        });
    }

    /** So is what was paid until its reader left. */
    @Test
    void streamLeftEarly_isRecordedAsCanceled() throws InterruptedException {
        Prompt prompt = new Prompt(
                "How are you?",
                AnthropicChatOptions.builder().model("endless").maxTokens(100).build());
        Attribution own = Attribution.builder()
                .conversation("c-1")
                .session("s-1")
                .attribute("team", "search")
                .build();
        String first = own.get(() -> program.getBean(AnthropicChatModel.class).stream(prompt)
                .mapNotNull(chunk -> chunk.getResult() == null
                        ? null
                        : chunk.getResult().getOutput().getText())
                .filter(text -> !text.isEmpty())
                .blockFirst(Duration.ofMinutes(1)));
        assertThat(first).isEqualTo("Fine");
        assertThat(added(1)).singleElement().satisfies(entry -> {
            assertThat(entry.record().tokens())
                    .isEqualTo(TokenCounts.builder()
                            .input(31)
                            .output(2)
                            .cacheCreation(120)
                            .cacheCreation5m(70)
                            .cacheCreation1h(50)
                            .cacheRead(5_200)
                            .build());
            assertThat(entry.record().outcome()).isEqualTo(Outcome.CANCELED);
            assertThat(entry.record().notes()).containsExactly("output_incomplete");
            assertAttributed(entry.record());
        });
    }

    private static void assertAttributed(UsageRecord record) {
        assertThat(record.source()).isEqualTo("spring-ai");
        assertThat(record.conversationId()).isEqualTo("c-1");
        assertThat(record.sessionId()).isEqualTo("s-1");
        assertThat(record.attributes()).isEqualTo(Map.of("team", "search", "service", "shop"));
    }

    private record City(String city) {}

    private static void ask(Class<? extends ChatModel> of, String model, boolean stream, boolean tools) {
        ChatClient.ChatClientRequestSpec request = client(of, model, tools);
        String answer = stream
                ? String.join("", request.stream().content().collectList().block(Duration.ofMinutes(1)))
                : request.call().content();
        assertThat(answer).contains("Fine");
    }

    private static ChatClient.ChatClientRequestSpec client(Class<? extends ChatModel> of, String model, boolean tools) {
        ChatClient client = ChatClient.builder(
                        program.getBean(of), program.getBean(ObservationRegistry.class), null, null)
                .build();
        Consumer<ChatClient.AdvisorSpec> parameters = advisors -> advisors.param(ChatMemory.CONVERSATION_ID, "c-1")
                .param("tokenledger.session", "s-1")
                .param("tokenledger.team", "search");
        ChatClient.ChatClientRequestSpec request = client.prompt("How are you?").advisors(parameters);
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
        return request;
    }

    /** A stream's observation ends after its reader has everything; nobody tells when. */
    private List<LedgerEntry> added(int expected) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (entries().size() < before + expected && System.nanoTime() < deadline) {
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
        List<LedgerEntry> all = entries();
        return all.subList(before, all.size());
    }

    private static List<LedgerEntry> entries() throws InterruptedException {
        assertThat(program.getBean(Recorder.class).flush(Duration.ofMinutes(1))).isTrue();
        List<LedgerEntry> entries = new ArrayList<>(program.getBean(Ledger.class)
                .records(RecordQuery.over(TimeWindow.all()).limit(100).build())
                .entries());
        entries.sort(java.util.Comparator.comparingLong(LedgerEntry::sequence));
        return Collections.unmodifiableList(entries);
    }

    @Test
    void meters_tellTheLedgersTotals() throws InterruptedException {
        ask(OpenAiChatModel.class, "", false, false);
        long records = entries().size();
        MeterRegistry meters = program.getBean(MeterRegistry.class);
        assertThat(meters.get("tokenledger.recorder.pending").gauge().value()).isZero();
        assertThat(meters.get("tokenledger.recorder.dropped").functionCounter().count())
                .isZero();
        assertThat(meters.get("tokenledger.records").functionCounter().count()).isBetween(1.0, (double) records);
    }
}
