package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.cli.TestProgram.Result;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PricesCommandTest {

    private static final String OURS = """
            prices:
              - provider: house
                model: house-model
                aliases: [house-latest]
                from: 2026-01-01
                until: 2026-07-01
                usd_per_million: { input: 1, output: 2.5, cache_read: 0.125 }
                usd_per_call: { web_search: 0.01 }
                source: "our own"
              - provider: house
                model: house-model
                from: 2026-07-01
                usd_per_million: { input: 0, output: 3 }
                tiers:
                  - at_least: 1000
                    usd_per_million: { input: 2, output: 6 }
                service_tiers:
                  batch: { multiplier: 0.5 }
            """;

    @TempDir
    Path folder;

    private TestProgram program;
    private String ours;

    @BeforeEach
    void setUp() {
        program = new TestProgram(folder);
        ours = program.file("ours.yaml", OURS);
    }

    @Test
    void list_showsRatesAndWhereTheyAreFrom() {
        String table = program.succeed("prices", "list", "HOUSE", "--prices", ours);

        // The rule is as long as the path of the folder makes it.
        assertThat(table.replace(folder.toString(), "~").replaceAll("(?m)^-+$", "---"))
                .isEqualTo("""
                        provider  model        from        until       input  output  cache read  write 5m  write 1h  also          as of  in
                        ---
                        house     house-model  2026-01-01  2026-07-01   1.00    2.50       0.125         -         -  web_search    -      ~/ours.yaml
                        house     house-model  2026-07-01  -            0.00    3.00           -         -         -  tiers, batch  -      ~/ours.yaml
                        """);
    }

    @Test
    void list_at_showsWhatDecidesThen() {
        assertThat(program.succeed("prices", "list", "house", "--at", "2026-06-30T23:59:59Z", "--prices", ours))
                .contains("2026-01-01  2026-07-01   1.00    2.50")
                .doesNotContain("3.00");
        assertThat(program.run("prices", "list", "house", "--at", "2025-12-31", "--prices", ours))
                .isEqualTo(new Result(0, "", "no price matches\n"));
    }

    @Test
    void list_bundledPrices_areMany() {
        assertThat(program.succeed("prices", "list").lines().count()).isGreaterThan(200);
        assertThat(program.succeed("prices", "list", "sonnet"))
                .contains("claude-sonnet-4-5")
                .doesNotContain("gpt-");
    }

    @Test
    void show_isAPriceFileThatCanBeCheckedAndUsed() {
        String shown = program.succeed("prices", "show", "house-latest", "--prices", ours);

        assertThat(shown).startsWith("# house/house-model@2026-01-01#").contains("# in: " + ours + "\nprices:\n");
        assertThat(program.succeed("prices", "check", program.file("copy.yaml", shown)))
                .endsWith("copy.yaml: 1 price, no mistakes\n");
    }

    @Test
    void show_takesModelsAliasesAndIds() {
        String both = program.succeed("prices", "show", "house-model", "--prices", ours);
        String id = both.lines().findFirst().orElseThrow().substring("# ".length());

        assertThat(both)
                .contains("at_least: 1000")
                .contains("batch: { multiplier: 0.5 }")
                .contains("web_search: 0.01");
        assertThat(program.succeed("prices", "show", "house/house-model", "--prices", ours))
                .isEqualTo(both);
        assertThat(program.succeed("prices", "show", id, "--prices", ours))
                .contains(id)
                .hasLineCount(14);
        assertThat(program.succeed("prices", "show", id.substring(0, id.indexOf('#')), "--prices", ours))
                .contains(id);
    }

    @Test
    void show_partOfAName_isNotAMatch() {
        assertThat(program.run("prices", "show", "house", "--prices", ours))
                .isEqualTo(new Result(
                        1,
                        "",
                        "no price of \"house\"; names match exactly, 'tokenledger prices list' searches in parts of "
                                + "them\n"));
    }

    @Test
    void check_goodFiles_saysSo() {
        String json =
                program.file("simple.json", "{\"pricing\":{\"m\":{\"input_per_million\":1,\"output_per_million\":2}}}");

        assertThat(program.succeed("prices", "check", ours, json))
                .isEqualTo(ours + ": 2 prices, no mistakes\n" + json + ": 1 price, no mistakes\n");
    }

    @Test
    void check_badFiles_listsEveryMistakeWithItsLine() {
        String bad = program.file("bad.yaml", """
                prices:
                  - model: m
                    usd_per_milion: { input: 1 }
                  - provider: x
                    usd_per_million: { input: cheap, output: -1 }
                """);
        String missing = folder.resolve("missing.yaml").toString();

        Result result = program.run("prices", "check", bad, ours, missing);

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.out()).isEqualTo(ours + ": 2 prices, no mistakes\n");
        assertThat(result.err().lines()).allMatch(line -> line.startsWith(bad + ":") || line.contains(missing));
        assertThat(result.err())
                .contains(bad + ":3:5: prices[0].usd_per_milion: unknown key; did you mean usd_per_million?\n")
                .contains(bad + ":5:")
                .endsWith("cannot read the price file " + missing + ": there is no such file\n");
    }

    private static final String LIST = """
            {"acme/rocket-1":{"litellm_provider":"acme","input_cost_per_token":1.4999999999999999e-06,
              "output_cost_per_token":2e-06},
             "claude-opus-4-8":{"litellm_provider":"anthropic","input_cost_per_token":5e-06,
              "output_cost_per_token":2.5e-05},
             "gpt-5.4-nano":{"litellm_provider":"openai","input_cost_per_token":3e-07,"output_cost_per_token":1.25e-06},
             "acme/painter":{"litellm_provider":"acme","output_cost_per_image":0.04}}
            """;

    @Test
    void import_makesAPriceFile_andTellsWhatBecameOfTheList() {
        String list = program.file("list.json", LIST);

        Result result = program.run("prices", "import", "litellm", list, "--day", "2026-11-20");

        assertThat(result.err()).isEqualTo("""
                read      4 prices
                new       1
                changed   1
                the same  1
                left out  1
                  1  no price by tokens or calls: acme/painter
                changed prices, in USD per million tokens:
                  openai/gpt-5.4-nano: cache_read 0.02 -> none, cache_write_5m 0.2 -> none, call.file_search 0.0025 -> none, \
                call.web_search 0.01 -> none, input 0.2 -> 0.3, \
                region.eu.multiplier 1.1 -> none, region.us.multiplier 1.1 -> none, service.batch.multiplier 0.5 -> none, \
                service.flex.multiplier 0.5 -> none
                """);
        assertThat(result.out())
                .startsWith("# LiteLLM, 2026-11-20, by 'tokenledger prices import'\nprices:\n")
                .contains("model: rocket-1", "input: 1.5\n", "source: \"LiteLLM (2026-11-20)\"")
                .contains("batch: { multiplier: 0.5 }");
        assertThat(program.succeed("prices", "check", program.file("made.yaml", result.out())))
                .endsWith("made.yaml: 3 prices, no mistakes\n");
    }

    @Test
    void import_writesAFile_fromStandardInput_withOnlyWhatIsOtherwise() {
        String made = folder.resolve("made.yaml").toString();

        String report = program.in(LIST).succeed("prices", "import", "LiteLLM", "-", "--changed", "--output", made);

        assertThat(report).startsWith("read      4 prices\n");
        assertThat(program.succeed("prices", "check", made)).endsWith("made.yaml: 2 prices, no mistakes\n");
    }

    @Test
    void import_refusesWhatIsNoList() {
        String list = program.file("list.json", "{\"acme\":");

        assertThat(program.run("prices", "import", "litellm", list).err()).contains("list.json:1:");
        assertThat(program.run("prices", "import", "openrouter", program.file("other.json", LIST))
                        .err())
                .contains("no price in it; expected the price list of OpenRouter as it publishes it");
        assertThat(program.run("prices", "import", "nobody", list))
                .isEqualTo(new Result(
                        2, "", program.run("prices", "import", "nobody", list).err()));
        assertThat(program.in("{}").run("prices", "import", "portkey", "-").err())
                .contains("--provider: a portkey list");
        assertThat(program.run("prices", "import", "litellm", "missing.json").err())
                .contains("cannot read missing.json: there is no such file");
    }

    @Test
    void diff_tellsWhatIsNewGoneAndOtherwise() {
        String other = program.file("other.yaml", """
                prices:
                  - provider: house
                    model: house-model
                    aliases: [house-latest]
                    from: 2026-01-01
                    until: 2026-07-01
                    usd_per_million: { input: 1.5, output: 2.5, cache_write_5m: 3 }
                    usd_per_call: { web_search: 0.01 }
                    source: "another"
                  - provider: house
                    model: new-model
                    usd_per_million: { input: 1 }
                """);

        assertThat(program.run("prices", "diff", ours, other))
                .isEqualTo(new Result(0, """
                        ~ house/house-model@2026-01-01T00:00:00Z: cache_read 0.125 -> none, cache_write_5m none -> 3, input 1 -> 1.5
                        + house/new-model
                        - house/house-model@2026-07-01T00:00:00Z
                        """, "1 added, 1 gone, 1 changed\n"));
        assertThat(program.run("prices", "diff", ours, ours))
                .isEqualTo(new Result(0, "", "0 added, 0 gone, 0 changed\n"));
    }

    @Test
    void list_filtersByProviderListAgeAndSources() {
        assertThat(program.succeed("prices", "list", "--provider", "x_ai")
                        .lines()
                        .skip(2))
                .isNotEmpty()
                .allMatch(line -> line.startsWith("xai "));
        assertThat(program.succeed("prices", "list", "--in", ours, "--prices", ours)
                        .lines()
                        .skip(2))
                .hasSize(2);
        assertThat(program.succeed("prices", "list", "gpt-5.4", "--older-than", "1000", "--provider", "openai"))
                .isEmpty();
        assertThat(program.succeed("prices", "list", "--one-source", "--in", "bundled")
                        .lines()
                        .count())
                .isBetween(1_000L, program.succeed("prices", "list").lines().count() - 1_000);
        assertThat(program.run("prices", "list", "sonnet").err()).startsWith("newest source: 2026-1");
    }
}
