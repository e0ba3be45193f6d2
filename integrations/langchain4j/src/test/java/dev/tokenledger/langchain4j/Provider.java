package dev.tokenledger.langchain4j;

import dev.langchain4j.model.anthropic.AnthropicChatModel;
import dev.langchain4j.model.anthropic.AnthropicStreamingChatModel;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.googleai.GoogleAiGeminiChatModel;
import dev.langchain4j.model.googleai.GoogleAiGeminiStreamingChatModel;
import dev.langchain4j.model.ollama.OllamaChatModel;
import dev.langchain4j.model.ollama.OllamaStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiResponsesChatModel;
import dev.langchain4j.model.openai.OpenAiResponsesStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.tokenledger.integrations.testing.FakeProviders;
import dev.tokenledger.integrations.testing.FakeProviders.Truth;
import java.util.List;

/** A provider's models, with what is true of their answers. */
enum Provider {
    ANTHROPIC("anthropic", FakeProviders.ANTHROPIC, "claude-sonnet-4-5"),
    OPENAI("openai", FakeProviders.OPENAI, "gpt-4.1"),
    RESPONSES("openai", FakeProviders.RESPONSES, "gpt-4.1"),
    GEMINI("google", FakeProviders.GEMINI, "gemini-flash-latest"),
    OLLAMA("ollama", FakeProviders.OLLAMA, "gpt-oss");

    final String canonical;
    final Truth truth;
    final String requested;

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
                        .baseUrl(RecordingFixture.base() + "/v1")
                        .apiKey("k")
                        .modelName(model)
                        .maxRetries(0)
                        .listeners(listeners);
                yield (http ? builder.httpClientBuilder(RecordingHttpClient.builder(recording)) : builder).build();
            }
            case OPENAI -> {
                var builder = OpenAiChatModel.builder()
                        .baseUrl(RecordingFixture.base() + "/v1")
                        .apiKey("k")
                        .modelName(model)
                        .maxRetries(0)
                        .listeners(listeners);
                yield (http ? builder.httpClientBuilder(RecordingHttpClient.builder(recording)) : builder).build();
            }
            case RESPONSES -> {
                var builder = OpenAiResponsesChatModel.builder()
                        .baseUrl(RecordingFixture.base() + "/v1")
                        .apiKey("k")
                        .modelName(model)
                        .listeners(listeners);
                yield (http ? builder.httpClientBuilder(RecordingHttpClient.builder(recording)) : builder).build();
            }
            case GEMINI -> {
                var builder = GoogleAiGeminiChatModel.builder()
                        .baseUrl(RecordingFixture.base() + "/v1beta")
                        .apiKey("k")
                        .modelName(model)
                        .maxRetries(0)
                        .listeners(listeners);
                yield (http ? builder.httpClientBuilder(RecordingHttpClient.builder(recording)) : builder).build();
            }
            case OLLAMA -> {
                var builder = OllamaChatModel.builder()
                        .baseUrl(RecordingFixture.base())
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
                        .baseUrl(RecordingFixture.base() + "/v1")
                        .apiKey("k")
                        .modelName(model)
                        .listeners(listeners);
                yield (http ? builder.httpClientBuilder(RecordingHttpClient.builder(recording)) : builder).build();
            }
            case OPENAI -> {
                var builder = OpenAiStreamingChatModel.builder()
                        .baseUrl(RecordingFixture.base() + "/v1")
                        .apiKey("k")
                        .modelName(model)
                        .listeners(listeners);
                yield (http ? builder.httpClientBuilder(RecordingHttpClient.builder(recording)) : builder).build();
            }
            case RESPONSES -> {
                var builder = OpenAiResponsesStreamingChatModel.builder()
                        .baseUrl(RecordingFixture.base() + "/v1")
                        .apiKey("k")
                        .modelName(model)
                        .listeners(listeners);
                yield (http ? builder.httpClientBuilder(RecordingHttpClient.builder(recording)) : builder).build();
            }
            case GEMINI -> {
                var builder = GoogleAiGeminiStreamingChatModel.builder()
                        .baseUrl(RecordingFixture.base() + "/v1beta")
                        .apiKey("k")
                        .modelName(model)
                        .listeners(listeners);
                yield (http ? builder.httpClientBuilder(RecordingHttpClient.builder(recording)) : builder).build();
            }
            case OLLAMA -> {
                var builder = OllamaStreamingChatModel.builder()
                        .baseUrl(RecordingFixture.base())
                        .modelName(model)
                        .listeners(listeners);
                yield (http ? builder.httpClientBuilder(RecordingHttpClient.builder(recording)) : builder).build();
            }
        };
    }
}
