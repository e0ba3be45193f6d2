package dev.tokenledger.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.invocation.InvocationParameters;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.model.anthropic.AnthropicChatModel;
import dev.langchain4j.model.anthropic.AnthropicStreamingChatModel;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.ChatRequestOptions;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.googleai.GoogleAiGeminiChatModel;
import dev.langchain4j.model.googleai.GoogleAiGeminiStreamingChatModel;
import dev.langchain4j.model.ollama.OllamaChatModel;
import dev.langchain4j.model.ollama.OllamaEmbeddingModel;
import dev.langchain4j.model.ollama.OllamaStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiResponsesChatModel;
import dev.langchain4j.model.openai.OpenAiResponsesStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.MemoryId;
import dev.langchain4j.service.TokenStream;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.integrations.testing.FakeProviders;
import dev.tokenledger.integrations.testing.FakeProviders.Truth;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.recorder.Recorder;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.Attribution;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** LangChain4j's own models and services, against a server that answers as the providers do. */
@Timeout(120)
class LangChain4jRecordingTest {

    private static final Attribution OUTSIDE =
            Attribution.builder().session("s-1").attribute("team", "search").build();

    private static FakeProviders providers;
    private static String base;

    @TempDir
    Path folder;

    private final Ledger ledger = InMemoryLedger.open(PriceBook.bundled());
    private Recorder recorder;
    private LangChain4jRecording recording;

    @BeforeAll
    static void start() {
        providers = FakeProviders.start();
        base = providers.address().toString();
    }

    @AfterAll
    static void stop() {
        providers.close();
    }

    @BeforeEach
    void open() throws IOException {
        recorder = Recorder.builder(ledger, folder.resolve("spool"))
                .maxDelay(Duration.ofSeconds(30))
                .build();
        recording = LangChain4jRecording.to(recorder).build();
    }

    @AfterEach
    void close() {
        recorder.close();
        ledger.close();
    }

    /** A provider's models, with what is true of their answers. */
    enum Provider {
        ANTHROPIC("anthropic", FakeProviders.ANTHROPIC, "claude-sonnet-4-5"),
        OPENAI("openai", FakeProviders.OPENAI, "gpt-4.1"),
        RESPONSES("openai", FakeProviders.RESPONSES, "gpt-4.1"),
        GEMINI("google", FakeProviders.GEMINI, "gemini-flash-latest"),
        OLLAMA("ollama", FakeProviders.OLLAMA, "gpt-oss");

        private final String canonical;
        private final Truth truth;
        private final String requested;

        Provider(String canonical, Truth truth, String requested) {
            this.canonical = canonical;
            this.truth = truth;
            this.requested = requested;
        }

        /** Those whose answers the listener gets raw. */
        boolean isRaw() {
            return this != GEMINI && this != OLLAMA;
        }

        ChatModel chat(LangChain4jRecording recording, boolean http, boolean listener, String model) {
            List<ChatModelListener> listeners = listener ? List.of(recording.chatListener()) : List.of();
            return switch (this) {
                case ANTHROPIC -> {
                    var builder = AnthropicChatModel.builder()
                            .baseUrl(base + "/v1")
                            .apiKey("k")
                            .modelName(model)
                            .maxRetries(0)
                            .listeners(listeners);
                    yield (http ? builder.httpClientBuilder(RecordingHttpClient.builder(recording)) : builder).build();
                }
                case OPENAI -> {
                    var builder = OpenAiChatModel.builder()
                            .baseUrl(base + "/v1")
                            .apiKey("k")
                            .modelName(model)
                            .maxRetries(0)
                            .listeners(listeners);
                    yield (http ? builder.httpClientBuilder(RecordingHttpClient.builder(recording)) : builder).build();
                }
                case RESPONSES -> {
                    var builder = OpenAiResponsesChatModel.builder()
                            .baseUrl(base + "/v1")
                            .apiKey("k")
                            .modelName(model)
                            .listeners(listeners);
                    yield (http ? builder.httpClientBuilder(RecordingHttpClient.builder(recording)) : builder).build();
                }
                case GEMINI -> {
                    var builder = GoogleAiGeminiChatModel.builder()
                            .baseUrl(base + "/v1beta")
                            .apiKey("k")
                            .modelName(model)
                            .maxRetries(0)
                            .listeners(listeners);
                    yield (http ? builder.httpClientBuilder(RecordingHttpClient.builder(recording)) : builder).build();
                }
                case OLLAMA -> {
                    var builder = OllamaChatModel.builder()
                            .baseUrl(base)
                            .modelName(model)
                            .maxRetries(0)
                            .listeners(listeners);
                    yield (http ? builder.httpClientBuilder(RecordingHttpClient.builder(recording)) : builder).build();
                }
            };
        }

        StreamingChatModel streaming(LangChain4jRecording recording, boolean http, boolean listener, String model) {
            List<ChatModelListener> listeners = listener ? List.of(recording.chatListener()) : List.of();
            return switch (this) {
                case ANTHROPIC -> {
                    var builder = AnthropicStreamingChatModel.builder()
                            .baseUrl(base + "/v1")
                            .apiKey("k")
                            .modelName(model)
                            .listeners(listeners);
                    yield (http ? builder.httpClientBuilder(RecordingHttpClient.builder(recording)) : builder).build();
                }
                case OPENAI -> {
                    var builder = OpenAiStreamingChatModel.builder()
                            .baseUrl(base + "/v1")
                            .apiKey("k")
                            .modelName(model)
                            .listeners(listeners);
                    yield (http ? builder.httpClientBuilder(RecordingHttpClient.builder(recording)) : builder).build();
                }
                case RESPONSES -> {
                    var builder = OpenAiResponsesStreamingChatModel.builder()
                            .baseUrl(base + "/v1")
                            .apiKey("k")
                            .modelName(model)
                            .listeners(listeners);
                    yield (http ? builder.httpClientBuilder(RecordingHttpClient.builder(recording)) : builder).build();
                }
                case GEMINI -> {
                    var builder = GoogleAiGeminiStreamingChatModel.builder()
                            .baseUrl(base + "/v1beta")
                            .apiKey("k")
                            .modelName(model)
                            .listeners(listeners);
                    yield (http ? builder.httpClientBuilder(RecordingHttpClient.builder(recording)) : builder).build();
                }
                case OLLAMA -> {
                    var builder = OllamaStreamingChatModel.builder()
                            .baseUrl(base)
                            .modelName(model)
                            .listeners(listeners);
                    yield (http ? builder.httpClientBuilder(RecordingHttpClient.builder(recording)) : builder).build();
                }
            };
        }
    }

    private List<UsageRecord> records() throws InterruptedException {
        assertThat(recorder.flush(Duration.ofMinutes(1))).isTrue();
        return recordsOf(ledger);
    }

    private static List<UsageRecord> recordsOf(Ledger ledger) {
        return ledger.records(RecordQuery.over(TimeWindow.all()).limit(100).build()).entries().stream()
                .map(entry -> entry.record())
                .toList();
    }

    /** For what ends on a thread of the client's: nothing tells when. */
    private List<UsageRecord> records(int expected) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (records().size() < expected && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        return records();
    }

    private static void assertTrue(UsageRecord record, Provider provider, boolean raw) {
        Truth truth = provider.truth;
        boolean split = raw;
        assertThat(record.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(truth.input())
                        .output(truth.output())
                        .cacheCreation(truth.cacheWrite5m() + truth.cacheWrite1h())
                        .cacheCreation5m(split ? truth.cacheWrite5m() : 0)
                        .cacheCreation1h(split ? truth.cacheWrite1h() : 0)
                        .cacheRead(truth.cacheRead())
                        .reasoning(truth.reasoning())
                        .build());
        assertThat(record.identity().provider()).isEqualTo(provider.canonical);
        assertThat(record.identity().upstreamModel()).isEqualTo(truth.servedModel());
        assertThat(record.requestedModel()).isEqualTo(provider.requested);
        assertThat(record.serviceTier()).isEqualTo(raw ? truth.serviceTier() : "");
        assertThat(record.calls())
                .isEqualTo(provider == Provider.ANTHROPIC && raw ? Map.of("web_search", 2L) : Map.of());
        assertThat(record.outcome()).isEqualTo(Outcome.SUCCESS);
        assertThat(record.source()).isEqualTo("langchain4j");
        assertThat(record.timestamp()).isPresent();
        assertThat(record.duration()).isPresent();
        if (provider == Provider.OLLAMA) {
            assertThat(record.upstreamRequestId()).isEmpty();
        } else {
            assertThat(record.upstreamRequestId()).contains("fake");
            assertThat(record.id().value()).isEqualTo(provider.canonical + ":" + record.upstreamRequestId());
        }
        assertThat(record.notes().contains("usage_by_framework")).isEqualTo(!raw);
    }

    private static ChatRequest request() {
        return ChatRequest.builder().messages(UserMessage.from("How are you?")).build();
    }

    private static CompletableFuture<ChatResponse> stream(StreamingChatModel model) {
        CompletableFuture<ChatResponse> answer = new CompletableFuture<>();
        model.chat(request(), handler(answer));
        return answer;
    }

    private static StreamingChatResponseHandler handler(CompletableFuture<ChatResponse> answer) {
        return new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String text) {}

            @Override
            public void onCompleteResponse(ChatResponse response) {
                answer.complete(response);
            }

            @Override
            public void onError(Throwable error) {
                answer.completeExceptionally(error);
            }
        };
    }

    @ParameterizedTest
    @EnumSource
    void chat_isRecorded_byTheListener(Provider provider) throws InterruptedException {
        ChatModel model = provider.chat(recording, false, true, provider.requested);
        assertThat(model.chat(request()).aiMessage().text()).isEqualTo("Good day");
        assertThat(records()).singleElement().satisfies(record -> assertTrue(record, provider, provider.isRaw()));
    }

    @ParameterizedTest
    @EnumSource
    void chat_isRecorded_byTheClient(Provider provider) throws InterruptedException {
        provider.chat(recording, true, false, provider.requested).chat(request());
        assertThat(records()).singleElement().satisfies(record -> assertTrue(record, provider, true));
    }

    /** Ollama's answers have no id that would make one record of two. */
    @ParameterizedTest
    @EnumSource
    void chat_thatListenerAndClientTellOf_isOneRecord(Provider provider) throws InterruptedException {
        OUTSIDE.run(
                () -> provider.chat(recording, true, true, provider.requested).chat(request()));
        assertThat(records()).singleElement().satisfies(record -> {
            assertTrue(record, provider, true);
            assertThat(record.sessionId()).isEqualTo("s-1");
            assertThat(record.attributes()).isEqualTo(Map.of("team", "search"));
        });
    }

    @ParameterizedTest
    @EnumSource
    void stream_isRecorded_byTheListener(Provider provider) throws Exception {
        stream(provider.streaming(recording, false, true, provider.requested)).get(30, TimeUnit.SECONDS);
        assertThat(records(1)).singleElement().satisfies(record -> assertTrue(record, provider, provider.isRaw()));
    }

    @ParameterizedTest
    @EnumSource
    void stream_isRecorded_byTheClient(Provider provider) throws Exception {
        stream(provider.streaming(recording, true, false, provider.requested)).get(30, TimeUnit.SECONDS);
        assertThat(records(1)).singleElement().satisfies(record -> assertTrue(record, provider, true));
    }

    @ParameterizedTest
    @EnumSource
    void stream_thatListenerAndClientTellOf_isOneRecord_andThereWhenItsReaderIsTold(Provider provider)
            throws Exception {
        CompletableFuture<ChatResponse> answer =
                OUTSIDE.get(() -> stream(provider.streaming(recording, true, true, provider.requested)));
        answer.get(30, TimeUnit.SECONDS);
        assertThat(records()).singleElement().satisfies(record -> {
            assertTrue(record, provider, true);
            assertThat(record.attributes()).isEqualTo(Map.of("team", "search"));
        });
    }

    @Test
    void requestsListenerAttributes_sayWhoseCallItIs() throws InterruptedException {
        ChatRequestOptions options = ChatRequestOptions.builder()
                .listenerAttributes(Map.of(
                        "tokenledger.conversation",
                        "c-9",
                        "tokenledger.team",
                        "sales",
                        "tokenledger.size",
                        3,
                        "other",
                        "x"))
                .build();
        OUTSIDE.run(() -> Provider.OPENAI
                .chat(recording, false, true, Provider.OPENAI.requested)
                .chat(request(), options));
        assertThat(records()).singleElement().satisfies(record -> {
            assertThat(record.conversationId()).isEqualTo("c-9");
            assertThat(record.sessionId()).isEqualTo("s-1");
            assertThat(record.attributes()).isEqualTo(Map.of("team", "sales", "size", "3"));
        });
    }

    @ParameterizedTest
    @EnumSource
    void refusedCall_isOneRecordWithoutTokens(Provider provider) throws InterruptedException {
        for (boolean http : new boolean[] {false, true}) {
            ChatModel model = provider.chat(recording, http, true, FakeProviders.FAIL_429);
            assertThatThrownBy(() -> model.chat(request())).isInstanceOf(RuntimeException.class);
        }
        assertThat(records()).hasSize(2).allSatisfy(record -> assertRefused(record, provider));
    }

    @ParameterizedTest
    @EnumSource
    void refusedStream_isOneRecordWithoutTokens(Provider provider) throws InterruptedException {
        for (boolean http : new boolean[] {false, true}) {
            CompletableFuture<ChatResponse> answer =
                    stream(provider.streaming(recording, http, true, FakeProviders.FAIL_429));
            assertThatThrownBy(() -> answer.get(30, TimeUnit.SECONDS)).isNotNull();
        }
        assertThat(records(2)).hasSize(2).allSatisfy(record -> assertRefused(record, provider));
    }

    private static void assertRefused(UsageRecord record, Provider provider) {
        assertThat(record.outcome()).isEqualTo(Outcome.ERROR);
        assertThat(record.tokens()).isEqualTo(TokenCounts.NONE);
        assertThat(record.notes()).containsExactly("http_429");
        assertThat(record.identity().provider()).isEqualTo(provider.canonical);
        assertThat(record.identity().upstreamModel()).isEqualTo(FakeProviders.FAIL_429);
    }

    @Test
    void callThatIsTriedAgain_isOneRecord() throws InterruptedException {
        ChatModel model = OpenAiChatModel.builder()
                .baseUrl(base + "/v1")
                .apiKey("k")
                .modelName(FakeProviders.FAIL_429)
                .maxRetries(1)
                .httpClientBuilder(RecordingHttpClient.builder(recording))
                .listeners(List.of(recording.chatListener()))
                .build();
        int before = providers.requests();
        assertThatThrownBy(() -> model.chat(request())).isInstanceOf(RuntimeException.class);
        assertThat(providers.requests()).isEqualTo(before + 2);
        assertThat(records()).singleElement().satisfies(record -> assertRefused(record, Provider.OPENAI));
    }

    /** Nobody is told the end of such a stream; what was paid until then is recorded where the client reads it. */
    @ParameterizedTest
    @EnumSource(names = {"ANTHROPIC", "GEMINI"})
    void streamThatBreaksOff_isRecorded(Provider provider) throws InterruptedException {
        for (boolean listener : new boolean[] {false, true}) {
            CompletableFuture<ChatResponse> unused =
                    stream(provider.streaming(recording, true, listener, FakeProviders.CUT));
        }
        assertThat(records(2)).hasSize(2).allSatisfy(record -> {
            assertThat(record.tokens().input() + record.tokens().cacheRead()).isPositive();
            assertThat(record.tokens().output()).isLessThan(provider.truth.output());
            assertThat(record.requestedModel()).isEqualTo(FakeProviders.CUT);
        });
    }

    @Test
    void streamThatItsReaderLeaves_isRecorded() throws Exception {
        CompletableFuture<Void> left = new CompletableFuture<>();
        Provider.ANTHROPIC
                .streaming(recording, true, true, FakeProviders.TALKATIVE)
                .chat(request(), new StreamingChatResponseHandler() {
                    @Override
                    public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
                        context.streamingHandle().cancel();
                        left.complete(null);
                    }

                    @Override
                    public void onCompleteResponse(ChatResponse response) {}

                    @Override
                    public void onError(Throwable error) {}
                });
        left.get(30, TimeUnit.SECONDS);
        assertThat(records(1)).singleElement().satisfies(record -> {
            assertThat(record.tokens().cacheRead()).isEqualTo(FakeProviders.ANTHROPIC.cacheRead());
            assertThat(record.outcome()).isNotEqualTo(Outcome.SUCCESS);
            assertThat(record.notes()).contains("output_incomplete");
        });
    }

    interface Assistant {
        String chat(
                @MemoryId String conversation,
                @dev.langchain4j.service.UserMessage String text,
                InvocationParameters parameters);
    }

    interface StreamingAssistant {
        TokenStream chat(
                @MemoryId String conversation,
                @dev.langchain4j.service.UserMessage String text,
                InvocationParameters parameters);
    }

    static class Tools {

        @Tool("The weather of a city")
        String weather(@P("city") String city) {
            return "sunny in " + city;
        }
    }

    private static InvocationParameters parameters() {
        return InvocationParameters.from(Map.of("tenant", "acme", "secret", "hidden", "object", new Object()));
    }

    private void assertRounds(Provider provider, int rounds, boolean raw, String task) throws InterruptedException {
        assertThat(records(rounds)).hasSize(rounds).allSatisfy(record -> {
            assertTrue(record, provider, raw);
            assertThat(record.conversationId()).isEqualTo("user-7");
            assertThat(record.sessionId()).isEqualTo("s-1");
            assertThat(record.attributes()).isEqualTo(Map.of("tenant", "acme", "team", "search"));
            assertThat(record.taskName()).endsWith(task);
        });
    }

    private LangChain4jRecording withoutSecrets() {
        return LangChain4jRecording.to(recorder)
                .parameters(name -> !name.equals("secret"))
                .everywhere(Attribution.builder().attribute("team", "ops").build())
                .build();
    }

    /** By the service's listeners alone, with the model's, with the client, with all of them: one record a round. */
    @ParameterizedTest
    @ValueSource(strings = {"", "listener", "http", "listener http"})
    void toolLoop_isOneRecordARound(String hooks) throws InterruptedException {
        LangChain4jRecording own = withoutSecrets();
        boolean http = hooks.contains("http");
        boolean listener = hooks.contains("listener");
        Assistant assistant = AiServices.builder(Assistant.class)
                .chatModel(Provider.ANTHROPIC.chat(own, http, listener, Provider.ANTHROPIC.requested))
                .tools(new Tools())
                .chatMemoryProvider(id -> MessageWindowChatMemory.withMaxMessages(10))
                .registerListeners(own.serviceListeners())
                .build();
        OUTSIDE.run(() -> assertThat(assistant.chat("user-7", "Which weather?", parameters()))
                .isEqualTo("Good day"));
        assertRounds(Provider.ANTHROPIC, 2, true, "Assistant.chat");
    }

    /** The second round begins on a thread of the client's, where nothing is set. */
    @ParameterizedTest
    @ValueSource(strings = {"", "listener", "http", "listener http"})
    void streamedToolLoop_isOneRecordARound(String hooks) throws Exception {
        LangChain4jRecording own = withoutSecrets();
        boolean http = hooks.contains("http");
        boolean listener = hooks.contains("listener");
        StreamingAssistant assistant = AiServices.builder(StreamingAssistant.class)
                .streamingChatModel(Provider.OPENAI.streaming(own, http, listener, Provider.OPENAI.requested))
                .tools(new Tools())
                .chatMemoryProvider(id -> MessageWindowChatMemory.withMaxMessages(10))
                .registerListeners(own.serviceListeners())
                .build();
        CompletableFuture<ChatResponse> answer = new CompletableFuture<>();
        OUTSIDE.run(() -> assistant
                .chat("user-7", "Which weather?", parameters())
                .onPartialResponse(text -> {})
                .onCompleteResponse(answer::complete)
                .onError(answer::completeExceptionally)
                .start());
        answer.get(30, TimeUnit.SECONDS);
        assertRounds(Provider.OPENAI, 2, true, "StreamingAssistant.chat");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void servicesOfModelsWithoutIds_areOneRecord(boolean listener) throws InterruptedException {
        LangChain4jRecording own = withoutSecrets();
        Assistant assistant = AiServices.builder(Assistant.class)
                .chatModel(Provider.OLLAMA.chat(own, true, listener, Provider.OLLAMA.requested))
                .chatMemoryProvider(id -> MessageWindowChatMemory.withMaxMessages(10))
                .registerListeners(own.serviceListeners())
                .build();
        OUTSIDE.run(() -> assistant.chat("user-7", "How are you?", parameters()));
        assertRounds(Provider.OLLAMA, 1, true, "Assistant.chat");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void servicesRefusedCall_isOneRecord(boolean listener) throws InterruptedException {
        Assistant assistant = AiServices.builder(Assistant.class)
                .chatModel(Provider.OPENAI.chat(recording, false, listener, FakeProviders.FAIL_429))
                .chatMemoryProvider(id -> MessageWindowChatMemory.withMaxMessages(10))
                .registerListeners(recording.serviceListeners())
                .build();
        assertThatThrownBy(() -> assistant.chat("user-7", "How are you?", parameters()))
                .isInstanceOf(RuntimeException.class);
        assertThat(records()).singleElement().satisfies(record -> {
            assertThat(record.outcome()).isEqualTo(Outcome.ERROR);
            assertThat(record.notes()).containsExactly("http_429");
            assertThat(record.conversationId()).isEqualTo("user-7");
        });
    }

    /** Two recordings know nothing of each other, as two libraries would not: the answer's id makes one record of theirs. */
    @Test
    void callThatTwoRecordingsTellOf_countsOnce() throws InterruptedException {
        LangChain4jRecording other = LangChain4jRecording.to(recorder).build();
        AnthropicChatModel.builder()
                .baseUrl(base + "/v1")
                .apiKey("k")
                .modelName(Provider.ANTHROPIC.requested)
                .httpClientBuilder(RecordingHttpClient.builder(other))
                .listeners(List.of(recording.chatListener(), recording.chatListener()))
                .build()
                .chat(request());
        assertThat(records()).singleElement().satisfies(record -> assertTrue(record, Provider.ANTHROPIC, true));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void embedding_isRecorded(boolean http) throws InterruptedException {
        var openAi = OpenAiEmbeddingModel.builder()
                .baseUrl(base + "/v1")
                .apiKey("k")
                .modelName("text-embedding-3-small")
                .listeners(List.of(recording.embeddingListener()));
        var ollama = OllamaEmbeddingModel.builder().baseUrl(base).modelName("all-minilm");
        if (http) {
            openAi.httpClientBuilder(RecordingHttpClient.builder(recording));
            ollama.httpClientBuilder(RecordingHttpClient.builder(recording));
        }
        List<EmbeddingModel> models =
                List.of(openAi.build(), ollama.build().addListener(recording.embeddingListener()));
        OUTSIDE.run(() -> models.forEach(model -> model.embed("How are you?")));
        List<UsageRecord> records = new ArrayList<>(records());
        records.sort(java.util.Comparator.comparing(record -> record.identity().provider()));
        assertThat(records).hasSize(2);
        assertEmbedding(records.get(0), "ollama", FakeProviders.OLLAMA_EMBEDDING);
        assertEmbedding(records.get(1), "openai", FakeProviders.EMBEDDING);
    }

    private static void assertEmbedding(UsageRecord record, String provider, Truth truth) {
        assertThat(record.identity().provider()).isEqualTo(provider);
        assertThat(record.identity().upstreamModel()).isEqualTo(truth.servedModel());
        assertThat(record.tokens().input()).isEqualTo(truth.input());
        assertThat(record.tokens().output()).isZero();
        assertThat(record.outcome()).isEqualTo(Outcome.SUCCESS);
        assertThat(record.attributes()).isEqualTo(Map.of("team", "search"));
    }

    @Test
    void embedding_thatIsRefused_isRecorded() throws InterruptedException {
        EmbeddingModel model = OpenAiEmbeddingModel.builder()
                .baseUrl(base + "/v1")
                .apiKey("k")
                .modelName(FakeProviders.FAIL_429)
                .maxRetries(0)
                .listeners(List.of(recording.embeddingListener()))
                .build();
        assertThatThrownBy(() -> model.embed("How are you?")).isInstanceOf(RuntimeException.class);
        assertThat(records()).singleElement().satisfies(record -> assertRefused(record, Provider.OPENAI));
    }

    @Test
    void hostThatSpeaksAsOpenAiDoes_isNamed() throws InterruptedException {
        LangChain4jRecording own =
                LangChain4jRecording.to(recorder).provider("groq").build();
        Provider.OPENAI.chat(own, true, true, Provider.OPENAI.requested).chat(request());
        Provider.OPENAI.chat(own, true, false, Provider.OPENAI.requested).chat(request());
        assertThat(records())
                .hasSize(2)
                .allSatisfy(record -> assertThat(record.identity().provider()).isEqualTo("groq"));
    }

    @Test
    void ledgerThatIsAway_failsNoCall_andHasThemAllWhenItIsBack() throws Exception {
        AtomicBoolean away = new AtomicBoolean(true);
        Path file = folder.resolve("usage.db");
        Path spool = folder.resolve("spool-of-away");
        try (Recorder first = away(away, file, spool)) {
            LangChain4jRecording own = LangChain4jRecording.to(first).build();
            assertThat(Provider.OPENAI
                            .chat(own, false, true, Provider.OPENAI.requested)
                            .chat(request())
                            .aiMessage()
                            .text())
                    .isEqualTo("Good day");
            stream(Provider.ANTHROPIC.streaming(own, true, true, Provider.ANTHROPIC.requested))
                    .get(30, TimeUnit.SECONDS);
        }
        away.set(false);
        try (Recorder next = away(away, file, spool)) {
            assertThat(next.flush(Duration.ofMinutes(1))).isTrue();
        }
        try (Ledger stored = SqliteLedger.open(file, PriceBook.bundled())) {
            List<UsageRecord> records = new ArrayList<>(recordsOf(stored));
            records.sort(
                    java.util.Comparator.comparing(record -> record.identity().provider()));
            assertThat(records).hasSize(2);
            assertTrue(records.get(0), Provider.ANTHROPIC, true);
            assertTrue(records.get(1), Provider.OPENAI, true);
        }
    }

    private static Recorder away(AtomicBoolean away, Path file, Path spool) throws IOException {
        return Recorder.builder(
                        () -> {
                            if (away.get()) {
                                throw new LedgerBusyException("away for the test", new IOException("away"));
                            }
                            return SqliteLedger.open(file, PriceBook.bundled());
                        },
                        spool)
                .pauses(Duration.ofMillis(1), Duration.ofMillis(10))
                .build();
    }
}
