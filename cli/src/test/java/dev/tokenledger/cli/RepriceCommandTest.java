package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.cli.TestProgram.Result;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepriceCommandTest {

    private static final Pattern DIGEST = Pattern.compile("\"digest\":\"([0-9a-f]{32})\"");

    @TempDir
    Path folder;

    private TestProgram program;
    private String prices;

    @BeforeEach
    void setUp() {
        program = new TestProgram(folder);
        record("a", "house-large", "2026-10-30T12:00:00Z");
        record("b", "house-large", "2026-11-02T12:00:00Z");
        record("c", "house-small", "2026-11-02T13:00:00Z");
        prices = priceFile("prices.yaml", "2");
    }

    private void record(String id, String model, String time) {
        program.succeed("record", "--id", id, "--model", model, "--timestamp", time, "--input-tokens", "1000000");
    }

    private String priceFile(String name, String input) {
        return program.file(
                name, "prices:\n  - model: house-large\n    usd_per_million: {input: " + input + ", output: 10}\n");
    }

    private String reprice(String... more) {
        String[] arguments = new String[more.length + 5];
        System.arraycopy(
                new String[] {"--prices", prices, "reprice", "--reason", "the list came late"}, 0, arguments, 0, 5);
        System.arraycopy(more, 0, arguments, 5, more.length);
        return program.succeed(arguments);
    }

    private static String digest(String json) {
        Matcher digest = DIGEST.matcher(json);
        assertThat(digest.find()).as(json).isTrue();
        return digest.group(1);
    }

    private String total() {
        return program.succeed("summary", "--format", "json");
    }

    private String run() {
        String list = program.succeed("reprice", "list", "--format", "json");
        Matcher run = Pattern.compile("\"run\":\"([^\"]*)\"").matcher(list);
        String last = "";
        while (run.find()) {
            last = run.group(1);
        }
        return last;
    }

    @Test
    void withoutApply_showsWhatWouldChange_andWritesNothing() {
        String before = total();

        String table = reprice();

        assertThat(table.lines().map(line -> line.strip().replaceAll(" {2,}", " | ")))
                .contains(
                        "house-large | 2026-10 | fill | 1 | ≥ $0.00 | $2.00 | $2.00",
                        "house-large | 2026-11 | fill | 1 | ≥ $0.00 | $2.00 | $2.00",
                        "total | 2 | ≥ $0.00 | $4.00 | $4.00");
        assertThat(table)
                .contains("1 call has no whole price in today's prices either.\n")
                .contains("--apply ");
        assertThat(total()).isEqualTo(before);
        assertThat(program.run("reprice", "list").err()).isEqualTo("nothing was repriced yet\n");
    }

    @Test
    void apply_fillsInOnce_andKeepsTheFirstCostReadable() {
        assertThat(reprice("--apply"))
                .matches(
                        "run [0-9a-f-]{36}: 2 calls repriced, 2 filled in, 0 corrected; \\$0.00 before, \\$4.00 now\n");
        assertThat(total()).contains("\"total_cost_usd\":4,").contains("\"unpriced_records\":1,");
        assertThat(program.succeed("records", "--format", "csv", "--where", "model=house-large"))
                .contains(",2,priced,house-large@*#");

        assertThat(reprice("--apply")).isEqualTo("nothing to reprice; nothing was written\n");
        assertThat(program.succeed("reprice", "list", "--format", "json"))
                .containsOnlyOnce("\"state\":\"applied\"")
                .contains("\"scope\":\"partial,unpriced\"")
                .contains("\"filled_records\":2,\"corrected_records\":0,\"old_cost_usd\":0,\"new_cost_usd\":4");
        String explained = program.succeed("explain", "a");
        assertThat(explained)
                .contains("status    priced\n")
                .contains("History:\n  2026-11-22 12:00:00 UTC  recorded: unpriced\n")
                .contains("UTC  repriced: $2.00 by house-large@*#")
                .contains("; the list came late (run " + run() + ")\n");
        assertThat(program.succeed("verify")).contains("all is as it should be");
    }

    @Test
    void digest_isOfThePlan_andOfNoOther() {
        String digest = digest(reprice("--format", "json"));
        record("d", "house-large", "2026-11-03T12:00:00Z");

        Result stale = program.run("--prices", prices, "reprice", "--reason", "the list came late", "--apply", digest);
        assertThat(stale.code()).isEqualTo(1);
        assertThat(stale.err()).startsWith("the plan is out of date: ").contains("nothing was written");
        assertThat(total()).contains("\"unpriced_records\":4,");

        String now = digest(reprice("--format", "json"));
        assertThat(now).isNotEqualTo(digest);
        assertThat(reprice("--apply", now)).contains("3 calls repriced");
        assertThat(reprice("--apply", now)).contains("has done this before; nothing was written");
    }

    @Test
    void correct_isAskedForByItself_andLosesNoPrice() {
        reprice("--apply");
        prices = priceFile("fixed.yaml", "3");
        assertThat(reprice()).contains("Nothing to reprice.");
        assertThat(reprice("--correct", "--where", "model=house-large", "--from", "2026-11-01"))
                .contains("correct")
                .contains("$1.00");
        assertThat(reprice("--correct", "--from", "2026-11-01", "--apply"))
                .contains("1 call repriced, 0 filled in, 1 corrected; $2.00 before, $3.00 now");
        assertThat(total()).contains("\"total_cost_usd\":5,");

        prices = program.file("other.yaml", "prices:\n  - model: x\n    usd_per_million: {input: 1}\n");
        assertThat(reprice("--correct")).contains("2 calls keep their cost, because today's prices know less of them.");
    }

    @Test
    void undo_givesBackTheEarlierCost_andCanBeUndone() {
        reprice("--apply");
        String first = run();
        prices = priceFile("fixed.yaml", "3");
        reprice("--correct", "--where", "model=house-large", "--apply");
        String second = run();

        assertThat(program.succeed("reprice", "undo", first, "--reason", "wrong"))
                .contains(
                        "Nothing to reprice.",
                        "reversed or repriced since, and would be left alone:",
                        "repriced since by the run " + second);
        assertThat(program.succeed("reprice", "undo", first, "--reason", "wrong", "--format", "json"))
                .contains("\"left_records\":2,\"left\":[{\"id\":");
        assertThat(program.succeed("reprice", "undo", second, "--reason", "wrong"))
                .contains("undo")
                .doesNotContain("left alone");
        assertThat(program.succeed("reprice", "undo", second, "--reason", "wrong", "--apply"))
                .contains("2 calls repriced");
        assertThat(total()).contains("\"total_cost_usd\":4,");
        assertThat(program.succeed("reprice", "undo", run(), "--reason", "right after all", "--apply"))
                .contains("$4.00 before, $6.00 now");
        assertThat(total()).contains("\"total_cost_usd\":6,");
        assertThat(program.run("reprice", "undo", "nobody", "--reason", "x").err())
                .startsWith("there is no run ");
        assertThat(program.succeed("verify")).contains("all is as it should be");
    }

    @Test
    void wholeExport_hasRunsAndWhatIsClosed_andAnImportTakesThemOver_once() {
        reprice("--apply");
        String run = run();
        program.succeed("close", "--before", "2026-11-01", "--zone", "UTC", "--reason", "October is billed");
        String[] whole = {"records", "--period", "all", "--history", "--format", "ndjson"};
        String export = program.succeed(whole);
        assertThat(export)
                .contains("\n{\"kind\":\"repricing_run\",\"id\":\"" + run + "\",")
                .contains("\n{\"kind\":\"closing\",\"closed_before\":\"2026-11-01T00:00:00Z\",\"zone\":\"UTC\",");
        assertThat(program.succeed("records", "--period", "all", "--format", "ndjson"))
                .doesNotContain("repricing_run", "closing");

        TestProgram copy = new TestProgram(folder.resolve("copy"));
        String file = copy.file("export.ndjson", export);
        for (int i = 0; i < 2; i++) {
            assertThat(copy.succeed("import", "ndjson", file)).contains("skipped     0");
            assertThat(copy.succeed("reprice", "list")).isEqualTo(program.succeed("reprice", "list"));
            assertThat(copy.succeed("close")).contains("2026-11-01", "October is billed");
            assertThat(besides(copy.succeed(whole))).isEqualTo(besides(export)).hasSize(2);
        }
        assertThat(copy.run("import", "ndjson", copy.file("broken.ndjson", "{\"kind\":\"closing\",\"zone\":1}\n"))
                        .out())
                .contains("skipped     1");
    }

    /** What an export says besides entries. */
    private static List<String> besides(String export) {
        return export.lines().filter(line -> line.startsWith("{\"kind\"")).toList();
    }

    @Test
    void givenCosts_areRepricedOnlyWhenAsked() {
        program.succeed(
                "record", "--id", "g", "--model", "house-large", "--input-tokens", "1000000", "--cost-usd", "7");
        assertThat(reprice("--correct")).contains("Nothing to reprice.");
        assertThat(reprice("--correct", "--given", "--apply")).contains("$7.00 before, $2.00 now");
        assertThat(total()).contains("\"total_cost_usd\":2,");
    }

    @Test
    void closedPeriod_isNeitherRepricedNorReversed_untilItIsOpened() {
        assertThat(program.succeed("close", "--before", "2026-11-01", "--reason", "October is billed"))
                .isEqualTo("closed before 2026-11-01 00:00 (UTC)\n");
        assertThat(reprice()).contains("1 call lies in a closed period and would not be repriced.");
        assertThat(reprice("--apply")).contains("1 call repriced");
        assertThat(total()).contains("\"total_cost_usd\":2,");
        Result refused = program.run("reverse", "a", "--reason", "x");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("is closed; nothing was stored");
        assertThat(program.run("close", "--before", "2026-10-01", "--reason", "x")
                        .err())
                .contains("is closed already");

        program.at(TestProgram.NOW.plus(Duration.ofDays(1)))
                .ledgers(new SqliteLedgerOpener(() -> TestProgram.NOW.plus(Duration.ofDays(1))));
        program.succeed(
                "record", "--id", "late", "--model", "x", "--timestamp", "2026-10-31T00:00:00Z", "--cost-usd", "0.5");
        assertThat(program.succeed("close"))
                .isEqualTo("closed before 2026-11-01 00:00 (UTC), since 2026-11-22 12:00:00 UTC: October is billed\n"
                        + "  as closed 1 call, $0.00; since then 1 call, $0.50\n");

        assertThat(program.succeed("reopen", "--reason", "the bill was wrong")).isEqualTo("nothing is closed\n");
        assertThat(program.succeed("reopen", "--reason", "again")).contains("nothing was written");
        assertThat(reprice("--apply")).contains("1 call repriced");
        assertThat(program.succeed("close"))
                .contains("nothing is closed, since")
                .contains("the bill was wrong");
    }

    @Test
    void importOfLateCalls_storesThem_andSaysSo() {
        program.succeed("close", "--before", "2026-11-01", "--reason", "October is billed");
        String late = program.file(
                "late.ndjson",
                "{\"id\":\"l1\",\"model\":\"m\",\"timestamp\":\"2026-10-31T10:00:00Z\",\"cost_usd\":0.25}\n"
                        + "{\"id\":\"l2\",\"model\":\"m\",\"timestamp\":\"2026-11-01T00:00:00Z\",\"cost_usd\":1}\n");

        Result result = program.run("import", "ndjson", late);

        assertThat(result.code()).isZero();
        assertThat(result.err()).contains("late: 1 call, $0.25, came to what is closed, before 2026-11-01T00:00:00Z");
        assertThat(program.run("import", "ndjson", late).err()).doesNotContain("late: ");
    }

    @Test
    void asOf_tellsWhatTheLedgerToldThen() {
        String before = total();
        program.at(TestProgram.NOW.plus(Duration.ofDays(1)))
                .ledgers(new SqliteLedgerOpener(() -> TestProgram.NOW.plus(Duration.ofDays(1))));
        reprice("--apply");
        program.succeed("reverse", "c", "--reason", "x");
        assertThat(program.succeed("summary", "--format", "json", "--as-of", "2026-11-22T12:00:00Z")
                        .replace("\"as_of\":\"2026-11-22T12:00:00Z\",", ""))
                .isEqualTo(before);
        assertThat(program.succeed("summary", "--as-of", "2026-11-23")).startsWith("Usage, as of 2026-11-23 00:00,");
        assertThat(program.run("summary", "--as-of", "2020-01-01").err())
                .startsWith("nothing that matches was recorded by then; ");
        assertThat(program.run("summary", "--as-of", "soon").code()).isEqualTo(2);
    }

    @Test
    void exportWithHistory_isImportedAsItWas() {
        reprice("--apply");
        String export = program.succeed("records", "--history", "--format", "ndjson");
        TestProgram other = new TestProgram(folder.resolve("other"));
        other.succeed("import", "ndjson", program.file("export.ndjson", export));
        assertThat(other.succeed("summary", "--format", "json")).isEqualTo(total());
        assertThat(withoutSequence(other.succeed("records", "--history", "--format", "json")))
                .isEqualTo(withoutSequence(program.succeed("records", "--history", "--format", "json")));
    }

    @Test
    void missingReasonOrOddOption_isMisuse() {
        assertThat(program.run("reprice").code()).isEqualTo(2);
        assertThat(program.run("reprice", "--reason", " ").code()).isEqualTo(2);
        assertThat(program.run("reprice", "--reason", "x", "--where", "pricing_status=partial")
                        .err())
                .contains("pricing_status");
        assertThat(program.run("close", "--before", "2026-11-01").code()).isEqualTo(2);
        assertThat(program.run("close", "--reason", "x").code()).isEqualTo(2);
        assertThat(program.run("reopen").code()).isEqualTo(2);
    }

    /** Entries are numbered by each ledger. */
    private static String withoutSequence(String json) {
        return json.replaceAll("\"sequence\":[0-9]+,", "");
    }
}
