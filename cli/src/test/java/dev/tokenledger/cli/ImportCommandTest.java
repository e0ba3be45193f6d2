package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.cli.TestProgram.Result;
import dev.tokenledger.imports.sources.ImportSources;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImportCommandTest {

    private static final String GOOD = """
            {"id":"a","model":"claude-opus-4-8","timestamp":"2026-11-01T10:00:00Z","input_tokens":100}
            {"id":"b","model":"claude-opus-4-8","timestamp":"2026-11-01T11:00:00Z","input_tokens":200}
            {"id":"a","model":"claude-opus-4-8","timestamp":"2026-11-01T10:00:00Z","input_tokens":100}
            """;

    private static final String MIXED = GOOD + """
            not json

            {"id":"b","model":"claude-opus-4-8","timestamp":"2026-11-01T11:00:00Z","input_tokens":999}
            {"id":"c","model":"claude-opus-4-8","input_tokens":-1}
            """;

    @TempDir
    Path folder;

    private TestProgram program;

    @BeforeEach
    void setUp() {
        program = new TestProgram(folder);
    }

    private static String withoutSeconds(String report) {
        return report.replaceAll("seconds     [0-9.]+", "seconds     *")
                .replaceAll("\"seconds\":[0-9.]+", "\"seconds\":0");
    }

    @Test
    void import_goodFile_reportsWhatItDid() {
        Result result = program.run("import", "ndjson", program.file("good.ndjson", GOOD));

        assertThat(result.code()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(withoutSeconds(result.out())).isEqualTo("""
                        files       1
                        lines       3
                        calls       3
                        appended    2
                        duplicates  1
                        corrected   0
                        conflicts   0
                        skipped     0
                        seconds     *
                        """);
    }

    private static String claude(int output) {
        return "{\"type\":\"assistant\",\"timestamp\":\"2026-11-01T10:00:00Z\",\"requestId\":\"req_" + output
                + "\",\"message\":{\"id\":\"msg_" + output
                + "\",\"model\":\"claude-opus-4-8\",\"stop_reason\":\"end_turn\","
                + "\"usage\":{\"input_tokens\":1,\"output_tokens\":" + output + "}}}\n";
    }

    private void agents() {
        program.file(".claude/projects/p/s.jsonl", claude(7));
        program.file(
                ".grok/sessions/p/s/updates.jsonl",
                "{\"timestamp\":1772359201,\"params\":{\"sessionId\":\"s\",\"update\":{\"sessionUpdate\":\"turn_completed\","
                        + "\"prompt_id\":\"p\",\"usage\":{\"inputTokens\":5,\"outputTokens\":2}}}}\n");
        program.file(".qwen/settings.json", "{}");
    }

    @Test
    void import_found_readsEveryAgentThatIsThere_andReportsEach() {
        agents();
        String out = program.succeed("import", "--found");
        assertThat(out)
                .contains("claude-code " + folder.resolve(".claude") + "\nfiles       1\n")
                .contains("\n\ngrok        " + folder.resolve(".grok") + "\nfiles       1\n")
                .contains("\n\nqwen-code   " + folder.resolve(".qwen") + "\nnothing to read\n")
                .doesNotContain("codex");
        assertThat(program.succeed("summary", "--by", "source", "--format", "csv"))
                .contains("claude-code,")
                .contains("grok,");

        String again = program.succeed("import", "--json");
        assertThat(again).startsWith("{\"sources\":[{\"source\":\"claude-code\",");
        assertThat(again.split("\"appended\":0", -1)).hasSize(4);
    }

    @Test
    void import_found_failsWhereAnAgentsLogCouldNotBeRead_andImportsTheOthers() {
        agents();
        program.file(".codex/sessions/a.jsonl", "nonsense\n");
        Result result = program.run("import", "--found", "--dry-run");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.out()).contains("skipped     1 (invalid_json 1)").contains("grok        ");
    }

    @Test
    void import_found_withNothingThere_saysSo() {
        Result result = program.run("import");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("no agent's logs are in their default folders");
        assertThat(program.run("import", "pi", "--found").code()).isEqualTo(2);
    }

    @Test
    void import_again_addsNothing() {
        String file = program.file("good.ndjson", GOOD);
        program.succeed("import", "ndjson", file);

        assertThat(program.succeed("import", "ndjson", file)).contains("appended    0\nduplicates  3\n");
        assertThat(program.succeed("summary", "--format", "json")).contains("\"total_records\":2,");
    }

    @Test
    void import_linesWithoutIds_importAgainAddsNothing() {
        String line = "{\"model\":\"m\",\"timestamp\":\"2026-11-01T10:00:00Z\",\"input_tokens\":1}\n";
        String file = program.file("same.ndjson", line + line);

        assertThat(program.succeed("import", "ndjson", file)).contains("appended    2\n");
        assertThat(program.succeed("import", "ndjson", file)).contains("appended    0\nduplicates  2\n");
    }

    @Test
    void import_badLines_costThemselvesAlone() {
        String file = program.file("mixed.ndjson", MIXED);

        Result result = program.run("import", "ndjson", file);

        assertThat(result.code()).isEqualTo(1);
        assertThat(withoutSeconds(result.out())).isEqualTo("""
                        files       1
                        lines       7
                        calls       4
                        appended    2
                        duplicates  1
                        corrected   0
                        conflicts   1
                        skipped     2 (invalid_json 1, invalid_record 1)
                        seconds     *
                        """);
        assertThat(result.err())
                .contains(file + ":4: ")
                .contains(file + ":6: the id b is taken by a record that differs in input_tokens: stored \"200\", "
                        + "offered \"999\"; the stored one stays\n")
                .contains(file + ":7: input_tokens: ");
        assertThat(program.succeed("summary", "--format", "json")).contains("\"total_input_tokens\":300,");
    }

    @Test
    void import_json_hasTheSameNames() {
        Result result = program.run("import", "ndjson", "--json", program.file("mixed.ndjson", MIXED));

        assertThat(result.code()).isEqualTo(1);
        assertThat(withoutSeconds(result.out()))
                .contains("\"files\":1,")
                .contains("\"lines\":7,")
                .contains("\"calls\":4,\"appended\":2,\"duplicates\":1,\"corrected\":0,\"conflicts\":1,\"skipped\":2,"
                        + "\"skipped_reasons\":{\"invalid_json\":1,\"invalid_record\":1}")
                .contains("\"seconds\":0")
                .hasLineCount(1);
    }

    @Test
    void import_dryRun_storesNothingAndMakesNoLedger() {
        String file = program.file("mixed.ndjson", MIXED);

        Result result = program.run("import", "ndjson", file, "--dry-run");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.out())
                .startsWith("dry run: nothing was stored; this is what would have been\nfiles       1\n")
                .contains("appended    2\nduplicates  1\n");
        assertThat(folder.resolve("ledger.db")).doesNotExist();
    }

    @Test
    void import_dryRun_knowsWhatIsStoredAlready() {
        String file = program.file("good.ndjson", GOOD);
        program.succeed("import", "ndjson", file);

        assertThat(program.succeed("import", "ndjson", "--dry-run", file)).contains("appended    0\nduplicates  3\n");
    }

    @Test
    void import_manyProblems_namesTenUnlessAsked() {
        String file = program.file("bad.ndjson", "x\n".repeat(25));

        assertThat(program.run("import", "ndjson", file).err())
                .hasLineCount(11)
                .endsWith("and 15 more; --verbose names them all\n");
        assertThat(program.run("import", "ndjson", "--verbose", file).err()).hasLineCount(25);
    }

    @Test
    void import_standardInput_isADash() {
        assertThat(program.in(GOOD).succeed("import", "ndjson", "-")).contains("appended    2\n");
        assertThat(program.in("x\n").run("import", "ndjson", "-").err()).startsWith("standard input:1: ");
    }

    @Test
    void import_severalFiles_areOneReport() {
        String one = program.file("one.ndjson", GOOD);
        String two = program.file("two.ndjson", "{\"id\":\"z\",\"model\":\"m\"}\n");

        assertThat(program.succeed("import", "ndjson", one, two)).contains("files       2\nlines       4\n");
    }

    @Test
    void import_missingFile_isSaidBeforeAnythingIsStored() {
        String good = program.file("good.ndjson", GOOD);
        String missing = folder.resolve("missing.ndjson").toString();

        assertThat(program.run("import", "ndjson", good, missing))
                .isEqualTo(new Result(1, "", "cannot read " + missing + ": there is no such file\n"));
        assertThat(program.run("import", "ndjson", folder.toString()))
                .isEqualTo(new Result(1, "", "cannot read " + folder + ": it is a folder, not a file\n"));
        assertThat(folder.resolve("ledger.db")).doesNotExist();
    }

    @Test
    void import_onATerminal_showsProgressAndTakesItAway() {
        String file = program.file("good.ndjson", GOOD);

        String err = program.messagesOnTerminal().run("import", "ndjson", file).err();

        // The file is read on a thread of its own: at the first drawing none or all of it may be read.
        assertThat(err)
                .matches("\\[( {20}]   0|#{20}] 100)%  good\\.ndjson[^\r\n]*\r *\r")
                .doesNotContain("\n");
    }

    private static final String PI = """
            {"type":"session","id":"s","cwd":"/work"}
            {"type":"message","message":{"role":"assistant","provider":"anthropic","model":"claude-opus-4-8",\
            "usage":{"input":100,"output":1,"cost":{"total":0.5}},"timestamp":1790000000000}}
            """;

    @Test
    void import_agentsLogs_areFoundWhereTheAgentKeepsThem() {
        program.file(".pi/agent/sessions/x/a.jsonl", PI);

        assertThat(program.succeed("import", "pi"))
                .contains("files       1\nlines       2\ncalls       1\nappended    1\n");
        assertThat(program.succeed("import", "pi"))
                .contains("files       1 (1 unchanged since the last import)\nlines       0\n");
        assertThat(program.succeed("records", "--format", "ndjson"))
                .contains("\"source\":\"pi\"")
                .contains("\"reported_cost_usd\":0.5");
    }

    @Test
    void noCommand_offersTheLogsThatAreThere_untilThereIsALedger() {
        assertThat(program.run().err()).doesNotContain("see what they cost");
        program.file(".pi/agent/sessions/x/a.jsonl", PI);

        program.file(".codex/sessions/none.txt", "no log");

        Result first = program.run();
        assertThat(first.code()).isEqualTo(2);
        assertThat(first.err())
                .endsWith("\n\nLogs of these agents are on this machine:\n  pi           1 file, " + PI.length()
                        + " bytes\n" + "To import them and see what they cost: tokenledger import --show\n");
        assertThat(folder.resolve("ledger.db")).doesNotExist();

        program.succeed("import", "--show");
        assertThat(program.run().err()).doesNotContain("see what they cost");
    }

    @Test
    void show_importsWhatIsThere_andPrintsTheTableAlone() {
        program.file(".pi/agent/sessions/x/a.jsonl", PI);

        Result first = program.run("import", "--show");
        assertThat(first.code()).isZero();
        assertThat(first.out()).isEqualTo(program.succeed("summary", "--by", "model"));
        assertThat(first.out()).contains("claude-opus-4-8");
        assertThat(first.err().replaceAll("[0-9.]+ s\n", "* s\n"))
                .isEqualTo("pi: 1 call in 1 file, 1 appended, * s\n"
                        + "'tokenledger summary --every day' shows days, 'tokenledger serve' a dashboard\n");

        Result again = program.run("import", "pi", "--show");
        assertThat(again.out()).isEqualTo(first.out());
        assertThat(again.err()).startsWith("pi: 0 calls in 1 file, of which 1 is unchanged, 0 appended, ");
    }

    @Test
    void show_tellsWhatWasNotTakenIn_andEndsAsTheImportDoes() {
        Result result = program.run("import", "ndjson", "--show", program.file("mixed.ndjson", MIXED));

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.out()).startsWith("Usage by model, all time\n");
        assertThat(result.err()).contains("ndjson: 4 calls in 1 file, 2 appended, 1 conflict, 2 lines skipped, ");
    }

    @Test
    void show_withoutAnyLogs_orWithAReportForPrograms_isRefused() {
        assertThat(program.run("import", "--show").err()).startsWith("no agent's logs are in their default folders");
        for (String option : List.of("--json", "--dry-run")) {
            Result result = program.run("import", "--show", option);
            assertThat(result.code()).isEqualTo(2);
            assertThat(result.err()).startsWith("--show goes without --dry-run and --json\n");
        }
        assertThat(folder.resolve("ledger.db")).doesNotExist();
    }

    @Test
    void import_agentsLogs_areReadWhereAPathSays() {
        String file = program.file("elsewhere/a.jsonl", PI);
        String codex = program.variable("CODEX_HOME", folder.resolve("none").toString())
                .run("import", "codex")
                .err();

        assertThat(program.succeed(
                        "import", "pi", "--dry-run", folder.resolve("elsewhere").toString()))
                .contains("appended    1\n");
        assertThat(program.succeed("import", "pi", file)).contains("appended    1\n");
        assertThat(codex)
                .isEqualTo("nothing of codex is in " + folder.resolve("none") + "; name a folder or a file of it\n");
        assertThat(program.run("import", "pi", folder.resolve("missing").toString())
                        .err())
                .endsWith("missing: there is no such file\n");
    }

    /** An agent is nearly always running. */
    @Test
    void import_logOfARunningAgent_isNoFailure() {
        String log = program.file(
                "projects/p/s.jsonl",
                "{\"type\":\"assistant\",\"timestamp\":\"2026-03-01T12:00:00Z\",\"message\":{\"id\":\"msg_1\",\"model\":"
                        + "\"claude-sonnet-4-5\",\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}}\n{\"type\":\"assis");
        assertThat(program.succeed("import", "claude-code", log))
                .contains("lines       2\n", "appended    1\n", "skipped     1 (incomplete_line 1)\n");
    }

    @Test
    void import_folderWithNothingOfTheAgent_isSaid() {
        program.file("notes.txt", "nothing of an agent's");

        Result result = program.run("import", "pi", folder.toString());

        assertThat(result.code()).isZero();
        assertThat(result.err()).isEqualTo("warning: nothing of pi is there to read\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"claude-code", "codex", "pi", "gemini-cli", "opencode", "amp"})
    void import_fileOfAnotherSource_isSaidOnce(String source) {
        String file = program.file("other.json", "{\"model\":\"m\",\"input_tokens\":5}");

        Result first = program.run("import", source, file);
        assertThat(first.code()).isZero();
        assertThat(first.out()).contains("files       1\n", "calls       0\n");
        assertThat(first.err())
                .isEqualTo(
                        "warning: nothing in what was read is usage of " + source + "; is it from another source?\n");
        assertThat(program.run("import", source, file).err()).isEmpty();
    }

    @Test
    void import_theLedgerItself_isRefused() {
        program.succeed("record", "--model", "m");

        for (String source : List.of("ndjson", "thane", "pi")) {
            Result result =
                    program.run("import", source, folder.resolve("ledger.db").toString());
            assertThat(result)
                    .isEqualTo(new Result(
                            1, "", "cannot import " + folder.resolve("ledger.db") + ": it is the ledger itself\n"));
        }
    }

    @Test
    void import_agentsFileThatGrewByNoCall_isNothingToSay() throws IOException {
        Path file = Path.of(program.file("a.jsonl", PI));
        assertThat(program.run("import", "pi", file.toString()).err()).isEmpty();
        Files.writeString(file, "{\"type\":\"session_info\"}\n", StandardOpenOption.APPEND);

        assertThat(program.run("import", "pi", file.toString())).satisfies(result -> {
            assertThat(result.out()).contains("lines       1\ncalls       0\n");
            assertThat(result.err()).isEmpty();
        });
    }

    @Test
    void import_everySourceOfTheHelp_isThere() {
        for (String name : ImportSources.names().split(", ")) {
            assertThat(ImportSources.named(name)).as(name).isPresent();
            assertThat(program.succeed("import", "--help")).contains("\n  " + name + " ");
        }
        Result unknown = program.run("import", "gemini", "x");
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err()).contains("unknown source \"gemini\"; expected one of " + ImportSources.names());
        assertThat(program.run("import", "thane").err()).contains("import thane needs a file\n");
    }

    @Test
    void import_agentsLogsOnATerminal_showProgressAndTakeItAway() {
        program.file(".pi/agent/sessions/x/a.jsonl", PI);

        String err = program.messagesOnTerminal().run("import", "pi").err();

        assertThat(err).matches("(?s)\\[[# ]{20}\\] +\\d{1,3}%  1 file.*\\r +\\r");
    }

    @Test
    void import_theShippedExample_isOneMonth() throws IOException {
        Path examples = Path.of("..", "examples");
        String prices = examples.resolve("prices.yaml").toString();

        assertThat(program.succeed(
                        "--prices",
                        prices,
                        "import",
                        "ndjson",
                        examples.resolve("october.ndjson").toString()))
                .contains("lines       615\n", "appended    610\n", "duplicates  5\n", "skipped     0\n");
        assertThat(program.succeed("summary", "--by", "model", "--from", "2026-10-01", "--to", "2026-11-01")
                        .replace(folder.toString(), "~"))
                .isEqualTo("""
                        Usage by model, 2026-10-01 00:00 to 2026-11-01 00:00 (UTC)

                        model                      calls  input  output  cache wr  cache rd  hit  cached  price gaps      cost  share
                        -------------------------------------------------------------------------------------------------------------
                        gpt-5.5                        4   969K   20.3K         0         0    -      0%           -     $4.00    28%
                        eu/claude-sonnet-5           175  3,660    169K      485K     2.46M  84%     83%           -     $3.75    26%
                        claude-opus-5                 64  1,473   62.9K      167K      934K  85%     85%           -     $3.45    24%
                        gpt-5.6-terra                106   251K    104K         0     2.17M    -     90%           -     $2.19    15%
                        gemini-3.6-flash              32   434K   36.4K         0         0    -      0%           -     $0.46     3%
                        claude-haiku-4-5-20251001     58   191K   23.8K         0     67.6K    -     26%           -     $0.32     2%
                        mistral-medium-2604            5  63.0K   3,451         0         0    -      0%           -     $0.12     1%
                        gpt-5.6-luna                  31   295K   24.0K         0     73.7K    -     20%           -     $0.09     1%
                        basement/qwen3:32b             6  37.4K   7,556         0         0    -      0%           -     $0.00     0%
                        horizon-preview                5  22.2K   2,796         0         0    -      0%           5  unpriced      -
                        mirror/gpt-oss:20b           124   213K   19.4K         0         0    -      0%           -     $0.00     0%
                        -------------------------------------------------------------------------------------------------------------
                        total                        610  2.48M    474K      652K     5.71M  90%     65%           5  ≥ $14.38   100%

                        Cache: reads are 90% of reads and writes (hit); 65% of all input was read from the cache (cached).

                        5 calls have no price: horizon-preview (5).
                        Put what is missing into ~/.config/tokenledger/prices.yaml or a --prices file, and run 'tokenledger reprice';
                        'tokenledger explain ID' shows what one call lacks.
                        """);
        assertThat(Files.size(examples.resolve("october.ndjson"))).isPositive();
    }

    @Test
    void import_whenNobodyReadsTheReport_isDoneAllTheSame() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        assertThat(program.runInto(out, "import", "ndjson", program.file("good.ndjson", GOOD))
                        .code())
                .isZero();
        assertThat(out.size()).isPositive();
    }
}
