package dev.tokenledger.prices;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.pricing.PriceBook;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackTest {

    /** Surefire runs in the module's folder. */
    private static final Path CLONE = Path.of("..");

    @TempDir
    Path folder;

    @Test
    void resourcesOfCore_areWhatTheDataGives() throws IOException {
        Book book = Book.read(CLONE.resolve(Book.DATA));

        assertThat(Book.texts(CLONE.resolve(Book.RESOURCES)))
                .as("edited prices are packed by prices/pack")
                .isEqualTo(book.packed());
    }

    @Test
    void tableOfTheDocument_isWhatTheDataGives() throws IOException {
        String document = Files.readString(CLONE.resolve(CoverageTable.DOCUMENT));

        assertThat(CoverageTable.of(Book.read(CLONE.resolve(Book.DATA))).in(document))
                .as("edited prices are packed by prices/pack")
                .isEqualTo(document);
    }

    @Test
    void bundledBook_hasEveryEntryOfTheData() throws IOException {
        assertThat(PriceBook.bundled().layers().get(0).entries())
                .containsExactlyElementsOf(Book.read(CLONE.resolve(Book.DATA)).byProvider().values().stream()
                        .flatMap(entries -> entries.stream())
                        .toList());
    }

    @Test
    void packedTexts_areWrittenWhole_andOldOnesRemoved() throws IOException {
        Path data = Files.createDirectory(folder.resolve("data"));
        Path packed = Files.createDirectory(folder.resolve("packed"));
        Files.writeString(packed.resolve("gone.txt"), "provider=gone\nmodel=m\n\n");
        Files.writeString(data.resolve("house.yaml"), """
                prices:
                  - provider: house
                    model: b
                    aliases: [b-1]
                    usd_per_million: { input: 1, output: 2.50 }
                    source: "page (2026-10-02); list (2026-11-03)"
                  - provider: house
                    model: a
                    usd_per_million: { input: 0 }
                    source: "list (2026-09-30)"
                """);

        Book.read(data).write(packed);

        assertThat(Book.texts(packed)).containsOnlyKeys("house.txt", "providers.txt");
        assertThat(Book.texts(packed)).containsEntry("providers.txt", "house 2026-11-03\n");
        assertThat(Book.texts(packed).get("house.txt")).isEqualTo("""
                16
                a\t107
                b\t0
                b-1\t0
                provider=house
                model=b
                alias=b-1
                rate.input=1
                rate.output=2.5
                source=page (2026-10-02); list (2026-11-03)

                provider=house
                model=a
                rate.input=0
                source=list (2026-09-30)

                """);
    }

    @Test
    void aPriceOfAnotherProvider_isRefused() throws IOException {
        Files.writeString(folder.resolve("house.yaml"), """
                prices:
                  - { provider: elsewhere, model: m, usd_per_million: { input: 1 }, source: "list (2026-09-30)" }
                """);

        assertThatThrownBy(() -> Book.read(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("elsewhere/m@*")
                .hasMessageContaining("named for the provider");
    }

    @Test
    void aSourceWithoutADay_isRefused() throws IOException {
        Files.writeString(folder.resolve("house.yaml"), """
                prices:
                  - { provider: house, model: m, usd_per_million: { input: 1 }, source: "hearsay, 2026-13-01" }
                """);

        assertThatThrownBy(() -> Book.read(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("house/m@*")
                .hasMessageContaining("without a day");
    }
}
