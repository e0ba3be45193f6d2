package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.cli.TestProgram.Result;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExplainCommandTest {

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
                    usd_per_million: { input: 15, output: 75, cache_read: 1.50 }
                    usd_per_call: { web_search: 0.01 }
                    tiers:
                      - above: 200000
                        usd_per_million: { input: 30, output: 112.50, cache_read: 3 }
                    service_tiers:
                      batch: { multiplier: 0.5 }
                      own: { usd_per_million: { input: 20, output: 80 } }
                    source: "price page, 2025-05-14"
                pricing:
                  claude-simple: { input_per_million: 1, output_per_million: 2 }
                """);
    }

    private String explained(String id) {
        return program.succeed("explain", id).replace(folder.toString(), "~").replaceAll("#[0-9a-f]{8}", "#12345678");
    }

    @Test
    void priced_hasALineForEachClass() {
        program.succeed(
                "record",
                "--id",
                "a",
                "--model",
                "eu/claude-opus-4-20250514",
                "--timestamp",
                "2026-11-05T10:00:00Z",
                "--input-tokens",
                "1234",
                "--output-tokens",
                "500",
                "--cache-read-input-tokens",
                "80000",
                "--calls",
                "web_search=3",
                "--reported-cost-usd",
                "0.21");

        assertThat(explained("a")).isEqualTo("""
                        record    a
                        model     eu/claude-opus-4-20250514
                        upstream  claude-opus-4-20250514
                        provider  anthropic
                        called    2026-11-05 10:00:00 UTC
                        recorded  2026-11-22 12:00:00 UTC
                        price     anthropic/claude-opus-4-20250514@2025-05-14#12345678
                        source    price page, 2025-05-14
                        status    priced

                        class        count       rate                    amount
                        -------------------------------------------------------
                        input        1,234  ×  $15.00  per million  =  $0.01851
                        cache_read  80,000  ×   $1.50  per million  =  $0.12000
                        output         500  ×  $75.00  per million  =  $0.03750
                        web_search       3  ×   $0.01  per call     =  $0.03000
                        -------------------------------------------------------
                        total                                          $0.20601

                        The provider itself reported $0.21.
                        """);
    }

    @Test
    void tierAndServiceTier_areSaidInWords() {
        program.succeed(
                "record",
                "--id",
                "a",
                "--model",
                "claude-opus-4-20250514",
                "--timestamp",
                "2026-11-05T10:00:00Z",
                "--input-tokens",
                "200001",
                "--service-tier",
                "batch");

        assertThat(explained("a"))
                .contains("input  200,001  ×  $15.00  per million  =  $3.000015\n")
                .contains("The rates are those of the service tier \"batch\".\n")
                .contains("The call had more than 200,000 input tokens, so every token was charged at the long-context "
                        + "rate.\n");
    }

    @Test
    void fallbacks_areSaidInWords() {
        program.succeed(
                "record",
                "--id",
                "a",
                "--model",
                "claude-simple",
                "--cache-creation-input-tokens",
                "1000000",
                "--note",
                "output_incomplete");

        assertThat(explained("a"))
                .contains("$1.25\n")
                .contains(
                        "The cache rates are multiples of the input rate (1.25, 2 and 0.1), since the price states none.\n")
                .contains("Cache writes of unstated lifetime were charged at the 5-minute rate.\n")
                .contains("Noted with the record: output_incomplete.\n");
    }

    @Test
    void partial_saysWhatIsMissingAndWhatToAdd() {
        program.succeed(
                "record",
                "--id",
                "a",
                "--model",
                "claude-opus-4-20250514",
                "--timestamp",
                "2026-11-05T10:00:00Z",
                "--input-tokens",
                "1000",
                "--cache-creation-1h-input-tokens",
                "5000",
                "--calls",
                "code_execution=1");

        assertThat(explained("a")).isEqualTo("""
                        record    a
                        model     claude-opus-4-20250514
                        provider  anthropic
                        called    2026-11-05 10:00:00 UTC
                        recorded  2026-11-22 12:00:00 UTC
                        price     anthropic/claude-opus-4-20250514@2025-05-14#12345678
                        source    price page, 2025-05-14
                        status    partial

                        class           count        rate                    amount
                        -----------------------------------------------------------
                        input           1,000  ×   $15.00  per million  =    $0.015
                        cache_write_1h  5,000  ×  no rate               =  unpriced
                        code_execution      1  ×  no rate               =  unpriced
                        -----------------------------------------------------------
                        total                                              ≥ $0.015

                        The price has no rate for cache_write_1h (5,000 tokens), code_execution (1 call).
                        An entry like this prices calls that are recorded from then on; put it into a file named with
                        --prices, or into ~/.config/tokenledger/prices.yaml, there in place of this model's entry:

                        prices:
                          - provider: anthropic
                            model: claude-opus-4-20250514
                            from: 2025-05-14
                            usd_per_million:
                              input: 15
                              output: 75
                              cache_read: 1.5
                              cache_write_1h: USD_PER_MILLION
                            usd_per_call: { code_execution: USD_PER_CALL, web_search: 0.01 }
                            tiers:
                              - above: 200000
                                usd_per_million: { input: 30, output: 112.5, cache_read: 3 }
                            service_tiers:
                              batch: { multiplier: 0.5 }
                              own: { usd_per_million: { input: 20, output: 80 } }
                            source: "price page, 2025-05-14"

                        Then this call, and others without a price, are priced too by:
                          tokenledger reprice --reason "price added" --apply
                        """);
    }

    @Test
    void unpriced_showsWhatToWriteIntoAPriceFile() {
        program.succeed(
                "record",
                "--id",
                "a",
                "--model",
                "mirror/house-model:7b",
                "--timestamp",
                "2026-11-05T10:00:00Z",
                "--input-tokens",
                "1000",
                "--cache-read-input-tokens",
                "50");

        assertThat(explained("a")).isEqualTo("""
                        record    a
                        model     mirror/house-model:7b
                        upstream  house-model:7b
                        provider  ollama
                        called    2026-11-05 10:00:00 UTC
                        recorded  2026-11-22 12:00:00 UTC
                        status    unpriced

                        No price was in force, so the cost is not known (it is not zero).
                        Noted with the record: provider_inferred.
                        An entry like this prices calls that are recorded from then on; put it into a file named with
                        --prices, or into ~/.config/tokenledger/prices.yaml:

                        prices:
                          - provider: ollama
                            model: house-model:7b
                            usd_per_million:
                              input: USD_PER_MILLION
                              output: USD_PER_MILLION
                              cache_read: USD_PER_MILLION
                            source: "where the figures are from"

                        Then this call, and others without a price, are priced too by:
                          tokenledger reprice --reason "price added" --apply
                        """);
    }

    /** Whatever a call lacks, what is shown prices it, once it is filled in where it says so and nowhere else. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "unknown model | --model mirror/house-model:7b --input-tokens 1000000",
                "unknown model, service tier | --model mirror/house-model:7b --input-tokens 1000 --service-tier Flex:1",
                "model of a strange name | --model on --input-tokens 5",
                "rate | --model claude-opus-4-20250514 --input-tokens 10 --cache-creation-1h-input-tokens 7",
                "fee | --model claude-opus-4-20250514 --input-tokens 10 --calls code_execution=2",
                "fee of a simple price | --model claude-simple --input-tokens 10 --calls web_search=2",
                "long-context tier | --model claude-opus-4-20250514 --input-tokens 250000 --cache-creation-1h-input-tokens 7",
                "bundled long-context tier | --model gemini-2.5-pro --cache-read-input-tokens 250000"
                        + " --cache-creation-1h-input-tokens 3000",
                "service tier | --model claude-opus-4-20250514 --input-tokens 10 --output-tokens 3 --service-tier fast",
                "service tier of a simple price | --model claude-simple --cache-read-input-tokens 10 --service-tier flex",
                "service tier, long context, rate, fee | --model claude-opus-4-20250514 --input-tokens 250000"
                        + " --cache-creation-1h-input-tokens 7 --service-tier priority --calls code_execution=2",
                "multiplied service tier, rate | --model claude-opus-4-20250514 --cache-creation-1h-input-tokens 7"
                        + " --service-tier batch",
                "service tier's own rate | --model claude-opus-4-20250514 --cache-read-input-tokens 7 --service-tier own",
                "service tier's own rates, long context | --model claude-opus-4-20250514 --input-tokens 250000"
                        + " --service-tier own"
            },
            quoteCharacter = '`')
    void theShownSnippet_pricesTheCallOnceItIsFilledIn(String lack, String call) {
        program.succeed(recording("a", call));
        String out = program.succeed("explain", "a");
        String snippet = out.substring(out.indexOf("\nprices:\n") + 1, out.indexOf("Then this call,"));

        String forgotten = program.file("forgotten.yaml", snippet);
        String filled =
                program.file("filled.yaml", snippet.replaceAll(": (USD_PER_MILLION|USD_PER_CALL|FACTOR)", ": 0.25"));

        assertThat(program.run("prices", "check", forgotten).code()).isEqualTo(1);
        assertThat(program.succeed("prices", "check", filled)).isEqualTo(filled + ": 1 price, no mistakes\n");
        List<String> again = new ArrayList<>(List.of("--prices", filled));
        again.addAll(List.of(recording("b", call)));
        Result result = program.run(again.toArray(new String[0]));
        assertThat(result.err()).as(lack).isEmpty();
        assertThat(result.out()).as(lack).contains("  priced  ");
    }

    private static String[] recording(String id, String call) {
        return ("record --id " + id + " --timestamp 2026-11-05T10:00:00Z " + call).split(" ");
    }

    @Test
    void serviceTierThatIsNotPriced_isAskedForByItsName() {
        program.succeed(recording("a", "--model claude-opus-4-20250514 --input-tokens 10 --service-tier fast"));

        assertThat(explained("a"))
                .contains("      fast: { multiplier: FACTOR }\n")
                .doesNotContain("USD_PER_MILLION");
    }

    @Test
    void crossedTier_isAskedForItsRate() {
        program.succeed(recording(
                "a", "--model gemini-2.5-pro --cache-read-input-tokens 250000 --cache-creation-1h-input-tokens 3000"));

        assertThat(explained("a"))
                .contains("      cache_read: 0.125\n")
                .contains("{ input: 2.5, output: 15, cache_read: 0.25, cache_write_1h: USD_PER_MILLION }");
    }

    @Test
    void idThatShellsWouldRun_isQuoted() {
        String id = "q2; echo 'pwned'";

        assertThat(program.run("record", "--id", id, "--model", "nobody-knows", "--input-tokens", "5")
                        .err())
                .endsWith("\n  tokenledger explain 'q2; echo '\\''pwned'\\'''\n");
        assertThat(explained(id)).startsWith("record    " + id + "\n");
    }

    @Test
    void given_saysSo() {
        program.succeed("record", "--id", "a", "--model", "m", "--cost-usd", "1.5");

        assertThat(explained("a")).contains("The cost was given with the record: $1.50.\n");
    }

    @Test
    void givenAsUnpriced_doesNotSayThatItCostNothing() {
        program.succeed("record", "--id", "a", "--model", "m", "--cost-usd", "0", "--pricing-status", "unpriced");

        assertThat(explained("a")).contains("The record was given as one whose cost is not known (it is not zero).\n");
    }

    @Test
    void reversed_saysByWhatAndWhy() {
        program.succeed("record", "--id", "a", "--model", "claude-simple", "--input-tokens", "1000000");
        program.succeed("reverse", "a", "--reason", "recorded twice");

        assertThat(explained("a")).containsPattern("\nreversed  by [0-9a-f-]{36}: recorded twice\n");
    }

    @Test
    void explain_usesThePriceOfThen() {
        program.succeed("record", "--id", "a", "--model", "claude-simple", "--input-tokens", "1000000");
        program.file(
                ".config/tokenledger/prices.yaml",
                "pricing:\n  claude-simple: { input_per_million: 7, output_per_million: 7 }\n");

        assertThat(explained("a")).contains("$1.00\n").doesNotContain("$7");
    }

    @Test
    void unknownRecord_isSaid() {
        program.succeed("record", "--id", "a", "--model", "m");

        assertThat(program.run("explain", "b"))
                .isEqualTo(new Result(
                        1,
                        "",
                        "there is no record \"b\" in " + folder.resolve("ledger.db")
                                + "; 'tokenledger records' lists ids\n"));
    }
}
