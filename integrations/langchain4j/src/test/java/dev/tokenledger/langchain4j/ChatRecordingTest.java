package dev.tokenledger.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.model.anthropic.AnthropicChatModel;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.ChatRequestOptions;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.tokenledger.integrations.testing.FakeProviders;
import dev.tokenledger.usage.Outcome;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** LangChain4j's own chat models, by the listener, the HTTP client, and both. */
class ChatRecordingTest extends RecordingFixture {

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

    @Test
    void callThatIsTriedAgain_isOneRecord() throws InterruptedException {
        ChatModel model = OpenAiChatModel.builder()
                .baseUrl(base() + "/v1")
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

    /** Two recordings know nothing of each other, as two libraries would not: the answer's id makes one record of theirs. */
    @Test
    void callThatTwoRecordingsTellOf_countsOnce() throws InterruptedException {
        LangChain4jRecording other = LangChain4jRecording.to(recorder).build();
        AnthropicChatModel.builder()
                .baseUrl(base() + "/v1")
                .apiKey("k")
                .modelName(Provider.ANTHROPIC.requested)
                .httpClientBuilder(RecordingHttpClient.builder(other))
                .listeners(List.of(recording.chatListener(), recording.chatListener()))
                .build()
                .chat(request());
        assertThat(records()).singleElement().satisfies(record -> assertTrue(record, Provider.ANTHROPIC, true));
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
}
