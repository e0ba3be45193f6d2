package dev.tokenledger.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.model.ModelIdentity;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BundledPricesTest {

    private final PriceLayer bundled = PriceBook.bundled().layers().get(0);

    @Test
    void everyEntry_saysWhereItIsFrom_andSurvivesItsText() {
        assertThat(bundled.entries()).hasSizeGreaterThan(200).allSatisfy(entry -> {
            assertThat(entry.sourceDay()).isPresent();
            assertThat(PriceEntry.ofText(entry.toText())).isEqualTo(entry);
        });
    }

    /** What the book covers: ids of models by provider, of which a renewal may add but not lose. */
    @ParameterizedTest
    @CsvSource({
        "openai, 270",
        "anthropic, 40",
        "google, 230",
        "mistral, 120",
        "xai, 90",
        "groq, 35",
        "fireworks, 400",
        "together, 200",
        "aws.bedrock, 385",
        "azure.ai.openai, 380",
        "gcp.vertex_ai, 450",
        "openrouter, 1300",
        "vercel, 450"
    })
    void book_coversTheIdsOfAProvider(String provider, int ids) {
        assertThat(idsOf(provider)).hasSizeGreaterThanOrEqualTo(ids);
    }

    @Test
    void book_coversThatManyProviders() {
        assertThat(bundled.entries().stream().map(PriceEntry::provider).distinct())
                .hasSizeGreaterThanOrEqualTo(47);
    }

    /** An answer of OpenAI's names the dated snapshot. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "gpt-4o-2024-08-06",
                "gpt-4o-mini-2024-07-18",
                "gpt-4.1-2025-04-14",
                "gpt-4.1-mini-2025-04-14",
                "gpt-4.1-nano-2025-04-14",
                "gpt-5-2025-08-07",
                "gpt-5-mini-2025-08-07",
                "gpt-5-nano-2025-08-07",
                "o1-2024-12-17",
                "o3-2025-04-16",
                "o3-mini-2025-01-31",
                "o4-mini-2025-04-16"
            })
    void datedIdsOfOpenAi_havePrices(String id) {
        assertThat(bundled.find(new ModelIdentity(id, id, "", "openai"), Instant.parse("2026-11-01T00:00:00Z")))
                .isNotNull();
    }

    private Set<String> idsOf(String provider) {
        Set<String> ids = new TreeSet<>();
        bundled.entries().stream()
                .filter(entry -> entry.provider().equals(provider))
                .forEach(entry -> {
                    ids.add(entry.model());
                    ids.addAll(entry.aliases());
                });
        return ids;
    }

    /** Nothing is lost or found twice by reading entries as they are asked for, and none overlaps another. */
    @Test
    void everyId_findsWhatItFindsAmongAllEntries() {
        PriceLayer stated = PriceLayer.of("all", bundled.entries());
        TreeSet<Instant> instants = new TreeSet<>(List.of(Instant.EPOCH, Instant.parse("2040-01-01T00:00:00Z")));
        for (PriceEntry entry : bundled.entries()) {
            entry.from().ifPresent(instants::add);
            entry.until().ifPresent(instants::add);
        }
        for (PriceEntry entry : bundled.entries()) {
            List<String> ids = new ArrayList<>(entry.aliases());
            ids.add(entry.model());
            for (String id : ids) {
                ModelIdentity identity = new ModelIdentity(id, id, "", entry.provider());
                for (Instant at : instants) {
                    assertThat(bundled.find(identity, at))
                            .as("%s at %s", id, at)
                            .isEqualTo(stated.find(identity, at));
                }
            }
        }
    }

    @Test
    void unknownProvidersAndIds_findNothing() {
        Instant at = Instant.parse("2026-11-01T00:00:00Z");
        for (String provider : List.of("", "nobody", "../providers", "providers")) {
            assertThat(bundled.find(new ModelIdentity("gpt-5-mini", "", "", provider), at))
                    .isNull();
        }
        for (String id : List.of("", "gpt-5-min", "model=gpt-5-mini", "\n")) {
            assertThat(bundled.find(new ModelIdentity(id, "", "", "openai"), at))
                    .isNull();
        }
    }

    @Test
    void newestSource_isThatOfTheEntries() {
        LocalDate newest = bundled.entries().stream()
                .map(entry -> entry.sourceDay().orElseThrow())
                .max(LocalDate::compareTo)
                .orElseThrow();
        assertThat(bundled.newestSource()).contains(newest);
        assertThat(newest.atStartOfDay(ZoneOffset.UTC).toInstant()).isAfter(Instant.parse("2026-09-01T00:00:00Z"));
    }

    @Test
    void datedEntries_takeOverAtTheirDay() {
        ModelIdentity luna = ModelIdentity.ofReference("gpt-5.6-luna");
        assertInput(luna, "2026-07-29T23:59:59.999999Z", "1");
        assertInput(luna, "2026-07-30T00:00:00Z", "0.2");
    }

    private static void assertInput(ModelIdentity model, String at, String rate) {
        PriceEntry entry = PriceBook.bundled().find(model, Instant.parse(at)).orElseThrow();
        assertThat(entry.rates().perMillion(TokenClass.INPUT).orElseThrow().toPlainString())
                .isEqualTo(rate);
    }
}
