package dev.tokenledger.payloads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tokenledger.formats.text.Documents;
import dev.tokenledger.formats.text.Node;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.Rates;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.math.BigDecimal;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each provider's figures contain. */
class UsagePayloadTest {

    @Test
    void anthropic_inputLeavesCachedTokensOut() {
        PayloadUsage usage = read("anthropic-messages", """
                {"input_tokens":100,"output_tokens":50,"cache_creation_input_tokens":30,"cache_read_input_tokens":20,
                 "cache_creation":{"ephemeral_5m_input_tokens":10,"ephemeral_1h_input_tokens":20},
                 "output_tokens_details":{"thinking_tokens":8},"server_tool_use":{"web_search_requests":3,
                 "web_fetch_requests":5},"service_tier":"priority"}""");
        assertThat(usage.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(100)
                        .output(50)
                        .cacheCreation(30)
                        .cacheCreation5m(10)
                        .cacheCreation1h(20)
                        .cacheRead(20)
                        .reasoning(8)
                        .build());
        assertThat(usage.calls()).isEqualTo(Map.of("web_search", 3L));
        assertThat(usage.serviceTier()).isEqualTo("priority");
        assertThat(usage.notes()).isEmpty();
        assertThat(usage.aggregate()).isFalse();
    }

    @Test
    void anthropic_writesWithoutSplitAreNoted() {
        PayloadUsage usage = read("anthropic-messages", "{\"input_tokens\":1,\"cache_creation_input_tokens\":9}");
        assertThat(usage.tokens().cacheCreationUnattributed()).isEqualTo(9);
        assertThat(usage.notes()).containsExactly("cache_split_missing");
    }

    @Test
    void anthropic_splitWithoutTotalAddsUp() {
        assertThat(read("anthropic-messages", """
                        {"input_tokens":1,"output_tokens":null,"cache_creation_input_tokens":null,
                         "cache_creation":{"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":5}}""").tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(1)
                        .cacheCreation(9)
                        .cacheCreation5m(4)
                        .cacheCreation1h(5)
                        .build());
    }

    @Test
    void anthropic_compactionIsAddedAndTheAdvisorIsNot() {
        PayloadUsage usage = read("anthropic-messages", """
                {"input_tokens":23000,"output_tokens":1000,"iterations":[
                 {"type":"compaction","input_tokens":180000,"output_tokens":3500},
                 {"type":"message","input_tokens":23000,"output_tokens":1000},
                 {"type":"advisor_message","model":"other","input_tokens":7,"output_tokens":7}]}""");
        assertThat(usage.tokens()).isEqualTo(TokenCounts.of(203_000, 4_500));
        assertThat(usage.aggregate()).isTrue();
        assertThat(usage.notes()).containsExactly("compaction_included");
        assertThat(usage.passes()).containsExactly(TokenCounts.of(180_000, 3_500), TokenCounts.of(23_000, 1_000));
        assertThat(usage.advisors()).hasSize(1);
        assertThat(usage.advisors().get(0).model()).isEqualTo("other");
        assertThat(usage.advisors().get(0).tokens()).isEqualTo(TokenCounts.of(7, 7));
        UsageRecord.Builder builder = UsageRecord.builder().model("m");
        usage.applyTo(builder, false);
        assertThat(builder.build().notes()).contains("unpriced_member_advisor_message");
    }

    @Test
    void anthropic_fastSpeedIsATier() {
        assertThat(read("anthropic-messages", "{\"input_tokens\":1,\"speed\":\"fast\",\"service_tier\":\"standard\"}")
                        .serviceTier())
                .isEqualTo("fast");
    }

    @ParameterizedTest
    @CsvSource({
        "'', false", //
        "',\"inference_geo\":null', false",
        "',\"inference_geo\":\"\"', false",
        "',\"inference_geo\":\"global\"', false",
        "',\"inference_geo\":\"not_available\"', false",
        "',\"inference_geo\":\"us\"', true"
    })
    void anthropic_placeThatMayHaveAPriceIsTheRegion(String place, boolean stated) {
        assertThat(read("anthropic-messages", "{\"input_tokens\":1" + place + "}")
                        .region())
                .isEqualTo(stated ? "us" : "");
    }

    @Test
    void openAiChat_promptContainsItsDetails() {
        PayloadUsage usage = read("openai-chat", """
                {"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,
                 "prompt_tokens_details":{"cached_tokens":40,"cache_write_tokens":10,"audio_tokens":20,"image_tokens":30},
                 "completion_tokens_details":{"reasoning_tokens":25,"audio_tokens":5,"accepted_prediction_tokens":3,
                 "rejected_prediction_tokens":4}}""");
        assertThat(usage.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(50)
                        .output(50)
                        .cacheCreation(10)
                        .cacheRead(40)
                        .reasoning(25)
                        .audioInput(20)
                        .imageInput(30)
                        .audioOutput(5)
                        .build());
        assertThat(usage.notes()).isEmpty();
    }

    @Test
    void openAiChat_audioThatMustBeCachedIsNoted() {
        PayloadUsage usage = read("openai-chat", """
                {"prompt_tokens":100,"completion_tokens":0,"prompt_tokens_details":{"cached_tokens":80,"audio_tokens":100}}""");
        assertThat(usage.tokens().input()).isEqualTo(20);
        assertThat(usage.tokens().audioInput()).isEqualTo(20);
        assertThat(usage.notes()).containsExactly("input_parts_partly_cached");
    }

    @Test
    void openAiResponses_cacheWritesArePartsOfTheInput() {
        PayloadUsage usage = read("openai-responses", """
                {"input_tokens":100,"input_tokens_details":{"cached_tokens":40,"cache_write_tokens":10},
                 "output_tokens":50,"output_tokens_details":{"reasoning_tokens":25},"total_tokens":150}""");
        assertThat(usage.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(50)
                        .output(50)
                        .cacheCreation(10)
                        .cacheRead(40)
                        .reasoning(25)
                        .build());
        assertThat(usage.notes()).isEmpty();
    }

    @Test
    void gemini_thoughtsAreBesideTheCandidates() {
        PayloadUsage usage = read("gemini", """
                {"promptTokenCount":100,"candidatesTokenCount":50,"thoughtsTokenCount":30,"cachedContentTokenCount":40,
                 "toolUsePromptTokenCount":7,"totalTokenCount":187,
                 "promptTokensDetails":[{"modality":"TEXT","tokenCount":60},{"modality":"AUDIO","tokenCount":25},
                 {"modality":"IMAGE","tokenCount":15}],
                 "cacheTokensDetails":[{"modality":"AUDIO","tokenCount":20},{"modality":"TEXT","tokenCount":20}],
                 "candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":9}]}""");
        assertThat(usage.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(67)
                        .output(80)
                        .cacheRead(40)
                        .reasoning(30)
                        .audioInput(5)
                        .imageInput(15)
                        .imageOutput(9)
                        .cachedAudioRead(20)
                        .build());
        assertThat(usage.notes()).isEmpty();
    }

    @Test
    void gemini_totalThatDiffersIsNoted() {
        assertThat(read("gemini", "{\"promptTokenCount\":1,\"candidatesTokenCount\":1,\"totalTokenCount\":1}")
                        .notes())
                .containsExactly("total_differs");
        PayloadUsage thoughts =
                read("gemini", "{\"promptTokenCount\":1,\"candidatesTokenCount\":1,\"totalTokenCount\":3}");
        assertThat(thoughts.notes()).containsExactly("reasoning_from_total");
        assertThat(thoughts.tokens())
                .isEqualTo(TokenCounts.builder().input(1).output(2).reasoning(1).build());
    }

    @ParameterizedTest
    @CsvSource({
        "gemini, promptTokenCount, candidatesTokenCount, totalTokenCount",
        "openai-chat, prompt_tokens, completion_tokens, total_tokens",
        "deepseek, prompt_tokens, completion_tokens, total_tokens",
        "mistral, prompt_tokens, completion_tokens, total_tokens"
    })
    void totalOfTheLargestCounts_isNoReasonToRefuseThem(String format, String input, String output, String total) {
        PayloadUsage usage = read(
                format,
                "{\"%s\":%s,\"%s\":%s,\"%s\":%s}"
                        .formatted(input, TokenCounts.LIMIT, output, TokenCounts.LIMIT, total, 2 * TokenCounts.LIMIT));
        assertThat(usage.tokens()).isEqualTo(TokenCounts.of(TokenCounts.LIMIT, TokenCounts.LIMIT));
        assertThat(usage.notes()).isEmpty();
    }

    @Test
    void bedrock_inputLeavesCachedTokensOut() {
        PayloadUsage usage = read("bedrock-converse", """
                {"inputTokens":100,"outputTokens":50,"totalTokens":210,"cacheReadInputTokens":20,
                 "cacheWriteInputTokens":40,"cacheDetails":[{"ttl":"1h","inputTokens":10},{"ttl":"5m","inputTokens":25}]}""");
        assertThat(usage.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(100)
                        .output(50)
                        .cacheCreation(40)
                        .cacheCreation5m(25)
                        .cacheCreation1h(10)
                        .cacheRead(20)
                        .build());
        assertThat(usage.notes()).containsExactly("cache_split_missing");
    }

    @Test
    void mistral_promptContainsCachedTokens() {
        PayloadUsage usage = read("mistral", """
                {"prompt_tokens":100,"completion_tokens":50,"prompt_tokens_details":{"cached_tokens":40},
                 "prompt_audio_seconds":1.5}""");
        assertThat(usage.tokens())
                .isEqualTo(
                        TokenCounts.builder().input(60).output(50).cacheRead(40).build());
        assertThat(usage.notes()).isEmpty();
    }

    /** Seconds are no tokens, and not free: without a fee for them the call is priced in part. */
    @ParameterizedTest
    @CsvSource({"0, 0", "0.0, 0", "1, 1", "1.5, 2", "1e1, 10", "{}, 0"})
    void mistral_secondsOfAudioArePaidCalls(String stated, long seconds) {
        PayloadUsage usage = read("mistral", "{\"prompt_tokens\":1,\"prompt_audio_seconds\":" + stated + "}");
        assertThat(usage.calls()).isEqualTo(seconds == 0 ? Map.of() : Map.of("audio_second", seconds));

        UsageRecord.Builder builder = UsageRecord.builder().model("voxtral-small");
        usage.applyTo(builder, false);
        PriceEntry.Builder price = PriceEntry.builder("voxtral-small").rates(Rates.of("1", "1"));
        assertThat(price.build().price(builder.build()).status())
                .isEqualTo(seconds == 0 ? PricingStatus.PRICED : PricingStatus.PARTIAL);
        assertThat(price.perCall("audio_second", new BigDecimal("0.0001"))
                        .build()
                        .price(builder.build()))
                .isInstanceOf(Cost.Priced.class)
                .extracting(cost -> cost.amount().toBigDecimal())
                .isEqualTo(
                        new BigDecimal("0.000001").add(new BigDecimal("0.0001").multiply(BigDecimal.valueOf(seconds))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "1000000000001", "1e99"})
    void mistral_impossibleSeconds_areRefused(String stated) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("mistral", "{\"prompt_tokens\":1,\"prompt_audio_seconds\":" + stated + "}"))
                .withMessageStartingWith("prompt_audio_seconds: ");
    }

    @Test
    void deepSeek_hitAndMissAreThePrompt() {
        assertThat(read("deepseek", """
                        {"prompt_tokens":100,"completion_tokens":50,"prompt_cache_hit_tokens":40,
                         "prompt_cache_miss_tokens":60,"prompt_tokens_details":{"cached_tokens":40},
                         "completion_tokens_details":{"reasoning_tokens":30}}""").tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(60)
                        .output(50)
                        .cacheRead(40)
                        .reasoning(30)
                        .build());
        assertThat(read("deepseek", "{\"prompt_tokens\":10,\"prompt_cache_hit_tokens\":4}")
                        .tokens()
                        .cacheRead())
                .isEqualTo(4);
        assertThat(read("deepseek", "{\"prompt_tokens\":10,\"prompt_tokens_details\":{\"cached_tokens\":3}}")
                        .tokens())
                .isEqualTo(TokenCounts.builder().input(7).cacheRead(3).build());
    }

    @Test
    void cohere_countsWhatIsBilled() {
        assertThat(read("cohere", """
                        {"billed_units":{"input_tokens":5.0,"output_tokens":7},"tokens":{"input_tokens":71,"output_tokens":418}}""").tokens()).isEqualTo(TokenCounts.of(5, 7));
    }

    @Test
    void ollama_leavesZerosOut() {
        assertThat(read("ollama", "{\"prompt_eval_count\":26,\"eval_count\":298,\"total_duration\":123}")
                        .tokens())
                .isEqualTo(TokenCounts.of(26, 298));
        assertThat(read("ollama", "{\"done\":true}").tokens()).isEqualTo(TokenCounts.NONE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            anthropic-messages | {"input_tokens":-1} | input_tokens: a count is 0 to 1000000000000, found -1
            anthropic-messages | {"input_tokens":1.5} | input_tokens: a count is a whole number, found 1.5
            anthropic-messages | {"input_tokens":"5"} | input_tokens: expected a number, found text
            anthropic-messages | {"input_tokens":9007199254740993} | input_tokens: a count is 0 to 1000000000000, found 9007199254740993
            anthropic-messages | {"output_tokens":1,"output_tokens_details":{"thinking_tokens":2}} | output_tokens_details.thinking_tokens: 2 is more than the 1 of output_tokens
            anthropic-messages | {"output_tokens":1,"server_tool_use":{"web_search_requests":-2}} | server_tool_use.web_search_requests: a count is 0
            anthropic-messages | {"output_tokens":1,"iterations":[{"type":"compaction","input_tokens":-3}]} | iterations[0].input_tokens: a count is 0
            anthropic-messages | {"prompt_tokens":1} | none of the counts of this format is there
            openai-chat | {"prompt_tokens":10,"prompt_tokens_details":{"cached_tokens":11}} | prompt_tokens_details.cached_tokens: 11 is more than the 10 of prompt_tokens
            openai-chat | {"prompt_tokens":10,"prompt_tokens_details":{"cached_tokens":6,"cache_write_tokens":5}} | prompt_tokens_details.cache_write_tokens: 5 is more than the 4
            openai-chat | {"prompt_tokens":10,"prompt_tokens_details":{"audio_tokens":11}} | prompt_tokens_details.audio_tokens: 11 is more
            openai-chat | {"completion_tokens":10,"completion_tokens_details":{"reasoning_tokens":11}} | completion_tokens_details.reasoning_tokens: 11 is more
            openai-chat | {"prompt_tokens":1,"prompt_tokens_details":7} | prompt_tokens_details: expected an object, found a number
            openai-chat | {"input_tokens":1} | none of the counts of this format is there
            openai-responses | {"input_tokens":1,"input_tokens_details":{"cached_tokens":2}} | input_tokens_details.cached_tokens: 2 is more than the 1 of input_tokens
            openai-responses | {"output_tokens":1,"output_tokens_details":{"reasoning_tokens":2}} | output_tokens_details.reasoning_tokens: 2 is more
            openai-responses | {"prompt_tokens":1} | none of the counts
            gemini | {"promptTokenCount":1,"cachedContentTokenCount":2} | cachedContentTokenCount: 2 is more than the 1 of promptTokenCount
            gemini | {"promptTokenCount":1,"promptTokensDetails":{}} | promptTokensDetails: expected a list
            gemini | {"candidatesTokenCount":1,"candidatesTokensDetails":[{"modality":"AUDIO","tokenCount":2}]} | candidatesTokensDetails: 2 is more
            gemini | {"promptTokenCount":9,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":1e1}]} | promptTokensDetails[0].tokenCount: a count is a whole number, found 1e1
            bedrock-converse | {"input_tokens":1} | none of the counts
            mistral | {"prompt_tokens":1,"prompt_tokens_details":{"cached_tokens":2}} | prompt_tokens_details.cached_tokens: 2 is more
            deepseek | {"prompt_tokens":10,"prompt_cache_hit_tokens":4,"prompt_cache_miss_tokens":7} | prompt_cache_miss_tokens: 4 + 7 hit and missed differ from prompt_tokens, 10
            deepseek | {"prompt_tokens":10,"prompt_cache_hit_tokens":4,"prompt_tokens_details":{"cached_tokens":5}} | prompt_cache_hit_tokens: 4 differs from prompt_tokens_details.cached_tokens, 5
            deepseek | {"prompt_tokens":10,"prompt_cache_hit_tokens":11} | prompt_cache_hit_tokens: 11 is more than the 10
            cohere | {"tokens":{"input_tokens":1}} | none of the counts
            cohere | {"billed_units":{"input_tokens":1.5}} | billed_units.input_tokens: a count is a whole number
            ollama | {"eval_count":-1} | eval_count: a count is 0
            """)
    void impossibleFigure_isRefusedByItsField(String format, String json, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(format, json))
                .withMessageStartingWith(message);
    }

    @Test
    void format_isDeclaredNeverGuessed() {
        assertThat(UsagePayload.all())
                .extracting(UsagePayload::format)
                .containsExactly(UsagePayload.formats().split(", "))
                .doesNotHaveDuplicates();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> UsagePayload.of("OpenAI"))
                .withMessageStartingWith("expected one of " + UsagePayload.formats() + ", found \"");
    }

    private static PayloadUsage read(String format, String json) {
        return UsagePayload.of(format).read((Node.Mapping) Documents.readJson(json));
    }
}
