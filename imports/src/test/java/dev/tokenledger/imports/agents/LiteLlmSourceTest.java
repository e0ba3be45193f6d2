package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.imports.Importer;
import dev.tokenledger.money.Usd;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LiteLlmSourceTest extends LogTest {

    private static final String USAGE = """
            {"user_api_key_alias":"k","usage_object":{"prompt_tokens":1000,"cache_read_input_tokens":600,\
            "cache_creation_input_tokens":300,"prompt_tokens_details":{"cached_tokens":600,"cache_creation_tokens":300,\
            "cache_creation_token_details":{"ephemeral_5m_input_tokens":100,"ephemeral_1h_input_tokens":200}},\
            "completion_tokens_details":{"reasoning_tokens":20}}}""";
    private static final String ROW = """
            {"request_id":"chatcmpl-1","call_type":"acompletion","api_key":"hash","spend":0.00425,"total_tokens":1050,\
            "prompt_tokens":1000,"completion_tokens":50,"startTime":"2026-01-05T10:00:00.250Z",\
            "endTime":"2026-01-05T10:00:02.000Z","model":"anthropic/claude-sonnet-4-5","model_id":"m-1",\
            "model_group":"team-sonnet","custom_llm_provider":"anthropic","api_base":"https://api.anthropic.com/v1/messages",\
            "user":"u-1","metadata":%s,"cache_hit":"False","request_tags":["blue","green"],"team_id":"t-1","end_user":null,\
            "requester_ip_address":"10.0.0.1","messages":{"request_id":"x"},"session_id":"ses-1","status":"success"}""".formatted(USAGE);

    private final LiteLlmSource source = new LiteLlmSource();

    private ImportReport read(String text) {
        ImportReport report = Importer.into(ledger)
                .build()
                .run(source, ImportFile.of("rows", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8))));
        assertThat(report.lines()).isEqualTo(report.used() + report.ignored() + report.skipped());
        return report;
    }

    @Test
    void row_isACallWithItsSpendBeside() {
        read(ROW);
        UsageRecord record = record();
        assertThat(record.id().value()).isEqualTo("litellm:chatcmpl-1");
        assertThat(record.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(100)
                        .output(50)
                        .cacheCreation(300)
                        .cacheCreation5m(100)
                        .cacheCreation1h(200)
                        .cacheRead(600)
                        .reasoning(20)
                        .build());
        assertThat(record.reportedCost()).contains(Usd.parse("0.00425"));
        assertThat(record.givenCost()).isEmpty();
        assertThat(record.timestamp()).contains(Instant.parse("2026-01-05T10:00:00.250Z"));
        assertThat(record.duration()).contains(Duration.ofMillis(1_750));
        assertThat(record.identity().upstreamModel()).isEqualTo("claude-sonnet-4-5");
        assertThat(record.identity().provider()).isEqualTo("anthropic");
        assertThat(record.identity().resource()).isEqualTo("api.anthropic.com");
        assertThat(record.requestedModel()).isEqualTo("team-sonnet");
        assertThat(record.upstreamRequestId()).isEqualTo("chatcmpl-1");
        assertThat(record.sessionId()).isEqualTo("ses-1");
        assertThat(record.outcome()).isEqualTo(Outcome.SUCCESS);
        assertThat(record.attributes()).isEqualTo(Map.of("user", "u-1", "team", "t-1", "tags", "blue,green"));
        assertThat(record.notes()).isEmpty();
    }

    private static String withUsage(String more) {
        return ROW.replace("\"usage_object\":{", "\"usage_object\":{" + more + ",");
    }

    @Test
    void searchesSpeedAndPlace_areRead() {
        read(withUsage("\"server_tool_use\":{\"web_search_requests\":2},\"speed\":\"fast\",\"inference_geo\":\"us\""));
        assertThat(record().calls()).isEqualTo(Map.of("web_search", 2L));
        assertThat(record().serviceTier()).isEqualTo("fast");
        assertThat(record().region()).isEqualTo("us");
        assertThat(record().notes()).isEmpty();
    }

    @Test
    void regionsOfOpenAisHosts_areKept() {
        read(ROW.replace("https://api.anthropic.com/v1/messages", "https://eu.api.openai.com/v1/"));
        assertThat(record().region()).isEqualTo("eu");
        assertThat(record().identity().resource()).isEqualTo("eu.api.openai.com");
    }

    @Test
    void imageParts_areRead() {
        read(withUsage("\"x\":0")
                .replace("\"cached_tokens\":600,", "\"cached_tokens\":600,\"image_tokens\":70,")
                .replace("\"reasoning_tokens\":20", "\"reasoning_tokens\":20,\"image_tokens\":9"));
        assertThat(record().tokens().imageInput()).isEqualTo(70);
        assertThat(record().tokens().imageOutput()).isEqualTo(9);
        assertThat(record().notes()).isEmpty();
    }

    @Test
    void memberThatIsNotKnown_isNoted() {
        read(withUsage("\"server_tool_use\":{\"web_search_requests\":2,\"code_runs\":1}"));
        assertThat(record().notes()).containsExactly("unpriced_member_server_tool_use_code_runs");
    }

    @Test
    void listsAndLines_areTheSameRows() {
        assertThat(read("\ufeff\n [" + ROW + ",\n" + ROW.replace("chatcmpl-1", "chatcmpl-2") + "]")
                        .appended())
                .isEqualTo(2);
        assertThat(read(ROW + "\r\n\n" + ROW.replace("chatcmpl-1", "chatcmpl-2"))
                        .duplicates())
                .isEqualTo(2);
    }

    @Test
    void pagesOfTheApi_areTheirRows() {
        String second = ROW.replace("chatcmpl-1", "chatcmpl-2");
        String third = ROW.replace("chatcmpl-1", "chatcmpl-3");
        ImportReport report =
                read("\ufeff{\"data\": [" + ROW + ",\n" + second + "],\"total\":3,\"page\":1,\"page_size\":2,"
                        + "\"total_pages\":2}{\n \"total\": 3,\n \"data\": [\n" + third + "\n ],\n \"page\": 2\n}\n");
        assertThat(report.lines()).isEqualTo(3);
        assertThat(report.appended()).isEqualTo(3);
        assertThat(read(ROW + "\n" + second + "\n" + third).duplicates()).isEqualTo(3);
        assertThat(read("{\"data\":[],\"total\":0,\"page\":1,\"page_size\":50,\"total_pages\":0}")
                        .lines())
                .isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"data":[ROW,7]}             | a page has no list of objects in "data"
            {"data":{"rows":[]}}         | a page has no list of objects in "data"
            {"total":1}                  | a page has no list of objects in "data"
            {"data":[ROW],"data":[ROW]}  | a page has no list of objects in "data"
            {"data":[ROW]}[1]            | expected a page, and nothing behind the last one
            {"data":[ROW],"tot           | the page is not valid JSON from here on
            {"data":[ROW,{"request_id":  | the page is not valid JSON from here on
            {"data":[ROW,{"user":1,"user":2}]} | user: duplicate field; the page cannot be read from here on
            """)
    void brokenPage_countsUpToWhereItBreaks(String page, String problem) {
        ImportReport report = read(page.replace("ROW", ROW));
        assertThat(report.appended()).isEqualTo(page.contains("ROW") ? 1 : 0);
        assertThat(report.skipped()).isEqualTo(1);
        assertThat(report.problems().get(0).message()).isEqualTo(problem);
    }

    @Test
    void reasoningBesideTheCompletion_isAddedWhereTheTotalProvesIt() {
        read(ROW.replace("\"total_tokens\":1050", "\"total_tokens\":1070"));
        assertThat(record().tokens().output()).isEqualTo(70);
        assertThat(record().tokens().reasoning()).isEqualTo(20);
        assertThat(record().notes()).containsExactly("reasoning_added_to_output");
    }

    @Test
    void exportFromADatabase_isTheSameRow() {
        read(ROW);
        String export = ROW.replace(USAGE, "\"" + USAGE.replace("\"", "\\\"") + "\"")
                .replace("[\"blue\",\"green\"]", "\"[\\\"blue\\\",\\\"green\\\"]\"")
                .replace("2026-01-05T10:00:00.250Z", "2026-01-05 10:00:00.25")
                .replace("2026-01-05T10:00:02.000Z", "2026-01-05 10:00:02");
        assertThat(read(export).duplicates()).isEqualTo(1);
    }

    @Test
    void otherConventionsOfUsage_areRead() {
        read(ROW.replace(USAGE, "{\"usage_object\":{\"prompt_tokens_details\":{\"cached_tokens\":128}}}")
                .replace("\"model_group\":\"team-sonnet\"", "\"model_group\":\"claude-sonnet-4-5\""));
        assertThat(record().tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(872)
                        .output(50)
                        .cacheRead(128)
                        .build());
        assertThat(record().requestedModel()).isEmpty();
        read(ROW.replace("chatcmpl-1", "chatcmpl-2")
                .replace(USAGE, "{\"additional_usage_values\":{\"cache_creation_input_tokens\":5}}"));
        assertThat(records().get(1).tokens().input()).isEqualTo(995);
        assertThat(records().get(1).notes()).containsExactly("cache_split_missing");
    }

    @Test
    void audio_isAPartOfItsTotals() {
        read(ROW.replace(
                USAGE,
                "{\"usage_object\":{\"prompt_tokens_details\":{\"cached_tokens\":700,\"audio_tokens\":400},"
                        + "\"completion_tokens_details\":{\"reasoning_tokens\":20,\"audio_tokens\":30}}}"));
        assertThat(record().tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(300)
                        .output(50)
                        .cacheRead(700)
                        .reasoning(20)
                        .audioInput(300)
                        .audioOutput(30)
                        .build());
        assertThat(record().notes()).containsExactly("input_parts_partly_cached");
    }

    @Test
    void batch_isSeveralCalls() {
        read(ROW.replace("acompletion", "aretrieve_batch"));
        assertThat(record().aggregate()).isTrue();
    }

    @Test
    void statusOfOlderRows_isAmongTheirMetadata() {
        read(ROW.replace(",\"status\":\"success\"", "").replace(USAGE, "{\"status\":\"failure\"}"));
        assertThat(record().outcome()).isEqualTo(Outcome.ERROR);
    }

    @Test
    void answersFromItsOwnCacheAndEmptyRows_areNoCalls() {
        ImportReport report = read(String.join(
                "\n",
                ROW.replace("\"cache_hit\":\"False\"", "\"cache_hit\":\"True\""),
                ROW.replace("\"spend\":0.00425", "\"spend\":0.0")
                        .replace("tokens\":1000", "tokens\":0")
                        .replace("\"completion_tokens\":50", "\"completion_tokens\":0"),
                ROW.replace("success", "failure").replace(USAGE, "{}")));
        assertThat(report.ignored()).isEqualTo(2);
        assertThat(record().outcome()).isEqualTo(Outcome.ERROR);
    }

    @Test
    void unusableRows_areSkipped() {
        ImportReport report = read(String.join(
                "\n",
                ROW.replace("\"cache_read_input_tokens\":600", "\"cache_read_input_tokens\":1001"),
                ROW.replace("\"prompt_tokens\":1000,\"comp", "\"prompt_tokens\":-5,\"comp"),
                ROW.replace("\"spend\":0.00425", "\"spend\":-1"),
                ROW.replace("chatcmpl-1", ""),
                ROW.replace("2026-01-05T10:00:00.250Z", "today"),
                "[1]",
                "{",
                ROW));
        assertThat(report.skippedReasons()).isEqualTo(Map.of("invalid_record", 5L, "invalid_json", 2L));
        assertThat(report.problems().get(0).message())
                .isEqualTo("metadata cached tokens: 1001 is more than the 1000 of prompt_tokens that contain it");
        assertThat(report.appended()).isEqualTo(1);
    }

    @Test
    void brokenList_countsUpToWhereItBreaks() {
        ImportReport report = read("[" + ROW + ",{\"request_id\":");
        assertThat(report.appended()).isEqualTo(1);
        assertThat(report.skippedReasons()).isEqualTo(Map.of("invalid_json", 1L));
    }

    @Test
    void anotherRowUnderAnId_isAConflictByField() {
        read(ROW);
        ImportReport report = read(ROW.replace("\"completion_tokens\":50", "\"completion_tokens\":51"));
        assertThat(report.conflicts()).isEqualTo(1);
        assertThat(report.problems().get(0).message()).contains("output_tokens");
    }
}
