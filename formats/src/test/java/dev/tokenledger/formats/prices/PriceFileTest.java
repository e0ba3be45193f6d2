package dev.tokenledger.formats.prices;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.formats.text.DocumentException.Mistake;
import dev.tokenledger.pricing.DailySpan;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceHours;
import dev.tokenledger.pricing.PriceLayer;
import dev.tokenledger.pricing.Rates;
import dev.tokenledger.pricing.ServiceTierRates;
import dev.tokenledger.pricing.Tier;
import dev.tokenledger.pricing.TokenClass;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PriceFileTest {

    private static final String DESIGN = """
            prices:
              - provider: anthropic
                model: claude-sonnet-4-5
                aliases: [claude-sonnet-4-5-20250929]
                from: 2025-09-29              # optional, inclusive; a date is UTC midnight, or a full instant
                until: 2027-01-01             # optional, exclusive
                usd_per_million:              # decimal
                  input: 3
                  output: 15
                  cache_read: 0.30
                  cache_write_5m: "3.75"
                  cache_write_1h: 6
                usd_per_call: { web_search: 0.01 }
                hours: "16:30-00:30"
                tiers:
                  - above: 200000
                    usd_per_million: { input: 6, output: 22.50, cache_read: 0.60, cache_write_5m: 7.50, cache_write_1h: 12 }
                service_tiers:
                  batch: { multiplier: 0.5 }
                  priority: { usd_per_million: { input: 4, output: 20 } }
                source: "price page, 2025-09-29"
            pricing:
              claude-opus-4-20250514: { input_per_million: 15.0, output_per_million: 75.0 }
            """;

    @TempDir
    Path folder;

    @Test
    void yaml_isReadAsDocumented() {
        PriceLayer layer = parse(DESIGN);
        assertThat(layer.name()).isEqualTo("prices.yaml");
        assertThat(layer.entries())
                .containsExactly(
                        PriceEntry.builder("claude-sonnet-4-5")
                                .provider("anthropic")
                                .alias("claude-sonnet-4-5-20250929")
                                .from(Instant.parse("2025-09-29T00:00:00Z"))
                                .until(Instant.parse("2027-01-01T00:00:00Z"))
                                .rates(rates("3", "15", "0.3", "3.75", "6"))
                                .perCall("web_search", new BigDecimal("0.01"))
                                .hours(DailySpan.parse("16:30-00:30"))
                                .tier(new Tier(Tier.Boundary.ABOVE, 200_000, rates("6", "22.5", "0.6", "7.5", "12")))
                                .serviceTier("batch", new ServiceTierRates.Multiplier(new BigDecimal("0.5")))
                                .serviceTier("priority", new ServiceTierRates.Own(Rates.of("4", "20")))
                                .source("price page, 2025-09-29")
                                .build(),
                        PriceEntry.simple("claude-opus-4-20250514", new BigDecimal("15"), new BigDecimal("75")));
    }

    private static final String EVERYTHING = """
            prices:
              - model: night-owl
                usd_per_million: { input: 1, output: 2, cached_audio_read: 0.08333333333333334 }
                usd_per_call: { request_low: 0.005, image: "0.04" }
                hours: ["01:00-04:00", "06:00-10:00"]
                days: "mon-fri"
                tiers:
                  - above: 1000
                    usd_per_million: { input: 2, cached_audio_read: "0.16666666666666669" }
                service_tiers:
                  priority: { usd_per_million: { input: 3 }, tiers: [{ at_least: 2000, usd_per_million: { input: 4, cache_read: 0.4 } }] }
                regions: { us: { multiplier: 1.1 }, eu: { usd_per_million: { input: 5 }, tiers: [{ above: 9, usd_per_million: {} }] } }
              - model: weekender
                days: [sat, Sunday]
                usd_per_million: { input: 1 }
              - model: nightly
                hours: ["22:00-06:00"]
                usd_per_million: { input: 1 }
            """;

    @Test
    void everyPriceClass_isRead_andWrittenBack() {
        List<PriceEntry> entries = parse(EVERYTHING).entries();
        PriceEntry owl = entries.get(0);
        assertThat(owl.hours()).hasToString("Optional[01:00-04:00,06:00-10:00 mon-fri]");
        assertThat(owl.rates().perMillion(TokenClass.CACHED_AUDIO_READ))
                .contains(new BigDecimal("0.08333333333333334"));
        assertThat(owl.tiers().get(0).rates().perMillion(TokenClass.CACHED_AUDIO_READ))
                .contains(new BigDecimal("0.16666666666666669"));
        assertThat(owl.serviceTiers().get("priority"))
                .isEqualTo(new ServiceTierRates.Own(
                        Rates.of(Map.of(TokenClass.INPUT, new BigDecimal("3"))),
                        List.of(new Tier(
                                Tier.Boundary.AT_LEAST,
                                2_000,
                                Rates.of(Map.of(
                                        TokenClass.INPUT,
                                        new BigDecimal("4"),
                                        TokenClass.CACHE_READ,
                                        new BigDecimal("0.4")))))));
        assertThat(owl.regions()).containsOnlyKeys("eu", "us");
        assertThat(entries.get(1).hours()).hasToString("Optional[sat-sun]");
        assertThat(entries.get(2).hours()).contains(PriceHours.daily(DailySpan.parse("22:00-06:00")));
        assertThat(parse(PriceFile.format(entries)).entries()).isEqualTo(entries);
        entries.forEach(entry -> assertThat(PriceEntry.ofText(entry.toText())).isEqualTo(entry));
    }

    @Test
    void everyPriceClass_isWrittenAsJsonThatIsReadBack() throws IOException {
        PriceLayer layer = parse(EVERYTHING);
        String json = PriceJson.write(layer.entries().stream()
                .map(entry -> new PriceListing.Listed(layer, entry))
                .toList());
        Path file = folder.resolve("again.json");
        Files.writeString(file, json.replaceAll("\"(id|layer)\":\"[^\"]*\",", ""));
        assertThat(PriceFile.read(file).entries()).isEqualTo(layer.entries());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hours: [] | prices[0].hours: expected at least one daily UTC span",
                "'hours: [\"01:00-03:00\", \"02:00-04:00\"]' | prices[0].hours: 01:00-03:00 and 02:00-04:00 overlap",
                "'days: [mon, freitag]' | prices[0].days[1]: days: expected days of the week",
                "'days: mon-sun' | prices[0].days: hours: the whole of every day",
                "'regions: { us: {} }' | prices[0].regions.us: expected either multiplier or usd_per_million",
                "'regions: { us: { multiplier: -1 } }' | prices[0].regions.us.multiplier: expected 0 to 1000",
                "'regions: { \"\": { multiplier: 1 } }' | a region has a name",
                "'service_tiers: { fast: { multiplier: 2, tiers: [{ above: 1, usd_per_million: {} }] } }' | tiers go with"
                        + " usd_per_million"
            })
    void mistakesInHoursDaysAndRegions_areNamed(String line, String message) {
        assertThat(refused("prices:\n  - model: a\n    usd_per_million: { input: 1 }\n    " + line + "\n"))
                .hasMessageContaining(message);
    }

    @Test
    void json_hasTheSameKeys() throws IOException {
        Path file = folder.resolve("ours.JSON");
        Files.writeString(file, """
                {"prices":[{"model":"m","from":"2026-01-01T06:00:00+01:00","usd_per_million":{"input":1e-1,"output":"0.20"}}],
                 "pricing":{"n":{"input_per_million":1,"output_per_million":2}}}""");
        PriceLayer layer = PriceFile.read(file);
        assertThat(layer.name()).isEqualTo(file.toString());
        assertThat(layer.entries())
                .containsExactly(
                        PriceEntry.builder("m")
                                .from(Instant.parse("2026-01-01T05:00:00Z"))
                                .rates(Rates.of("0.1", "0.2"))
                                .build(),
                        PriceEntry.simple("n", BigDecimal.ONE, BigDecimal.valueOf(2)));
    }

    @Test
    void format_roundTripsTheDocumentedFile() {
        List<PriceEntry> entries = parse(DESIGN).entries();
        assertThat(parse(PriceFile.format(entries)).entries()).isEqualTo(entries);
    }

    @Test
    void format_roundTripsTheBundledBook() {
        for (PriceLayer layer : PriceBook.bundled().layers()) {
            assertThat(layer.entries()).isNotEmpty();
            assertThat(parse(PriceFile.format(layer.entries())).entries()).isEqualTo(layer.entries());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "true",
                "No",
                "~",
                "1.5",
                "a: b",
                "- x",
                "#c",
                "q\"uote",
                "back\\slash",
                "é/ü",
                " #",
                "x\u0085y",
                "x\u202ey",
                "gpt-oss:20b",
                "2026-01-05",
                "x:"
            })
    void format_quotesWhatYamlWouldMisread(String text) {
        PriceEntry entry = PriceEntry.builder(text)
                .alias("also " + text)
                .rates(Rates.of("1", "2"))
                .serviceTier(text, new ServiceTierRates.Multiplier(BigDecimal.ONE))
                .from(Instant.parse("2026-01-05T10:00:00.25Z"))
                .source(text)
                .build();
        PriceEntry simple = PriceEntry.simple(text + "s", BigDecimal.ONE, BigDecimal.TEN);
        assertThat(parse(PriceFile.format(List.of(entry, simple))).entries()).containsExactly(entry, simple);
    }

    @Test
    void format_writesMultipliersOutWhereTheShortFormIsTooShort() {
        PriceEntry entry = PriceEntry.builder("m")
                .provider("p")
                .rates(Rates.of("10", "20"))
                .cacheByMultiplier(true)
                .build();
        PriceEntry read = parse(PriceFile.format(List.of(entry))).entries().get(0);
        UsageRecord cached = UsageRecord.builder()
                .model("m")
                .inputTokens(1)
                .cacheReadInputTokens(10)
                .cacheCreation5mInputTokens(100)
                .cacheCreation1hInputTokens(1000)
                .build();
        assertThat(read.price(cached).amount()).isEqualTo(entry.price(cached).amount());
        assertThat(read.rates()).isEqualTo(rates("10", "20", "1", "12.5", "20"));
    }

    @Test
    void format_ofNothing_isReadAgain() {
        assertThat(parse(PriceFile.format(List.of())).entries()).isEmpty();
    }

    @Test
    void mistakes_areListedTogetherWithLineColumnAndPath() {
        DocumentException e = refused("""
                prices:
                  - model: a
                    modle: b
                    from: 2026-02-30
                    usd_per_million:
                      input: -3
                      ouput: 4
                      output: free
                    tiers:
                      - above: 200000
                        at_least: 7
                        usd_per_million: { input: 1 }
                      - above: 1.5
                        usd_per_million: { input: 1 }
                    service_tiers:
                      batch: { multiplier: -1 }
                  - provider: x
                    usd_per_million: { input: 3 }
                  - model: b
                """);
        assertThat(e.mistakes())
                .extracting(Mistake::line, Mistake::path, Mistake::problem)
                .containsExactly(
                        tuple(3, "prices[0].modle", "unknown key; did you mean model?"),
                        tuple(4, "prices[0].from", "there is no such day"),
                        tuple(6, "prices[0].usd_per_million.input", "a rate is not negative, found -3"),
                        tuple(7, "prices[0].usd_per_million.ouput", "unknown key; did you mean output?"),
                        tuple(
                                8,
                                "prices[0].usd_per_million.output",
                                "expected a decimal number such as 0.25, found \"free\""),
                        tuple(10, "prices[0].tiers[0]", "expected usd_per_million and one of above and at_least"),
                        tuple(
                                13,
                                "prices[0].tiers[1].above",
                                "expected a whole number of tokens, found the number 1.5"),
                        tuple(
                                16,
                                "prices[0].service_tiers.batch.multiplier",
                                "expected 0 to 1000 with at most 100 digits after the point, found -1"),
                        tuple(17, "prices[1]", "expected a model: its exact id"),
                        tuple(19, "prices[2]", "expected usd_per_million or usd_per_call"));
        assertThat(e.mistakes().get(0).column()).isEqualTo(5);
        assertThat(e).hasMessageStartingWith("prices.yaml:3:5: prices[0].modle: unknown key; did you mean model?\n");
    }

    @Test
    void overlap_namesBothLines() {
        DocumentException e = refused("""
                prices:
                  - model: a
                    until: 2026-06-01
                    usd_per_million: { input: 1 }
                  - model: a
                    from: 2026-05-31
                    usd_per_million: { input: 2 }
                  - model: b
                    usd_per_million: { input: 3 }
                  - model: b
                    usd_per_million: { input: 3 }
                """);
        assertThat(e.mistakes()).extracting(Mistake::line).containsExactly(5, 10);
        assertThat(e.mistakes().get(0).problem()).startsWith("in force at the same time as the price of line 2 (a@*#");
        assertThat(e.mistakes().get(1).problem()).startsWith("in force at the same time as the price of line 8 (b@*#");
    }

    /** What the message says to do is enough. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | '' | give the one that came later a from | '' | 'from: 2026-05-01'",
                "'until: 2026-06-01' | '' | give the one that came later a from | '' | 'from: 2026-05-01, until: 2026-07-01'",
                "'from: 2026-01-01' | 'from: 2026-01-01' | both begin at the same time: give one of them another from"
                        + " | 'from: 2026-01-01' | 'from: 2026-02-01'",
                "'from: 2026-01-01, until: 2026-06-01' | 'from: 2026-05-31, until: 2027-01-01'"
                        + " | let the one that begins first end where the other begins, or leave its until out"
                        + " | 'from: 2026-01-01' | 'from: 2026-05-31, until: 2027-01-01'",
                "'from: 2026-05-31' | 'from: 2026-01-01, until: 2026-06-01'"
                        + " | let the one that begins first end where the other begins, or leave its until out"
                        + " | 'from: 2026-05-31' | 'from: 2026-01-01, until: 2026-05-31'",
                "'hours: \"01:00-03:00\"' | 'hours: \"02:00-04:00\"' | let their hours, or their times from and until,"
                        + " not overlap | 'hours: \"01:00-03:00\"' | 'hours: \"03:00-04:00\"'",
            })
    void overlap_saysWhatToDo(String one, String other, String remedy, String mendedOne, String mendedOther) {
        String form = "prices:\n  - { model: a, usd_per_million: {}, %s }\n  - { model: a, usd_per_million: {}, %s }\n";
        assertThat(refused(form.formatted(one, other)).mistakes())
                .extracting(Mistake::problem)
                .singleElement()
                .asString()
                .endsWith(" and for the same id; " + remedy);
        assertThat(parse(form.formatted(mendedOne, mendedOther)).entries()).hasSize(2);
    }

    @Test
    void untilBeforeFrom_isListedBesideOtherMistakes() {
        DocumentException e = refused("""
                prices:
                  - model: a
                    from: 2026-06-01
                    until: 2026-05-01
                    usd_per_million: { input: -1 }
                """);
        assertThat(e.mistakes())
                .extracting(Mistake::line, Mistake::path)
                .containsExactlyInAnyOrder(tuple(4, "prices[0].until"), tuple(5, "prices[0].usd_per_million.input"));
    }

    @Test
    void untilBeforeFrom_isAMistakeOfUntil() {
        DocumentException e = refused("""
                prices:
                  - model: a
                    from: 2026-06-01
                    until: 2026-06-01
                    usd_per_million: { input: 1 }
                """);
        assertThat(e.mistakes()).extracting(Mistake::line, Mistake::path).containsExactly(tuple(4, "prices[0].until"));
    }

    @Test
    void tiersAtTheSameThreshold_areAMistake() {
        DocumentException e = refused("""
                prices:
                  - model: a
                    usd_per_million: { input: 1 }
                    tiers:
                      - { above: 9, usd_per_million: { input: 1 } }
                      - { at_least: 10, usd_per_million: { input: 1 } }
                """);
        assertThat(e).hasMessage("prices.yaml:4:5: prices[0].tiers: two begin at 10 tokens");
    }

    @Test
    void wrongTypes_areMistakes() {
        assertThat(refused("[]\n"))
                .hasMessage("prices.yaml:1:1: expected a mapping with prices, pricing, found a list");
        assertThat(refused("prices: 3\n")).hasMessage("prices.yaml:1:1: prices: expected a list, found the number 3");
        assertThat(refused("prices:\n  - a\n")).hasMessageContaining("prices[0]: expected a mapping with provider");
        assertThat(refused("prices:\n  - model: 4\n    usd_per_million: {}\n"))
                .hasMessage("prices.yaml:2:5: prices[0].model: expected text, found the number 4; put it in quotes");
        assertThat(refused("prices:\n  - model: a\n    aliases: b\n    usd_per_million: {}\n"))
                .hasMessageContaining("prices[0].aliases: expected a list, found text");
        assertThat(refused("prices:\n  - model: a\n    usd_per_million: 3\n"))
                .hasMessageContaining("prices[0].usd_per_million: expected a mapping with input, output");
        assertThat(refused("prices:\n  - model: a\n    usd_per_million: { input: }\n"))
                .hasMessageContaining(
                        "prices[0].usd_per_million.input: expected a decimal number such as 0.25, found nothing");
        assertThat(refused("prices:\n  - model: a\n    usd_per_million: { input: .inf }\n"))
                .hasMessageContaining("prices[0].usd_per_million.input: expected a decimal number");
        assertThat(refused("prices:\n  - model: a\n    usd_per_million: { input: 1_000 }\n"))
                .hasMessageContaining("prices[0].usd_per_million.input: expected a decimal number");
        assertThat(refused("prices:\n  - model: a\n    hours: 25:00-26:00\n    usd_per_million: {}\n"))
                .hasMessageContaining("prices[0].hours: expected a daily UTC span");
        assertThat(refused("prices:\n  - model: a\n    usd_per_call: { Web-Search: 1 }\n"))
                .hasMessageContaining("prices[0].usd_per_call.Web-Search: ");
        assertThat(refused("pricing:\n  a: { input_per_million: 1 }\n"))
                .hasMessageContaining("pricing.a: expected input_per_million and output_per_million");
        assertThat(refused("pricing:\n  a: { input_per_million: 1, output_per_million: 1e99 }\n"))
                .hasMessageContaining("pricing.a.output_per_million: ");
    }

    @Test
    void rate_isReadDigitForDigit() {
        PriceLayer layer = parse("""
                prices:
                  - model: a
                    usd_per_million: { input: 0.123456789012, output: 3.00 }
                """);
        assertThat(layer.entries().get(0).rates().perMillion(TokenClass.INPUT))
                .contains(new BigDecimal("0.123456789012"));
        assertThat(refused("prices:\n  - model: a\n    usd_per_million: { input: 0." + "1".repeat(101) + " }\n"))
                .hasMessageContaining("at most 100 digits after the point");
    }

    /** As binary floating point numbers are written by other programs: 17 digits and more, in every place for a figure. */
    @Test
    void longFigures_areReadDigitForDigit_andWrittenSo() {
        String whole = "0.1000000000000000055511151231257827021181583404541015625";
        PriceLayer layer = parse("""
                prices:
                  - model: a
                    usd_per_million: { input: 0.08333333333333334, output: "%s" }
                    usd_per_call: { web_search: 1.2345678901234567e-3 }
                    tiers:
                      - above: 1000
                        usd_per_million: { input: 0.33333333333333331483 }
                    service_tiers:
                      batch: { multiplier: 0.33333333333333331483 }
                      flex: { usd_per_million: { input: 0.16666666666666665741 } }
                """.formatted(whole));
        PriceEntry entry = layer.entries().get(0);

        assertThat(entry.toText())
                .contains("rate.input=0.08333333333333334\n", "rate.output=" + whole + "\n")
                .contains("call.web_search=0.0012345678901234567\n", "tier.above.1000.input=0.33333333333333331483\n")
                .contains("service.batch.multiplier=0.33333333333333331483\n")
                .contains("service.flex.input=0.16666666666666665741\n");
        assertThat(parse(PriceFile.format(List.of(entry))).entries()).containsExactly(entry);
        assertThat(PriceEntry.ofText(entry.toText())).isEqualTo(entry);
    }

    @Test
    void brokenText_namesItsLine() {
        assertThat(refused("")).hasMessageContaining("prices.yaml:1:1: the document is empty");
        assertThat(refused("# nothing\n")).hasMessageContaining("empty");
        assertThat(refused("{}\n")).hasMessage("prices.yaml:1:1: expected prices: or pricing:");
        assertThat(refused("prices:\n\t- model: a\n"))
                .hasMessageContaining("prices.yaml:2:")
                .hasMessageContaining("tab");
        assertThat(refused("prices: [\n")).hasMessageContaining("not valid YAML");
        assertThat(refused("prices: []\nprices: []\n"))
                .hasMessage("prices.yaml:2:1: \"prices\" is a duplicate, first in line 1");
        assertThat(refused("prices: []\n---\nprices: []\n")).hasMessageContaining("a second document");
        assertThat(refused("prices: &a []\npricing: *a\n")).hasMessageContaining("anchors, aliases and tags");
        assertThat(refused("prices: !!seq []\n")).hasMessageContaining("anchors, aliases and tags");
        assertThat(refused("prices: " + "[".repeat(100) + "]".repeat(100) + "\n"))
                .hasMessageContaining("nested deeper");
        assertThat(refused("? [a]\n: b\n")).hasMessageContaining("not valid YAML");
    }

    @Test
    void aliasBomb_isRefusedAtItsFirstAnchor() {
        StringBuilder bomb = new StringBuilder("a: &a [x, x, x, x, x, x, x, x, x]\n");
        for (char c = 'b'; c < 'k'; c++) {
            bomb.append(c)
                    .append(": &")
                    .append(c)
                    .append(" [")
                    .append(("*" + (char) (c - 1) + ", ").repeat(9))
                    .append("]\n");
        }
        assertThat(refused(bomb.toString())).hasMessageStartingWith("prices.yaml:1:");
    }

    @Test
    void unreadableFiles_sayWhy() throws IOException {
        assertThat(catchThrowableOfType(DocumentException.class, () -> PriceFile.read(folder.resolve("none.yaml"))))
                .hasMessageContaining("none.yaml: there is no such file");
        assertThat(catchThrowableOfType(DocumentException.class, () -> PriceFile.read(folder)))
                .hasMessageContaining("it is a directory");
        Path large = folder.resolve("large.yaml");
        Files.writeString(large, "#".repeat(PriceFile.MAX_BYTES + 1));
        assertThat(catchThrowableOfType(DocumentException.class, () -> PriceFile.read(large)))
                .hasMessageContaining("larger than 4194304 bytes");
        Path latin = folder.resolve("latin.yaml");
        Files.write(latin, "source: \u00e9".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(catchThrowableOfType(DocumentException.class, () -> PriceFile.read(latin)))
                .hasMessageContaining("not UTF-8");
    }

    @Test
    void brokenJson_namesItsLine() {
        assertThat(refusedJson("{\"prices\": [],\n \"prices\": []}"))
                .hasMessage("p.json:2:2: \"prices\" is a duplicate, first in line 1");
        assertThat(refusedJson("{\"prices\": [],\n}"))
                .hasMessageStartingWith("p.json:2:")
                .hasMessageContaining("JSON");
        assertThat(refusedJson("{\"prices\": []} {}")).hasMessageContaining("a second document");
        assertThat(refusedJson("{\"prices\":\n [{\"model\":\"a\",\"usd_per_million\":{\"input\":true}}]}"))
                .hasMessage("p.json:2:35: prices[0].usd_per_million.input: expected a decimal number such as 0.25,"
                        + " found true or false");
        assertThat(refusedJson("pricing: {}")).hasMessageContaining("not valid JSON");
    }

    private static DocumentException refusedJson(String json) {
        DocumentException e = catchThrowableOfType(
                DocumentException.class, () -> PriceFile.parse("p.json", json.getBytes(StandardCharsets.UTF_8)));
        assertThat(e).as("accepted: %s", json).isNotNull();
        return e;
    }

    @Test
    void byteOrderMark_isReadOver() {
        assertThat(parse("\ufeffpricing: {}\n").entries()).isEmpty();
    }

    private static org.assertj.core.groups.Tuple tuple(Object... values) {
        return org.assertj.core.groups.Tuple.tuple(values);
    }

    private static Rates rates(String input, String output, String read, String write5m, String write1h) {
        return Rates.of(Map.of(
                TokenClass.INPUT, new BigDecimal(input),
                TokenClass.OUTPUT, new BigDecimal(output),
                TokenClass.CACHE_READ, new BigDecimal(read),
                TokenClass.CACHE_WRITE_5M, new BigDecimal(write5m),
                TokenClass.CACHE_WRITE_1H, new BigDecimal(write1h)));
    }

    private static PriceLayer parse(String yaml) {
        return PriceFile.parse("prices.yaml", yaml.getBytes(StandardCharsets.UTF_8));
    }

    private static DocumentException refused(String yaml) {
        DocumentException e = catchThrowableOfType(DocumentException.class, () -> parse(yaml));
        assertThat(e).as("accepted: %s", yaml).isNotNull();
        return e;
    }
}
