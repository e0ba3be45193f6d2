package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.cli.TestProgram.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SummaryCommandTest {

    @TempDir
    Path folder;

    private TestProgram program;

    @BeforeEach
    void setUp() {
        program = new TestProgram(folder);
        program.file(".config/tokenledger/prices.yaml", """
                pricing:
                  claude-opus-4-20250514: { input_per_million: 15.0, output_per_million: 75.0 }
                  claude-sonnet-4-20250514: { input_per_million: 3.0, output_per_million: 15.0 }
                """);
    }

    /** The example of the documentation. */
    private void recordExample() {
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
                "--cache-creation-5m-input-tokens",
                "4000",
                "--cache-read-input-tokens",
                "8000",
                "--role",
                "interactive");
        program.succeed(
                "record",
                "--id",
                "two",
                "--model",
                "claude-sonnet-4-20250514",
                "--timestamp",
                "2026-11-06T23:30:00Z",
                "--input-tokens",
                "2000",
                "--output-tokens",
                "1000",
                "--role",
                "delegate");
    }

    private void recordUnpriced() {
        program.succeed(
                "record",
                "--id",
                "three",
                "--model",
                "mirror/house-model:7b",
                "--timestamp",
                "2026-11-07T10:00:00Z",
                "--input-tokens",
                "1234567",
                "--output-tokens",
                "98765");
    }

    @Test
    void json_hasTheShapeOfTheDocumentation() {
        recordExample();

        assertThat(program.succeed(
                        "summary", "--format", "json", "--by", "model", "--from", "2026-11-01", "--to", "2026-12-01"))
                .isEqualTo("""
                        {"start":"2026-11-01T00:00:00Z","end":"2026-12-01T00:00:00Z","summary":{"total_records":2,\
                        "total_input_tokens":3000,"total_output_tokens":1500,\
                        "total_cache_creation_input_tokens":4000,"total_cache_creation_5m_input_tokens":4000,\
                        "total_cache_creation_1h_input_tokens":0,"total_cache_read_input_tokens":8000,\
                        "total_reasoning_tokens":0,"total_cost_usd":0.1605,"priced_records":2,"partial_records":0,\
                        "unpriced_records":0,"cache_hit_rate":0.6667,"cache_read_share":0.5333,\
                        "doubtful_records":0,"output_incomplete_records":0,"cache_split_missing_records":0},\
                        "group_by":["model"],"groups":[\
                        {"key":"claude-opus-4-20250514","keys":{"model":"claude-opus-4-20250514"},\
                        "summary":{"total_records":1,"total_input_tokens":1000,"total_output_tokens":500,\
                        "total_cache_creation_input_tokens":4000,"total_cache_creation_5m_input_tokens":4000,\
                        "total_cache_creation_1h_input_tokens":0,"total_cache_read_input_tokens":8000,\
                        "total_reasoning_tokens":0,"total_cost_usd":0.1395,"priced_records":1,"partial_records":0,\
                        "unpriced_records":0,"cache_hit_rate":0.6667,"cache_read_share":0.6154,\
                        "doubtful_records":0,"output_incomplete_records":0,"cache_split_missing_records":0}},\
                        {"key":"claude-sonnet-4-20250514","keys":{"model":"claude-sonnet-4-20250514"},\
                        "summary":{"total_records":1,"total_input_tokens":2000,"total_output_tokens":1000,\
                        "total_cache_creation_input_tokens":0,"total_cache_creation_5m_input_tokens":0,\
                        "total_cache_creation_1h_input_tokens":0,"total_cache_read_input_tokens":0,\
                        "total_reasoning_tokens":0,"total_cost_usd":0.021,"priced_records":1,"partial_records":0,\
                        "unpriced_records":0,"cache_hit_rate":0,"cache_read_share":0,\
                        "doubtful_records":0,"output_incomplete_records":0,"cache_split_missing_records":0}}]}
                        """);
    }

    @Test
    void table_inAPipe_isPlainWithoutBars() {
        recordExample();

        assertThat(program.succeed("summary", "--by", "model", "--period", "month"))
                .isEqualTo("""
                        Usage by model, 2026-11-01 00:00 to 2026-12-01 00:00 (UTC)

                        model                     calls  input  output  cache wr  cache rd  hit  cached     cost  share
                        -----------------------------------------------------------------------------------------------
                        claude-opus-4-20250514        1  1,000     500     4,000     8,000  67%     62%  $0.1395    87%
                        claude-sonnet-4-20250514      1  2,000   1,000         0         0    -      0%  $0.0210    13%
                        -----------------------------------------------------------------------------------------------
                        total                         2  3,000   1,500     4,000     8,000  67%     53%  $0.1605   100%

                        Cache: reads are 67% of reads and writes (hit); 53% of all input was read from the cache (cached).

                        """);
    }

    @Test
    void table_withUnpricedCalls_saysSoEverywhere() {
        recordExample();
        recordUnpriced();

        assertThat(program.succeed("summary", "--by", "model").replace(folder.toString(), "~"))
                .isEqualTo("""
                        Usage by model, all time

                        model                     calls  input  output  cache wr  cache rd  hit  cached  price gaps       cost  share
                        -------------------------------------------------------------------------------------------------------------
                        claude-opus-4-20250514        1  1,000     500     4,000     8,000  67%     62%           -    $0.1395    87%
                        claude-sonnet-4-20250514      1  2,000   1,000         0         0    -      0%           -    $0.0210    13%
                        mirror/house-model:7b         1  1.23M   98.8K         0         0    -      0%           1   unpriced      -
                        -------------------------------------------------------------------------------------------------------------
                        total                         3  1.24M    100K     4,000     8,000  67%      1%           1  ≥ $0.1605   100%

                        Cache: reads are 67% of reads and writes (hit); 1% of all input was read from the cache (cached).

                        1 call has no price: mirror/house-model:7b (1).
                        Put what is missing into ~/.config/tokenledger/prices.yaml or a --prices file, and run 'tokenledger reprice';
                        'tokenledger explain ID' shows what one call lacks.
                        """);
    }

    @Test
    void table_onATerminal_hasBars() {
        recordExample();

        assertThat(program.terminal(80).succeed("summary", "--by", "role")).isEqualTo("""
                        Usage by role, all time

                        role         calls  input  output  cache wr  cache rd     cost  share
                        ───────────────────────────────────────────────────────────────────────────────
                        interactive      1  1,000     500     4,000     8,000  $0.1395    87%  ████████
                        delegate         1  2,000   1,000         0         0  $0.0210    13%  █▎
                        ───────────────────────────────────────────────────────────────────────────────
                        total            2  3,000   1,500     4,000     8,000  $0.1605   100%

                        Cache: reads are 67% of reads and writes (hit); 53% of all input was read from the cache (cached).

                        """);
        assertThat(program.terminal(100).succeed("summary", "--by", "role"))
                .contains("  67%     62%  $0.1395    87%  ████████\n")
                .contains("    -      0%  $0.0210    13%  █▎\n");
    }

    @Test
    void table_withBuckets_hasASparklineOnATerminal() {
        recordExample();

        assertThat(program.terminal(100)
                        .succeed("summary", "--every", "day", "--from", "2026-11-01", "--zone", "Europe/Berlin"))
                .isEqualTo("""
                        Usage for every day, from 2026-11-01 00:00 (Europe/Berlin)

                        day         calls  input  output  cache wr  cache rd  hit  cached     cost  share
                        ───────────────────────────────────────────────────────────────────────────────────────────
                        2026-11-05      1  1,000     500     4,000     8,000  67%     62%  $0.1395    87%  ████████
                        2026-11-07      1  2,000   1,000         0         0    -      0%  $0.0210    13%  █▎
                        ───────────────────────────────────────────────────────────────────────────────────────────
                        total           2  3,000   1,500     4,000     8,000  67%     53%  $0.1605   100%

                        Cache: reads are 67% of reads and writes (hit); 53% of all input was read from the cache (cached).

                        cost per day       highest
                        ──────────────────────────
                        cost          █▁▂  $0.1395

                        """);
    }

    @Test
    void table_withBucketsAndGroups_hasARowForEach() {
        recordExample();

        assertThat(program.succeed("summary", "--every", "month", "--by", "role,provider"))
                .isEqualTo("""
                        Usage by role, provider for every month, all time (UTC)

                        month    role         provider   calls  input  output  cache wr  cache rd  hit  cached     cost  share
                        ------------------------------------------------------------------------------------------------------
                        2026-11  interactive  anthropic      1  1,000     500     4,000     8,000  67%     62%  $0.1395    87%
                        2026-11  delegate     anthropic      1  2,000   1,000         0         0    -      0%  $0.0210    13%
                        ------------------------------------------------------------------------------------------------------
                        total                                2  3,000   1,500     4,000     8,000  67%     53%  $0.1605   100%

                        Cache: reads are 67% of reads and writes (hit); 53% of all input was read from the cache (cached).

                        """);
    }

    @Test
    void sparklines_ofGroupsWithoutAPrice_saySo() {
        recordExample();
        recordUnpriced();

        String table = program.terminal(100).succeed("summary", "--every", "month", "--by", "model");
        assertThat(table.substring(table.indexOf("cost per month")))
                .contains("claude-opus-4-20250514    █   $0.1395\n")
                .containsPattern("mirror/house-model:7b +▁ +unpriced\n");
        table = program.succeed("summary", "--every", "month");
        assertThat(table.substring(table.indexOf("cost per month"))).containsPattern("cost +█ +≥ \\$0.1605\n");
    }

    @Test
    void sparkline_overTooManyBuckets_isLeftOut() {
        for (String time : List.of("1971-01-01T00:00:00Z", "2026-11-01T00:00:00Z")) {
            program.succeed("record", "--model", "m", "--cost-usd", "1", "--timestamp", time);
        }
        program.terminal(100);

        assertThat(program.succeed("summary", "--every", "quarter_hour"))
                .contains("1971-01-01 00:00 Z", "2026-11-01 00:00 Z", "total")
                .doesNotContain("cost per");
        assertThat(program.succeed("summary", "--every", "week")).contains("cost per week");
    }

    @Test
    void window_thatEndsBeforeAnyCallCan_isEmpty() {
        recordExample();

        assertThat(program.run("summary", "--to", "1960-01-01", "--format", "json"))
                .satisfies(result -> {
                    assertThat(result.err()).isEmpty();
                    assertThat(result.out()).contains("\"total_records\":0,");
                });
    }

    @Test
    void table_withALimit_showsTheOthersAsOneRow() {
        recordExample();
        recordUnpriced();

        assertThat(program.succeed("summary", "--by", "model", "--limit", "1"))
                .contains("claude-opus-4-20250514      1  1,000")
                .contains("(other)                     2  1.24M")
                .contains("≥ $0.0210");
    }

    @Test
    void table_withoutGroups_isTheTotal() {
        recordExample();

        assertThat(program.succeed("summary")).isEqualTo("""
                        Usage, all time

                               calls  input  output  cache wr  cache rd  hit  cached     cost
                        ---------------------------------------------------------------------
                        total      2  3,000   1,500     4,000     8,000  67%     53%  $0.1605

                        Cache: reads are 67% of reads and writes (hit); 53% of all input was read from the cache (cached).

                        """);
    }

    @Test
    void table_withoutCacheWrites_hasNoHitRate() {
        program.succeed("record", "--model", "gpt-5-mini", "--input-tokens", "300", "--cache-read-input-tokens", "100");

        assertThat(program.succeed("summary"))
                .contains("cache rd  hit  cached")
                .contains("     100    -     25%")
                .contains(
                        "\nCache: 25% of all input was read from the cache (cached); without cache writes there is no hit"
                                + " rate.\n");
        assertThat(program.succeed("summary", "--format", "json"))
                .contains("\"cache_hit_rate\":1,\"cache_read_share\":0.25,");
    }

    @Test
    void table_saysHowManyCallsAreInDoubt_inOneLine() throws IOException {
        Path log = Files.writeString(folder.resolve("doubts.ndjson"), """
                {"id":"a","model":"gpt-5-mini","input_tokens":1,"notes":["output_incomplete","cache_split_missing"]}
                {"id":"b","model":"gpt-5-mini","input_tokens":1,"notes":["output_incomplete"]}
                {"id":"c","model":"claude-opus-5","input_tokens":1,"notes":["total_differs"]}
                {"id":"d","model":"claude-opus-5","input_tokens":1,"notes":["total_differs"]}
                {"id":"e","model":"claude-opus-5","input_tokens":1,"notes":["compaction_included"]}
                """);
        assertThat(program.succeed("import", "ndjson", log.toString())).contains("\nin doubt    4\n");
        assertThat(program.succeed("import", "ndjson", "--json", log.toString()))
                .contains("\"doubtful_calls\":0,");

        assertThat(program.succeed("summary", "--by", "model"))
                .endsWith(
                        "\n\nFigures of 4 of 5 calls are in doubt: 2 may have more output than was logged, 1 has cache"
                                + " writes taken for 5-minute ones, at least 1 has other doubts, which the notes name.\n\n");
        program.succeed("reverse", "c", "--reason", "twice");
        assertThat(program.succeed("summary", "--where", "model=claude-opus-5"))
                .contains("Figures of 1 of 2 calls are in doubt: 1 has other doubts, which the notes name.\n");
        assertThat(program.succeed("summary", "--format", "json"))
                .contains("\"doubtful_records\":3,\"output_incomplete_records\":2,\"cache_split_missing_records\":1}");
        program.succeed("reverse", "a", "--reason", "twice");
        program.succeed("reverse", "b", "--reason", "twice");
        program.succeed("reverse", "d", "--reason", "twice");
        assertThat(program.succeed("summary")).doesNotContain("in doubt");
    }

    @Test
    void table_namesWhatHasNoValue() {
        recordExample();

        assertThat(program.succeed("summary", "--by", "task")).contains("(none)");
    }

    @Test
    void csv_isExact() {
        recordExample();
        recordUnpriced();

        assertThat(program.succeed("summary", "--by", "model", "--format", "csv"))
                .isEqualTo("""
                        model,total_records,total_input_tokens,total_output_tokens,total_cache_creation_input_tokens,\
                        total_cache_creation_5m_input_tokens,total_cache_creation_1h_input_tokens,\
                        total_cache_read_input_tokens,total_reasoning_tokens,total_cost_usd,priced_records,\
                        partial_records,unpriced_records,cache_hit_rate,cache_read_share,doubtful_records,\
                        output_incomplete_records,cache_split_missing_records
                        claude-opus-4-20250514,1,1000,500,4000,4000,0,8000,0,0.1395,1,0,0,0.6667,0.6154,0,0,0
                        claude-sonnet-4-20250514,1,2000,1000,0,0,0,0,0,0.021,1,0,0,0,0.0000,0,0,0
                        mirror/house-model:7b,1,1234567,98765,0,0,0,0,0,0,0,0,1,0,0.0000,0,0,0
                        """.replace("\n", "\r\n"));
    }

    @Test
    void csv_withBucketsAndLimit_hasTheirColumns() {
        recordExample();

        assertThat(program.succeed(
                        "summary",
                        "--by",
                        "role",
                        "--every",
                        "hour",
                        "--limit",
                        "1",
                        "--zone",
                        "+05:45",
                        "--format",
                        "csv"))
                .startsWith("bucket,role,other,total_records,")
                .contains("\r\n2026-11-05T15:00:00+05:45,interactive,false,1,")
                .contains("\r\n2026-11-07T05:00:00+05:45,,true,1,");
    }

    @Test
    void where_filtersAndIsNamedInTheTitle() {
        recordExample();

        assertThat(program.succeed("summary", "--where", "role=delegate", "--where", "provider=anthropic"))
                .startsWith("Usage where role = delegate and provider = anthropic, all time\n")
                .contains("total      1  2,000   1,000  $0.0210\n");
        assertThat(program.succeed("summary", "--where", "task=", "--format", "json"))
                .contains("\"total_records\":2");
    }

    @ParameterizedTest
    @CsvSource({"cost, claude-sonnet", "tokens, claude-sonnet", "records, claude-sonnet", "key, claude-opus"})
    void order_decidesWhichGroupComesFirst(String order, String first) {
        recordExample();
        program.succeed("record", "--id", "more", "--model", "claude-sonnet-4-20250514", "--input-tokens", "90000");

        String csv = program.succeed("summary", "--by", "model", "--order", order, "--format", "csv");

        assertThat(csv.lines().skip(1).findFirst().orElseThrow()).startsWith(first);
    }

    @Test
    void period_isOfTheAskedZone() {
        recordExample();
        program.succeed(
                "record",
                "--id",
                "late",
                "--model",
                "claude-opus-4-20250514",
                "--timestamp",
                "2026-11-21T23:30:00Z",
                "--input-tokens",
                "1000");

        assertThat(program.succeed("summary", "--period", "today", "--zone", "Europe/Berlin", "--format", "json"))
                .startsWith("{\"start\":\"2026-11-21T23:00:00Z\",\"end\":\"2026-11-22T23:00:00Z\",")
                .contains("\"total_records\":1");
        assertThat(program.succeed("summary", "--period", "today", "--zone", "UTC", "--format", "json"))
                .contains("\"total_records\":0");
        assertThat(program.zone("Europe/Berlin").succeed("summary", "--period", "today"))
                .startsWith("Usage, 2026-11-22 00:00 to 2026-11-23 00:00 (Europe/Berlin)\n");
    }

    @Test
    void fromAndTo_takeDatesLocalTimesAndInstants() {
        recordExample();

        assertThat(program.zone("Europe/Berlin")
                        .succeed("summary", "--from", "2026-11-06", "--to", "2026-11-07T00:30:00", "--format", "json"))
                .startsWith("{\"start\":\"2026-11-05T23:00:00Z\",\"end\":\"2026-11-06T23:30:00Z\",")
                .contains("\"total_records\":0");
        assertThat(program.succeed("summary", "--from", "2026-11-06T23:30:00.000000+00:00", "--format", "json"))
                .startsWith("{\"start\":\"2026-11-06T23:30:00Z\",\"end\":null,")
                .contains("\"total_records\":1");
        assertThat(program.succeed("summary", "--to", "2026-11-06 12:00"))
                .startsWith("Usage, before 2026-11-06 12:00 (Europe/Berlin)\n");
    }

    @Test
    void emptyLedger_isAllZeroAndSaysHowToBegin() {
        Result table = program.defaultLedger().run("summary", "--by", "model");

        assertThat(table.code()).isZero();
        assertThat(table.out()).isEqualTo("""
                        Usage by model, all time

                        model  calls  input  output     cost  share
                        -------------------------------------------
                        total      0      0       0  $0.0000      -

                        """);
        assertThat(table.err())
                .isEqualTo("there is no ledger at " + folder.resolve("tokenledger/ledger.db")
                        + " yet; 'tokenledger record' or 'tokenledger import' makes it\n");
        assertThat(folder.resolve("tokenledger/ledger.db")).doesNotExist();
    }

    @Test
    void emptyLedger_asJson_isAllZero() {
        assertThat(program.defaultLedger().run("summary", "--format", "json").out())
                .isEqualTo("""
                        {"start":null,"end":null,"summary":{"total_records":0,"total_input_tokens":0,\
                        "total_output_tokens":0,"total_cache_creation_input_tokens":0,\
                        "total_cache_creation_5m_input_tokens":0,"total_cache_creation_1h_input_tokens":0,\
                        "total_cache_read_input_tokens":0,"total_reasoning_tokens":0,"total_cost_usd":0,\
                        "priced_records":0,"partial_records":0,"unpriced_records":0,"cache_hit_rate":0,"cache_read_share":0,\
                        "doubtful_records":0,"output_incomplete_records":0,"cache_split_missing_records":0},\
                        "group_by":[],"groups":[]}
                        """);
        assertThat(Files.exists(folder.resolve("tokenledger/ledger.db"))).isFalse();
    }

    @Test
    void nothingMatches_saysWhatWouldShowMore() {
        recordExample();

        Result result = program.run("summary", "--period", "yesterday");

        assertThat(result.code()).isZero();
        assertThat(result.err())
                .isEqualTo("no records match; 'tokenledger summary' without --period, --from, --to and --where "
                        + "shows all\n");
    }

    @Test
    void priceFileThatIsNotThere_isToldThoughItTakesNoPart() {
        assertThat(program.run("--prices", "nowhere.yaml", "summary").err())
                .isEqualTo("cannot read nowhere.yaml: there is no such file\n");
    }

    @Test
    void currency_isShownBesideDollars_inEveryFormat() {
        program.succeed("record", "--model", "m", "--timestamp", "2026-11-20T10:00:00Z", "--cost-usd", "2");
        program.succeed("record", "--model", "m", "--timestamp", "2026-11-21T10:00:00Z", "--cost-usd", "1");
        String rates = program.file("rates.csv", "Date,USD,\n2026-11-20,1.25,\n");

        assertThat(program.succeed("summary", "--by", "model", "--currency", "eur", "--rates", rates))
                .contains("   cost   EUR  share")
                .contains("  $3.00  2.40   100%")
                .contains("EUR by the rate of each day (UTC); 2026-11-21 has the last rate before."
                        + " JSON and CSV have it rounded once, half-even, to 12 digits.");
        assertThat(program.succeed("summary", "--currency", "EUR", "--rates", rates, "--format", "json"))
                .contains("\"total_cost_usd\":3,\"total_cost\":2.4,");
        assertThat(program.succeed(
                        "summary", "--every", "day", "--currency", "EUR", "--rates", rates, "--format", "csv"))
                .contains(",cache_split_missing_records,currency,total_cost\r\n")
                .contains(",EUR,1.6\r\n")
                .contains(",EUR,0.8\r\n");
        assertThat(program.run("summary", "--currency", "EUR").err()).contains("--currency goes with --rates FILE");
        assertThat(program.run("summary", "--rates", rates).code()).isEqualTo(2);
        assertThat(program.run("summary", "--currency", "euro", "--rates", rates)
                        .code())
                .isEqualTo(2);
        program.succeed("record", "--model", "m", "--timestamp", "2026-11-19T10:00:00Z", "--cost-usd", "1");
        TestProgram.Result unknown = program.run("summary", "--currency", "EUR", "--rates", rates);
        assertThat(unknown.code()).isEqualTo(1);
        assertThat(unknown.out()).isEmpty();
        assertThat(unknown.err()).contains("there is no rate of EUR for 2026-11-19;");
    }
}
