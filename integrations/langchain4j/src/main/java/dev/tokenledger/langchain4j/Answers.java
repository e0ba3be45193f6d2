package dev.tokenledger.langchain4j;

import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEvent;
import dev.langchain4j.model.anthropic.AnthropicChatResponseMetadata;
import dev.langchain4j.model.anthropic.AnthropicTokenUsage;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.googleai.GoogleAiGeminiTokenUsage;
import dev.langchain4j.model.openai.OpenAiChatResponseMetadata;
import dev.langchain4j.model.openai.OpenAiResponsesChatResponseMetadata;
import dev.langchain4j.model.openai.OpenAiTokenUsage;
import dev.langchain4j.model.output.TokenUsage;
import dev.tokenledger.payloads.PayloadUsage;
import dev.tokenledger.payloads.ProviderResponse;
import dev.tokenledger.payloads.ResponseReader;
import dev.tokenledger.text.Providers;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the framework's own objects say of an answer. A provider's classes are there only if the host uses it, so each provider
 * stands in a class of its own, which is loaded for objects of that provider alone.
 */
final class Answers {

    /** Noted where the counts are the framework's, which leaves some out. */
    static final String BY_FRAMEWORK = "usage_by_framework";

    private static final String NOT_STATED = UsageRecord.UNPRICED_MEMBER + "usage_not_stated";

    private Answers() {}

    static boolean statesUsage(ProviderResponse response) {
        return !response.usage().notes().contains(NOT_STATED);
    }

    /** What a chat's answer says; nearly everything may be absent. */
    static ProviderResponse of(String provider, @Nullable ChatResponseMetadata metadata) {
        if (metadata == null) {
            return typed("", "", null);
        }
        ProviderResponse typed =
                typed(ModelCalls.text(metadata.id()), ModelCalls.text(metadata.modelName()), metadata.tokenUsage());
        return raw(provider, metadata)
                .filter(raw -> statesUsage(raw) || !statesUsage(typed))
                .orElse(typed);
    }

    private static Optional<ProviderResponse> raw(String provider, ChatResponseMetadata metadata) {
        return switch (kind(metadata, ChatResponseMetadata.class)) {
            case "dev.langchain4j.model.anthropic.AnthropicChatResponseMetadata" -> Anthropic.raw(metadata);
            case "dev.langchain4j.model.openai.OpenAiChatResponseMetadata" -> OpenAi.chat(provider, metadata);
            case "dev.langchain4j.model.openai.OpenAiResponsesChatResponseMetadata" -> OpenAi.responses(metadata);
            default -> Optional.empty();
        };
    }

    /** The name of the class below {@code root} that an object is of, whichever subclass of it. */
    private static String kind(Object object, Class<?> root) {
        Class<?> kind = object.getClass();
        while (kind != root && kind.getSuperclass() != null && kind.getSuperclass() != root) {
            kind = kind.getSuperclass();
        }
        return kind.getName();
    }

    /** The answer's text as the provider sent it, in one piece or in events; empty where the framework keeps neither, or damaged. */
    private static Optional<ProviderResponse> raw(
            String format, @Nullable SuccessfulHttpResponse response, @Nullable List<ServerSentEvent> events) {
        String body = response == null ? null : response.body();
        ResponseReader reader = ResponseReader.of(format);
        try {
            if (body != null && !body.isBlank()) {
                return Optional.of(reader.json(body).finish());
            }
            if (events == null || events.isEmpty()) {
                return Optional.empty();
            }
            for (ServerSentEvent event : events) {
                String data = event.data();
                if (data != null && data.stripLeading().startsWith("{")) {
                    reader.json(data);
                }
            }
            return Optional.of(reader.finish());
        } catch (IllegalArgumentException e) {
            return reader.withoutUsage();
        }
    }

    /** The framework's counts. */
    static ProviderResponse typed(String id, String model, @Nullable TokenUsage usage) {
        SortedSet<String> notes = new TreeSet<>();
        TokenCounts tokens = TokenCounts.NONE;
        if (usage == null || (usage.inputTokenCount() == null && usage.outputTokenCount() == null)) {
            notes.add(NOT_STATED);
        } else {
            tokens = tokens(usage);
            notes.add(BY_FRAMEWORK);
        }
        return new ProviderResponse(
                id,
                model,
                new PayloadUsage(
                        tokens, new TreeMap<>(), "", "", false, notes, Optional.empty(), List.of(), List.of()));
    }

    private static TokenCounts tokens(TokenUsage usage) {
        return switch (kind(usage, TokenUsage.class)) {
            case "dev.langchain4j.model.anthropic.AnthropicTokenUsage" -> Anthropic.tokens(usage);
            case "dev.langchain4j.model.openai.OpenAiTokenUsage" -> OpenAi.tokens(usage);
            case "dev.langchain4j.model.googleai.GoogleAiGeminiTokenUsage" -> Gemini.tokens(usage);
            default -> counts(count(usage.inputTokenCount()), count(usage.outputTokenCount()), 0, 0, 0);
        };
    }

    private static TokenCounts counts(long input, long output, long cacheWrite, long cacheRead, long reasoning) {
        return TokenCounts.builder()
                .input(input)
                .output(output)
                .cacheCreation(cacheWrite)
                .cacheRead(cacheRead)
                .reasoning(Math.min(reasoning, output))
                .build();
    }

    private static long count(@Nullable Integer stated) {
        return stated == null ? 0 : Math.max(0, stated);
    }

    /** Input leaves out what was cached. */
    private static final class Anthropic {

        private Anthropic() {}

        static Optional<ProviderResponse> raw(ChatResponseMetadata metadata) {
            AnthropicChatResponseMetadata stated = (AnthropicChatResponseMetadata) metadata;
            return Answers.raw("anthropic-messages", stated.rawHttpResponse(), stated.rawServerSentEvents());
        }

        static TokenCounts tokens(TokenUsage usage) {
            AnthropicTokenUsage stated = (AnthropicTokenUsage) usage;
            return counts(
                    count(stated.inputTokenCount()),
                    count(stated.outputTokenCount()),
                    count(stated.cacheCreationInputTokens()),
                    count(stated.cacheReadInputTokens()),
                    0);
        }
    }

    /** Input contains what was cached, output what was reasoned. */
    private static final class OpenAi {

        private OpenAi() {}

        static Optional<ProviderResponse> chat(String provider, ChatResponseMetadata metadata) {
            OpenAiChatResponseMetadata stated = (OpenAiChatResponseMetadata) metadata;
            String host = Providers.canonical(provider);
            String format = host.equals("deepseek") || host.equals("mistral") ? host : "openai-chat";
            return Answers.raw(format, stated.rawHttpResponse(), stated.rawServerSentEvents());
        }

        static Optional<ProviderResponse> responses(ChatResponseMetadata metadata) {
            OpenAiResponsesChatResponseMetadata stated = (OpenAiResponsesChatResponseMetadata) metadata;
            return Answers.raw("openai-responses", stated.rawHttpResponse(), stated.rawServerSentEvents());
        }

        static TokenCounts tokens(TokenUsage usage) {
            OpenAiTokenUsage stated = (OpenAiTokenUsage) usage;
            long input = count(stated.inputTokenCount());
            long cached = stated.inputTokensDetails() == null
                    ? 0
                    : Math.min(input, count(stated.inputTokensDetails().cachedTokens()));
            long reasoning = stated.outputTokensDetails() == null
                    ? 0
                    : count(stated.outputTokensDetails().reasoningTokens());
            return counts(input - cached, count(stated.outputTokenCount()), 0, cached, reasoning);
        }
    }

    /** Input contains what was cached; output leaves out what was thought; prompts of tools are in the total alone. */
    private static final class Gemini {

        private Gemini() {}

        static TokenCounts tokens(TokenUsage usage) {
            GoogleAiGeminiTokenUsage stated = (GoogleAiGeminiTokenUsage) usage;
            long input = count(stated.inputTokenCount());
            long cached = Math.min(input, count(stated.cachedContentTokenCount()));
            long thoughts = count(stated.thoughtsTokenCount());
            long output = count(stated.outputTokenCount()) + thoughts;
            long tools = Math.max(0, count(stated.totalTokenCount()) - input - output);
            return counts(input - cached + tools, output, 0, cached, thoughts);
        }
    }
}
