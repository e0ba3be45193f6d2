package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.cli.TestProgram.Result;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordsCommandTest {

    @TempDir
    Path folder;

    private TestProgram program;

    @BeforeEach
    void setUp() {
        program = new TestProgram(folder);
        program.file(
                ".config/tokenledger/prices.yaml",
                "pricing:\n  claude-opus-4-20250514: { input_per_million: 15.0, output_per_million: 75.0 }\n");
        program.succeed(
                "record",
                "--id",
                "one",
                "--model",
                "claude-opus-4-20250514",
                "--timestamp",
                "2026-11-05T10:00:00Z",
                "--input-tokens",
                "1000",
                "--output-tokens",
                "500",
                "--role",
                "interactive",
                "--attribute",
                "team=a;b",
                "--attribute",
                "place=home");
        program.succeed(
                "record",
                "--id",
                "two",
                "--model",
                "house-model:7b",
                "--timestamp",
                "2026-11-06T10:00:00.5Z",
                "--input-tokens",
                "123456",
                "--role",
                "scheduled",
                "--task-name",
                "=email_poll");
        program.succeed(
                "record",
                "--id",
                "three",
                "--model",
                "claude-opus-4-20250514",
                "--timestamp",
                "2026-11-07T10:00:00Z",
                "--output-tokens",
                "1",
                "--calls",
                "web_search=2");
    }

    @Test
    void table_isNewestFirst() {
        assertThat(program.succeed("records")).isEqualTo("""
                        time (UTC)           model                   task or role  input  output  cache wr  cache rd        cost  id
                        ---------------------------------------------------------------------------------------------------------------
                        2026-11-07 10:00:00  claude-opus-4-20250514                    0       1         0         0  ≥ <$0.0001  three
                        2026-11-06 10:00:00  house-model:7b          =email_poll    123K       0         0         0    unpriced  two
                        2026-11-05 10:00:00  claude-opus-4-20250514  interactive   1,000     500         0         0     $0.0525  one
                        """);
    }

    @Test
    void table_timesAreOfTheAskedZone() {
        assertThat(program.succeed("records", "--zone", "Asia/Kathmandu"))
                .startsWith("time (Asia/Kathmandu)")
                .contains("2026-11-05 15:45:00");
    }

    @Test
    void table_cutShort_saysHowToGoOn() {
        Result first = program.run("records", "--limit", "2");

        assertThat(first.out()).contains("three").contains("two").doesNotContain("one");
        assertThat(first.err()).matches("2 shown; there are more: --all shows them, --after \\S+ the next ones\n");

        String cursor = first.err().replaceAll("(?s).*--after (\\S+) the.*", "$1");
        Result second = program.run("records", "--limit", "2", "--after", cursor);

        assertThat(second.out()).contains("one").doesNotContain("two");
        assertThat(second.err()).isEmpty();
    }

    @Test
    void table_withManyRecords_showsFiftyUnlessAsked() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            lines.append("{\"id\":\"r")
                    .append(i)
                    .append("\",\"model\":\"m\",\"timestamp\":\"2026-10-01T10:00:00Z\"}\n");
        }
        program.in(lines.toString()).succeed("import", "ndjson", "-");

        assertThat(program.succeed("records")).hasLineCount(52);
        assertThat(program.succeed("records", "--all")).hasLineCount(65);
        assertThat(program.succeed("records", "--format", "ndjson")).hasLineCount(63);
        assertThat(program.succeed("records", "--format", "csv", "--limit", "10"))
                .hasLineCount(11);
    }

    @Test
    void filters_windowAndConditions_applyToRecords() {
        assertThat(program.succeed("records", "--where", "role=scheduled", "--format", "ndjson"))
                .hasLineCount(1);
        assertThat(program.succeed("records", "--from", "2026-11-06", "--to", "2026-11-07", "--format", "ndjson"))
                .contains("\"id\":\"two\"")
                .hasLineCount(1);
        assertThat(program.succeed("records", "--where", "pricing_status=unpriced", "--format", "ndjson"))
                .contains("\"id\":\"two\"");
    }

    @Test
    void history_showsReversedRecordsAndReversals() {
        program.succeed("reverse", "one", "--reason", "twice");

        assertThat(program.succeed("records")).doesNotContain("one");
        String table = program.succeed("records", "--history");
        assertThat(table)
                .contains("reversed ")
                .contains("reverses one")
                .contains("-$0.0525")
                .contains("in force");
        assertThat(program.succeed("records", "--history", "--format", "csv"))
                .contains("\r\none,usage,2026-11-05T10:00:00Z,")
                .contains(",one,,twice,,,,,")
                .contains(",twice,,,,,,,home,a;b\r\n");
    }

    @Test
    void csv_hasEveryFieldAndIsSafeForSpreadsheets() {
        assertThat(program.succeed("records", "--format", "csv")).isEqualTo("""
                        id,kind,timestamp,recorded,model,upstream_model,resource,provider,requested_model,request_id,session_id,conversation_id,upstream_request_id,input_tokens,output_tokens,cache_creation_input_tokens,cache_creation_5m_input_tokens,cache_creation_1h_input_tokens,cache_read_input_tokens,reasoning_tokens,audio_input_tokens,image_input_tokens,audio_output_tokens,image_output_tokens,cached_audio_read_tokens,calls,cost_usd,pricing_status,price_id,reported_cost_usd,role,task_name,outcome,duration_ms,service_tier,requested_service_tier,region,attributes,source,aggregate,notes,reverses,reversed_by,reason,revalues,revaluation_run,revaluation_reason,first_cost_usd,first_price_id,adjustment_reason,attribute.place,attribute.team
                        three,usage,2026-11-07T10:00:00Z,2026-11-22T12:00:00Z,claude-opus-4-20250514,claude-opus-4-20250514,,anthropic,,,,,,0,1,0,0,0,0,0,0,0,0,0,0,web_search=2,0.000075,partial,claude-opus-4-20250514@*#60cd67cd,,,,,,,,,,,false,,,,,,,,,,,,
                        two,usage,2026-11-06T10:00:00.500Z,2026-11-22T12:00:00Z,house-model:7b,house-model:7b,,ollama,,,,,,123456,0,0,0,0,0,0,0,0,0,0,0,,0,unpriced,,,scheduled,'=email_poll,,,,,,,,false,provider_inferred,,,,,,,,,,,
                        one,usage,2026-11-05T10:00:00Z,2026-11-22T12:00:00Z,claude-opus-4-20250514,claude-opus-4-20250514,,anthropic,,,,,,1000,500,0,0,0,0,0,0,0,0,0,0,,0.0525,priced,claude-opus-4-20250514@*#60cd67cd,,interactive,,,,,,,"{""place"":""home"",""team"":""a;b""}",,false,,,,,,,,,,,home,a;b
                        """.replace("\n", "\r\n"));
    }

    @Test
    void json_isOneObjectWithACursor() {
        assertThat(program.succeed("records", "--format", "json"))
                .startsWith("{\"records\":[\n{\"sequence\":3,\"id\":\"three\",")
                .contains("},\n{\"sequence\":2,\"id\":\"two\",")
                .endsWith("}\n],\"next\":null}\n");
        assertThat(program.succeed("records", "--format", "json", "--limit", "1"))
                .containsPattern("\\],\"next\":\"[0-9a-z]+-[0-9a-z]+\"}\n$");
        assertThat(program.succeed("records", "--format", "json", "--where", "role=nobody"))
                .isEqualTo("{\"records\":[],\"next\":null}\n");
    }

    @Test
    void ndjson_canBeImportedElsewhere() {
        String lines = program.succeed("records", "--format", "ndjson");

        assertThat(program.in(lines)
                        .succeed("--ledger", folder.resolve("copy.db").toString(), "import", "ndjson", "-"))
                .contains("appended    3\n");
        assertThat(program.succeed("--ledger", folder.resolve("copy.db").toString(), "summary", "--format", "json"))
                .isEqualTo(program.succeed("summary", "--format", "json"));
    }

    @Test
    void nothingMatches_saysSo() {
        assertThat(program.run("records", "--where", "role=nobody")).isEqualTo(new Result(0, "", "no records match\n"));
    }

    @Test
    void noLedger_isEmptyAndIsNotMade() {
        Path other = folder.resolve("tokenledger/ledger.db");

        Result result = program.defaultLedger().run("records");

        assertThat(result)
                .isEqualTo(new Result(
                        0,
                        "",
                        "there is no ledger at " + other
                                + " yet; 'tokenledger record' or 'tokenledger import' makes it\n"));
        assertThat(other).doesNotExist();
    }

    @Test
    void namesThatSteerATerminal_areShownHarmless() {
        program.succeed(
                "record", "--id", "evil", "--model", "a\u009b31m\u202eb", "--timestamp", "2026-11-08T10:00:00Z");

        assertThat(program.succeed("records")).contains("a?31m?b").doesNotContain("\u009b", "\u202e");
    }
}
