package dev.tokenledger.imports.sources;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ImportSourcesTest {

    @Test
    void everySource_hasTheNameThatItGivesItself() {
        assertThat(ImportSources.ALL)
                .allSatisfy(known -> assertThat(known.source().get().name()).isEqualTo(known.name()));
        assertThat(ImportSources.ALL).extracting(ImportSources.Known::name).doesNotHaveDuplicates();
    }

    @Test
    void named_findsThoseThatAreKnown() {
        assertThat(ImportSources.named("codex").orElseThrow().name()).isEqualTo("codex");
        assertThat(ImportSources.named("Codex")).isEmpty();
    }
}
