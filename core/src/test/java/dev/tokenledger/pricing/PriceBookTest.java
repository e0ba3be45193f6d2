package dev.tokenledger.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.money.Usd;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.UsageRecord;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which entry is found: in one layer, over time, and in a stack. Entries are told apart by their input rate. */
class PriceBookTest {

    private static final Instant NOW = day("2026-03-10");
    private static final ModelIdentity MODEL = new ModelIdentity("desk/big", "big", "desk", "anthropic");

    @Test
    void deploymentId_goesBeforeTheUpstreamModel_evenByAliasAndWithoutProvider() {
        PriceBook book = PriceBook.of(List.of(
                entry("big", "1").provider("anthropic").build(),
                entry("desk", "2").alias("desk/big").build()));
        assertFound(book, MODEL, "2");
        assertFound(PriceBook.of(List.of(entry("big", "1").build())), MODEL, "1");
    }

    @Test
    void exactId_goesBeforeAnAlias_evenWithoutProvider() {
        PriceBook book = PriceBook.of(List.of(
                entry("other", "1").provider("anthropic").alias("big").build(),
                entry("big", "2").build()));
        assertFound(book, MODEL, "2");
    }

    @Test
    void providersOwnEntry_goesBeforeOneForAny() {
        PriceBook book = PriceBook.of(List.of(
                entry("big", "1").build(),
                entry("big", "2").provider("anthropic").build(),
                entry("big", "3").provider("bedrock").build()));
        assertFound(book, MODEL, "2");
        assertFound(book, new ModelIdentity("big", "big", "", "bedrock"), "3");
        assertFound(book, new ModelIdentity("big", "big", "", "house"), "1");
        assertFound(book, new ModelIdentity("big", "big", "", ""), "1");
        assertNothing(PriceBook.of(List.of(entry("big", "3").provider("bedrock").build())), MODEL, NOW);
    }

    @Test
    void vertex_hasItsOwnPrices_andBehindThemThoseOfTheGeminiApi() {
        PriceBook both = PriceBook.of(List.of(
                entry("gem", "1").provider("google").build(),
                entry("gem", "2").provider("vertex_ai").build()));
        ModelIdentity vertex = new ModelIdentity("gem", "gem", "", "google-vertex");
        assertFound(both, vertex, "2");
        assertFound(both, new ModelIdentity("gem", "gem", "", "gemini"), "1");
        assertFound(PriceBook.of(List.of(entry("gem", "1").provider("google").build())), vertex, "1");
        PriceBook vertexAlone =
                PriceBook.of(List.of(entry("gem", "2").provider("vertex_ai").build()));
        assertNothing(vertexAlone, new ModelIdentity("gem", "gem", "", "google"), NOW);
    }

    @Test
    void longFormsOfClouds_arePricedByTheirModel() {
        PriceBook book = PriceBook.of(List.of(
                entry("anthropic.claude-x-v1:0", "3")
                        .alias("us.anthropic.claude-x-v1:0")
                        .provider("bedrock")
                        .build(),
                entry("gem", "4").provider("vertex_ai").build()));
        String arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-x-v1:0";
        assertFound(book, ModelIdentity.ofReference(arn), "3");
        assertFound(book, new ModelIdentity(arn, arn, "", "bedrock"), "3");
        assertFound(book, ModelIdentity.ofReference("publishers/google/models/gem"), "4");
        assertNothing(book, ModelIdentity.ofReference("eu.anthropic.claude-x-v1:0"), NOW);
    }

    @Test
    void snapshotOfTheRequestedModel_hasItsPrice_noted_whereItHasNone() {
        PriceBook book = PriceBook.of(List.of(entry("acme", "1").build()));
        Cost snapshot = book.price(answered("acme-2026-05-01", "acme"), NOW);
        assertThat(snapshot.status()).isEqualTo(PricingStatus.PRICED);
        assertThat(snapshot.notes()).containsExactly("requested_model_price");
        assertThat(book.explain(answered("acme-2026-05-01", "acme"), NOW).cost())
                .isEqualTo(snapshot);
        assertThat(book.price(answered("acme-2026-05-01", "gateway/acme"), NOW).status())
                .isEqualTo(PricingStatus.PRICED);
        assertThat(book.price(answered("acme-mini", "acme"), NOW).status()).isEqualTo(PricingStatus.UNPRICED);
        assertThat(book.price(answered("other", "acme"), NOW).status()).isEqualTo(PricingStatus.UNPRICED);
        assertThat(book.price(answered("acme-2026-05-01", ""), NOW).status()).isEqualTo(PricingStatus.UNPRICED);
        PriceBook listed =
                book.with("listed", List.of(entry("acme-2026-05-01", "2").build()));
        Cost own = listed.price(answered("acme-2026-05-01", "acme"), NOW);
        assertThat(own.amount()).isEqualTo(Usd.parse("0.000002"));
        assertThat(own.notes()).isEmpty();
    }

    private static UsageRecord answered(String served, String requested) {
        return UsageRecord.builder()
                .upstreamModel(served)
                .requestedModel(requested)
                .provider("house")
                .inputTokens(1)
                .build();
    }

    @Test
    void providers_areComparedInOneForm() {
        PriceBook book =
                PriceBook.of(List.of(entry("gem", "1").provider("gcp.gemini").build()));
        assertFound(book, new ModelIdentity("gem", "gem", "", "Vertex_AI"), "1");
    }

    @Test
    void names_matchExactly() {
        PriceBook book = PriceBook.of(List.of(entry("claude-opus-5", "1").build()));
        for (String near : List.of("claude-opus-5-5", "claude-opus", "my-claude-opus-5", "Claude-opus-5", "")) {
            assertNothing(book, new ModelIdentity(near, near, "", "anthropic"), NOW);
        }
        assertNothing(book, new ModelIdentity("", "", "", ""), NOW);
    }

    @Test
    void entry_isInForceFromItsFirstInstant_untilItsLast() {
        PriceBook book = PriceBook.of(List.of(entry("big", "1")
                .from(day("2026-01-01"))
                .until(day("2026-02-01"))
                .build()));
        assertNothing(book, MODEL, day("2026-01-01").minusNanos(1));
        assertFound(book, MODEL, day("2026-01-01"), "1");
        assertFound(book, MODEL, day("2026-02-01").minusNanos(1), "1");
        assertNothing(book, MODEL, day("2026-02-01"));
    }

    @Test
    void entryWithoutEnd_endsWhereTheNextOneOfItsIdBegins() {
        PriceBook book = PriceBook.of(List.of(
                entry("big", "3").from(day("2026-03-01")).build(),
                entry("big", "1").build(),
                entry("big", "2").from(day("2026-02-01")).build()));
        assertFound(book, MODEL, Instant.EPOCH, "1");
        assertFound(book, MODEL, day("2026-02-01").minusNanos(1), "1");
        assertFound(book, MODEL, day("2026-02-01"), "2");
        assertFound(book, MODEL, day("2026-03-01"), "3");
        assertFound(book, MODEL, day("9999-12-31"), "3");
    }

    @Test
    void entryWithAnEnd_leavesAGapBeforeTheNext_thatAnotherProvidersOrAliasFills() {
        PriceBook book = PriceBook.of(List.of(
                entry("big", "1").provider("anthropic").until(day("2026-02-01")).build(),
                entry("big", "2").provider("anthropic").from(day("2026-03-01")).build(),
                entry("big", "9").build()));
        assertFound(book, MODEL, day("2026-01-15"), "1");
        assertFound(book, MODEL, day("2026-02-01"), "9");
        assertFound(book, MODEL, day("2026-02-28"), "9");
        assertFound(book, MODEL, day("2026-03-01"), "2");
    }

    @Test
    void touchingEntries_doNotOverlap() {
        PriceBook book = PriceBook.of(List.of(
                entry("big", "1").until(day("2026-02-01")).build(),
                entry("big", "2")
                        .from(day("2026-02-01"))
                        .until(day("2026-03-01"))
                        .build(),
                entry("big", "3").from(day("2026-03-01")).build()));
        assertFound(book, MODEL, day("2026-02-01"), "2");
        assertFound(book, MODEL, day("2026-03-01"), "3");
    }

    @Test
    void overlaps_areRefused_andBothEntriesNamed() {
        assertOverlap(entry("big", "1").build(), entry("big", "2").build());
        assertOverlap(entry("big", "1").build(), entry("big", "1").build());
        assertOverlap(
                entry("big", "1").from(NOW).build(), entry("big", "2").from(NOW).build());
        assertOverlap(
                entry("big", "1").until(day("2026-03-01")).build(),
                entry("big", "2").from(day("2026-02-01")).build());
        assertOverlap(
                entry("big", "1")
                        .from(day("2026-01-01"))
                        .until(day("2026-04-01"))
                        .build(),
                entry("big", "2")
                        .from(day("2026-02-01"))
                        .until(day("2026-03-01"))
                        .build());
        assertOverlap(
                entry("one", "1").alias("x").build(),
                entry("two", "2").alias("x").build());
        // An id of the one that is an alias of the other is no overlap: the exact id goes first.
        assertFound(
                PriceBook.of(List.of(
                        entry("big", "1").build(),
                        entry("two", "2").alias("big").build())),
                MODEL,
                "1");
    }

    private static void assertOverlap(PriceEntry first, PriceEntry second) {
        for (List<PriceEntry> order : List.of(List.of(first, second), List.of(second, first))) {
            assertThatExceptionOfType(PriceLayer.OverlapException.class)
                    .isThrownBy(() -> PriceBook.of(order))
                    .withMessageContaining(first.id().text())
                    .withMessageContaining(second.id().text())
                    .satisfies(
                            e -> assertThat(List.of(e.first(), e.second())).containsExactlyInAnyOrder(first, second));
        }
    }

    @Test
    void entryWithHours_goesBeforeTheOneWithout_everyDay() {
        PriceBook book = PriceBook.of(List.of(
                entry("big", "2").build(),
                entry("big", "1").hours(DailySpan.parse("16:30-00:30")).build()));
        assertFound(book, MODEL, Instant.parse("2026-03-10T16:29:59.999999Z"), "2");
        assertFound(book, MODEL, Instant.parse("2026-03-10T16:30:00Z"), "1");
        assertFound(book, MODEL, Instant.parse("2026-03-11T00:29:59.999999Z"), "1");
        assertFound(book, MODEL, Instant.parse("2026-03-11T00:30:00Z"), "2");
        assertFound(book, MODEL, Instant.parse("1969-12-31T23:59:59Z"), "1");
    }

    @Test
    void entriesWithHours_followEachOther_andDoNotOverlap() {
        DailySpan night = DailySpan.parse("22:00-06:00");
        PriceBook book = PriceBook.of(List.of(
                entry("big", "1").hours(night).build(),
                entry("big", "2").hours(night).from(day("2026-02-01")).build(),
                entry("big", "3").hours(DailySpan.parse("06:00-22:00")).build()));
        assertFound(book, MODEL, Instant.parse("2026-01-31T23:59:59Z"), "1");
        assertFound(book, MODEL, Instant.parse("2026-02-01T00:00:00Z"), "2");
        assertFound(book, MODEL, Instant.parse("2026-02-01T06:00:00Z"), "3");
        assertOverlap(
                entry("big", "1").hours(night).build(),
                entry("big", "2").hours(DailySpan.parse("05:59-07:00")).build());
        assertThat(PriceBook.of(List.of(
                                entry("big", "1").hours(night).until(NOW).build(),
                                entry("big", "2")
                                        .hours(DailySpan.parse("05:59-07:00"))
                                        .from(NOW)
                                        .build()))
                        .layers())
                .hasSize(1);
    }

    @Test
    void firstLayerWithAnEntryInForce_decidesAlone() {
        PriceBook book = PriceBook.of(List.of(
                        entry("big", "1").provider("anthropic").build(),
                        entry("desk/big", "2").build()))
                .with(
                        "ours",
                        List.of(PriceEntry.builder("big")
                                .until(NOW)
                                .rates(Rates.of(Map.of(TokenClass.OUTPUT, BigDecimal.ONE)))
                                .build()));
        assertThat(book.layers()).extracting(PriceLayer::name).containsExactly("ours", "prices");
        // The top layer knows the upstream model alone, and without an input rate, yet decides while in force.
        Optional<PriceEntry> ours = book.find(MODEL, NOW.minusNanos(1));
        assertThat(ours.orElseThrow().rates().perMillion(TokenClass.INPUT)).isEmpty();
        assertFound(book, MODEL, NOW, "2");
    }

    @Test
    void bookIsImmutable() {
        PriceBook below = PriceBook.of(List.of(entry("big", "1").build()));
        PriceBook above = below.with("top", List.of(entry("big", "2").build()));
        assertFound(below, MODEL, "1");
        assertFound(above, MODEL, "2");
        assertNothing(PriceBook.empty(), MODEL, NOW);
    }

    @Test
    void price_isThatOfTheRecordsOwnInstant() {
        PriceBook book = PriceBook.of(
                List.of(entry("big", "1").build(), entry("big", "2").from(NOW).build()));
        UsageRecord.Builder record = UsageRecord.builder().identity(MODEL).inputTokens(1_000_000);
        assertThat(book.price(record.build(), NOW).amount()).hasToString("2");
        assertThat(book.price(record.timestamp(NOW.minusNanos(1_000)).build(), NOW)
                        .amount())
                .hasToString("1");
    }

    @Test
    void givenCost_isKept_andUnknownModelsAreUnpriced() {
        UsageRecord given = UsageRecord.builder()
                .model("nobody")
                .cost(Usd.parse("5"))
                .pricingStatus(PricingStatus.PARTIAL)
                .build();
        assertThat(PriceBook.empty().price(given, NOW))
                .isEqualTo(new Cost.Given(Usd.parse("5"), PricingStatus.PARTIAL));
        UsageRecord unknown = UsageRecord.builder()
                .model("nobody")
                .inputTokens(7)
                .reasoningTokens(0)
                .calls("web_search", 2)
                .build();
        assertThat(PriceBook.empty().price(unknown, NOW)).isInstanceOfSatisfying(Cost.Unpriced.class, cost -> {
            assertThat(cost.model()).isEqualTo(unknown.identity());
            assertThat(cost.unpricedTokens()).isEqualTo(Map.of(TokenClass.INPUT, 7L));
            assertThat(cost.unpricedCalls()).isEqualTo(Map.of("web_search", 2L));
            assertThat(cost.priceId()).isEmpty();
        });
        for (UsageRecord record : List.of(given, unknown)) {
            Explanation explanation = PriceBook.empty().explain(record, NOW);
            assertThat(explanation.cost()).isEqualTo(PriceBook.empty().price(record, NOW));
            assertThat(explanation.lines()).isEmpty();
        }
    }

    @Test
    void estimates_refuseImpossibleCounts() {
        CostEstimator costs = CostEstimator.of(PriceBook.empty(), () -> NOW);
        assertThatIllegalArgumentException().isThrownBy(() -> costs.withCache(MODEL, 0, -1, 0, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> costs.withSplitCache(MODEL, 0, 0, Long.MAX_VALUE, 1, 0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> costs.forModel("m", -1, 0));
    }

    private static void assertFound(PriceBook book, ModelIdentity identity, String inputRate) {
        assertFound(book, identity, NOW, inputRate);
    }

    private static void assertFound(PriceBook book, ModelIdentity identity, Instant at, String inputRate) {
        assertThat(book.find(identity, at))
                .as("%s at %s", identity, at)
                .hasValueSatisfying(entry -> assertThat(
                                entry.rates().perMillion(TokenClass.INPUT).orElseThrow())
                        .hasToString(inputRate));
    }

    private static void assertNothing(PriceBook book, ModelIdentity identity, Instant at) {
        assertThat(book.find(identity, at)).isEmpty();
    }

    private static PriceEntry.Builder entry(String model, String inputRate) {
        return PriceEntry.builder(model).rates(Rates.of(inputRate, "1"));
    }

    private static Instant day(String date) {
        return Instant.parse(date + "T00:00:00Z");
    }
}
