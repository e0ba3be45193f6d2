package dev.tokenledger.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProviderRuleTest {

    /** The rule of the product's source document, kept exactly. */
    @ParameterizedTest
    @CsvSource({
        "claude-opus-4-20250514, anthropic",
        "anthropic/claude-opus-4, anthropic",
        "' claude-x ', anthropic",
        "mirror/claude-x, anthropic",
        "gpt-5, ollama",
        "gpt-oss:120b, ollama",
        "gemini-3-pro, ollama",
        "claude, ollama",
        "Claude-opus, ollama",
        "my-claude-x, ollama",
        "a/b/claude-x, ollama",
        "'', ollama",
        "claude-, anthropic",
        "/claude-x, ollama",
        "claude-x/, anthropic",
        "claude-x/llama, ollama"
    })
    void claudeOrLocal_knowsAnthropicAlone(String reference, String provider) {
        assertThat(ProviderRule.CLAUDE_OR_LOCAL.infer(reference)).isEqualTo(provider);
    }

    @ParameterizedTest
    @CsvSource({
        "claude-opus-4-5, anthropic", "gpt-5.6-luna, openai", "chatgpt-4o-latest, openai", "codex-mini, openai",
        "o1, openai", "o3-mini, openai", "o4-mini-2025-04-16, openai", "text-embedding-3-large, openai",
        "gemini-3-pro, google", "grok-4, xai", "mistral-large-latest, mistral", "codestral-2501, mistral",
        "command-r, cohere", "sonar-pro, perplexity", "deepseek-chat, deepseek", "kimi-k2, moonshotai",
        "glm-5, zai", "MiniMax-M2, minimax", "qwen-max, alibaba", "openai/gpt-5, openai",
        "ft:gpt-4o-mini:org::id, openai"
    })
    void declared_knowsTheFamilies(String reference, String provider) {
        assertThat(ProviderRule.DECLARED.infer(reference)).isEqualTo(provider);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gpt-oss:20b",
                "gpt-oss-120b",
                "mirror/gpt-oss:20b",
                "llama3.3:70b",
                "mistral-small:24b",
                "deepseek-r1:14b",
                "o1x-local",
                "o3de",
                "sonarqube",
                "unheard-of",
                "GPT-5"
            })
    void declared_takesOpenWeightsAndTheUnheardOf_forLocal(String reference) {
        assertThat(ProviderRule.DECLARED.infer(reference)).isEqualTo("ollama");
    }

    @ParameterizedTest
    @CsvSource({
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0, aws.bedrock",
        "global.anthropic.claude-opus-5, aws.bedrock",
        "apac.amazon.nova-pro-v1:0, aws.bedrock",
        "amazon.titan-embed-text-v2:0, aws.bedrock",
        "openai.gpt-oss-120b-1:0, aws.bedrock",
        "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-x-v1:0, aws.bedrock",
        "arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:application-inference-profile/q9, aws.bedrock",
        "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/house, ''",
        "bedrock/us.meta.llama3-3-70b-instruct-v1:0, aws.bedrock",
        "claude-opus-4@20250514, gcp.vertex_ai",
        "claude-haiku-4-5@default, gcp.vertex_ai",
        "publishers/google/models/gemini-2.5-pro, gcp.vertex_ai",
        "projects/p/locations/europe-west1/publishers/anthropic/models/claude-x, gcp.vertex_ai",
        "models/gemini-2.5-flash, google",
        "accounts/fireworks/models/llama-v3p3-70b-instruct, fireworks",
        "@cf/meta/llama-3.1-8b-instruct, cloudflare",
        "openrouter/anthropic/claude-sonnet-4.5, openrouter",
        "azure/gpt-4o, azure.ai.openai",
        "groq/llama-3.3-70b-versatile, groq",
        "ollama/llama3, ollama",
        "meta-llama/Llama-3.3-70B-Instruct, ''",
        "Qwen/Qwen3-32B, ''",
        "unknown, ''"
    })
    void declared_seesSignsOfAHost(String reference, String provider) {
        assertThat(ProviderRule.DECLARED.infer(reference)).isEqualTo(provider);
        assertThat(ProviderRule.isGuess(reference)).isFalse();
    }
}
