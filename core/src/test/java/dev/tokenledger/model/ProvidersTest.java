package dev.tokenledger.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProvidersTest {

    @ParameterizedTest
    @CsvSource({
        "gcp.gemini, google",
        "x_ai, xai",
        "X_AI, xai",
        "vertex_ai, google",
        "gcp.vertex_ai, google",
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
}
