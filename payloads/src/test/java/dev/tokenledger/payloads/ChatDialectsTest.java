package dev.tokenledger.payloads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tokenledger.formats.text.Documents;
import dev.tokenledger.formats.text.Node;
import dev.tokenledger.money.Usd;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What those who speak OpenAI's chat make of its usage object, each in the shape that it documents. */
class ChatDialectsTest {

    @Test
    void groq_timesAreNoTokens() {
        PayloadUsage usage = read("""
                {"queue_time":0.021374,"prompt_tokens":1800,"prompt_time":0.041,"completion_tokens":240,
                 "completion_time":0.6,"total_tokens":2040,"total_time":0.641,
                 "prompt_tokens_details":{"cached_tokens":1536},"completion_tokens_details":{"reasoning_tokens":190}}""");
        assertThat(usage.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(264)
                        .output(240)
                        .cacheRead(1_536)
                        .reasoning(190)
                        .build());
        assertThat(usage.notes()).isEmpty();
        assertThat(usage.reportedCost()).isEmpty();
    }

    @Test
    void xai_reasoningIsBesideTheCompletion_andTheTotalProvesIt() {
        PayloadUsage usage = read("""
                {"prompt_tokens":410,"completion_tokens":36,"total_tokens":1350,
                 "prompt_tokens_details":{"text_tokens":410,"audio_tokens":0,"image_tokens":0,"cached_tokens":256},
                 "completion_tokens_details":{"reasoning_tokens":904,"audio_tokens":0,"accepted_prediction_tokens":0,
                 "rejected_prediction_tokens":0},"num_sources_used":0,"cost_in_usd_ticks":31250000}""");
        assertThat(usage.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(154)
                        .output(940)
                        .cacheRead(256)
                        .reasoning(904)
                        .build());
        assertThat(usage.notes()).containsExactly("reasoning_added_to_output");
        assertThat(usage.reportedCost()).contains(Usd.parse("0.003125"));
    }

    @Test
    void xai_reasoningBelowTheCompletion_isBesideItTooWhereTheTotalSaysSo() {
        assertThat(read("""
                        {"prompt_tokens":10,"completion_tokens":90,"total_tokens":130,
                         "completion_tokens_details":{"reasoning_tokens":30}}""").tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(10)
                        .output(120)
                        .reasoning(30)
                        .build());
    }

    @Test
    void reasoningInsideTheCompletion_isNotAdded() {
        PayloadUsage usage = read("""
                {"prompt_tokens":10,"completion_tokens":90,"total_tokens":100,
                 "completion_tokens_details":{"reasoning_tokens":30}}""");
        assertThat(usage.tokens())
                .isEqualTo(
                        TokenCounts.builder().input(10).output(90).reasoning(30).build());
        assertThat(usage.notes()).isEmpty();
    }

    @Test
    void totalThatIsNeitherSum_isNoted() {
        assertThat(read("{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":14}")
                        .notes())
                .containsExactly("total_differs");
    }

    @Test
    void totalAlone_isNoUsage() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("{\"total_tokens\":40}"))
                .withMessageStartingWith("none of the counts of this format is there");
    }

    @Test
    void openRouter_costIsReportedAndSearchesArePaidCalls() {
        PayloadUsage usage = read("""
                {"prompt_tokens":5200,"completion_tokens":310,"total_tokens":5510,"cost":0.0148215,"is_byok":false,
                 "prompt_tokens_details":{"cached_tokens":4096,"cache_write_tokens":600,"audio_tokens":0,"video_tokens":0},
                 "cost_details":{"upstream_inference_cost":0.0148215,"upstream_inference_prompt_cost":0.0101715,
                 "upstream_inference_completions_cost":0.00465},
                 "completion_tokens_details":{"reasoning_tokens":120,"image_tokens":40,"audio_tokens":0},
                 "server_tool_use":{"web_search_requests":2}}""");
        assertThat(usage.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(504)
                        .output(310)
                        .cacheCreation(600)
                        .cacheRead(4_096)
                        .reasoning(120)
                        .imageOutput(40)
                        .build());
        assertThat(usage.reportedCost()).contains(Usd.parse("0.0148215"));
        assertThat(usage.calls()).isEqualTo(Map.of("web_search", 2L));
        assertThat(usage.notes()).isEmpty();
    }

    @Test
    void openRouter_withTheCallersOwnKey_costsItsFeeAndWhatTheProviderTakes() {
        assertThat(read("""
                        {"prompt_tokens":194,"completion_tokens":2,"total_tokens":196,"cost":0.0005,"is_byok":true,
                         "cost_details":{"upstream_inference_cost":0.01}}""").reportedCost()).contains(Usd.parse("0.0105"));
        assertThat(read("""
                        {"prompt_tokens":194,"completion_tokens":2,"cost":5e-05,"is_byok":true,
                         "cost_details":{"upstream_inference_cost":null}}""").reportedCost()).contains(Usd.parse("0.00005"));
    }

    @Test
    void together_cachedTokensStandAtTheTop() {
        PayloadUsage usage =
                read("{\"prompt_tokens\":900,\"completion_tokens\":80,\"total_tokens\":980,\"cached_tokens\":512}");
        assertThat(usage.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(388)
                        .output(80)
                        .cacheRead(512)
                        .build());
        assertThat(usage.notes()).isEmpty();
    }

    @Test
    void cachedTokensInTheDetails_goBeforeThoseAtTheTop() {
        assertThat(read("{\"prompt_tokens\":9,\"cached_tokens\":4,\"prompt_tokens_details\":{\"cached_tokens\":3}}")
                        .tokens()
                        .cacheRead())
                .isEqualTo(3);
    }

    @Test
    void fireworks_detailsMayBeAbsentOrNull() {
        assertThat(read("""
                        {"prompt_tokens":700,"total_tokens":760,"completion_tokens":60,
                         "prompt_tokens_details":{"cached_tokens":640}}""").tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(60)
                        .output(60)
                        .cacheRead(640)
                        .build());
        assertThat(read("""
                        {"prompt_tokens":700,"total_tokens":760,"completion_tokens":60,"prompt_tokens_details":null,
                         "completion_tokens_details":null}""").tokens()).isEqualTo(TokenCounts.of(700, 60));
    }

    @Test
    void costThatIsAnObject_isSomeOtherDialects() {
        assertThat(read("{\"prompt_tokens\":1,\"cost\":{\"total\":0.1}}").reportedCost())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"prompt_tokens":4,"cached_tokens":5} | cached_tokens: 5 is more than the 4 of prompt_tokens
            {"prompt_tokens":4,"cost":-0.1} | cost: an amount is not negative, found -0.1
            {"prompt_tokens":4,"cost_in_usd_ticks":-1} | cost_in_usd_ticks: an amount is not negative, found -1
            {"prompt_tokens":4,"is_byok":true,"cost":0,"cost_details":{"upstream_inference_cost":-2}} | cost_details.upstream_inference_cost: an amount is not negative
            {"prompt_tokens":4,"completion_tokens":1,"total_tokens":5,"completion_tokens_details":{"reasoning_tokens":9}} | completion_tokens_details.reasoning_tokens: 9 is more than the 1 of completion_tokens
            {"prompt_tokens":4,"completion_tokens":1,"completion_tokens_details":{"image_tokens":2}} | completion_tokens_details.image_tokens: 2 is more than the 1
            {"prompt_tokens":4,"total_tokens":1.5} | total_tokens: a count is a whole number
            {"prompt_tokens":4,"server_tool_use":{"web_search_requests":-1}} | server_tool_use.web_search_requests: a count is 0
            """)
    void impossibleFigure_isRefusedByItsField(String json, String message) {
        assertThatIllegalArgumentException().isThrownBy(() -> read(json)).withMessageStartingWith(message);
    }

    @Test
    void reportedCost_isKeptInTheRecord() {
        UsageRecord.Builder builder = UsageRecord.builder().upstreamModel("m");
        read("{\"prompt_tokens\":1,\"cost\":0.25}").applyTo(builder, false);
        assertThat(builder.build().reportedCost()).contains(Usd.parse("0.25"));
        assertThat(builder.build().givenCost()).isEmpty();
    }

    private static PayloadUsage read(String json) {
        return UsagePayload.of("openai-chat").read((Node.Mapping) Documents.readJson(json));
    }
}
