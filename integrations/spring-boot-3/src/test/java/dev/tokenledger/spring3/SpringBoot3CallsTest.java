package dev.tokenledger.spring3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.capture.Capture;
import dev.tokenledger.capture.JdkHttpCapture;
import dev.tokenledger.integrations.testing.FakeProviders;
import dev.tokenledger.integrations.testing.FakeProviders.Truth;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.recorder.Recorder;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.Attribution;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.ai.anthropic.AnthropicChatModel;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.tool.function.FunctionToolCallback;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.client.RestClientCustomizer;
import org.springframework.boot.web.reactive.function.client.WebClientCustomizer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.reactive.JdkClientHttpConnector;

/** A whole program of Spring Boot 3.5 with Spring AI 1.1, as the documents say how, against providers on loopback. */
@Timeout(120)
class SpringBoot3CallsTest {

    private static final Attribution OURS =
            Attribution.builder().session("s-1").attribute("team", "search").build();

    @TempDir
    static Path folder;

    private static FakeProviders providers;
    private static ConfigurableApplicationContext program;

    private int before;

    /** What the documents have a program add. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Program {

        @Bean
        Ledger ledger() {
            return SqliteLedger.open(folder.resolve("usage.db"), PriceBook.bundled());
        }

        @Bean
        Recorder recorder(Ledger ledger) throws IOException {
            return Recorder.builder(ledger, folder.resolve("spool")).build();
        }

        @Bean
        HttpClient recordedClient(Recorder recorder) {
            return JdkHttpCapture.client(
                    HttpClient.newHttpClient(), Capture.to(recorder).build());
        }

        @Bean
        RestClientCustomizer recordedCalls(HttpClient recordedClient) {
            return builder -> builder.requestFactory(new JdkClientHttpRequestFactory(recordedClient));
        }

        @Bean
        WebClientCustomizer recordedStreams(HttpClient recordedClient) {
            return builder -> builder.clientConnector(new JdkClientHttpConnector(recordedClient));
        }
    }

    @BeforeAll
    static void start() {
        providers = FakeProviders.start();
        program = new SpringApplicationBuilder(Program.class)
                .web(WebApplicationType.NONE)
                .bannerMode(Banner.Mode.OFF)
                .properties(
                        "logging.level.root=off",
                        "spring.ai.anthropic.api-key=k",
                        "spring.ai.anthropic.base-url=" + providers.address(),
                        "spring.ai.anthropic.chat.options.model=claude-sonnet-4-5",
                        "spring.ai.openai.api-key=k",
                        "spring.ai.openai.base-url=" + providers.address(),
                        "spring.ai.openai.chat.options.model=gpt-4.1",
                        "spring.ai.openai.chat.options.stream-usage=true",
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

    private static List<LedgerEntry> entries() throws InterruptedException {
        assertThat(program.getBean(Recorder.class).flush(Duration.ofMinutes(1))).isTrue();
        return program
                .getBean(Ledger.class)
                .records(RecordQuery.over(TimeWindow.all()).limit(100).build())
                .entries()
                .stream()
                .sorted(Comparator.comparingLong(LedgerEntry::sequence))
                .toList();
    }

    /** A stream is recorded when its end was read; nobody tells when. */
    private List<UsageRecord> added(int expected) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (entries().size() < before + expected && System.nanoTime() < deadline) {
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
        List<LedgerEntry> all = entries();
        return all.subList(before, all.size()).stream().map(LedgerEntry::record).toList();
    }

    record City(String city) {}

    private static String ask(String provider, String model, boolean stream, boolean tools) {
        Class<? extends ChatModel> type =
                provider.equals("anthropic") ? AnthropicChatModel.class : OpenAiChatModel.class;
        ChatModel of = program.getBean(type);
        ChatClient.ChatClientRequestSpec request =
                ChatClient.builder(of).build().prompt("How are you?");
        if (!model.isEmpty()) {
            request = request.options(ChatOptions.builder().model(model).build());
        }
        if (tools) {
            request = request.toolCallbacks(
                    FunctionToolCallback.builder("weather", (City city) -> "sunny in " + city.city())
                            .description("The weather of a city")
                            .inputType(City.class)
                            .build());
        }
        ChatClient.ChatClientRequestSpec asked = request;
        return OURS.get(() -> stream
                ? String.join("", asked.stream().content().collectList().block(Duration.ofMinutes(1)))
                : String.valueOf(asked.call().content()));
    }

    private static void assertIsAnswer(UsageRecord record, String provider) {
        Truth truth = provider.equals("anthropic") ? FakeProviders.ANTHROPIC : FakeProviders.OPENAI;
        assertThat(record.identity().provider()).isEqualTo(provider);
        assertThat(record.identity().upstreamModel()).isEqualTo(truth.servedModel());
        assertThat(record.tokens().input()).isEqualTo(truth.input());
        assertThat(record.tokens().output()).isEqualTo(truth.output());
        assertThat(record.tokens().cacheRead()).isEqualTo(truth.cacheRead());
        assertThat(record.tokens().cacheCreation5m()).isEqualTo(truth.cacheWrite5m());
        assertThat(record.tokens().cacheCreation1h()).isEqualTo(truth.cacheWrite1h());
        assertThat(record.tokens().reasoning()).isEqualTo(truth.reasoning());
        assertThat(record.serviceTier()).isEqualTo(truth.serviceTier());
        assertThat(record.id().value()).isEqualTo(provider + ":" + record.upstreamRequestId());
        assertThat(record.outcome()).isEqualTo(Outcome.SUCCESS);
    }

    private static void assertIsOurs(UsageRecord record) {
        assertThat(record.sessionId()).isEqualTo("s-1");
        assertThat(record.attributes()).isEqualTo(Map.of("team", "search"));
    }

    @ParameterizedTest
    @CsvSource({"anthropic,false", "anthropic,true", "openai,false", "openai,true"})
    void call_isRecordedWithEveryFieldOfTheAnswer(String provider, boolean stream) throws InterruptedException {
        assertThat(ask(provider, "", stream, false)).contains("Good");
        assertThat(added(1)).singleElement().satisfies(record -> {
            assertIsAnswer(record, provider);
            assertIsOurs(record);
        });
    }

    /**
     * Each round is a record with its own figures, where Spring AI 1.1 itself hands on the sum of both in the second. Of a stream this
     * one begins on a thread where nobody's attribution is open.
     */
    @ParameterizedTest
    @CsvSource({"anthropic,false", "anthropic,true", "openai,false", "openai,true"})
    void toolLoop_isARecordARound(String provider, boolean stream) throws InterruptedException {
        assertThat(ask(provider, "", stream, true)).contains("Good");
        List<UsageRecord> rounds = added(2);
        assertThat(rounds).hasSize(2).allSatisfy(record -> assertIsAnswer(record, provider));
        assertIsOurs(rounds.get(0));
        if (!stream) {
            assertIsOurs(rounds.get(1));
        }
    }

    @ParameterizedTest
    @CsvSource({"anthropic,false", "anthropic,true", "openai,false", "openai,true"})
    void refusedCall_isRecordedAsAnError(String provider, boolean stream) throws InterruptedException {
        assertThat(catchThrowable(() -> ask(provider, FakeProviders.FAIL_429, stream, false)))
                .isNotNull();
        assertThat(added(1)).singleElement().satisfies(record -> {
            assertThat(record.outcome()).isEqualTo(Outcome.ERROR);
            assertThat(record.notes()).containsExactly("http_429");
            assertThat(record.sessionId()).isEqualTo("s-1");
        });
    }
}
