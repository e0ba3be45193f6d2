package dev.tokenledger.payloads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole answers and streams, each in the shape that its provider documents. */
class ResponseReaderTest {

    @Test
    void anthropicBody() {
        ProviderResponse response = ProviderResponse.ofDeclared("""
                {"id":"msg_01","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929",
                 "content":[{"type":"tool_use","id":"toolu_1","name":"f","input":{"usage":{"input_tokens":999},"id":null}}],
                 "stop_reason":"end_turn","usage":{"input_tokens":12,"cache_creation_input_tokens":30,
                 "cache_read_input_tokens":40,"cache_creation":{"ephemeral_5m_input_tokens":10,
                 "ephemeral_1h_input_tokens":20},"output_tokens":7,"service_tier":"standard",
                 "server_tool_use":{"web_search_requests":2}}}""");
        assertThat(response.responseId()).isEqualTo("msg_01");
        assertThat(response.model()).isEqualTo("claude-sonnet-4-5-20250929");
        assertThat(response.usage().tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(12)
                        .output(7)
                        .cacheCreation(30)
                        .cacheCreation5m(10)
                        .cacheCreation1h(20)
                        .cacheRead(40)
                        .build());
        assertThat(response.usage().calls()).containsExactly(Map.entry("web_search", 2L));
        assertThat(response.usage().serviceTier()).isEqualTo("standard");
        assertThat(response.usage().notes()).isEmpty();
    }

    private static final String ANTHROPIC_STREAM = """
            event: message_start
            data: {"type":"message_start","message":{"id":"msg_02","type":"message","model":"claude-opus-4-1","usage":\
            {"input_tokens":25,"cache_read_input_tokens":100,"output_tokens":1,"service_tier":"standard"}}}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\\"usage\\": {"}}

            event: ping
            data: {"type":"ping"}

            """;

    @Test
    void anthropicStream_countsReplaceOneAnother() {
        ProviderResponse response = read("anthropic-messages", ANTHROPIC_STREAM + """
                event: message_delta
                data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":15}}

                event: message_delta
                data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":30,"output_tokens":21}}

                event: message_stop
                data: {"type":"message_stop"}
                """);
        assertThat(response.responseId()).isEqualTo("msg_02");
        assertThat(response.model()).isEqualTo("claude-opus-4-1");
        assertThat(response.usage().tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(30)
                        .output(21)
                        .cacheRead(100)
                        .build());
        assertThat(response.usage().notes()).isEmpty();
    }

    @Test
    void anthropicStreamCutOff_isASnapshot() {
        ProviderResponse response = read("anthropic-messages", ANTHROPIC_STREAM);
        assertThat(response.usage().tokens().output()).isEqualTo(1);
        assertThat(response.usage().notes()).containsExactly("output_incomplete");
    }

    @Test
    void openAiChatBody_statesItsTierBesideTheUsage() {
        ProviderResponse response = ProviderResponse.ofDeclared("""
                {"id":"chatcmpl-1","object":"chat.completion","model":"gpt-5.1-2025-11-13","service_tier":"flex",
                 "choices":[{"message":{"role":"assistant","content":"hi"}}],
                 "usage":{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120,
                 "prompt_tokens_details":{"cached_tokens":64},"completion_tokens_details":{"reasoning_tokens":8}}}""");
        assertThat(response.responseId()).isEqualTo("chatcmpl-1");
        assertThat(response.model()).isEqualTo("gpt-5.1-2025-11-13");
        assertThat(response.usage().tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(36)
                        .output(20)
                        .cacheRead(64)
                        .reasoning(8)
                        .build());
        assertThat(response.usage().serviceTier()).isEqualTo("flex");
    }

    @Test
    void openAiChatStream_hasItsUsageInTheLastChunk() {
        ProviderResponse response = read("openai-chat", """
                data: {"id":"chatcmpl-2","object":"chat.completion.chunk","model":"gpt-5.1","choices":[{"delta":{"content":"h"}}],"usage":null}

                data: {"id":"chatcmpl-2","object":"chat.completion.chunk","model":"gpt-5.1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}

                data: [DONE]
                """);
        assertThat(response.usage().tokens()).isEqualTo(TokenCounts.of(9, 3));
        assertThat(response.model()).isEqualTo("gpt-5.1");
    }

    @Test
    void groqStream_hasItsUsageAside() {
        ProviderResponse response = read("openai-chat", """
                data: {"id":"chatcmpl-3","object":"chat.completion.chunk","model":"llama-3.3-70b","choices":[],\
                "x_groq":{"id":"req_1","usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7,"total_time":0.1}}}
                """);
        assertThat(response.responseId()).isEqualTo("chatcmpl-3");
        assertThat(response.usage().tokens()).isEqualTo(TokenCounts.of(5, 2));
    }

    private static final String OPENAI_RESPONSE = """
            {"id":"resp_1","object":"response","model":"gpt-5.1","service_tier":"priority","output":[\
            {"type":"reasoning","id":"rs_1","summary":[]},\
            {"type":"web_search_call","id":"ws_1","action":{"type":"search","query":"q"}},\
            {"type":"web_search_call","id":"ws_2","action":{"type":"open_page","url":"u"}},\
            {"type":"file_search_call","id":"fs_1","queries":["q"]},\
            {"type":"message","id":"msg_1","content":[]}],\
            "usage":{"input_tokens":50,"input_tokens_details":{"cached_tokens":10},"output_tokens":6,\
            "output_tokens_details":{"reasoning_tokens":2},"total_tokens":56}}""";

    @Test
    void openAiResponse_asABody_andAsTheLastEventOfAStream() {
        ProviderResponse body = ProviderResponse.ofDeclared(OPENAI_RESPONSE);
        assertThat(body.responseId()).isEqualTo("resp_1");
        assertThat(body.usage().tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(40)
                        .output(6)
                        .cacheRead(10)
                        .reasoning(2)
                        .build());
        assertThat(body.usage().calls()).containsOnly(Map.entry("web_search", 1L), Map.entry("file_search", 1L));
        assertThat(body.usage().serviceTier()).isEqualTo("priority");

        ResponseReader stream = ResponseReader.declared();
        stream.line("event: response.created");
        stream.line("data: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\",\"object\":\"response\","
                + "\"model\":\"gpt-5.1\",\"output\":[],\"usage\":null}}");
        stream.line("data: {\"type\":\"response.output_text.delta\",\"item_id\":\"msg_1\",\"delta\":\"hi\"}");
        stream.line("data: {\"type\":\"response.completed\",\"response\":" + OPENAI_RESPONSE + "}");
        assertThat(stream.finish()).isEqualTo(body);
    }

    @Test
    void geminiStream_hasRunningTotals_asALineEach_orInOneList() {
        String first = "{\"candidates\":[{\"content\":{}}],\"usageMetadata\":{\"promptTokenCount\":8,"
                + "\"candidatesTokenCount\":2,\"totalTokenCount\":10},\"modelVersion\":\"gemini-3-pro\",\"responseId\":\"r1\"}";
        String last = "{\"candidates\":[],\"usageMetadata\":{\"promptTokenCount\":8,\"candidatesTokenCount\":5,"
                + "\"thoughtsTokenCount\":4,\"totalTokenCount\":17},\"modelVersion\":\"gemini-3-pro\",\"responseId\":\"r1\"}";
        ProviderResponse lines = read("gemini", "data: " + first + "\r\n\r\ndata: " + last + "\r\n");
        assertThat(lines.usage().tokens())
                .isEqualTo(TokenCounts.builder().input(8).output(9).reasoning(4).build());
        assertThat(lines.usage().notes()).isEmpty();
        assertThat(lines.responseId()).isEqualTo("r1");
        assertThat(lines.model()).isEqualTo("gemini-3-pro");
        assertThat(ProviderResponse.of("gemini", "[" + first + ",\n" + last + "]"))
                .isEqualTo(lines);
    }

    @Test
    void bedrock_asABody_andAsTheLastEventOfAStream() {
        String metadata =
                "\"usage\":{\"inputTokens\":3,\"outputTokens\":4,\"totalTokens\":7,\"cacheReadInputTokens\":5},"
                        + "\"serviceTier\":{\"type\":\"priority\"}";
        ProviderResponse body = ProviderResponse.of(
                "bedrock-converse",
                "{\"output\":{\"message\":{\"content\":[]}},\"stopReason\":\"end_turn\"," + metadata + "}");
        assertThat(body.usage().tokens())
                .isEqualTo(TokenCounts.builder().input(3).output(4).cacheRead(5).build());
        assertThat(body.usage().serviceTier()).isEqualTo("priority");
        assertThat(body.model()).isEmpty();
        assertThat(read(
                        "bedrock-converse",
                        "{\"messageStart\":{\"role\":\"assistant\"}}\n{\"metadata\":{" + metadata + "}}"))
                .isEqualTo(body);
    }

    @Test
    void cohere_asABody_andAsTheLastEventOfAStream() {
        ProviderResponse body = ProviderResponse.of("cohere", """
                {"id":"c-1","finish_reason":"COMPLETE","message":{"content":[]},
                 "usage":{"billed_units":{"input_tokens":5,"output_tokens":9},"tokens":{"input_tokens":71,"output_tokens":9}}}""");
        assertThat(body.usage().tokens()).isEqualTo(TokenCounts.of(5, 9));
        assertThat(read("cohere", """
                        data: {"id":"c-1","type":"message-start","delta":{"message":{"role":"assistant"}}}
                        data: {"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":5,"output_tokens":9}}}}
                        """)).isEqualTo(body);
        assertThat(ProviderResponse.of(
                                "cohere",
                                "{\"generation_id\":\"g-1\",\"text\":\"\",\"meta\":{\"billed_units\":{\"input_tokens\":1,\"output_tokens\":2}}}")
                        .responseId())
                .isEqualTo("g-1");
    }

    @Test
    void ollamaStream_isDoneWhenItSaysSo() {
        String begin = "{\"model\":\"qwen3:8b\",\"message\":{\"content\":\"h\"},\"done\":false}\n";
        ProviderResponse response = read(
                "ollama", begin + "{\"model\":\"qwen3:8b\",\"done\":true,\"prompt_eval_count\":11,\"eval_count\":4}");
        assertThat(response.model()).isEqualTo("qwen3:8b");
        assertThat(response.usage().tokens()).isEqualTo(TokenCounts.of(11, 4));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("ollama", begin))
                .withMessageStartingWith("usage: is nowhere");
    }

    @Test
    void resultLinesOfBatches_areAnswersOfTheBatchTier() {
        ProviderResponse chat = ProviderResponse.ofDeclared("""
                {"id":"batch_req_1","custom_id":"a","error":null,"response":{"status_code":200,"request_id":"r","body":
                 {"id":"chatcmpl-9","object":"chat.completion","model":"gpt-5.1","service_tier":"default",
                 "usage":{"prompt_tokens":4,"completion_tokens":1,"total_tokens":5}}}}""");
        assertThat(chat.responseId()).isEqualTo("chatcmpl-9");
        assertThat(chat.usage().serviceTier()).isEqualTo("batch");
        assertThat(chat.usage().tokens()).isEqualTo(TokenCounts.of(4, 1));
        ProviderResponse responses = ProviderResponse.ofDeclared("""
                {"id":"batch_req_2","custom_id":"b","response":{"status_code":200,"body":
                 {"id":"resp_9","object":"response","model":"gpt-5.1","usage":{"input_tokens":4,"output_tokens":1}}}}""");
        assertThat(responses.responseId()).isEqualTo("resp_9");
        assertThat(responses.usage().serviceTier()).isEqualTo("batch");
        ProviderResponse messages = ProviderResponse.ofDeclared("""
                {"custom_id":"c","result":{"type":"succeeded","message":{"id":"msg_9","type":"message",
                 "model":"claude-opus-4-1","usage":{"input_tokens":4,"output_tokens":1,"service_tier":"batch"}}}}""");
        assertThat(messages.responseId()).isEqualTo("msg_9");
        assertThat(messages.model()).isEqualTo("claude-opus-4-1");
        assertThat(messages.usage().serviceTier()).isEqualTo("batch");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"error":{"message":"secret words","type":"invalid_request_error","code":"model_not_found"}} | invalid_request_error, model_not_found
            {"type":"error","error":{"type":"overloaded_error","message":"secret words"}} | overloaded_error
            {"error":{"code":429,"message":"secret words","status":"RESOURCE_EXHAUSTED"}} | 429, RESOURCE_EXHAUSTED
            [{"error":{"code":500,"message":"secret words","status":"INTERNAL"}}] | 500, INTERNAL
            {"error":"secret words"} | of no stated type
            {"custom_id":"c","result":{"type":"errored","error":{"type":"error","error":{"type":"api_error","message":"secret words"}}}} | api_error
            """)
    void providersError_isNamed_withoutItsText(String body, String named) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProviderResponse.ofDeclared(body))
                .withMessageStartingWith("error: the provider answered with an error (")
                .withMessageContaining(named)
                .withMessageNotContaining("secret");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProviderResponse.of("openai-chat", body))
                .withMessageStartingWith("error: the provider answered with an error (");
    }

    @Test
    void advisors_areRecordsOfTheirOwn() {
        ProviderResponse response = ProviderResponse.ofDeclared("""
                {"id":"msg_7","type":"message","model":"claude-sonnet-4-5","usage":{"input_tokens":5,"output_tokens":6,
                 "inference_geo":"us","iterations":[{"type":"message","input_tokens":5,"output_tokens":6},
                 {"type":"advisor_message","model":"claude-opus-4-1","input_tokens":70,"output_tokens":8}]}}""");
        List<UsageRecord> records =
                response.toRecords().stream().map(UsageRecord.Builder::build).toList();
        assertThat(records)
                .extracting(record -> record.identity().model())
                .containsExactly("claude-sonnet-4-5", "claude-opus-4-1");
        assertThat(records)
                .extracting(UsageRecord::tokens)
                .containsExactly(TokenCounts.of(5, 6), TokenCounts.of(70, 8));
        assertThat(records).extracting(UsageRecord::region).containsExactly("us", "us");
        assertThat(records.get(0).notes()).isEmpty();
        assertThat(response.toRecord().build().notes()).containsExactly("unpriced_member_advisor_message");
    }

    @Test
    void emptyUsage_isNothingToCount_andSaidSo() {
        ProviderResponse response =
                ProviderResponse.ofDeclared("{\"id\":\"m\",\"type\":\"message\",\"model\":\"x\",\"usage\":{}}");
        assertThat(response.usage().tokens()).isEqualTo(TokenCounts.NONE);
        assertThat(response.usage().notes()).contains("usage_empty");
    }

    @Test
    void otherPaidItems_areCalls() {
        assertThat(ProviderResponse.ofDeclared("""
                        {"id":"resp_1","object":"response","model":"m","usage":{"input_tokens":1,"output_tokens":1},"output":[
                         {"type":"image_generation_call","id":"i"},{"type":"code_interpreter_call","container_id":"c1"},
                         {"type":"code_interpreter_call","container_id":"c1"},
                         {"type":"code_interpreter_call","container_id":"c2"},{"type":"mcp_call"}]}""").usage().calls())
                .containsOnly(Map.entry("image_generation", 1L), Map.entry("code_interpreter", 2L));
    }

    @ParameterizedTest
    @CsvSource({"mistral", "deepseek"})
    void othersOfTheChatsShape_areNamed(String format) {
        ProviderResponse response = ProviderResponse.of(
                format,
                "{\"id\":\"x\",\"object\":\"chat.completion\",\"model\":\"m\",\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":1}}");
        assertThat(response.usage().tokens()).isEqualTo(TokenCounts.of(4, 1));
        assertThat(response.responseId()).isEqualTo("x");
    }

    @Test
    void record_hasAllThatTheAnswerSays() {
        UsageRecord record = ProviderResponse.ofDeclared(OPENAI_RESPONSE)
                .toRecord()
                .provider("openai")
                .build();
        assertThat(record.upstreamRequestId()).isEqualTo("resp_1");
        assertThat(record.identity().model()).isEqualTo("gpt-5.1");
        assertThat(record.identity().provider()).isEqualTo("openai");
        assertThat(record.serviceTier()).isEqualTo("priority");
        assertThat(record.calls()).containsEntry("web_search", 1L);
        assertThat(record.tokens().cacheRead()).isEqualTo(10);
    }

    @Test
    void responseIdThatNoRecordCanKeep_costsNoRecord() {
        UsageRecord record = ProviderResponse.ofDeclared(OPENAI_RESPONSE.replace("resp_1", "r".repeat(129)))
                .toRecord()
                .build();
        assertThat(record.upstreamRequestId()).isEmpty();
        assertThat(record.notes()).contains("labels_incomplete");
        assertThat(record.tokens().cacheRead()).isEqualTo(10);
    }

    @Test
    void record_isNamedAfterTheProvidersAnswer() {
        ProviderResponse response = ProviderResponse.of(
                "openai-chat",
                "{\"id\":\"chatcmpl-7\",\"model\":\"gpt-4.1\",\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}");

        UsageRecord record = response.toRecord("OPEN_AI").build();

        assertThat(record.id().value()).isEqualTo("openai:chatcmpl-7");
        assertThat(record.upstreamRequestId()).isEqualTo("chatcmpl-7");
        assertThat(record.identity().provider()).isEqualTo("openai");
        assertThat(record.tokens()).isEqualTo(TokenCounts.of(3, 1));
    }

    @Test
    void answerWithoutAnId_getsANewOneEachTime() {
        ProviderResponse response = ProviderResponse.of(
                "ollama", "{\"model\":\"gpt-oss:20b\",\"done\":true,\"prompt_eval_count\":3,\"eval_count\":1}");

        assertThat(response.toRecord("ollama").build().id())
                .isNotEqualTo(response.toRecord("ollama").build().id());
    }

    @Test
    void streamThatEndsEarly_isNoted_andNeverPricedInFullWithoutUsage() {
        ResponseReader anthropic = ResponseReader.of("anthropic-messages");
        anthropic.json("{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"model\":\"claude-sonnet-4-5\","
                + "\"usage\":{\"input_tokens\":25,\"output_tokens\":1}}}");
        ResponseReader openai = ResponseReader.of("openai-chat");
        openai.json(
                "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-4.1\",\"choices\":[]}");

        assertThat(anthropic.finishEarly().orElseThrow().usage().tokens()).isEqualTo(TokenCounts.of(25, 1));
        assertThat(anthropic.finishEarly().orElseThrow().usage().notes()).containsExactly("output_incomplete");
        UsageRecord record =
                openai.finishEarly().orElseThrow().toRecord("openai").build();
        assertThat(record.notes()).contains("output_incomplete", "unpriced_member_usage_not_stated");
        assertThat(PriceBook.bundled()
                        .price(record, Instant.parse("2026-11-01T00:00:00Z"))
                        .status())
                .isEqualTo(PricingStatus.PARTIAL);
        assertThat(ResponseReader.of("openai-chat").finishEarly()).isEmpty();
    }

    @Test
    void whatIsDeepInAnAnswer_isNoMatter() {
        String deep = "[".repeat(500) + "]".repeat(500);
        assertThat(ProviderResponse.of(
                                "anthropic-messages",
                                "{\"content\":" + deep + ",\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}")
                        .usage()
                        .tokens())
                .isEqualTo(TokenCounts.of(1, 2));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"id":"x","object":"chat.completion"} | usage: is nowhere in the answer; some providers state it in a stream only when asked to (OpenAI: stream_options.include_usage)
                    {"type":"fault"} | type: the answer does not declare a format that is known, found "fault"; name it, one of anthropic-messages,
                    {"type":"message","usage":{"input_tokens":-1,"output_tokens":2}} | input_tokens: a count is 0 to
                    {"type":"message","usage":{},"usage":{}} | usage: stands twice in one object
                    {"type":"message","usage":{"input_tokens":1} | not valid JSON:
                    {"type":"message","usage":{"input_tokens":1}} {} | expected a JSON object, or a list of objects, and nothing behind it
                    [{"type":"message","usage":{"input_tokens":1}},7] | expected a JSON object, or a list of objects, and nothing behind it
                    7 | expected a JSON object, or a list of objects, and nothing behind it
                    """)
    void answerThatCannotBeRead_isRefused(String body, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProviderResponse.ofDeclared(body))
                .withMessageStartingWith(message);
    }

    private static ProviderResponse read(String format, String stream) {
        ResponseReader reader = ResponseReader.of(format);
        stream.lines().forEach(reader::line);
        return reader.finish();
    }
}
