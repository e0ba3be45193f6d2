package dev.tokenledger.payloads;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.formats.json.RecordJson;
import dev.tokenledger.formats.text.Lines;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.Rates;
import dev.tokenledger.pricing.TokenClass;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CostLineTest {

    private static final Instant CHANGE = Instant.parse("2026-01-01T00:00:00Z");

    private final PriceEntry before = PriceEntry.builder("claude-sonnet-4-5")
            .provider("anthropic")
            .from(Instant.parse("2025-09-29T00:00:00Z"))
            .until(CHANGE)
            .rates(Rates.of("3", "15"))
            .build();
    private final PriceEntry now = PriceEntry.builder("claude-sonnet-4-5")
            .provider("anthropic")
            .from(CHANGE)
            .rates(Rates.of("6", "30"))
            .perCall("web_search", new BigDecimal("0.01"))
            .build();
    private final PriceBook book = PriceBook.of(List.of(before, now));
    private final CostLine pricing = CostLine.of(book, () -> Instant.parse("2026-02-01T00:00:00Z"));

    @Test
    void counts_arePricedAndGivenBack() {
        assertThat(price("""
                {"model":"claude-sonnet-4-5","provider":"anthropic","timestamp":"2025-12-31T23:59:59.999999Z",\
                "input_tokens":1000,"output_tokens":100,"cache_read_input_tokens":0,"service_tier":"standard"}"""))
                .isEqualTo("{\"cost_usd\":0.0045,\"pricing_status\":\"priced\",\"price_id\":\"" + before.id()
                        + "\",\"unpriced_tokens\":{},\"notes\":[],\"input_tokens\":1000,\"output_tokens\":100,"
                        + "\"cache_creation_input_tokens\":0,\"cache_creation_5m_input_tokens\":0,"
                        + "\"cache_creation_1h_input_tokens\":0,\"cache_read_input_tokens\":0,\"reasoning_tokens\":0,"
                        + "\"audio_input_tokens\":0,\"image_input_tokens\":0,\"audio_output_tokens\":0,"
                        + "\"image_output_tokens\":0,\"cached_audio_read_tokens\":0}");
    }

    @Test
    void absentTimestamp_isNow() {
        assertThat(price("{\"model\":\"claude-sonnet-4-5\",\"input_tokens\":1000000}"))
                .startsWith("{\"cost_usd\":6,\"pricing_status\":\"priced\",\"price_id\":\"" + now.id() + "\"");
    }

    @Test
    void classesWithoutRate_areNamed() {
        assertThat(price("{\"model\":\"claude-sonnet-4-5\",\"cache_read_input_tokens\":5000,\"input_tokens\":1}"))
                .startsWith("{\"cost_usd\":0.000006,\"pricing_status\":\"partial\",\"price_id\":\"" + now.id()
                        + "\",\"unpriced_tokens\":{\"cache_read\":5000},\"notes\":[],");
    }

    @Test
    void unknownModel_isUnpricedNotFree() {
        assertThat(price("{\"model\":\"house\",\"input_tokens\":7,\"audit_calls\":2}"))
                .startsWith(
                        "{\"cost_usd\":0,\"pricing_status\":\"unpriced\",\"price_id\":\"\","
                                + "\"unpriced_tokens\":{\"input\":7},\"unpriced_calls\":{\"audit\":2},\"notes\":[\"provider_inferred\"],")
                .endsWith(",\"audit_calls\":2}");
    }

    @Test
    void payload_isNormalisedByItsDeclaredFormat() {
        assertThat(price("""
                {"model":"claude-sonnet-4-5","format":"anthropic-messages","usage":{"input_tokens":10,\
                "output_tokens":20,"cache_creation_input_tokens":6,"cache_read_input_tokens":5,\
                "server_tool_use":{"web_search_requests":3}}}"""))
                .contains("\"unpriced_tokens\":{\"cache_read\":5,\"cache_write_5m\":6}")
                .contains("\"notes\":[\"cache_split_missing\",\"cache_write_unattributed\"]")
                .contains("\"input_tokens\":10,\"output_tokens\":20,\"cache_creation_input_tokens\":6,")
                .contains("\"cost_usd\":0.03066,")
                .contains("\"web_search_calls\":3");
    }

    @Test
    void ownServiceTier_goesBeforeThePayloads() {
        String usage = "\"format\":\"anthropic-messages\",\"usage\":{\"input_tokens\":1,\"service_tier\":\"batch\"}";
        assertThat(price("{\"model\":\"claude-sonnet-4-5\"," + usage + "}")).contains("service_tier_unpriced:batch");
        assertThat(price("{\"model\":\"claude-sonnet-4-5\",\"service_tier\":\"standard\"," + usage + "}"))
                .contains("\"pricing_status\":\"priced\"");
    }

    @Test
    void ownCost_takesNoPart() {
        assertThat(price("{\"model\":\"claude-sonnet-4-5\",\"input_tokens\":1000000,\"cost_usd\":99,"
                        + "\"pricing_status\":\"partial\"}"))
                .startsWith("{\"cost_usd\":6,\"pricing_status\":\"priced\"");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"model":"m","input_tokens":1.9}                     | input_tokens: expected a whole number from 0 to 1000000000000, found 1.9
            {"model":"m","inputs":1}                             | inputs: unknown field
            {"model":"m","format":"openai-chat"}                 | usage: format and usage go together
            {"model":"m","usage":{}}                             | format: format and usage go together
            {"model":"m","format":"guess","usage":{}}            | format: expected one of anthropic-messages, openai-chat, openai-responses, gemini, bedrock-converse, mistral, deepseek, cohere, ollama
            {"model":"m","format":7,"usage":{}}                  | format: expected text, found a number
            {"model":"m","format":"ollama","usage":[]}           | usage: expected an object, found a list
            {"model":"m","format":"ollama","usage":{"a":1,"a":2}} | usage: "a" is a duplicate
            {"model":"m","format":"ollama","usage":{},"output_tokens":1} | output_tokens: stands beside "usage"
            {"model":"m","format":"openai-chat","usage":{"prompt_tokens":1,"prompt_tokens_details":{"cached_tokens":2}}} | usage: prompt_tokens_details.cached_tokens: 2 is more than the 1 of prompt_tokens
            {"input_tokens":1}                                   | model: a record names its model
            []                                                   | expected a JSON object
            {"model":"claude-sonnet-4-5","output_tokens":1000000000000} | cost_usd: one record costs at most 9000000 USD
            """)
    void badLine_saysWhyAndWhere(String line, String error) {
        CostLine.Result result = pricing.price(line, 17);
        assertThat(result.failed()).isTrue();
        assertThat(result.json())
                .startsWith("{\"error\":\"" + error.replace("\"", "\\\""))
                .endsWith("\",\"line\":17}");
    }

    @Test
    void badBytes_areAnErrorToo() throws IOException {
        byte[] bytes = "\n{\"model\":\"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1);
        try (Lines lines = new Lines(new ByteArrayInputStream(bytes), RecordJson.MAX_BYTES)) {
            assertThat(lines.next()).isTrue();
            assertThat(lines.next()).isTrue();
            assertThat(pricing.price(lines))
                    .isEqualTo(new CostLine.Result("not valid UTF-8", "{\"error\":\"not valid UTF-8\",\"line\":2}"));
        }
    }

    @Test
    void walk_answersEveryLineInOrder() throws IOException {
        String file = "{\"model\":\"house\"}\n\n" + "x".repeat(RecordJson.MAX_BYTES + 1) + "\n{\"model\":\"house\"}";
        List<String> answers = new ArrayList<>();
        try (Lines lines =
                new Lines(new ByteArrayInputStream(file.getBytes(StandardCharsets.UTF_8)), RecordJson.MAX_BYTES)) {
            while (lines.next()) {
                answers.add(pricing.price(lines).json().substring(0, 20));
            }
        }
        assertThat(answers)
                .containsExactly(
                        "{\"cost_usd\":0,\"prici",
                        "{\"error\":\"expected a",
                        "{\"error\":\"longer tha",
                        "{\"cost_usd\":0,\"prici");
    }

    @Test
    void overlongText_isAnError() {
        assertThat(pricing.price(" ".repeat(RecordJson.MAX_BYTES + 1), 9))
                .isEqualTo(new CostLine.Result(
                        "longer than 1048576 bytes", "{\"error\":\"longer than 1048576 bytes\",\"line\":9}"));
    }

    @Test
    void audio_isChargedAtItsOwnRate() {
        PriceEntry entry = PriceEntry.builder("voice")
                .rates(Rates.of(Map.of(TokenClass.INPUT, BigDecimal.ONE, TokenClass.AUDIO_INPUT, BigDecimal.TEN)))
                .build();
        CostLine voice = CostLine.of(PriceBook.of(List.of(entry)), () -> CHANGE);
        assertThat(voice.price("""
                        {"model":"voice","format":"openai-chat","usage":{"prompt_tokens":1000000,\
                        "completion_tokens":0,"prompt_tokens_details":{"audio_tokens":500000}}}""", 1).json()).startsWith("{\"cost_usd\":5.5,");
    }

    private String price(String line) {
        CostLine.Result result = pricing.price(line, 1);
        assertThat(result.failed()).as(result.json()).isFalse();
        return result.json();
    }
}
