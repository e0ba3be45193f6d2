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
                        provider  model        from        until       input  output  cache read  write 5m  write 1h  also          in
                        ---
                        house     house-model  2026-01-01  2026-07-01   1.00    2.50       0.125         -         -  web_search    ~/ours.yaml
                        house     house-model  2026-07-01  -            0.00    3.00           -         -         -  tiers, batch  ~/ours.yaml
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
}
