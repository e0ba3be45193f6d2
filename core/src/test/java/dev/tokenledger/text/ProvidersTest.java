package dev.tokenledger.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProvidersTest {

    @ParameterizedTest
    @CsvSource({
        "gcp.gemini, google",
        "x_ai, xai",
        "X_AI, xai",
        "vertex_ai, gcp.vertex_ai",
        "gcp.vertex_ai, gcp.vertex_ai",
        "mistralai, mistral",
        "zhipuai, zhipuai",
        "zhipuai-coding-plan, zhipuai-coding-plan",
        "alibaba-cn, alibaba-cn",
        "z_ai, zai",
        "moonshot, moonshotai",
        "dashscope, alibaba",
        "anthropic, anthropic",
        "' Anthropic ', anthropic",
        "MISTRAL_AI, mistral",
        "house, house",
        "'', ''"
    })
    void canonical_isOneFormForAllVocabularies(String provider, String canonical) {
        assertThat(Providers.canonical(provider)).isEqualTo(canonical);
        assertThat(Providers.canonical(canonical)).isEqualTo(canonical);
    }

    /** The enumerations of LangChain4j and Quarkus, Spring AI's names, the Vercel AI SDK's, and those of gateways and lists. */
    @ParameterizedTest
    @CsvSource({
        "OPEN_AI, openai",
        "open_ai, openai",
        "ANTHROPIC, anthropic",
        "GOOGLE_AI_GEMINI, google",
        "google_vertex_ai_gemini, gcp.vertex_ai",
        "AZURE_OPEN_AI, azure.ai.openai",
        "AMAZON_BEDROCK, aws.bedrock",
        "HUGGING_FACE, huggingface",
        "WATSONX, ibm.watsonx.ai",
        "MICROSOFT_FOUNDRY, azure.ai.openai",
        "OPEN_ROUTER, openrouter",
        "ZHIPU_AI, zhipuai",
        "LOCAL_AI, localai",
        "google_genai, google",
        "vertex_ai, gcp.vertex_ai",
        "bedrock_converse, aws.bedrock",
        "openai.responses, openai",
        "openai.chat, openai",
        "openai.textEmbedding, openai",
        "anthropic.messages, anthropic",
        "google.generative-ai, google",
        "google.vertex.chat, gcp.vertex_ai",
        "vertex.anthropic.messages, gcp.vertex_ai",
        "google.vertex.anthropic.messages, gcp.vertex_ai",
        "amazon-bedrock, aws.bedrock",
        "azure.responses, azure.ai.openai",
        "azure-openai.chat, azure.ai.openai",
        "mistral.chat, mistral",
        "xai.responses, xai",
        "togetherai.chat, together",
        "fireworks_ai, fireworks",
        "google-vertex, gcp.vertex_ai",
        "google-vertex-anthropic, gcp.vertex_ai",
        "vertex_ai-language-models, gcp.vertex_ai",
        "cohere_chat, cohere",
        "github_copilot, github-copilot",
        "watsonx_text, ibm.watsonx.ai",
        "house.chat, house.chat",
        "unknown, ''",
        "None, ''",
        "OTHER, ''"
    })
    void canonical_knowsFrameworksAndGateways(String provider, String canonical) {
        assertThat(Providers.canonical(provider)).isEqualTo(canonical);
        assertThat(Providers.canonical(canonical)).isEqualTo(canonical);
    }
}
