package dev.tokenledger.payloads;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.formats.text.Documents;
import dev.tokenledger.formats.text.Node;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.Rates;
import dev.tokenledger.pricing.ServiceTierRates;
import dev.tokenledger.pricing.TokenClass;
import dev.tokenledger.testkit.Seeds;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nothing that a payload states and that bears on the price is left out in silence; each fixture in its sender's shape. */
class PriceBearingPayloadTest {

    private static final Map<String, String> ORDINARY = Map.of(
            "anthropic-messages", "{\"input_tokens\":9,\"output_tokens\":4%s}",
            "openai-chat", "{\"prompt_tokens\":9,\"completion_tokens\":4%s}",
            "openai-responses", "{\"input_tokens\":9,\"output_tokens\":4%s}",
            "gemini", "{\"promptTokenCount\":9,\"candidatesTokenCount\":4%s}",
            "bedrock-converse", "{\"inputTokens\":9,\"outputTokens\":4%s}",
            "mistral", "{\"prompt_tokens\":9,\"completion_tokens\":4%s}",
            "deepseek", "{\"prompt_tokens\":9,\"completion_tokens\":4%s}",
            "cohere", "{\"billed_units\":{\"input_tokens\":9,\"output_tokens\":4}%s}",
            "ollama", "{\"prompt_eval_count\":9,\"eval_count\":4%s}");

    private static final List<String> NAMES = List.of(
            "cache_%s",
            "audio_%s",
            "image_%s",
            "video_%s",
            "server_%s",
            "tool_%s",
            "%s_tokens",
            "num_%s",
            "%s_cost",
            "%s_calls",
            "%sTokens",
            "cached%sCount");

    @Test
    void memberThatNobodyKnows_neverLeavesARecordPriced() {
        PriceEntry everything = everything();
        Seeds.run(
                300,
                random -> ORDINARY.forEach((format, shape) -> {
                    assertThat(price(everything, format, shape.formatted("")).status())
                            .isEqualTo(PricingStatus.PRICED);
                    String name =
                            NAMES.get(random.nextInt(NAMES.size())).formatted("qx" + (char) ('a' + random.nextInt(26)));
                    String value = random.nextBoolean() ? Integer.toString(1 + random.nextInt(999)) : "0.5";
                    String member = switch (random.nextInt(4)) {
                        case 0 -> ",\"" + name + "\":" + value;
                        case 1 -> ",\"new_details\":{\"" + name + "\":" + value + "}";
                        case 2 -> ",\"new_tokens\":[{\"kind\":\"x\",\"amount\":" + value + "}]";
                        default -> ",\"" + name + "\":\"" + value + "\"";
                    };
                    assertThat(price(everything, format, shape.formatted(member))
                                    .status())
                            .as(format + member)
                            .isEqualTo(PricingStatus.PARTIAL);
                    String zero = ",\"" + name + "\":0,\"new_details\":{\"" + name + "\":null}";
                    assertThat(price(everything, format, shape.formatted(zero)).status())
                            .as(format + zero)
                            .isEqualTo(PricingStatus.PRICED);
                }));
    }

    /** Input 1, output 2, read 0.1, 5m 1.25, 1h 2, each part 10 and more, all per million; fees. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            openai-responses | {"input_tokens":1000,"input_tokens_details":{"cached_tokens":200,"cache_write_tokens":300},"output_tokens":10,"total_tokens":1010} | 500,10,300,0,0,200 | 0.000915
            openai-chat | {"prompt_tokens":1000,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":200,"cache_creation_tokens":300},"cache_creation_input_tokens":300,"cache_read_input_tokens":200} | 500,10,300,0,0,200 | 0.000915
            openai-chat | {"prompt_tokens":1000,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":200,"cache_creation_input_tokens":300,"cache_type":"ephemeral"}} | 500,10,300,300,0,200 | 0.000915
            openai-chat | {"prompt_tokens":1000,"completion_tokens":10,"prompt_tokens_details":{"cache_creation_tokens":300,"cache_creation_token_details":{"ephemeral_5m_input_tokens":100,"ephemeral_1h_input_tokens":200}}} | 700,10,300,100,200,0 | 0.001245
            openai-chat | {"prompt_tokens":10,"completion_tokens":10,"total_tokens":520,"cache_creation_input_tokens":300,"cache_read_input_tokens":200} | 10,10,300,0,0,200 | 0.000425
            openai-chat | {"prompt_tokens":0,"completion_tokens":0,"total_tokens":1010,"input_tokens":1000,"output_tokens":10,"input_tokens_details":{"cached_tokens":400}} | 600,10,0,0,0,400 | 0.00066
            openai-responses | {"input_tokens":0,"output_tokens":0,"prompt_tokens":1000,"completion_tokens":10} | 1000,10,0,0,0,0 | 0.00102
            openai-chat | {"prompt_tokens":20,"completion_tokens":30,"total_tokens":150} | 20,130,0,0,0,0 | 0.00028
            openai-chat | {"prompt_tokens":20,"completion_tokens":30,"total_tokens":50,"citation_tokens":500,"num_search_queries":4,"reasoning_tokens":900} | 520,930,0,0,0,0 | 0.04238
            openai-chat | {"prompt_tokens":20,"completion_tokens":30,"total_tokens":50,"search_context_size":"high","num_search_queries":1,"cost":{"total_cost":0.5}} | 20,30,0,0,0,0 | 0.00508
            openai-responses | {"input_tokens":20,"output_tokens":30,"num_server_side_tools_used":5,"cost_in_usd_ticks":12,"server_side_tool_usage_details":{"web_search_calls":2,"mcp_calls":3}} | 20,30,0,0,0,0 | 0.02008
            anthropic-messages | {"input_tokens":20,"output_tokens":30,"cache_creation_input_tokens":5,"cache_creation":{"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":6}} | 20,30,10,4,6,0 | 0.000097
            gemini | {"promptTokenCount":20,"responseTokenCount":30,"thoughtsTokenCount":5,"totalTokenCount":55} | 20,35,0,0,0,0 | 0.00009
            gemini | {"prompt_token_count":20,"candidates_token_count":30,"thoughts_token_count":5,"total_token_count":55} | 20,35,0,0,0,0 | 0.00009
            gemini | {"total_input_tokens":20,"total_output_tokens":30,"total_thought_tokens":5,"total_tokens":55,"total_cached_tokens":10,"input_tokens_by_modality":[{"modality":"text","tokens":20}]} | 10,35,0,0,0,10 | 0.000081
            gemini | {"promptTokenCount":20,"candidatesTokenCount":30,"toolUsePromptTokenCount":50,"totalTokenCount":100,"trafficType":"ON_DEMAND_FLEX"} | 70,30,0,0,0,0 | 0.000065
            gemini | {"promptTokenCount":20,"candidatesTokenCount":30,"trafficType":"ON_DEMAND"} | 20,30,0,0,0,0 | 0.00008
            """)
    void classesThatAPayloadStates_arePriced(String format, String usage, String tokens, String usd) {
        TokenCounts counts = read(format, usage).tokens();
        assertThat(counts.input() + "," + counts.output() + "," + counts.cacheCreation() + ","
                        + counts.cacheCreation5m() + "," + counts.cacheCreation1h() + "," + counts.cacheRead())
                .isEqualTo(tokens);
        UsageRecord record = record(format, usage);
        assertThat(everything().price(record).amount()).isEqualTo(Usd.parse(usd));
        assertThat(everything().price(record).status()).isEqualTo(PricingStatus.PRICED);
    }

    @Test
    void partsByModality_areTakenFromImagesRealtimeAndLiveCalls() {
        assertThat(read("openai-responses", """
                        {"input_tokens":150,"output_tokens":400,"input_tokens_details":{"text_tokens":50,"image_tokens":100},
                         "output_tokens_details":{"image_tokens":400,"text_tokens":0}}""").tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(150)
                        .output(400)
                        .imageInput(100)
                        .imageOutput(400)
                        .build());
        PayloadUsage older = read("openai-responses", """
                {"input_tokens":150,"output_tokens":400,"input_tokens_details":{"text_tokens":50,"image_tokens":100}}""");
        assertThat(older.tokens().imageOutput()).isEqualTo(400);
        assertThat(older.notes()).containsExactly("output_taken_for_images");
        assertThat(read("openai-responses", """
                        {"input_tokens":132,"output_tokens":121,"input_token_details":{"text_tokens":102,"audio_tokens":30,
                         "cached_tokens":64,"cached_tokens_details":{"text_tokens":54,"audio_tokens":10}},
                         "output_token_details":{"text_tokens":30,"audio_tokens":91}}""").tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(68)
                        .output(121)
                        .cacheRead(64)
                        .audioInput(20)
                        .audioOutput(91)
                        .cachedAudioRead(10)
                        .build());
        assertThat(read("gemini", """
                        {"promptTokenCount":300,"cachedContentTokenCount":200,"responseTokenCount":50,
                         "promptTokensDetails":[{"modality":"AUDIO","tokenCount":120},{"modality":"VIDEO","tokenCount":180}],
                         "cacheTokensDetails":[{"modality":"AUDIO","tokenCount":100},{"modality":"VIDEO","tokenCount":100}],
                         "responseTokensDetails":[{"modality":"AUDIO","tokenCount":40}]}""").tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(100)
                        .output(50)
                        .cacheRead(200)
                        .audioInput(20)
                        .audioOutput(40)
                        .cachedAudioRead(100)
                        .build());
        assertThat(read("gemini", """
                        {"promptTokenCount":9,"candidatesTokenCount":1,
                         "promptTokensDetails":[{"modality":"SMELL","tokenCount":9}]}""").notes()).containsExactly("unpriced_member_prompt_tokens_details_modality_smell");
    }

    @Test
    void trafficTypeWithoutAPrice_isPartial() {
        assertThat(price(everything(), "gemini", """
                        {"promptTokenCount":20,"candidatesTokenCount":30,"trafficType":"PROVISIONED_THROUGHPUT"}""").status()).isEqualTo(PricingStatus.PARTIAL);
    }

    @Test
    void passes_areNoCallAboveATier_andAdvisorsAreLeftOutAloud() {
        PayloadUsage usage = read("anthropic-messages", """
                {"input_tokens":5,"cache_read_input_tokens":900,"output_tokens":60,"iterations":[
                 {"type":"message","input_tokens":2,"cache_read_input_tokens":400,"output_tokens":20},
                 {"type":"advisor_message","model":"adviser-1","input_tokens":800,"output_tokens":9},
                 {"type":"message","input_tokens":3,"cache_read_input_tokens":500,"output_tokens":40}]}""");
        assertThat(usage.aggregate()).isTrue();
        assertThat(usage.tokens())
                .isEqualTo(
                        TokenCounts.builder().input(5).output(60).cacheRead(900).build());
        assertThat(usage.advisors()).extracting(PayloadUsage.Advisor::model).containsExactly("adviser-1");
        assertThat(read("anthropic-messages", """
                        {"input_tokens":5,"output_tokens":6,"iterations":[
                         {"type":"fallback_message","model":"other-1","input_tokens":5,"output_tokens":6}]}""").notes())
                .containsExactly("fallback_message", "iteration_names_another_model");
        assertThat(read("anthropic-messages", """
                        {"input_tokens":5,"output_tokens":6,"iterations":[{"type":"jury","input_tokens":5}]}""").notes()).containsExactly("unpriced_member_iterations_jury");
    }

    @Test
    void ticksAndPerplexitysCost_areReported() {
        assertThat(read("openai-responses", "{\"input_tokens\":1,\"cost_in_usd_ticks\":292331500}")
                        .reportedCost())
                .contains(Usd.parse("0.02923315"));
        assertThat(read("openai-chat", "{\"prompt_tokens\":1,\"cost\":{\"total_cost\":0.01054,\"request_cost\":0.006}}")
                        .reportedCost())
                .contains(Usd.parse("0.01054"));
    }

    private static PriceEntry everything() {
        Map<TokenClass, BigDecimal> rates = new EnumMap<>(TokenClass.class);
        rates.put(TokenClass.INPUT, new BigDecimal("1"));
        rates.put(TokenClass.OUTPUT, new BigDecimal("2"));
        rates.put(TokenClass.CACHE_READ, new BigDecimal("0.1"));
        rates.put(TokenClass.CACHE_WRITE_5M, new BigDecimal("1.25"));
        rates.put(TokenClass.CACHE_WRITE_1H, new BigDecimal("2"));
        return PriceEntry.builder("m")
                .rates(Rates.of(rates))
                .perCall("web_search", new BigDecimal("0.01"))
                .perCall("request", new BigDecimal("0.005"))
                .serviceTier("flex", new ServiceTierRates.Multiplier(new BigDecimal("0.5")))
                .build();
    }

    private static Cost price(PriceEntry entry, String format, String usage) {
        return entry.price(record(format, usage));
    }

    private static UsageRecord record(String format, String usage) {
        UsageRecord.Builder builder = UsageRecord.builder().model("m");
        read(format, usage).applyTo(builder, false);
        return builder.build();
    }

    private static PayloadUsage read(String format, String usage) {
        return UsagePayload.of(format).read((Node.Mapping) Documents.readJson(usage));
    }
}
