package dev.tokenledger.formats.pricelists;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.formats.pricelists.PriceChanges.Kind;
import dev.tokenledger.formats.prices.PriceFile;
import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.TokenClass;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class PriceUpdateTest {

    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    private static List<PriceEntry> entries(String yaml) {
        return PriceFile.parse("p.yaml", yaml.getBytes(StandardCharsets.UTF_8)).entries();
    }

    private static final List<PriceEntry> BOOK = entries("""
            prices:
              - provider: acme
                model: one
                aliases: [one-latest]
                usd_per_million: { input: 1, output: 2, cache_read: 0.1, audio_input: 5 }
                tiers:
                  - { at_least: 1000, usd_per_million: { input: 2, output: 4, cache_read: 0.2 } }
                service_tiers: { batch: { multiplier: 0.5 } }
                source: "page (2026-10-01)"
              - provider: acme
                model: one
                hours: "01:00-04:00"
                usd_per_million: { input: 3, output: 6 }
                source: "page (2026-10-01)"
            """);

    private static String input(List<PriceEntry> layer, String id, String at) {
        return PriceBook.of(BOOK)
                .with("updated", layer)
                .find(new ModelIdentity(id, "", "", "acme"), Instant.parse(at))
                .flatMap(entry -> entry.rates().perMillion(TokenClass.INPUT))
                .map(rate -> rate.toPlainString())
                .orElse("none");
    }

    private static PriceUpdate update(List<PriceEntry> present, Instant at, String yaml) {
        return PriceUpdate.of(PriceBook.of(BOOK), present, entries(yaml), at);
    }

    @Test
    void theSameRates_changeNothing_howeverLittleTheListStates() {
        PriceUpdate update = update(List.of(), NOW, """
                prices:
                  - provider: acme
                    model: one
                    usd_per_million: { input: 1, output: 2 }
                    tiers: [{ above: 1000, usd_per_million: { input: 2, output: 4 } }]
                    service_tiers: { batch: { usd_per_million: { input: 0.5, output: 1 } } }
                  - { provider: acme, model: one-latest, usd_per_million: { input: 1, output: 2 } }
                """);

        assertThat(update.entries()).isEmpty();
        assertThat(update.changes()).allMatch(change -> change.kind() == Kind.SAME);
    }

    @Test
    void anotherRateBesideTheSameBase_keepsTheRest_hoursIncluded() {
        PriceUpdate update = update(List.of(), NOW, """
                prices:
                  - { provider: acme, model: one, usd_per_million: { input: 1, output: 2, cache_read: 0.3 }, source: "list (2026-11-22)" }
                """);

        PriceEntry entry = update.entries().get(0);
        assertThat(entry.toText())
                .contains("alias=one-latest\n", "from=2026-11-22T12:00:00Z\n", "rate.cache_read=0.3\n")
                .contains(
                        "rate.audio_input=5\n", "tier.at_least.1000.cache_read=0.2\n", "service.batch.multiplier=0.5\n")
                .contains("source=list (2026-11-22); rest as in: page (2026-10-01)\n");
        assertThat(input(update.entries(), "one", "2026-11-23T02:00:00Z")).isEqualTo("3");
        assertThat(input(update.entries(), "one", "2026-11-23T05:00:00Z")).isEqualTo("1");
    }

    @Test
    void otherBaseRates_areAllThereIs_fromNowOn() {
        PriceUpdate update = update(List.of(), NOW, """
                prices:
                  - { provider: acme, model: one, usd_per_million: { input: 9, output: 2 } }
                """);

        assertThat(update.entries()).hasSize(1);
        assertThat(update.entries().get(0).toText()).doesNotContain("rate.cache_read", "tier.", "service.");
        assertThat(input(update.entries(), "one", "2026-11-22T11:59:59Z")).isEqualTo("1");
        assertThat(input(update.entries(), "one", "2026-11-22T12:00:00Z")).isEqualTo("9");
        assertThat(input(update.entries(), "one-latest", "2026-11-22T12:00:00Z"))
                .isEqualTo("9");
        assertThat(input(update.entries(), "one", "2026-11-23T02:00:00Z")).isEqualTo("9");
    }

    @Test
    void hoursOfAnEarlierUpdate_endWithTheRatesTheyWentWith() {
        List<PriceEntry> first = update(List.of(), NOW, """
                        prices:
                          - { provider: acme, model: one, usd_per_million: { input: 1, output: 2, cache_read: 0.3 } }
                        """).entries();
        List<PriceEntry> second = update(first, NOW.plusSeconds(604_800), """
                        prices:
                          - { provider: acme, model: one, usd_per_million: { input: 9, output: 2 } }
                        """).entries();

        assertThat(input(second, "one", "2026-11-29T02:00:00Z")).isEqualTo("3");
        assertThat(input(second, "one", "2026-11-30T02:00:00Z")).isEqualTo("9");
    }

    @Test
    void datesOfTheList_pastOnesAreHistory_comingOnesStay() {
        PriceUpdate update = update(List.of(), NOW, """
                prices:
                  - { provider: acme, model: one, usd_per_million: { input: 7, output: 7 } }
                  - { provider: acme, model: one, from: 2026-06-01, usd_per_million: { input: 8, output: 8 } }
                  - { provider: acme, model: one, from: 2027-01-01, usd_per_million: { input: 9, output: 9 } }
                  - { provider: acme, model: two, from: 2026-06-01, usd_per_million: { input: 4, output: 4 } }
                """);

        assertThat(input(update.entries(), "one", "2026-05-01T00:00:00Z")).isEqualTo("1");
        assertThat(input(update.entries(), "one", "2026-11-22T11:59:59Z")).isEqualTo("1");
        assertThat(input(update.entries(), "one", "2026-11-22T12:00:00Z")).isEqualTo("8");
        assertThat(input(update.entries(), "one", "2027-01-01T00:00:00Z")).isEqualTo("9");
        assertThat(input(update.entries(), "two", "2026-07-01T00:00:00Z")).isEqualTo("4");
    }

    /** Whatever lists come one after the other, the layer can be read back, and what was in force stays so for its time. */
    @Test
    void manyUpdates_keepEveryPastPrice() {
        List<PriceEntry> layer = List.of();
        for (int week = 0; week < 30; week++) {
            Instant at = NOW.plusSeconds(604_800L * week);
            layer = update(
                            layer,
                            at,
                            "prices:\n  - { provider: acme, model: one, usd_per_million: { input: " + (10 + week)
                                    + ", output: 2 } }\n  - { provider: acme, model: two, aliases: [one-latest, w"
                                    + week
                                    + "], usd_per_million: { input: " + (week / 2) + ", output: 1 } }\n")
                    .entries();
            assertThat(PriceFile.parse("p.yaml", PriceFile.format(layer).getBytes(StandardCharsets.UTF_8))
                            .entries())
                    .containsExactlyElementsOf(layer);
        }
        for (int week = 0; week < 30; week++) {
            String at = NOW.plusSeconds(604_800L * week + 3_600).toString();
            assertThat(input(layer, "one", at)).isEqualTo(String.valueOf(10 + week));
            assertThat(input(layer, "two", at)).isEqualTo(String.valueOf(week / 2));
        }
    }
}
