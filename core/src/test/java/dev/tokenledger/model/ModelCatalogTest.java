package dev.tokenledger.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class ModelCatalogTest {

    private final Deployment mirror = new Deployment("mirror/gpt-oss:20b", "gpt-oss:20b", "mirror", "ollama");
    private final Deployment spark = new Deployment("spark/gpt-oss:20b", "gpt-oss:20b", "spark", "lmstudio");
    private final Deployment third = new Deployment("third/gpt-oss:20b", "gpt-oss:20b", "third", "ollama");
    private final Deployment opus = new Deployment("opus", "claude-opus-4", "anthropic", "anthropic");
    private final ModelCatalog catalog = ModelCatalog.of(List.of(mirror, spark, third, opus));

    @Test
    void reference_resolvesByDeploymentId() {
        assertThat(catalog.resolve(" mirror/gpt-oss:20b "))
                .isEqualTo(new ModelIdentity("mirror/gpt-oss:20b", "gpt-oss:20b", "mirror", "ollama"));
        assertThat(catalog.resolve("spark/gpt-oss:20b").provider()).isEqualTo("lmstudio");
    }

    @Test
    void modelName_resolvesToTheOnlyDeploymentThatServesIt() {
        assertThat(catalog.resolve("claude-opus-4"))
                .isEqualTo(new ModelIdentity("opus", "claude-opus-4", "anthropic", "anthropic"));
    }

    @Test
    void ambiguousName_doesNotResolveThroughTheCatalog() {
        assertThat(catalog.find("gpt-oss:20b")).isEmpty();
        assertThat(catalog.resolve("gpt-oss:20b"))
                .isEqualTo(new ModelIdentity("gpt-oss:20b", "gpt-oss:20b", "", "ollama"));
    }

    @Test
    void deploymentId_goesBeforeAModelNameOfOthers() {
        Deployment named = new Deployment("gpt-oss:20b", "big", "desk", "ollama");
        assertThat(ModelCatalog.of(List.of(mirror, named)).find("gpt-oss:20b")).contains(named);
    }

    @Test
    void unknownReference_resolvesByItsOwnText() {
        assertThat(catalog.resolve("desk/gpt-5")).isEqualTo(new ModelIdentity("desk/gpt-5", "gpt-5", "desk", "openai"));
        assertThat(catalog.resolve("desk/gpt-5", ProviderRule.CLAUDE_OR_LOCAL).provider())
                .isEqualTo("ollama");
        assertThat(ModelCatalog.empty().resolve("claude-x")).isEqualTo(ModelIdentity.ofReference("claude-x"));
        assertThat(ModelCatalog.of(List.of())).isSameAs(ModelCatalog.empty());
    }

    @Test
    void deployments_haveDistinctIds_andAModel() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ModelCatalog.of(List.of(mirror, mirror)))
                .withMessageContaining("\"mirror/gpt-oss:20b\"");
        assertThatIllegalArgumentException().isThrownBy(() -> new Deployment(" ", "m", "", ""));
        assertThatIllegalArgumentException().isThrownBy(() -> new Deployment("id", "", "", ""));
    }
}
