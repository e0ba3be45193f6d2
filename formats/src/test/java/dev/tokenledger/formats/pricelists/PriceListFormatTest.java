package dev.tokenledger.formats.pricelists;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceLayer;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PriceListFormatTest {

    private static final LocalDate DAY = LocalDate.parse("2026-11-20");

    private static PriceList read(PriceListFormat format, String json) {
        PriceList list = format.read("list.json", json.getBytes(StandardCharsets.UTF_8), "house-ai", DAY);
        // No list may give a layer that refuses itself.
        PriceLayer.of("list", list.entries());
        return list;
    }

    private static String text(PriceList list, String model) {
        return list.entries().stream()
                .filter(entry -> entry.model().equals(model))
                .map(PriceEntry::toText)
                .reduce((one, other) -> one + "\n" + other)
                .orElse("none");
    }

    @ParameterizedTest
    @CsvSource({
        "0.30000000000000004, 0.3",
        "0.15, 0.15",
        "1.4999999999999999, 1.5",
        "0.08333333333333334, 0.08333333",
        "12345678, 12345678",
        "0.123456789, 0.1234568",
        "2.0000000000000004E-7, 2E-7",
        "0, 0"
    })
    void figures_areTheDecimalsTheyStandFor(String written, String meant) {
        assertThat(ListNumbers.meant(new BigDecimal(written))).isEqualByComparingTo(meant);
    }

    @Test
    void liteLlm_figuresPerTokenWithTheirSuffixes() {
        PriceList list = read(PriceListFormat.LITELLM, """
                {"sample_spec":{"litellm_provider":"one of","input_cost_per_token":0},
                 "acme/one":{"litellm_provider":"acme","mode":"chat","max_tokens":4096,"supports_vision":true,
                  "input_cost_per_token":1.4999999999999999e-07,"output_cost_per_token":6e-07,
                  "cache_read_input_token_cost":7.5e-08,"cache_creation_input_token_cost":1.875e-07,
                  "cache_creation_input_token_cost_above_1hr":3e-07,
                  "input_cost_per_token_above_272k_tokens":3e-07,"output_cost_per_token_above_272k_tokens":9e-07,
                  "input_cost_per_token_priority":3e-07,"output_cost_per_token_priority":1.2e-06,
                  "input_cost_per_token_above_272k_tokens_priority":6e-07,
                  "input_cost_per_token_batches":7.5e-08,"output_cost_per_token_batches":3e-07,
                  "output_cost_per_video_per_second_above_8s_interval":0.1,
                  "search_context_cost_per_query":{"search_context_size_low":0.01,"search_context_size_medium":0.01,
                   "search_context_size_high":0.01},
                  "file_search_cost_per_1k_calls":2.5,
                  "provider_specific_entry":{"fast":6.0,"us":1.1}}}
                """);

        assertThat(text(list, "one")).isEqualTo("""
                provider=acme
                model=one
                rate.input=0.15
                rate.output=0.6
                rate.cache_read=0.075
                rate.cache_write_5m=0.1875
                rate.cache_write_1h=0.3
                call.file_search=0.0025
                call.web_search=0.01
                tier.above.272000=*
                tier.above.272000.input=0.3
                tier.above.272000.output=0.9
                service.batch=*
                service.batch.input=0.075
                service.batch.output=0.3
                service.fast.multiplier=6
                service.priority=*
                service.priority.input=0.3
                service.priority.output=1.2
                service.priority.tier.above.272000=*
                service.priority.tier.above.272000.input=0.6
                region.us.multiplier=1.1
                source=LiteLLM (2026-11-20)
                """);
        assertThat(list.leftOut().parts()).isEmpty();
    }

    @Test
    void liteLlm_searchesBySizeOfContext() {
        String sizes = "\"search_context_cost_per_query\":{\"search_context_size_low\":0.005,"
                + "\"search_context_size_medium\":0.008,\"search_context_size_high\":0.012}";
        PriceList list = read(
                PriceListFormat.LITELLM,
                "{\"perplexity/find\":{\"litellm_provider\":\"perplexity\",\"input_cost_per_token\":1e-06," + sizes
                        + "},\"find\":{\"litellm_provider\":\"acme\",\"input_cost_per_token\":1e-06," + sizes + "}}");

        assertThat(list.entries().get(0).perCall()).containsOnlyKeys("request_low", "request_medium", "request_high");
        assertThat(list.entries().get(1).perCall()).isEmpty();
        assertThat(list.leftOut().parts()).containsOnlyKeys("a fee by size of the search context");
    }

    @Test
    void liteLlm_keysOfOneModel_areOneEntry() {
        PriceList list = read(PriceListFormat.LITELLM, """
                {"two":{"litellm_provider":"acme","input_cost_per_token":9e-06,"output_cost_per_token":9e-06},
                 "acme/two":{"litellm_provider":"acme","input_cost_per_token":1e-06,"output_cost_per_token":2e-06},
                 "azure/three":{"litellm_provider":"azure","input_cost_per_token":1.65e-07,"output_cost_per_token":1e-06},
                 "azure/global-standard/three":{"litellm_provider":"azure","input_cost_per_token":1.5e-07,
                  "output_cost_per_token":1e-06},
                 "azure/eu/three":{"litellm_provider":"azure","input_cost_per_token":2e-07,"output_cost_per_token":1e-06},
                 "bedrock/us-east-1/four":{"litellm_provider":"bedrock","input_cost_per_token":1e-06},
                 "bedrock_converse/four":{"litellm_provider":"bedrock_converse","input_cost_per_token":3e-06,
                  "output_cost_per_token":4e-06},
                 "1024-x-1024/five":{"litellm_provider":"acme","input_cost_per_token":1e-06},
                 "acme/six":{"litellm_provider":"acme","output_cost_per_image":0.04},
                 "acme/seven":{"litellm_provider":"acme","input_cost_per_token":0.0,"output_cost_per_token":0},
                 "acme/eight":{"litellm_provider":"acme","mode":"rerank","input_cost_per_query":0.002,
                  "input_cost_per_token":0.0},
                 "acme/nine":{"litellm_provider":"acme","tiered_pricing":[
                  {"range":[0,32000.0],"input_cost_per_token":2e-07,"output_cost_per_token":1e-06},
                  {"range":[32000.0,128000.0],"input_cost_per_token":4e-07,"output_cost_per_token":2e-06}]}}
                """);

        assertThat(text(list, "two")).contains("rate.input=1\n").doesNotContain("rate.input=9");
        assertThat(text(list, "three")).contains("provider=azure.ai.openai\n", "rate.input=0.15\n");
        assertThat(text(list, "four")).contains("provider=aws.bedrock\n", "rate.input=3\n");
        assertThat(text(list, "eight")).contains("rate.input=0\n", "call.rerank=0.002\n");
        assertThat(text(list, "nine"))
                .contains("rate.input=0.2\n", "tier.above.32000.input=0.4\n", "tier.above.32000.output=2\n");
        assertThat(list.entries()).hasSize(5);
        assertThat(list.read()).isEqualTo(12);
        assertThat(list.leftOut().models().keySet())
                .containsExactlyInAnyOrder(
                        "a size, a class or a commitment, not a model",
                        "no price by tokens or calls",
                        "a price of 0, which may be a plan's or not stated",
                        "another price of an id that the list states twice",
                        "the price of a region");
    }

    @Test
    void modelsDev_tiersModesAndProviders() {
        PriceList list = read(PriceListFormat.MODELS_DEV, """
                {"amazon-bedrock":{"models":{"one":{"cost":{"input":2.5,"output":15,"reasoning":15,"cache_read":0.25,
                   "cache_write":0,"input_audio":40,
                   "tiers":[{"input":5,"output":22.5,"tier":{"type":"context","size":128001}}],
                   "context_over_200k":{"input":7,"output":30}},
                   "experimental":{"modes":{"quick":{"cost":{"input":5,"output":30,"cache_read":0.5},
                    "provider":{"body":{"service_tier":"priority"}}},"idle":{"provider":{"body":{}}}}}}}},
                 "xai":{"models":{"two":{"cost":{"input":2,"output":6,
                   "tiers":[{"input":4,"output":12,"tier":{"size":200000}}]}}}},
                 "acme":{"models":{"three":{"cost":{"input":1,"output":2,"context_over_200k":{"input":2,"output":3}}},
                   "four":{"cost":{"input":0,"output":0}},"five":{"name":"no cost"}}},
                 "google":{"models":{"six":{"modalities":{"output":["text","image"]},"cost":{"input":2,"output":120}}}},
                 "openrouter":{"models":{"x/y:free":{"cost":{"input":0,"output":0}}}}}
                """);

        assertThat(text(list, "one")).isEqualTo("""
                provider=aws.bedrock
                model=one
                rate.input=2.5
                rate.output=15
                rate.cache_read=0.25
                rate.audio_input=40
                tier.above.128000=*
                tier.above.128000.input=5
                tier.above.128000.output=22.5
                service.priority=*
                service.priority.input=5
                service.priority.output=30
                service.priority.cache_read=0.5
                source=models.dev (2026-11-20)
                """);
        assertThat(text(list, "two")).contains("tier.at_least.200000.input=4\n");
        assertThat(text(list, "three")).contains("tier.above.200000.input=2\n");
        assertThat(text(list, "six")).contains("rate.image_output=120\n").doesNotContain("rate.output");
        assertThat(text(list, "x/y:free")).contains("rate.input=0\n");
        assertThat(list.leftOut().models()).containsOnlyKeys("a price of 0, which may be a plan's or not stated");
    }

    @Test
    void genaiPrices_datesHoursTiersAndAliases() {
        PriceList list = read(PriceListFormat.GENAI_PRICES, """
                [{"id":"aws","models":[{"id":"one","match":{"or":[{"equals":"one"},{"equals":"one-0101"},
                    {"starts_with":"one-"}]},
                   "prices":[{"prices":{"input_mtok":1,"output_mtok":2,"web_searches_kcount":10}},
                    {"constraint":{"start_time":"16:30:00Z","end_time":"00:30:00Z"},"prices":{"input_mtok":0.5}},
                    {"constraint":{"start_date":"2026-10-01","type":"start_date"},
                     "prices":{"input_mtok":{"base":3,"tiers":[{"start":199999,"price":6}]},"cache_write_1h_mtok":7,
                      "cache_audio_read_mtok":1}},
                    {"constraint":{"weekday":"monday"},"prices":{"input_mtok":9}}]}]},
                 {"id":"google","models":[{"id":"claude-nine","match":{"equals":"claude-nine"},
                   "prices":{"input_mtok":3,"output_mtok":15}}]}]
                """);

        assertThat(text(list, "one")).isEqualTo("""
                provider=aws.bedrock
                model=one
                alias=one-0101
                rate.input=1
                rate.output=2
                call.web_search=0.01
                source=genai-prices (2026-11-20)

                provider=aws.bedrock
                model=one
                alias=one-0101
                until=2026-10-01T00:00:00Z
                hours=16:30-00:30
                rate.input=0.5
                source=genai-prices (2026-11-20)

                provider=aws.bedrock
                model=one
                alias=one-0101
                from=2026-10-01T00:00:00Z
                rate.input=3
                rate.cache_write_1h=7
                rate.cached_audio_read=1
                tier.at_least.200000=*
                tier.at_least.200000.input=6
                source=genai-prices (2026-11-20)
                """);
        assertThat(list.leftOut().models()).containsOnlyKeys("a condition that is neither a day nor a daily span");
    }

    @Test
    void openRouter_textsPerToken() {
        PriceList list = read(PriceListFormat.OPENROUTER, """
                {"data":[{"id":"acme/one","canonical_slug":"acme/one-20260101","pricing":{"prompt":"0.00000014",
                   "completion":"0.0000006000000000000001","input_cache_read":"0.0000000028",
                   "input_cache_write":"0.00000008333333333333334","web_search":"0.005","request":"0",
                   "overrides":[{"min_prompt_tokens":256000,"prompt":"0.0000002","completion":"0.0000008"}]}},
                  {"id":"acme/auto","pricing":{"prompt":"-1","completion":"-1"}},
                  {"id":"acme/one:free","canonical_slug":"acme/one-20260101","pricing":{"prompt":"0","completion":"0"}}]}
                """);

        assertThat(text(list, "acme/one")).isEqualTo("""
                provider=openrouter
                model=acme/one
                alias=acme/one-20260101
                rate.input=0.14
                rate.output=0.6
                rate.cache_read=0.0028
                rate.cache_write_5m=0.08333333
                call.web_search=0.005
                tier.at_least.256000=*
                tier.at_least.256000.input=0.2
                tier.at_least.256000.output=0.8
                source=OpenRouter (2026-11-20)
                """);
        assertThat(text(list, "acme/one:free")).contains("rate.input=0\n").doesNotContain("alias=");
        assertThat(list.leftOut().models()).containsOnlyKeys("a router without a price of its own");
    }

    @Test
    void portkey_centsPerTokenByModeAndTier() {
        PriceList list = read(PriceListFormat.PORTKEY, """
                {"default":{"pricing_config":{"pay_as_you_go":{"request_token":{"price":0}}}},
                 "one":{"pricing_config":{"pay_as_you_go":{"request_token":{"price":0.00025},
                    "response_token":{"price":0.0015},"cache_read_input_token":{"price":0},
                    "additional_units":{"web_search":{"price":1},"cache_write_1h":{"price":0.0006}}},
                   "batch_config":{"request_token":{"price":0.000125},"response_token":{"price":0.00075}}},
                  "custom_pricing":{"context_tier_map":{"0":"lte-272k","272000":"gt-272k"},"regions":{
                   "default":{"execution_modes":{"standard":{"context_tiers":{
                      "lte-272k":{"pricing_config":{"pay_as_you_go":{"request_token":{"price":0.00025},
                       "response_token":{"price":0.0015}}}},
                      "gt-272k":{"pricing_config":{"pay_as_you_go":{"request_token":{"price":0.0005},
                       "response_token":{"price":0.00225}}}}}},
                     "flex":{"pricing_config":{"pay_as_you_go":{"request_token":{"price":0}}}}}},
                   "eu":{"execution_modes":{}}}}},
                 "two":{"pricing_config":{"currency":"EUR","pay_as_you_go":{"request_token":{"price":1}}}}}
                """);

        assertThat(text(list, "one")).isEqualTo("""
                provider=house-ai
                model=one
                rate.input=2.5
                rate.output=15
                rate.cache_write_1h=6
                call.web_search=0.01
                tier.above.272000=*
                tier.above.272000.input=5
                tier.above.272000.output=22.5
                service.batch=*
                service.batch.input=1.25
                service.batch.output=7.5
                source=Portkey (2026-11-20)
                """);
        assertThat(list.leftOut().models()).containsOnlyKeys("a price in another currency");
        assertThat(list.leftOut().parts()).containsOnlyKeys("prices of regions");
    }

    @Test
    void portkey_halvesOfGooglesModels_areOne() {
        PriceList list =
                PriceListFormat.PORTKEY.read("google.json", """
                {"gemini-9-pro-lte-128k":{"pricing_config":{"pay_as_you_go":{"request_token":{"price":0.0002},
                   "response_token":{"price":0.0012},"cache_write_input_token":{"price":0.00045}}}},
                 "gemini-9-pro-gt-128k":{"pricing_config":{"pay_as_you_go":{"request_token":{"price":0.0004},
                   "response_token":{"price":0.0018}}}}}
                """.getBytes(StandardCharsets.UTF_8), "google", DAY);

        assertThat(list.entries()).hasSize(1);
        assertThat(text(list, "gemini-9-pro"))
                .contains("rate.input=2\n", "tier.above.200000.input=4\n")
                .doesNotContain("cache_write");
    }

    @ParameterizedTest
    @EnumSource(PriceListFormat.class)
    void whatIsNoList_isRefused(PriceListFormat format) {
        for (String content : new String[] {
            "",
            "{",
            "{\"a\":",
            "[]",
            "{}",
            "null",
            "7",
            "<html>no</html>",
            "{\"data\":[{}]}",
            "{\"a\":{\"models\":{\"m\":{\"cost\":{\"input\":\"cheap\"}}}}}",
            "[{\"id\":\"a\",\"models\":[{\"id\":\"m\"}]}]",
            "{\"m\":{\"litellm_provider\":\"a\",\"input_cost_per_token\":true}}"
        }) {
            assertThatThrownBy(() -> read(format, content))
                    .as(content)
                    .isInstanceOf(DocumentException.class)
                    .hasMessageContaining("list.json");
        }
    }

    @Test
    void aFigureThatNoPriceCanHave_leavesItsModelOut() {
        PriceList list = read(PriceListFormat.LITELLM, """
                {"one":{"litellm_provider":"acme","input_cost_per_token":5,"output_cost_per_token":1e-06},
                 "two":{"litellm_provider":"acme","input_cost_per_token":-1e-06,"output_cost_per_token":1e-06},
                 "three":{"litellm_provider":"acme","input_cost_per_token":1e-06,"output_cost_per_token":1e-06}}
                """);

        assertThat(list.entries()).hasSize(1);
        assertThat(list.leftOut().models()).containsOnlyKeys("a figure that is no price");
    }
}
