package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.cli.TestProgram.Result;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordCommandTest {

    private static final String OPUS = "claude-opus-4-20250514";

    @TempDir
    Path folder;

    private TestProgram program;

    @BeforeEach
    void setUp() {
        program = new TestProgram(folder);
        program.file(".config/tokenledger/prices.yaml", """
                prices:
                  - provider: anthropic
                    model: claude-opus-4-20250514
                    from: 2025-05-14
                    usd_per_million: { input: 15, output: 75 }
                """);
    }

    @Test
    void record_pricedCall_printsIdCostStatusAndPrice() {
        Result result =
                program.run("record", "--id", "a", "--model", OPUS, "--input-tokens", "1000", "--output-tokens", "500");

        assertThat(result.code()).isZero();
        assertThat(result.out())
                .matches("appended a  \\$0\\.0525  priced  anthropic/claude-opus-4-20250514@2025-05-14#[0-9a-f]{8}\n");
        assertThat(result.err()).isEmpty();
    }

    @Test
    void record_withoutAnId_makesOne() {
        assertThat(program.succeed("record", "--model", OPUS))
                .matches(
                        "appended [0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}  \\$0\\.00  priced  .*\n");
    }

    @Test
    void record_partlyPricedCall_saysWhichClassesLackARateAndHowMany() {
        Result result = program.run(
                "record",
                "--id",
                "a",
                "--model",
                OPUS,
                "--input-tokens",
                "1000",
                "--cache-read-input-tokens",
                "5000",
                "--calls",
                "web_search=1");

        assertThat(result.code()).isZero();
        assertThat(result.out()).startsWith("appended a  at least $0.015  partial  anthropic/");
        assertThat(result.err())
                .isEqualTo("the price of \"" + OPUS + "\" of anthropic has no rate for cache_read (5,000 tokens), "
                        + "web_search (1 call), so the cost covers the rest alone.\nAdd the rate to "
                        + folder.resolve(".config/tokenledger/prices.yaml")
                        + " or a --prices file: it counts for calls recorded from then on; what to write shows\n"
                        + "  tokenledger explain a\n");
    }

    @Test
    void record_unpricedCall_saysThatItIsNotFreeAndWhatToDo() {
        Result result = program.run("record", "--id", "a", "--model", "house-model:7b", "--input-tokens", "1000");

        assertThat(result.code()).isZero();
        assertThat(result.out()).isEqualTo("appended a  cost unknown  unpriced\n");
        assertThat(result.err())
                .isEqualTo("no price for \"house-model:7b\" of ollama at that time, so the cost is not known (it is "
                        + "not zero).\nAdd one to " + folder.resolve(".config/tokenledger/prices.yaml")
                        + " or a --prices file: it counts for calls recorded from then on; what to write "
                        + "shows\n  tokenledger explain a\n");
    }

    @Test
    void record_pricesFileOfTheOption_goesBeforeTheUsersOwn() {
        String prices = program.file(
                "mine.yaml", "pricing:\n  " + OPUS + ": { input_per_million: 1, output_per_million: 2 }\n");
        String more = program.file(
                "more.yaml", "pricing:\n  " + OPUS + ": { input_per_million: 3, output_per_million: 4 }\n");

        assertThat(program.succeed(
                        "--prices", prices, "record", "--id", "a", "--model", OPUS, "--input-tokens", "1000000"))
                .startsWith("appended a  $1.00  priced");
        assertThat(program.succeed(
                        "--prices",
                        prices,
                        "record",
                        "--id",
                        "b",
                        "--model",
                        OPUS,
                        "--input-tokens",
                        "1000000",
                        "--prices",
                        more))
                .startsWith("appended b  $3.00  priced");
    }

    @Test
    void record_sameAgain_isADuplicateAndASuccess() {
        program.succeed("record", "--id", "a", "--model", OPUS, "--input-tokens", "1000");

        Result again = program.run("record", "--id", "a", "--model", OPUS, "--input-tokens", "1000");

        assertThat(again.code()).isZero();
        assertThat(again.out()).startsWith("duplicate a  $0.015  priced");
        assertThat(program.succeed("summary", "--format", "json")).contains("\"total_records\":1,");
    }

    @Test
    void record_sameIdOtherContent_isAConflictThatNamesTheField() {
        program.succeed("record", "--id", "a", "--model", OPUS, "--input-tokens", "1000");

        Result again = program.run("record", "--id", "a", "--model", OPUS, "--input-tokens", "2000");

        assertThat(again.code()).isEqualTo(1);
        assertThat(again.out()).isEmpty();
        assertThat(again.err())
                .isEqualTo("conflict: record a is there with another input_tokens: stored \"1000\", offered \"2000\"; "
                        + "nothing was stored. Leave the id out to add another record, or correct the stored one with "
                        + "'tokenledger reverse'\n");
    }

    @Test
    void record_everyField_isKept() {
        program.succeed(
                "record",
                "--id",
                "a",
                "--timestamp",
                "2026-11-01T10:00:00.123456Z",
                "--model",
                "mirror/gpt-oss:20b",
                "--upstream-model",
                "gpt-oss:20b",
                "--resource",
                "mirror",
                "--provider",
                "ollama",
                "--requested-model",
                "gpt-oss",
                "--request-id",
                "r",
                "--session-id",
                "s",
                "--conversation-id",
                "c",
                "--upstream-request-id",
                "u",
                "--input-tokens",
                "100",
                "--output-tokens",
                "50",
                "--cache-creation-input-tokens",
                "30",
                "--cache-creation-5m-input-tokens",
                "10",
                "--cache-creation-1h-input-tokens",
                "15",
                "--cache-read-input-tokens",
                "40",
                "--reasoning-tokens",
                "20",
                "--audio-input-tokens",
                "1",
                "--image-input-tokens",
                "2",
                "--audio-output-tokens",
                "3",
                "--image-output-tokens",
                "4",
                "--cached-audio-read-tokens",
                "5",
                "--region",
                "us",
                "--calls",
                "web_search=2",
                "--calls",
                "request=1",
                "--role",
                "scheduled",
                "--task-name",
                "email_poll",
                "--outcome",
                "canceled",
                "--duration-ms",
                "1500",
                "--service-tier",
                "batch",
                "--requested-service-tier",
                "standard",
                "--attribute",
                "team=search",
                "--attribute",
                "query=a=b",
                "--source",
                "test",
                "--aggregate",
                "--reported-cost-usd",
                "0.000002",
                "--cost-usd",
                "1.25",
                "--pricing-status",
                "partial",
                "--note",
                "output_incomplete",
                "--note",
                "estimated");

        assertThat(program.succeed("records", "--format", "ndjson")).isEqualTo("""
                        {"sequence":1,"id":"a","kind":"usage","timestamp":"2026-11-01T10:00:00.123456Z",\
                        "model":"mirror/gpt-oss:20b","upstream_model":"gpt-oss:20b","resource":"mirror",\
                        "provider":"ollama","requested_model":"gpt-oss","request_id":"r","session_id":"s",\
                        "conversation_id":"c","upstream_request_id":"u","input_tokens":100,"output_tokens":50,\
                        "cache_creation_input_tokens":30,"cache_creation_5m_input_tokens":10,\
                        "cache_creation_1h_input_tokens":15,"cache_read_input_tokens":40,"reasoning_tokens":20,\
                        "audio_input_tokens":1,"image_input_tokens":2,"audio_output_tokens":3,"image_output_tokens":4,\
                        "cached_audio_read_tokens":5,\
                        "request_calls":1,"web_search_calls":2,"role":"scheduled","task_name":"email_poll",\
                        "outcome":"canceled","duration_ms":1500,"service_tier":"batch",\
                        "requested_service_tier":"standard","region":"us","attributes":{"query":"a=b","team":"search"},\
                        "source":"test","aggregate":true,"reported_cost_usd":0.000002,\
                        "notes":["estimated","output_incomplete"],"cost_usd":1.25,"pricing_status":"partial",\
                        "price_id":"given","recorded":"2026-11-22T12:00:00Z"}
                        """);
    }

    @Test
    void record_timeWithoutAnOffset_isOfTheSystemsZone() {
        program.zone("Europe/Berlin")
                .succeed("record", "--id", "a", "--model", OPUS, "--timestamp", "2026-07-01T10:00:00");
        program.succeed("record", "--id", "b", "--model", OPUS);

        assertThat(program.succeed("records", "--format", "ndjson"))
                .contains("\"id\":\"a\",\"kind\":\"usage\",\"timestamp\":\"2026-07-01T08:00:00Z\"")
                .contains("\"id\":\"b\",\"kind\":\"usage\",\"timestamp\":\"2026-11-22T12:00:00Z\"");
    }

    @Test
    void record_json_printsTheStoredEntry() {
        assertThat(program.succeed("record", "--json", "--id", "a", "--model", OPUS, "--input-tokens", "1000"))
                .startsWith("{\"sequence\":1,\"id\":\"a\",\"kind\":\"usage\",\"timestamp\":\"2026-11-22T12:00:00Z\",")
                .contains("\"cost_usd\":0.015,\"pricing_status\":\"priced\"")
                .endsWith("}\n");
    }

    @Test
    void record_makesTheLedgersFolders() {
        program.variable("TOKENLEDGER_LEDGER", "")
                .variable("XDG_DATA_HOME", folder.resolve("data").toString());

        program.succeed("record", "--model", OPUS);

        assertThat(folder.resolve("data/tokenledger/ledger.db")).exists();
    }
}
