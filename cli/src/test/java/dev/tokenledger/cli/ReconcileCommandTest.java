package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.cli.TestProgram.Result;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReconcileCommandTest {

    private static final String PRICES = """
            prices:
              - provider: openai
                model: lamp-2
                usd_per_million: { input: 4, output: 20, cache_read: 0.4 }
                service_tiers: { batch: { multiplier: 0.5 } }
            """;

    private static final String RECORDS = """
            {"id":"a","timestamp":"2026-10-04T10:00:00Z","provider":"openai","model":"lamp-2","input_tokens":60,\
            "output_tokens":7,"cache_read_input_tokens":40}
            {"id":"b","timestamp":"2026-10-05T00:00:03Z","provider":"openai","model":"lamp-2","input_tokens":1000}
            {"id":"c","timestamp":"2026-10-05T09:00:00Z","provider":"openai","model":"lamp-2","input_tokens":50000,\
            "output_tokens":1}
            {"id":"d","timestamp":"2026-10-05T09:00:00Z","provider":"other","model":"lamp-2","input_tokens":50000,"cost_usd":1}
            """;

    /** The fourth of October has b, which the ledger dates after midnight; on the fifth c is in batch. */
    private static final String USAGE = """
            {"data":[{"start_time":1791072000,"end_time":1791158400,"results":[
             {"input_tokens":1100,"input_cached_tokens":40,"output_tokens":7,"num_model_requests":2,"model":"lamp-2","batch":false,
              "service_tier":"default"}]},
             {"start_time":1791158400,"end_time":1791244800,"results":[
             {"input_tokens":50000,"output_tokens":1,"num_model_requests":1,"model":"lamp-2","batch":true}]}]}
            """;

    private static final String COSTS = """
            start_time,end_time,amount_value,amount_currency,line_item
            1791072000,1791158400,0.00424,usd,"lamp-2, input"
            1791072000,1791158400,0.000016,usd,"lamp-2, cached input"
            1791072000,1791158400,0.00014,usd,"lamp-2, output"
            1791158400,1791244800,0.1,usd,"lamp-2, batch input"
            1791158400,1791244800,0.00001,usd,"lamp-2, batch output"
            """;

    @TempDir
    Path folder;

    private TestProgram program;
    private String usage;
    private String costs;

    @BeforeEach
    void setUp() {
        program = new TestProgram(folder);
        program.succeed(
                "--prices",
                program.file("prices.yaml", PRICES),
                "import",
                "ndjson",
                program.file("records.ndjson", RECORDS));
        usage = program.file("usage.json", USAGE);
        costs = program.file("costs.csv", COSTS);
    }

    @Test
    void book_entersWhatRemains_once_andReverseTakesItBack() {
        String[] command = {"reconcile", "openai", usage, costs, "--book", "--reason", "reviewed", "--format", "json"};
        assertThat(program.succeed("summary", "--period", "all", "--where", "provider=openai", "--format", "json"))
                .contains("\"total_records\":3", "\"total_cost_usd\":0.204416");

        Result booked = program.run(command);

        assertThat(booked.code()).isZero();
        assertThat(booked.out())
                .contains(
                        "\"difference_usd\":0.10001",
                        "\"booked\":[{\"bucket\":\"2026-10-04\",\"id\":\"adjustment:openai:2026-10-04:",
                        ":1\",\"usd\":0.004,\"entered\":true},{\"bucket\":\"2026-10-05\"",
                        ":1\",\"usd\":-0.10401,\"entered\":true}]");
        assertThat(program.succeed("summary", "--period", "all", "--where", "provider=openai", "--format", "json"))
                .contains("\"total_records\":3", "\"total_cost_usd\":0.104406");

        Result again = program.run("reconcile", "openai", usage, costs, "--book");
        assertThat(again.code()).isZero();
        assertThat(again.out())
                .contains("Nothing to book.", "booked before", "reviewed; openai bill of 2026-10-05: ")
                .doesNotContain("differs");
        String id = booked.out().replaceAll("(?s).*\"bucket\":\"2026-10-05\",\"id\":\"([^\"]+)\".*", "$1");
        assertThat(program.succeed("explain", id)).contains("adjustment", "reviewed; openai bill", "-$0.10401");

        program.succeed("reverse", id, "--reason", "the bill was corrected");
        assertThat(program.run("reconcile", "openai", usage, costs).code()).isEqualTo(1);
        assertThat(program.run("reconcile", "openai", usage, costs, "--book").out())
                .contains("  2026-10-05  -$0.10401  " + id.replaceAll(":1$", ":2"));
        assertThat(program.succeed("verify")).contains("all is as it should be");
    }

    @Test
    void book_ofAClosedPeriod_isRefused_byBucket() {
        program.succeed("close", "--before", "2026-10-05", "--zone", "UTC", "--reason", "billed");
        Result result = program.run("reconcile", "openai", usage, costs, "--book");
        assertThat(result.code()).isZero();
        assertThat(result.out())
                .contains("2026-10-04  $0.004  not entered: timestamp: the adjustment lies before 2026-10-05T00:00:00Z")
                .contains("2026-10-05  -$0.10401  adjustment:openai:2026-10-05:");
    }

    @Test
    void book_needsAmountsOfTheBill_andAChoiceThatAnAdjustmentCanHave() {
        assertThat(program.run("reconcile", "openai", usage, "--book").err())
                .contains("the bill states no amounts to book", "nothing was entered");
        assertThat(program.run("reconcile", "openai", usage, costs, "--book", "--where", "pricing_status=unpriced")
                        .err())
                .contains("an adjustment cannot have pricing_status=unpriced");
        assertThat(program.run("reconcile", "openai", usage, costs, "--reason", "why")
                        .code())
                .isEqualTo(2);
    }

    @Test
    void table_namesEachCause_andExitsWithOne() {
        Result result = program.run("reconcile", "openai", usage, costs);

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.out()).isEqualTo("""
                The ledger and the bill of openai

                bucket      bill calls  records       bill     ledger  difference
                --------------------------------------------------------------------------
                2026-10-04           2        1  $0.004396  $0.000396     -$0.004
                2026-10-05           1        2   $0.10001   $0.20402    $0.10401  differs
                --------------------------------------------------------------------------
                total                            $0.104406  $0.204416    $0.10001

                bucket      cause                    of      calls    amount
                ------------------------------------------------------------
                2026-10-04  dated in another bucket  lamp-2      1   -$0.004
                2026-10-05  service tier             lamp-2      1  $0.10001
                2026-10-05  dated in another bucket  lamp-2      1    $0.004

                2026-10-04 dated in another bucket: the ledger dates it in 2026-10-05, the bill in 2026-10-04 (b)
                2026-10-05 service tier: the ledger has tier standard, the bill tier batch (c)
                2026-10-05 dated in another bucket: the ledger dates it in 2026-10-05, the bill in 2026-10-04 (b)
                """);
    }

    @Test
    void json_hasEveryFigure() {
        assertThat(program.run("reconcile", "openai", usage, costs, "--format", "json")
                        .out())
                .startsWith("{\"bill\":\"openai\",\"start\":\"2026-10-04T00:00:00Z\",\"end\":\"2026-10-06T00:00:00Z\","
                        + "\"priced_by_ledger\":false,\"billed_usd\":0.104406,\"ledger_usd\":0.204416,"
                        + "\"difference_usd\":0.10001,\"tolerance_usd\":0.01,\"tolerance_part\":0.005,"
                        + "\"within_tolerance\":false,\"buckets\":[{\"bucket\":\"2026-10-04\",")
                .contains("{\"cause\":\"tier\",\"bucket\":\"2026-10-05\",\"usd\":0.10001,\"model\":\"lamp-2\",")
                .contains("\"calls\":1,\"tokens\":{\"input\":50000,\"output\":1},\"ids\":[\"c\"],");
    }

    @Test
    void tolerance_decidesTheExitCode() {
        assertThat(program.run("reconcile", "openai", usage, costs, "--tolerance", "0.10401")
                        .code())
                .isZero();
        assertThat(program.run("reconcile", "openai", usage, costs, "--tolerance", "0.10400")
                        .code())
                .isEqualTo(1);
        assertThat(program.run("reconcile", "openai", usage, costs, "--tolerance", "105%")
                        .code())
                .isZero();
        assertThat(program.run("reconcile", "openai", usage, costs, "--tolerance", "-1")
                        .code())
                .isEqualTo(2);
        assertThat(program.run("reconcile", "openai", usage, costs, "--to", "2026-10-05")
                        .code())
                .isZero();
    }

    @Test
    void mistakes_areTold() {
        assertThat(program.run("reconcile", "openai").code()).isEqualTo(2);
        assertThat(program.run("reconcile", "nobody", usage).err())
                .contains(
                        "expected one of openai, anthropic, openrouter, aws-cur, google-billing, csv, found \"nobody\"");
        assertThat(program.run("reconcile", "openai", usage, usage).err()).contains("is named twice");
        assertThat(program.run("reconcile", "openai", program.path("none.json").toString())
                        .err())
                .contains("there is no such file");
        assertThat(program.run("reconcile", "anthropic", costs).err()).contains("costs.csv:1:1:");
    }

    @Test
    void nothingIsWritten() {
        String before = program.succeed("records", "--history", "--format", "ndjson");
        program.run("reconcile", "openai", usage, costs);

        assertThat(program.succeed("records", "--history", "--format", "ndjson"))
                .isEqualTo(before);
    }
}
