package dev.tokenledger.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelIdentityTest {

    @ParameterizedTest
    @CsvSource({
        "claude-opus-4, claude-opus-4, claude-opus-4, '', anthropic",
        "'  claude-opus-4 ', claude-opus-4, claude-opus-4, '', anthropic",
        "mirror/gpt-oss:20b, mirror/gpt-oss:20b, gpt-oss:20b, mirror, ollama",
        "'mirror / gpt-oss:20b', mirror / gpt-oss:20b, gpt-oss:20b, mirror, ollama",
        "router/anthropic/claude-opus-4, router/anthropic/claude-opus-4, anthropic/claude-opus-4, router, anthropic",
        "/gpt-oss:20b, /gpt-oss:20b, /gpt-oss:20b, '', ollama",
        "mirror/, mirror/, mirror/, '', ollama",
        "/, /, /, '', ollama",
        "'', '', '', '', ''",
        "'   ', '', '', '', ''"
    })
    void reference_isSplitAtTheFirstSlash_withTextOnBothSides(
            String reference, String model, String upstream, String resource, String provider) {
        for (ProviderRule rule : ProviderRule.values()) {
            assertThat(ModelIdentity.ofReference(reference, rule))
                    .isEqualTo(new ModelIdentity(model, upstream, resource, provider));
        }
    }

    @Test
    void reference_isInferredByTheDeclaredTable_unlessSaidOtherwise() {
        assertThat(ModelIdentity.ofReference("gpt-5").provider()).isEqualTo("openai");
        assertThat(ModelIdentity.ofReference("gpt-5", ProviderRule.CLAUDE_OR_LOCAL)
                        .provider())
                .isEqualTo("ollama");
    }

    @Test
    void parts_areTrimmedAndBounded() {
        assertThat(new ModelIdentity(" a ", " b", "c ", " d ")).isEqualTo(new ModelIdentity("a", "b", "c", "d"));
        String tooLong = "x".repeat(513);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ModelIdentity(tooLong, "", "", ""))
                .withMessageStartingWith("model: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ModelIdentity("", tooLong, "", ""))
                .withMessageStartingWith("upstream_model: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ModelIdentity("", "", tooLong, ""))
                .withMessageStartingWith("resource: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ModelIdentity("", "", "", tooLong))
                .withMessageStartingWith("provider: ");
    }
}
