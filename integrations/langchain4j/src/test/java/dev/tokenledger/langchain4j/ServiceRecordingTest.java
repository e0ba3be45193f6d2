package dev.tokenledger.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.invocation.InvocationParameters;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.MemoryId;
import dev.langchain4j.service.TokenStream;
import dev.tokenledger.integrations.testing.FakeProviders;
import dev.tokenledger.usage.Attribution;
import dev.tokenledger.usage.Outcome;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** LangChain4j's own AI services: whose call it is, and a record a round. */
class ServiceRecordingTest extends RecordingFixture {

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
}
