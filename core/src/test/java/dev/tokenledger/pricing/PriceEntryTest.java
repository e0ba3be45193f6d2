package dev.tokenledger.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tokenledger.pricing.Tier.Boundary;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalTime;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PriceEntryTest {

    private static final Instant DAY = Instant.parse("2025-09-29T00:00:00Z");

    @Test
    void id_namesProviderModelAndFirstDay_andADigestOfTheFigures() {
        PriceEntry entry = PriceEntry.builder("claude-x")
                .provider("Anthropic")
                .from(DAY)
                .rates(Rates.of("3", "15"))
                .build();
        assertThat(entry.id().text()).matches("anthropic/claude-x@2025-09-29#[0-9a-f]{8}");
        assertThat(PriceEntry.builder("m").build().id().text()).matches("m@\\*#[0-9a-f]{8}");
        assertThat(PriceEntry.builder("m").from(DAY.plusSeconds(1)).build().id().text())
                .startsWith("m@2025-09-29T00:00:01Z#");
    }

    @Test
    void id_changesWithAnyFigure_butNotWithItsWriting() {
        PriceEntry entry = PriceEntry.builder("m").rates(Rates.of("3", "15")).build();
        assertThat(PriceEntry.builder(" m ").rates(Rates.of("3.00", "1.5E1")).build())
                .isEqualTo(entry)
                .hasSameHashCodeAs(entry);
        assertThat(PriceEntry.builder("m")
                        .rates(Rates.of("3.000001", "15"))
                        .build()
                        .id())
                .isNotEqualTo(entry.id());
        assertThat(PriceEntry.builder("m")
                        .rates(Rates.of("3", "15"))
                        .alias("n")
                        .build()
                        .id())
                .isNotEqualTo(entry.id());
    }

    @Test
    void text_isReadBackWithEveryPart() {
        PriceEntry entry = PriceEntry.builder("a=b.c/d e#f")
                .provider("x_ai")
                .alias("=")
                .alias("model=other")
                .from(DAY)
                .until(DAY.plusNanos(1))
                .hours(new DailySpan(LocalTime.of(16, 30), LocalTime.MIDNIGHT))
                .rates(Rates.of("0.000000000001", "1000000"))
                .perCall("web_search", new BigDecimal("0.01"))
                .tier(new Tier(Boundary.ABOVE, 200_000, Rates.of("1", "2")))
                .tier(new Tier(Boundary.AT_LEAST, 1_000_000_000_000L, Rates.NONE))
                .serviceTier("b.a=t%2ech", new ServiceTierRates.Multiplier(new BigDecimal("0.5")))
                .serviceTier("flex", new ServiceTierRates.Own(Rates.of("1", "2")))
                .serviceTier("none", new ServiceTierRates.Own(Rates.NONE))
                .cacheByMultiplier(true)
                .source("price page = \"x\", #1")
                .build();
        PriceEntry read = PriceEntry.ofText(entry.toText());
        assertThat(read).isEqualTo(entry);
        assertThat(read.id()).isEqualTo(entry.id());
        assertThat(read.aliases()).isEqualTo(entry.aliases());
        assertThat(read.tiers()).isEqualTo(entry.tiers());
        assertThat(read.serviceTiers()).isEqualTo(entry.serviceTiers());
        assertThat(read.hours()).isEqualTo(entry.hours());
        assertThat(read.perCall()).isEqualTo(entry.perCall());
        assertThat(read.rates()).isEqualTo(entry.rates());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "provider=x",
                "model=m\nnonsense",
                "model=m\n=x",
                "model=m\ncolour=red",
                "model=m\nrate.input=x",
                "model=m\nrate.colour=1",
                "model=m\nrate=1",
                "model=m\ntier.above=1",
                "model=m\ntier.over.5.input=1",
                "model=m\ntier.above.x.input=1",
                "model=m\nservice=1",
                "model=m\nhours=25:00-26:00",
                "model=m\nrate.input=-1",
                "model=m\nfrom=2026-01-01T00:00:00Z\nuntil=2025-01-01T00:00:00Z",
                "model=m\ncache=perhaps",
                "model=m\nfrom=yesterday",
                "model=m\nmodel=n"
            })
    void textThatIsNoEntry_isRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> PriceEntry.ofText(text));
    }

    @Test
    void cacheRatesByMultiplier_fillInForThoseThatAreNotStated() {
        Rates stated = Rates.of(Map.of(TokenClass.INPUT, new BigDecimal("4"), TokenClass.CACHE_READ, BigDecimal.ZERO));
        assertThat(stated.withCacheByMultiplier())
                .isEqualTo(Rates.of(Map.of(
                        TokenClass.INPUT, new BigDecimal("4"),
                        TokenClass.CACHE_READ, BigDecimal.ZERO,
                        TokenClass.CACHE_WRITE_5M, new BigDecimal("5"),
                        TokenClass.CACHE_WRITE_1H, new BigDecimal("8"))));
        Rates withoutInput = Rates.of(Map.of(TokenClass.OUTPUT, BigDecimal.ONE));
        assertThat(withoutInput.withCacheByMultiplier()).isEqualTo(withoutInput);
    }

    @Test
    void simpleForm_hasInputAndOutput_andMultipliesForTheCache() {
        PriceEntry simple = PriceEntry.simple("m", new BigDecimal("15.0"), new BigDecimal("75.0"));
        assertThat(simple.provider()).isEmpty();
        assertThat(simple.cacheByMultiplier()).isTrue();
        assertThat(simple.rates()).isEqualTo(Rates.of("15", "75"));
    }

    @Test
    void contradictions_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PriceEntry.builder(" ").build())
                .withMessageStartingWith("model: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PriceEntry.builder("m").from(DAY).until(DAY).build())
                .withMessageStartingWith("until: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PriceEntry.builder("m")
                        .tier(new Tier(Boundary.ABOVE, 99, Rates.NONE))
                        .tier(new Tier(Boundary.AT_LEAST, 100, Rates.NONE))
                        .build())
                .withMessage("tiers: two begin at 100 tokens");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PriceEntry.builder("m").alias(" "))
                .withMessageStartingWith("aliases: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PriceEntry.builder("m").perCall("Web Search", BigDecimal.ONE))
                .withMessageStartingWith("usd_per_call: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PriceEntry.builder("m").perCall("request", BigDecimal.ONE.negate()))
                .withMessageStartingWith("request: ");
    }

    @Test
    void serviceTiers_haveANameThatACallCanHave() {
        ServiceTierRates half = new ServiceTierRates.Multiplier(new BigDecimal("0.5"));
        assertThat(PriceEntry.builder("m").serviceTier(" Batch ", half).build().serviceTiers())
                .containsOnlyKeys("batch");
        for (String name : new String[] {"", " ", "standard", "Default"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PriceEntry.builder("m").serviceTier(name, half))
                    .withMessageStartingWith("service_tiers: ");
        }
    }

    @Test
    void rates_areBounded() {
        assertThat(Rates.of("1000000", "0").perMillion())
                .isEqualTo(Map.of(TokenClass.INPUT, new BigDecimal("1000000"), TokenClass.OUTPUT, BigDecimal.ZERO));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rates.of("-0.000001", "0"))
                .withMessage("input: a rate is not negative, found -0.000001");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Rates.of("1", "1000000.000001"))
                .withMessageStartingWith("output: a rate is at most 1000000");
        assertThatIllegalArgumentException().isThrownBy(() -> Rates.of("0." + "0".repeat(100) + "1", "1"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PriceEntry.simple("m", new BigDecimal("1E+2000000000"), BigDecimal.ONE))
                .withMessageEndingWith("found 1E+2000000000");
        assertThat(Rates.of("1", "1").perMillion(TokenClass.CACHE_READ)).isEmpty();
        assertThat(Rates.of("1", "2").times(new BigDecimal("0.5"))).isEqualTo(Rates.of("0.5", "1"));
        assertThat(Rates.NONE.perMillion()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "1000.1", "1E-101", "1E+2000000000"})
    void multiplier_isBounded(String factor) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ServiceTierRates.Multiplier(new BigDecimal(factor)))
                .withMessageStartingWith("multiplier: expected 0 to 1000");
    }

    @Test
    void threshold_isBounded() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Tier(Boundary.ABOVE, -1, Rates.NONE));
        assertThatIllegalArgumentException().isThrownBy(() -> new Tier(Boundary.ABOVE, 1_000_000_000_001L, Rates.NONE));
    }

    @ParameterizedTest
    @CsvSource({
        "16:30-00:30, 16:29:59, false", "16:30-00:30, 16:30:00, true", "16:30-00:30, 23:59:59, true",
        "16:30-00:30, 00:00:00, true", "16:30-00:30, 00:29:59, true", "16:30-00:30, 00:30:00, false",
        "01:00-04:00, 00:59:59, false", "01:00-04:00, 01:00:00, true", "01:00-04:00, 04:00:00, false",
        "00:00-12:00, 00:00:00, true", "12:00-00:00, 23:59:59, true", "12:00-00:00, 00:00:00, false"
    })
    void hours_areHalfOpen_andMayRunOverMidnight(String span, String time, boolean inside) {
        DailySpan hours = DailySpan.parse(span);
        assertThat(hours.contains(LocalTime.parse(time).toSecondOfDay())).isEqualTo(inside);
        assertThat(hours).hasToString(span);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "16:30", "16:30-16:30", "24:00-01:00", "1:00-2:00", "16:30–00:30", "16:60-17:00"})
    void hours_inAnotherForm_areRefused(String span) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DailySpan.parse(span))
                .withMessageStartingWith("hours: ");
    }

    @Test
    void hours_areWholeMinutes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DailySpan(LocalTime.of(1, 0, 30), LocalTime.of(2, 0)))
                .withMessageStartingWith("hours: ");
    }

    @Test
    void tokenClasses_areReadByName_andKnowTheirWhole() {
        for (TokenClass tokenClass : TokenClass.values()) {
            assertThat(TokenClass.parse(tokenClass.text())).isEqualTo(tokenClass);
        }
        assertThat(TokenClass.REASONING.whole()).contains(TokenClass.OUTPUT);
        assertThat(TokenClass.IMAGE_INPUT.whole()).contains(TokenClass.INPUT);
        assertThat(TokenClass.CACHE_READ.whole()).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenClass.parse("colour"))
                .withMessageContaining("input, output, cache_read, cache_write_5m, cache_write_1h, reasoning");
    }

    /** Whatever an entry states, its copy states too: a part that a copy lacks would be lost by whoever changes another. */
    @Test
    void toBuilder_holdsAllThatTheEntryStates() {
        for (PriceEntry entry : PriceBook.bundled().layers().get(0).entries()) {
            assertThat(entry.toBuilder().build()).isEqualTo(entry);
        }
        PriceEntry dated = PriceEntry.simple("m", BigDecimal.ONE, BigDecimal.TEN).toBuilder()
                .from(Instant.parse("2026-01-01T00:00:00Z"))
                .until(Instant.parse("2026-02-01T00:00:00Z"))
                .tier(new Tier(Tier.Boundary.ABOVE, 1000, Rates.of("2", "3")))
                .build();
        assertThat(dated.toBuilder().build()).isEqualTo(dated);
        assertThat(dated.toBuilder().withoutDates().withoutTiers().build())
                .isEqualTo(PriceEntry.simple("m", BigDecimal.ONE, BigDecimal.TEN));
    }
}
