package dev.tokenledger.payloads;

import dev.tokenledger.formats.text.Node;
import dev.tokenledger.text.Texts;
import java.util.List;
import java.util.stream.Collectors;

/** One provider's convention of stating a call's usage. Stateless and safe for use by many threads. */
public sealed interface UsagePayload
        permits AnthropicMessages,
                OpenAiChat,
                OpenAiResponses,
                Gemini,
                BedrockConverse,
                Mistral,
                DeepSeek,
                Cohere,
                Ollama {

    /** The name by which a caller declares the convention, such as {@code openai-chat}. */
    String format();

    /**
     * What a raw usage object says, in disjoint counts.
     *
     * @param usage the object, as the provider sent it
     * @throws IllegalArgumentException if a figure is impossible; the message begins with its field
     */
    PayloadUsage read(Node.Mapping usage);

    /** All conventions. */
    static List<UsagePayload> all() {
        return List.of(
                new AnthropicMessages(),
                new OpenAiChat(),
                new OpenAiResponses(),
                new Gemini(),
                new BedrockConverse(),
                new Mistral(),
                new DeepSeek(),
                new Cohere(),
                new Ollama());
    }

    /** The formats of all conventions, for messages. */
    static String formats() {
        return all().stream().map(UsagePayload::format).collect(Collectors.joining(", "));
    }

    /**
     * The convention of this name.
     *
     * @throws IllegalArgumentException if there is none of that name; the message lists the names
     */
    static UsagePayload of(String format) {
        return all().stream()
                .filter(payload -> payload.format().equals(format))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "expected one of " + formats() + ", found \"" + Texts.cut(format, 64) + "\""));
    }
}
