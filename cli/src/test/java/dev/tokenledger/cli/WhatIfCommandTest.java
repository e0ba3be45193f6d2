package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.cli.TestProgram.Result;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WhatIfCommandTest {

    private static final String PRICES = """
            prices:
              - provider: house
                model: large
                usd_per_million: { input: 10, output: 40, cache_read: 1, cache_write_5m: 12.5 }
                service_tiers: { batch: { multiplier: 0.5 } }
              - provider: house
                model: small
                until: 2026-11-11
                usd_per_million: { input: 1, output: 4, cache_read: 0.1 }
              - provider: house
                model: small
                from: 2026-11-11
                usd_per_million: { input: 2, output: 8, cache_read: 0.2 }
            """;

    private static final String RECORDS = """
            {"id":"a","timestamp":"2026-11-10T10:00:00Z","provider":"house","model":"large","input_tokens":1000,\
            "output_tokens":100,"cache_read_input_tokens":5000,"role":"x"}
            {"id":"b","timestamp":"2026-11-12T10:00:00Z","provider":"house","model":"large","input_tokens":2000,\
            "output_tokens":50}
            {"id":"c","timestamp":"2026-11-12T11:00:00Z","provider":"house","model":"other","input_tokens":7}
            {"id":"d","timestamp":"2026-11-12T12:00:00Z","provider":"house","model":"large","input_tokens":10,"cost_usd":0.5}
            """;

    @TempDir
    Path folder;

    private TestProgram program;
    private String prices;

    @BeforeEach
    void setUp() {
        program = new TestProgram(folder);
        prices = program.file("prices.yaml", PRICES);
        program.succeed("--prices", prices, "import", "ndjson", program.file("records.ndjson", RECORDS));
    }

    @Test
    void withoutOptions_pricesByTodaysBook_andKeepsGivenCosts() {
        String dearer = program.file("dearer.yaml", PRICES.replace("input: 10,", "input: 20,"));

        String json = program.succeed("--prices", dearer, "whatif", "--format", "json");

        // Old: a 0.01 + 0.004 + 0.005, b 0.02 + 0.002, d given 0.5.
        assertThat(json)
                .startsWith(
                        "{\"start\":null,\"end\":null,\"scenario\":{\"map\":{},\"service_tier\":null,\"no_cache\":false},"
                                + "\"total\":{\"records\":4,\"old_cost_usd\":0.541,\"new_cost_usd\":0.571,\"difference_usd\":0.03,"
                                + "\"comparable_records\":3,\"comparable_difference_usd\":0.03,\"given_records\":1,"
                                + "\"old_partial_records\":0,\"old_unpriced_records\":1,\"new_partial_records\":0,"
                                + "\"new_unpriced_records\":1,\"unpriced_tokens\":{\"input\":7},\"unpriced_calls\":{}},\"models\":[{")
                .contains("{\"model\":\"other\",\"new_model\":\"other\",\"records\":1,\"old_cost_usd\":0,");
        assertThat(program.succeed("--prices", prices, "whatif", "--format", "json"))
                .contains("\"old_cost_usd\":0.541,\"new_cost_usd\":0.541,\"difference_usd\":0,");
    }

    @Test
    void pricesOption_worksBehindTheCommandToo() {
        assertThat(program.succeed("whatif", "--prices", prices, "--format", "json"))
                .isEqualTo(program.succeed("--prices", prices, "whatif", "--format", "json"));
    }

    @Test
    void map_pricesEachCallAtItsOwnInstant() {
        // The 0.5 given for d says nothing of another model. a by the earlier price: 0.001 + 0.0004 + 0.0005; b by the
        // later
        // one: 0.004 + 0.0004; d 0.00002.
        assertThat(program.succeed(
                        "--prices",
                        prices,
                        "whatif",
                        "--map",
                        "large=house/small",
                        "--where",
                        "model=large",
                        "--format",
                        "csv"))
                .isEqualTo("model,new_model,records,old_cost_usd,new_cost_usd,difference_usd,comparable_records,"
                        + "comparable_difference_usd,given_records,old_partial_records,old_unpriced_records,"
                        + "new_partial_records,new_unpriced_records\r\n"
                        + "large,house/small,3,0.541,0.00632,-0.53468,3,-0.53468,0,0,0,0,0\r\n");
    }

    @Test
    void map_withoutProvider_takesTheOneThatHasAPrice() {
        assertThat(program.succeed(
                        "--prices",
                        prices,
                        "whatif",
                        "--map",
                        "large=small",
                        "--where",
                        "model=large",
                        "--format",
                        "csv"))
                .endsWith("\r\nlarge,small,3,0.541,0.00632,-0.53468,3,-0.53468,0,0,0,0,0\r\n");
        assertThat(program.succeed(
                        "--prices",
                        prices,
                        "whatif",
                        "--map",
                        "large=claude-haiku-4-5",
                        "--where",
                        "role=x",
                        "--format",
                        "csv"))
                .endsWith("\r\nlarge,claude-haiku-4-5,1,0.019,0.002,-0.017,1,-0.017,0,0,0,0,0\r\n");
    }

    @Test
    void tierAndNoCache_goTogether() {
        // a: (6000 × 10 + 100 × 40) / 2 per million.
        assertThat(program.succeed(
                        "--prices",
                        prices,
                        "whatif",
                        "--tier",
                        "batch",
                        "--no-cache",
                        "--where",
                        "role=x",
                        "--format",
                        "csv"))
                .endsWith("\r\nlarge,large,1,0.019,0.032,0.013,1,0.013,0,0,0,0,0\r\n");
    }

    @Test
    void whatCannotBePriced_isNamedAndLeftOutOfTheDifference() {
        String table = program.succeed("--prices", prices, "whatif", "--map", "large=nobodys-model");

        assertThat(table)
                .contains("What if: large as nobodys-model, all time")
                .contains("unpriced")
                .contains("The difference is that of the 0 of 4 calls that have a whole price before and after.")
                .contains(
                        "4 calls could not be priced in full: no price for cache_read (5,000 tokens), input (3,017 tokens),"
                                + " output (150 tokens).");
    }

    @Test
    void modelThatNoCallHas_isWarnedOf() {
        Result result = program.run("--prices", prices, "whatif", "--map", "lrage=small");

        assertThat(result.code()).isZero();
        assertThat(result.err()).contains("warning: --map \"lrage\": no call of this model is among these");
    }

    @Test
    void mistakes_areUsageErrors() {
        assertThat(program.run("whatif", "--map", "large").code()).isEqualTo(2);
        assertThat(program.run("whatif", "--map", "large=").code()).isEqualTo(2);
        assertThat(program.run("whatif", "--map", "a=b", "--map", "a=c").err())
                .contains("--map names the model \"a\" twice");
    }

    @Test
    void nothingIsWritten() {
        String before = program.succeed("records", "--history", "--format", "ndjson");
        program.succeed("--prices", prices, "whatif", "--map", "large=small", "--tier", "batch", "--no-cache");

        assertThat(program.succeed("records", "--history", "--format", "ndjson"))
                .isEqualTo(before);
    }
}
