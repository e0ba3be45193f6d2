package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.Ledger;
import dev.tokenledger.cli.TestProgram.Result;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.usage.UsageRecord;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the program says, and with which exit code, when it cannot do what it was asked. */
class ErrorsTest {

    private static final String DIMENSIONS =
            "expected one of deployment, model, upstream_model, provider, resource, role, "
                    + "task, session, conversation, source, pricing_status, outcome, service_tier, attribute.<key>";

    @TempDir
    Path folder;

    private TestProgram program;

    @BeforeEach
    void setUp() {
        program = new TestProgram(folder);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "sumary | unknown command \"sumary\"; did you mean summary?~Try 'tokenledger --help'.",
                "frobnicate | unknown command \"frobnicate\"~Try 'tokenledger --help'.",
                "--frob summary | unknown option \"--frob\"~Try 'tokenledger --help'.",
                "--ledger= summary | --ledger: names no file; leave it out for the ledger in your data folder"
                        + "~Try 'tokenledger summary --help'.",
                "summary --form | unknown option \"--form\"; did you mean --format?~Try 'tokenledger summary --help'.",
                "summary extra | unexpected argument \"extra\"~Try 'tokenledger summary --help'.",
                "summary --by | Missing required parameter for option '--by' (DIM[,DIM]...)~Try 'tokenledger summary --help'.",
                "summary --by colour | Invalid value for option '--by' (DIM[,DIM]...): unknown dimension \"colour\"; @DIMS"
                        + "~Try 'tokenledger summary --help'.",
                "summary --by model,model | Invalid value for option '--by': dimension model is named twice"
                        + "~Try 'tokenledger summary --help'.",
                "summary --zone Mars/Phobos | Invalid value for option '--zone': unknown zone \"Mars/Phobos\"; expected a name "
                        + "such as Europe/Berlin, UTC, or an offset such as +05:45~Try 'tokenledger summary --help'.",
                "summary --every fortnight | Invalid value for option '--every': unknown bucket \"fortnight\"; expected "
                        + "quarter_hour, hour, day, week or month~Try 'tokenledger summary --help'.",
                "summary --period decade | Invalid value for option '--period': unknown period \"decade\"; expected one of today, "
                        + "yesterday, week, month, last_month, all~Try 'tokenledger summary --help'.",
                "summary --format xml | Invalid value for option '--format': unknown format \"xml\"; expected one of table, json, "
                        + "csv~Try 'tokenledger summary --help'.",
                "summary --limit 0 --by model | Invalid value for option '--limit': expected a whole number of 1 or more, found \"0\""
                        + "~Try 'tokenledger summary --help'.",
                "summary --limit many --by model | Invalid value for option '--limit': expected a whole number of 1 or more, found "
                        + "\"many\"~Try 'tokenledger summary --help'.",
                "summary --limit 5 | --limit goes with --by: it limits the groups~Try 'tokenledger summary --help'.",
                "summary --order size | Invalid value for option '--order': unknown order \"size\"; expected one of cost, tokens, "
                        + "records, key~Try 'tokenledger summary --help'.",
                "summary --from 2026-02-30 | Invalid value for option '--from': expected a date such as 2026-11-01 or a time such "
                        + "as 2026-11-01T09:30:00Z, found \"2026-02-30\"~Try 'tokenledger summary --help'.",
                "summary --to yesterday | Invalid value for option '--to': expected a date such as 2026-11-01 or a time such as "
                        + "2026-11-01T09:30:00Z, found \"yesterday\"~Try 'tokenledger summary --help'.",
                "summary --from 2026-11-02 --to 2026-11-01 | --from 2026-11-02 is after --to 2026-11-01"
                        + "~Try 'tokenledger summary --help'.",
                "summary --period today --from 2026-11-02 | --period goes without --from and --to"
                        + "~Try 'tokenledger summary --help'.",
                "summary --where role | Invalid value for option '--where': expected DIM=VALUE, found \"role\""
                        + "~Try 'tokenledger summary --help'.",
                "summary --where colour=red | Invalid value for option '--where': unknown dimension \"colour\"; @DIMS"
                        + "~Try 'tokenledger summary --help'.",
                "summary --where role=a --where role=b | --where names the dimension role twice"
                        + "~Try 'tokenledger summary --help'.",
                "records --after here | Invalid value for option '--after': cursor: not one that this ledger gave"
                        + "~Try 'tokenledger records --help'.",
                "records --all --limit 3 | --all goes without --limit~Try 'tokenledger records --help'.",
                "record | Missing required option: '--model=MODEL'~Try 'tokenledger record --help'.",
                "record --model m --input-tokens many | Invalid value for option '--input-tokens': expected a whole number, found "
                        + "\"many\"~Try 'tokenledger record --help'.",
                "record --model m --input-tokens=-1 | cannot record: input_tokens: expected 0 to 1000000000000, found -1"
                        + "~Try 'tokenledger record --help'.",
                "record --model m --output-tokens 99999999999999999999 | Invalid value for option '--output-tokens': expected a "
                        + "whole number, found \"99999999999999999999\"~Try 'tokenledger record --help'.",
                "record --model m --reasoning-tokens 5 | cannot record: reasoning_tokens + audio_output_tokens + "
                        + "image_output_tokens = 5 exceed output_tokens = 0~Try 'tokenledger record --help'.",
                "record --model m --outcome maybe | Invalid value for option '--outcome': outcome: expected success, error or "
                        + "canceled, found \"maybe\"~Try 'tokenledger record --help'.",
                "record --model m --calls web_search | Invalid value for option '--calls': expected two words joined by =, found "
                        + "\"web_search\"~Try 'tokenledger record --help'.",
                "record --model m --calls web_search=two | Invalid value for option '--calls': expected a whole number, found \"two\""
                        + "~Try 'tokenledger record --help'.",
                "record --model m --attribute =x | Invalid value for option '--attribute': expected two words joined by =, found "
                        + "\"=x\"~Try 'tokenledger record --help'.",
                "record --model m --attribute 1=x | cannot record: attributes: a key is a letter, then letters, digits, _ . or -, "
                        + "found \"1\"~Try 'tokenledger record --help'.",
                "record --model m --cost-usd cheap | Invalid value for option '--cost-usd': expected a decimal number such as 0.25, "
                        + "found \"cheap\"~Try 'tokenledger record --help'.",
                "record --model m --cost-usd=-1 | cannot record: cost_usd: expected 0 to 9000000 USD, found -1"
                        + "~Try 'tokenledger record --help'.",
                "record --model m --pricing-status priced | cannot record: pricing_status: only goes with a cost_usd; leave both "
                        + "out to have the ledger price it~Try 'tokenledger record --help'.",
                "record --model m --timestamp noon | Invalid value for option '--timestamp': expected a date such as 2026-11-01 or "
                        + "a time such as 2026-11-01T09:30:00Z, found \"noon\"~Try 'tokenledger record --help'.",
                "record --model m --timestamp 1969-12-31T23:59:59Z | cannot record: timestamp: expected a time from "
                        + "1970-01-01T00:00:00Z to 9999-12-31T00:00:00Z, found 1969-12-31T23:59:59Z~Try 'tokenledger record --help'.",
                "record --model a --model b | option '--model' (MODEL) should be specified only once"
                        + "~Try 'tokenledger record --help'.",
                "import csv x | unknown source \"csv\"; expected one of ndjson, claude-code, codex, gemini-cli, opencode, amp, pi, copilot, grok, openclaw, qwen-code, kimi, omp, cline, roo-code, kilo, goose, hermes, droid, cursor, thane, litellm~Try 'tokenledger import --help'.",
                "import ndjson | import ndjson needs a file, or - for standard input~Try 'tokenledger import --help'.",
                "explain | Missing required parameter: 'ID'~Try 'tokenledger explain --help'.",
                "reverse a | Missing required option: '--reason=TEXT'~Try 'tokenledger reverse --help'.",
                "prices sell | unknown command \"sell\"~Try 'tokenledger prices --help'.",
                "prices check | Missing required parameter: 'FILE'~Try 'tokenledger prices check --help'.",
                "budget frobnicate | unknown command \"frobnicate\"~Try 'tokenledger budget --help'.",
                "budget check extra | unexpected argument \"extra\"~Try 'tokenledger budget check --help'.",
                "budget check --budgets | Missing required parameter for option '--budgets' (FILE)"
                        + "~Try 'tokenledger budget check --help'.",
                "budget check --zone Mars/Phobos | Invalid value for option '--zone': unknown zone \"Mars/Phobos\"; expected a "
                        + "name such as Europe/Berlin, UTC, or an offset such as +05:45~Try 'tokenledger budget check --help'.",
                "completion fish | unknown shell \"fish\"; expected bash or zsh~Try 'tokenledger completion --help'.",
                "help frobnicate | there is no command \"frobnicate\"~Try 'tokenledger help --help'."
            })
    void misuse_exitsWith2AndSaysWhatWasExpected(String arguments, String expected) {
        Result result = program.run(arguments.split(" "));

        assertThat(result.err()).isEqualTo(expected.replace("@DIMS", DIMENSIONS).replace("~", "\n") + "\n");
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(folder.resolve("ledger.db")).doesNotExist();
    }

    @Test
    void noCommand_printsTheOverviewAsAnError() {
        Result result = program.run();

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .startsWith("Keeps an exact, append-only ledger")
                .contains("Commands:");
        assertThat(program.run("prices").code()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"clickhouse://user:secret@host/db", "jdbc:postgresql://user:secret@host"})
    void ledgerOfAnEngineThatIsNotThere_isAUsageError(String url) {
        Result result = program.run("--ledger", url, "summary");

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err())
                .startsWith("--ledger: this build has no engine for ")
                .doesNotContain("secret");
    }

    @Test
    void nulBytes_areRefusedWithoutAStackTrace() {
        assertThat(program.run("--ledger", "a\0b", "summary"))
                .isEqualTo(new Result(
                        2,
                        "",
                        "--ledger: not a usable path: Nul character not allowed\n"
                                + "Try 'tokenledger summary --help'.\n"));
        assertThat(program.run("record", "--model", "a\0b").err())
                .startsWith("cannot record: model: control character U+0000 at position 1 is not allowed\n");
        assertThat(program.run("import", "ndjson", "a\0b").code()).isEqualTo(2);
    }

    @Test
    void longValues_areCut() {
        String err = program.run("summary", "--by", "x".repeat(10_000)).err();

        assertThat(err).hasSizeLessThan(500).contains("…");
    }

    @Test
    void quotedValues_cannotSteerTheTerminal() {
        assertThat(program.run("summary", "--by", "\u001b]0;evil\u0007").err()).doesNotContain("\u001b", "\u0007");
    }

    @Test
    void missingPriceFile_isSaidAndNothingIsDone() {
        Result result = program.run("--prices", folder.resolve("no.yaml").toString(), "record", "--model", "m");

        assertThat(result)
                .isEqualTo(new Result(
                        1,
                        "",
                        "cannot read the price file " + folder.resolve("no.yaml") + ": there is no such file\n"));
        assertThat(folder.resolve("ledger.db")).doesNotExist();
    }

    @Test
    void brokenPriceFile_isSaidWithItsLine() {
        String file = program.file("bad.yaml", "prices:\n  - model: m\n    usd_per_million: { input: -1 }\n");

        Result result = program.run("--prices", file, "record", "--model", "m");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).startsWith(file + ":3:").contains("a rate is not negative, found -1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"explain a", "reverse a --reason x", "verify", "rebuild"})
    void commandsAboutWhatIsInALedger_needOne(String arguments) {
        Path ledger = folder.resolve("ledger.db");

        Result result = program.run(arguments.split(" "));

        assertThat(result)
                .isEqualTo(new Result(
                        1,
                        "",
                        "cannot open " + ledger + ": there is no ledger; name one with --ledger, or make one with "
                                + "'tokenledger record' or 'tokenledger import'\n"));
        assertThat(ledger).doesNotExist();
    }

    @Test
    void debug_showsWhereAFailureCameFrom() {
        String plain = program.run("explain", "a").err();
        String debug = program.run("--debug", "explain", "a").err();

        assertThat(plain).doesNotContain("\tat ");
        assertThat(debug).contains("\tat dev.tokenledger.cli.").endsWith(plain);
    }

    @Test
    void fullDisk_isAFailure() {
        OutputStream full = new FailingStream("No space left on device");

        Result result = program.defaultLedger().runInto(full, "summary", "--format", "json");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).endsWith("cannot write to standard output: No space left on device\n");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void fullDisk_forReal_isAFailure() throws IOException {
        try (OutputStream full = new FileOutputStream("/dev/full")) {
            assertThat(program.runInto(full, "prices", "list").code()).isEqualTo(1);
        }
    }

    @Test
    void readerThatHasLeft_isNoFailure() {
        program.succeed("record", "--model", "m");

        Result result = program.runInto(new FailingStream("Broken pipe"), "records", "--format", "ndjson");

        assertThat(result).isEqualTo(new Result(0, "", ""));
    }

    @Test
    void version_isOneLine() {
        assertThat(program.run("--version").out()).startsWith("tokenledger ").hasLineCount(1);
    }

    @Test
    void fileForALedger_thatIsAFolder_isSaid() throws IOException {
        Files.createDirectory(folder.resolve("ledger.db"));

        Result result = program.run("record", "--model", "m");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err())
                .contains(folder.resolve("ledger.db").toString())
                .doesNotContain("Exception");
    }

    /** It says nothing of what was spent: it was a ledger once, or the path is a mistake. */
    @ParameterizedTest
    @ValueSource(strings = {"summary", "summary --format json", "records --format json", "verify", "record --model m"})
    void emptyFile_isNoLedger(String arguments) throws IOException {
        Files.createFile(folder.resolve("ledger.db"));

        Result result = program.run(arguments.split(" "));

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .startsWith("cannot open " + folder.resolve("ledger.db") + ": it is an empty file, not a ledger");
        assertThat(folder.resolve("ledger.db")).isEmptyFile();
    }

    @ParameterizedTest
    @ValueSource(strings = {"summary", "records", "summary --format json"})
    void namedLedger_thatIsNotThere_isAMistake(String arguments) {
        Path ledger = folder.resolve("ledger.db");

        Result result = program.run(arguments.split(" "));

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).startsWith("cannot open " + ledger + ": there is no ledger; name one with --ledger");
        assertThat(ledger).doesNotExist();
    }

    @Test
    void namedLedger_thatIsNotThere_isNoMistakeForAnImportThatIsTried() {
        String records = program.file("records.ndjson", "{\"id\":\"a\",\"model\":\"m\",\"input_tokens\":1}\n");

        assertThat(program.run("import", "ndjson", "--dry-run", records).code()).isZero();
        assertThat(folder.resolve("ledger.db")).doesNotExist();
    }

    @Test
    void defaultLedger_thatIsNotThereYet_isABeginning() {
        Result result = program.defaultLedger().run("summary");

        assertThat(result.code()).isZero();
        assertThat(result.err())
                .startsWith("there is no ledger at " + folder.resolve("tokenledger/ledger.db")
                        + " yet; 'tokenledger record'");
    }

    @Test
    void logWithoutItsLedger_isAnError_alsoForTheDefaultLedger() throws IOException {
        Files.createDirectories(folder.resolve("tokenledger"));
        Path log = Files.writeString(folder.resolve("tokenledger/ledger.db-wal"), "acknowledged");

        for (String command : List.of("summary", "records", "record --model m", "import ndjson -")) {
            Result result = program.defaultLedger().run(command.split(" "));

            assertThat(result.code()).as(command).isEqualTo(1);
            assertThat(result.err()).contains(log.toString(), "recover");
        }
        assertThat(log).hasContent("acknowledged");
    }

    /** In an ASCII locale each byte of two different ids becomes the same sign. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "record --model m --id Gr\ufffd\ufffde",
                "record --model m --attribute team=\ufffd",
                "summary --where role=\ufffd",
                "--ledger d\ufffdr.db records",
                "explain \ufffd",
                "no-such-command \ufffd"
            })
    void argumentThatIsNotUtf8_isRefused(String arguments) {
        Result result = program.run(arguments.split(" "));

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("bytes that are not UTF-8");
        assertThat(folder).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TOKENLEDGER_LEDGER", "HOME", "XDG_CONFIG_HOME"})
    void variableThatIsNotUtf8_isRefused_whereItNamesAFile(String variable) {
        Result result = program.variable(variable, folder + "/d\ufffdr").run("record", "--model", "m");

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).startsWith(variable + ": holds bytes that are not UTF-8");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void textFromAFile_mayHoldTheSignOfWhatIsNotUtf8() {
        program.in("{\"id\":\"a\ufffd\",\"model\":\"m\",\"input_tokens\":1}\n").succeed("import", "ndjson", "-");

        assertThat(program.succeed("records", "--format", "ndjson")).contains("a\ufffd");
    }

    @Test
    void newLedger_andItsFolder_areTheirOwnersAlone() throws IOException {
        program.defaultLedger().succeed("record", "--model", "m");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("tokenledger"))))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(folder.resolve("tokenledger/ledger.db"))))
                .isEqualTo("rw-------");
    }

    @Test
    void whatKeepsNothingFromWorking_isAWarning() throws IOException {
        Path ledger = folder.resolve("ledger.db");
        Path log = folder.resolve("ledger.db-wal");
        byte[] database;
        byte[] logged;
        try (Ledger open = new SqliteLedgerOpener(InstantSource.fixed(TestProgram.NOW))
                .open(ledger, PriceBook.empty(), warning -> {})) {
            open.append(UsageRecord.builder().model("kept").build());
            open.append(UsageRecord.builder().model("torn").build());
            database = Files.readAllBytes(ledger);
            logged = Files.readAllBytes(log);
        }
        // As a power cut may leave it: of the last commit's pages the last one is whole, and the one before is not.
        int frame = 24 + 4_096;
        logged[logged.length - frame - 1] ^= 1;
        Files.write(ledger, database);
        Files.write(log, logged);

        Result result = program.run("records", "--format", "ndjson");

        assertThat(result.code()).isZero();
        assertThat(result.out()).contains("\"kept\"").doesNotContain("\"torn\"");
        assertThat(result.err())
                .matches(
                        "warning: \\Q" + ledger + "\\E: frame \\d+ of ledger\\.db-wal is damaged within its last"
                                + " transaction, as after a power cut; that transaction was never acknowledged and is left out\n");
    }
}
