package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.cli.TestProgram.Result;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BudgetCommandTest {

    private static final String OWN = ".config/tokenledger/budgets.yaml";

    /** Sunday 22 November 2026, 12:00 UTC, is 21.5 of 30 days into the month. */
    private static final String BUDGETS = """
            budgets:
              - name: Everything
                period: month
                usd: 100
                zone: UTC
              - name: Search team
                where: { attribute.team: search }
                period: month
                usd: 50
                zone: UTC
              - name: Search team today
                where: { attribute.team: search }
                period: day
                usd: 9.99
                zone: UTC
            """;

    @TempDir
    Path folder;

    private TestProgram program;

    @BeforeEach
    void setUp() {
        program = new TestProgram(folder);
    }

    private void record(String time, String usd, String team) {
        program.succeed("record", "--model=m", "--timestamp=" + time, "--cost-usd=" + usd, "--attribute=team=" + team);
    }

    @Test
    void check_withinItsBudgets_succeeds() {
        program.file(OWN, BUDGETS);
        record("2026-11-01T00:00:00Z", "21.5", "search");
        record("2026-10-31T23:59:59Z", "1000", "search");

        assertThat(program.run("budget", "check")).isEqualTo(new Result(0, """
                        budget             period             spent    limit  used  projected  state
                        -----------------------------------------------------------------------------
                        Everything         2026-11 (UTC)     $21.50  $100.00   22%     $30.00  within
                        Search team        2026-11 (UTC)     $21.50   $50.00   43%     $30.00  within
                        Search team today  2026-11-22 (UTC)   $0.00    $9.99    0%      $0.00  within
                        """, ""));
    }

    @Test
    void notify_tellsEachChannelOnce_andFailsWhereOneIsNotTold() {
        try (HookReceiver receiver = new HookReceiver()) {
            program.variable("HOOK_URL", receiver.url()).variable("HOOK_SECRET", "whsec_" + "c2VjcmV0".repeat(4));
            program.file(OWN, """
                    budgets: [{ name: Everything, period: month, usd: 100 }]
                    notify: [{ name: hook, type: webhook, url_env: HOOK_URL, secret_env: HOOK_SECRET, insecure: true }]
                    """);
            record("2026-11-22T00:00:00Z", "55", "search");
            receiver.answer(500);
            Result refused = program.run("budget", "notify");
            assertThat(refused.code()).isEqualTo(1);
            assertThat(refused.err())
                    .startsWith("hook: not told that Budget \"Everything\" has reached 50% of its limit:"
                            + " the receiver answered 500; next try at 2026-11-22T12:00:0")
                    .doesNotContain("t0ken");
            assertThat(program.run("budget", "notify")).as("too early").isEqualTo(new Result(0, "", ""));
            receiver.answer(200);
            assertThat(program.at(TestProgram.NOW.plusSeconds(10)).run("budget", "notify"))
                    .isEqualTo(new Result(0, "hook: Budget \"Everything\" has reached 50% of its limit\n", ""));
            assertThat(program.run("budget", "notify")).isEqualTo(new Result(0, "", ""));
            assertThat(receiver.rest()).extracting(HookReceiver.Request::taken).containsExactly(false, true);

            assertThat(program.run("budget", "test-channel", "hook"))
                    .isEqualTo(new Result(0, "hook: the receiver took the test\n", ""));
            assertThat(receiver.rest()).hasSize(1);
            receiver.answer(404);
            assertThat(program.run("budget", "test-channel", "hook"))
                    .isEqualTo(new Result(1, "", "hook: the receiver answered 404\n"));
            assertThat(program.run("budget", "test-channel", "hock").err()).contains("there is hook");
        }
    }

    @Test
    void notify_withoutChannels_saysSo() {
        program.file(OWN, BUDGETS);

        Result result = program.run("budget", "notify");

        assertThat(result.code()).isZero();
        assertThat(result.err()).contains("names no channels");
    }

    @Test
    void check_exceeded_failsAndNamesTheBudgets() {
        program.file(OWN, BUDGETS);
        record("2026-11-22T00:00:00Z", "10", "search");
        record("2026-11-01T00:00:00Z", "33", "search");
        record("2026-11-01T00:00:00Z", "60.000000000001", "ads");

        Result result = program.run("budget", "check");

        assertThat(result)
                .isEqualTo(new Result(1, """
                        budget             period              spent    limit  used  projected  state
                        -------------------------------------------------------------------------------------------
                        Everything         2026-11 (UTC)     $103.00  $100.00  103%    $143.72  exceeded
                        Search team        2026-11 (UTC)      $43.00   $50.00   86%     $60.00  on course to exceed
                        Search team today  2026-11-22 (UTC)   $10.00    $9.99  100%     $20.00  exceeded
                        """, "2 of 3 budgets are exceeded: Everything, Search team today\n"));
    }

    @Test
    void check_onATerminal_drawsBars() {
        program.file(OWN, BUDGETS);
        record("2026-11-01T00:00:00Z", "25", "search");

        String table = program.terminal(120).run("budget", "check").out();

        assertThat(table).isEqualTo("""
                        budget             period             spent    limit  used          projected  state
                        ─────────────────────────────────────────────────────────────────────────────────────
                        Everything         2026-11 (UTC)     $25.00  $100.00   25%  ███        $34.88  within
                        Search team        2026-11 (UTC)     $25.00   $50.00   50%  ██████     $34.88  within
                        Search team today  2026-11-22 (UTC)   $0.00    $9.99    0%              $0.00  within
                        """);
    }

    @Test
    void check_narrowTerminal_leavesOutWhatFollowsFromTheRest() {
        program.file(OWN, BUDGETS);
        record("2026-11-01T00:00:00Z", "25", "search");

        String table = program.terminal(60).run("budget", "check").out();

        assertThat(table.lines()).allMatch(line -> Display.width(line) <= 66);
        assertThat(table)
                .contains("Everything")
                .contains("$25.00")
                .contains("within")
                .doesNotContain("projected");
    }

    @Test
    void costThatIsNotWhollyKnown_isAtLeast() {
        program.file(OWN, BUDGETS);
        program.succeed("record", "--model=nobody-knows", "--input-tokens=5", "--attribute=team=search");
        record("2026-11-01T00:00:00Z", "25", "ads");

        Result result = program.run("budget", "check");

        assertThat(result.code()).isZero();
        assertThat(result.out()).isEqualTo("""
                        budget             period               spent    limit   used  projected  state
                        -----------------------------------------------------------------------------------
                        Everything         2026-11 (UTC)     ≥ $25.00  $100.00  ≥ 25%   ≥ $34.88  not known
                        Search team        2026-11 (UTC)     unpriced   $50.00      -          -  not known
                        Search team today  2026-11-22 (UTC)  unpriced    $9.99      -          -  not known

                        Some calls have no known cost, or one that covers only part of their usage, so more may have been
                        spent than is shown; 'tokenledger summary --by model,pricing_status' names their models.
                        """);
        assertThat(result.err()).isEmpty();
    }

    @Test
    void json_isExact() {
        String file = program.file("ours.json", """
                {"budgets":[{"name":"All","period":"month","usd":0.3,"zone":"UTC"}]}""");
        record("2026-11-01T00:00:00Z", "0.300000000001", "");

        assertThat(program.run("budget", "check", "--budgets", file, "--json"))
                .isEqualTo(new Result(1, """
                        {"at":"2026-11-22T12:00:00Z","exceeded":1,"budgets":[{"name":"All","where":{},"period":"month",\
                        "zone":"UTC","start":"2026-11-01T00:00:00Z","end":"2026-12-01T00:00:00Z","state":"exceeded",\
                        "limit_usd":0.3,"spent_usd":0.300000000001,"used":1,"projected_usd":0.418604651164,\
                        "total_records":1,"partial_records":0,"unpriced_records":0}]}
                        """, "1 of 1 budget is exceeded: All\n"));
    }

    @Test
    void zone_isTheBudgetsOwn_elseTheOptions_elseTheSystems() {
        program.file(OWN, """
                budgets:
                  - { name: own, period: day, usd: 1, zone: America/New_York }
                  - { name: usual, period: day, usd: 1 }
                """);
        program.zone("Asia/Kathmandu");
        record("2026-11-21T18:14:59Z", "0.1", ""); // a second before the 22nd in Nepal
        record("2026-11-21T18:15:00Z", "0.2", "");

        assertThat(program.succeed("budget", "check", "--json"))
                .contains("\"zone\":\"America/New_York\",\"start\":\"2026-11-22T05:00:00Z\"")
                .contains("\"zone\":\"Asia/Kathmandu\",\"start\":\"2026-11-21T18:15:00Z\"")
                .contains("\"spent_usd\":0.2,");
        assertThat(program.succeed("budget", "check", "--json", "--zone", "Europe/Berlin"))
                .contains("\"zone\":\"America/New_York\"")
                .contains("\"zone\":\"Europe/Berlin\",\"start\":\"2026-11-21T23:00:00Z\"");
        assertThat(program.succeed("budget", "check"))
                .contains("2026-11-22 (America/New_York)")
                .contains("2026-11-22 (Asia/Kathmandu)");
    }

    @Test
    void noBudgets_saysHowToWriteSome() {
        record("2026-11-01T00:00:00Z", "25", "ads");
        Path own = folder.resolve(OWN);

        assertThat(program.run("budget", "check"))
                .isEqualTo(new Result(
                        1,
                        "",
                        "there are no budgets; write some to " + own + ", or name a file with --budgets:\n\n"
                                + "budgets:\n  - name: Everything\n    period: month      # or day\n    usd: 500\n"));
        program.file(OWN, "budgets:\n  - name: Everything\n    period: month      # or day\n    usd: 500\n");
        assertThat(program.run("budget", "check").code()).isZero();
        program.file(OWN, "budgets: []\n");
        assertThat(program.run("budget", "check")).isEqualTo(new Result(0, "", "the file has no budgets\n"));
    }

    @Test
    void unusableFile_isNamedWithEveryMistake() {
        String missing = folder.resolve("missing.yaml").toString();
        assertThat(program.run("budget", "check", "--budgets", missing))
                .isEqualTo(new Result(1, "", "cannot read the budget file " + missing + ": there is no such file\n"));

        String bad = program.file("bad.yaml", "budgets:\n  - name: a\n    usd: -1\n    perod: day\n");
        assertThat(program.run("budget", "check", "--budgets", bad, "--json"))
                .isEqualTo(new Result(1, "", bad + ":4:5: budgets[0].perod: unknown key; did you mean period?\n"));

        assertThat(program.run("budget", "check", "--budgets", "a\0b").code()).isEqualTo(2);
    }

    @Test
    void ledgerThatIsNotThere_keepsNoBudget() {
        program.file(OWN, BUDGETS);

        Result result = program.run("--ledger", folder.resolve("mistyped.db").toString(), "budget", "check", "--json");

        assertThat(result)
                .isEqualTo(new Result(
                        1,
                        "",
                        "cannot open " + folder.resolve("mistyped.db")
                                + ": there is no ledger; name one with --ledger, "
                                + "or make one with 'tokenledger record' or 'tokenledger import'\n"));
    }

    @Test
    void nameThatSteersTerminals_isShownHarmlessly() {
        program.file(OWN, "budgets: [{ name: \"a\\u202Eb\", period: day, usd: 0.1 }]\n");
        record("2026-11-22T00:00:00Z", "1", "");

        Result result = program.run("budget", "check");

        assertThat(result.out()).contains("a?b");
        assertThat(result.err()).isEqualTo("1 of 1 budget is exceeded: a?b\n");
    }
}
