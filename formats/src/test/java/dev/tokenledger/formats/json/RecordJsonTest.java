package dev.tokenledger.formats.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tokenledger.formats.json.RecordFormatException.Reason;
import dev.tokenledger.money.Usd;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordJsonTest {

    static final String EVERY_FIELD = """
            {"id":"r-1","timestamp":"2026-01-05T11:00:00.1234567+01:00","request_id":"q","session_id":"s",\
            "conversation_id":"c","upstream_request_id":"u","model":"mirror/gpt-oss:20b","upstream_model":"gpt-oss:20b",\
            "resource":"mirror","provider":"ollama","requested_model":"gpt-oss","input_tokens":100,"output_tokens":90,\
            "cache_creation_input_tokens":30,"cache_creation_5m_input_tokens":10,"cache_creation_1h_input_tokens":11,\
            "cache_read_input_tokens":7,"reasoning_tokens":5,"audio_input_tokens":4,"image_input_tokens":3,\
            "audio_output_tokens":2,"image_output_tokens":1,"web_search_calls":2,"request_calls":1,"role":"delegate",\
            "task_name":"email_poll","outcome":"canceled","duration_ms":1500,"service_tier":"batch",\
            "requested_service_tier":"auto","attributes":{"team":"blue","user.id":"7"},"source":"test","aggregate":true,\
            "reported_cost_usd":0.25,"cost_usd":"0.001615","pricing_status":"partial",\
            "notes":["output_incomplete","cache_split_missing"]}""";

    @Test
    void everyField_isReadByItsName() {
        assertThat(RecordJson.parse(EVERY_FIELD))
                .isEqualTo(UsageRecord.builder()
                        .id("r-1")
                        .timestamp(Instant.parse("2026-01-05T10:00:00.123456Z"))
                        .requestId("q")
                        .sessionId("s")
                        .conversationId("c")
                        .upstreamRequestId("u")
                        .model("mirror/gpt-oss:20b")
                        .upstreamModel("gpt-oss:20b")
                        .resource("mirror")
                        .provider("ollama")
                        .requestedModel("gpt-oss")
                        .tokens(TokenCounts.builder()
                                .input(100)
                                .output(90)
                                .cacheCreation(30)
                                .cacheCreation5m(10)
                                .cacheCreation1h(11)
                                .cacheRead(7)
                                .reasoning(5)
                                .audioInput(4)
                                .imageInput(3)
                                .audioOutput(2)
                                .imageOutput(1)
                                .build())
                        .calls("web_search", 2)
                        .calls("request", 1)
                        .role("delegate")
                        .taskName("email_poll")
                        .outcome(Outcome.CANCELED)
                        .duration(Duration.ofMillis(1500))
                        .serviceTier("batch")
                        .requestedServiceTier("auto")
                        .attributes(Map.of("team", "blue", "user.id", "7"))
                        .source("test")
                        .aggregate(true)
                        .reportedCost(Usd.parse("0.25"))
                        .cost(Usd.parse("0.001615"))
                        .pricingStatus(PricingStatus.PARTIAL)
                        .note("cache_split_missing")
                        .note("output_incomplete")
                        .build());
    }

    @Test
    void bytes_areReadAsTheTextIs() {
        byte[] bytes = ("xx" + EVERY_FIELD.replace("\"q\"", "\"é日本😀\"") + "yy").getBytes(StandardCharsets.UTF_8);
        assertThat(RecordJson.parse(bytes, 2, bytes.length - 4).requestId()).isEqualTo("é日本😀");
    }

    @Test
    void exportedFields_areReadOver() {
        UsageRecord record = RecordJson.parse("""
                {"sequence":7,"id":"a","kind":"usage","model":"claude-m","cost_usd":0,"pricing_status":"unpriced","price_id":"",\
                "unpriced_tokens":{"input":3},"unpriced_calls":{"web_search":1},"pricing_notes":["tier:above:200000"],\
                "recorded":"2026-01-05T10:00:00Z","ledger":"eu","reversal":null}""");
        assertThat(record.givenCost()).contains(new UsageRecord.GivenCost(Usd.ZERO, PricingStatus.UNPRICED));
        assertThat(record.notes()).isEmpty();
        assertThat(record.calls()).isEmpty();
    }

    @Test
    void passes_areReadByTheNamesOfCounts_andAddUp() {
        String passes = "\"passes\":[{\"input_tokens\":3,\"output_tokens\":1},{\"input_tokens\":4,"
                + "\"cache_read_input_tokens\":9,\"reasoning_tokens\":null}]";
        UsageRecord record = RecordJson.parse("{\"model\":\"m\"," + passes
                + ",\"input_tokens\":7,\"output_tokens\":1,\"cache_read_input_tokens\":9}");
        assertThat(record.passes())
                .containsExactly(
                        TokenCounts.of(3, 1),
                        TokenCounts.builder().input(4).cacheRead(9).build());
        assertThat(RecordJson.parse("{\"model\":\"m\",\"passes\":[]}").passes()).isEmpty();
        assertThatThrownBy(() -> RecordJson.parse("{\"model\":\"m\"," + passes + ",\"input_tokens\":8}"))
                .hasMessageContaining("passes: the passes do not add up");
        assertThatThrownBy(() -> RecordJson.parse("{\"model\":\"m\",\"passes\":[{\"model\":\"x\"}]}"))
                .hasMessageContaining("passes.model: unknown count");
        assertThatThrownBy(() -> RecordJson.parse("{\"model\":\"m\",\"passes\":[{\"input_tokens\":-1}]}"))
                .hasMessageContaining("passes.input_tokens: expected a whole number");
        assertThatThrownBy(() -> RecordJson.parse("{\"model\":\"m\",\"passes\":{}}"))
                .hasMessageContaining("passes: expected a list");
    }

    @Test
    void nullAndEmptyText_areAbsent() {
        UsageRecord bare = RecordJson.parse("{\"id\":\"a\",\"model\":\"m\"}");
        StringBuilder nulls = new StringBuilder("{\"id\":\"a\",\"model\":\"m\"");
        for (String name : EVERY_FIELD
                .replaceAll("\\{\"team.*?}", "0")
                .replaceAll("\\[.*?]", "0")
                .split(",\"")) {
            String field = name.substring(0, name.indexOf('"')).replace("{", "");
            if (!field.isEmpty() && !field.equals("id") && !field.equals("model")) {
                nulls.append(",\"").append(field).append("\":null");
            }
        }
        assertThat(nulls.toString()).contains("\"attributes\":null").contains("\"web_search_calls\":null");
        assertThat(RecordJson.parse(nulls + "}")).isEqualTo(bare);
        assertThat(RecordJson.parse(
                        "{\"id\":\"a\",\"model\":\"m\",\"role\":\"\",\"outcome\":\"\",\"pricing_status\":\"\","
                                + "\"attributes\":{\"team\":null,\"user\":\"\"},\"notes\":[],\"kind\":\"\"}"))
                .isEqualTo(bare);
    }

    @Test
    void absentId_isAskedForOnce() {
        AtomicInteger asked = new AtomicInteger();
        for (String id : new String[] {"", "\"id\":null,", "\"id\":\"\",", "\"id\":\"  \","}) {
            UsageRecord record = RecordJson.parse(
                    "{" + id + "\"model\":\"m\"}", () -> RecordId.of("made-" + asked.incrementAndGet()));
            assertThat(record.id().value()).isEqualTo("made-" + asked.get());
        }
        assertThat(asked).hasValue(4);
        RecordJson.parse("{\"id\":\"a\",\"model\":\"m\"}", () -> {
            throw new AssertionError("the record has an id");
        });
        assertThat(RecordJson.parse("{\"model\":\"m\"}").id().value()).hasSize(36);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1.9            | 1.9
            1.0            | 1.0
            1e3            | 1e3
            1e400          | 1e400
            -1             | -1
            1000000000001  | 1000000000001
            9223372036854775808 | 9223372036854775808
            99999999999999999999999999 | 99999999999999999999999999
            '"12"'         | text
            true           | true or false
            []             | a list
            {}             | an object
            """)
    void count_isAWholeNumberInRange(String value, String found) {
        for (String field : new String[] {"input_tokens", "image_output_tokens", "web_search_calls"}) {
            RecordFormatException e = refused("{\"model\":\"m\",\"" + field + "\":" + value + "}");
            assertThat(e.field()).isEqualTo(field);
            assertThat(e.reason()).isEqualTo(Reason.INVALID_RECORD);
            assertThat(e).hasMessage(field + ": expected a whole number from 0 to 1000000000000, found " + found);
        }
    }

    @Test
    void count_reachesItsLimit() {
        UsageRecord record = RecordJson.parse("{\"model\":\"m\",\"input_tokens\":1000000000000,\"output_tokens\":0}");
        assertThat(record.tokens()).isEqualTo(TokenCounts.of(1_000_000_000_000L, 0));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"model":"m","model":"m"}                        | model: duplicate field
            {"model":"m","role":null,"role":"x"}             | role: duplicate field
            {"model":"m","a_calls":1,"a_calls":1}            | a_calls: duplicate field
            {"model":"m","attributes":{"a":"1","a":"1"}}     | attributes.a: duplicate field
            {"model":"m","inputTokens":1}                    | inputTokens: unknown field; did you mean input_tokens?
            {"model":"m","imput_tokens":1}                   | imput_tokens: unknown field; did you mean input_tokens?
            {"model":"m","prompt":"secret"}                  | prompt: unknown field
            {"model":"m","_calls":1}                         | _calls: unknown field
            {"model":"m","Web_calls":1}                      | Web_calls: a name has lower-case letters, digits and _, found "Web"
            {"model":"m","usage":{}}                         | usage: unknown field
            {"model":7}                                      | model: expected text, found a number
            {"model":"m","timestamp":1767607200}             | timestamp: expected text, found a number
            {"model":"m","timestamp":"2026-01-05"}           | timestamp: expected a time such as 2026-01-05T10:00:00Z or 2026-01-05T11:00:00.25+01:00
            {"model":"m","timestamp":"2026-02-30T00:00:00Z"} | timestamp: there is no such day
            {"model":"m","timestamp":"1969-12-31T23:59:59Z"} | timestamp: expected a time from 1970-01-01T00:00:00Z to 9999-12-31T00:00:00Z, found 1969-12-31T23:59:59Z
            {"model":"m","timestamp":""}                     | timestamp: expected a time such as 2026-01-05T10:00:00Z or 2026-01-05T11:00:00.25+01:00
            {"model":"m","outcome":"won"}                    | outcome: expected success, error or canceled, found "won"
            {"model":"m","aggregate":"yes"}                  | aggregate: expected true or false, found text
            {"model":"m","attributes":["a"]}                 | attributes: expected an object of texts, found a list
            {"model":"m","attributes":{"a":1}}               | attributes.a: expected text, found a number
            {"model":"m","attributes":{"a":{"b":"c"}}}       | attributes.a: expected text, found an object
            {"model":"m","attributes":{"1a":"x"}}            | attributes.1a: a key is a letter, then letters, digits, _ . or -, found "1a"
            {"model":"m","notes":"x"}                        | notes: expected a list of texts, found text
            {"model":"m","notes":[1]}                        | notes: expected text, found a number
            {"model":"m","notes":["Not this"]}               | notes: a note has lower-case letters, digits and _, found "Not this"
            {"model":"m","cost_usd":"a lot"}                 | cost_usd: expected a decimal number such as 0.25
            {"model":"m","cost_usd":1e400}                   | cost_usd: expected a decimal number such as 0.25, found 1e400
            {"model":"m","cost_usd":-0.01}                   | cost_usd: expected 0 to 9000000 USD, found -0.01
            {"model":"m","cost_usd":9000000.000000000001}    | cost_usd: expected 0 to 9000000 USD, found 9000000.000000000001
            {"model":"m","cost_usd":true}                    | cost_usd: expected a decimal number, found true or false
            {"model":"m","reported_cost_usd":[]}             | reported_cost_usd: expected a decimal number, found a list
            {"model":"m","pricing_status":"priced"}          | pricing_status: only goes with a cost_usd; leave both out to have the ledger price it
            {"model":"m","cost_usd":1,"pricing_status":"x"}  | pricing_status: expected priced, partial or unpriced, found "x"
            {"model":"m","duration_ms":31622400001}          | duration_ms: expected a whole number from 0 to 31622400000, found 31622400001
            {"model":"m","kind":"bill"}                      | kind: expected usage
            {"input_tokens":1}                               | model: a record names its model
            {"model":"m","input_tokens":1,"audio_input_tokens":2} | audio_input_tokens: audio_input_tokens + image_input_tokens = 2 exceed input_tokens = 1
            {"model":"m","unpriced_tokens":1,"x":1}          | x: unknown field
            """)
    void brokenRule_isNamedByItsField(String json, String message) {
        RecordFormatException e = refused(json);
        assertThat(e).hasMessageEndingWith(message.substring(message.indexOf(": ") + 2));
        assertThat(e.field()).isEqualTo(message.substring(0, message.indexOf(": ")));
        assertThat(e.reason()).isEqualTo(Reason.INVALID_RECORD);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"model\":\"a\\u0000b\"}",
                "{\"model\":\"a\\ud83d\"}",
                "{\"model\":\"\\ude00\"}",
                "{\"model\":\"a\\u001fb\"}",
                "{\"model\":\"m\",\"attributes\":{\"a\":\"\\ud83d\"}}",
                "{\"model\":\"m\",\"attributes\":{\"\\u0000\":\"a\"}}",
                "{\"model\":\"m\",\"outcome\":\"\\ud83d\"}",
                "{\"id\":\"\\u0000\",\"model\":\"m\"}"
            })
    void nulAndHalfSurrogates_areRefused(String json) {
        assertThat(refused(json).reason()).isEqualTo(Reason.INVALID_RECORD);
    }

    @Test
    void lengths_areBounded() {
        assertThat(RecordJson.parse("{\"model\":\"" + "m".repeat(512) + "\",\"id\":\"" + "i".repeat(128) + "\"}"))
                .isNotNull();
        assertThat(refused("{\"model\":\"" + "m".repeat(513) + "\"}").field()).isEqualTo("model");
        assertThat(refused("{\"model\":\"m\",\"id\":\"" + "i".repeat(129) + "\"}")
                        .field())
                .isEqualTo("id");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "7",
                "\"model\"",
                "[{\"model\":\"m\"}]",
                "{\"model\":\"m\"",
                "{\"model\":\"m\"}}",
                "{\"model\":\"m\"} {}",
                "{\"model\":\"m\"}x",
                "{'model':'m'}",
                "{model:\"m\"}",
                "{\"model\":\"m\",}",
                "{\"model\":\"m\",\"input_tokens\":01}",
                "{\"model\":\"m\",\"input_tokens\":NaN}",
                "{\"model\":\"m\\x\"}",
                "{\"model\":\"a\u0000b\"}",
                "{\"model\":\"m\" // comment\n}",
                "{\"model\":\"m\",\"input_tokens\":+1}",
                "\ufeff{\"model\":\"m\"}"
            })
    void whatIsNoJsonObject_isRefused(String json) {
        assertThat(refused(json).reason()).isEqualTo(Reason.INVALID_JSON);
    }

    @Test
    void nesting_isBounded() {
        String deep = "{\"model\":\"m\",\"unpriced_tokens\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
        RecordFormatException e = refused(deep);
        assertThat(e.reason()).isEqualTo(Reason.INVALID_JSON);
        assertThat(e).hasMessageStartingWith("unpriced_tokens: nested deeper than 16 levels");
    }

    @Test
    void numberOfManyDigits_isRefused() {
        assertThat(refused("{\"model\":\"m\",\"input_tokens\":" + "9".repeat(1_000) + "}")
                        .reason())
                .isEqualTo(Reason.INVALID_RECORD);
        assertThat(refused("{\"model\":\"m\",\"cost_usd\":0." + "1".repeat(300) + "}")
                        .field())
                .isEqualTo("cost_usd");
    }

    @Test
    void overlongText_isRefused() {
        String json = "{\"model\":\"m\"" + " ".repeat(RecordJson.MAX_BYTES) + "}";
        assertThat(refused(json).reason()).isEqualTo(Reason.LINE_TOO_LONG);
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        RecordFormatException e =
                catchThrowableOfType(RecordFormatException.class, () -> RecordJson.parse(bytes, 0, bytes.length));
        assertThat(e.reason()).isEqualTo(Reason.LINE_TOO_LONG);
    }

    @ParameterizedTest
    @ValueSource(strings = {"c0af", "eda080", "f4908080", "80", "e282", "ff", "e080af"})
    void bytesThatAreNotUtf8_areRefused(String hex) {
        byte[] bad = java.util.HexFormat.of().parseHex(hex);
        byte[] start = "{\"model\":\"".getBytes(StandardCharsets.UTF_8);
        byte[] bytes = new byte[start.length + bad.length + 2];
        System.arraycopy(start, 0, bytes, 0, start.length);
        System.arraycopy(bad, 0, bytes, start.length, bad.length);
        bytes[bytes.length - 2] = '"';
        bytes[bytes.length - 1] = '}';
        RecordFormatException e =
                catchThrowableOfType(RecordFormatException.class, () -> RecordJson.parse(bytes, 0, bytes.length));
        assertThat(e.reason()).isEqualTo(Reason.INVALID_UTF8);
    }

    @Test
    void cost_isReadDigitForDigit() {
        assertThat(RecordJson.parse("{\"model\":\"m\",\"cost_usd\":8999999.999999999999}")
                        .givenCost())
                .contains(new UsageRecord.GivenCost(Usd.parse("8999999.999999999999"), PricingStatus.PRICED));
        assertThat(RecordJson.parse("{\"model\":\"m\",\"cost_usd\":1.5E-7}").givenCost())
                .contains(new UsageRecord.GivenCost(Usd.parse("0.00000015"), PricingStatus.PRICED));
        assertThat(RecordJson.parse("{\"model\":\"claude-m\",\"cost_usd\":\"0.1\"}")
                        .notes())
                .isEmpty();
    }

    @Test
    void costFinerThanTheLedgers_isRoundedHalfEvenAndNoted() {
        UsageRecord record = RecordJson.parse(
                "{\"model\":\"claude-m\",\"cost_usd\":0.0016150000000000001,\"reported_cost_usd\":0.0000000000025}");
        assertThat(record.givenCost().orElseThrow().amount()).isEqualTo(Usd.parse("0.001615"));
        assertThat(record.reportedCost()).contains(Usd.ofPicos(2));
        assertThat(record.notes()).containsExactly("cost_usd_rounded", "reported_cost_usd_rounded");
    }

    @Test
    void reversals_areRefusedForWhatTheyAre() {
        RecordFormatException reversal = refused("{\"kind\":\"reversal\",\"model\":\"m\"}");
        assertThat(reversal.reason()).isEqualTo(Reason.REVERSAL);
        assertThat(reversal.field()).isEqualTo("kind");
        RecordFormatException reversed = refused("{\"model\":\"m\",\"reversal\":{\"id\":\"x\"}}");
        assertThat(reversed.reason()).isEqualTo(Reason.REVERSAL);
        assertThat(reversed.field()).isEqualTo("reversal");
    }

    @Test
    void messages_repeatNoValue() {
        for (String json : new String[] {
            "{\"model\":\"m\",\"cost_usd\":\"s3cret\"}",
            "{\"model\":\"m\",\"timestamp\":\"s3cret\"}",
            "{\"model\":\"m\",\"input_tokens\":\"s3cret\"}",
            "{\"model\":\"m\",\"request_id\":s3cret}",
            "{\"model\":\"m\",\"prompt\":\"s3cret\"}",
            "s3cret",
            "{\"model\":\"m\"} s3cret"
        }) {
            assertThat(refused(json)).message().doesNotContain("s3cret");
        }
    }

    @Test
    void hiddenCharactersInNames_doNotReachMessages() {
        assertThat(refused("{\"model\":\"m\",\"a\\u001b[31m\\u202eb\":1}")).hasMessage("a?[31m?b: unknown field");
        assertThat(refused("{\"model\":\"m\",\"" + "x".repeat(5_000) + "\":1}"))
                .message()
                .hasSizeLessThan(100);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void damagedText_isARecordOrRefusedInOneWay(long seed) {
        Random random = new Random(seed);
        byte[] whole = EVERY_FIELD.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = whole.clone();
            int length = random.nextInt(10) == 0 ? random.nextInt(bytes.length) : bytes.length;
            for (int damage = 1 + random.nextInt(3); damage > 0; damage--) {
                byte b = random.nextBoolean() ? (byte) random.nextInt(256) : bytes[random.nextInt(bytes.length)];
                bytes[random.nextInt(bytes.length)] = b;
            }
            try {
                assertThat(RecordJson.parse(bytes, 0, length)).isNotNull();
            } catch (RecordFormatException e) {
                assertThat(e.getMessage())
                        .as("seed %d, round %d", seed, i)
                        .isNotBlank()
                        .hasSizeLessThan(300);
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", round " + i, e);
            }
        }
    }

    private static RecordFormatException refused(String json) {
        RecordFormatException e = catchThrowableOfType(RecordFormatException.class, () -> RecordJson.parse(json));
        assertThat(e).as("accepted: %s", json).isNotNull();
        return e;
    }
}
